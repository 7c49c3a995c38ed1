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

use super::instance::{Entry, Instance, View, in_view};
use super::watch::{Cancelled, Ticker};
use auction::{Estimate, Near};
use book::{Book, NONE};

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

/// How a solution is looked for.
#[derive(Clone, Copy, Default)]
pub struct How<'a> {
    /// The solution of a similar instance to start from; it changes how long it takes, not the
    /// total nor, among the fairest, who is matched.
    pub near: Option<&'a Solution>,
    /// Which of the plans that are equally good is wanted.
    pub among: Among,
    /// Told now and then, to be able to end it.
    pub ticker: Option<&'a Ticker<'a>>,
}

/// Which of several plans that are equally good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Among {
    /// The one that serves the queue best: the first coachee in it is matched if any such plan
    /// matches them, then the second, and so on.
    #[default]
    Fairest,
    /// Whichever is found first.
    Any,
}

/// The plan with the largest sum of weights.
///
/// # Errors
/// When cancelled.
pub fn best_total(instance: &Instance, how: How) -> Result<Solution, Cancelled> {
    in_view!(instance, view => Ok(finish(best(view, how)?, how.among)))
}

/// The plan with the largest number of pairs, among those the largest sum of weights.
///
/// # Errors
/// When cancelled.
pub fn most_people(instance: &Instance, how: How) -> Result<Solution, Cancelled> {
    in_view!(instance, view => {
        let mut book = best(view, how)?;
        forward::seat_everybody(&mut book);
        Ok(finish(book, how.among))
    })
}

/// Of the plans that are as good as a solution, the fairest. The instance may have pairs more than
/// the one that was solved, if they do not change what is best.
pub fn fairest(instance: &Instance, solution: &Solution) -> Solution {
    let coach_of = dense(&solution.coach_of);
    in_view!(instance, view => {
        let book = Book::open(view, solution.prices.clone(), &coach_of, -solution.lambda);
        finish(book, Among::Fairest)
    })
}

fn best<'a, E: Entry>(view: View<'a, E>, how: How) -> Result<Book<'a, E>, Cancelled> {
    let coach_of = how.near.map(|near| dense(&near.coach_of)).unwrap_or_default();
    let near = how.near.map(|near| Near { prices: &near.prices, coach_of: &coach_of });
    let Estimate { prices, coach_of, columns } = auction::hold(view, near, how.ticker)?;
    let mut book = Book::open(view, prices, &coach_of, 0);
    forward::seat_the_willing(&mut book);
    reverse::fill_priced_places(&mut book, || columns);
    Ok(book)
}

fn finish<E: Entry>(mut book: Book<E>, among: Among) -> Solution {
    if among == Among::Fairest {
        fairness::settle(&mut book);
    }
    book.into_solution()
}

fn dense(coach_of: &[Option<u32>]) -> Vec<u32> {
    coach_of.iter().map(|coach| coach.unwrap_or(NONE)).collect()
}

#[cfg(test)]
mod tests;
