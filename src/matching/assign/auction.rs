//! Prices that are nearly right, and a plan that nearly fits them, by an auction: coachees without
//! a place bid for the one of highest profit to them, as much as makes them indifferent to their
//! second choice plus a little (epsilon); then coaches with a priced place that nobody holds
//! lower the price until somebody takes it. Repeated with ever smaller epsilon, each time starting
//! from the last prices, this takes a time nearly proportional to the number of pairs, where a
//! small epsilon from the start would end in price wars. (Bertsekas & Castanon 1989;
//! Bertsekas, Castanon & Tsaknakis, SIAM J. Optimization 3 (1993) 268-299.)
//!
//! Nothing here has to be exact: whatever comes out is made so by the steps that follow.

use std::cmp::Reverse;
use std::collections::VecDeque;

use super::book::{NONE, seats};
use super::columns::Columns;
use crate::matching::instance::{Entry, View};
use crate::matching::watch::{Cancelled, Ticker};

/// Where to start looking for the exact solution.
pub(super) struct Estimate<E> {
    /// Prices in weight units.
    pub prices: Vec<i64>,
    /// The coach of each coachee, [`NONE`] for nobody.
    pub coach_of: Vec<u32>,
    /// The transposed lists, which the auction had to make anyway.
    pub columns: Columns<E>,
}

/// A plan and prices of a similar instance, to start from.
#[derive(Clone, Copy)]
pub(super) struct Near<'a> {
    /// Prices in weight units, at least 0.
    pub prices: &'a [i64],
    /// The coach of each coachee, [`NONE`] for nobody.
    pub coach_of: &'a [u32],
}

/// Holds an auction, from nothing or from something near.
pub(super) fn hold<E: Entry>(
    view: View<E>,
    near: Option<Near>,
    ticker: Option<&Ticker>,
) -> Result<Estimate<E>, Cancelled> {
    let scale = Scale::for_weights(view.heaviest());
    let mut auction = Auction::new(view, scale, ticker);
    let mut epsilon = match near {
        None => scale.up(view.heaviest()) / 2,
        Some(near) => {
            auction.start_from(near);
            (scale.one() * NEAR).max(scale.up(view.heaviest()) / FAR)
        }
    };
    loop {
        auction.open_round(epsilon);
        auction.forward(epsilon)?;
        auction.reverse(epsilon)?;
        if epsilon <= scale.finest() {
            break;
        }
        epsilon = (epsilon / STEP).max(scale.finest());
    }
    Ok(auction.into_estimate())
}

/// Bids after which whoever watches is heard.
const LISTEN: u64 = 1 << 16;
/// By how much epsilon shrinks from round to round, and the part of a weight unit at which it
/// stops. Measured: a coarser end leaves the exact steps much to do, which they do less fast; a
/// finer one costs rounds that change nothing.
const STEP: i32 = 8;
/// The first epsilon in weight units where the prices are near already.
const NEAR: i32 = 2;
/// The largest weight in such epsilons at most: what is far off after all must not end in price wars.
const FAR: i32 = 128;
/// See [`STEP`].
const FINEST: i32 = 64;

/// Weights as integers fine enough that epsilon can be a fraction of one: powers of two below `2^28`,
/// so that no price leaves 32 bits. Weights beyond that are made coarser.
#[derive(Clone, Copy)]
struct Scale {
    up: u32,
    down: u32,
}

impl Scale {
    const BITS: u32 = 28;

    fn for_weights(heaviest: u32) -> Self {
        let bits = u32::BITS - heaviest.leading_zeros();
        Self { up: Self::BITS.saturating_sub(bits), down: bits.saturating_sub(Self::BITS) }
    }

    #[inline]
    fn up(self, weight: u32) -> i32 {
        ((weight >> self.down) << self.up) as i32
    }

    /// To the nearest whole weight: a price that is right but for a few epsilons becomes right.
    fn down(self, price: i32) -> i64 {
        let half = (1i64 << self.up) >> 1;
        ((i64::from(price) + half) >> self.up) << self.down
    }

    /// One weight unit.
    fn one(self) -> i32 {
        (1i64 << self.up) as i32
    }

