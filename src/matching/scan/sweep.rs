//! Goes through all coaches for one coachee, leaving out the groups that cannot matter.

use std::ops::Range;

use super::Candidate;
use super::kernel::{Bar, Found, Tables, WIDTH};
use super::pool::{Pool, Row, SHARED_REGENCY, Stop};
use super::query::Query;
use super::tables::{Distance, Place};
use super::tolls::{Floors, Prices, Tolls};
use super::top::Top;

/// Every coach that is allowed.
const ANY: Bar = Bar { least: 1, margin: 0, slack: 0 };
/// Nobody's score is that far above the price.
const NOBODY_PAYS: Bar = Bar { least: u8::MAX, margin: u8::MAX, slack: 0 };
/// Every coach whose floor the score reaches.
const ACCEPTED: Bar = Bar { least: 1, margin: 1, slack: 0 };

impl Query<'_> {
    /// The `k` best coaches, best first.
    pub fn best(&self, k: usize) -> Vec<Candidate> {
        let mut top = Top::new(k);
        self.fill(&mut top);
        top.take_sorted().collect()
    }

    /// Offers all coaches who can matter.
    pub(super) fn fill(&self, top: &mut Top) {
        if top.takes_any() {
            self.sweep(None, ANY, |row, score, bar| {
                top.offer(self.entry(row, score));
                Bar { least: top.least(), ..bar }
            });
        }
    }

    /// The `k` best coaches among those whose floor the score reaches and whom `accepts` takes, best first.
    pub fn best_accepting(
        &self,
        k: usize,
        floors: &Floors,
        mut accepts: impl FnMut(u32, u8) -> bool,
    ) -> Vec<Candidate> {
        let mut top = Top::new(k);
        if top.takes_any() {
            self.sweep(Some(floors.tolls()), ACCEPTED, |row, score, bar| {
                if floors.accepts(row.coach, score) && accepts(row.coach, score) {
                    top.offer(self.entry(row, score));
                }
                Bar { least: top.least(), ..bar }
            });
        }
        top.take_sorted().collect()
    }

    /// Visits every coach, allowed by the rules, whose floor the score reaches, and who has at
    /// least a score of `least`.
    pub fn accepting(&self, floors: &Floors, least: u8, mut visit: impl FnMut(u32, u8)) {
        self.sweep(Some(floors.tolls()), Bar { least: least.max(1), ..ACCEPTED }, |row, score, bar| {
            if floors.accepts(row.coach, score) {
                visit(row.coach, score);
            }
            bar
        });
    }

    /// Visits every coach, allowed by the rules, whose `score * scale + lambda - price` is more
    /// than `above`, with score and that value. What `visit` returns is the new `above`; it may
    /// only rise. For "at least" pass one less.
    pub fn priced(&self, prices: &Prices, lambda: i64, above: i64, mut visit: impl FnMut(u32, u8, i64) -> i64) {
        let mut above = above;
        let Some(bar) = prices.bar(lambda, above) else { return };
        self.sweep(Some(prices.tolls()), bar, |row, score, bar| {
            let value = prices.value(row.coach, score) + lambda;
            if value <= above {
                return bar;
            }
            above = visit(row.coach, score, value);
            prices.bar(lambda, above).unwrap_or(NOBODY_PAYS)
        });
    }

    /// Every coach that no rule forbids, in no particular order.
    pub fn eligible(&self) -> impl Iterator<Item = Candidate> + '_ {
        let mut all = Vec::new();
        self.sweep(None, ANY, |row, score, bar| {
            all.push(self.entry(row, score));
            bar
        });
        all.into_iter()
    }

    /// Gives `take` every allowed coach who reaches the bar, and perhaps some who do not, each
    /// once and with the exact score; goes on with the bar that `take` returns.
    fn sweep(&self, tolls: Option<&Tolls>, bar: Bar, take: impl FnMut(&Row, u8, Bar) -> Bar) {
        let mut sweep = Sweep { query: self, tolls, bar, take, found: Found::NONE };
        sweep.visit_known();
        let (pool, station) = (&self.scanner.pool, self.station.number());
        let (qualities, sections) = (pool.quality(station), pool.section_quality(station));
        let stops = pool.stops(self.province);
        // Coaches of the same field first: among them the best are found soon, and most of
        // the others can then be left out.
        if let Some(field) = self.field {
            for stop in stops {
                sweep.visit(stop, pool.cell(stop.section, field), sections[stop.section], qualities, true);
            }
        }
        for stop in stops {
            let all = pool.section(stop.section);
            let seen = self.field.map_or(all.start..all.start, |field| pool.cell(stop.section, field));
            sweep.visit(stop, all.start..seen.start, sections[stop.section], qualities, false);
            sweep.visit(stop, seen.end..all.end, sections[stop.section], qualities, false);
        }
    }

    /// Coaches about whom more is known than a kernel can see: those with a relation, and
    /// colleagues where no other alumni are allowed.
    fn known(&self) -> impl Iterator<Item = u32> {
        let s = self.scanner;
        let related = self.relations.iter().map(|&(coach, _)| coach).filter(|&coach| s.is_open[coach as usize]);
        let colleagues = if self.station.alumni { None } else { s.colleagues.get(&self.agency) };
        let others = colleagues.into_iter().flatten().copied().filter(|&coach| self.relation(coach).is_none());
        related.chain(others)
    }

    /// The exact score of a coach whom the kernel gave `upper`; 0 too for one who is seen elsewhere.
    #[inline]
    fn settle(&self, row: &Row, upper: u8, distance: Distance) -> u8 {
        let visits = distance > Distance::Visiting && row.served >> self.province & 1 == 1;
        if visits || (!self.relations.is_empty() && self.relation(row.coach).is_some()) {
            return 0;
        }
        let conflict = !self.conflicts.is_empty() && self.conflicts.binary_search(&row.coach).is_ok();
        let unsure = distance == Distance::Home && self.local_regency == SHARED_REGENCY;
        if row.agency == self.agency || conflict || unsure { self.score(row.coach) } else { upper }
    }
}

