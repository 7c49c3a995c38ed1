//! Types and rules of the field: competencies, levels, identity numbers,
//! regions, tiers, policies, state machines. No I/O, no clock, no database.
#![deny(missing_docs)]

#[macro_use]
mod text_enum;

pub mod account;
pub mod admission;
pub mod agency;
pub mod audit_chain;
pub mod certificate_code;
pub mod coach;
pub mod code;
pub mod competency;
pub mod consent;
pub mod credit;
pub mod identity;
pub mod job;
pub mod level;
pub mod notice;
pub mod obstacle;
pub mod offer;
pub mod one_line;
pub mod pairing;
pub mod person;
pub mod policy;
pub mod records;
pub mod reference;
pub mod region;
pub mod reserve;
pub mod run;
pub mod session;
pub mod slots;
pub mod stuck;
pub mod tier;
pub mod waiting;
pub mod what_if;

pub use text_enum::UnknownText;

pub use account::{
    AccountName, AccountStatus, ClaimStatus, Email, InvitationStatus, MailKind, MailStatus, TicketPurpose,
};
pub use admission::{Admission, AdmissionKind};
pub use agency::{AgencyKind, CoachKind, OptOuts};
pub use audit_chain::{ChainDigest, ChainHead, ChainedEntry};
pub use certificate_code::{CertificateCode, certificate_number};
pub use coach::{CoachSource, Language, Languages, Mode, Modes, Verification};
pub use code::{AgencyCode, CompetencyCode, FieldCode, PersonCode, ProvinceCode, RegencyCode};
pub use competency::{AssessmentMethod, CompetencyKind};
pub use consent::{DataRequestStatus, DataWish, Purpose};
pub use credit::{CreditRule, CreditRules, NotCounted};
pub use identity::{Identity, IdentityKind, NumberSafe};
pub use job::{Job, JobFailure, JobHealth};
pub use level::{Level, Levels};
pub use notice::Notice;
pub use obstacle::Obstacle;
pub use offer::{DeclineReason, OfferOrigin, OfferStatus};
pub use one_line::one_line;
pub use pairing::{Agreement, EndReason, PairingStatus, Side};
pub use person::{PersonName, Role};
pub use policy::{Objective, Policy};
pub use reference::Reference;
pub use region::{Reach, Zone};
pub use reserve::{Group, Reserve};
pub use run::{ConditionKind, PairStatus, RequestStatus, RunFailure, RunStatus, RunStep};
pub use session::{
    Attendance, CancelledBy, GoalStatus, HolidayKind, MailClass, PROPOSAL_LIVES_DAYS, Said, SessionStatus,
};
pub use slots::{Quarter, Span};
pub use stuck::{NextStep, Patience, StuckKind};
pub use tier::Tier;
pub use waiting::place_range;
pub use what_if::{WhatIf, WhatIfCoaches};
