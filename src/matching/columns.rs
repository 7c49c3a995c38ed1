//! The cohort as columns of small integers, in an order that no file decides.
//!
//! Coaches stand by region and then by code, coachees by code; whatever order the rows came
//! in, the columns, and with them every result, are the same.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::instance::Priority;
use super::reserve::Reserve;
use crate::domain::{CoachSource, PersonCode, Policy, Reference};

/// Marks an absent index or an unknown value in a column of `u32`.
pub const NONE: u32 = u32::MAX;
/// Marks an unknown field in a column of `u8`.
pub const NO_FIELD: u8 = u8::MAX;

/// A cohort that is ready to be matched under a policy.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// The policy.
    pub policy: Policy,
    /// The day as of which assessments and remote areas count.
    pub as_of: NaiveDate,
    /// The seed of lottery and tie-breaks.
    pub seed: u64,
    /// Regions, competencies and tiers.
    pub reference: Reference,
    /// Who coaches.
    pub coaches: Coaches,
    /// Who asks.
    pub coachees: Coachees,
    /// The places that the policy reserves, if it does.
    pub reserve: Option<Reserve>,
    /// Pairs that stand already and take part in no run: see [`Cohort::keep`].
    pub kept: Vec<Pair>,
    /// What the coachees of these had asked for.
    pub kept_focus: HashMap<u32, FocusList>,
    /// The coachees of those of these pairs to which both sides have said yes before.
    pub accepted: HashSet<u32>,
    /// Pairs that must not be: see [`Cohort::forbid`].
    pub forbidden: Vec<(u32, u32)>,
}

/// A pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Position of the coachee.
    pub coachee: u32,
    /// Position of the coach.
    pub coach: u32,
    /// The score, 1 to 255.
    pub score: u8,
}

/// Columns of the coaches.
#[derive(Debug, Clone, Default)]
pub struct Coaches {
    /// Their keys.
    pub code: Vec<PersonCode>,
    /// Level per competency (outer) and coach (inner), 0 when none is stated.
    pub levels: Vec<Vec<u8>>,
    /// Where each comes from.
    pub source: Vec<CoachSource>,
    /// Whether an admin has verified the coach.
    pub verified: Vec<bool>,
    /// Whether new coachees are welcome.
    pub accepting: Vec<bool>,
    /// All places.
    pub capacity: Vec<u16>,
    /// Free places before the run: what the points for load look at.
    pub free: Vec<u16>,
    /// Places that the run can give away: the free ones but for those that are kept.
    pub places: Vec<u16>,
    /// The tier as a position in `Tier::ALL`, or [`NO_FIELD`].
    pub tier: Vec<u8>,
    /// Seniority of the tier, 0 when unknown.
    pub seniority: Vec<u8>,
    /// Field of work as a position in the reference, or [`NO_FIELD`].
    pub field: Vec<u8>,
    /// Region as a position in the reference.
    pub regency: Vec<u16>,
    /// Provinces served, bit `p` for the province at position `p`.
    pub served: Vec<u64>,
    /// Ways of meeting, as bits.
    pub modes: Vec<u8>,
    /// Languages, as bits.
    pub languages: Vec<u8>,
    /// Employer, as a number without meaning.
    pub agency: Vec<u32>,
    /// Unit within the employer, as a number without meaning, or [`NONE`].
    pub unit: Vec<u32>,
    /// Mean rating in hundredths, 0 when none was given.
    pub rating: Vec<u16>,
    /// Pairs completed.
    pub completed: Vec<u16>,
    /// Mean rating shrunk towards the mean of all coaches, in hundredths.
    pub shrunk_rating: Vec<u16>,
    /// Number that breaks ties between coaches, the same whatever the order of rows.
    pub tie_key: Vec<u64>,
    /// Per agency number, the coaches with a declared conflict of interest, ascending.
    pub conflicts: HashMap<u32, Vec<u32>>,
}

/// Columns of the coachees.
#[derive(Debug, Clone, Default)]
pub struct Coachees {
    /// Their keys.
    pub code: Vec<PersonCode>,
    /// The focus, at most three gaps.
    pub focus: Vec<FocusList>,
    /// Whether any level was assessed.
    pub assessed: Vec<bool>,
    /// The tier as a position in `Tier::ALL`.
    pub tier: Vec<u8>,
    /// Seniority of the tier.
    pub seniority: Vec<u8>,
    /// Field of work as a position in the reference, or [`NO_FIELD`].
    pub field: Vec<u8>,
    /// Region as a position in the reference.
    pub regency: Vec<u16>,
    /// Whether the region is a remote area on the day of the run.
    pub remote: Vec<bool>,
    /// Ways of meeting, as bits.
    pub modes: Vec<u8>,
    /// Languages, as bits.
    pub languages: Vec<u8>,
    /// Employer, as a number without meaning.
    pub agency: Vec<u32>,
    /// Kinds of coaches the agency has opted out of, as bits.
    pub opt_outs: Vec<u8>,
    /// Unit within the employer, as a number without meaning, or [`NONE`].
    pub unit: Vec<u32>,
    /// Priority class; higher comes first.
    pub class: Vec<u32>,
    /// Lottery number; lower is luckier.
    pub lottery: Vec<u64>,
    /// What is said about single coaches: (coach, relation), ascending by coach.
    pub relations: Vec<Vec<(u32, Relation)>>,
}

