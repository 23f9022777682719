//! A signed card, as small as the specification demands.

use std::io::Write as _;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Map, Value, json};

use super::key::Key;
use crate::base::error::Error;

/// Whom a card is about: nothing but what tells two people apart.
pub struct Person {
    pub given: String,
    pub family: String,
    /// A day, or as much of it as the record knows.
    pub birth_date: String,
}

impl Person {
    fn resource(&self) -> Value {
        let mut name = Map::new();
        if !self.family.is_empty() {
            name.insert("family".to_owned(), json!(self.family));
        }
        name.insert("given".to_owned(), json!([self.given]));
        json!({"resourceType": "Patient", "name": [name], "birthDate": self.birth_date})
    }
}

/// What a card says.
pub struct Claims<'a> {
    pub issuer: &'a str,
    pub revocation_id: &'a str,
    /// Such as `#immunization`, beside `#health-card`.
    pub types: &'a [&'a str],
    pub person: &'a Person,
    pub resources: Vec<Value>,
}

/// The card as a JWS: header, deflated payload, signature.
///
/// # Errors
/// When it cannot be deflated.
pub fn sign(claims: Claims<'_>, key: &Key, now: DateTime<Utc>) -> Result<String, Error> {
    let types: Vec<String> =
        std::iter::once(&"#health-card").chain(claims.types).map(|name| format!("https://smarthealth.cards{name}")).collect();
    let resources = std::iter::once(claims.person.resource()).chain(claims.resources);
    let entries: Vec<Value> =
        resources.enumerate().map(|(index, resource)| json!({"fullUrl": format!("resource:{index}"), "resource": resource})).collect();
    let payload = json!({
        "iss": claims.issuer,
        "nbf": now.timestamp(),
        "vc": {
            "type": types,
            "credentialSubject": {
                "fhirVersion": "4.0.1",
                "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": entries},
            },
            "rid": claims.revocation_id,
        },
    });
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(payload.to_string().as_bytes()).map_err(|error| Error::unexpected("deflating", &error))?;
    let deflated = deflated.finish().map_err(|error| Error::unexpected("deflating", &error))?;
    let header = json!({"zip": "DEF", "alg": "ES256", "kid": key.kid});
    let signed = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()), BASE64_URL_SAFE_NO_PAD.encode(deflated));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}
