//! What may occur only once in a column: which rows repeat an earlier one.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use rayon::prelude::*;

/// A row that repeats another: its position, and that of the first with the same value.
pub(super) type Repeat = (usize, usize);

/// The rows whose value an earlier row has, in their order. Rows without a value repeat nothing.
///
/// Values are compared where their hashes are equal, so that millions of them need no table.
pub(super) fn repeats<'a, T: Sync>(rows: &'a [T], value: impl Fn(&'a T) -> Option<Cow<'a, str>> + Sync) -> Vec<Repeat> {
    let hasher = RandomState::new();
    let hash = |(at, row)| value(row).map(|value| (hasher.hash_one(value), at));
    let mut hashes: Vec<(u64, usize)> = rows.par_iter().enumerate().filter_map(hash).collect();
    hashes.par_sort_unstable();
    let mut repeats = Vec::new();
    for alike in hashes.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        let mut firsts: Vec<usize> = Vec::new();
        for &(_, at) in alike {
            match firsts.iter().find(|&&first| value(&rows[first]) == value(&rows[at])) {
                Some(&first) => repeats.push((at, first)),
                None => firsts.push(at),
            }
        }
    }
    repeats.sort_unstable();
    repeats
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_repetition_is_found_with_the_first_of_its_kind() {
        let rows = ["a", "b", "", "a", "c", "b", "", "a"];
        let found = repeats(&rows, |row| (!row.is_empty()).then_some(Cow::Borrowed(*row)));
        assert_eq!(found, [(3, 0), (5, 1), (7, 0)]);
    }
}
