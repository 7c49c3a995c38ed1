//! Which coaches are kept from a coachee, and by which rules: counted for all coaches at once,
//! 64 to a word, where one pair after the other would take too long for everybody who waits.
//! Agrees with [`Cohort::broken_rules`] on every pair.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::columns::{Cohort, NONE, Relation};
use super::rule::{Rule, RuleCounts};
use crate::domain::{CoachKind, CoachSource, Language, Mode, Modes, OptOuts};

/// The coaches of a cohort as sets, by what the rules ask about them.
pub(super) struct Barriers<'a> {
    cohort: &'a Cohort,
    everybody: Set,
    nobody: Set,
    verified: Set,
    accepting: Set,
    with_places: Set,
    corporate: Set,
    /// Per competency and level, those who have at least that level.
    strong: Vec<Vec<Set>>,
    /// Per seniority of a coachee, those whose tier is high enough.
    senior: Vec<Set>,
    /// Per seniority of a coachee, those of them who could be given somebody at all.
    open: Vec<Set>,
    online: Set,
    in_person: Set,
    languages: Vec<Set>,
    /// Per regency, those who live near enough to meet in person, or come there.
    near: Vec<OnceLock<Set>>,
    employees: HashMap<u32, Vec<u32>>,
    units: HashMap<u32, Vec<u32>>,
}

/// How many coaches are kept from a coachee by each rule, and by each rule alone.
pub(super) struct Kept {
    pub rules: RuleCounts,
    pub sole_rules: RuleCounts,
}

/// Seniorities of tiers, with 0 for an unknown one.
const SENIORITIES: u8 = 8;

impl<'a> Barriers<'a> {
    pub fn new(cohort: &'a Cohort) -> Self {
        let c = &cohort.coaches;
        let set = |has: &dyn Fn(usize) -> bool| Set::of(c.len(), has);
        let corporate = |j: usize| c.source[j] == CoachSource::Corporate;
        let binding = cohort.policy.rules.senior_alumni;
        let is_senior = |j: usize, own: u8| corporate(j) || !binding || c.seniority[j] >= own;
        let is_open = |j: usize| c.verified[j] && c.accepting[j] && c.places[j] > 0;
        let strong = |levels: &Vec<u8>| (0..=5).map(|level| set(&|j| levels[j] >= level)).collect();
        let offers = |mode: Mode| set(&|j| c.modes[j] & Modes::NONE.with(mode).bits() != 0);
        Self {
            cohort,
            everybody: set(&|_| true),
            nobody: set(&|_| false),
            verified: set(&|j| c.verified[j]),
            accepting: set(&|j| c.accepting[j]),
            with_places: set(&|j| c.places[j] > 0),
            corporate: set(&corporate),
            strong: c.levels.iter().map(strong).collect(),
            senior: (0..SENIORITIES).map(|own| set(&|j| is_senior(j, own))).collect(),
            open: (0..SENIORITIES).map(|own| set(&|j| is_senior(j, own) && is_open(j))).collect(),
            online: offers(Mode::Online),
            in_person: offers(Mode::InPerson),
            languages: (0..Language::ALL.len()).map(|bit| set(&|j| c.languages[j] >> bit & 1 == 1)).collect(),
            near: cohort.reference.regencies().iter().map(|_| OnceLock::new()).collect(),
            employees: groups(&c.agency),
            units: groups(&c.unit),
        }
    }

    /// How many coaches no rule keeps from a coachee who has a focus.
    pub fn allowed(&self, coachee: usize) -> u32 {
        let (online, in_person) = self.shared_modes(coachee);
        let (kinds, speaking) = (self.of_accepted_kind(coachee), self.speaking(coachee));
        // All of one length, so that no index need be checked.
        let count = self.nobody.0.len();
        let [a, b, c] = self.strong_at(coachee).map(|set| &set.0[..count]);
        let (online, in_person, near) = (&online.0[..count], &in_person.0[..count], &self.near(coachee).0[..count]);
        let (kinds, speaking) = (&kinds.0[..count], &speaking.0[..count]);
        let open = &self.open[self.seniority(coachee)].0[..count];
        let word =
            |w: usize| (a[w] | b[w] | c[w]) & open[w] & (online[w] | in_person[w] & near[w]) & speaking[w] & kinds[w];
        let mut listed: Vec<u32> = LISTED.iter().flat_map(|&rule| self.listed(coachee, rule)).collect();
        listed.sort_unstable();
        listed.dedup();
        let barred = listed.into_iter().filter(|&j| word(j as usize / 64) >> (j % 64) & 1 == 1).count();
        (0..count).map(|w| word(w).count_ones()).sum::<u32>() - barred as u32
    }

