//! Use cases: a file a noun, a function a verb. Both faces are thin over them.

pub mod directory;
pub mod import;
pub mod results;
pub mod schema;
pub mod stored;
