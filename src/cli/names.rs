//! From the ids in files to positions and back.

use crate::domain::PersonCode;
use crate::tabular::scores::Ids;

/// Ids and their positions.
pub(super) trait Names {
    /// The id at a position.
    fn name(&self, position: u32) -> &str;
    /// The position of an id.
    fn position(&self, name: &str) -> Option<u32>;
}

impl Names for Ids {
    fn name(&self, position: u32) -> &str {
        self.name(position)
    }

    fn position(&self, name: &str) -> Option<u32> {
        self.position(name)
    }
}

/// The codes of people in a cohort, by position. Takes four bytes for each.
pub(super) struct Codes<'a> {
    codes: &'a [PersonCode],
    /// Positions in the order of the codes.
    sorted: Vec<u32>,
}

impl<'a> Codes<'a> {
    pub fn new(codes: &'a [PersonCode]) -> Self {
        let mut sorted: Vec<u32> = (0..codes.len() as u32).collect();
        sorted.sort_by_key(|&position| &codes[position as usize]);
        Self { codes, sorted }
    }
}

impl Names for Codes<'_> {
    fn name(&self, position: u32) -> &str {
        self.codes[position as usize].as_str()
    }

    fn position(&self, name: &str) -> Option<u32> {
        let at = self.sorted.binary_search_by(|&position| self.name(position).cmp(name)).ok()?;
        Some(self.sorted[at])
    }
}
