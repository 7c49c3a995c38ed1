//! What the two faces of the service, the API and the pages, have in common: the way to the
//! database, the reader's language, and the guard that every request passes.

mod body;
mod callers;
mod cookies;
mod cors;
mod counted;
mod desk;
mod evenly;
mod form;
mod gate;
mod guard;
mod once;
mod origin;
mod paced;
mod params;
mod public;
mod reader;
mod seen;
mod unbound;
mod visitor;

pub use body::{Body, BodyTime};
pub use callers::{
    Admin, Auditor, Callers, Coach, Coachee, CoachesReader, NationalAdmin, OpenResults, Overseer, ResultsReader,
    SignedIn, Watcher,
};
pub use cookies::Cookie;
pub use cors::{CorsOrigins, cors};
pub use counted::{Counters, counted};
pub use desk::{Desk, done, gone_to, told};
pub use evenly::evenly;
pub use form::{Form, Holder, KEY, SEAL};
pub use gate::Gate;
use guard::for_program;
pub use guard::{MaxBody, Rendered, RouteTable, guard, no_such_route};
pub use once::Once;
pub use origin::{Origin, TrustedProxies};
pub use paced::paced;
pub use params::{DEFAULT_LIMIT, MAX_LIMIT, Params, encoded};
pub use public::Public;
pub use reader::Reader;
pub use seen::{MaySeen, MaySeenAs, Seen, tag_of, tag_of_bytes};
pub use unbound::Unbound;
pub use visitor::{
    Anybody, PageAdmin, PageCoach, PageCoachee, PageNationalAdmin, PageOverseer, PageResultsReader, PageSignedIn,
    own_path,
};
