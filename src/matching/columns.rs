//! The cohort as columns of small integers, in an order that no file decides.
//!
//! Coaches stand by region and then by code, coachees by code; whatever order the rows came
//! in, the columns, and with them every result, are the same.

use std::collections::HashMap;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::levels::LevelBook;
use super::lottery;
use crate::domain::records::{CoachRecord, CoacheeRecord, CohortRecords};
use crate::domain::{AgencyCode, CoachSource, Identity, PersonCode, Policy, Reference, Verification};

/// Marks an absent index or an unknown value in a column of `u32`.
pub const NONE: u32 = u32::MAX;
/// Marks an unknown field in a column of `u8`.
pub const NO_FIELD: u8 = u8::MAX;

/// A cohort that is ready to be matched under a policy.
#[derive(Debug)]
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
}

/// Columns of the coaches.
#[derive(Debug, Default)]
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
    /// Places left for this run.
    pub free: Vec<u16>,
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
#[derive(Debug, Default)]
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
    /// Takes gaps in their order and shares out `points` in proportion to their sizes:
    /// each gets its floor, what is left goes to the first ones.
    pub fn new(gaps: &[Focus], points: u8) -> Self {
        let mut list = Self { len: gaps.len().min(3) as u8, ..Self::default() };
        let total: u16 = gaps.iter().take(3).map(|f| u16::from(f.required - f.assessed)).sum();
        let mut left = points;
        for (slot, gap) in list.gaps.iter_mut().zip(gaps) {
            let share = u16::from(points) * u16::from(gap.required - gap.assessed) / total.max(1);
            *slot = Focus { max: share as u8, ..*gap };
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
    /// Turns records into columns. `as_of` decides which assessments and remote areas count.
    ///
    /// # Errors
    /// When a record names a region, field or competency that the reference does not have.
    pub fn build(
        records: &CohortRecords,
        reference: &Reference,
        policy: &Policy,
        as_of: NaiveDate,
        seed: u64,
    ) -> Result<Self, UnknownReference> {
        let mut coaches: Vec<&CoachRecord> = records.coaches.iter().collect();
        let place = |c: &CoachRecord| reference.regency(c.regency.as_str()).unwrap_or(u16::MAX);
        coaches.sort_by(|a, b| (place(a), &a.code).cmp(&(place(b), &b.code)));
        let mut coachees: Vec<&CoacheeRecord> = records.coachees.iter().collect();
        coachees.par_sort_by(|a, b| a.code.cmp(&b.code));

        let numbers = Numbers::new(&coaches, &coachees, records);
        let relations = Relations::new(&coaches, &coachees);
        let coach_columns = coach_columns(&coaches, reference, &numbers, seed)?;
        let levels = LevelBook::new(records, reference, as_of)?;
        let remote = reference.remote_on(as_of);
        let rows = coachees
            .par_iter()
            .map(|c| CoacheeRow::new(c, reference, policy, &numbers, &levels, &remote, &relations, seed))
            .collect::<Result<Vec<CoacheeRow>, UnknownReference>>()?;
        Ok(Self {
            policy: *policy,
            as_of,
            seed,
            reference: reference.clone(),
            coaches: coach_columns,
            coachees: CoacheeRow::columns(rows),
        })
    }
}

/// Agencies and units as numbers, so that comparing them is comparing integers.
struct Numbers<'a> {
    agencies: HashMap<&'a str, u32>,
    units: HashMap<(&'a str, &'a str), u32>,
    opt_outs: HashMap<&'a str, u8>,
}

impl<'a> Numbers<'a> {
    fn new(coaches: &[&'a CoachRecord], coachees: &[&'a CoacheeRecord], records: &'a CohortRecords) -> Self {
        let mut numbers = Self { agencies: HashMap::new(), units: HashMap::new(), opt_outs: HashMap::new() };
        let coach_places = coaches.iter().map(|c| (&c.agency, &c.unit));
        for (agency, unit) in coach_places.chain(coachees.iter().map(|c| (&c.agency, &c.unit))) {
            let next = numbers.agencies.len() as u32;
            numbers.agencies.entry(agency.as_str()).or_insert(next);
            if let Some(unit) = unit {
                let next = numbers.units.len() as u32;
                numbers.units.entry((agency.as_str(), unit.as_str())).or_insert(next);
            }
        }
        for agency in &records.agencies {
            numbers.opt_outs.insert(agency.code.as_str(), agency.opt_outs.bits());
        }
        numbers
    }

    fn agency(&self, code: &AgencyCode) -> u32 {
        self.agencies.get(code.as_str()).copied().unwrap_or(NONE)
    }

    fn unit(&self, agency: &AgencyCode, unit: &Option<String>) -> u32 {
        let key = unit.as_ref().map(|unit| (agency.as_str(), unit.as_str()));
        key.and_then(|key| self.units.get(&key).copied()).unwrap_or(NONE)
    }
}

