//! The hard rules and the score of one pair, component by component.
//!
//! This is the definition: plain, and used wherever a pair is explained or checked. The fast
//! twin in [`scan`](super::scan) must agree with it on every pair.

use super::columns::{Coachee, Coaches, Cohort, NO_FIELD, NONE, Relation};
use super::explain::{Component, Explanation, FocusPoints};
use super::rule::{Rule, RuleSet};
use crate::domain::policy::Weights;
use crate::domain::{CoachKind, CoachSource, Mode, Modes, OptOuts, Policy, Reach, Reference, Tier};

/// Points by what they are given for, worked out once per policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointTable {
    /// By how many steps the coach's seniority exceeds the coachee's, 0 to 6.
    pub tier_steps: [u8; 7],
    /// When the coach's tier is unknown.
    pub tier_unknown: u8,
    /// For the same field of work.
    pub same_field: u8,
    /// By mean rating in hundredths, 100 to 500: [`PointTable::record`].
    pub record_max: u8,
    /// By the coach's place among the coachee's choices; index 0 is "not chosen".
    pub rank: [u8; 4],
    /// For the coach's wish.
    pub wish: u8,
    /// By shared ways of meeting (bits of [`Modes`]) and [`Reach`].
    pub reach: [[u8; 5]; 4],
    /// For another agency.
    pub cross_agency: u8,
    /// For all places being free: [`PointTable::load`].
    pub load_max: u8,
}

/// A share of a maximum in per cent, rounded to the nearest point.
const fn share(max: u8, percent: u16) -> u8 {
    ((max as u16 * percent + 50) / 100) as u8
}

impl PointTable {
    /// The table of a policy.
    pub fn new(weights: &Weights) -> Self {
        let tier_max = share(weights.credibility, 40);
        let same_field = share(weights.credibility, 30);
        let choice_max = share(weights.choices, 67);
        let row = |percents: [u16; 5]| percents.map(|percent| share(weights.reach, percent));
        Self {
            // One step above is the most credible; far above, experience is less like the coachee's.
            tier_steps: [70, 100, 85, 60, 45, 40, 40].map(|percent| share(tier_max, percent)),
            tier_unknown: share(tier_max, 60),
            same_field,
            record_max: weights.credibility - tier_max - same_field,
            rank: [0, choice_max, share(choice_max, 80), share(choice_max, 60)],
            wish: weights.choices - choice_max,
            reach: [
                [0; 5],
                // Online only: what counts is the same working hours.
                row([80, 80, 80, 80, 50]),
                // In person only: every border makes it harder.
                row([100, 75, 50, 35, 20]),
                // Both: free to choose.
                row([100, 90, 80, 80, 50]),
            ],
            cross_agency: weights.cross_agency,
            load_max: weights.load,
        }
    }

    /// Points for a shrunk mean rating in hundredths.
    pub fn record(&self, shrunk_rating: u16) -> u8 {
        let above = u32::from(shrunk_rating.clamp(100, 500) - 100);
        ((above * u32::from(self.record_max) + 200) / 400) as u8
    }

    /// Points for free places.
    pub fn load(&self, free: u16, capacity: u16) -> u8 {
        let (free, capacity) = (u32::from(free), u32::from(capacity.max(1)));
        ((free * u32::from(self.load_max) + capacity / 2) / capacity) as u8
    }

    /// Points for a gap that a coach covers in part or in whole; `max` for the whole.
    pub fn covered(max: u8, required: u8, assessed: u8, coach_level: u8) -> u8 {
        let gap = u16::from(required - assessed);
        let covered = u16::from(coach_level.saturating_sub(assessed)).min(gap);
        (u16::from(max) * covered / gap) as u8
    }
}

/// How far apart two people are and which ways of meeting that leaves them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// The smallest area both share.
    pub reach: Reach,
    /// Whether the coach serves the coachee's province.
    pub served: bool,
    /// Ways of meeting both accept.
    pub shared: Modes,
    /// Those of them that the distance allows.
    pub possible: Modes,
}

