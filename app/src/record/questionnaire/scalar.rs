//! Numbers, dates and times as FHIR writes them. Source: FHIR R4, primitive types.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, NaiveTime};
use serde_json::Value as Json;

use super::extension::cut;

/// Digits as a number of JSON, as exact as the JSON library is built.
pub fn digits(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or(Json::Null)
}

/// A decimal as JSON writes it, without exponent, of 40 characters at most.
pub fn decimal(text: &str) -> Option<String> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text.strip_prefix('+').unwrap_or(text)), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = (whole.len() + part.len() > 0) && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit());
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= 30)?;
    if !is_number || text.len() > 40 {
        return None;
    }
    let all = format!("{whole}{part}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let before = usize::try_from(-point).unwrap_or_default();
    let all = format!("{}{all}", "0".repeat(before));
    let point = usize::try_from(point).unwrap_or_default();
    let all = format!("{all}{}", "0".repeat(point.saturating_sub(all.len())));
    let (whole, part) = all.split_at_checked(point)?;
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    let point = if part.is_empty() { "" } else { "." };
    let sign = if all.bytes().all(|byte| byte == b'0') { "" } else { sign };
    Some(format!("{sign}{whole}{point}{part}"))
}

/// A year, a month or a day.
pub fn is_date(text: &str) -> bool {
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    padded.len() == 10
        && padded.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        && NaiveDate::parse_from_str(&padded, "%Y-%m-%d").is_ok()
}

/// A date, or an instant with its offset.
pub fn is_date_time(text: &str) -> bool {
    is_date(text) || (text.len() <= 40 && text.as_bytes().get(10) == Some(&b'T') && DateTime::parse_from_rfc3339(text).is_ok())
}

/// Hours, minutes and seconds.
pub fn is_time(text: &str) -> bool {
    text.len() <= 20 && parse_time(text).is_some()
}

pub fn parse_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()
}

/// The order of two dates or instants; nothing, where one is only a part of the other.
pub fn compare_instants(one: &str, two: &str) -> Option<Ordering> {
    if let (Ok(one), Ok(two)) = (DateTime::parse_from_rfc3339(one), DateTime::parse_from_rfc3339(two)) {
        return Some(one.cmp(&two));
    }
    let day = |text: &str| cut(text, 10);
    let (one, two) = (day(one), day(two));
    let same = one.len().min(two.len());
    let (start, other) = (one.get(..same)?, two.get(..same)?);
    // Within the year or month that the other one names, neither is before the other (FHIRPath, comparison of precisions).
    (start != other || one.len() == two.len()).then(|| start.cmp(other))
}

/// A decimal in thousandths, as scores are added up exactly; nothing, where it is not so exact or too large.
pub fn thousandths(text: &str) -> Option<i64> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    let part = part.trim_end_matches('0');
    if part.len() > 3 || whole.len() > 9 {
        return None;
    }
    Some(sign * format!("{whole}{part:0<3}").parse::<i64>().ok()?)
}

/// Thousandths as a decimal.
pub fn of_thousandths(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, part) = (value.unsigned_abs() / 1_000, value.unsigned_abs() % 1_000);
    let text = format!("{sign}{whole}.{part:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number as people type it: with blanks, with a comma for thousands in English and before the decimals in Spanish. Of 15 digits at most,
/// which every reader of JSON keeps.
pub fn number(text: &str, language: &str) -> Option<String> {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    let plain = match (text.rfind(','), text.rfind('.')) {
        (None, _) => text,
        (Some(comma), point) if language == "es" && point.is_none_or(|point| point < comma) => text.replace('.', "").replace(',', "."),
        (Some(_), point) => {
            let whole = text.get(..point.unwrap_or(text.len()))?;
            let mut parts = whole.split(',');
            let is_first = parts.next().is_some_and(|first| matches!(first.trim_start_matches('-').len(), 1..=3));
            (is_first && parts.all(|part| part.len() == 3)).then(|| text.replace(',', ""))?
        }
    };
    let number = decimal(&plain).filter(|_| is_plain(&plain))?;
    (number.bytes().filter(u8::is_ascii_digit).count() <= 15).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_digits_without_exponent() {
        let of = |text: &str| decimal(text);
        assert_eq!(of("7.50").as_deref(), Some("7.50"));
        assert_eq!(of("-0012.5").as_deref(), Some("-12.5"));
        assert_eq!(of("-0.0").as_deref(), Some("0.0"));
        assert_eq!(of("1.5e3").as_deref(), Some("1500"));
        assert_eq!(of("12.5E-3").as_deref(), Some("0.0125"));
        assert_eq!(of("1e-7").as_deref(), Some("0.0000001"));
        assert_eq!(of(".5").as_deref(), Some("0.5"));
        for not in ["", "-", ".", "1e99", "1e", "NaN", "1.2.3", "--1", "1 2", "\u{661}"] {
            assert_eq!(of(not), None, "{not}");
        }
    }

    #[test]
    fn dates_may_lack_month_and_day() {
        assert!(["2024", "2024-02", "2024-02-29"].into_iter().all(is_date));
        assert!(!["24", "2023-02-29", "2024-2-9", "2024-13", "+024", "", "2024-02-29T"].into_iter().any(is_date));
        assert!(
            is_date_time("2024-02-29T10:00:00.5-05:00") && !is_date_time("2024-02-29T10:00:00") && !is_date_time("2024-02-29 10:00:00Z")
        );
        assert!(is_time("10:00:00") && is_time("10:00:00.25") && !is_time("10:00") && !is_time("25:00:00"));
    }

    #[test]
    fn scores_are_exact() {
        assert_eq!(thousandths("2.50"), Some(2_500));
        assert_eq!(thousandths("-1"), Some(-1_000));
        assert_eq!(thousandths("0.0001"), None);
        assert_eq!((of_thousandths(2_500), of_thousandths(27_000), of_thousandths(-10)), ("2.5".into(), "27".into(), "-0.01".into()));
    }
}
