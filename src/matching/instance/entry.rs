//! How an entry of a list is kept: in four bytes where it fits, else in eight. National lists have
//! hundreds of millions of entries, and a solver is as fast as it can read them.

use super::Edge;

/// Somebody on the other side of a list, and the weight of the pair.
pub trait Entry: Copy + Send + Sync {
    /// Whether an entry fits.
    fn fits(other: u32, weight: u32) -> bool;
    /// An entry that fits.
    fn of(other: u32, weight: u32) -> Self;
    /// Who stands on the list: a coach on a coachee's, a coachee on a coach's.
    fn other(self) -> u32;
    /// The weight of the pair.
    fn weight(self) -> u32;
}

/// Four bytes: weights to 255, as all our scores are, and positions below 2^24.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Narrow(u32);

impl Entry for Narrow {
    #[inline]
    fn fits(other: u32, weight: u32) -> bool {
        other < 1 << 24 && weight < 1 << 8
    }

    #[inline]
    fn of(other: u32, weight: u32) -> Self {
        debug_assert!(Self::fits(other, weight));
        Self(other << 8 | weight)
    }

    #[inline]
    fn other(self) -> u32 {
        self.0 >> 8
    }

    #[inline]
    fn weight(self) -> u32 {
        self.0 & 0xff
    }
}

/// Eight bytes: everything fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wide {
    other: u32,
    weight: u32,
}

impl Entry for Wide {
    #[inline]
    fn fits(_: u32, _: u32) -> bool {
        true
    }

    #[inline]
    fn of(other: u32, weight: u32) -> Self {
        Self { other, weight }
    }

    #[inline]
    fn other(self) -> u32 {
        self.other
    }

    #[inline]
    fn weight(self) -> u32 {
        self.weight
    }
}

/// Entries of all lists, one list after the other.
#[derive(Debug, Clone)]
pub(crate) enum Entries {
    Narrow(Vec<Narrow>),
    Wide(Vec<Wide>),
}

impl Entries {
    /// None yet, of lists of so many coachees.
    pub fn new(coachees: usize) -> Self {
        // Lists are also read from the other side, where the coachee is the entry.
        match u32::try_from(coachees) {
            Ok(coachees) if Narrow::fits(coachees, 0) => Self::Narrow(Vec::new()),
            _ => Self::Wide(Vec::new()),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(entries) => entries.len(),
            Self::Wide(entries) => entries.len(),
        }
    }

    /// One entry as an edge of a coachee's list.
    #[inline]
    pub fn edge(&self, at: usize) -> Edge {
        match self {
            Self::Narrow(entries) => Edge { coach: entries[at].other(), weight: entries[at].weight() },
            Self::Wide(entries) => Edge { coach: entries[at].other(), weight: entries[at].weight() },
        }
    }

    /// Adds an entry; with the first that does not fit four bytes, all take eight.
    pub fn push(&mut self, other: u32, weight: u32) {
        match self {
            Self::Narrow(entries) if Narrow::fits(other, weight) => entries.push(Narrow::of(other, weight)),
            Self::Narrow(entries) => {
                let mut wide: Vec<Wide> = entries.iter().map(|e| Wide::of(e.other(), e.weight())).collect();
                wide.push(Wide::of(other, weight));
                *self = Self::Wide(wide);
            }
            Self::Wide(entries) => entries.push(Wide::of(other, weight)),
        }
    }
}

/// Runs the same code on the entries of an instance, whichever way they are kept.
macro_rules! in_view {
    ($instance:expr, $view:ident => $body:expr) => {
        match $instance.entries() {
            $crate::matching::instance::Entries::Narrow(entries) => {
                let $view = $crate::matching::instance::View::new($instance, entries);
                $body
            }
            $crate::matching::instance::Entries::Wide(entries) => {
                let $view = $crate::matching::instance::View::new($instance, entries);
                $body
            }
        }
    };
}
pub(crate) use in_view;
