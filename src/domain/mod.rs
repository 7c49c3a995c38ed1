//! Types and rules of the field: competencies, levels, identity numbers,
//! regions, tiers, policies, state machines. No I/O, no clock, no database.
#![deny(missing_docs)]

#[macro_use]
mod text_enum;

pub mod agency;
pub mod coach;
pub mod code;
pub mod competency;
pub mod identity;
pub mod level;
pub mod person;
pub mod policy;
pub mod records;
pub mod reference;
pub mod region;
pub mod run;
pub mod tier;

pub use text_enum::UnknownText;

pub use agency::{AgencyKind, CoachKind, OptOuts};
pub use coach::{CoachSource, Language, Languages, Mode, Modes, Verification};
pub use code::{AgencyCode, CompetencyCode, FieldCode, PersonCode, ProvinceCode, RegencyCode};
pub use competency::{AssessmentMethod, CompetencyKind};
pub use identity::{Identity, IdentityKind};
pub use level::{Level, Levels};
pub use person::{PersonName, Role};
pub use policy::{Objective, Policy};
pub use reference::Reference;
pub use region::{Reach, Zone};
pub use run::{PairStatus, RequestStatus, RunStatus};
pub use tier::Tier;
