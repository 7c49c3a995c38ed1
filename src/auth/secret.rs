//! Secrets that somebody holds and we keep as a digest only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A token that nobody guesses: 32 random bytes in 43 characters that go into an address.
///
/// # Panics
/// When the operating system has no random bytes; nothing safe can be done then.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// Random bytes of the operating system.
///
/// # Panics
/// When it has none; nothing safe can be done then.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("random bytes of the operating system");
    bytes
}

/// What is kept of a random secret: its SHA-256 in hexadecimal digits. Enough for secrets with as
/// many bits as ours; passwords are hashed in another way.
pub fn digest(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
