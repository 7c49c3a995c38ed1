//! The coaches that can be given somebody, in columns of bytes and in an order that lets a
//! scan leave most of them out.
//!
//! They stand in **sections**: the coaches of each province, and the visitors of each province,
//! who live elsewhere and serve it. A section has **cells**, one a field of work; in a cell
//! coaches stand by standing and merit, and are cut into **blocks**. So nearness and field are
//! the same all over a block, and the best standing and merit in it are known in advance.

use rayon::prelude::*;

use super::ground::Ground;
use super::kernel::{BLOCK, Block, FORBIDDEN, Lane, Table, WIDTH};
use super::tables::{Distance, NOBODY, SERVES_HOME};
use super::traits::Traits;
use crate::domain::Reach;
use crate::matching::columns::{Coaches, NONE};

/// What the columns do not say about the coach in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The coach, or [`NONE`] in a row that only fills a lane.
    pub coach: u32,
    /// Employer.
    pub agency: u32,
    /// Provinces served, as bits.
    pub served: u64,
    /// Number that breaks ties.
    pub tie_key: u64,
}

impl Row {
    pub fn of(coach: u32, coaches: &Coaches) -> Self {
        let j = coach as usize;
        Self { coach, agency: coaches.agency[j], served: coaches.served[j], tie_key: coaches.tie_key[j] }
    }
}

const EMPTY: Row = Row { coach: NONE, agency: NONE, served: 0, tie_key: 0 };

/// A section that the scan for a coachee visits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// Number of the section.
    pub section: usize,
    /// How far it is.
    pub distance: Distance,
}

/// All rows.
#[derive(Debug)]
pub(super) struct Pool {
    /// As many as the lanes hold.
    pub rows: Vec<Row>,
    levels: Vec<Vec<Lane>>,
    standing: Vec<Lane>,
    place: Vec<Lane>,
    regency: Vec<Lane>,
    languages: Vec<Lane>,
    merit: Vec<Lane>,
    /// First lane of each block, and the end of the last.
    blocks: Vec<u32>,
    /// First block of each cell, and the end of the last.
    cells: Vec<u32>,
    /// Cells in a section: one a field, one for coaches without.
    fields: usize,
    /// Best points for tier and merit by station, then by block.
    quality: Vec<Vec<i16>>,
    /// The same by section.
    section_quality: Vec<Vec<i16>>,
    /// Per province the sections to visit, nearest first.
    stops: Vec<Vec<Stop>>,
}

impl Pool {
    /// Places the open coaches.
    pub fn new(ground: &Ground, coaches: &Coaches, traits: &Traits, open: &[u32]) -> Self {
        let c = coaches;
        let Layout { rows, blocks, cells } = Layout::new(ground, c, traits, open);
        let column = |value: &(dyn Fn(usize) -> u8 + Sync)| column(&rows, value);
        let serves_home = |j: usize| c.served[j] >> traits.province[j] & 1 == 1;
        let place = |j: usize| c.modes[j] & 3 | if serves_home(j) { SERVES_HOME } else { 0 };
        let mut pool = Self {
            levels: c.levels.par_iter().map(|levels| column(&|j| levels[j])).collect(),
            standing: column(&|j| traits.standing[j]),
            place: column(&place),
            regency: column(&|j| ground.local_regency(c.regency[j])),
            languages: column(&|j| c.languages[j]),
            merit: column(&|j| traits.merit[j]),
            quality: Vec::new(),
            section_quality: Vec::new(),
            stops: stops(&ground.province_reach),
            rows,
            blocks,
            cells,
            fields: ground.fields + 1,
        };
        pool.rate(&ground.tables.standing);
        pool
    }

    /// How many blocks there are.
    pub fn len(&self) -> usize {
        self.blocks.len() - 1
    }

    /// Lanes in all.
    pub fn lanes(&self) -> usize {
        self.standing.len()
    }

