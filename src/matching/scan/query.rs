//! One coachee, ready to be scored against any coach: the exact score of a single pair, and
//! the tables from which a kernel scores many.

use super::kernel::{FORBIDDEN, Lane, Table, Tables, UNREACHABLE};
use super::pool::{Row, local_regency};
use super::tables::{CORPORATE, Station, nearness};
use super::{Candidate, Scanner};
use crate::domain::{CoachKind, OptOuts, Reach};
use crate::matching::columns::{NO_FIELD, NONE, Relation};
use crate::matching::lottery::mix;
use crate::matching::score::PointTable;

/// One coachee, ready to be scored against any coach.
pub struct Query<'a> {
    pub(super) scanner: &'a Scanner<'a>,
    coachee: usize,
    pub(super) tables: Tables,
    /// Columns of the pool for the focus competencies.
    pub(super) levels: [&'a [Lane]; 3],
    /// Most points that coverage can give.
    pub(super) coverage: i16,
    pub(super) station: Station,
    pub(super) agency: u32,
    lottery: u64,
    pub(super) field: Option<u8>,
    pub(super) province: u16,
    pub(super) modes: u8,
    /// Number of the regency within the province.
    pub(super) local_regency: u8,
    /// Coaches about whom something is said, ascending.
    pub(super) relations: &'a [(u32, Relation)],
    /// Coaches with a conflict of interest, ascending.
    pub(super) conflicts: &'a [u32],
    regency: u16,
    internal_allowed: bool,
    focus: Focuses<'a>,
}

/// Per focus competency the levels of all coaches.
type Focuses<'a> = [&'a [u8]; 3];

impl<'a> Query<'a> {
    pub(super) fn new(scanner: &'a Scanner<'a>, coachee: usize) -> Self {
        let cohort = scanner.cohort;
        let e = &cohort.coachees;
        let allowed = |kind| e.opt_outs[coachee] & OptOuts::NONE.with(kind).bits() == 0;
        let station = Station {
            seniority: e.seniority[coachee],
            corporate: allowed(CoachKind::Corporate),
            alumni: allowed(CoachKind::External),
        };
        let regency = e.regency[coachee];
        let province = cohort.reference.province_of(regency);
        let focus = e.focus[coachee].as_slice();
        let competency = |slot: usize| focus.get(slot).map_or(0, |f| f.competency);
        let conflicts = cohort.coaches.conflicts.get(&e.agency[coachee]);
        Self {
            levels: std::array::from_fn(|slot| scanner.pool.levels(competency(slot))),
            focus: std::array::from_fn(|slot| cohort.coaches.levels[usize::from(competency(slot))].as_slice()),
            tables: Tables {
                points: std::array::from_fn(|slot| focus.get(slot).map_or([0; 16], points_by_level)),
                required: std::array::from_fn(|slot| focus.get(slot).map_or(UNREACHABLE, |f| f.required)),
                standing: scanner.tables.standing[station.number()],
                place: [FORBIDDEN; 16],
                languages: e.languages[coachee],
                regency: None,
            },
            coverage: focus.iter().map(|f| i16::from(f.max)).sum(),
            agency: e.agency[coachee],
            lottery: e.lottery[coachee],
            field: Some(e.field[coachee]).filter(|&field| field != NO_FIELD),
            modes: e.modes[coachee],
            local_regency: local_regency(regency, scanner.first_regency[usize::from(province)]),
            relations: &e.relations[coachee],
            conflicts: conflicts.map_or(&[], Vec::as_slice),
            internal_allowed: allowed(CoachKind::Internal),
            station,
            province,
            regency,
            scanner,
            coachee,
        }
    }

    /// The coachee, by position.
    pub fn coachee(&self) -> usize {
        self.coachee
    }

    /// The score of this coachee with a coach among [`Scanner::open`]; 0 when a rule forbids the pair.
    pub fn score(&self, coach: u32) -> u8 {
        self.try_score(coach).unwrap_or(0)
    }

