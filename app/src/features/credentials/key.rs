//! A key that signs: made, read from a file, named.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use card_reader::card::thumbprint;
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    pkcs8::DecodePrivateKey as _,
};
use serde_json::{Value, json};

use crate::base::error::Error;

/// A key ready to sign.
pub struct Key {
    pub kid: String,
    pub(super) key: SigningKey,
}

impl Key {
    /// ES256 (RFC 7518): `r` and `s`, 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign(message);
        signature.to_bytes().to_vec()
    }
}

/// The public half as a JSON Web Key (RFC 7517).
///
/// # Errors
/// None for any key of the curve.
pub(super) fn public_jwk(key: &SigningKey) -> Result<Value, Error> {
    let point = key.verifying_key().to_encoded_point(false);
    let (Some(x), Some(y)) = (point.x(), point.y()) else { return Err(Error::unexpected("key", &"no point of the curve")) };
    let (x, y) = (BASE64_URL_SAFE_NO_PAD.encode(x), BASE64_URL_SAFE_NO_PAD.encode(y));
    let kid = thumbprint(&x, &y);
    Ok(json!({"kty": "EC", "kid": kid, "use": "sig", "alg": "ES256", "crv": "P-256", "x": x, "y": y}))
}

/// A private key that somebody made elsewhere: a JSON Web Key, or PEM as OpenSSL writes it.
pub(super) fn from_file(text: &str) -> Option<SigningKey> {
    if text.trim_start().starts_with('{') {
        let jwk: Value = serde_json::from_str(text).ok()?;
        let of_this_curve = jwk["kty"] == "EC" && jwk["crv"] == "P-256";
        let number = BASE64_URL_SAFE_NO_PAD.decode(jwk["d"].as_str().filter(|_| of_this_curve)?).ok()?;
        return SigningKey::from_slice(&number).ok();
    }
    match (pem(text, "PRIVATE KEY"), pem(text, "EC PRIVATE KEY")) {
        (Some(der), _) => SigningKey::from_pkcs8_der(&der).ok(),
        (None, Some(der)) => SecretKey::from_sec1_der(&der).ok().map(SigningKey::from),
        (None, None) => None,
    }
}

/// What stands under a label (RFC 7468).
fn pem(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, after) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
    BASE64_STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok()
}

/// A new private key.
///
/// # Errors
/// When the machine gives no randomness.
pub(super) fn random() -> Result<SigningKey, Error> {
    loop {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
        // All but one in 2^32 numbers are keys.
        if let Ok(key) = SigningKey::from_slice(&bytes) {
            return Ok(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the specification's examples, and the name it has there.
    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode("FvOOk6hMixJ2o9zt4PCfan_UW7i4aOEnzj76ZaCI9Og").expect("base64");
        let jwk = public_jwk(&SigningKey::from_slice(&bytes).expect("a key")).expect("a JWK");
        assert_eq!(jwk["kid"], "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s");
        assert_eq!(jwk["x"], "11XvRWy1I2S0EyJlyf_bWfw_TQ5CJJNLw78bHXNxcgw");
    }

    /// The same key in the forms in which OpenSSL and others give it.
    #[test]
    fn a_key_is_read_from_a_file() {
        let old = "-----BEGIN EC PRIVATE KEY-----\n\
            MHcCAQEEIBbzjpOoTIsSdqPc7eDwn2p/1Fu4uGjhJ84++mWgiPTooAoGCCqGSM49\n\
            AwEHoUQDQgAE11XvRWy1I2S0EyJlyf/bWfw/TQ5CJJNLw78bHXNxcgx5lfDG87WG\n\
            8JjQq5ys98qjvIDIxPoCNzc3s6QAHpVjLw==\n-----END EC PRIVATE KEY-----\n";
        let new = "-----BEGIN PRIVATE KEY-----\n\
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFvOOk6hMixJ2o9zt\n\
            4PCfan/UW7i4aOEnzj76ZaCI9OihRANCAATXVe9FbLUjZLQTImXJ/9tZ/D9NDkIk\n\
            k0vDvxsdc3FyDHmV8MbztYbwmNCrnKz3yqO8gMjE+gI3NzezpAAelWMv\n-----END PRIVATE KEY-----\n";
        let jwk = r#" {"kty": "EC", "crv": "P-256", "d": "FvOOk6hMixJ2o9zt4PCfan_UW7i4aOEnzj76ZaCI9Og"}"#;
        let with_parameters = format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{old}");
        for text in [old, new, jwk, with_parameters.as_str()] {
            let key = from_file(text).expect("a key");
            assert_eq!(public_jwk(&key).expect("a JWK")["kid"], "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s", "{text}");
        }
        let other_curve = jwk.replace("P-256", "P-384");
        for text in ["", "{}", "-----BEGIN PRIVATE KEY-----", other_curve.as_str(), &new.replace("MIGH", "AAAA")] {
            assert!(from_file(text).is_none(), "{text}");
        }
    }
}
