//! What a SMART Health Link leads to, encrypted. Source: SMART Health Links; RFC 7516 (JWE), direct encryption with AES-256-GCM.

use std::io::Write as _;

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::{Compression, write::DeflateEncoder};

use crate::base::error::Error;

/// The compact form of a JWE: header, no wrapped key, nonce, ciphertext, tag.
///
/// # Errors
/// When the machine gives no randomness.
pub fn encrypt(plain: &[u8], content_type: &str, key: [u8; 32]) -> Result<String, Error> {
    let header = serde_json::json!({"alg": "dir", "enc": "A256GCM", "cty": content_type, "zip": "DEF"});
    let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(plain).map_err(|error| Error::unexpected("deflating", &error))?;
    let deflated = deflated.finish().map_err(|error| Error::unexpected("deflating", &error))?;
    let mut nonce = [0u8; 12];
    getrandom::fill(&mut nonce).map_err(|error| Error::unexpected("randomness", &error))?;
    let payload = Payload { msg: &deflated, aad: header.as_bytes() };
    let sealed = Aes256Gcm::new(&key.into()).encrypt(&nonce.into(), payload).map_err(|error| Error::unexpected("encryption", &error))?;
    let (text, tag) = sealed.split_at(sealed.len().saturating_sub(16));
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    Ok(format!("{header}..{}.{}.{}", part(&nonce), part(text), part(tag)))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::DeflateDecoder;

    use super::*;

    #[test]
    fn what_was_encrypted_opens_with_its_key_and_its_header_only() {
        let jwe = encrypt(b"{\"a\":1}", "application/fhir+json", [7; 32]).expect("a JWE");
        let parts: Vec<&str> = jwe.split('.').collect();
        assert!(parts.len() == 5 && parts[1].is_empty(), "{jwe}");
        let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
        let nonce: [u8; 12] = bytes(parts[2]).try_into().expect("a nonce");
        let sealed = [bytes(parts[3]), bytes(parts[4])].concat();
        let open =
            |key: [u8; 32], aad: &str| Aes256Gcm::new(&key.into()).decrypt(&nonce.into(), Payload { msg: &sealed, aad: aad.as_bytes() });
        let mut text = String::new();
        DeflateDecoder::new(&open([7; 32], parts[0]).expect("it opens")[..]).read_to_string(&mut text).expect("raw deflate");
        assert_eq!(text, "{\"a\":1}");
        assert!(open([8; 32], parts[0]).is_err() && open([7; 32], "x").is_err());
    }
}
