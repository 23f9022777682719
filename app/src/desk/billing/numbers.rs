//! Numbers that nobody guesses.

use sea_orm::DbErr;

/// Numbers of accounts that the portal gave because the source gave none begin so.
pub const OWN_NUMBERS: &str = "MX";

/// The number of an account that has none: nobody guesses the next one.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_number() -> Result<String, DbErr> {
    Ok(format!("{OWN_NUMBERS}{}", new_digits()?))
}

/// Ten digits that nobody guesses.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_digits() -> Result<String, DbErr> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| DbErr::Custom(format!("no randomness: {error}")))?;
    Ok(format!("{:010}", u64::from_le_bytes(bytes) % 10_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_are_not_counted_up() {
        let (one, two) = (new_number().expect("a number"), new_number().expect("a number"));
        assert!(one.starts_with(OWN_NUMBERS) && one.len() == 12 && one != two);
    }
}
