//! The fast way to score one coachee against many coaches: what depends on the coachee is
//! worked out once into small tables, what depends on the coach is read from columns.
//! Agrees with [`score`](super::score) on every pair; a property test holds the two together.

use super::columns::{Cohort, NO_FIELD, NONE};
use super::lottery::mix;
use super::score::PointTable;
use crate::domain::{CoachKind, CoachSource, Mode, Modes, OptOuts, Reach};

/// Added to a standing when the coach is a corporate leader.
const CORPORATE: u8 = 8;
/// In a table of points: a rule forbids the pair.
const FORBIDDEN: u8 = u8::MAX;

/// All coaches of a cohort, ready to be scanned again and again.
pub struct Scanner<'a> {
    cohort: &'a Cohort,
    points: PointTable,
    /// Coaches who are verified, accepting and have a free place, ascending.
    open: Vec<u32>,
    /// Per coach: seniority, plus [`CORPORATE`].
    standing: Vec<u8>,
    /// Per coach: points for track record and load, the same for every coachee.
    merit: Vec<u8>,
    /// Per coach: position of the province.
    province: Vec<u16>,
}

/// One coachee, ready to be scored against any coach.
pub struct Query<'a> {
    scanner: &'a Scanner<'a>,
    coachee: usize,
    focus: Vec<FocusTable<'a>>,
    standing: [u8; 16],
    reach: [Reach; 64],
    in_person_within: Reach,
    field: u8,
    province: u16,
    regency: u16,
    internal_allowed: bool,
    external_allowed: bool,
    has_conflicts: bool,
}

/// Points by the coach's level on one focus competency.
struct FocusTable<'a> {
    levels: &'a [u8],
    points: [u8; 6],
    required: u8,
}

/// A coach on somebody's list: the score, then the tie-break, then the coach, packed so that
/// comparing the numbers compares the preference; the greater is the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate(u64);

impl Candidate {
    fn new(score: u8, tie: u64, coach: u32) -> Self {
        Self(u64::from(score) << 56 | (tie >> 40) << 32 | u64::from(coach))
    }

    /// The coach.
    pub fn coach(self) -> u32 {
        self.0 as u32
    }

    /// The score, 1 to 255.
    pub fn score(self) -> u8 {
        (self.0 >> 56) as u8
    }
}

impl<'a> Scanner<'a> {
    /// Prepares the coaches of a cohort.
    pub fn new(cohort: &'a Cohort) -> Self {
        let c = &cohort.coaches;
        let points = PointTable::new(&cohort.policy.weights);
        let all = 0..c.len();
        let open = all.clone().filter(|&j| c.verified[j] && c.accepting[j] && c.free[j] > 0);
        let corporate = |j: usize| if c.source[j] == CoachSource::Corporate { CORPORATE } else { 0 };
        Self {
            open: open.map(|j| j as u32).collect(),
            standing: all.clone().map(|j| c.seniority[j] + corporate(j)).collect(),
            merit: all
                .clone()
                .map(|j| points.record(c.shrunk_rating[j]) + points.load(c.free[j], c.capacity[j]))
                .collect(),
            province: all.map(|j| cohort.reference.province_of(c.regency[j])).collect(),
            points,
            cohort,
        }
    }

    /// Coaches who could be given somebody at all, ascending.
    pub fn open(&self) -> &[u32] {
        &self.open
    }