    /// The last epsilon: the rounding takes care of what is left.
    fn finest(self) -> i32 {
        (self.one() / FINEST).max(1)
    }
}

/// A place that is taken, and the price at which it was.
#[derive(Clone, Copy)]
struct Bid {
    price: i32,
    holder: u32,
}

struct Auction<'a, E> {
    view: View<'a, E>,
    columns: Columns<E>,
    scale: Scale,
    /// Bids of coach `j` are a heap, the lowest on top, in `bids[first_seat[j]..][..taken[j]]`.
    first_seat: Vec<u32>,
    taken: Vec<u32>,
    bids: Vec<Bid>,
    /// The price at which a place can be had: of any free one, else the lowest bid.
    price: Vec<i32>,
    coach_of: Vec<u32>,
    /// The scaled weight of each coachee's present pair.
    weight: Vec<i32>,
    /// In the reverse phase: what each coachee gains from the present pair, 0 without one.
    profit: Vec<i32>,
    bidding: VecDeque<u32>,
    ticker: Option<&'a Ticker<'a>>,
    bids_made: u64,
}

impl<'a, E: Entry> Auction<'a, E> {
    fn new(view: View<'a, E>, scale: Scale, ticker: Option<&'a Ticker<'a>>) -> Self {
        let instance = view.instance();
        let (first_seat, _) = seats(view);
        // A coach without places has a price at which nobody wants one, and never changes it.
        let unaffordable = scale.up(view.heaviest());
        let price = first_seat.windows(2).map(|seats| if seats[0] == seats[1] { unaffordable } else { 0 }).collect();
        Self {
            view,
            columns: Columns::of(view),
            scale,
            taken: vec![0; instance.coaches()],
            bids: vec![Bid { price: 0, holder: NONE }; first_seat[instance.coaches()] as usize],
            first_seat,
            price,
            coach_of: vec![NONE; instance.coachees()],
            weight: vec![0; instance.coachees()],
            profit: vec![0; instance.coachees()],
            bidding: VecDeque::new(),
            ticker,
            bids_made: 0,
        }
    }

    /// Takes over prices and pairs; those that no longer fit are bid for again.
    fn start_from(&mut self, near: Near) {
        let highest = i64::from(self.view.heaviest());
        for (coach, price) in self.price.iter_mut().enumerate() {
            if self.first_seat[coach] < self.first_seat[coach + 1] {
                // Nobody pays more than the largest weight, and no larger price can be scaled.
                let near = near.prices.get(coach).map_or(0, |&near| near.clamp(0, highest));
                *price = self.scale.up(near as u32);
            }
        }
        for (coachee, list) in self.view.lists() {
            let coach = near.coach_of.get(coachee as usize).copied().unwrap_or(NONE);
            if let Some(entry) = list.iter().find(|entry| entry.other() == coach) {
                self.coach_of[coachee as usize] = coach;
                self.weight[coachee as usize] = self.scale.up(entry.weight());
            }
        }
    }

    /// Everybody whose place is within epsilon of their best keeps it; the others bid again.
    fn open_round(&mut self, epsilon: i32) {
        self.taken.fill(0);
        for (coachee, list) in self.view.lists() {
            let own = self.coach_of[coachee as usize];
            let present = if own == NONE { 0 } else { self.weight[coachee as usize] - self.price[own as usize] };
            let mut best = 0;
            for entry in list {
                let weight = self.scale.up(entry.weight());
                if weight <= best {
                    break;
                }
                best = best.max(weight - self.price[entry.other() as usize]);
            }
            // A plan to start from may have too many for a coach who has fewer places now.
            if own != NONE && present >= best - epsilon && self.has_free(own) {
                let seat = self.first_seat[own as usize] + self.taken[own as usize];
                self.bids[seat as usize] = Bid { price: self.price[own as usize], holder: coachee };
                self.taken[own as usize] += 1;
                continue;
            }
            self.coach_of[coachee as usize] = NONE;
            if best > 0 {
                self.bidding.push_back(coachee);
            }
        }
    }

