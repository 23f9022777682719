//! Sums of money, in whole cents of a dollar.

/// Whole cents of "40", "40.5", "$40.50", "1,234.56".
pub fn cents(typed: &str) -> Option<i64> {
    let typed = typed.trim().trim_start_matches('$').trim();
    let (whole, part) = typed.split_once('.').unwrap_or((typed, "0"));
    let whole = without_commas(whole)?;
    let digits = |text: &str| !text.is_empty() && text.len() <= 7 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + part)
}

/// "1,234" as "1234"; nothing of "12,34".
fn without_commas(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split(',').collect();
    let (first, others) = groups.split_first()?;
    let fits = others.is_empty() || (1..=3).contains(&first.len()) && others.iter().all(|group| group.len() == 3);
    fits.then(|| groups.concat())
}

/// "1240.50", and "-3.00" of less than nothing: as it is typed, and as other programs read it.
pub fn plain(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// A sum in a cell of a table: a dash where none is known.
pub fn price_or_dash(cents: Option<i64>) -> String {
    cents.map_or_else(|| "–".to_owned(), price)
}

/// "$1,240.50", and "-$3.00" of less than nothing.
pub fn price(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (whole, part) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{part:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_whole_cents() {
        for (typed, found) in
            [("40", 4000), ("$40.50", 4050), ("40.5", 4050), (" 0.99 ", 99), ("0", 0), ("1,234.56", 123_456), ("1,000,000", 100_000_000)]
        {
            assert_eq!(cents(typed), Some(found), "{typed}");
        }
        for typed in ["", "-3", "4O", "40.505", "40,50", "1e3", "99999999999", "$", "40.", "1,23,456", ",123", "1234,567"] {
            assert_eq!(cents(typed), None, "{typed}");
        }
        assert_eq!((price(4050), price(99)), ("$40.50".to_owned(), "$0.99".to_owned()));
        assert_eq!((plain(123_456), plain(-5)), ("1234.56".to_owned(), "-0.05".to_owned()));
        assert_eq!((price(123_456), price(-300)), ("$1,234.56".to_owned(), "-$3.00".to_owned()));
        assert_eq!((price(100_000_000), price(i64::MIN)), ("$1,000,000.00".to_owned(), "-$92,233,720,368,547,758.08".to_owned()));
    }
}
