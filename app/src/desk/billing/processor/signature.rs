//! Signatures of a processor's notices: `t=..,v1=..`, HMAC-SHA256 over time and body. Source: Stripe, "Verify webhook signatures".

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// A notice is believed for so many seconds before and after its time.
const TOLERANCE: i64 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no signature that can be read.
    Unsigned,
    /// It was made too long ago, or is said to come from the future.
    Time,
    /// Somebody else signed it, or it was changed.
    Forged,
}

/// Whether a notice is the processor's. While a secret is changed there are several signatures: one is enough.
///
/// # Errors
/// Why it is not believed.
pub fn check(secret: &str, header: &str, body: &[u8], now: i64) -> Result<(), Refused> {
    let value = |name: &'static str| header.split(',').filter_map(move |part| part.trim().split_once('=').filter(|(key, _)| *key == name));
    let time: i64 = value("t").next().and_then(|(_, at)| at.parse().ok()).ok_or(Refused::Unsigned)?;
    let signatures: Vec<Vec<u8>> = value("v1").filter_map(|(_, hex)| from_hex(hex)).collect();
    if signatures.is_empty() {
        return Err(Refused::Unsigned);
    }
    if (now - time).abs() > TOLERANCE {
        return Err(Refused::Time);
    }
    // Compared in constant time.
    let matches = signatures.iter().any(|signature| mac(secret, time, body).is_some_and(|mac| mac.verify_slice(signature).is_ok()));
    if matches { Ok(()) } else { Err(Refused::Forged) }
}

/// The header of a notice, for the demo's bank and for tests.
pub fn sign(secret: &str, body: &[u8], at: i64) -> String {
    let signature = mac(secret, at, body).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}

fn mac(secret: &str, time: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    Some(mac)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_believed_only_from_whoever_has_the_secret_and_in_time() {
        let (secret, body, now) = ("whsec_1", br#"{"id":"evt_1"}"#.as_slice(), 1_700_000_000);
        let header = sign(secret, body, now);
        assert_eq!(check(secret, &header, body, now), Ok(()));
        for (later, expected) in [(300, Ok(())), (-300, Ok(())), (301, Err(Refused::Time)), (-301, Err(Refused::Time))] {
            assert_eq!(check(secret, &header, body, now + later), expected, "{later}");
        }
        assert_eq!(check("whsec_2", &header, body, now), Err(Refused::Forged));
        assert_eq!(check(secret, &header, b"{}", now), Err(Refused::Forged));
        let two = format!("{header},v1={}", "0".repeat(64));
        assert_eq!(check(secret, &two, body, now), Ok(()), "while a secret is changed");
        let moved = header.replace("t=1700000000", "t=1700000001");
        assert_eq!(check(secret, &moved, body, now), Err(Refused::Forged), "the time is signed too");
        for bad in ["", "t=1", "v1=aa", "t=x,v1=00", &format!("t={now},v1=zz"), &format!("t={now},v0={}", "0".repeat(64))] {
            assert_eq!(check(secret, bad, body, now), Err(Refused::Unsigned), "{bad}");
        }
    }
}
