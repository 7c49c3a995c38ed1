//! The lists of a cohort: short at first, longer where it turns out to matter.

use rayon::prelude::*;

use super::Cohort;
use crate::matching::instance::{BadEdge, Instance, InstanceBuilder, Priority};
use crate::matching::scan::{Candidate, Scanner};
use crate::matching::watch::{Cancelled, Phase, Watch};

/// The lists of a cohort as they grow.
pub(super) struct Lists {
    /// Per coachee, best first.
    pub rows: Vec<Vec<Candidate>>,
    /// Whether a row holds every coach that no rule forbids.
    pub whole: Vec<bool>,
}

impl Lists {
    /// The best coaches of every coachee, `size` each.
    pub fn new(scanner: &Scanner, coachees: usize, size: usize, watch: Watch) -> Result<Self, Cancelled> {
        let ticker = watch.begin(Phase::Lists, None, coachees as u64)?;
        let rows = scanner.for_everybody(|query| {
            ticker.tick()?;
            Ok(query.best(size))
        });
        let rows: Vec<Vec<Candidate>> = rows.into_iter().collect::<Result<_, Cancelled>>()?;
        let whole = rows.iter().map(|row| row.len() < size).collect();
        Ok(Self { rows, whole })
    }

    /// Makes sure that the pairs of a plan are on the lists.
    pub fn include(&mut self, mate: &[Option<Candidate>]) {
        let missing = |(row, pair): (&Vec<Candidate>, &Option<Candidate>)| {
            pair.filter(|pair| row.binary_search_by(|known| pair.cmp(known)).is_err()).into_iter().collect()
        };
        let missing = self.rows.iter().zip(mate).map(missing).collect();
        self.extend(missing);
    }

    /// Adds what is missing; says whether there was anything.
    pub fn extend(&mut self, missing: Vec<Vec<Candidate>>) -> bool {
        let grown = missing.iter().any(|row| !row.is_empty());
        self.rows.par_iter_mut().zip(missing).filter(|(_, more)| !more.is_empty()).for_each(|(row, mut more)| {
            row.append(&mut more);
            row.sort_unstable_by(|a, b| b.cmp(a));
        });
        grown
    }

    /// What the solver is given. Lists hold each coach once and scores above 0, so that nothing
    /// in them can be refused.
    pub fn instance(&self, cohort: &Cohort, priority: impl Fn(usize) -> Priority) -> Result<Instance, BadEdge> {
        let priority = (0..self.rows.len()).map(priority).collect();
        let capacity = cohort.coaches.free.iter().map(|&free| u32::from(free)).collect();
        let mut builder = InstanceBuilder::new(capacity, priority);
        for (coachee, row) in (0u32..).zip(&self.rows) {
            for candidate in row {
                builder.push(coachee, candidate.coach(), u32::from(candidate.score()))?;
            }
        }
        builder.build()
    }
}
