//! Reading a SMART Health Card that somebody shows: who issued it, whether the signature holds, what it claims.
//! Source: SMART Health Cards Framework 1.4; negative examples of its test data.

use std::{
    collections::{BTreeMap, HashMap},
    io::Read as _,
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::read::DeflateDecoder;
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A card inflates to no more than this, in bytes.
const MOST: u64 = 512 * 1024;
/// Codes of one card are no more than this.
const MOST_PARTS: usize = 50;
/// Nobody shows more cards at a time; each may inflate to half a megabyte.
const MOST_CARDS: usize = 20;

/// An issuer whose cards are believed, from the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrustedIssuer {
    /// As it stands in the cards, without a slash at the end.
    pub iss: String,
    pub name: String,
    /// JSON Web Keys, as the issuer publishes them.
    pub keys: Vec<Value>,
    /// By key, the cards that were taken back: their revocation ids, or `rid.timestamp` for those signed before that second. Of
    /// a key without an entry nobody knows which were.
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
        let issuers: Vec<TrustedIssuer> = serde_json::from_str(text).map_err(|error| format!("is no list of trusted issuers: {error}."))?;
        issuers.iter().try_for_each(TrustedIssuer::check)?;
        Ok(Self(Arc::new(issuers)))
    }
}

impl TrustedIssuer {
    /// With a mistake in it, its cards would be refused one by one, and nobody would know why.
    fn check(&self) -> Result<(), String> {
        let iss = &self.iss;
        if !iss.starts_with("https://") && !iss.starts_with("http://") {
            return Err(format!("{iss}: the name of an issuer is its address and begins with https://."));
        }
        if iss.ends_with('/') {
            return Err(format!("{iss}: the name of an issuer has no slash at its end."));
        }
        for jwk in &self.keys {
            let kid = jwk["kid"].as_str().unwrap_or_default();
            if key(jwk).is_none() {
                return Err(format!("{iss}: the key \"{kid}\" is no public key for ES256 (kty EC, crv P-256, x and y)."));
            }
            let thumbprint = thumbprint(jwk["x"].as_str().unwrap_or_default(), jwk["y"].as_str().unwrap_or_default());
            if kid != thumbprint {
                return Err(format!("{iss}: the kid of the key \"{kid}\" is not its thumbprint (RFC 7638), which is {thumbprint}."));
            }
        }
        Ok(())
    }
}

/// The name of a key of P-256 by its two coordinates in base64url (RFC 7638).
pub fn thumbprint(x: &str, y: &str) -> String {
    // Of the required members, in the order of their names.
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)))
}

/// Why something is no card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing in it looks like a card.
    NoCard,
    /// So many of the card's codes were there.
    MissingParts { found: usize, of: usize },
    /// Codes of several cards that count to the same number.
    MixedParts { of: usize },
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
    /// More cards than are looked at together.
    TooMany { most: usize },
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
    /// The signature holds; nobody here knows which cards of that key were taken back. Name of the issuer.
    HoldsAsSigned(String),
    /// Nobody knows whether that issuer is what it says.
    UnknownIssuer,
    /// The issuer is known, but not this key of it.
    UnknownKey,
    WrongSignature,
    Revoked,
    NotYet,
    Expired,
}

/// What somebody scanned, pasted or opened: digits of codes, a file, or a signed text itself. For each card in it its signed
/// text, or why there is none; never nothing at all.
pub fn find(text: &str) -> Vec<Result<String, Fault>> {
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
    let mut found = if text.starts_with('{') { in_file(text) } else { in_codes(text) };
    if found.is_empty() {
        let is_signed = text.contains('.') && !text.contains(char::is_whitespace) && !text.starts_with('{');
        found.push(if is_signed { Ok(text.to_owned()) } else { Err(Fault::NoCard) });
    }
    if found.len() > MOST_CARDS {
        found.truncate(MOST_CARDS);
        found.push(Err(Fault::TooMany { most: MOST_CARDS }));
    }
    found
}

fn in_file(text: &str) -> Vec<Result<String, Fault>> {
    let Ok(file) = serde_json::from_str::<Value>(text) else { return vec![Err(Fault::Shape)] };
    let cards = file["verifiableCredential"].as_array().into_iter().flatten();
    cards.map(|card| card.as_str().map(str::to_owned).ok_or(Fault::NoCard)).collect()
}

