//! What can go wrong in the store, by what a caller can do about it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, opened or written. The text says what is
    /// in the way and can be shown to whoever runs the program.
    #[error("{0}")]
    Unavailable(String),
    /// Others were first, again and again; trying later may help.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// A constraint or an expected state stands against it; trying again does not help.
    #[error("conflict: {0}")]
    Conflict(String),
    /// There is no such row.
    #[error("not found")]
    NotFound,
    /// A mistake in the program or a damaged row. For the log, not for clients.
    #[error("internal error of the store: {0}")]
    Internal(String),
}

/// The result of everything in this room.
pub type StoreResult<T> = Result<T, StoreError>;

/// An error that the body of a [`write`](super::Store::write) may end with. The
/// store looks into it to learn whether the transaction is worth another try.
pub trait Failure: From<StoreError> {
    /// The store's own error, if that is what ended the body.
    fn store_error(&self) -> Option<&StoreError>;
}

impl Failure for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl StoreError {
    /// A row that this program cannot have written.
    pub(super) fn damaged(table: &str, what: impl std::fmt::Display) -> Self {
        Self::Internal(format!("damaged row in {table}: {what}"))
    }
}

/// Engines tell some things only in words. These are SQLite's and PostgreSQL's
/// own, as far as they mean that another attempt may succeed.
const BUSY: &[&str] = &["is locked", "deadlock detected", "statement timeout", "lock timeout"];

/// And these mean that something outside the program must change first.
const UNAVAILABLE: &[(&str, &str)] = &[
    ("readonly database", "the database is not writable"),
    ("disk is full", "the disk is full"),
    ("No space left", "the disk of the database server is full"),
    ("unable to open database file", "the database file cannot be opened"),
    ("not a database", "the file is not a database"),
    ("malformed", "the database file is damaged"),
    ("disk I/O error", "the disk of the database fails"),
    ("terminating connection", "the database server is going down"),
    ("server closed the connection", "the database server is gone"),
];

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::BrokenTransactionManager => Self::Unavailable("the connection to the database broke".into()),
            DieselError::DatabaseError(kind, info) => match kind {
                Kind::UniqueViolation
                | Kind::ForeignKeyViolation
                | Kind::NotNullViolation
                | Kind::CheckViolation
                | Kind::RestrictViolation
                | Kind::ExclusionViolation => Self::Conflict(info.message().to_owned()),
                Kind::SerializationFailure => Self::Busy("others changed the same rows".into()),
                Kind::ClosedConnection | Kind::UnableToSendCommand => {
                    Self::Unavailable("the connection to the database broke".into())
                }
                _ => Self::from_words(info.message()),
            },
            other => Self::Internal(other.to_string()),
        }
    }
}

impl StoreError {
    fn from_words(message: &str) -> Self {
        if BUSY.iter().any(|words| message.contains(words)) {
            return Self::Busy(message.to_owned());
        }
        match UNAVAILABLE.iter().find(|(words, _)| message.contains(words)) {
            Some((_, plain)) => Self::Unavailable((*plain).to_owned()),
            None => Self::Internal(message.to_owned()),
        }
    }
}