/// A coachee and a coach who might become a pair, and what decides about it.
#[derive(Debug, Clone, Copy)]
pub struct Prospect<'a> {
    /// Regions, competencies and tiers.
    pub reference: &'a Reference,
    /// The policy.
    pub policy: &'a Policy,
    /// Who asks.
    pub coachee: Coachee<'a>,
    /// The coaches of whom one is meant.
    pub coaches: &'a Coaches,
    /// The coach.
    pub coach: u32,
}

impl Cohort {
    /// A coachee and a coach who might become a pair.
    pub fn prospect(&self, coachee: usize, coach: u32) -> Prospect<'_> {
        Prospect {
            reference: &self.reference,
            policy: &self.policy,
            coachee: self.coachees.get(coachee),
            coaches: &self.coaches,
            coach,
        }
    }

    /// The rules that a pair breaks; none: the pair may be proposed.
    pub fn broken_rules(&self, coachee: usize, coach: u32) -> RuleSet {
        self.prospect(coachee, coach).broken_rules()
    }

    /// Why a pair has its score. Says so for a forbidden pair too: what it would have; and for somebody
    /// of a pair that is kept, by what the coachee had asked for.
    pub fn explain(&self, coachee: usize, coach: u32) -> Explanation {
        self.prospect_as_asked(coachee, coach).explain()
    }

    /// A coachee and a coach as if no pair of the coachee were kept.
    pub(super) fn prospect_as_asked(&self, coachee: usize, coach: u32) -> Prospect<'_> {
        let mut prospect = self.prospect(coachee, coach);
        if let Some(&asked) = self.kept_focus.get(&(coachee as u32)) {
            prospect.coachee.focus = asked;
        }
        prospect
    }

    /// The score of a pair, or none if a rule forbids it. The plain way, for checks.
    pub fn plain_score(&self, coachee: usize, coach: u32) -> Option<u8> {
        let prospect = self.prospect(coachee, coach);
        prospect.broken_rules().is_empty().then(|| prospect.explain().score)
    }
}

