//! From records to columns.

use std::collections::HashMap;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::columns::{Coachees, Coaches, Cohort, FocusList, NO_FIELD, NONE, Relation, UnknownReference};
use super::levels::LevelBook;
use super::lottery;
use super::relations::Relations;
use crate::domain::records::{CoachRecord, CoacheeRecord, CohortRecords};
use crate::domain::{AgencyCode, FieldCode, PersonCode, Policy, Reference, Verification};

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
        let place = |c: &CoachRecord| reference.regency(c.regency.as_str()).unwrap_or(u16::MAX);
        let mut coaches: Vec<(u16, &CoachRecord)> = records.coaches.iter().map(|c| (place(c), c)).collect();
        coaches.par_sort_by(|(a, x), (b, y)| (a, &x.code).cmp(&(b, &y.code)));
        let coaches: Vec<&CoachRecord> = coaches.into_iter().map(|(_, coach)| coach).collect();
        let mut coachees: Vec<&CoacheeRecord> = records.coachees.iter().collect();
        coachees.par_sort_by(|a, b| a.code.cmp(&b.code));

        let (relations, (numbers, levels)) = rayon::join(
            || Relations::new(&coaches, &coachees),
            || {
                let levels = LevelBook::new(records, &coachees, reference, as_of);
                (Numbers::new(&coaches, &coachees, records), levels)
            },
        );
        let coach_columns = coach_columns(&coaches, reference, &numbers, seed)?;
        let remote = reference.remote_on(as_of);
        let sources = Sources { reference, policy, numbers: &numbers, levels: &levels, remote: &remote, seed };
        let mut coachee_columns = Coachees::default();
        // A part at a time: the rows of all together would take as much memory as the columns.
        for (first, part) in (0..).step_by(PART).zip(coachees.chunks(PART)) {
            let row = |(at, coachee): (usize, &&_)| CoacheeRow::new(first + at, coachee, &sources, &relations);
            let rows = part.par_iter().enumerate().map(row).collect::<Result<Vec<CoacheeRow>, UnknownReference>>()?;
            CoacheeRow::add_to(rows, &mut coachee_columns);
        }
        Ok(Self {
            policy: *policy,
            as_of,
            seed,
            reference: reference.clone(),
            coaches: coach_columns,
            coachees: coachee_columns,
        })
    }
}

/// Coachees turned into columns at a time.
const PART: usize = 1 << 16;

/// What the columns of a coachee are made from besides the record and what links it to coaches.
struct Sources<'a> {
    reference: &'a Reference,
    policy: &'a Policy,
    numbers: &'a Numbers<'a>,
    levels: &'a LevelBook<'a>,
    /// Whether each regency is a remote area on the day of the run.
    remote: &'a [bool],
    seed: u64,
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

fn known(
    found: Option<u16>,
    person: &PersonCode,
    what: &'static str,
    value: &dyn std::fmt::Display,
) -> Result<u16, UnknownReference> {
    found.ok_or_else(|| UnknownReference { person: person.clone(), what, value: value.to_string() })
}

fn field_number(reference: &Reference, person: &PersonCode, field: Option<&FieldCode>) -> Result<u8, UnknownReference> {
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
    /// The row of the coachee at a position.
    fn new<'a>(
        at: usize,
        r: &'a CoacheeRecord,
        sources: &Sources,
        relations: &Relations<'a>,
    ) -> Result<Self, UnknownReference> {
        let Sources { reference, policy, numbers, levels, remote, seed } = *sources;
        let regency = known(reference.regency(r.regency.as_str()), &r.code, "regency", &r.regency)?;
        let remote = remote[usize::from(regency)];
        let (focus, assessed) = levels.focus(at, r, policy)?;
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

    fn add_to(rows: Vec<Self>, c: &mut Coachees) {
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
    }
}