/// A scan that is under way.
struct Sweep<'q, F> {
    query: &'q Query<'q>,
    tolls: Option<&'q Tolls>,
    bar: Bar,
    take: F,
    found: Found,
}

impl<F: FnMut(&Row, u8, Bar) -> Bar> Sweep<'_, F> {
    fn visit_known(&mut self) {
        for coach in self.query.known() {
            let score = self.query.score(coach);
            if score >= self.bar.least {
                let row = Row::of(coach, &self.query.scanner.cohort.coaches);
                self.bar = (self.take)(&row, score, self.bar);
            }
        }
    }

    /// Scans those of some blocks of a section that the bound does not exclude.
    fn visit(&mut self, stop: &Stop, blocks: Range<usize>, section_quality: i16, qualities: &[i16], same_field: bool) {
        let q = self.query;
        let place: &Place = q.scanner.tables.place(q.modes, stop.distance, same_field);
        let base = q.coverage + place.best;
        if blocks.is_empty() || base + section_quality < i16::from(self.bar.least) {
            return;
        }
        let regency = (stop.distance == Distance::Home).then_some(q.local_regency);
        let tables = Tables { place: place.table, regency, ..q.tables };
        for block in blocks {
            let bound = base + qualities[block];
            let toll = self.tolls.map_or(0, |tolls| i16::from(tolls.least[block]));
            if bound >= i16::from(self.bar.least)
                && bound + i16::from(self.bar.slack) - toll >= i16::from(self.bar.margin)
            {
                self.scan(block, &tables, stop.distance);
            }
        }
    }

    fn scan(&mut self, block: usize, tables: &Tables, distance: Distance) {
        let (q, pool): (_, &Pool) = (self.query, &self.query.scanner.pool);
        let columns = pool.block(block, q.levels, self.tolls.map(|tolls| tolls.lanes.as_slice()));
        (q.scanner.kernel)(&columns, tables, self.bar, &mut self.found);
        for lane in 0..columns.standing.len() {
            let mut hits = self.found.hits[lane];
            while hits != 0 {
                let at = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                let upper = self.found.scores[lane].0[at];
                if upper < self.bar.least {
                    continue;
                }
                let row = &pool.rows[pool.first_row(block) + lane * WIDTH + at];
                let score = q.settle(row, upper, distance);
                if score >= self.bar.least {
                    self.bar = (self.take)(row, score, self.bar);
                }
            }
        }
    }
}
