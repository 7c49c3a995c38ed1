//! What the two faces of the service, the API and the pages, have in common: the way to the
//! database, the reader's language, and the guard that every request passes.

mod gate;
mod guard;
mod params;
mod reader;

pub use gate::Gate;
pub use guard::{MaxBody, guard, no_such_route};
pub use params::{DEFAULT_LIMIT, MAX_LIMIT, Params, encoded};
pub use reader::Reader;
