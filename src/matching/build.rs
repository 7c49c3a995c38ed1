//! From records to columns.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use rayon::prelude::*;

use super::coach_row::{CoachRow, Ratings};
use super::columns::{Coachees, Coaches, Cohort, FocusList, NO_FIELD, Relation, UnknownReference};
use super::employers::Employers;
use super::levels::LevelBook;
use super::lottery;
use super::relations::Relations;
use super::reserve::Reserve;
use crate::domain::records::{CoachRecord, CoacheeRecord, CohortRecords};
use crate::domain::{FieldCode, Group, PersonCode, Policy, Reference};

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

        let employers = employers(&coaches, &coachees);
        let opt_outs = records.agencies.iter().map(|a| (a.code.as_str(), a.opt_outs.bits())).collect();
        let (relations, levels) = rayon::join(
            || Relations::new(&coaches, &coachees),
            || LevelBook::new(&records.assessments, &records.requirements, &coachees, reference, as_of),
        );
        let coach_rows = coaches
            .par_iter()
            .map(|c| CoachRow::new(c, reference, &employers, seed))
            .collect::<Result<Vec<CoachRow>, UnknownReference>>()?;
        let mean = Ratings::of(&coach_rows).mean();
        let coach_columns = Coaches::from_rows(&coach_rows, reference.competencies().len(), mean);
        let remote = reference.remote_on(as_of);
        let sources = Sources {
            reference,
            policy,
            employers: &employers,
            opt_outs: &opt_outs,
            levels: &levels,
            remote: &remote,
            seed,
        };
        let mut coachee_columns = Coachees::default();
        // A part at a time: the rows of all together would take as much memory as the columns.
        for (first, part) in (0..).step_by(PART).zip(coachees.chunks(PART)) {
            let row = |(at, coachee): (usize, &&_)| CoacheeRow::new(first + at, coachee, &sources, &relations);
            let rows = part.par_iter().enumerate().map(row).collect::<Result<Vec<CoacheeRow>, UnknownReference>>()?;
            CoacheeRow::add_to(rows, &mut coachee_columns);
        }
        Ok(Self {
            reserve: reserve_of(policy, reference, &coach_columns, &coachee_columns),
            policy: *policy,
            as_of,
            seed,
            reference: reference.clone(),
            coaches: coach_columns,
            coachees: coachee_columns,
            kept: Vec::new(),
            kept_focus: HashMap::new(),
            accepted: HashSet::new(),
            forbidden: Vec::new(),
        })
    }
}

fn employers(coaches: &[&CoachRecord], coachees: &[&CoacheeRecord]) -> Employers {
    let mut employers = Employers::default();
    coaches.iter().for_each(|coach| employers.add_those_of(coach));
    coachees.iter().for_each(|coachee| employers.add(&coachee.agency, coachee.unit.as_deref()));
    employers
}

/// Coachees turned into columns at a time.
const PART: usize = 1 << 16;

/// What the columns of a coachee are made from besides the record and what links it to coaches.
struct Sources<'a> {
    reference: &'a Reference,
    policy: &'a Policy,
    employers: &'a Employers,
    opt_outs: &'a HashMap<&'a str, u8>,
    levels: &'a LevelBook<'a>,
    /// Whether each regency is a remote area on the day of the run.
    remote: &'a [bool],
    seed: u64,
}

/// The places that a policy reserves. Coaches' shares are rounded in the order of their tie keys,
/// which no file decides.
pub fn reserve_of(policy: &Policy, reference: &Reference, coaches: &Coaches, coachees: &Coachees) -> Option<Reserve> {
    let rule = policy.reserve?;
    let province = |i: usize| &reference.provinces()[usize::from(reference.province_of(coachees.regency[i]))];
    let is_member = |i: usize| match rule.group {
        Group::Remote => coachees.remote[i],
        Group::Zone(zone) => province(i).zone == zone,
        Group::Province(code) => province(i).code.as_str() == format!("{code:02}"),
    };
    let places: Vec<u32> = (0..coaches.len()).map(|coach| coaches.open_places(coach)).collect();
    let mut order: Vec<u32> = (0..coaches.len() as u32).collect();
    order.sort_by_key(|&coach| (coaches.tie_key[coach as usize], &coaches.code[coach as usize]));
    Some(Reserve::new((0..coachees.len()).map(is_member).collect(), &places, rule.percent, order))
}

/// The position of what a person's record names.
pub(super) fn known(
    found: Option<u16>,
    person: &PersonCode,
    what: &'static str,
    value: &dyn std::fmt::Display,
) -> Result<u16, UnknownReference> {
    found.ok_or_else(|| UnknownReference { person: person.clone(), what, value: value.to_string() })
}

/// The position of a person's field, or [`NO_FIELD`].
pub(super) fn field_number(
    reference: &Reference,
    person: &PersonCode,
    field: Option<&FieldCode>,
) -> Result<u8, UnknownReference> {
    match field {
        None => Ok(NO_FIELD),
        Some(code) => known(reference.field(code.as_str()), person, "field", code).map(|at| at as u8),
    }
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
        let Sources { reference, policy, employers, opt_outs, levels, remote, seed } = *sources;
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
            agency: employers.agency(&r.agency),
            opt_outs: opt_outs.get(r.agency.as_str()).copied().unwrap_or(0),
            unit: employers.unit(&r.agency, r.unit.as_deref()),
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
