//! The only room that knows SQL: two engines behind one connection type, the
//! tables, and a file for each family of them.
//!
//! All functions are synchronous; a web handler calls them from `web::block`.
//! Those on a [`Db`] run inside [`Store::read`], [`Store::snapshot`] or [`Store::write`].
#![deny(missing_docs)]

#[macro_use]
mod bulk;
mod connect;
pub mod db;
#[allow(missing_docs)]
mod engine;
mod error;
mod ids;
mod migrate;
pub mod read_coaches;
pub mod read_runs;
#[allow(missing_docs)]
mod schema;
mod target;
pub mod types;

pub use db::{Db, Store, StoreSettings};
pub use error::{Failure, StoreError, StoreResult};
pub use ids::{AnyId, AssessmentId, AuditId, CohortId, OverrideId, PersonId, PolicyId, RequestId, RunId};
pub use target::Target;