/// What links single persons: the same person in both roles, lines of command, wishes.
struct Relations<'a> {
    coach_by_code: HashMap<&'a str, u32>,
    coach_by_identity: HashMap<&'a Identity, u32>,
    superior: HashMap<&'a str, &'a str>,
    /// Per coachee code: coaches who wish for, or report (however far down) to, the coachee.
    wished_by: HashMap<&'a str, Vec<u32>>,
    subordinate_coaches: HashMap<&'a str, Vec<u32>>,
}

/// Longest line of command followed; also ends circles in the data.
const MAX_CHAIN: usize = 16;

impl<'a> Relations<'a> {
    fn new(coaches: &[&'a CoachRecord], coachees: &[&'a CoacheeRecord]) -> Self {
        let mut relations = Self {
            coach_by_code: HashMap::with_capacity(coaches.len()),
            coach_by_identity: HashMap::new(),
            superior: HashMap::new(),
            wished_by: HashMap::new(),
            subordinate_coaches: HashMap::new(),
        };
        let links = coaches.iter().map(|c| (&c.code, &c.superior));
        for (code, superior) in coachees.iter().map(|c| (&c.code, &c.superior)).chain(links) {
            if let Some(superior) = superior {
                relations.superior.insert(code.as_str(), superior.as_str());
            }
        }
        for (at, coach) in (0u32..).zip(coaches) {
            relations.coach_by_code.insert(coach.code.as_str(), at);
            if let Some(identity) = &coach.identity {
                relations.coach_by_identity.insert(identity, at);
            }
            for wish in &coach.wishes {
                relations.wished_by.entry(wish.as_str()).or_default().push(at);
            }
            for above in relations.chain(coach.code.as_str()) {
                relations.subordinate_coaches.entry(above).or_default().push(at);
            }
        }
        relations
    }

