//! Quantity, and numbers as they are told.

use serde_json::Value;

/// So many digits are no instrument's: they come of a program's arithmetic.
const MACHINE: usize = 10;

/// A number with the digits as they were sent: FHIR R4, decimal, whose precision has a meaning. "1.2E+2" is 120. Of a machine's
/// precision two decimals are told, or as many as four digits need. Nothing becomes 0 but 0.
pub fn digits(value: &Value) -> Option<String> {
    let text = plain_decimal(&value.as_number()?.to_string())?;
    let significant = text.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count();
    if significant < MACHINE || !text.contains('.') { Some(text) } else { rounded(value) }
}

/// A number as short as it can be, for doses, counts and spans of time: "1.0 mg" is read as ten. Source: ISMP, list of
/// error-prone abbreviations, trailing zero.
pub fn number(value: &Value) -> Option<String> {
    let text = digits(value)?;
    Some(if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text })
}

/// Without an exponent; nothing of what is no number.
fn plain_decimal(text: &str) -> Option<String> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return Some(text.to_owned()) };
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() < 60)?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{decimals}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let length = i32::try_from(all.len()).ok()?;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let told = if point <= 0 {
        format!("0.{}{all}", zeros(-point))
    } else if point >= length {
        format!("{all}{}", zeros(point - length))
    } else {
        let (whole, decimals) = all.split_at(usize::try_from(point).ok()?);
        format!("{whole}.{decimals}")
    };
    let bare = told.trim_start_matches('0');
    Some(format!("{sign}{}{bare}", if bare.is_empty() || bare.starts_with('.') { "0" } else { "" }))
}

fn rounded(value: &Value) -> Option<String> {
    let number = value.as_f64()?;
    let text = number.to_string();
    let Some((whole, decimals)) = text.split_once('.') else { return Some(text) };
    let whole = whole.trim_start_matches(['-', '0']).len();
    let zeros = if whole == 0 { decimals.len() - decimals.trim_start_matches('0').len() } else { 0 };
    let told = if whole == 0 { zeros + 4 } else { 4_usize.saturating_sub(whole).max(2) };
    let text = format!("{number:.told$}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// "10 mL", "<5 mg"; a number without a unit alone.
pub fn quantity(quantity: &Value) -> Option<String> {
    Some(format!("{} {}", compared(quantity)?, unit(quantity)).trim().to_owned())
}

/// "<5" of "<5 mg": without its comparator a number says something else.
pub fn compared(quantity: &Value) -> Option<String> {
    Some(format!("{}{}", quantity["comparator"].as_str().unwrap_or_default(), digits(&quantity["value"])?))
}

/// A quantity that somebody takes: "1 tablet" of 1.0.
pub fn dose(quantity: &Value) -> Option<String> {
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
    fn digits_are_told_as_they_were_sent() {
        for (sent, told) in [
            ("7.00", "7.00"),
            ("1.20", "1.20"),
            ("0.1000", "0.1000"),
            ("1.2E+2", "120"),
            ("1.20e0", "1.20"),
            ("9e-07", "0.0000009"),
            ("-1.5E-1", "-0.15"),
            ("5.0", "5.0"),
            ("0", "0"),
            ("0.0", "0.0"),
            ("0E+2", "0"),
            ("-0.25", "-0.25"),
            ("250000", "250000"),
            ("123456789012", "123456789012"),
            ("0.00000012", "0.00000012"),
            ("37.199999", "37.199999"),
            // As generators send them.
            ("77.43893712345123", "77.44"),
            ("171.9812309845612", "171.98"),
            ("1234.5678901234", "1234.57"),
            ("5.870123987654321", "5.87"),
            ("0.73412345678901", "0.7341"),
            ("0.0036123456789", "0.003612"),
            ("-37.19999999999999", "-37.2"),
            ("999.99999999999", "1000"),
        ] {
            let value: Value = serde_json::from_str(sent).expect("a number");
            assert_eq!(digits(&value).as_deref(), Some(told), "{sent}");
        }
        assert_eq!((digits(&json!("12")), digits(&json!(null))), (None, None));
    }

    #[test]
    fn doses_have_no_trailing_zeros_and_keep_their_comparators() {
        let sent: Value = serde_json::from_str(r#"{"value": 1.0, "unit": "tablet", "comparator": "<="}"#).expect("a quantity");
        assert_eq!((dose(&sent).as_deref(), quantity(&sent).as_deref()), (Some("<=1 tablet"), Some("<=1.0 tablet")));
        let ten: Value = serde_json::from_str(r#"{"value": 100, "unit": "mg"}"#).expect("a quantity");
        assert_eq!(dose(&ten).as_deref(), Some("100 mg"));
    }

    #[test]
    fn units_are_written_as_people_read_them() {
        for (unit, read) in [("m[IU]/L", "mIU/L"), ("10*3/uL", "10³/µL"), ("{score}", ""), ("mm[Hg]", "mmHg"), ("mg/dL", "mg/dL")] {
            assert_eq!(super::unit(&json!({"unit": unit})), read);
        }
    }
}
