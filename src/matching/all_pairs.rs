//! Every pair of a cohort as a checker sees it, without lists.

use super::certificate::Pairs;
use super::columns::Cohort;
use super::instance::Priority;
use super::lottery::mix;
use super::scan::Scanner;

/// All pairs, scored the fast way: for the certificate that a run carries.
pub struct ScannedPairs<'a> {
    cohort: &'a Cohort,
    scanner: &'a Scanner<'a>,
}

/// All pairs, scored by the plain definition: for those who check a run and trust nothing.
pub struct PlainPairs<'a>(pub &'a Cohort);

impl<'a> ScannedPairs<'a> {
    /// The pairs of the cohort that the scanner was made for.
    pub fn new(cohort: &'a Cohort, scanner: &'a Scanner<'a>) -> Self {
        Self { cohort, scanner }
    }
}

macro_rules! columns_of {
    ($self:ident => $cohort:expr) => {
        fn coachees(&$self) -> usize {
            $cohort.coachees.len()
        }

        fn coaches(&$self) -> usize {
            $cohort.coaches.len()
        }

        fn capacity(&$self, coach: u32) -> u32 {
            u32::from($cohort.coaches.free[coach as usize])
        }

        fn priority(&$self, coachee: u32) -> Priority {
            let (e, i) = (&$cohort.coachees, coachee as usize);
            Priority { class: e.class[i], lottery: e.lottery[i] }
        }
    };
}

impl Pairs for ScannedPairs<'_> {
    columns_of!(self => self.cohort);

    fn for_each_of(&self, coachee: u32, mut each: impl FnMut(u32, u32)) {
        let mut pairs: Vec<_> = self.scanner.query(coachee as usize).eligible().collect();
        pairs.sort_unstable_by(|a, b| b.cmp(a));
        pairs.into_iter().for_each(|pair| each(pair.coach(), u32::from(pair.score())));
    }
}

impl Pairs for PlainPairs<'_> {
    columns_of!(self => self.0);

    fn for_each_of(&self, coachee: u32, mut each: impl FnMut(u32, u32)) {
        let (i, coaches) = (coachee as usize, &self.0.coaches);
        let tie = |coach: u32| mix(self.0.coachees.lottery[i], coaches.tie_key[coach as usize]) >> 40;
        let scored = (0..coaches.len() as u32).filter_map(|coach| Some((self.0.plain_score(i, coach)?, coach)));
        let mut pairs: Vec<_> = scored.map(|(score, coach)| (score, tie(coach), coach)).collect();
        pairs.sort_unstable_by(|a, b| b.cmp(a));
        pairs.into_iter().for_each(|(score, _, coach)| each(coach, u32::from(score)));
    }
}
