//! Use cases: a file a noun, a function a verb. Each is one transaction with its audit entry.

mod error;
pub mod runs;

pub use error::{ServiceError, ServiceResult};