impl Prospect<'_> {
    /// The rules that the pair breaks; none: it may be proposed.
    pub fn broken_rules(&self) -> RuleSet {
        let (e, c, j) = (&self.coachee, self.coaches, self.coach as usize);
        let relation = self.relation();
        let meeting = self.meeting();
        let corporate = c.source[j] == CoachSource::Corporate;
        let mut rules = RuleSet::default();
        rules.add_if(!c.verified[j], Rule::NotVerified);
        rules.add_if(!c.accepting[j], Rule::NotAccepting);
        rules.add_if(c.places[j] == 0, Rule::NoFreePlace);
        rules.add_if(relation.same_person, Rule::SamePerson);
        rules.add_if(e.unit != NONE && e.unit == c.unit[j], Rule::SameUnit);
        rules.add_if(relation.line_of_command, Rule::LineOfCommand);
        let senior = corporate || !self.policy.rules.senior_alumni || c.seniority[j] >= e.seniority;
        rules.add_if(!senior, Rule::Tier);
        let strong = e.focus.as_slice().iter().any(|f| c.levels[usize::from(f.competency)][j] >= f.required);
        rules.add_if(!strong, Rule::Strength);
        rules.add_if(meeting.shared == Modes::NONE, Rule::Mode);
        rules.add_if(meeting.shared != Modes::NONE && meeting.possible == Modes::NONE, Rule::OutOfReach);
        rules.add_if(e.languages & c.languages[j] == 0, Rule::Language);
        rules.add_if(c.conflicts_with(self.coach, e.agency), Rule::Conflict);
        rules.add_if(relation.earlier, Rule::EarlierPair);
        rules.add_if(e.opt_outs & OptOuts::NONE.with(self.coach_kind()).bits() != 0, Rule::AgencyOptOut);
        rules.add_if(relation.forbidden, Rule::ForbiddenByAdmin);
        rules
    }

    fn relation(&self) -> Relation {
        self.coachee.relation(self.coach).unwrap_or_default()
    }

    /// How the coach stands to the coachee's agency.
    pub fn coach_kind(&self) -> CoachKind {
        let j = self.coach as usize;
        if self.coaches.source[j] == CoachSource::Corporate {
            CoachKind::Corporate
        } else if self.coaches.agency[j] == self.coachee.agency {
            CoachKind::Internal
        } else {
            CoachKind::External
        }
    }

    /// How the two could meet.
    pub fn meeting(&self) -> Meeting {
        let (e, c, j) = (&self.coachee, self.coaches, self.coach as usize);
        let reach = self.reference.reach(e.regency, c.regency[j]);
        let served = c.served[j] >> self.reference.province_of(e.regency) & 1 == 1;
        let shared = Modes::from_bits(e.modes & c.modes[j]);
        let near = served || reach <= self.policy.rules.in_person_within;
        let possible = if near { shared } else { shared.shared(Modes::NONE.with(Mode::Online)) };
        Meeting { reach, served, shared, possible }
    }

    /// Why the pair has its score. Says so for a forbidden pair too: what it would have.
    pub fn explain(&self) -> Explanation {
        let points = PointTable::new(&self.policy.weights);
        let components = vec![
            self.coverage(),
            self.credibility(&points),
            self.choices(&points),
            self.nearness(&points),
            self.cross_agency(&points),
            self.load(&points),
        ];
        let score = components.iter().map(|c| u16::from(c.points())).sum::<u16>();
        Explanation { score: score.min(255) as u8, components }
    }

    fn coverage(&self) -> Component {
        let mut focus = Vec::with_capacity(3);
        for f in self.coachee.focus.as_slice() {
            let coach_level = self.coaches.levels[usize::from(f.competency)][self.coach as usize];
            focus.push(FocusPoints {
                competency: self.reference.competencies()[usize::from(f.competency)].code.clone(),
                required: f.required,
                assessed: f.assessed,
                coach_level,
                points: PointTable::covered(f.max, f.required, f.assessed, coach_level),
                max: f.max,
            });
        }
        let points = focus.iter().map(|f| f.points).sum();
        Component::Coverage { points, max: self.policy.weights.coverage, focus }
    }

    fn credibility(&self, table: &PointTable) -> Component {
        let (e, c, j) = (&self.coachee, self.coaches, self.coach as usize);
        let tier_points = match c.seniority[j] {
            0 => table.tier_unknown,
            seniority => table.tier_steps[usize::from(seniority.saturating_sub(e.seniority)).min(6)],
        };
        let same_field = e.field != NO_FIELD && e.field == c.field[j];
        let field_points = if same_field { table.same_field } else { 0 };
        let record_points = table.record(c.shrunk_rating[j]);
        Component::Credibility {
            points: tier_points + field_points + record_points,
            max: self.policy.weights.credibility,
            tier_points,
            field_points,
            record_points,
            coachee_tier: Tier::ALL[usize::from(e.tier)],
            coach_tier: Tier::ALL.get(usize::from(c.tier[j])).copied(),
            same_field,
            completed_pairs: c.completed[j],
            rating: (c.rating[j] > 0).then_some(c.rating[j]),
        }
    }

    fn choices(&self, table: &PointTable) -> Component {
        let relation = self.relation();
        let wish = if relation.wish { table.wish } else { 0 };
        Component::Choices {
            points: table.rank[usize::from(relation.rank)] + wish,
            max: self.policy.weights.choices,
            coachee_rank: (relation.rank > 0).then_some(relation.rank),
            coach_wish: relation.wish,
        }
    }

    fn nearness(&self, table: &PointTable) -> Component {
        let meeting = self.meeting();
        let felt = if meeting.served { meeting.reach.min(Reach::Province) } else { meeting.reach };
        Component::Reach {
            points: table.reach[usize::from(meeting.possible.bits())][felt as usize],
            max: self.policy.weights.reach,
            reach: meeting.reach,
            served: meeting.served,
            modes: meeting.possible.iter().collect(),
        }
    }

    fn cross_agency(&self, table: &PointTable) -> Component {
        let different = self.coachee.agency != self.coaches.agency[self.coach as usize];
        let points = if different { table.cross_agency } else { 0 };
        Component::CrossAgency { points, max: self.policy.weights.cross_agency, different }
    }

    fn load(&self, table: &PointTable) -> Component {
        let (free, capacity) = (self.coaches.free[self.coach as usize], self.coaches.capacity[self.coach as usize]);
        Component::Load { points: table.load(free, capacity), max: self.policy.weights.load, free, capacity }
    }
}
