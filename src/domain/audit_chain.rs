//! The chain of the audit log: each entry's digest covers the entry and the digest of the one before, so that
//! nothing can be changed, taken out, put in or moved without every later digest being another.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Says what is digested, and in which form: another form has another number.
const FORM: &[u8] = b"coachnet audit entry 1\0";

/// A digest of the chain: SHA-256.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChainDigest([u8; 32]);

/// An entry in its place, as it is digested.
#[derive(Debug, Clone, Copy)]
pub struct ChainedEntry<'a> {
    /// The place: 1 for the first.
    pub sequence: i64,
    /// The id.
    pub id: Uuid,
    /// When it happened, in microseconds since 1970.
    pub at: i64,
    /// Who did it.
    pub actor: &'a str,
    /// What was done.
    pub action: &'a str,
    /// To what kind of thing.
    pub subject_kind: &'a str,
    /// To which one, if to one.
    pub subject: Option<Uuid>,
    /// What changed: JSON, byte for byte as kept.
    pub changes: &'a str,
}

impl ChainDigest {
    /// What stands before the first entry.
    pub const START: Self = Self([0; 32]);

    /// The digest of the entry that follows this one.
    ///
    /// The bytes are the same whatever the database keeps the entry in: whole numbers of 8 bytes, the highest
    /// first; ids of 16 bytes; texts in UTF-8 behind their length; a byte that says whether there is a subject.
    #[must_use]
    pub fn followed_by(&self, entry: &ChainedEntry) -> Self {
        let mut hash = Sha256::new().chain_update(FORM).chain_update(self.0);
        hash.update(entry.sequence.to_be_bytes());
        hash.update(entry.id.as_bytes());
        hash.update(entry.at.to_be_bytes());
        for text in [entry.actor, entry.action, entry.subject_kind] {
            feed(&mut hash, text);
        }
        hash.update([u8::from(entry.subject.is_some())]);
        hash.update(entry.subject.unwrap_or_default().as_bytes());
        feed(&mut hash, entry.changes);
        Self(hash.finalize().into())
    }
}

fn feed(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
}

impl fmt::Display for ChainDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is no digest of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits")]
pub struct BadChainDigest;

impl FromStr for ChainDigest {
    type Err = BadChainDigest;

    fn from_str(text: &str) -> Result<Self, BadChainDigest> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(BadChainDigest);
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or(BadChainDigest)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| BadChainDigest)?;
        }
        Ok(Self(bytes))
    }
}

/// The end of the chain: how many entries are sealed, and the digest of the last. Written `12:5e…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// The place of the last entry; 0 when there is none.
    pub sequence: i64,
    /// Its digest.
    pub digest: ChainDigest,
}

impl ChainHead {
    /// The end of a chain without entries.
    pub const START: Self = Self { sequence: 0, digest: ChainDigest::START };
}

impl fmt::Display for ChainHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.digest)
    }
}

/// A text is no head of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected NUMBER:DIGEST as `coachnet audit head` prints it")]
pub struct BadChainHead;

impl FromStr for ChainHead {
    type Err = BadChainHead;

    fn from_str(text: &str) -> Result<Self, BadChainHead> {
        let (sequence, digest) = text.trim().split_once(':').ok_or(BadChainHead)?;
        let sequence = sequence.parse().ok().filter(|number| *number >= 0).ok_or(BadChainHead)?;
        Ok(Self { sequence, digest: digest.parse().map_err(|_| BadChainHead)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: ChainedEntry = ChainedEntry {
        sequence: 1,
        id: Uuid::from_u128(0x019aa3c2_5d1e_7c3a_9b0e_3f1d2c4b5a69),
        at: 1_795_000_000_000_000,
        actor: "cli",
        action: "run.published",
        subject_kind: "run",
        subject: Some(Uuid::from_u128(7)),
        changes: r#"{"matched":3}"#,
    };

    /// What was sealed once has to be verified for ever: the form is pinned.
    #[test]
    fn the_form_stays() {
        let digest = ChainDigest::START.followed_by(&ENTRY);
        assert_eq!(digest.to_string(), "2c090e4556c79d5e4b7bef58d4164d8f6251877800952aaf1defa7faab002031");
    }

    #[test]
    fn everything_counts() {
        let digest = ChainDigest::START.followed_by(&ENTRY);
        let others = [
            ChainedEntry { sequence: 2, ..ENTRY },
            ChainedEntry { id: Uuid::from_u128(1), ..ENTRY },
            ChainedEntry { at: ENTRY.at + 1, ..ENTRY },
            ChainedEntry { actor: "clj", ..ENTRY },
            ChainedEntry { actor: "clirun.published", action: "", ..ENTRY },
            ChainedEntry { subject_kind: "runs", ..ENTRY },
            ChainedEntry { subject: None, ..ENTRY },
            ChainedEntry { subject: Some(Uuid::nil()), ..ENTRY },
            ChainedEntry { changes: r#"{"matched":4}"#, ..ENTRY },
        ];
        for other in others {
            assert_ne!(ChainDigest::START.followed_by(&other), digest, "{other:?}");
        }
        assert_ne!(digest.followed_by(&ENTRY), digest);
    }

    #[test]
    fn heads_are_written_and_read() {
        let head = ChainHead { sequence: 12, digest: ChainDigest::START.followed_by(&ENTRY) };
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in ["", "12", "12:", ":00", "-1:00", "1:é", &head.to_string()[1..20]] {
            assert_eq!(wrong.parse::<ChainHead>(), Err(BadChainHead), "{wrong}");
        }
    }
}