    fn forward(&mut self, epsilon: i32) -> Result<(), Cancelled> {
        while let Some(coachee) = self.bidding.pop_front() {
            self.listen()?;
            let (mut best, mut second, mut at, mut at_weight) = (0, 0, NONE, 0);
            for entry in self.view.list(coachee) {
                let weight = self.scale.up(entry.weight());
                if weight <= second {
                    break;
                }
                let profit = weight - self.price[entry.other() as usize];
                if profit > best {
                    (second, best, at, at_weight) = (best, profit, entry.other(), weight);
                } else if profit > second {
                    second = profit;
                }
            }
            if at != NONE {
                self.coach_of[coachee as usize] = at;
                self.weight[coachee as usize] = at_weight;
                self.place_bid(at, Bid { price: at_weight - second + epsilon, holder: coachee });
            }
        }
        Ok(())
    }

    /// Gives a place to a bidder: a free one, else that of the lowest bid, whose holder bids again.
    fn place_bid(&mut self, coach: u32, bid: Bid) {
        if self.has_free(coach) {
            self.add(coach, bid);
            if !self.has_free(coach) {
                self.price[coach as usize] = self.heap(coach)[0].price;
            }
            return;
        }
        let heap = self.heap(coach);
        let displaced = std::mem::replace(&mut heap[0], bid).holder;
        sift_down(heap, 0);
        self.price[coach as usize] = heap[0].price;
        self.coach_of[displaced as usize] = NONE;
        self.bidding.push_back(displaced);
    }

    fn reverse(&mut self, epsilon: i32) -> Result<(), Cancelled> {
        self.note_profits();
        let coaches = 0..self.price.len() as u32;
        let mut offering: VecDeque<u32> = coaches.filter(|&coach| self.is_priced_and_free(coach)).collect();
        let mut waits: Vec<bool> = vec![false; self.price.len()];
        let mut left = Vec::new();
        while let Some(coach) = offering.pop_front() {
            waits[coach as usize] = false;
            while self.is_priced_and_free(coach) {
                self.listen()?;
                left.clear();
                match self.free_places(coach) {
                    1 => left.extend(self.offer(coach, epsilon)),
                    free => self.offer_all(coach, free, epsilon, &mut left),
                }
                for &left in &left {
                    if self.is_priced_and_free(left) && !std::mem::replace(&mut waits[left as usize], true) {
                        offering.push_back(left);
                    }
                }
            }
        }
        Ok(())
    }

    /// Now and then looks whether to end.
    fn listen(&mut self) -> Result<(), Cancelled> {
        self.bids_made += 1;
        match self.ticker.filter(|_| self.bids_made.is_multiple_of(LISTEN)) {
            Some(ticker) => ticker.report(0),
            None => Ok(()),
        }
    }

    /// What everybody gains: kept up to date while coaches make offers, since each offer asks
    /// many who stay where they are.
    fn note_profits(&mut self) {
        for (profit, (&coach, &weight)) in self.profit.iter_mut().zip(self.coach_of.iter().zip(&self.weight)) {
            *profit = if coach == NONE { 0 } else { weight - self.price[coach as usize] };
        }
    }

    /// Lowers the price of a free place until somebody takes it, or to 0 if nobody does.
    /// Tells which coach the taker has left.
    fn offer(&mut self, coach: u32, epsilon: i32) -> Option<u32> {
        let (mut best, mut second, mut taker, mut taker_weight) = (0, 0, NONE, 0);
        for fan in self.columns.of_coach(coach) {
            let weight = self.scale.up(fan.weight());
            if weight <= second {
                break;
            }
            // The profit the coachee has, not the best they could have: with the latter, the
            // bound would be far off.
            let worth = weight - self.profit[fan.other() as usize];
            if worth <= second || self.coach_of[fan.other() as usize] == coach {
                continue;
            }
            if worth > best {
                (second, best, taker, taker_weight) = (best, worth, fan.other(), weight);
            } else {
                second = worth;
            }
        }
        if taker == NONE || best < epsilon {
            self.set_price(coach, 0);
            return None;
        }
        let left = self.take(coach, taker, taker_weight, (second - epsilon).max(0));
        let price = self.heap(coach)[0].price;
        self.set_price(coach, price);
        left
    }

