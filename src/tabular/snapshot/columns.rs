//! The columns of coaches and coachees in an archive, and out of it again.

use super::entries::{Entries, Filled};
use super::{SnapshotError, damaged};
use crate::domain::{CoachSource, Reference, Tier};
use crate::matching::columns::{Coachees, Coaches, Focus, FocusList, NO_FIELD, NONE, Relation};
use crate::matching::run::Before;

type Done<T = ()> = Result<T, SnapshotError>;

/// Columns are named like the fields of the struct.
macro_rules! write_columns {
    ($entries:expr, $from:expr, $who:literal: $($name:ident),+) => {
        $($entries.column(concat!($who, "/", stringify!($name)), $from.$name.iter().copied())?;)+
    };
}

macro_rules! read_columns {
    ($filled:expr, $into:expr, $count:expr, $who:literal: $($name:ident),+) => {
        $($into.$name = $filled.column(concat!($who, "/", stringify!($name)), $count)?;)+
    };
}

fn flags(values: &[bool]) -> impl Iterator<Item = u8> + Clone {
    values.iter().map(|&value| u8::from(value))
}

fn truths(flags: Vec<u8>) -> Vec<bool> {
    flags.into_iter().map(|flag| flag != 0).collect()
}

pub(super) fn write_coaches(entries: &mut Entries, c: &Coaches) -> Done {
    entries.codes("coaches/code", c.code.iter().map(|code| code.as_str()))?;
    for (at, levels) in c.levels.iter().enumerate() {
        entries.column(&format!("coaches/level_{at}"), levels.iter().copied())?;
    }
    entries.column("coaches/source", c.source.iter().map(|&source| source as u8))?;
    entries.column("coaches/verified", flags(&c.verified))?;
    entries.column("coaches/accepting", flags(&c.accepting))?;
    write_columns!(
        entries, c, "coaches": capacity, free, tier, seniority, field, regency, served, modes, languages, agency,
        unit, rating, completed, shrunk_rating
    );
    let mut conflicts: Vec<(u32, u32)> = Vec::new();
    for (&agency, coaches) in &c.conflicts {
        conflicts.extend(coaches.iter().map(|&coach| (agency, coach)));
    }
    conflicts.sort_unstable();
    entries.column("coaches/conflicts", std::iter::once(conflicts.len() as u32))?;
    entries.column("coaches/conflict_agency", conflicts.iter().map(|pair| pair.0))?;
    entries.column("coaches/conflict_coach", conflicts.iter().map(|pair| pair.1))
}

pub(super) fn read_coaches(filled: &mut Filled, count: usize, reference: &Reference) -> Done<Coaches> {
    let mut c = Coaches { code: filled.codes("coaches/code", count)?, ..Coaches::default() };
    for at in 0..reference.competencies().len() {
        c.levels.push(filled.column(&format!("coaches/level_{at}"), count)?);
    }
    for source in filled.column::<u8>("coaches/source", count)? {
        let known = CoachSource::ALL.get(usize::from(source));
        c.source.push(*known.ok_or_else(|| damaged("a coach from nowhere"))?);
    }
    c.verified = truths(filled.column("coaches/verified", count)?);
    c.accepting = truths(filled.column("coaches/accepting", count)?);
    read_columns!(
        filled, c, count, "coaches": capacity, free, tier, seniority, field, regency, served, modes, languages,
        agency, unit, rating, completed, shrunk_rating
    );
    let conflicts = filled.column::<u32>("coaches/conflicts", 1)?[0] as usize;
    let agencies: Vec<u32> = filled.column("coaches/conflict_agency", conflicts)?;
    let coaches: Vec<u32> = filled.column("coaches/conflict_coach", conflicts)?;
    for (agency, coach) in agencies.into_iter().zip(coaches) {
        c.conflicts.entry(agency).or_default().push(coach);
    }
    let levels = c.levels.iter().flatten().all(|&level| level <= 5);
    let conflicts = c.conflicts.values().flatten().all(|&coach| (coach as usize) < count);
    let tiers = c.tier.iter().all(|&tier| tier == NO_FIELD || usize::from(tier) < Tier::ALL.len());
    places(&c.regency, &c.field, reference)?;
    if levels && conflicts && tiers { Ok(c) } else { Err(damaged("a coach with what does not exist")) }
}

