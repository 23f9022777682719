//! Random tokens and codes, and their hashes.

use std::fmt::Write;

use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::base::{error::Error, text::ALPHABET};

/// 256 random bits, for a cookie or a link.
pub(crate) fn token() -> Result<String, DbErr> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| DbErr::Custom(format!("no randomness: {error}")))?;
    Ok(hex(&bytes))
}

/// 128 random bits, for what holds for a short time.
pub(crate) fn random_hex() -> Result<String, DbErr> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| DbErr::Custom(format!("no randomness: {error}")))?;
    Ok(hex(&bytes))
}

pub(crate) fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Letters and digits that nobody mistakes, each equally likely.
pub(crate) fn random_code(length: usize) -> Result<String, Error> {
    let mut code = String::new();
    let most = u8::MAX - u8::MAX % u8::try_from(ALPHABET.len()).unwrap_or(u8::MAX);
    while code.len() < length {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
        let letters = bytes.iter().filter(|byte| **byte < most).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        code.extend(letters.take(length - code.len()));
    }
    Ok(code)
}