    /// Prepares one coachee.
    pub fn query(&'a self, coachee: usize) -> Query<'a> {
        let (cohort, e) = (self.cohort, &self.cohort.coachees);
        let opt_outs = e.opt_outs[coachee];
        let allowed = |kind| opt_outs & OptOuts::NONE.with(kind).bits() == 0;
        let focus = e.focus[coachee].as_slice().iter().map(|f| FocusTable {
            levels: &cohort.coaches.levels[usize::from(f.competency)],
            points: std::array::from_fn(|level| PointTable::covered(f.max, f.required, f.assessed, level as u8)),
            required: f.required,
        });
        let regency = e.regency[coachee];
        let province = cohort.reference.province_of(regency);
        Query {
            scanner: self,
            coachee,
            focus: focus.collect(),
            standing: self.standing_table(e.seniority[coachee], allowed(CoachKind::Corporate)),
            reach: self.reach_table(province),
            in_person_within: cohort.policy.rules.in_person_within,
            field: e.field[coachee],
            province,
            regency,
            internal_allowed: allowed(CoachKind::Internal),
            external_allowed: allowed(CoachKind::External),
            has_conflicts: cohort.coaches.conflicts.contains_key(&e.agency[coachee]),
        }
    }

    /// Points for the coach's tier by standing, or [`FORBIDDEN`].
    fn standing_table(&self, coachee: u8, corporate_allowed: bool) -> [u8; 16] {
        let senior = self.cohort.policy.rules.senior_alumni;
        std::array::from_fn(|standing| {
            let corporate = standing >= usize::from(CORPORATE);
            let seniority = standing as u8 % CORPORATE;
            let forbidden = if corporate { !corporate_allowed } else { senior && seniority < coachee };
            match seniority {
                _ if forbidden => FORBIDDEN,
                0 => self.points.tier_unknown,
                _ => self.points.tier_steps[usize::from(seniority.saturating_sub(coachee)).min(6)],
            }
        })
    }

    /// How far each province is from one, by position.
    fn reach_table(&self, from: u16) -> [Reach; 64] {
        let provinces = self.cohort.reference.provinces();
        let here = &provinces[usize::from(from)];
        std::array::from_fn(|at| match provinces.get(at) {
            _ if at == usize::from(from) => Reach::Province,
            Some(there) if there.island_group == here.island_group => Reach::IslandGroup,
            Some(there) if there.zone == here.zone => Reach::Zone,
            _ => Reach::Country,
        })
    }
}

impl Query<'_> {
    /// The score of this coachee with a coach among [`Scanner::open`]; 0 when a rule forbids the pair.
    pub fn score(&self, coach: u32) -> u8 {
        let j = coach as usize;
        let (s, c, e) = (self.scanner, &self.scanner.cohort.coaches, &self.scanner.cohort.coachees);
        let tier = self.standing[usize::from(s.standing[j])];
        if tier == FORBIDDEN || e.languages[self.coachee] & c.languages[j] == 0 {
            return 0;
        }
        let (mut coverage, mut strong) = (0, false);
        for focus in &self.focus {
            let level = focus.levels[j];
            coverage += focus.points[usize::from(level)];
            strong |= level >= focus.required;
        }
        if !strong {
            return 0;
        }
        let nearness = self.nearness(j);
        let Some(nearness) = nearness else { return 0 };
        let internal = c.agency[j] == e.agency[self.coachee];
        let corporate = s.standing[j] >= CORPORATE;
        if !corporate && !(if internal { self.internal_allowed } else { self.external_allowed }) {
            return 0;
        }
        let same_unit = c.unit[j] != NONE && c.unit[j] == e.unit[self.coachee];
        if same_unit || (self.has_conflicts && c.conflicts_with(coach, e.agency[self.coachee])) {
            return 0;
        }
        let field = if self.field != NO_FIELD && self.field == c.field[j] { s.points.same_field } else { 0 };
        let cross = if internal { 0 } else { s.points.cross_agency };
        let base = coverage + tier + field + s.merit[j] + nearness + cross;
        self.with_relation(coach, base)
    }

    /// Points for nearness, or none when the two cannot meet.
    fn nearness(&self, j: usize) -> Option<u8> {
        let (s, c) = (self.scanner, &self.scanner.cohort.coaches);
        let shared = self.scanner.cohort.coachees.modes[self.coachee] & c.modes[j];
        if shared == 0 {
            return None;
        }
        let reach = if c.regency[j] == self.regency { Reach::Regency } else { self.reach[usize::from(s.province[j])] };
        let served = c.served[j] >> self.province & 1 == 1;
        let possible = if served || reach <= self.in_person_within {
            shared
        } else {
            shared & Modes::NONE.with(Mode::Online).bits()
        };
        let felt = if served { reach.min(Reach::Province) } else { reach };
        (possible != 0).then(|| s.points.reach[usize::from(possible)][felt as usize])
    }

    fn with_relation(&self, coach: u32, base: u8) -> u8 {
        let s = self.scanner;
        if s.cohort.coachees.relations[self.coachee].is_empty() {
            return base;
        }
        let relation = s.cohort.coachees.relation(self.coachee, coach);
        if relation.same_person || relation.line_of_command || relation.earlier {
            return 0;
        }
        let wish = if relation.wish { s.points.wish } else { 0 };
        base + s.points.rank[usize::from(relation.rank)] + wish
    }

    /// A coach as an entry of this coachee's list.
    pub fn candidate(&self, coach: u32, score: u8) -> Candidate {
        let s = self.scanner.cohort;
        let tie = mix(s.coachees.lottery[self.coachee], s.coaches.tie_key[coach as usize]);
        Candidate::new(score, tie, coach)
    }

    /// The `k` best coaches, best first.
    pub fn best(&self, k: usize) -> Vec<Candidate> {
        let mut kept: Vec<Candidate> = Vec::with_capacity(4 * k);
        let mut least = 1;
        for &coach in &self.scanner.open {
            let score = self.score(coach);
            if score < least {
                continue;
            }
            kept.push(self.candidate(coach, score));
            if kept.len() == 4 * k {
                keep_best(&mut kept, k);
                least = kept[k - 1].score();
            }
        }
        if kept.len() > k {
            keep_best(&mut kept, k);
        }
        kept.sort_unstable_by(|a, b| b.cmp(a));
        kept
    }

    /// Every coach that no rule forbids, in no particular order.
    pub fn eligible(&self) -> impl Iterator<Item = Candidate> + '_ {
        self.scanner.open.iter().filter_map(|&coach| match self.score(coach) {
            0 => None,
            score => Some(self.candidate(coach, score)),
        })
    }
}

fn keep_best(kept: &mut Vec<Candidate>, k: usize) {
    kept.select_nth_unstable_by(k - 1, |a, b| b.cmp(a));
    kept.truncate(k);
}
