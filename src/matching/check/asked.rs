//! One coachee, and every coach's score.

use std::ops::Range;

use super::row::{Asking, Columns, Gap, Meeting, score};
use super::{Desk, MEETINGS, SERVES, mask};
use crate::domain::{CoachKind, Mode, Modes, OptOuts, Reach};
use crate::matching::columns::{NO_FIELD, NONE, Relation};
use crate::matching::score::PointTable;

/// One coachee, ready to be scored with any coach.
pub(super) struct Asked<'a> {
    desk: &'a Desk<'a>,
    coachee: usize,
    asking: Asking,
    columns: Columns<'a>,
    stretches: Vec<(Reach, Range<usize>)>,
    conflicts: &'a [u32],
    relations: &'a [(u32, Relation)],
    /// Coaches who have more to do with the coachee, ascending, and their scores.
    acquainted: Vec<(u32, u8)>,
}

/// Coaches in a row.
const ROW: usize = 1024;

/// A level that no coach reaches.
const UNREACHABLE: u8 = u8::MAX;

impl<'a> Asked<'a> {
    /// Prepares a coachee.
    pub fn new(desk: &'a Desk<'a>, coachee: usize) -> Self {
        let (e, c) = (&desk.cohort.coachees, &desk.cohort.coaches);
        let seniority = usize::from(e.seniority[coachee]);
        let focus = e.focus[coachee].as_slice();
        let accepts = |kind| mask(e.opt_outs[coachee] & OptOuts::NONE.with(kind).bits() == 0);
        let asking = Asking {
            gaps: std::array::from_fn(|slot| match focus.get(slot) {
                None => Gap { points: [0; 6], required: UNREACHABLE },
                Some(f) => Gap {
                    points: std::array::from_fn(|n| PointTable::covered(f.max, f.required, f.assessed, n as u8)),
                    required: f.required,
                },
            }),
            field: match e.field[coachee] {
                NO_FIELD => (NO_FIELD, 0),
                field => (field, desk.points.same_field),
            },
            languages: e.languages[coachee],
            corporate: accepts(CoachKind::Corporate),
            alumni: accepts(CoachKind::External),
            all: desk.points.cross_agency,
        };
        let competency = |slot: usize| focus.get(slot).map_or(0, |f| usize::from(f.competency));
        let columns = Columns {
            ground: &desk.ground[seniority],
            open: &desk.open[seniority],
            corporate: &desk.corporate,
            levels: std::array::from_fn(|slot| c.levels[competency(slot)].as_slice()),
            field: &c.field,
            languages: &c.languages,
            meets: desk.meets(desk.cohort.reference.province_of(e.regency[coachee])),
        };
        let mut asked = Self {
            desk,
            coachee,
            asking,
            columns,
            stretches: desk.stretches(e.regency[coachee]),
            conflicts: c.conflicts.get(&e.agency[coachee]).map_or(&[], Vec::as_slice),
            relations: &e.relations[coachee],
            acquainted: Vec::new(),
        };
        asked.acquainted = asked.find_acquainted();
        asked
    }

    /// The position of the coachee.
    pub fn coachee(&self) -> usize {
        self.coachee
    }

    fn find_acquainted(&self) -> Vec<(u32, u8)> {
        let e = &self.desk.cohort.coachees;
        let of = |group: Option<&'a Vec<u32>>| group.map_or(&[][..], Vec::as_slice);
        let mut coaches: Vec<u32> = of(self.desk.employees.get(&e.agency[self.coachee])).to_vec();
        coaches.extend(of(self.desk.units.get(&e.unit[self.coachee])));
        coaches.extend(self.conflicts);
        coaches.extend(self.relations.iter().map(|&(coach, _)| coach));
        coaches.sort_unstable();
        coaches.dedup();
        coaches.into_iter().map(|coach| (coach, self.score(coach))).collect()
    }

    /// Calls `each` with the first coach of a row and the scores of the row, 0 where a rule
    /// forbids the pair; row after row until all coaches were there.
    pub fn rows(&self, mut each: impl FnMut(usize, &[u8])) {
        let mut acquainted = self.acquainted.iter().peekable();
        let mut scores = [0; ROW];
        for (reach, coaches) in &self.stretches {
            let meeting = self.meeting(*reach);
            for first in coaches.clone().step_by(ROW) {
                let row = first..coaches.end.min(first + ROW);
                let scores = &mut scores[..row.len()];
                score(&self.asking, &meeting, &self.columns.part(row.clone()), scores);
                while let Some(&(coach, known)) = acquainted.next_if(|(coach, _)| (*coach as usize) < row.end) {
                    scores[coach as usize - first] = known;
                }
                each(first, scores);
            }
        }
    }

    /// The scores with all coaches, 0 where a rule forbids the pair.
    pub fn all(&self) -> Vec<u8> {
        let mut all = vec![0; self.desk.coaches()];
        self.rows(|first, scores| all[first..first + scores.len()].copy_from_slice(scores));
        all
    }

    /// What meeting a coach gives who is so far away.
    fn meeting(&self, reach: Reach) -> Meeting {
        let within = self.desk.cohort.policy.rules.in_person_within;
        let own = self.desk.cohort.coachees.modes[self.coachee];
        let mut meeting = Meeting { points: [0; MEETINGS], possible: [0; MEETINGS] };
        for meets in 0..MEETINGS as u8 {
            let served = meets & SERVES != 0;
            let felt = if served { reach.min(Reach::Province) } else { reach };
            let shared = own & meets & Modes::BOTH.bits();
            let near = served || reach <= within;
            let possible = if near { shared } else { shared & Modes::NONE.with(Mode::Online).bits() };
            meeting.points[usize::from(meets)] = self.desk.points.reach[usize::from(possible)][felt as usize];
            meeting.possible[usize::from(meets)] = mask(possible != 0);
        }
        meeting
    }

    /// The score with any coach, 0 where a rule forbids the pair.
    pub fn score(&self, coach: u32) -> u8 {
        let (desk, j) = (self.desk, coach as usize);
        let (e, c) = (&desk.cohort.coachees, &desk.cohort.coaches);
        let same_agency = c.agency[j] == e.agency[self.coachee];
        let same_unit = e.unit[self.coachee] != NONE && e.unit[self.coachee] == c.unit[j];
        let Relation { same_person, line_of_command, earlier, rank, wish, forbidden } =
            e.get(self.coachee).relation(coach).unwrap_or_default();
        let barred = same_person || line_of_command || earlier || forbidden;
        if barred || same_unit || self.conflicts.binary_search(&coach).is_ok() {
            return 0;
        }
        let mut asking = self.asking;
        if same_agency {
            let internal = e.opt_outs[self.coachee] & OptOuts::NONE.with(CoachKind::Internal).bits() == 0;
            (asking.all, asking.alumni) = (0, mask(internal));
        }
        asking.all += desk.points.rank[usize::from(rank)] + if wish { desk.points.wish } else { 0 };
        let meeting = self.meeting(desk.cohort.reference.reach(e.regency[self.coachee], c.regency[j]));
        let mut alone = [0];
        score(&asking, &meeting, &self.columns.part(j..j + 1), &mut alone);
        alone[0]
    }
}