/// Whether all regions and fields are in the reference data.
fn places(regencies: &[u16], fields: &[u8], reference: &Reference) -> Done {
    let regions = regencies.iter().all(|&at| usize::from(at) < reference.regencies().len());
    let fields = fields.iter().all(|&at| at == NO_FIELD || usize::from(at) < reference.fields().len());
    if regions && fields { Ok(()) } else { Err(damaged("somebody in a place that does not exist")) }
}

/// Gaps of a focus.
const GAPS: usize = 3;

pub(super) fn write_coachees(entries: &mut Entries, e: &Coachees) -> Done {
    entries.codes("coachees/code", e.code.iter().map(|code| code.as_str()))?;
    entries.column("coachees/gaps", e.focus.iter().map(|focus| focus.as_slice().len() as u8))?;
    for at in 0..GAPS {
        let gaps = || e.focus.iter().map(move |focus| focus.as_slice().get(at).copied().unwrap_or_default());
        entries.column(&format!("coachees/gap_{at}_competency"), gaps().map(|gap| gap.competency))?;
        entries.column(&format!("coachees/gap_{at}_required"), gaps().map(|gap| gap.required))?;
        entries.column(&format!("coachees/gap_{at}_assessed"), gaps().map(|gap| gap.assessed))?;
        entries.column(&format!("coachees/gap_{at}_max"), gaps().map(|gap| gap.max))?;
    }
    entries.column("coachees/assessed", flags(&e.assessed))?;
    entries.column("coachees/remote", flags(&e.remote))?;
    write_columns!(
        entries, e, "coachees": tier, seniority, field, regency, modes, languages, agency, opt_outs, unit, class
    );
    entries.column("coachees/relations", e.relations.iter().map(|relations| relations.len() as u32))?;
    let relations = || e.relations.iter().flatten();
    entries.column("coachees/relation_coach", relations().map(|&(coach, _)| coach))?;
    entries.column("coachees/relation_flags", relations().map(|(_, relation)| bits(relation)))?;
    entries.column("coachees/relation_rank", relations().map(|(_, relation)| relation.rank))
}

pub(super) fn read_coachees(
    filled: &mut Filled,
    count: usize,
    coaches: usize,
    reference: &Reference,
) -> Done<Coachees> {
    let mut e = Coachees { code: filled.codes("coachees/code", count)?, ..Coachees::default() };
    // Who was erased stays where they were.
    if !e.code.iter().filter(|code| !code.is_pseudonym()).is_sorted() {
        return Err(damaged("coachees in another order"));
    }
    e.focus = read_focus(filled, count, reference)?;
    e.assessed = truths(filled.column("coachees/assessed", count)?);
    e.remote = truths(filled.column("coachees/remote", count)?);
    read_columns!(
        filled, e, count, "coachees": tier, seniority, field, regency, modes, languages, agency, opt_outs, unit,
        class
    );
    e.relations = read_relations(filled, count, coaches)?;
    places(&e.regency, &e.field, reference)?;
    let tiers = e.tier.iter().all(|&tier| usize::from(tier) < Tier::ALL.len());
    if tiers { Ok(e) } else { Err(damaged("a coachee of a tier that does not exist")) }
}

