//! Reading a SMART Health Card that somebody shows: who issued it, whether the signature holds, what it claims.
//! Source: SMART Health Cards Framework 1.4; negative examples of its test data.

use std::{collections::HashMap, io::Read as _, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::read::DeflateDecoder;
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A card inflates to no more than this, in bytes.
const MOST: u64 = 512 * 1024;
/// Codes of one card are no more than this.
const MOST_PARTS: usize = 50;

/// An issuer whose cards are believed, from the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrustedIssuer {
    /// As it stands in the cards, without a slash at the end.
    pub iss: String,
    pub name: String,
    /// JSON Web Keys, as the issuer publishes them.
    pub keys: Vec<Value>,
    /// By key, the revocation ids of cards that were taken back.
    #[serde(default)]
    pub revoked: HashMap<String, Vec<String>>,
}

/// All issuers that are believed.
#[derive(Clone, Debug, Default)]
pub struct Trust(pub Arc<Vec<TrustedIssuer>>);

impl Trust {
    /// Reads the list: a JSON array of issuers.
    ///
    /// # Errors
    /// A sentence for whoever starts the server.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text)
            .map(|issuers| Self(Arc::new(issuers)))
            .map_err(|error| format!("is no list of trusted issuers: {error}."))
    }
}

/// Why something is no card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing in it looks like a card.
    NoCard,
    /// So many of the card's codes were there.
    MissingParts { found: usize, of: usize },
    /// The digits of a code are no card.
    Digits,
    /// Not the three parts of a signed text.
    Shape,
    /// The head does not say that it is signed with ES256, or not with which key.
    Header,
    /// What is signed is not compressed as it must be.
    Compression,
    /// What is signed is not what a card says.
    Content,
}

/// A card that could be read; nothing of it is believed yet.
#[derive(Clone, Debug)]
pub struct Card {
    signed: String,
    signature: Vec<u8>,
    pub kid: String,
    pub issuer: String,
    pub payload: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Name of the issuer.
    Holds(String),
    /// Nobody knows whether that issuer is what it says.
    UnknownIssuer,
    /// The issuer is known, but not this key of it.
    UnknownKey,
    WrongSignature,
    Revoked,
    NotYet,
    Expired,
}

/// The signed text in what somebody scanned, pasted or opened: digits of one or several codes, a file, or the text itself.
///
/// # Errors
/// See [`Fault`].
pub fn find(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    if text.starts_with('{') {
        let file: Value = serde_json::from_str(text).map_err(|_| Fault::Shape)?;
        return file["verifiableCredential"][0].as_str().map(str::to_owned).ok_or(Fault::NoCard);
    }
    let codes: Vec<&str> = text.split_whitespace().filter_map(|word| word.strip_prefix("shc:/")).collect();
    if !codes.is_empty() {
        return joined(&codes);
    }
    if text.contains('.') && !text.contains(char::is_whitespace) { Ok(text.to_owned()) } else { Err(Fault::NoCard) }
}

/// Puts the codes of one card together, in whatever order they were scanned.
fn joined(codes: &[&str]) -> Result<String, Fault> {
    let mut parts: Vec<Option<String>> = Vec::new();
    for code in codes {
        let pieces: Vec<&str> = code.split('/').collect();
        let (number, of, digits) = match pieces.as_slice() {
            [digits] => (1, 1, *digits),
            [number, of, digits] => (number.parse().map_err(|_| Fault::Digits)?, of.parse().map_err(|_| Fault::Digits)?, *digits),
            _ => return Err(Fault::Digits),
        };
        if of > MOST_PARTS || number == 0 || number > of || (!parts.is_empty() && parts.len() != of) {
            return Err(Fault::Digits);
        }
        parts.resize(of, None);
        parts[number - 1] = Some(letters(digits)?);
    }
    let found = parts.iter().flatten().count();
    if found < parts.len() {
        return Err(Fault::MissingParts { found, of: parts.len() });
    }
    Ok(parts.into_iter().flatten().collect())
}

