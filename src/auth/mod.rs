//! Passwords, one-time codes, tokens, and the keys behind them. Knows no database and no web.
#![deny(missing_docs)]

mod access;
mod keys;
mod password;
mod recovery;
mod secret;
mod totp;
mod vault;

pub use access::{Access, AccessSettings, AccessTokens, BadToken, Issued};
pub use keys::{BadKeys, Keys, new_key};
pub use password::{BadPassword, Effort, Passwords};
pub use recovery::{recovery_code, recovery_digest};
pub use secret::{digest, random, random_token};
pub use totp::{Enrolment, code_at, matching_step};
pub use vault::{Unreadable, Vault};

/// Everything that guards accounts, put together once at start.
pub struct Auth {
    /// Passwords.
    pub passwords: Passwords,
    /// Secrets at rest.
    pub vault: Vault,
    /// Access tokens.
    pub tokens: AccessTokens,
}

impl Auth {
    /// From keys and settings.
    pub fn new(keys: &Keys, effort: Effort, access: AccessSettings) -> Self {
        Self { passwords: Passwords::new(effort), vault: Vault::new(keys), tokens: AccessTokens::new(keys, access) }
    }
}