fn read_focus(filled: &mut Filled, count: usize, reference: &Reference) -> Done<Vec<FocusList>> {
    let lengths: Vec<u8> = filled.column("coachees/gaps", count)?;
    let mut gaps = vec![[Focus::default(); GAPS]; count];
    for at in 0..GAPS {
        let competency: Vec<u16> = filled.column(&format!("coachees/gap_{at}_competency"), count)?;
        let required: Vec<u8> = filled.column(&format!("coachees/gap_{at}_required"), count)?;
        let assessed: Vec<u8> = filled.column(&format!("coachees/gap_{at}_assessed"), count)?;
        let max: Vec<u8> = filled.column(&format!("coachees/gap_{at}_max"), count)?;
        for (i, gap) in gaps.iter_mut().enumerate() {
            gap[at] = Focus { competency: competency[i], required: required[i], assessed: assessed[i], max: max[i] };
        }
    }
    let known = |gap: &Focus| {
        usize::from(gap.competency) < reference.competencies().len()
            && (1..=5).contains(&gap.required)
            && gap.assessed < gap.required
    };
    let list = |(gaps, &len): (&[Focus; GAPS], &u8)| {
        let gaps = gaps.get(..usize::from(len)).filter(|gaps| gaps.iter().all(known));
        gaps.map(FocusList::shared).ok_or_else(|| damaged("a gap that cannot be"))
    };
    gaps.iter().zip(&lengths).map(list).collect()
}

fn read_relations(filled: &mut Filled, count: usize, coaches: usize) -> Done<Vec<Vec<(u32, Relation)>>> {
    let lengths: Vec<u32> = filled.column("coachees/relations", count)?;
    let all: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
    let all = usize::try_from(all).map_err(damaged)?;
    let coach: Vec<u32> = filled.column("coachees/relation_coach", all)?;
    let flags: Vec<u8> = filled.column("coachees/relation_flags", all)?;
    let rank: Vec<u8> = filled.column("coachees/relation_rank", all)?;
    if coach.iter().any(|&coach| coach as usize >= coaches || coach == NONE) || rank.iter().any(|&rank| rank > 3) {
        return Err(damaged("a relation to nobody"));
    }
    let mut all =
        coach.into_iter().zip(flags.into_iter().zip(rank)).map(|(coach, (flags, rank))| (coach, relation(flags, rank)));
    Ok(lengths.iter().map(|&length| all.by_ref().take(length as usize).collect()).collect())
}

pub(super) fn write_before(entries: &mut Entries, before: &Before) -> Done {
    entries.column("before/coachee", before.pairs.iter().map(|pair| pair.0))?;
    entries.column("before/coach", before.pairs.iter().map(|pair| pair.1))?;
    entries.column("before/price", before.prices.iter().map(|&price| price.max(0).cast_unsigned()))
}

pub(super) fn read_before(filled: &mut Filled, pairs: usize, coachees: usize, coaches: usize) -> Done<Before> {
    let coachee: Vec<u32> = filled.column("before/coachee", pairs)?;
    let coach: Vec<u32> = filled.column("before/coach", pairs)?;
    let prices: Vec<u64> = filled.column("before/price", coaches)?;
    let pairs: Vec<(u32, u32)> = coachee.into_iter().zip(coach).collect();
    if pairs.iter().any(|&(coachee, coach)| coachee as usize >= coachees || coach as usize >= coaches) {
        return Err(damaged("an earlier pair of nobody"));
    }
    Ok(Before { pairs, prices: prices.into_iter().map(u64::cast_signed).collect() })
}

fn bits(relation: &Relation) -> u8 {
    let Relation { same_person, line_of_command, earlier, rank: _, wish, forbidden } = *relation;
    let flags = [same_person, line_of_command, earlier, wish, forbidden];
    flags.into_iter().enumerate().fold(0, |bits, (at, flag)| bits | u8::from(flag) << at)
}

fn relation(bits: u8, rank: u8) -> Relation {
    let [same_person, line_of_command, earlier, wish, forbidden] = std::array::from_fn(|at| bits >> at & 1 == 1);
    Relation { same_person, line_of_command, earlier, rank, wish, forbidden }
}
