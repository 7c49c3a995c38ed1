//! The checks themselves.

use std::sync::atomic::{AtomicU64, Ordering};

use super::reach::most_pairs;
use super::{Certificate, Claim, Pairs, Points, ReserveFacts};
use crate::domain::Objective;
use crate::matching::reserve::Reserve;

/// Why a plan is none, or its prices are none. Positions, which the caller turns into names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A coachee has two coaches.
    #[error("coachee {coachee} has more than one coach")]
    CoacheeTwice {
        /// The coachee.
        coachee: u32,
    },
    /// A pair is not allowed.
    #[error("the pair of coachee {coachee} and coach {coach} is not allowed")]
    NotAllowed {
        /// The coachee.
        coachee: u32,
        /// The coach.
        coach: u32,
    },
    /// A coach has more coachees than places.
    #[error("coach {coach} has {held} coachees in {capacity} places")]
    TooMany {
        /// The coach.
        coach: u32,
        /// How many coachees the plan gives them.
        held: u64,
        /// How many they can take.
        capacity: u32,
    },
    /// A price is below 0, which proves nothing.
    #[error("the price of coach {coach} is below 0")]
    NegativePrice {
        /// The coach.
        coach: u32,
    },
    /// Prices and coaches differ in number, or lambda or the bonus is below 0.
    #[error("the prices do not fit the coaches")]
    NoProof,
}

