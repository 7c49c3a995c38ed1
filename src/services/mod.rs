//! Use cases: a file a noun, a function a verb. Each that changes something is one transaction
//! with its audit entry. All faces are thin over them.

pub mod act;
pub mod coaches;
pub mod demo;
pub mod directory;
pub mod doctor;
mod eligible;
mod error;
pub mod import;
pub mod offers;
pub mod pairings;
mod publish;
pub mod questions;
mod refusal;
pub mod requests;
pub mod results;
pub mod runs;
pub mod schema;
mod steps;
pub mod stored;

pub use act::{Act, Actor};
pub use error::{ServiceError, ServiceResult};
pub use refusal::Refusal;
