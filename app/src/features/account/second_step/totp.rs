//! Codes of authenticator apps (RFC 6238): six digits, half a minute, SHA-1, as every app understands them.

use totp_rs::{Algorithm, Secret, TOTP};

use crate::base::error::Error;

/// A fresh secret of 160 bits, in base 32.
///
/// # Errors
/// When the machine gives no randomness.
pub fn new_secret() -> Result<String, Error> {
    let mut bytes = [0u8; 20];
    getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
    Ok(Secret::Raw(bytes.to_vec()).to_encoded().to_string())
}

fn totp(secret: &str) -> Option<TOTP> {
    let bytes = Secret::Encoded(secret.to_owned()).to_bytes().ok()?;
    TOTP::new(Algorithm::SHA1, 6, 1, 30, bytes).ok()
}

/// The half minutes around `at` (seconds since 1970) for which `code` is right: the one before, this one, the next.
pub fn matching_step(secret: &str, code: &str, at: u64) -> Option<u64> {
    let totp = totp(secret)?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let now = at / 30;
    [now.saturating_sub(1), now, now + 1].into_iter().find(|step| totp.generate(step * 30) == code)
}

/// The code of a moment, for tests and for the demo's staff.
pub fn code(secret: &str, at: u64) -> Option<String> {
    Some(totp(secret)?.generate(at))
}

/// What an authenticator app reads from the QR code.
pub fn address(secret: &str, product: &str, username: &str) -> String {
    let plain = |text: &str| text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { percent(c) }).collect::<String>();
    format!("otpauth://totp/{0}:{1}?secret={secret}&issuer={0}&algorithm=SHA1&digits=6&period=30", plain(product), plain(username))
}

fn percent(c: char) -> String {
    c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret "12345678901234567890"; the last six digits of its eight.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_standard() {
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(super::code(RFC, at).as_deref(), Some(code));
            assert_eq!(matching_step(RFC, code, at), Some(at / 30));
            assert_eq!(matching_step(RFC, code, at + 30), Some(at / 30), "half a minute late");
            assert_eq!(matching_step(RFC, code, at + 90), None);
        }
    }

    #[test]
    fn a_fresh_secret_works() {
        let secret = new_secret().expect("randomness");
        let code = code(&secret, 1_000_000).expect("a code");
        assert!(matching_step(&secret, &code, 1_000_000).is_some());
        assert!(address(&secret, "MyChart", "maria@home").starts_with("otpauth://totp/MyChart:maria%40home?secret="));
    }
}