/// Checks a claim and works out its certificate.
///
/// # Errors
/// All faults, when the claim is no plan at all. A claim that is a plan, but not a good one, is no
/// error: the certificate says how good it is.
pub fn certify<P: Pairs>(problem: &P, objective: Objective, claim: Claim) -> Result<Certificate, Vec<Fault>> {
    let mut faults = Vec::new();
    let coach_of = seats(problem, claim, &mut faults);
    check_prices(problem, claim, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let rows = problem.rows(claim, &coach_of);
    for (coachee, coach) in paired(&coach_of) {
        if rows[coachee as usize].weight.is_none() {
            faults.push(Fault::NotAllowed { coachee, coach });
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let matched = claim.pairs.len() as u64;
    let total = rows.iter().filter_map(|row| row.weight).map(u64::from).sum();
    let places: Points =
        (0..problem.coaches()).map(|coach| claim.prices[coach] * u64::from(problem.capacity(coach as u32))).sum();
    let reserve = problem.reserve().map(|_| reserve_facts(problem, claim, &coach_of));
    let kept = reserve.map_or(0, |reserve: ReserveFacts| reserve.matched.min(reserve.places));
    let upper_bound = places + rows.iter().map(|row| row.profit).sum() - claim.lambda * matched - claim.bonus * kept;
    Ok(Certificate {
        objective,
        coachees: problem.coachees() as u64,
        matched,
        possible: most_pairs(problem, &coach_of, |_| true),
        total,
        upper_bound,
        gap: upper_bound - Points::from(total),
        lambda: claim.lambda,
        blocking_pairs: problem.blocking(&Seats::new(problem, &coach_of, &rows)),
        reserve,
    })
}

/// Whether places are reserved for a coachee.
fn is_member<P: Pairs + ?Sized>(problem: &P, coachee: u32) -> bool {
    problem.reserve().is_some_and(|reserve| reserve.is_member(coachee))
}

fn reserve_facts<P: Pairs>(problem: &P, claim: Claim, coach_of: &[Option<u32>]) -> ReserveFacts {
    let (places, members) = problem.reserve().map_or((0, 0), |reserve| (reserve.places(), reserve.members()));
    let coaches_of_members: Vec<Option<u32>> =
        (0u32..).zip(coach_of).map(|(coachee, coach)| coach.filter(|_| is_member(problem, coachee))).collect();
    let matched = coaches_of_members.iter().flatten().count() as u64;
    let mut withheld = 0;
    if matched < places {
        // As if everybody outside the group were gone: they would have to make room.
        let possible = most_pairs(problem, &coaches_of_members, |coachee| is_member(problem, coachee));
        withheld = possible.min(places) - matched;
    }
    ReserveFacts { places, members, matched, withheld, cost: claim.bonus }
}

impl Claim<'_> {
    /// What a pair of a coachee counts beyond its weight.
    pub fn extra<P: Pairs + ?Sized>(&self, problem: &P, coachee: u32) -> Points {
        if is_member(problem, coachee) { self.lambda + self.bonus } else { self.lambda }
    }
}

fn seats<P: Pairs>(problem: &P, claim: Claim, faults: &mut Vec<Fault>) -> Vec<Option<u32>> {
    let mut coach_of = vec![None; problem.coachees()];
    let mut held = vec![0u64; problem.coaches()];
    for &(coachee, coach) in claim.pairs {
        if coach_of[coachee as usize].replace(coach).is_some() {
            faults.push(Fault::CoacheeTwice { coachee });
        }
        held[coach as usize] += 1;
    }
    for (coach, &held) in held.iter().enumerate() {
        let capacity = problem.capacity(coach as u32);
        if held > u64::from(capacity) {
            faults.push(Fault::TooMany { coach: coach as u32, held, capacity });
        }
    }
    coach_of
}

fn check_prices<P: Pairs>(problem: &P, claim: Claim, faults: &mut Vec<Fault>) {
    if claim.prices.len() != problem.coaches() || claim.lambda < Points::ZERO || claim.bonus < Points::ZERO {
        faults.push(Fault::NoProof);
    }
    for (coach, &price) in claim.prices.iter().enumerate() {
        if price < Points::ZERO {
            faults.push(Fault::NegativePrice { coach: coach as u32 });
        }
    }
}

fn paired(coach_of: &[Option<u32>]) -> impl Iterator<Item = (u32, u32)> {
    coach_of.iter().enumerate().filter_map(|(coachee, coach)| coach.map(|coach| (coachee as u32, coach)))
}

/// What one coachee's pairs tell.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The weight of the own pair; `None` when unmatched or when the pair is not allowed.
    pub weight: Option<u32>,
    /// The most that any pair, or none at all, gives above its price.
    pub profit: Points,
}

/// What one coachee's pairs tell, found by going through them.
pub(super) fn row_of<P: Pairs + ?Sized>(problem: &P, claim: Claim, coach_of: &[Option<u32>], coachee: u32) -> Row {
    let mut row = Row { weight: None, profit: Points::ZERO };
    let extra = claim.extra(problem, coachee);
    problem.for_each_of(coachee, |coach, weight| {
        row.profit = row.profit.max(Points::from(weight) + extra - claim.prices[coach as usize]);
        if coach_of[coachee as usize] == Some(coach) {
            row.weight = Some(weight);
        }
    });
    row
}

/// What a coach looks at: class, then weight, then lottery (the lower the better).
pub type Welcome = (u32, u32, std::cmp::Reverse<u64>);

/// Who sits where in a plan.
pub struct Seats<'a> {
    /// The coach of each coachee.
    pub coach_of: &'a [Option<u32>],
    /// The weight of each coachee's pair, 0 without one.
    pub weight: Vec<u32>,
    /// Per coach, whom somebody outside the group for whom places are reserved must exceed: the
    /// least welcome held in no reserved place; none while the coach has a free place.
    pub least: Vec<Option<Welcome>>,
    /// Per coach, whom a member of that group must exceed; none while there is a free place or one
    /// reserved for them. Empty where nothing is reserved.
    pub least_for_members: Vec<Option<Welcome>>,
}

/// Nobody is as welcome as that.
const NOBODY: Welcome = (u32::MAX, u32::MAX, std::cmp::Reverse(0));

impl<'a> Seats<'a> {
    fn new<P: Pairs>(problem: &P, coach_of: &'a [Option<u32>], rows: &[Row]) -> Self {
        let weight: Vec<u32> = rows.iter().map(|row| row.weight.unwrap_or(0)).collect();
        let mut held = vec![0u32; problem.coaches()];
        let mut least: Vec<Option<Welcome>> = vec![None; problem.coaches()];
        for (coachee, coach) in paired(coach_of) {
            let own = welcome(problem, coachee, weight[coachee as usize]);
            let least = &mut least[coach as usize];
            *least = Some(least.map_or(own, |other| other.min(own)));
            held[coach as usize] += 1;
        }
        for (coach, least) in least.iter_mut().enumerate() {
            let capacity = problem.capacity(coach as u32);
            if held[coach] < capacity {
                *least = None;
            } else if capacity == 0 {
                *least = Some(NOBODY);
            }
        }
        let mut seats = Self { coach_of, weight, least, least_for_members: Vec::new() };
        if let Some(reserve) = problem.reserve() {
            seats.tell_members_apart(problem, reserve);
        }
        seats
    }