/// A code that is a card of its own stands for itself; codes that count to the same number are one card's. Where one of them is
/// there twice and says something else, nobody knows which belong together.
fn in_codes(text: &str) -> Vec<Result<String, Fault>> {
    let mut found: Vec<Result<String, Fault>> = Vec::new();
    let mut several: BTreeMap<usize, Parts> = BTreeMap::new();
    for code in text.split_whitespace().filter_map(of_code) {
        let alone = match part(code) {
            Ok((_, 1, letters)) => Ok(letters),
            Ok((number, of, letters)) => {
                several.entry(of).or_insert_with(|| Parts { found: vec![None; of], mixed: false }).add(number, letters);
                continue;
            }
            Err(fault) => Err(fault),
        };
        if !found.contains(&alone) {
            found.push(alone);
        }
    }
    found.extend(several.into_values().map(Parts::joined));
    found
}

/// What stands behind `shc:/`; schemes have no case (RFC 3986, 3.1), and codes of capitals are smaller.
fn of_code(word: &str) -> Option<&str> {
    let (scheme, code) = word.trim_start_matches('\u{feff}').split_at_checked("shc:/".len())?;
    scheme.eq_ignore_ascii_case("shc:/").then_some(code)
}

/// Which of how many codes it is, from 1 on, and its letters.
fn part(code: &str) -> Result<(usize, usize, String), Fault> {
    let pieces: Vec<&str> = code.split('/').collect();
    let (number, of, digits) = match pieces.as_slice() {
        [digits] => (1, 1, *digits),
        [number, of, digits] => (number.parse().map_err(|_| Fault::Digits)?, of.parse().map_err(|_| Fault::Digits)?, *digits),
        _ => return Err(Fault::Digits),
    };
    if of > MOST_PARTS || number == 0 || number > of {
        return Err(Fault::Digits);
    }
    Ok((number, of, letters(digits)?))
}

/// The codes of one card, in whatever order they were scanned.
struct Parts {
    found: Vec<Option<String>>,
    /// There are codes of more than one card.
    mixed: bool,
}

impl Parts {
    fn add(&mut self, number: usize, letters: String) {
        let place = &mut self.found[number - 1];
        self.mixed |= place.as_ref().is_some_and(|known| *known != letters);
        *place = Some(letters);
    }

    fn joined(self) -> Result<String, Fault> {
        let (found, of) = (self.found.iter().flatten().count(), self.found.len());
        if self.mixed {
            return Err(Fault::MixedParts { of });
        }
        if found < of { Err(Fault::MissingParts { found, of }) } else { Ok(self.found.into_iter().flatten().collect()) }
    }
}

/// What is shown now, after those codes of before that may belong to the same card.
pub fn together(before: &str, now: &str) -> String {
    let of = |word: &str| of_code(word).and_then(|code| part(code).ok()).map(|(_, of, _)| of).filter(|of| *of > 1);
    let waited_for: Vec<usize> = now.split_whitespace().filter_map(of).collect();
    let kept = before.split_whitespace().filter(|word| of(word).is_some_and(|of| waited_for.contains(&of)));
    kept.chain([now]).collect::<Vec<_>>().join("\n")
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
    let has_times = content["nbf"].is_number() && (content["exp"].is_null() || content["exp"].is_number());
    if !is_card || !has_times || !content["vc"]["credentialSubject"]["fhirBundle"]["entry"].is_array() {
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
        let list = issuer.revoked.get(&self.kid);
        if list.into_iter().flatten().any(|entry| self.is_taken_back_by(entry)) {
            return Judgement::Revoked;
        }
        #[expect(clippy::cast_precision_loss, reason = "a moment of this age of the world is exact to the second")]
        let now = now as f64;
        match (self.payload["nbf"].as_f64(), self.payload["exp"].as_f64()) {
            (Some(from), _) if from > now + 60.0 => Judgement::NotYet,
            (_, Some(until)) if until < now => Judgement::Expired,
            _ if list.is_some() => Judgement::Holds(issuer.name.clone()),
            _ => Judgement::HoldsAsSigned(issuer.name.clone()),
        }
    }

    /// Whether an entry of a revocation list means this card: its id, alone or with the second before which it was signed.
    fn is_taken_back_by(&self, entry: &str) -> bool {
        let (id, before) = entry.split_once('.').map_or((entry, None), |(id, before)| (id, Some(before)));
        let signed_before = |before: &str| {
            let times = before.parse::<f64>().ok().zip(self.payload["nbf"].as_f64());
            times.is_some_and(|(before, signed)| signed < before)
        };
        self.payload["vc"]["rid"] == id && before.is_none_or(signed_before)
    }

    /// A card that nobody signed.
    #[cfg(test)]
    pub(crate) fn for_tests(payload: Value) -> Self {
        Self { signed: String::new(), signature: Vec::new(), kid: "k".into(), issuer: "https://a.example".into(), payload }
    }

    /// What it claims: the resources, the person first.
    pub fn resources(&self) -> Vec<&Value> {
        let entries = self.payload["vc"]["credentialSubject"]["fhirBundle"]["entry"].as_array();
        entries.into_iter().flatten().map(|entry| &entry["resource"]).collect()
    }
}

