//! What one row of an import says, once it is known to be well-formed.
//!
//! These records are the common ground of files, database, generator and engine:
//! `tabular` reads and writes them, `store` keeps them, `synthetic` invents them,
//! `matching` turns them into columns. References between them are by code and
//! may still point nowhere; `matching` and `services` check that.

use chrono::NaiveDate;

use super::{
    AgencyCode, AgencyKind, AssessmentMethod, CoachSource, CompetencyCode, FieldCode, Identity, Languages, Level,
    Levels, Modes, OptOuts, PersonCode, PersonName, ProvinceCode, RegencyCode, Tier, Verification,
};

/// A civil-service agency or a company.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AgencyRecord {
    /// Its key.
    pub code: AgencyCode,
    /// Its full name, 1 to 200 characters.
    pub name: String,
    /// Its kind.
    pub kind: AgencyKind,
    /// The province of its seat, if it has one.
    pub province: Option<ProvinceCode>,
    /// The regency of its seat, if it has one.
    pub regency: Option<RegencyCode>,
    /// The kinds of coaches it does not want for its people.
    pub opt_outs: OptOuts,
}

/// A coachee and the present wish for a coach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoacheeRecord {
    /// The key.
    pub code: PersonCode,
    /// The name.
    pub name: PersonName,
    /// The identity number, if given.
    pub identity: Option<Identity>,
    /// The address for mail, if given.
    pub email: Option<String>,
    /// The employer.
    pub agency: AgencyCode,
    /// The unit within the agency, if given: people of one unit do not coach each other.
    pub unit: Option<String>,
    /// The direct superior, if given: never the coach.
    pub superior: Option<PersonCode>,
    /// The name of the position; overrides of required levels hang on it.
    pub position: String,
    /// The tier of the position.
    pub tier: Tier,
    /// The field of work, if given.
    pub field: Option<FieldCode>,
    /// Where the coachee works.
    pub regency: RegencyCode,
    /// The ways of meeting that suit the coachee.
    pub modes: Modes,
    /// The languages the coachee can be coached in.
    pub languages: Languages,
    /// The competencies the request is about, at most 3; none: the largest gaps.
    pub focus: Vec<CompetencyCode>,
    /// The coaches wished for, best first, at most 3.
    pub choices: Vec<PersonCode>,
    /// Coaches with whom an earlier pair was declined or has ended.
    pub earlier: Vec<PersonCode>,
    /// Rounds this coachee has already waited in vain.
    pub waiting_rounds: u8,
}

/// One assessment of one coachee, on one day, by one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentRecord {
    /// The coachee.
    pub coachee: PersonCode,
    /// How it was measured.
    pub method: AssessmentMethod,
    /// When.
    pub assessed_on: NaiveDate,
    /// The levels found; at least one.
    pub levels: Levels,
}

/// Required levels that differ from the tier's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementRecord {
    /// Whom it concerns.
    pub scope: RequirementScope,
    /// The levels; at least one.
    pub levels: Vec<(CompetencyCode, Level)>,
}

/// Whom an override of required levels concerns. A person's outranks a position's, which outranks a tier's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RequirementScope {
    /// Everybody of a tier.
    Tier(Tier),
    /// Everybody in a position of an agency.
    Position(AgencyCode, String),
    /// One person.
    Person(PersonCode),
}

/// A coach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoachRecord {
    /// The key.
    pub code: PersonCode,
    /// The name.
    pub name: PersonName,
    /// The identity number, if given.
    pub identity: Option<Identity>,
    /// The address for mail, if given.
    pub email: Option<String>,
    /// Where the coach comes from.
    pub source: CoachSource,
    /// Batch of the leadership programme, if an alumnus.
    pub batch: Option<u16>,
    /// Year of graduation, if an alumnus.
    pub year: Option<u16>,
    /// Certificate number, if an alumnus.
    pub certificate_number: Option<String>,
    /// Whether an admin has checked the claim.
    pub verification: Verification,
    /// The employer: an agency, or a company.
    pub agency: AgencyCode,
    /// The unit within the agency, if given.
    pub unit: Option<String>,
    /// The direct superior, if given.
    pub superior: Option<PersonCode>,
    /// The tier; an alumnus has one, a corporate leader may have an equivalent.
    pub tier: Option<Tier>,
    /// The field of work, if given.
    pub field: Option<FieldCode>,
    /// Where the coach works.
    pub regency: RegencyCode,
    /// Provinces the coach travels to.
    pub regions_served: Vec<ProvinceCode>,
    /// The ways of meeting offered.
    pub modes: Modes,
    /// The languages offered.
    pub languages: Languages,
    /// Most coachees at a time, 0 to 1,000.
    pub capacity: u16,
    /// Places already taken; at most the capacity.
    pub load: u16,
    /// Whether new coachees are welcome.
    pub accepting: bool,
    /// Level per competency the coach is strong in.
    pub strengths: Vec<(CompetencyCode, Level)>,
    /// Agencies with which there is a conflict of interest.
    pub conflicts: Vec<AgencyCode>,
    /// Coachees the coach wishes for.
    pub wishes: Vec<PersonCode>,
    /// Pairs completed so far.
    pub completed_pairs: u16,
    /// Mean rating by coachees in hundredths, 100 to 500, if any was given.
    pub rating: Option<u16>,
}

/// A cohort as files or database hold it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CohortRecords {
    /// Agencies beyond, or in place of, those of the reference data.
    pub agencies: Vec<AgencyRecord>,
    /// Who asks for a coach.
    pub coachees: Vec<CoacheeRecord>,
    /// What is known about their levels.
    pub assessments: Vec<AssessmentRecord>,
    /// Overrides of required levels.
    pub requirements: Vec<RequirementRecord>,
    /// Who coaches.
    pub coaches: Vec<CoachRecord>,
}

/// One coachee who asks outside of a run, with all that decides who suits but the records of the coaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskingRecord {
    /// Who asks, and for what.
    pub coachee: CoacheeRecord,
    /// What is known about the levels of the coachee.
    pub assessments: Vec<AssessmentRecord>,
    /// Overrides of required levels that concern the coachee.
    pub requirements: Vec<RequirementRecord>,
    /// Kinds of coaches that the coachee's agency does not want.
    pub opt_outs: OptOuts,
    /// Coaches above the coachee in the lines of command, and those below.
    pub line_of_command: Vec<PersonCode>,
    /// Coaches who wish for the coachee.
    pub wishing: Vec<PersonCode>,
}
