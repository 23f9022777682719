//! How browsers find a way to each other: servers for STUN and TURN, with credentials for a time.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::{base::error::Error, platform::tokens::random_hex};

/// For so many seconds credentials hold: longer than visits take.
pub const HOLDS: i64 = 3600 * 6;

/// What an organisation has for visits by video.
#[derive(Clone, Debug, Default)]
pub struct IceSettings {
    pub stun: Vec<String>,
    pub turn: Vec<String>,
    /// The secret that the relay shares with the portal.
    pub secret: String,
    /// Browsers do not learn each other's addresses.
    pub relay_only: bool,
}

impl IceSettings {
    /// What a browser needs, at this second. The user name and its password are those of the "REST API for access to TURN services"
    /// (draft-uberti-behave-turn-rest-00, coturn's `use-auth-secret`): the password is the HMAC-SHA1 of the name, and the name begins with the
    /// second until which it holds.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn for_browser(&self, now: i64) -> Result<Value, Error> {
        let mut servers = Vec::new();
        if !self.stun.is_empty() {
            servers.push(json!({"urls": self.stun}));
        }
        if !self.turn.is_empty() {
            let username = format!("{}:{}", now + HOLDS, random_hex()?);
            let credential = credential(&self.secret, &username)?;
            servers.push(json!({"urls": self.turn, "username": username, "credential": credential}));
        }
        Ok(json!({"ice": servers, "relayOnly": self.relay_only, "iceSeconds": HOLDS}))
    }
}

fn credential(secret: &str, username: &str) -> Result<String, Error> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map_err(|error| Error::unexpected("turn", &error))?;
    mac.update(username.as_bytes());
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `turnserver --use-auth-secret` computes it: `echo -n NAME | openssl dgst -sha1 -hmac SECRET -binary | base64`.
    #[test]
    fn a_password_is_the_one_that_the_relay_computes() {
        let found = credential("north", "1700000000:ab12").expect("a password");
        assert_eq!(found, "9/aCM+T5dzzM5n7JTIUjl9Job3E=");
    }

    #[test]
    fn without_servers_there_are_none() {
        let found = IceSettings::default().for_browser(0).expect("an answer");
        assert_eq!(found, json!({"ice": [], "relayOnly": false, "iceSeconds": HOLDS}));
    }
}
