//! The secret that seals what must not be read from the database alone.

use std::sync::Arc;

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};

use crate::base::error::Error;

/// The portal's secret: 32 bytes that seal what must not be read from the database alone.
#[derive(Clone)]
pub struct Secret(Arc<Aes256Gcm>);

const NONCE: usize = 12;

impl Secret {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Arc::new(Aes256Gcm::new(&bytes.into())))
    }

    /// A secret made of a token that somebody else keeps, for one purpose.
    pub fn derived(purpose: &str, token: &str) -> Self {
        Self::new(Sha256::new().chain_update(purpose).chain_update([0]).chain_update(token).finalize().into())
    }

    /// Nonce and ciphertext (AES-256-GCM).
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Error> {
        self.seal_at(b"", plain)
    }

    /// Nothing when it was sealed with another secret, or changed.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        self.open_at(b"", sealed)
    }

    /// The same for one place alone: at another it does not open.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn seal_at(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| Error::unexpected("randomness", &error))?;
        let plain = Payload { msg: plain, aad: place };
        let sealed = self.0.encrypt(&nonce.into(), plain).map_err(|error| Error::unexpected("sealing", &error))?;
        Ok([nonce.to_vec(), sealed].concat())
    }

    /// Nothing when it was sealed for another place, with another secret, or changed.
    pub fn open_at(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        self.0.decrypt(&nonce.into(), Payload { msg: sealed, aad: place }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_secret_only() {
        let secret = Secret::new([1; 32]);
        let sealed = secret.seal(b"a key").expect("sealed");
        assert_eq!(secret.open(&sealed).as_deref(), Some(&b"a key"[..]));
        assert_eq!(Secret::new([2; 32]).open(&sealed), None);
        let mut changed = sealed.clone();
        changed[NONCE] ^= 1;
        assert_eq!(secret.open(&changed), None);
        assert_eq!(secret.open(b"short"), None);
        let sealed = Secret::derived("draft", "token").seal(b"typed").expect("sealed");
        assert_eq!(Secret::derived("draft", "token").open(&sealed).as_deref(), Some(&b"typed"[..]));
        assert_eq!((Secret::derived("other", "token").open(&sealed), Secret::derived("draft", "other").open(&sealed)), (None, None));
        assert_ne!(secret.seal(b"a key").expect("sealed"), sealed, "never the same twice");
        let sealed = secret.seal_at(b"here", b"a piece").expect("sealed");
        assert_eq!(secret.open_at(b"here", &sealed).as_deref(), Some(&b"a piece"[..]));
        assert_eq!((secret.open_at(b"there", &sealed), secret.open(&sealed)), (None, None));
    }
}
