//! Long texts, made a piece at a time on all cores and handed on in order.

use rayon::prelude::*;

use super::error::TableError;

/// Rows in a piece.
const PIECE: usize = 2048;

/// Turns rows into text. `write` appends the text of a piece, whose first row stands at the
/// position given; `take` gets the pieces in order, while the next ones are made. No more than
/// two for each thread are in memory.
///
/// # Errors
/// The first of `write` or `take`.
pub(super) fn in_pieces<T: Sync>(
    rows: &[T],
    write: impl Fn(&mut Vec<u8>, usize, &[T]) -> Result<(), TableError> + Sync,
    mut take: impl FnMut(&[u8]) -> Result<(), TableError> + Send,
) -> Result<(), TableError> {
    let round = PIECE * rayon::current_num_threads();
    let make = |(at, rows): (usize, &[T])| {
        let mut text = Vec::new();
        write(&mut text, at, rows).map(|()| text)
    };
    let mut ready: Vec<Vec<u8>> = Vec::new();
    for first in (0..rows.len()).step_by(round) {
        let next = &rows[first..rows.len().min(first + round)];
        let places = (first..).step_by(PIECE);
        let pieces: Vec<(usize, &[T])> = places.zip(next.chunks(PIECE)).collect();
        let (taken, made) = rayon::join(
            || ready.iter().try_for_each(|piece| take(piece)),
            || pieces.into_par_iter().map(make).collect::<Result<Vec<_>, _>>(),
        );
        taken?;
        ready = made?;
    }
    ready.iter().try_for_each(|piece| take(piece))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn pieces_come_in_order() {
        for count in [0, 1, PIECE, 9 * PIECE + 5] {
            let rows: Vec<usize> = (0..count).collect();
            let write = |text: &mut Vec<u8>, first: usize, rows: &[usize]| {
                assert_eq!(rows.first(), Some(&first));
                rows.iter().try_for_each(|row| writeln!(text, "{row}")).map_err(TableError::Io)
            };
            let mut text = Vec::new();
            in_pieces(&rows, write, |piece| {
                text.extend_from_slice(piece);
                Ok(())
            })
            .unwrap();
            let expected: String = rows.iter().map(|row| format!("{row}\n")).collect();
            assert!(text == expected.as_bytes(), "{count} rows");
        }
    }

    #[test]
    fn the_first_failure_ends_it() {
        let full = || Err(TableError::Write("full".into()));
        let rows = [0u8; 3 * PIECE];
        let mut taken = 0;
        let result = in_pieces(
            &rows,
            |_, _, _| Ok(()),
            |_| {
                taken += 1;
                full()
            },
        );
        assert!(result.is_err() && taken == 1);
        assert!(in_pieces(&rows, |_, _, _| full(), |_| Ok(())).is_err());
    }
}