    /// First row of a block.
    pub fn first_row(&self, block: usize) -> usize {
        self.blocks[block] as usize * WIDTH
    }

    /// The block of a row.
    pub fn block_of(&self, row: usize) -> usize {
        self.blocks.partition_point(|&lane| lane as usize <= row / WIDTH) - 1
    }

    /// Lanes of a block.
    pub fn span(&self, block: usize) -> std::ops::Range<usize> {
        self.blocks[block] as usize..self.blocks[block + 1] as usize
    }

    /// The blocks of a section.
    pub fn section(&self, section: usize) -> std::ops::Range<usize> {
        let first = section * self.fields;
        self.cells[first] as usize..self.cells[first + self.fields] as usize
    }

    /// The blocks of a section and field.
    pub fn cell(&self, section: usize, field: u8) -> std::ops::Range<usize> {
        let cell = section * self.fields + usize::from(field).min(self.fields - 1);
        self.cells[cell] as usize..self.cells[cell + 1] as usize
    }

    /// Best points for tier and merit in each block, by station.
    pub fn quality(&self, station: usize) -> &[i16] {
        &self.quality[station]
    }

    /// Best points for tier and merit in each section, by station.
    pub fn section_quality(&self, station: usize) -> &[i16] {
        &self.section_quality[station]
    }

    /// Where the scan for a coachee of a province goes.
    pub fn stops(&self, province: u16) -> &[Stop] {
        &self.stops[usize::from(province)]
    }

    /// The levels of all rows on a competency.
    pub fn levels(&self, competency: u16) -> &[Lane] {
        &self.levels[usize::from(competency)]
    }

    /// The columns of a block.
    #[inline]
    pub fn block<'a>(&'a self, block: usize, levels: [&'a [Lane]; 3], tolls: Option<&'a [Lane]>) -> Block<'a> {
        let span = self.span(block);
        let [first, second, third] = levels;
        Block {
            levels: [&first[span.clone()], &second[span.clone()], &third[span.clone()]],
            standing: &self.standing[span.clone()],
            place: &self.place[span.clone()],
            regency: &self.regency[span.clone()],
            languages: &self.languages[span.clone()],
            merit: &self.merit[span.clone()],
            toll: tolls.map(|column| &column[span]),
        }
    }

    /// Works out what each block and section can give at best.
    fn rate(&mut self, standings: &[Table]) {
        let best_merit: Vec<[i16; 16]> = (0..self.len()).into_par_iter().map(|block| self.best_merit(block)).collect();
        self.quality =
            standings.par_iter().map(|table| best_merit.iter().map(|b| quality(table, b)).collect()).collect();
        let sections = (self.cells.len() - 1) / self.fields;
        let best = |quality: &[i16], section| quality[self.section(section)].iter().copied().max().unwrap_or(NOBODY);
        self.section_quality =
            self.quality.iter().map(|quality| (0..sections).map(|s| best(quality, s)).collect()).collect();
    }

    /// The best merit by standing in a block.
    fn best_merit(&self, block: usize) -> [i16; 16] {
        let mut best = [NOBODY; 16];
        for lane in self.span(block) {
            for at in (0..WIDTH).filter(|at| self.rows[lane * WIDTH + at].coach != NONE) {
                let (standing, merit) = (self.standing[lane].0[at], i16::from(self.merit[lane].0[at]));
                let known = &mut best[usize::from(standing & 15)];
                *known = merit.max(*known);
            }
        }
        best
    }
}

/// The best points for tier and merit, given the best merit by standing.
fn quality(table: &Table, best_merit: &[i16; 16]) -> i16 {
    let allowed = table.iter().zip(best_merit).filter(|&(&points, _)| points != FORBIDDEN);
    allowed.map(|(&points, &merit)| i16::from(points) + merit).max().unwrap_or(NOBODY).max(NOBODY)
}

