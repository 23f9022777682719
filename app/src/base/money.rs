//! Sums of money, in whole cents of a dollar.

/// Whole cents of "40", "40.5", "$40.50".
pub fn cents(typed: &str) -> Option<i64> {
    let typed = typed.trim().trim_start_matches('$').trim();
    let (whole, part) = typed.split_once('.').unwrap_or((typed, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + part)
}

/// "$40.50".
pub fn price(cents: i64) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_whole_cents() {
        for (typed, found) in [("40", 4000), ("$40.50", 4050), ("40.5", 4050), (" 0.99 ", 99), ("0", 0)] {
            assert_eq!(cents(typed), Some(found), "{typed}");
        }
        for typed in ["", "-3", "4O", "40.505", "40,50", "1e3", "99999999999", "$", "40."] {
            assert_eq!(cents(typed), None, "{typed}");
        }
        assert_eq!((price(4050), price(99)), ("$40.50".to_owned(), "$0.99".to_owned()));
    }
}
