//! Secrets at rest: encrypted, bound to their place, under keys that can be rotated.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::keys::{Keys, hmac};
use super::secret::{hex, random};
use crate::domain::NumberSafe;

const NONCE: usize = 24;

/// Encrypts with XChaCha20-Poly1305. What is sealed reads `KEY_ID:BASE64(nonce, ciphertext)`.
pub struct Vault {
    ciphers: Vec<(String, XChaCha20Poly1305)>,
    prints: Vec<[u8; 32]>,
    successions: Vec<[u8; 32]>,
    indexes: Vec<(String, [u8; 32])>,
}

/// What is sealed cannot be opened: another place, another key, or damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened; is its key still among the settings?")]
pub struct Unreadable;

impl Vault {
    /// With keys, the first of which seals.
    pub fn new(keys: &Keys) -> Self {
        let bytes = |usage| keys.derive(usage).into_iter().map(|(_, bytes)| bytes).collect();
        let ciphers = keys.derive("vault").into_iter().map(|(id, key)| (id, XChaCha20Poly1305::new(&key.into())));
        Self {
            ciphers: ciphers.collect(),
            prints: bytes("fingerprint"),
            successions: bytes("succession"),
            indexes: keys.derive("blind index"),
        }
    }

    /// Seals a value for one place, such as `accounts.totp_secret ID`: moved elsewhere it does not open.
    ///
    /// # Panics
    /// Never: the cipher takes anything shorter than 256 GiB.
    pub fn seal(&self, plain: &[u8], place: &str) -> String {
        let (id, cipher) = &self.ciphers[0];
        let nonce = random::<NONCE>();
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).expect("a short value");
        format!("{id}:{}", STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for a place.
    ///
    /// # Errors
    /// When it was sealed for another place or with a key that is gone, or is damaged.
    pub fn open(&self, sealed: &str, place: &str) -> Result<Vec<u8>, Unreadable> {
        let (id, text) = sealed.split_once(':').ok_or(Unreadable)?;
        let (_, cipher) = self.ciphers.iter().find(|(known, _)| known == id).ok_or(Unreadable)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| Unreadable)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or(Unreadable)?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unreadable)
    }

    /// Whether a sealed value has the present key.
    pub fn is_current(&self, sealed: &str) -> bool {
        sealed.split_once(':').is_some_and(|(id, _)| id == self.ciphers[0].0)
    }

    /// A mark by which something personal, such as a network address, is known again and not found out.
    pub fn fingerprint(&self, text: &str) -> String {
        hex(&hmac(&self.prints[0], text.as_bytes())[..16])
    }

    /// A digest that says nothing about bytes that can be guessed, such as those with a password in them.
    pub fn keyed_digest(&self, bytes: &[u8]) -> String {
        hex(&hmac(&self.prints[0], bytes))
    }

    /// What may follow a token, the present key's first. Always the same for the same token, so that
    /// it can be told again without being kept; without the keys nobody can tell it.
    pub fn successors(&self, token: &str) -> impl Iterator<Item = String> {
        self.successions.iter().map(move |key| URL_SAFE_NO_PAD.encode(hmac(key, token.as_bytes())))
    }
}

/// What the mark of a key is made of; no number, for numbers are digits.
const MARK: &[u8] = b"the mark of this key";

impl NumberSafe for Vault {
    fn seal(&self, digits: &str, place: &str) -> String {
        Vault::seal(self, digits.as_bytes(), place)
    }

    fn open(&self, sealed: &str, place: &str) -> Option<String> {
        String::from_utf8(Vault::open(self, sealed, place).ok()?).ok()
    }

    fn blind_indexes(&self, digits: &str) -> Vec<String> {
        self.indexes.iter().map(|(_, key)| hex(&hmac(key, digits.as_bytes())[..16])).collect()
    }

    fn is_current(&self, sealed: &str) -> bool {
        Vault::is_current(self, sealed)
    }

    fn keys(&self) -> Vec<(String, String)> {
        self.indexes.iter().map(|(id, key)| (id.clone(), hex(&hmac(key, MARK)[..16]))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn vault(keys: &[&str]) -> Vault {
        Vault::new(&Keys::parse(keys.iter().copied()).unwrap())
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let vault = vault(&[OLD]);
        let sealed = vault.seal(b"secret", "a 1");
        assert!(!sealed.contains("secret") && sealed.starts_with("old:"));
        assert_eq!(vault.open(&sealed, "a 1").unwrap(), b"secret");
        assert_eq!(vault.open(&sealed, "a 2"), Err(Unreadable));
        assert_ne!(sealed, vault.seal(b"secret", "a 1"));
        for at in [5, sealed.len() / 2, sealed.len() - 2] {
            let mut broken = sealed.clone().into_bytes();
            broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(vault.open(&String::from_utf8(broken).unwrap(), "a 1"), Err(Unreadable));
        }
        for nonsense in ["", "old", "old:", "old:AA", "x:AA", "old:é"] {
            assert_eq!(vault.open(nonsense, "a 1"), Err(Unreadable));
        }
    }

    #[test]
    fn numbers_are_known_again_by_those_who_have_the_key() {
        let (before, after) = (vault(&[OLD]), vault(&[NEW, OLD]));
        let old = before.blind_indexes("198503122010011001");
        assert_eq!((old.len(), old[0].len()), (1, 32));
        assert_eq!(after.blind_indexes("198503122010011001")[1], old[0]);
        assert_ne!(before.blind_indexes("198503122010011002"), old);
        assert_eq!(after.keys()[1], before.keys()[0]);
        let same_id = vault(&["old:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="]);
        assert_ne!(same_id.keys(), before.keys());
        let sealed = NumberSafe::seal(&before, "198503122010011001", "p");
        assert_eq!(NumberSafe::open(&after, &sealed, "p").as_deref(), Some("198503122010011001"));
        assert_eq!(NumberSafe::open(&after, &sealed, "q"), None);
    }

    #[test]
    fn keys_are_rotated() {
        let (before, after, later) = (vault(&[OLD]), vault(&[NEW, OLD]), vault(&[NEW]));
        let sealed = before.seal(b"secret", "p");
        assert_eq!(after.open(&sealed, "p").unwrap(), b"secret");
        assert!(!after.is_current(&sealed) && after.is_current(&after.seal(b"secret", "p")));
        assert_eq!(later.open(&sealed, "p"), Err(Unreadable));
        let next = before.successors("t").next().unwrap();
        assert!(after.successors("t").any(|one| one == next));
    }
}
