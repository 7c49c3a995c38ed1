//! The exact score of single pairs of one coachee, fast: what depends on the coachee is worked
//! out once.

use super::Candidate;
use super::ground::Ground;
use super::kernel::{FORBIDDEN, Table, Tables, UNREACHABLE};
use super::pool::Row;
use super::tables::{CORPORATE, Station, nearness};
use super::traits::Traits;
use crate::domain::{CoachKind, OptOuts, Reach};
use crate::matching::columns::{Coachee, Coaches, Focus, NO_FIELD, NONE};
use crate::matching::lottery::mix;
use crate::matching::score::PointTable;

/// One coachee, ready to be scored against any of some coaches.
pub(in crate::matching) struct Scorer<'a> {
    pub(super) ground: &'a Ground,
    pub(super) coaches: &'a Coaches,
    traits: &'a Traits,
    pub(super) coachee: Coachee<'a>,
    /// All but the points for place, which depend on the distance.
    pub(super) tables: Tables,
    pub(super) station: Station,
    pub(super) province: u16,
    /// Coaches with a conflict of interest, ascending.
    pub(super) conflicts: &'a [u32],
    internal_allowed: bool,
    /// Per focus competency the levels of all coaches.
    levels: [&'a [u8]; 3],
}

impl<'a> Scorer<'a> {
    /// Prepares a coachee, whose relations are to these coaches.
    pub fn new(ground: &'a Ground, coaches: &'a Coaches, traits: &'a Traits, coachee: Coachee<'a>) -> Self {
        let allowed = |kind| coachee.opt_outs & OptOuts::NONE.with(kind).bits() == 0;
        let station = Station {
            seniority: coachee.seniority,
            corporate: allowed(CoachKind::Corporate),
            alumni: allowed(CoachKind::External),
        };
        let focus = coachee.focus.as_slice();
        Self {
            levels: competencies(&coachee).map(|competency| coaches.levels[usize::from(competency)].as_slice()),
            tables: Tables {
                points: std::array::from_fn(|slot| focus.get(slot).map_or([0; 16], points_by_level)),
                required: std::array::from_fn(|slot| focus.get(slot).map_or(UNREACHABLE, |f| f.required)),
                standing: ground.tables.standing[station.number()],
                place: [FORBIDDEN; 16],
                languages: coachee.languages,
                regency: None,
            },
            conflicts: coaches.conflicts.get(&coachee.agency).map_or(&[], Vec::as_slice),
            internal_allowed: allowed(CoachKind::Internal),
            province: ground.province(coachee.regency),
            station,
            ground,
            coaches,
            traits,
            coachee,
        }
    }

    /// The coachee's field of work, if known.
    pub(super) fn field(&self) -> Option<u8> {
        Some(self.coachee.field).filter(|&field| field != NO_FIELD)
    }

    /// The score with a coach who is open; 0 when a rule forbids the pair.
    pub fn score(&self, coach: u32) -> u8 {
        self.try_score(coach).unwrap_or(0)
    }

    fn try_score(&self, coach: u32) -> Option<u8> {
        let (c, points, j) = (self.coaches, &self.ground.points, coach as usize);
        if self.tables.languages & c.languages[j] == 0 {
            return None;
        }
        let coverage = self.coverage(j)?;
        let nearness = self.nearness(j)?;
        let internal = c.agency[j] == self.coachee.agency;
        let tier = self.tier(j, internal)?;
        let same_unit = c.unit[j] != NONE && c.unit[j] == self.coachee.unit;
        if same_unit || self.conflicts.binary_search(&coach).is_ok() {
            return None;
        }
        let field = if self.field() == Some(c.field[j]) { points.same_field } else { 0 };
        let cross = if internal { 0 } else { points.cross_agency };
        let base = coverage + tier + field + self.traits.merit[j] + nearness + cross;
        self.with_relation(coach, base)
    }

    /// Points for the focus, or none when the coach is strong at no part of it.
    fn coverage(&self, j: usize) -> Option<u8> {
        let (mut points, mut strong) = (0, false);
        for (slot, levels) in self.levels.iter().enumerate() {
            points += self.tables.points[slot][usize::from(levels[j] & 15)];
            strong |= levels[j] >= self.tables.required[slot];
        }
        strong.then_some(points)
    }

    /// Points for the coach's tier, or none when it, or the kind of coach, is not allowed.
    fn tier(&self, j: usize, internal: bool) -> Option<u8> {
        let standing = self.traits.standing[j];
        let alumni = if internal { self.internal_allowed } else { self.station.alumni };
        if standing < CORPORATE && !alumni {
            return None;
        }
        // The table of this station forbids all alumni where those of other agencies are.
        let table = self.ground.tables.standing[Station { alumni: true, ..self.station }.number()];
        Some(table[usize::from(standing)]).filter(|&points| points != FORBIDDEN)
    }

    /// Points for nearness, or none when the two cannot meet.
    fn nearness(&self, j: usize) -> Option<u8> {
        let (ground, c, coachee) = (self.ground, self.coaches, &self.coachee);
        let to = usize::from(self.traits.province[j]);
        let same = c.regency[j] == coachee.regency;
        let reach = if same { Reach::Regency } else { ground.province_reach[usize::from(self.province)][to] };
        let served = c.served[j] >> self.province & 1 == 1;
        nearness(&ground.points, ground.in_person_within, coachee.modes & c.modes[j], reach, served)
    }

    fn with_relation(&self, coach: u32, base: u8) -> Option<u8> {
        let Some(relation) = self.coachee.relation(coach) else { return Some(base) };
        if relation.same_person || relation.line_of_command || relation.earlier || relation.forbidden {
            return None;
        }
        let points = &self.ground.points;
        let wish = if relation.wish { points.wish } else { 0 };
        Some(base + points.rank[usize::from(relation.rank)] + wish)
    }

    /// A coach as an entry of this coachee's list.
    pub fn candidate(&self, coach: u32, score: u8) -> Candidate {
        self.entry(&Row::of(coach, self.coaches), score)
    }

    /// The coach of a row as an entry of this coachee's list.
    #[inline]
    pub(super) fn entry(&self, row: &Row, score: u8) -> Candidate {
        Candidate::new(score, mix(self.coachee.lottery, row.tie_key), row.coach)
    }
}

/// The competencies of a coachee's focus; any where it has fewer than three.
pub(super) fn competencies(coachee: &Coachee) -> [u16; 3] {
    let focus = coachee.focus.as_slice();
    std::array::from_fn(|slot| focus.get(slot).map_or(0, |f| f.competency))
}

/// Points for a gap by the coach's level.
fn points_by_level(focus: &Focus) -> Table {
    let points = |level| PointTable::covered(focus.max, focus.required, focus.assessed, level);
    // Levels end at 5; more covers no more than the whole.
    std::array::from_fn(|level| points(level as u8))
}
