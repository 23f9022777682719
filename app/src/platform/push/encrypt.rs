//! What a notice says, closed to everybody but the browser. Source: RFC 8291, over RFC 8188 with one record and RFC 5869.

use aes_gcm::{Aes128Gcm, KeyInit, aead::Aead};
use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, general_purpose::NO_PAD},
};
use hmac::{Hmac, Mac};
use p256::{PublicKey, SecretKey, ecdh::diffie_hellman, elliptic_curve::sec1::ToEncodedPoint};
use sha2::Sha256;

use crate::base::error::Error;

/// Browsers write keys without padding; other programs may not.
const BASE64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent));
/// Bytes of a record. There is one, and it is smaller.
const RECORD: u32 = 4096;

/// The keys that a browser gave with its address.
pub struct BrowserKeys {
    public: PublicKey,
    secret: [u8; 16],
}

impl BrowserKeys {
    /// Nothing when they are none: no point of P-256, or no 16 bytes.
    pub fn read(p256dh: &str, auth: &str) -> Option<Self> {
        let point = BASE64.decode(p256dh).ok().filter(|point| point.len() == 65)?;
        let secret = BASE64.decode(auth).ok()?.try_into().ok()?;
        Some(Self { public: PublicKey::from_sec1_bytes(&point).ok()?, secret })
    }
}

/// A message for a browser, as its push service takes it.
///
/// # Errors
/// When the machine gives no randomness, or the message is larger than a record.
pub fn encrypt(to: &BrowserKeys, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let mut salt = [0u8; 16];
    getrandom::fill(&mut salt).map_err(|error| Error::unexpected("randomness", &error))?;
    encrypt_with(to, plain, &random_key()?, salt)
}

/// A new private key of P-256.
///
/// # Errors
/// When the machine gives no randomness.
pub(super) fn random_key() -> Result<SecretKey, Error> {
    loop {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
        // Of 2^32 numbers, about one is none.
        if let Ok(key) = SecretKey::from_slice(&bytes) {
            return Ok(key);
        }
    }
}

fn encrypt_with(to: &BrowserKeys, plain: &[u8], own: &SecretKey, salt: [u8; 16]) -> Result<Vec<u8>, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::unexpected("push message", &error.to_string());
    let own_public = own.public_key().to_encoded_point(false);
    let shared = diffie_hellman(own.to_nonzero_scalar(), to.public.as_affine());
    let info = [&b"WebPush: info\0"[..], to.public.to_encoded_point(false).as_bytes(), own_public.as_bytes()].concat();
    let key = derived(&mac(&to.secret, &[shared.raw_secret_bytes()])?, &info)?;
    let key = mac(&salt, &[&key])?;
    let content_key = derived(&key, b"Content-Encoding: aes128gcm\0")?;
    let nonce = derived(&key, b"Content-Encoding: nonce\0")?;
    // A 2 ends the last record.
    let record = [plain, &[2]].concat();
    if record.len() + 16 > RECORD as usize {
        return Err(failed(&"too long"));
    }
    let cipher = Aes128Gcm::new_from_slice(&content_key[..16]).map_err(|error| failed(&error))?;
    let sealed = cipher.encrypt(nonce[..12].into(), &record[..]).map_err(|error| failed(&error))?;
    let length = u8::try_from(own_public.len()).map_err(|error| failed(&error))?;
    Ok([&salt[..], &RECORD.to_be_bytes(), &[length], own_public.as_bytes(), &sealed].concat())
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 32], Error> {
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(key).map_err(|error| Error::unexpected("push message", &error))?;
    let mac = parts.iter().fold(mac, |mac, part| mac.chain_update(part));
    Ok(mac.finalize().into_bytes().into())
}

/// HKDF's second step, of which one block is enough (RFC 5869, 2.3).
fn derived(key: &[u8], info: &[u8]) -> Result<[u8; 32], Error> {
    mac(key, &[info, &[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        BASE64.decode(text).expect("base64url")
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_rfc_is_encrypted_as_it_says() {
        let to = BrowserKeys::read(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        )
        .expect("keys");
        let own = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).expect("a key");
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("a salt");
        let sealed = encrypt_with(&to, b"When I grow up, I want to be a watermelon", &own, salt).expect("encrypted");
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_\
                        yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64.encode(sealed), expected);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let (public, secret) =
            ("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg");
        assert!(BrowserKeys::read(&format!("{public}="), &format!("{secret}==")).is_some());
        // Not on the curve; its short form; nothing; of another length.
        let wrong = format!("{}A", &public[..public.len() - 1]);
        for (public, secret) in
            [(&*wrong, secret), (&public[..44], secret), ("", secret), (public, ""), (public, "BTBZ"), ("%%%", secret), (public, public)]
        {
            assert!(BrowserKeys::read(public, secret).is_none(), "{public} {secret}");
        }
    }

    #[test]
    fn a_message_of_one_record_and_no_more() {
        let public = BASE64.encode(random_key().expect("a key").public_key().to_encoded_point(false));
        let to = BrowserKeys::read(&public, "BTBZMqHH6r4Tts7J_aSIgg").expect("keys");
        assert_eq!(encrypt(&to, &[7; 4079]).expect("encrypted").len(), 86 + 4096);
        assert!(encrypt(&to, &[7; 4080]).is_err());
    }
}