    /// Of the members a coach holds, the best sit in the reserved places.
    fn tell_members_apart<P: Pairs>(&mut self, problem: &P, reserve: &Reserve) {
        self.least_for_members = self.least.clone();
        let mut held: Vec<Vec<(bool, Welcome)>> = vec![Vec::new(); self.least.len()];
        for (coachee, coach) in paired(self.coach_of) {
            let welcome = welcome(problem, coachee, self.weight[coachee as usize]);
            held[coach as usize].push((reserve.is_member(coachee), welcome));
        }
        for (coach, mut held) in held.into_iter().enumerate() {
            if self.least[coach].is_none() || held.is_empty() {
                continue;
            }
            // Members first, the most welcome first.
            held.sort_unstable_by(|a, b| b.cmp(a));
            let slots = reserve.slots(coach as u32) as usize;
            let reserved = held.iter().take(slots).take_while(|(is_member, _)| *is_member).count();
            let least = |held: &[(bool, Welcome)]| held.iter().map(|(_, welcome)| *welcome).min();
            self.least[coach] = Some(least(&held[reserved..]).unwrap_or(NOBODY));
            self.least_for_members[coach] = if reserved < slots { None } else { least(&held) };
        }
    }

    /// Whom a coachee must exceed at each coach; where nothing, they are taken as they are.
    pub fn floors(&self, is_member: bool) -> &[Option<Welcome>] {
        if is_member { &self.least_for_members } else { &self.least }
    }

    /// Whether a coach would give somebody a place, if need be that of another.
    pub fn would_take(&self, coach: u32, candidate: Welcome, is_member: bool) -> bool {
        self.floors(is_member)[coach as usize].is_none_or(|least| candidate > least)
    }
}

/// How welcome a coachee is at some weight.
pub(in crate::matching) fn welcome<P: Pairs + ?Sized>(problem: &P, coachee: u32, weight: u32) -> Welcome {
    let priority = problem.priority(coachee);
    (priority.class, weight, std::cmp::Reverse(priority.lottery))
}

/// Blocking pairs up to which they are counted. A stable plan has none; plans for the best total of a large cohort have
/// billions, and to count them would take longer than to find the plan.
pub const MOST_BLOCKING: u64 = 100_000_000;

/// Counts blocking pairs, on all cores, until there are [`MOST_BLOCKING`].
#[derive(Default)]
pub(in crate::matching) struct Tally(AtomicU64);

impl Tally {
    /// Adds some, unless there are enough.
    pub fn add(&self, count: impl FnOnce() -> u64) {
        if self.0.load(Ordering::Relaxed) < MOST_BLOCKING {
            self.0.fetch_add(count(), Ordering::Relaxed);
        }
    }

    /// How many there are. The same in whatever order they were added.
    pub fn counted(self) -> u64 {
        self.0.into_inner().min(MOST_BLOCKING)
    }
}

/// How many coaches a coachee would rather have who would take them, found by going through all pairs.
pub(super) fn blocking_of<P: Pairs + ?Sized>(problem: &P, seats: &Seats, coachee: u32) -> u64 {
    let (own, present) = (seats.coach_of[coachee as usize], seats.weight[coachee as usize]);
    let is_member = is_member(problem, coachee);
    let mut passed_own = false;
    let mut blocking = 0u64;
    problem.for_each_of(coachee, |coach, weight| {
        passed_own |= own == Some(coach);
        let preferred = weight > present || (weight == present && !passed_own);
        blocking += u64::from(preferred && seats.would_take(coach, welcome(problem, coachee, weight), is_member));
    });
    blocking
}