    /// Superiors of a person, nearest first.
    fn chain(&self, code: &'a str) -> Vec<&'a str> {
        let next = |code: &&'a str| self.superior.get(code).copied();
        std::iter::successors(next(&code), next).take(MAX_CHAIN).collect()
    }

    fn of(&self, coachee: &'a CoacheeRecord) -> Vec<(u32, Relation)> {
        let mut found: Vec<(u32, Relation)> = Vec::new();
        let mut note = |coach: Option<u32>, change: &dyn Fn(&mut Relation)| {
            let Some(coach) = coach else { return };
            match found.iter_mut().find(|(at, _)| *at == coach) {
                Some((_, relation)) => change(relation),
                None => {
                    let mut relation = Relation::default();
                    change(&mut relation);
                    found.push((coach, relation));
                }
            }
        };
        let by_code = |code: &str| self.coach_by_code.get(code).copied();
        let code = coachee.code.as_str();
        note(by_code(code), &|r| r.same_person = true);
        let same_number = coachee.identity.as_ref().and_then(|i| self.coach_by_identity.get(i).copied());
        note(same_number, &|r| r.same_person = true);
        for above in self.chain(code) {
            note(by_code(above), &|r| r.line_of_command = true);
        }
        for &below in self.subordinate_coaches.get(code).into_iter().flatten() {
            note(Some(below), &|r| r.line_of_command = true);
        }
        for earlier in &coachee.earlier {
            note(by_code(earlier.as_str()), &|r| r.earlier = true);
        }
        for (rank, choice) in (1u8..=3).zip(&coachee.choices) {
            note(by_code(choice.as_str()), &|r| {
                if r.rank == 0 {
                    r.rank = rank;
                }
            });
        }
        for &coach in self.wished_by.get(code).into_iter().flatten() {
            note(Some(coach), &|r| r.wish = true);
        }
        found.sort_by_key(|&(coach, _)| coach);
        found
    }
}

fn known(
    found: Option<u16>,
    person: &PersonCode,
    what: &'static str,
    value: &dyn std::fmt::Display,
) -> Result<u16, UnknownReference> {
    found.ok_or_else(|| UnknownReference { person: person.clone(), what, value: value.to_string() })
}

fn field_number(
    reference: &Reference,
    person: &PersonCode,
    field: Option<&crate::domain::FieldCode>,
) -> Result<u8, UnknownReference> {
    match field {
        None => Ok(NO_FIELD),
        Some(code) => known(reference.field(code.as_str()), person, "field", code).map(|at| at as u8),
    }
}

/// Completed pairs that weigh as much as the mean of all: a coach with one happy coachee
/// does not stand before one with twenty.
const SHRINK: u32 = 5;
/// Assumed mean rating, in hundredths, while no coach has been rated.
const UNRATED_MEAN: u32 = 400;

fn coach_columns(
    records: &[&CoachRecord],
    reference: &Reference,
    numbers: &Numbers,
    seed: u64,
) -> Result<Coaches, UnknownReference> {
    let mut c = Coaches {
        levels: vec![vec![0; records.len()]; reference.competencies().len()],
        tie_key: records.par_iter().map(|r| lottery::ticket(seed, r.code.as_str())).collect(),
        ..Coaches::default()
    };
    let rated = |r: &&&CoachRecord| r.rating.is_some() && r.completed_pairs > 0;
    let (sum, pairs) = records.iter().filter(rated).fold((0u64, 0u64), |(sum, pairs), r| {
        let n = u64::from(r.completed_pairs);
        (sum + n * u64::from(r.rating.unwrap_or(0)), pairs + n)
    });
    let mean = sum.checked_div(pairs).unwrap_or(u64::from(UNRATED_MEAN)) as u32;
    for (at, r) in records.iter().enumerate() {
        c.code.push(r.code.clone());
        for (competency, level) in &r.strengths {
            let found = reference.competency(competency.as_str());
            c.levels[usize::from(known(found, &r.code, "competency", competency)?)][at] = level.get();
        }
        c.source.push(r.source);
        c.verified.push(r.verification == Verification::Verified);
        c.accepting.push(r.accepting);
        c.capacity.push(r.capacity);
        c.free.push(r.capacity.saturating_sub(r.load));
        c.tier.push(r.tier.map_or(NO_FIELD, |t| t as u8));
        c.seniority.push(r.tier.map_or(0, |t| t.seniority()));
        c.field.push(field_number(reference, &r.code, r.field.as_ref())?);
        c.regency.push(known(reference.regency(r.regency.as_str()), &r.code, "regency", &r.regency)?);
        let mut served = 0u64;
        for province in &r.regions_served {
            served |= 1 << known(reference.province(province.as_str()), &r.code, "province", province)?;
        }
        c.served.push(served);
        c.modes.push(r.modes.bits());
        c.languages.push(r.languages.bits());
        c.agency.push(numbers.agency(&r.agency));
        c.unit.push(numbers.unit(&r.agency, &r.unit));
        let (rating, n) = (u32::from(r.rating.unwrap_or(0)), u32::from(r.completed_pairs));
        let n = if r.rating.is_some() { n } else { 0 };
        c.shrunk_rating.push(((n * rating + SHRINK * mean) / (n + SHRINK)) as u16);
        c.rating.push(rating as u16);
        c.completed.push(r.completed_pairs);
        for agency in &r.conflicts {
            c.conflicts.entry(numbers.agency(agency)).or_default().push(at as u32);
        }
    }
    Ok(c)
}

/// One coachee on the way from record to columns.
struct CoacheeRow {
    code: PersonCode,
    focus: FocusList,
    assessed: bool,
    tier: u8,
    seniority: u8,
    field: u8,
    regency: u16,
    remote: bool,
    modes: u8,
    languages: u8,
    agency: u32,
    opt_outs: u8,
    unit: u32,
    class: u32,
    lottery: u64,
    relations: Vec<(u32, Relation)>,
}

impl CoacheeRow {
    #[allow(clippy::too_many_arguments)]
    fn new<'a>(
        r: &'a CoacheeRecord,
        reference: &Reference,
        policy: &Policy,
        numbers: &Numbers,
        levels: &LevelBook,
        remote: &[bool],
        relations: &Relations<'a>,
        seed: u64,
    ) -> Result<Self, UnknownReference> {
        let regency = known(reference.regency(r.regency.as_str()), &r.code, "regency", &r.regency)?;
        let remote = remote[usize::from(regency)];
        let (focus, assessed) = levels.focus(r, policy)?;
        let priority = policy.priority;
        let class = (u32::from(remote && priority.remote) << 16)
            | (if priority.gap { u32::from(focus.total_gap()) << 8 } else { 0 })
            | (if priority.waiting { u32::from(r.waiting_rounds) } else { 0 });
        Ok(Self {
            code: r.code.clone(),
            focus,
            assessed,
            tier: r.tier as u8,
            seniority: r.tier.seniority(),
            field: field_number(reference, &r.code, r.field.as_ref())?,
            regency,
            remote,
            modes: r.modes.bits(),
            languages: r.languages.bits(),
            agency: numbers.agency(&r.agency),
            opt_outs: numbers.opt_outs.get(r.agency.as_str()).copied().unwrap_or(0),
            unit: numbers.unit(&r.agency, &r.unit),
            class,
            lottery: lottery::ticket(seed, r.code.as_str()),
            relations: relations.of(r),
        })
    }

    fn columns(rows: Vec<Self>) -> Coachees {
        let mut c = Coachees::default();
        for row in rows {
            c.code.push(row.code);
            c.focus.push(row.focus);
            c.assessed.push(row.assessed);
            c.tier.push(row.tier);
            c.seniority.push(row.seniority);
            c.field.push(row.field);
            c.regency.push(row.regency);
            c.remote.push(row.remote);
            c.modes.push(row.modes);
            c.languages.push(row.languages);
            c.agency.push(row.agency);
            c.opt_outs.push(row.opt_outs);
            c.unit.push(row.unit);
            c.class.push(row.class);
            c.lottery.push(row.lottery);
            c.relations.push(row.relations);
        }
        c
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

    /// What is known about a coachee and a coach beyond their columns.
    pub fn relation(&self, coachee: usize, coach: u32) -> Relation {
        let known = &self.relations[coachee];
        known.binary_search_by_key(&coach, |&(at, _)| at).map(|at| known[at].1).unwrap_or_default()
    }
}
