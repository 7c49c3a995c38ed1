//! What a link in a mail is about, for the page that it opens. Looking changes nothing, and counts for
//! nothing: mail scanners look at every link, and nobody guesses 256 bits.

use crate::domain::Role;
use crate::store::types::Stamp;

/// What a link is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Whom it was sent to, if their name is known.
    pub name: Option<String>,
    /// The address of the account that it opens, changes or moves.
    pub email: String,
    /// What they are invited as.
    pub role: Option<Role>,
    /// Whether the address has an account, whose password is asked for instead of a new one.
    pub has_account: bool,
    /// Until when it is good.
    pub until: Stamp,
}