    fn try_score(&self, coach: u32) -> Option<u8> {
        let (s, c, j) = (self.scanner, &self.scanner.cohort.coaches, coach as usize);
        let e = &s.cohort.coachees;
        if self.tables.languages & c.languages[j] == 0 {
            return None;
        }
        let coverage = self.coverage(j)?;
        let nearness = self.nearness(j)?;
        let internal = c.agency[j] == self.agency;
        let tier = self.tier(j, internal)?;
        let same_unit = c.unit[j] != NONE && c.unit[j] == e.unit[self.coachee];
        if same_unit || self.conflicts.binary_search(&coach).is_ok() {
            return None;
        }
        let field = if self.field == Some(c.field[j]) { s.points.same_field } else { 0 };
        let cross = if internal { 0 } else { s.points.cross_agency };
        let base = coverage + tier + field + s.merit[j] + nearness + cross;
        self.with_relation(coach, base)
    }

    /// Points for the focus, or none when the coach is strong at no part of it.
    fn coverage(&self, j: usize) -> Option<u8> {
        let (mut points, mut strong) = (0, false);
        for (slot, levels) in self.focus.iter().enumerate() {
            points += self.tables.points[slot][usize::from(levels[j] & 15)];
            strong |= levels[j] >= self.tables.required[slot];
        }
        strong.then_some(points)
    }

    /// Points for the coach's tier, or none when it, or the kind of coach, is not allowed.
    fn tier(&self, j: usize, internal: bool) -> Option<u8> {
        let s = self.scanner;
        let standing = s.standing[j];
        let alumni = if internal { self.internal_allowed } else { self.station.alumni };
        if standing < CORPORATE && !alumni {
            return None;
        }
        // The table of this station forbids all alumni where those of other agencies are.
        let table = s.tables.standing[Station { alumni: true, ..self.station }.number()];
        Some(table[usize::from(standing)]).filter(|&points| points != FORBIDDEN)
    }

    /// Points for nearness, or none when the two cannot meet.
    fn nearness(&self, j: usize) -> Option<u8> {
        let (s, c) = (self.scanner, &self.scanner.cohort.coaches);
        let to = usize::from(s.province[j]);
        let same = c.regency[j] == self.regency;
        let reach = if same { Reach::Regency } else { s.province_reach[usize::from(self.province)][to] };
        let served = c.served[j] >> self.province & 1 == 1;
        nearness(&s.points, s.cohort.policy.rules.in_person_within, self.modes & c.modes[j], reach, served)
    }

    fn with_relation(&self, coach: u32, base: u8) -> Option<u8> {
        let Some(relation) = self.relation(coach) else { return Some(base) };
        if relation.same_person || relation.line_of_command || relation.earlier {
            return None;
        }
        let points = &self.scanner.points;
        let wish = if relation.wish { points.wish } else { 0 };
        Some(base + points.rank[usize::from(relation.rank)] + wish)
    }

    /// What is said about a coach, if anything.
    pub(super) fn relation(&self, coach: u32) -> Option<Relation> {
        let at = self.relations.binary_search_by_key(&coach, |&(coach, _)| coach).ok()?;
        Some(self.relations[at].1)
    }

    /// A coach as an entry of this coachee's list.
    pub fn candidate(&self, coach: u32, score: u8) -> Candidate {
        self.entry(&Row::of(coach, &self.scanner.cohort.coaches), score)
    }

    /// The coach of a row as an entry of this coachee's list.
    #[inline]
    pub(super) fn entry(&self, row: &Row, score: u8) -> Candidate {
        Candidate::new(score, mix(self.lottery, row.tie_key), row.coach)
    }
}

/// Points for a gap by the coach's level.
fn points_by_level(focus: &crate::matching::columns::Focus) -> Table {
    let points = |level| PointTable::covered(focus.max, focus.required, focus.assessed, level);
    // Levels end at 5; more covers no more than the whole.
    std::array::from_fn(|level| points(level as u8))
}
