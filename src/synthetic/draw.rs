//! Random draws. Every person has a stream of their own, so that one can be invented
//! without inventing those before.
//!
//! The few distributions are written here rather than taken from a crate: the same seed
//! must give the same people after any update, and on every machine.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream is for; part of its number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Agency = 1,
    Company,
    Requirement,
    Coach,
    CoachLinks,
    Coachee,
    CoacheeLinks,
}

/// The seed of a population, from which all streams come.
#[derive(Debug, Clone)]
pub(super) struct Streams(ChaCha8Rng);

impl Streams {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The stream of one thing of a kind. `index` stays below 2^56.
    pub(super) fn draw(&self, purpose: Purpose, index: u64) -> Draw {
        let mut generator = self.0.clone();
        generator.set_stream((purpose as u64) << 56 | index);
        Draw(generator)
    }
}

/// A stream of draws.
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    /// A number from 0 to `bound - 1`; 0 when `bound` is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(bound)) >> 32) as u32
    }

    /// A number from `first` to `last`, both included.
    pub(super) fn between(&mut self, first: i32, last: i32) -> i32 {
        first + self.below(last.abs_diff(first) + 1) as i32
    }

    /// An index below `bound`, which may be larger than 32 bits hold.
    pub(super) fn index(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// True with a probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        f64::from(self.0.next_u32()) < probability * 4_294_967_296.0
    }

    /// One of a list that is not empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u32) as usize]
    }

    /// One of a list of pairs (value, weight) that is not empty.
    pub(super) fn weighted<T: Copy>(&mut self, list: &[(T, u32)]) -> T {
        let total = list.iter().map(|&(_, weight)| weight).sum();
        let mut at = self.below(total);
        let mut chosen = 0;
        while at >= list[chosen].1 && chosen + 1 < list.len() {
            at -= list[chosen].1;
            chosen += 1;
        }
        list[chosen].0
    }

    /// About normal, mean 0 and standard deviation 1, never beyond 3.5. Only additions and
    /// one multiplication, so that the bits are the same everywhere.
    pub(super) fn bell(&mut self) -> f32 {
        let bits = self.0.next_u64();
        let sum: u32 = [0, 16, 32, 48].iter().map(|shift| (bits >> shift) as u32 & 0xFFFF).sum();
        (sum as f32 / 65_536.0 - 2.0) * 1.732_050_8
    }

    /// Puts the first `wanted` places of a list into random order, drawn from the whole list.
    pub(super) fn shuffle_front<T>(&mut self, list: &mut [T], wanted: usize) {
        for at in 0..wanted.min(list.len()) {
            let other = at + self.below((list.len() - at) as u32) as usize;
            list.swap(at, other);
        }
    }
}

/// Weights of a long list, prepared for many draws.
#[derive(Debug, Clone, Default)]
pub(super) struct Weighted {
    cumulative: Vec<u64>,
}

impl Weighted {
    pub(super) fn new(weights: impl IntoIterator<Item = u64>) -> Self {
        let mut sum = 0;
        let cumulative = weights.into_iter().map(|weight| {
            sum += weight;
            sum
        });
        Self { cumulative: cumulative.collect() }
    }

    /// Whether nothing can be drawn, since all weights are 0.
    pub(super) fn is_empty(&self) -> bool {
        self.cumulative.last().is_none_or(|&total| total == 0)
    }

    /// A position in the list, or none when all weights are 0.
    pub(super) fn draw(&self, draw: &mut Draw) -> Option<usize> {
        let total = *self.cumulative.last()?;
        if total == 0 {
            return None;
        }
        let at = draw.index(total);
        Some(self.cumulative.partition_point(|&sum| sum <= at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_their_own_and_repeatable() {
        let streams = Streams::new(7);
        let first = |purpose, index| streams.draw(purpose, index).index(u64::MAX);
        assert_eq!(first(Purpose::Coach, 3), first(Purpose::Coach, 3));
        assert_ne!(first(Purpose::Coach, 3), first(Purpose::Coach, 4));
        assert_ne!(first(Purpose::Coach, 3), first(Purpose::Coachee, 3));
        assert_ne!(first(Purpose::Coach, 3), Streams::new(8).draw(Purpose::Coach, 3).index(u64::MAX));
    }

    #[test]
    fn weights_are_kept() {
        let mut draw = Streams::new(1).draw(Purpose::Agency, 0);
        let table = Weighted::new([1, 0, 3]);
        let mut seen = [0; 3];
        for _ in 0..8000 {
            seen[table.draw(&mut draw).unwrap()] += 1;
            assert_ne!(draw.weighted(&[('a', 2), ('b', 0), ('c', 1)]), 'b');
        }
        assert_eq!(seen[1], 0);
        assert!((1800..2200).contains(&seen[0]), "{seen:?}");
        assert_eq!(Weighted::new([0, 0]).draw(&mut draw), None);
    }

    #[test]
    fn the_bell_is_centred_and_about_normal() {
        let mut draw = Streams::new(2).draw(Purpose::Agency, 0);
        let values: Vec<f32> = (0..20_000).map(|_| draw.bell()).collect();
        let mean = values.iter().sum::<f32>() / 20_000.0;
        let variance = values.iter().map(|v| v * v).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
    }
}