/// Two digits for each letter.
fn letters(digits: &str) -> Result<String, Fault> {
    if digits.is_empty() || digits.len() % 2 == 1 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Digits);
    }
    let pairs = digits.as_bytes().chunks_exact(2).map(|pair| (pair[0] - b'0') * 10 + (pair[1] - b'0') + 45);
    pairs.map(|byte| if byte <= 122 { Ok(char::from(byte)) } else { Err(Fault::Digits) }).collect()
}

/// Reads a signed text; believes nothing.
///
/// # Errors
/// See [`Fault`].
pub fn read(jws: &str) -> Result<Card, Fault> {
    let parts: Vec<&str> = jws.trim().split('.').collect();
    let [head, payload, signature] = parts.as_slice() else { return Err(Fault::Shape) };
    let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Fault::Shape);
    let header: Value = serde_json::from_slice(&bytes(head)?).map_err(|_| Fault::Header)?;
    let kid = header["kid"].as_str().ok_or(Fault::Header)?.to_owned();
    if header["alg"] != "ES256" {
        return Err(Fault::Header);
    }
    if header["zip"] != "DEF" {
        return Err(Fault::Compression);
    }
    let deflated = bytes(payload)?;
    let mut text = Vec::new();
    DeflateDecoder::new(&deflated[..]).take(MOST).read_to_end(&mut text).map_err(|_| Fault::Compression)?;
    let content: Value = serde_json::from_slice(&text).map_err(|_| Fault::Content)?;
    let issuer = content["iss"].as_str().ok_or(Fault::Content)?.to_owned();
    let is_card =
        content["vc"]["type"].as_array().is_some_and(|types| types.iter().any(|name| name == "https://smarthealth.cards#health-card"));
    if !is_card || !content["nbf"].is_number() || !content["vc"]["credentialSubject"]["fhirBundle"]["entry"].is_array() {
        return Err(Fault::Content);
    }
    Ok(Card { signed: format!("{head}.{payload}"), signature: bytes(signature)?, kid, issuer, payload: content })
}

impl Card {
    /// Compares with the issuers that are believed. Nothing is fetched from anywhere: a card cannot make this server ask an
    /// address of its choice. `now` is in seconds since 1970, UTC.
    pub fn judge(&self, issuers: &[TrustedIssuer], now: i64) -> Judgement {
        let Some(issuer) = issuers.iter().find(|issuer| issuer.iss == self.issuer) else { return Judgement::UnknownIssuer };
        let Some(key) = issuer.keys.iter().find(|key| key["kid"] == self.kid.as_str()).and_then(key) else { return Judgement::UnknownKey };
        let holds = Signature::from_slice(&self.signature).is_ok_and(|signature| key.verify(self.signed.as_bytes(), &signature).is_ok());
        if !holds {
            return Judgement::WrongSignature;
        }
        let rid = self.payload["vc"]["rid"].as_str();
        if rid.is_some_and(|rid| issuer.revoked.get(&self.kid).is_some_and(|list| list.iter().any(|taken| taken == rid))) {
            return Judgement::Revoked;
        }
        #[expect(clippy::cast_precision_loss, reason = "a moment of this age of the world is exact to the second")]
        let now = now as f64;
        match (self.payload["nbf"].as_f64(), self.payload["exp"].as_f64()) {
            (Some(from), _) if from > now + 60.0 => Judgement::NotYet,
            (_, Some(until)) if until < now => Judgement::Expired,
            _ => Judgement::Holds(issuer.name.clone()),
        }
    }

    /// What it claims: the resources, the person first.
    pub fn resources(&self) -> Vec<&Value> {
        let entries = self.payload["vc"]["credentialSubject"]["fhirBundle"]["entry"].as_array();
        entries.into_iter().flatten().map(|entry| &entry["resource"]).collect()
    }
}