fn key(jwk: &Value) -> Option<VerifyingKey> {
    if jwk["kty"] != "EC" || jwk["crv"] != "P-256" {
        return None;
    }
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
        assert_eq!(find("hello"), [Err(Fault::NoCard)]);
        assert_eq!(find("{}"), [Err(Fault::NoCard)]);
        assert_eq!(find("{"), [Err(Fault::Shape)]);
        assert_eq!(find("shc:/123"), [Err(Fault::Digits)]);
        assert_eq!(find("shc:/1a"), [Err(Fault::Digits)]);
        assert_eq!(find("shc:/99"), [Err(Fault::Digits)]);
        assert_eq!(find("shc:/1/3/5676 shc:/3/3/5676"), [Err(Fault::MissingParts { found: 2, of: 3 })]);
        assert_eq!(find("shc:/1/2/5676 shc:/2/2/5676 shc:/1/2/5677"), [Err(Fault::MixedParts { of: 2 })], "whose is the second?");
        assert_eq!(find("shc:/1/2/5676 shc:/1/2/5676 shc:/2/2/5676").iter().filter(|card| card.is_ok()).count(), 1, "scanned twice");
        assert_eq!(find("shc:/2/2/01 shc:/1/2/56"), [Ok("e.".to_owned())]);
        assert_eq!(find("SHC:/2/2/01 Shc:/1/2/56"), [Ok("e.".to_owned())]);
        assert_eq!(find("\u{feff}shc:/1/2/56\n\u{feff}SHC:/2/2/01\r\n"), [Ok("e.".to_owned())]);
        assert_eq!(find("\u{feff} {\"verifiableCredential\": [\"a.b.c\"]}"), [Ok("a.b.c".to_owned())]);
        assert_eq!(find("shcé"), [Err(Fault::NoCard)]);
        assert_eq!(find("shc:/1/99/56"), [Err(Fault::Digits)]);
        assert!(matches!(read("a.b"), Err(Fault::Shape)));
    }

    #[test]
    fn several_cards_are_found_together() {
        let (one, other): (Result<String, Fault>, Result<String, Fault>) = (Ok("e".to_owned()), Ok(".".to_owned()));
        assert_eq!(find("shc:/56 shc:/01 shc:/56"), [one.clone(), other.clone()]);
        assert_eq!(find(r#"{"verifiableCredential": ["e", ".", 5]}"#), [one.clone(), other, Err(Fault::NoCard)]);
        assert_eq!(find("shc:/56 shc:/1/2/56"), [one, Err(Fault::MissingParts { found: 1, of: 2 })]);
        let many: String = (0..30).map(|number| format!("shc:/56{number:02} ")).collect();
        assert_eq!(find(&many).len(), MOST_CARDS + 1);
        assert_eq!(find(&many).pop(), Some(Err(Fault::TooMany { most: MOST_CARDS })));
    }

    #[test]
    fn codes_of_one_card_come_one_after_the_other() {
        let first = together("", "shc:/1/2/56");
        assert_eq!(find(&together(&first, "shc:/2/2/01")), [Ok("e.".to_owned())]);
        assert_eq!(together(&first, "shc:/56"), "shc:/56", "a card of its own begins anew");
        assert_eq!(together(&first, "shc:/1/3/56"), "shc:/1/3/56", "so does one of another number of codes");
        assert_eq!(together("shc:/1/2/01\nshc:/01", "shc:/1/2/56\nshc:/2/2/01"), "shc:/1/2/01\nshc:/1/2/56\nshc:/2/2/01");
    }

    #[test]
    fn times_are_numbers() {
        let with = |nbf: Value, exp: Value| {
            let payload = serde_json::json!({"iss": "https://a.example", "nbf": nbf, "exp": exp, "vc": {
                "type": ["https://smarthealth.cards#health-card"], "credentialSubject": {"fhirBundle": {"entry": []}}}});
            let mut deflated = Vec::new();
            let text = payload.to_string();
            flate2::read::DeflateEncoder::new(text.as_bytes(), flate2::Compression::best()).read_to_end(&mut deflated).expect("deflated");
            let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
            read(&format!("{}.{}.AA", encoded(br#"{"zip":"DEF","alg":"ES256","kid":"k"}"#), encoded(&deflated))).map(|card| card.kid)
        };
        assert_eq!(with(1.into(), Value::Null), Ok("k".to_owned()));
        assert_eq!(with(1.into(), 2.into()), Ok("k".to_owned()));
        assert_eq!(with(1.into(), "2".into()), Err(Fault::Content));
        assert_eq!(with("1".into(), Value::Null), Err(Fault::Content));
    }

    #[test]
    fn a_list_takes_back_cards_by_id_and_by_the_time_they_were_signed() {
        let card = Card::for_tests(serde_json::json!({"nbf": 1000.5, "vc": {"rid": "abc"}}));
        for (entry, taken) in
            [("abc", true), ("abd", false), ("abc.1001", true), ("abc.1000", false), ("abd.2000", false), ("abc.x", false)]
        {
            assert_eq!(card.is_taken_back_by(entry), taken, "{entry}");
        }
        assert!(!Card::for_tests(serde_json::json!({"nbf": 1})).is_taken_back_by(""), "a card without an id is on no list");
    }

    #[test]
    fn an_issuer_is_listed_without_mistakes_or_not_at_all() {
        let listed = |iss: &str, kid: &str, x: &str| {
            let key =
                serde_json::json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": "eZXwxvO1hvCY0KucrPfKo7yAyMT6Ajc3N7OkAB6VYy8"});
            Trust::read(&serde_json::json!([{"iss": iss, "name": "A", "keys": [key]}]).to_string())
        };
        let (iss, kid, x) =
            ("https://a.example", "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s", "11XvRWy1I2S0EyJlyf_bWfw_TQ5CJJNLw78bHXNxcgw");
        assert!(listed(iss, kid, x).is_ok_and(|trust| trust.0[0].revoked.is_empty()));
        let refused = |found: Result<Trust, String>, why: &str| assert!(found.is_err_and(|said| said.contains(why)), "{why}");
        refused(listed("https://a.example/", kid, x), "no slash");
        refused(listed("a.example", kid, x), "https://");
        refused(listed(iss, "other", x), kid);
        refused(listed(iss, kid, "AAAA"), "no public key");
        refused(Trust::read("{}"), "no list");
    }

    #[test]
    fn published_cards_hold_and_changed_ones_do_not() {
        let Some(folder) = examples() else { return };
        let keys: Value = serde_json::from_str(&text(&folder, "issuer-jwks.json")).expect("keys");
        let only = |text: &str| find(text).pop().unwrap_or(Err(Fault::NoCard)).and_then(|jws| read(&jws));
        let card = |name: &str| only(&text(&folder, name));
        let first = card("hl7-spec/example-00-d-jws.txt").expect("a card");
        let trusted = |iss: &str| TrustedIssuer {
            iss: iss.to_owned(),
            name: "The specification".into(),
            keys: keys["keys"].as_array().expect("keys").clone(),
            revoked: HashMap::from([("3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s".to_owned(), Vec::new())]),
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
        let several = only(&several).expect("three codes");
        assert_eq!(several.judge(&issuers, now), Judgement::Holds("The specification".into()));
        assert_eq!(first.judge(&[], now), Judgement::UnknownIssuer);
        let without_list = [TrustedIssuer { revoked: HashMap::new(), ..issuers[0].clone() }];
        assert_eq!(first.judge(&without_list, now), Judgement::HoldsAsSigned("The specification".into()));
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
        // Only white space stands around it, which does not change what was signed.
        let spaced = card("dev-tools-testdata/test-example-00-e-file-trailing_chars.smart-health-card").expect("a card");
        assert_eq!(spaced.judge(&[trusted(&spaced.issuer)], now), Judgement::Holds("The specification".into()));
    }
}
