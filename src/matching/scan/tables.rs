//! Points of a policy by small numbers that a column can hold, worked out once for all coachees.

use super::kernel::{FORBIDDEN, SAME_REGENCY, Table};
use crate::domain::policy::Rules;
use crate::domain::{Mode, Modes, Reach};
use crate::matching::score::PointTable;

/// Added to a standing when the coach is a corporate leader.
pub(super) const CORPORATE: u8 = 8;
/// Added to a place when the coach serves the own province.
pub(super) const SERVES_HOME: u8 = 8;
/// A bound that no score is below: nobody is allowed there.
pub(super) const NOBODY: i16 = i16::MIN / 2;

/// How far a group of coaches is from a coachee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Distance {
    /// They are of the coachee's province.
    Home,
    /// They are of another province and serve the coachee's.
    Visiting,
    /// They are of another province of the same island group.
    IslandGroup,
    /// They are of the same time zone.
    Zone,
    /// They are further away.
    Country,
}

const DISTANCES: [Distance; 5] =
    [Distance::Home, Distance::Visiting, Distance::IslandGroup, Distance::Zone, Distance::Country];

/// Which coaches a coachee may have by their standing: alumni or corporate leaders, and how senior.
#[derive(Debug, Clone, Copy)]
pub(super) struct Station {
    /// The coachee's seniority, 0 to 7.
    pub seniority: u8,
    /// Whether corporate leaders are allowed.
    pub corporate: bool,
    /// Whether alumni are.
    pub alumni: bool,
}

impl Station {
    /// How many there are.
    pub const COUNT: usize = 32;

    /// A number below [`Station::COUNT`].
    pub fn number(self) -> usize {
        usize::from(self.seniority & 7 | u8::from(self.corporate) << 3 | u8::from(self.alumni) << 4)
    }

    fn all() -> impl Iterator<Item = Station> {
        (0..Self::COUNT as u8).map(|number| Station {
            seniority: number & 7,
            corporate: number & 8 != 0,
            alumni: number & 16 != 0,
        })
    }
}

/// Points for the way two people can meet, and whatever else a whole group of coaches gets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Points by place.
    pub table: Table,
    /// The most points in it, or [`NOBODY`].
    pub best: i16,
}

/// The tables of a policy.
#[derive(Debug)]
pub(super) struct PolicyTables {
    /// By [`Station::number`].
    pub standing: Vec<Table>,
    /// By the coachee's modes, then by distance, then by whether the field is the same.
    places: Vec<[[Place; 2]; DISTANCES.len()]>,
}

impl PolicyTables {
    /// Works them out.
    pub fn new(points: &PointTable, rules: &Rules) -> Self {
        let place = |modes: u8, distance: Distance, extra: u8| {
            let table =
                std::array::from_fn(|at| place_points(points, rules.in_person_within, modes, distance, at as u8))
                    .map(|found: Option<u8>| found.map_or(FORBIDDEN, |points| points + extra));
            let best = table.iter().filter(|&&points| points != FORBIDDEN).max();
            Place { table, best: best.map_or(NOBODY, |&points| i16::from(points)) }
        };
        let both = |modes, distance| {
            [
                place(modes, distance, points.cross_agency),
                place(modes, distance, points.cross_agency + points.same_field),
            ]
        };
        Self {
            standing: Station::all().map(|station| standing(points, rules, station)).collect(),
            places: (0..4).map(|modes| DISTANCES.map(|distance| both(modes, distance))).collect(),
        }
    }

    /// The table for coaches at a distance.
    pub fn place(&self, modes: u8, distance: Distance, same_field: bool) -> &Place {
        &self.places[usize::from(modes & 3)][distance as usize][usize::from(same_field)]
    }
}

/// Points for the coach's tier by standing, or [`FORBIDDEN`].
fn standing(points: &PointTable, rules: &Rules, coachee: Station) -> Table {
    std::array::from_fn(|standing| {
        let corporate = standing >= usize::from(CORPORATE);
        let seniority = standing as u8 % CORPORATE;
        let forbidden = if corporate {
            !coachee.corporate
        } else {
            !coachee.alumni || rules.senior_alumni && seniority < coachee.seniority
        };
        match seniority {
            _ if forbidden => FORBIDDEN,
            0 => points.tier_unknown,
            _ => points.tier_steps[usize::from(seniority.saturating_sub(coachee.seniority)).min(6)],
        }
    })
}

fn place_points(points: &PointTable, within: Reach, modes: u8, distance: Distance, place: u8) -> Option<u8> {
    let (reach, served) = match distance {
        Distance::Home if place & SAME_REGENCY != 0 => (Reach::Regency, place & SERVES_HOME != 0),
        Distance::Home => (Reach::Province, place & SERVES_HOME != 0),
        Distance::Visiting => (Reach::Province, true),
        Distance::IslandGroup => (Reach::IslandGroup, false),
        Distance::Zone => (Reach::Zone, false),
        Distance::Country => (Reach::Country, false),
    };
    nearness(points, within, modes & place & 3, reach, served)
}

/// Points for nearness by the modes that two people share, or none when they cannot meet.
pub(super) fn nearness(points: &PointTable, within: Reach, shared: u8, reach: Reach, served: bool) -> Option<u8> {
    let near = served || reach <= within;
    let possible = if near { shared } else { shared & Modes::NONE.with(Mode::Online).bits() };
    let felt = if served { reach.min(Reach::Province) } else { reach };
    (possible != 0).then(|| points.reach[usize::from(possible)][felt as usize])
}
