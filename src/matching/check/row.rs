//! The scores of one coachee with a row of coaches, all at once.

use std::ops::Range;

use super::{MEETINGS, mask};

/// What is asked for one focus competency.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gap {
    /// Points by the coach's level.
    pub points: [u8; 6],
    /// The level from which a coach is strong enough.
    pub required: u8,
}

/// What a coachee asks of coaches who have nothing to do with them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    /// The focus; gaps that are not there give no points and are never strong.
    pub gaps: [Gap; 3],
    /// The coachee's field, and the points for the same.
    pub field: (u8, u8),
    pub languages: u8,
    /// Which kinds of coaches are accepted: corporate leaders, alumni of other agencies.
    pub corporate: u8,
    pub alumni: u8,
    /// Points that every such coach has.
    pub all: u8,
}

/// What the way of meeting gives, by the ways a coach offers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meeting {
    pub points: [u8; MEETINGS],
    /// All bits set where the two can meet.
    pub possible: [u8; MEETINGS],
}

/// The columns of a row of coaches, all of one length.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a> {
    pub ground: &'a [u8],
    pub open: &'a [u8],
    pub corporate: &'a [u8],
    pub levels: [&'a [u8]; 3],
    pub field: &'a [u8],
    pub languages: &'a [u8],
    pub meets: &'a [u8],
}

impl Columns<'_> {
    /// The same of some of the coaches.
    pub fn part(&self, coaches: Range<usize>) -> Self {
        let Range { start, end } = coaches;
        Self {
            ground: &self.ground[start..end],
            open: &self.open[start..end],
            corporate: &self.corporate[start..end],
            levels: self.levels.map(|levels| &levels[start..end]),
            field: &self.field[start..end],
            languages: &self.languages[start..end],
            meets: &self.meets[start..end],
        }
    }
}

/// Works out the scores, 0 where a rule forbids the pair.
///
/// Everything is done for each coach alike, with bytes and without branches: so the compiler
/// does sixteen or more coaches at a time. No sum exceeds 255, since the most that all components
/// give together does not.
pub(super) fn score(asking: &Asking, meeting: &Meeting, columns: &Columns, scores: &mut [u8]) {
    let count = scores.len();
    let [first, second, third] = asking.gaps;
    let Columns { ground, open, corporate, levels: [a, b, c], field, languages, meets } = *columns;
    let (ground, open, corporate) = (&ground[..count], &open[..count], &corporate[..count]);
    let (a, b, c) = (&a[..count], &b[..count], &c[..count]);
    let (field, languages, meets) = (&field[..count], &languages[..count], &meets[..count]);
    for at in 0..count {
        let coverage = pick(&first.points, a[at]) + pick(&second.points, b[at]) + pick(&third.points, c[at]);
        let strong = mask(a[at] >= first.required) | mask(b[at] >= second.required) | mask(c[at] >= third.required);
        let same_field = mask(field[at] == asking.field.0) & asking.field.1;
        let points = ground[at] + asking.all + coverage + same_field + pick(&meeting.points, meets[at]);
        let possible = pick(&meeting.possible, meets[at]);
        let kind = corporate[at] & asking.corporate | !corporate[at] & asking.alumni;
        let speaks = mask(languages[at] & asking.languages != 0);
        scores[at] = points & open[at] & strong & possible & kind & speaks;
    }
}

/// The entry of a table, found without a branch.
#[inline(always)]
fn pick<const N: usize>(table: &[u8; N], number: u8) -> u8 {
    let mut found = 0;
    for (at, &entry) in (0..).zip(table) {
        found |= mask(number == at) & entry;
    }
    found
}
