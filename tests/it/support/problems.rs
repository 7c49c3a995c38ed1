//! Assignment problems of odd shapes, drawn from a seed.

use coachnet::matching::instance::{Instance, InstanceBuilder, Priority};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// People on either side at most: few enough for plain solvers.
pub const MOST: u32 = 40;

/// A problem as one would write it down.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The places of each coach.
    pub capacity: Vec<u32>,
    /// Each coachee's place in the queue.
    pub priority: Vec<Priority>,
    /// Coaches and weights of each coachee, best first.
    pub lists: Vec<Vec<(u32, u32)>>,
}

/// In which order the pairs of a problem are handed in.
#[derive(Debug, Clone, Copy)]
pub enum Order {
    /// Coachee by coachee, best first.
    Plain,
    /// The last coachee first, best last.
    Reverse,
    /// Everybody's first pair, then everybody's second.
    InTurn,
}

type Draw = fn(&mut ChaCha20Rng) -> u32;

const CAPACITIES: [Draw; 5] = [
    |_| 1,
    |rng| rng.random_range(0..4),
    |rng| rng.random_range(2..6),
    |rng| u32::from(rng.random_ratio(1, 8)),
    |rng| [0, 1, MOST, u32::MAX][rng.random_range(0..4usize)],
];

/// Entries are kept in four bytes as long as no weight exceeds 255.
const WEIGHTS: [Draw; 8] = [
    |_| 1,
    |_| u32::MAX,
    |rng| rng.random_range(1..3),
    |rng| rng.random_range(1..=255),
    |rng| rng.random_range(254..=257),
    |rng| rng.random_range(u32::MAX - 2..=u32::MAX),
    |rng| [1, 2, 255, 256, u32::MAX - 1, u32::MAX][rng.random_range(0..6usize)],
    |rng| rng.random_range(1..=u32::MAX),
];

const CLASSES: [Draw; 3] = [|_| 0, |rng| rng.random_range(0..3), |rng| [0, u32::MAX][rng.random_range(0..2usize)]];

/// Tickets are seldom equal in life; here often.
const LOTTERIES: [Draw; 3] = [|_| 5, |rng| rng.random_range(0..4), |rng| rng.random_range(0..=u32::MAX)];

fn one_of<const N: usize>(draws: [Draw; N], rng: &mut ChaCha20Rng) -> Draw {
    draws[rng.random_range(0..N)]
}

impl Problem {
    /// A problem of any shape: full lists and empty ones, coaches whom nobody lists, few on one side.
    pub fn draw(seed: u64) -> Self {
        let rng = &mut ChaCha20Rng::seed_from_u64(seed);
        let any = rng.random_range(0..=MOST);
        let (coachees, coaches) = match rng.random_range(0..8) {
            0 => (1, any),
            1 => (any, 1),
            2 => (MOST, rng.random_range(0..4)),
            3 => (rng.random_range(0..4), MOST),
            4 => (rng.random_range(0..6), rng.random_range(0..6)),
            _ => (any, rng.random_range(0..=MOST)),
        };
        let (places, weight) = (one_of(CAPACITIES, rng), one_of(WEIGHTS, rng));
        let (class, lottery) = (one_of(CLASSES, rng), one_of(LOTTERIES, rng));
        // How likely a pair is listed, in eighths, and how many coaches are listed by anybody.
        let (density, known) = (rng.random_range(0..=8), rng.random_range(0..=coaches));
        let known = if rng.random() { coaches } else { known };
        Self {
            capacity: (0..coaches).map(|_| places(rng)).collect(),
            priority: (0..coachees).map(|_| Priority { class: class(rng), lottery: u64::from(lottery(rng)) }).collect(),
            lists: (0..coachees).map(|_| list(rng, known, density, weight)).collect(),
        }
    }

    /// The problem as the engine takes it.
    pub fn instance(&self, order: Order) -> Instance {
        let mut builder = InstanceBuilder::new(self.capacity.clone(), self.priority.clone());
        for (coachee, (coach, weight)) in self.pairs(order) {
            builder.push(coachee, coach, weight).unwrap();
        }
        builder.build().unwrap()
    }

    /// All pairs, in an order in which each coachee's preferences among equal weights are as listed.
    fn pairs(&self, order: Order) -> Vec<(u32, (u32, u32))> {
        let lists = (0u32..).zip(&self.lists);
        match order {
            Order::Plain => lists.flat_map(|(i, list)| list.iter().map(move |&pair| (i, pair))).collect(),
            Order::Reverse => {
                let rising = |(i, list): (u32, &Vec<(u32, u32)>)| {
                    let mut list = list.clone();
                    list.sort_by_key(|pair| pair.1);
                    list.into_iter().map(move |pair| (i, pair)).collect::<Vec<_>>()
                };
                let lists: Vec<_> = lists.map(rising).collect();
                lists.into_iter().rev().flatten().collect()
            }
            Order::InTurn => {
                let mut pairs: Vec<(usize, u32, (u32, u32))> = lists
                    .flat_map(|(i, list)| list.iter().enumerate().map(move |(turn, &pair)| (turn, i, pair)))
                    .collect();
                pairs.sort_by_key(|pair| pair.0);
                pairs.into_iter().map(|(_, i, pair)| (i, pair)).collect()
            }
        }
    }

    /// The same with all weights multiplied; nothing if they then exceed what a weight can be.
    pub fn times(&self, factor: u32) -> Option<Self> {
        let times = |&(coach, weight): &(u32, u32)| Some((coach, weight.checked_mul(factor)?));
        let lists = self.lists.iter().map(|list| list.iter().map(times).collect::<Option<Vec<_>>>());
        Some(Self { lists: lists.collect::<Option<Vec<_>>>()?, ..self.clone() })
    }

    /// The weight of a pair, if it is listed.
    pub fn weight(&self, coachee: u32, coach: u32) -> Option<u32> {
        self.lists[coachee as usize].iter().find(|pair| pair.0 == coach).map(|pair| pair.1)
    }

    /// All coachees, the most urgent first.
    pub fn queue(&self) -> Vec<u32> {
        let mut queue: Vec<u32> = (0..self.priority.len() as u32).collect();
        queue.sort_by_key(|&i| self.priority[i as usize].order());
        queue
    }
}

fn list(rng: &mut ChaCha20Rng, known: u32, density: u32, weight: Draw) -> Vec<(u32, u32)> {
    let mut coaches: Vec<u32> = (0..known).filter(|_| rng.random_ratio(density, 8)).collect();
    coaches.shuffle(rng);
    let mut list: Vec<(u32, u32)> = coaches.into_iter().map(|coach| (coach, weight(rng))).collect();
    list.sort_by_key(|pair| std::cmp::Reverse(pair.1));
    list
}
