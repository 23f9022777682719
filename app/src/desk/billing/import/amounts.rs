//! FHIR's Money and decimals → whole cents, without a float in between.

use serde_json::Value;

use crate::record::fhir;

/// Whole cents of a decimal; half a cent is rounded away from zero. `None` of what is no number, or no sum that anybody is billed.
pub fn cents(number: &Value) -> Option<i64> {
    let text = fhir::digits(number)?;
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text.as_str(), 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.trim_start_matches('+')),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() || !(whole.bytes().chain(part.bytes())).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Where the point stands among the digits, for cents.
    let all = format!("{whole}{part}");
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent) + 2;
    let all = all.trim_start_matches('0');
    let point = point - i64::try_from(whole.len() + part.len() - all.len()).ok()?;
    // Nobody is billed ten thousand million dollars; so sums of sums cannot run over.
    if point > 12 {
        return if all.is_empty() { Some(0) } else { None };
    }
    let kept: String = (0..point.max(0)).map(|at| all.chars().nth(usize::try_from(at).unwrap_or(usize::MAX)).unwrap_or('0')).collect();
    let next = usize::try_from(point).ok().and_then(|at| all.as_bytes().get(at)).copied();
    let cents = if kept.is_empty() { 0 } else { kept.parse::<i64>().ok()? } + i64::from(next.is_some_and(|digit| digit >= b'5'));
    Some(if negative { -cents } else { cents })
}

/// The cents of a Money, where it is in this currency or says none.
pub fn money(value: &Value, currency: &str) -> Option<i64> {
    match value["currency"].as_str() {
        Some(found) if found != currency => None,
        _ => cents(&value["value"]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Option<i64> {
        cents(&serde_json::from_str(text).expect("JSON"))
    }

    #[test]
    fn decimals_are_whole_cents() {
        for (text, expected) in [
            ("658.63", 65_863),
            ("131.726", 13_173),
            ("526.904", 52_690),
            ("28.104000000000003", 2_810),
            ("0.005", 1),
            ("0.004", 0),
            ("0.0", 0),
            ("-25", -2_500),
            ("-0.995", -100),
            ("1e2", 10_000),
            ("1.5E1", 1_500),
            ("12e-1", 120),
            ("1234567890.12", 123_456_789_012),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        assert_eq!(read("1e30"), None, "nobody is billed that");
        assert_eq!(cents(&json!("12")), None, "text is no number");
        assert_eq!(cents(&Value::Null), None);
    }

    #[test]
    fn another_currency_is_no_sum_of_this_bill() {
        assert_eq!(money(&json!({"value": 3, "currency": "EUR"}), "USD"), None);
        assert_eq!(money(&json!({"value": 3}), "USD"), Some(300));
    }

    proptest! {
        #[test]
        fn what_has_two_decimals_is_exact(cents_in in -1_000_000_000i64..1_000_000_000) {
            let text = format!("{}{}.{:02}", if cents_in < 0 { "-" } else { "" }, cents_in.abs() / 100, cents_in.abs() % 100);
            prop_assert_eq!(read(&text), Some(cents_in));
        }
    }
}
