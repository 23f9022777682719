//! Passwords: Argon2id, off the async threads, a bounded number at a time.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::base::error::Error;

/// Memory in KiB, passes and lanes: the least that OWASP's Password Storage Cheat Sheet recommends for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How long a sign-in waits for its turn before it is told to try again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hashes and verifies passwords. However many people sign in at once, no more than `at_once` hashes are in memory.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Verified when there is no such account, so that it takes the same time.
    nobodys: Arc<str>,
}

/// What came of a verification.
pub struct Verified {
    pub matches: bool,
    /// A hash with today's parameters, when the stored one had others.
    pub upgrade: Option<String>,
}

impl Passwords {
    /// `at_once`: how many hashes of 19 MiB may be computed at a time.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn new(at_once: usize) -> Result<Self, password_hash::Error> {
        Ok(Self { permits: Arc::new(Semaphore::new(at_once.max(1))), nobodys: hash("nobody's password")?.into() })
    }

    /// A hash with its parameters and a fresh salt, in PHC string format.
    ///
    /// # Errors
    /// `Busy` when the turn does not come in time.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.run(move || hash(&password)).await?.map_err(|error| Error::unexpected("password hash", &error))
    }

    /// Compares with a stored hash, or with nobody's in the same time.
    ///
    /// # Errors
    /// `Busy` when the turn does not come in time.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<Verified, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobodys.to_string());
        self.run(move || {
            let parsed = PasswordHash::new(&stored)?;
            let matches = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known;
            // A stored hash also tells its length, which ours leave to the default: only what it costs counts.
            let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
            let is_old = cost(&Params::try_from(&parsed)?) != cost(&params()?);
            let upgrade = if matches && is_old { Some(hash(&password)?) } else { None };
            Ok::<_, password_hash::Error>(Verified { matches, upgrade })
        })
        .await?
        .map_err(|error| Error::unexpected("password verification", &error))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let permit = timeout(PATIENCE, self.permits.clone().acquire_owned()).await.map_err(|_| Error::Busy)?;
        let permit = permit.map_err(|closed| Error::unexpected("password permits", &closed))?;
        let done = spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        done.await.map_err(|error| Error::unexpected("password thread", &error))
    }
}

fn params() -> Result<Params, argon2::Error> {
    Params::new(MEMORY_KIB, PASSES, LANES, None)
}

fn hash(password: &str) -> Result<String, password_hash::Error> {
    let mut salt = [0u8; 16];
    getrandom::fill(&mut salt).map_err(|_| password_hash::Error::Crypto)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?);
    Ok(argon2.hash_password(password.as_bytes(), &SaltString::encode_b64(&salt)?)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_itself_only() {
        let passwords = Passwords::new(1).expect("randomness");
        let stored = passwords.hash("correct horse".into()).await.expect("a hash");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let right = passwords.verify("correct horse".into(), Some(stored.clone())).await.expect("verified");
        assert!(right.matches && right.upgrade.is_none());
        assert!(!passwords.verify("wrong".into(), Some(stored)).await.expect("verified").matches);
        assert!(!passwords.verify("nobody's password".into(), None).await.expect("verified").matches);
    }

    #[tokio::test]
    async fn an_old_hash_is_upgraded_when_its_owner_signs_in() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).expect("parameters"));
        let salt = SaltString::encode_b64(b"0123456789abcdef").expect("a salt");
        let stored = weak.hash_password(b"secret", &salt).expect("a hash").to_string();
        let passwords = Passwords::new(1).expect("randomness");
        let found = passwords.verify("secret".into(), Some(stored)).await.expect("verified");
        assert!(found.matches);
        assert!(found.upgrade.is_some_and(|hash| hash.contains("m=19456,t=2,p=1")));
    }
}
