//! Why a use case did not do what was asked.

use super::Denial;
use super::Refusal;
use crate::domain::PersonCode;
use crate::matching::Rule;
use crate::store::{Failure, StoreError};

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// What was asked for is not there.
    #[error("{0}")]
    Missing(String),
    /// The state of things stands against it.
    #[error("{0}")]
    Conflict(String),
    /// It is not done, for a reason that the one who asks is told.
    #[error("denied: {0}")]
    Denied(Denial),
    /// The state of things stands against it, for a reason that has a name.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// A coach whom hard rules forbid to this coachee.
    #[error("{coach} cannot be the coach: {}", rules.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", "))]
    RuledOut {
        /// The coach.
        coach: PersonCode,
        /// The rules, at least one.
        rules: Vec<Rule>,
    },
    /// The one who asks may not do this.
    #[error("not allowed")]
    Forbidden,
    /// What was given cannot be used.
    #[error("{0}")]
    Invalid(String),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A mistake in the program.
    #[error("{0}")]
    Internal(String),
}

impl From<Denial> for ServiceError {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The result of every use case.
pub type ServiceResult<T> = Result<T, ServiceError>;

impl Failure for ServiceError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            ServiceError::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl ServiceError {
    /// A refusal of the store in words that name the thing.
    pub(super) fn about(self, thing: &str) -> Self {
        match self {
            ServiceError::Store(StoreError::NotFound) => ServiceError::Missing(format!("there is no such {thing}")),
            ServiceError::Store(StoreError::Conflict(why)) => ServiceError::Conflict(format!("the {thing}: {why}")),
            other => other,
        }
    }
}
