//! The only room that knows SQL: two engines behind one connection type, the
//! tables, and a file for each family of them.
//!
//! All functions are synchronous; a web handler calls them from `web::block`, but for a [glance](Store::glance).
//! Those on a [`Db`] run inside [`Store::read`], [`Store::snapshot`] or [`Store::write`].
//!
//! One row by its key is asked for by `.get_result`, not by `.first`: that adds `LIMIT ?`, and a statement with such
//! a bound is prepared anew by SQLite whenever it is run, which costs more than running it.
#![deny(missing_docs)]

#[macro_use]
mod bulk;

pub mod accounts;
pub mod agencies;
pub mod applications;
mod around;
pub mod asking;
pub mod audit;
pub mod calendar_feeds;
pub mod calendars;
pub mod certificates;
pub mod coach_changes;
pub mod coachees;
pub mod coaches;
pub mod cohort_terms;
pub mod cohorts;
mod connect;
pub mod credit;
pub mod data_requests;
pub mod db;
pub mod delivery;
pub mod doctor;
pub mod earlier;
pub mod email_changes;
#[allow(missing_docs)]
mod engine;
mod error;
mod fixed;
pub mod idempotency;
mod ids;
pub mod invitations;
pub mod jobs;
pub mod letters;
pub mod levels;
pub mod limits;
pub mod mail_preferences;
mod migrate;
pub mod monitoring;
pub mod notices;
pub mod numbers;
pub mod offers;
pub mod outbox;
mod page;
pub mod pair_work;
pub mod pairings;
pub mod pairs;
pub mod people;
pub mod personal;
mod persons;
pub mod places;
pub mod questions;
pub mod rankings;
pub mod read_coaches;
pub mod read_runs;
pub mod records;
pub mod reference;
pub mod requests;
pub mod run_agencies;
pub mod run_conditions;
pub mod run_inputs;
pub mod run_progress;
pub mod runs;
mod safe;
mod saved;
#[allow(missing_docs)]
mod schema;
pub mod seals;
pub mod session_letters;
pub mod session_notes;
pub mod sessions;
pub mod sign_ins;
pub mod sign_up_claims;
pub mod superiors;
mod target;
pub mod tickets;
mod ties;
pub mod types;
mod what_if;

pub use db::{Db, Store, StoreSettings};
pub use error::{Failure, StoreError, StoreResult};
pub use ids::{
    AccountId, ActionItemId, AnyId, ApplicationId, AssessmentId, AuditId, CertificateId, ClaimId, CohortId, ConsentId,
    DataRequestId, EmailChangeId, ExceptionId, GoalId, InvitationId, NoteId, OfferId, OutboxId, OverrideId, PairingId,
    PersonId, PolicyId, QuestionId, RequestId, ResourceId, RunId, SessionId, SignInId, SignUpClaimId, TicketId,
};
pub use page::Page;
use saved::CHUNK;
pub use saved::Saved;
pub use target::Target;

/// Somebody else has changed the thing since it was read.
fn lost(thing: &str) -> StoreError {
    StoreError::Conflict(format!("the {thing} was changed in the meantime"))
}

/// Rows of a list, each with the key of its owner, put together by owner; the order stays.
fn grouped<K, T>(rows: Vec<(K, types::Word<T>)>) -> std::collections::HashMap<K, Vec<T>>
where
    K: std::hash::Hash + Eq,
{
    let mut groups = std::collections::HashMap::<K, Vec<T>>::new();
    for (owner, value) in rows {
        groups.entry(owner).or_default().push(value.0);
    }
    groups
}

/// A list whose order says nothing, in the order in which it is loaded: sorted, each item once.
fn sorted<T: Clone + Ord>(list: &[T]) -> Vec<T> {
    let mut list = list.to_vec();
    list.sort_unstable();
    list.dedup();
    list
}