fn key(jwk: &Value) -> Option<VerifyingKey> {
    let part = |name: &str| BASE64_URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok();
    VerifyingKey::from_sec1_bytes(&[vec![4], part("x")?, part("y")?].concat()).ok()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Published examples, where they are; a user's machine has none.
    fn examples() -> Option<PathBuf> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/fhir/shc"));
        folder.is_dir().then_some(folder)
    }

    fn text(folder: &std::path::Path, name: &str) -> String {
        std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[test]
    fn what_is_no_card_is_refused_with_the_reason() {
        assert_eq!(find("hello"), Err(Fault::NoCard));
        assert_eq!(find("shc:/123"), Err(Fault::Digits));
        assert_eq!(find("shc:/1a"), Err(Fault::Digits));
        assert_eq!(find("shc:/99"), Err(Fault::Digits));
        assert_eq!(find("shc:/1/3/5676 shc:/3/3/5676"), Err(Fault::MissingParts { found: 2, of: 3 }));
        assert_eq!(find("shc:/2/2/01 shc:/1/2/56"), Ok("e.".to_owned()));
        assert_eq!(find("shc:/1/99/56"), Err(Fault::Digits));
        assert!(matches!(read("a.b"), Err(Fault::Shape)));
    }

    #[test]
    fn published_cards_hold_and_changed_ones_do_not() {
        let Some(folder) = examples() else { return };
        let keys: Value = serde_json::from_str(&text(&folder, "issuer-jwks.json")).expect("keys");
        let card = |name: &str| find(&text(&folder, name)).and_then(|jws| read(&jws));
        let first = card("hl7-spec/example-00-d-jws.txt").expect("a card");
        let trusted = |iss: &str| TrustedIssuer {
            iss: iss.to_owned(),
            name: "The specification".into(),
            keys: keys["keys"].as_array().expect("keys").clone(),
            revoked: HashMap::new(),
        };
        let issuers = [trusted(&first.issuer)];
        let now = 1_795_500_000; // in November 2026
        for name in [
            "hl7-spec/example-00-d-jws.txt",
            "hl7-spec/example-00-e-file.smart-health-card",
            "hl7-spec/example-00-f-qr-code-numeric-value-0.txt",
            "hl7-spec/example-02-e-file.smart-health-card",
        ] {
            assert_eq!(card(name).expect(name).judge(&issuers, now), Judgement::Holds("The specification".into()), "{name}");
        }
        let several: String =
            (0..3).map(|part| text(&folder, &format!("hl7-spec/example-02-f-qr-code-numeric-value-{part}.txt")) + "\n").collect();
        let several = find(&several).and_then(|jws| read(&jws)).expect("three codes");
        assert_eq!(several.judge(&issuers, now), Judgement::Holds("The specification".into()));
        assert_eq!(first.judge(&[], now), Judgement::UnknownIssuer);
        assert_eq!(first.judge(&[TrustedIssuer { keys: Vec::new(), ..issuers[0].clone() }], now), Judgement::UnknownKey);
        let wrong = card("dev-tools-testdata/test-example-00-d-jws-invalid-signature.txt").expect("readable");
        assert_eq!(wrong.judge(&[trusted(&wrong.issuer)], now), Judgement::WrongSignature);
        for (name, fault) in [
            ("test-example-00-d-jws-no_jws_header_kid.txt", Fault::Header),
            ("test-example-00-d-jws-no_deflate.txt", Fault::Compression),
            ("test-example-00-f-qr-code-numeric-value-0-odd-count.txt", Fault::Digits),
            ("test-example-00-f-qr-code-numeric-value-0-wrong_qr_header.txt", Fault::NoCard),
        ] {
            assert_eq!(card(&format!("dev-tools-testdata/{name}")).err(), Some(fault), "{name}");
        }
        assert!(card("dev-tools-testdata/test-example-00-e-file-trailing_chars.smart-health-card").is_err());
    }
}
