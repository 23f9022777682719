//! A card in QR codes.

/// One QR code holds a card of up to so many characters; a longer one is cut. Source: SMART Health Cards, "Chunking".
pub const ONE_CODE: usize = 1195;
/// Each of several codes holds up to so many.
pub const PART_OF_SEVERAL: usize = 1191;

/// What the QR codes of a card say: two digits for each character, in one code or in several of about one size.
pub fn numeric(jws: &str) -> Vec<String> {
    let digits = |part: &str| part.bytes().map(|byte| format!("{:02}", byte.saturating_sub(45))).collect::<String>();
    if jws.len() <= ONE_CODE {
        return vec![format!("shc:/{}", digits(jws))];
    }
    let count = jws.len().div_ceil(PART_OF_SEVERAL);
    let size = jws.len().div_ceil(count);
    let mut parts = Vec::with_capacity(count);
    let mut rest = jws;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(size.min(rest.len()));
        parts.push(format!("shc:/{}/{count}/{}", parts.len() + 1, digits(part)));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_cards_are_cut_into_codes_of_about_one_size() {
        let short: String = "-".repeat(ONE_CODE);
        assert_eq!(numeric(&short), [format!("shc:/{}", "00".repeat(ONE_CODE))]);
        let long: String = "z".repeat(2500);
        let parts = numeric(&long);
        assert_eq!(parts.len(), 3);
        assert!(parts[0].starts_with("shc:/1/3/77") && parts[2].starts_with("shc:/3/3/77"));
        let digits: usize = parts.iter().map(|part| part.rsplit('/').next().unwrap_or_default().len()).sum();
        assert_eq!(digits, 5000);
    }
}