/// Bytes of all rows, 0 where nobody is.
fn column(rows: &[Row], value: &(dyn Fn(usize) -> u8 + Sync)) -> Vec<Lane> {
    let byte = |row: &Row| if row.coach == NONE { 0 } else { value(row.coach as usize) };
    let lane = |rows: &[Row]| Lane(std::array::from_fn(|at| rows.get(at).map_or(0, byte)));
    rows.par_chunks(WIDTH).with_min_len(256).map(lane).collect()
}

/// Which row each coach gets, and where cells and blocks begin.
struct Layout {
    rows: Vec<Row>,
    blocks: Vec<u32>,
    cells: Vec<u32>,
}

impl Layout {
    fn new(ground: &Ground, coaches: &Coaches, traits: &Traits, open: &[u32]) -> Self {
        let (fields, provinces) = (ground.fields + 1, ground.provinces());
        let mut layout = Self { rows: Vec::with_capacity(open.len() * 5 / 4), blocks: Vec::new(), cells: Vec::new() };
        for key in sorted_keys(provinces, coaches, traits, open) {
            let cell = (key >> 52) as usize * fields + usize::from((key >> 44) as u8).min(fields - 1);
            while layout.cells.len() <= cell {
                layout.start_cell();
            }
            layout.push(Row::of(key as u32, coaches));
        }
        // One cell more than there are marks the end of the last.
        while layout.cells.len() <= 2 * provinces * fields {
            layout.start_cell();
        }
        layout.blocks.push((layout.rows.len() / WIDTH) as u32);
        layout
    }

    /// Fills the last lane, so that the next row begins a lane and a block.
    fn start_cell(&mut self) {
        self.rows.resize(self.rows.len().next_multiple_of(WIDTH), EMPTY);
        self.cells.push(self.blocks.len() as u32);
    }

    fn push(&mut self, row: Row) {
        let in_cell = self.cells.last().is_some_and(|&block| block < self.blocks.len() as u32);
        let full = self.blocks.last().is_some_and(|&lane| self.rows.len() - lane as usize * WIDTH == BLOCK * WIDTH);
        if !in_cell || full {
            self.blocks.push((self.rows.len() / WIDTH) as u32);
        }
        self.rows.push(row);
    }
}

/// One key a row, in the order of rows: section, field, standing, merit from the best, coach.
fn sorted_keys(provinces: usize, coaches: &Coaches, traits: &Traits, open: &[u32]) -> Vec<u64> {
    let mut keys = Vec::with_capacity(open.len() * 5 / 4);
    for &coach in open {
        let j = coach as usize;
        let key = |section: usize| {
            (section as u64) << 52
                | u64::from(coaches.field[j]) << 44
                | u64::from(traits.standing[j]) << 40
                | u64::from(u8::MAX - traits.merit[j]) << 32
                | u64::from(coach)
        };
        let home = usize::from(traits.province[j]);
        keys.push(key(home));
        let visits = (0..provinces).filter(|&p| coaches.served[j] >> p & 1 == 1 && p != home);
        keys.extend(visits.map(|province| key(provinces + province)));
    }
    keys.par_sort_unstable();
    keys
}

/// Per province the sections by distance: its own coaches, its visitors, those of other provinces.
fn stops(province_reach: &[Vec<Reach>]) -> Vec<Vec<Stop>> {
    let of = |(from, reaches): (usize, &Vec<Reach>)| {
        let visitors = Stop { section: reaches.len() + from, distance: Distance::Visiting };
        let residents = reaches.iter().enumerate().map(|(section, &reach)| Stop { section, distance: distance(reach) });
        let mut stops: Vec<Stop> = residents.chain([visitors]).collect();
        stops.sort_by_key(|stop| (stop.distance, stop.section));
        stops
    };
    province_reach.iter().enumerate().map(of).collect()
}

fn distance(reach: Reach) -> Distance {
    match reach {
        Reach::Regency | Reach::Province => Distance::Home,
        Reach::IslandGroup => Distance::IslandGroup,
        Reach::Zone => Distance::Zone,
        Reach::Country => Distance::Country,
    }
}