    /// The same for several free places at once: those to whom they are worth most take them, at
    /// what one is worth to the first who gets none. One after the other would look at every fan
    /// once for each place.
    fn offer_all(&mut self, coach: u32, free: usize, epsilon: i32, left: &mut Vec<u32>) {
        let fans = self.columns.of_coach(coach).iter().map(|fan| (fan.other(), self.scale.up(fan.weight())));
        let mut takers: Vec<(i32, u32, i32)> = fans
            .take_while(|&(_, weight)| weight >= epsilon)
            .filter(|&(coachee, _)| self.coach_of[coachee as usize] != coach)
            .map(|(coachee, weight)| (weight - self.profit[coachee as usize], coachee, weight))
            .filter(|&(worth, ..)| worth >= epsilon)
            .collect();
        let mut price = 0;
        if takers.len() > free {
            let (_, first_without, _) = takers.select_nth_unstable_by_key(free, |taker| Reverse(*taker));
            price = (first_without.0 - epsilon).max(0);
            takers.truncate(free);
        }
        let all_taken = takers.len() == free;
        for (_, taker, weight) in takers {
            left.extend(self.take(coach, taker, weight, price));
        }
        let price = if all_taken { self.heap(coach)[0].price } else { 0 };
        self.set_price(coach, price);
    }

    /// Gives a free place to a coachee; tells which coach they have left for it.
    fn take(&mut self, coach: u32, taker: u32, weight: i32, price: i32) -> Option<u32> {
        let left = std::mem::replace(&mut self.coach_of[taker as usize], coach);
        self.weight[taker as usize] = weight;
        if left != NONE {
            self.remove(left, taker);
        }
        self.add(coach, Bid { price, holder: taker });
        (left != NONE).then_some(left)
    }

    /// Sets the price of a coach's places in the reverse phase.
    fn set_price(&mut self, coach: u32, price: i32) {
        self.price[coach as usize] = price;
        let first = self.first_seat[coach as usize] as usize;
        for bid in &self.bids[first..first + self.taken[coach as usize] as usize] {
            self.profit[bid.holder as usize] = self.weight[bid.holder as usize] - price;
        }
    }

    fn free_places(&self, coach: u32) -> usize {
        let coach = coach as usize;
        (self.first_seat[coach + 1] - self.first_seat[coach] - self.taken[coach]) as usize
    }

    fn has_free(&self, coach: u32) -> bool {
        self.free_places(coach) > 0
    }

    fn is_priced_and_free(&self, coach: u32) -> bool {
        self.price[coach as usize] > 0 && self.has_free(coach)
    }

    fn heap(&mut self, coach: u32) -> &mut [Bid] {
        let first = self.first_seat[coach as usize] as usize;
        &mut self.bids[first..first + self.taken[coach as usize] as usize]
    }

    fn add(&mut self, coach: u32, bid: Bid) {
        self.taken[coach as usize] += 1;
        let heap = self.heap(coach);
        let last = heap.len() - 1;
        heap[last] = bid;
        sift_up(heap, last);
    }

    /// Takes a holder's bid out of a coach's heap; the place stays on offer at the present price.
    fn remove(&mut self, coach: u32, holder: u32) {
        let heap = self.heap(coach);
        let last = heap.len() - 1;
        if let Some(at) = heap.iter().position(|bid| bid.holder == holder) {
            heap.swap(at, last);
            let heap = &mut heap[..last];
            if at < last {
                sift_down(heap, at);
                sift_up(heap, at);
            }
            self.taken[coach as usize] -= 1;
        }
    }

    fn into_estimate(self) -> Estimate<E> {
        let prices = self.price.iter().map(|&price| self.scale.down(price)).collect();
        Estimate { prices, coach_of: self.coach_of, columns: self.columns }
    }
}

fn sift_up(heap: &mut [Bid], mut at: usize) {
    while at > 0 && heap[(at - 1) / 2].price > heap[at].price {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

fn sift_down(heap: &mut [Bid], mut at: usize) {
    loop {
        let mut child = 2 * at + 1;
        if child >= heap.len() {
            return;
        }
        if child + 1 < heap.len() && heap[child + 1].price < heap[child].price {
            child += 1;
        }
        if heap[child].price >= heap[at].price {
            return;
        }
        heap.swap(at, child);
        at = child;
    }
}
