//! Exact assignment of coachees to places, with the prices that prove it.
//!
//! Coaches' places have prices, at least 0; a coachee's profit from a place is weight minus price.
//! A plan is best in total when everybody has the place of highest profit to them (or none, when
//! no profit is above 0) and every place that is priced is taken: then the prices bound every
//! other plan, and the bound is met. Weights are integers, so integer prices do, and the proof is
//! exact. The parts:
//!
//! - [`auction`] finds prices that are nearly right, fast;
//! - [`forward`] seats those who still want a place, raising prices as little as needed;
//! - [`reverse`] fills priced places that nobody holds, lowering prices as little as needed;
//! - [`fairness`] picks, among all plans that are equally good, the one that serves the queue best.
//!
//! Each is a sequential computation over positions, without hashing, randomness, threads or clock:
//! the same instance always gives the same solution.

mod auction;
mod book;
mod columns;
mod fairness;
mod forward;
mod monotone;
mod reverse;

use super::instance::Instance;
use auction::Estimate;
use book::Book;
use columns::Columns;

/// A plan and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The coach of each coachee, if any.
    pub coach_of: Vec<Option<u32>>,
    /// The price of a place of each coach, in weight units.
    pub prices: Vec<i64>,
    /// What the last pair cost in weight ([`most_people`]); 0 when no pair cost any.
    pub lambda: i64,
}

/// The plan with the largest sum of weights; among those, the one that serves the queue best: the
/// first coachee in it is matched if any such plan matches them, then the second, and so on.
///
/// `near` are prices to start from, such as those of a similar instance; they change how long it
/// takes, not which coachees are matched nor the total.
pub fn best_total(instance: &Instance, near: Option<&[i64]>) -> Solution {
    let mut book = best(instance, near);
    fairness::settle(&mut book);
    book.into_solution()
}

/// The plan with the largest number of pairs, among those the largest sum of weights, and among
/// those the one that serves the queue best. `near` is as in [`best_total`].
pub fn most_people(instance: &Instance, near: Option<&[i64]>) -> Solution {
    let mut book = best(instance, near);
    forward::seat_everybody(&mut book);
    fairness::settle(&mut book);
    book.into_solution()
}

fn best<'a>(instance: &'a Instance, near: Option<&[i64]>) -> Book<'a> {
    let Some(near) = near else {
        let Estimate { prices, coach_of, columns } = auction::hold(instance);
        let mut book = Book::open(instance, prices, &coach_of);
        forward::seat_the_willing(&mut book);
        reverse::fill_priced_places(&mut book, || columns);
        return book;
    };
    let prices = near.iter().map(|&price| price.max(0)).collect();
    let mut book = Book::open(instance, prices, &[]);
    forward::seat_the_willing(&mut book);
    reverse::fill_priced_places(&mut book, || Columns::of(instance));
    book
}

#[cfg(test)]
mod tests;