/// One coachee, as the columns say it.
#[derive(Debug, Clone, Copy)]
pub struct Coachee<'a> {
    /// The focus, at most three gaps.
    pub focus: FocusList,
    /// The tier as a position in `Tier::ALL`.
    pub tier: u8,
    /// Seniority of the tier.
    pub seniority: u8,
    /// Field of work as a position in the reference, or [`NO_FIELD`].
    pub field: u8,
    /// Region as a position in the reference.
    pub regency: u16,
    /// Ways of meeting, as bits.
    pub modes: u8,
    /// Languages, as bits.
    pub languages: u8,
    /// Employer, as a number without meaning.
    pub agency: u32,
    /// Kinds of coaches the agency has opted out of, as bits.
    pub opt_outs: u8,
    /// Unit within the employer, as a number without meaning, or [`NONE`].
    pub unit: u32,
    /// Lottery number; lower is luckier.
    pub lottery: u64,
    /// What is said about single coaches: (coach, relation), ascending by coach.
    pub relations: &'a [(u32, Relation)],
}

/// What is known about one coachee and one coach beyond their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relation {
    /// They are the same person.
    pub same_person: bool,
    /// One is in the other's line of command.
    pub line_of_command: bool,
    /// An earlier pair of the two was declined or has ended.
    pub earlier: bool,
    /// The coach's place among the coachee's choices, 1 the best; 0 when not chosen.
    pub rank: u8,
    /// The coach wishes for this coachee.
    pub wish: bool,
    /// An admin has forbidden the pair in this run.
    pub forbidden: bool,
}

/// A gap that a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Focus {
    /// The competency, as a position in the reference.
    pub competency: u16,
    /// Level required, 1 to 5.
    pub required: u8,
    /// Level assessed, below the required one.
    pub assessed: u8,
    /// Points that a coach who covers the whole gap earns.
    pub max: u8,
}

/// The focus of a request: up to three gaps, the largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FocusList {
    len: u8,
    gaps: [Focus; 3],
}

impl FocusList {
    /// Takes gaps in their order and shares out `points`, at least 3: each gets one point, so that
    /// to cover it always counts, and its share of the others in proportion to its size, rounded
    /// down; what is left goes to the first ones.
    pub fn new(gaps: &[Focus], points: u8) -> Self {
        let mut list = Self { len: gaps.len().min(3) as u8, ..Self::default() };
        let total: u16 = gaps.iter().take(3).map(|f| u16::from(f.required - f.assessed)).sum();
        let base = u8::from(points >= list.len);
        let shared = points - base * list.len;
        let mut left = shared;
        for (slot, gap) in list.gaps.iter_mut().zip(gaps) {
            let share = u16::from(shared) * u16::from(gap.required - gap.assessed) / total.max(1);
            *slot = Focus { max: base + share as u8, ..*gap };
            left -= share as u8;
        }
        let len = usize::from(list.len);
        for slot in list.gaps.iter_mut().take(len) {
            let extra = u8::from(left > 0);
            slot.max += extra;
            left -= extra;
        }
        list
    }

    /// The gaps with points that were shared out before; those beyond three are left out.
    pub fn shared(gaps: &[Focus]) -> Self {
        let mut list = Self { len: gaps.len().min(3) as u8, ..Self::default() };
        list.gaps.iter_mut().zip(gaps).for_each(|(slot, gap)| *slot = *gap);
        list
    }

    /// The gaps.
    pub fn as_slice(&self) -> &[Focus] {
        &self.gaps[..usize::from(self.len)]
    }

    /// The sum of the gaps, 0 to 12.
    pub fn total_gap(&self) -> u8 {
        self.as_slice().iter().map(|f| f.required - f.assessed).sum()
    }
}

/// A record refers to something that the reference data does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{person}: {what} {value} is not in the reference data")]
pub struct UnknownReference {
    /// Who.
    pub person: PersonCode,
    /// What kind of thing.
    pub what: &'static str,
    /// Its code.
    pub value: String,
}

impl Cohort {
    /// A coachee's place in the queue.
    pub fn priority(&self, coachee: usize) -> Priority {
        Priority { class: self.coachees.class[coachee], lottery: self.coachees.lottery[coachee] }
    }
}

impl Coaches {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.code.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.code.is_empty()
    }

    /// Places that can be given away: none of a coach who is not verified or takes nobody.
    pub fn open_places(&self, coach: usize) -> u32 {
        if self.verified[coach] && self.accepting[coach] { u32::from(self.places[coach]) } else { 0 }
    }

    /// Whether a coach has declared a conflict of interest with an agency.
    pub fn conflicts_with(&self, coach: u32, agency: u32) -> bool {
        self.conflicts.get(&agency).is_some_and(|coaches| coaches.binary_search(&coach).is_ok())
    }
}

impl Coachees {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.code.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.code.is_empty()
    }

    /// One of them.
    pub fn get(&self, at: usize) -> Coachee<'_> {
        Coachee {
            focus: self.focus[at],
            tier: self.tier[at],
            seniority: self.seniority[at],
            field: self.field[at],
            regency: self.regency[at],
            modes: self.modes[at],
            languages: self.languages[at],
            agency: self.agency[at],
            opt_outs: self.opt_outs[at],
            unit: self.unit[at],
            lottery: self.lottery[at],
            relations: &self.relations[at],
        }
    }
}

impl Coachee<'_> {
    /// What is known about this coachee and a coach beyond their columns, if anything.
    pub fn relation(&self, coach: u32) -> Option<Relation> {
        let at = self.relations.binary_search_by_key(&coach, |&(at, _)| at).ok()?;
        Some(self.relations[at].1)
    }
}
