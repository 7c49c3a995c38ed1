//! Use cases: a file a noun, a function a verb. Each that changes something is one transaction
//! with its audit entry. All faces are thin over them.

pub mod demo;
pub mod directory;
mod error;
pub mod import;
pub mod results;
pub mod runs;
pub mod schema;
pub mod stored;

pub use error::{ServiceError, ServiceResult};