    /// How many coaches each rule keeps from a coachee.
    pub fn kept(&self, coachee: usize) -> Kept {
        let by_rule: Vec<Set> = Rule::ALL.iter().map(|&rule| self.kept_by(coachee, rule)).collect();
        let (mut once, mut twice) = (self.nobody.clone(), self.nobody.clone());
        for set in &by_rule {
            twice = twice.or(&once.and(set));
            once = once.or(set);
        }
        let alone = once.without(&twice);
        let rules = || Rule::ALL.iter().copied().zip(&by_rule);
        Kept {
            rules: rules().map(|(rule, set)| (rule, set.count())).collect(),
            sole_rules: rules().map(|(rule, set)| (rule, set.and(&alone).count())).collect(),
        }
    }

    fn kept_by(&self, coachee: usize, rule: Rule) -> Set {
        let all = &self.everybody;
        let meeting = || {
            let (online, in_person) = self.shared_modes(coachee);
            (online.or(in_person), online.or(&in_person.and(self.near(coachee))))
        };
        match rule {
            Rule::NotVerified => all.without(&self.verified),
            Rule::NotAccepting => all.without(&self.accepting),
            Rule::NoFreePlace => all.without(&self.with_places),
            Rule::Tier => all.without(&self.senior[self.seniority(coachee)]),
            Rule::Strength => {
                let [a, b, c] = self.strong_at(coachee);
                all.without(&a.or(b).or(c))
            }
            Rule::Mode => all.without(&meeting().0),
            Rule::OutOfReach => {
                let (shared, possible) = meeting();
                shared.without(&possible)
            }
            Rule::Language => all.without(&self.speaking(coachee)),
            Rule::AgencyOptOut => all.without(&self.of_accepted_kind(coachee)),
            Rule::SamePerson
            | Rule::SameUnit
            | Rule::LineOfCommand
            | Rule::Conflict
            | Rule::EarlierPair
            | Rule::ForbiddenByAdmin => {
                let mut kept = self.nobody.clone();
                self.listed(coachee, rule).into_iter().for_each(|coach| kept.insert(coach));
                kept
            }
        }
    }

    fn seniority(&self, coachee: usize) -> usize {
        usize::from(self.cohort.coachees.seniority[coachee])
    }

    /// Per gap of the focus, those who reach the required level; where there are fewer than three
    /// gaps, some stand there twice.
    fn strong_at(&self, coachee: usize) -> [&Set; 3] {
        let focus = self.cohort.coachees.focus[coachee].as_slice();
        std::array::from_fn(|at| match focus.get(at).or(focus.first()) {
            Some(gap) => &self.strong[usize::from(gap.competency)][usize::from(gap.required)],
            None => &self.nobody,
        })
    }

    /// Those who offer to meet online, and in person, as far as the coachee does.
    fn shared_modes(&self, coachee: usize) -> (&Set, &Set) {
        let own = self.cohort.coachees.modes[coachee];
        let offered = |mode, set| if own & Modes::NONE.with(mode).bits() != 0 { set } else { &self.nobody };
        (offered(Mode::Online, &self.online), offered(Mode::InPerson, &self.in_person))
    }

    fn near(&self, coachee: usize) -> &Set {
        let (reference, c) = (&self.cohort.reference, &self.cohort.coaches);
        let own = self.cohort.coachees.regency[coachee];
        self.near[usize::from(own)].get_or_init(|| {
            let within = self.cohort.policy.rules.in_person_within;
            let all = 0..reference.regencies().len() as u16;
            let near: Vec<bool> = all.map(|other| reference.reach(own, other) <= within).collect();
            let province = reference.province_of(own);
            Set::of(c.len(), &|j| near[usize::from(c.regency[j])] || c.served[j] >> province & 1 == 1)
        })
    }

