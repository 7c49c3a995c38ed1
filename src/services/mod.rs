//! Use cases: a file a noun, a function a verb. Each that changes something is one transaction
//! with its audit entry. All faces are thin over them.

pub mod accounts;
pub mod act;
mod caller;
pub mod coach_applications;
pub mod coaches;
mod context;
pub mod dead_letters;
pub mod demo;
mod denial;
pub mod directory;
pub mod doctor;
mod eligible;
pub mod email_changes;
mod error;
pub mod housekeeping;
pub mod idempotency;
pub mod import;
pub mod invitations;
pub mod letters;
pub mod limits;
mod mails;
pub mod offers;
pub mod pairings;
pub mod passwords;
mod publish;
pub mod questions;
mod refusal;
pub mod requests;
pub mod results;
pub mod runs;
pub mod schema;
pub mod second_factor;
pub mod sign_ins;
pub mod sign_ups;
mod steps;
pub mod stored;

pub use act::{Act, Actor};
pub use caller::{Caller, Right};
pub use context::Context;
pub use denial::{Denial, Fault};
pub use error::{ServiceError, ServiceResult};
pub use refusal::Refusal;
