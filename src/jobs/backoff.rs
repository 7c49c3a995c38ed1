//! How long to wait before the next try: twice as long each time, and never all at once.

use chrono::TimeDelta;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Waiting times, drawn from a seed so that tests know them.
#[derive(Debug)]
pub struct Backoff(ChaCha20Rng);

/// The first wait of a letter that was put off; greylisting asks for a few minutes, which the fourth has reached.
const LETTER: TimeDelta = TimeDelta::seconds(30);
const LONGEST_OF_LETTER: TimeDelta = TimeDelta::hours(6);
/// The first wait when the mail server cannot be reached. Short: no letter is at fault, and all
/// should be out a minute after it is back.
const SERVER: TimeDelta = TimeDelta::seconds(1);
const LONGEST_OF_SERVER: TimeDelta = TimeDelta::seconds(30);

impl Backoff {
    /// Draws from a seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// After a letter was put off, having been put off `before` times.
    pub fn letter(&mut self, before: i16) -> TimeDelta {
        self.draw(LETTER, LONGEST_OF_LETTER, u32::try_from(before).unwrap_or_default())
    }

    /// After the mail server could not be reached, having been away `before` times in a row.
    pub fn server(&mut self, before: u32) -> TimeDelta {
        self.draw(SERVER, LONGEST_OF_SERVER, before)
    }

    /// Between half and all of a time that doubles with every try.
    fn draw(&mut self, first: TimeDelta, longest: TimeDelta, before: u32) -> TimeDelta {
        let most = (first.num_milliseconds() << before.min(20)).min(longest.num_milliseconds());
        let share = i64::from(self.0.next_u32() >> 1) * (most / 2) / i64::from(i32::MAX);
        TimeDelta::milliseconds(most / 2 + share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_differ() {
        let mut backoff = Backoff::new(7);
        for before in 0..20 {
            let most = (LETTER * (1 << before.min(12))).min(LONGEST_OF_LETTER);
            let waits: Vec<TimeDelta> = (0..50).map(|_| backoff.letter(before)).collect();
            assert!(waits.iter().all(|wait| (most / 2..=most).contains(wait)), "{before}: {waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
        assert!(backoff.server(1000) <= LONGEST_OF_SERVER && backoff.letter(i16::MAX) <= LONGEST_OF_LETTER);
    }

    #[test]
    fn the_same_seed_waits_the_same() {
        let draw = |seed| (0..5).map(|n| Backoff::new(seed).letter(n)).collect::<Vec<_>>();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn twenty_tries_take_about_two_and_a_half_days() {
        let whole: TimeDelta = (0..20).map(|before| (LETTER * (1 << before.min(12))).min(LONGEST_OF_LETTER)).sum();
        assert!((2..=3).contains(&whole.num_days()), "{whole}");
    }
}
