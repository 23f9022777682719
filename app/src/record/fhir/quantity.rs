//! Quantity, and numbers as they are told.

use serde_json::Value;

/// A number as it was sent. What has more than six digits is a machine's precision and not the instrument's: of it two
/// decimals are told, or as many as four digits need. Nothing becomes 0 but 0.
pub fn number(value: &Value) -> Option<String> {
    if let Some(whole) = value.as_i64() {
        return Some(whole.to_string());
    }
    let number = value.as_f64()?;
    let text = number.to_string();
    let Some((whole, decimals)) = text.split_once('.') else { return Some(text) };
    let digits = text.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count();
    if digits <= 6 {
        return Some(text);
    }
    let whole = whole.trim_start_matches(['-', '0']).len();
    let zeros = if whole == 0 { decimals.len() - decimals.trim_start_matches('0').len() } else { 0 };
    let told = if whole == 0 { zeros + 4 } else { 4_usize.saturating_sub(whole).max(2) };
    let text = format!("{number:.told$}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// "10 mL", "<5 mg"; a number without a unit alone.
pub fn quantity(quantity: &Value) -> Option<String> {
    let comparator = quantity["comparator"].as_str().unwrap_or_default();
    Some(format!("{comparator}{} {}", number(&quantity["value"])?, unit(quantity)).trim().to_owned())
}

/// UCUM as people write it.
pub fn unit(quantity: &Value) -> String {
    let unit = quantity["unit"].as_str().or_else(|| quantity["code"].as_str()).unwrap_or_default();
    match unit {
        "mm[Hg]" => "mmHg",
        "Cel" => "°C",
        "[degF]" => "°F",
        "[lb_av]" => "lb",
        "[in_i]" => "in",
        "/min" | "{beats}/min" => "per minute",
        "kg/m2" => "kg/m²",
        other => return readable(other),
    }
    .to_owned()
}

/// UCUM's brackets, braces and powers as people write them: "m[IU]/L" is mIU/L, "10*3/uL" is 10³/µL.
fn readable(unit: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in unit.chars() {
        match letter {
            '{' => inside = true,
            '}' => inside = false,
            '[' | ']' => {}
            _ if inside => {}
            other => text.push(other),
        }
    }
    let powers = [("10*3", "10³"), ("10*6", "10⁶"), ("10*9", "10⁹"), ("10*12", "10¹²")];
    let text = powers.into_iter().fold(text, |text, (plain, power)| text.replace(plain, power));
    let text = if text.contains('/') { text.replace("/uL", "/µL") } else { text };
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_told_as_they_were_sent() {
        for (sent, told) in [
            (json!(0.0036), "0.0036"),
            (json!(0.734), "0.734"),
            (json!(1.005), "1.005"),
            (json!(6.30), "6.3"),
            (json!(1.0), "1"),
            (json!(0), "0"),
            (json!(-0.25), "-0.25"),
            (json!(250000), "250000"),
            (json!(123456789), "123456789"),
            (json!(0.000_000_12), "0.00000012"),
            // As generators send them.
            (json!(77.438_937_123_451_23), "77.44"),
            (json!(171.981_230_984_561_2), "171.98"),
            (json!(1_234.567_890_123_4), "1234.57"),
            (json!(5.870_123_987_654_321), "5.87"),
            (json!(0.734_123_456_789_01), "0.7341"),
            (json!(0.003_612_345_678_9), "0.003612"),
            (json!(-37.199_999_999_999_99), "-37.2"),
            (json!(999.999_999_999_99), "1000"),
        ] {
            assert_eq!(number(&sent).as_deref(), Some(told), "{sent}");
        }
        assert_eq!(number(&json!("12")), None);
    }

    #[test]
    fn units_are_written_as_people_read_them() {
        for (unit, read) in [("m[IU]/L", "mIU/L"), ("10*3/uL", "10³/µL"), ("{score}", ""), ("mm[Hg]", "mmHg"), ("mg/dL", "mg/dL")] {
            assert_eq!(super::unit(&json!({"unit": unit})), read);
        }
    }
}