    fn speaking(&self, coachee: usize) -> Cow<'_, Set> {
        let own = self.cohort.coachees.languages[coachee];
        let shared = self.languages.iter().enumerate().filter(|(bit, _)| own >> bit & 1 == 1);
        let speaking = shared.map(|(_, set)| Cow::Borrowed(set)).reduce(|some, more| Cow::Owned(some.or(&more)));
        speaking.unwrap_or(Cow::Borrowed(&self.nobody))
    }

    fn of_accepted_kind(&self, coachee: usize) -> Cow<'_, Set> {
        let opt_outs = self.cohort.coachees.opt_outs[coachee];
        if opt_outs == 0 {
            return Cow::Borrowed(&self.everybody);
        }
        let accepted = |kind| opt_outs & OptOuts::NONE.with(kind).bits() == 0;
        let pick = |kind, set: Set| if accepted(kind) { set } else { self.nobody.clone() };
        let mut colleagues = self.nobody.clone();
        let agency = self.cohort.coachees.agency[coachee];
        self.employees.get(&agency).into_iter().flatten().for_each(|&coach| colleagues.insert(coach));
        let alumni = self.everybody.without(&self.corporate);
        let internal = pick(CoachKind::Internal, alumni.and(&colleagues));
        let external = pick(CoachKind::External, alumni.without(&colleagues));
        Cow::Owned(pick(CoachKind::Corporate, self.corporate.clone()).or(&internal).or(&external))
    }

    /// The coaches whom a rule about single coaches keeps away.
    fn listed(&self, coachee: usize, rule: Rule) -> Vec<u32> {
        let e = &self.cohort.coachees;
        let related = |broken: fn(&Relation) -> bool| -> Vec<u32> {
            e.relations[coachee].iter().filter(|(_, relation)| broken(relation)).map(|&(coach, _)| coach).collect()
        };
        let all_of = |coaches: Option<&Vec<u32>>| coaches.cloned().unwrap_or_default();
        match rule {
            Rule::SamePerson => related(|relation| relation.same_person),
            Rule::LineOfCommand => related(|relation| relation.line_of_command),
            Rule::EarlierPair => related(|relation| relation.earlier),
            Rule::ForbiddenByAdmin => related(|relation| relation.forbidden),
            Rule::SameUnit => all_of(self.units.get(&e.unit[coachee])),
            Rule::Conflict => all_of(self.cohort.coaches.conflicts.get(&e.agency[coachee])),
            _ => Vec::new(),
        }
    }
}

/// The rules about single coaches.
const LISTED: [Rule; 6] =
    [Rule::SamePerson, Rule::SameUnit, Rule::LineOfCommand, Rule::Conflict, Rule::EarlierPair, Rule::ForbiddenByAdmin];

/// The coaches by a number of theirs, but for those who have none.
fn groups(numbers: &[u32]) -> HashMap<u32, Vec<u32>> {
    let mut groups: HashMap<u32, Vec<u32>> = HashMap::new();
    for (coach, &number) in (0..).zip(numbers).filter(|(_, number)| **number != NONE) {
        groups.entry(number).or_default().push(coach);
    }
    groups
}

/// A set of coaches, a bit for each.
#[derive(Clone)]
struct Set(Vec<u64>);

impl Set {
    fn of(count: usize, has: &dyn Fn(usize) -> bool) -> Self {
        let mut set = Set(vec![0; count.div_ceil(64)]);
        (0..count).filter(|&j| has(j)).for_each(|j| set.insert(j as u32));
        set
    }

    fn insert(&mut self, coach: u32) {
        self.0[coach as usize / 64] |= 1 << (coach % 64);
    }

    fn and(&self, other: &Set) -> Set {
        Set(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    fn or(&self, other: &Set) -> Set {
        Set(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    fn without(&self, other: &Set) -> Set {
        Set(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }

    fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}
