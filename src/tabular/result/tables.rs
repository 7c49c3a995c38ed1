//! `pairs.csv` and `prices.csv`, which need nothing but ids and numbers.

use std::borrow::Cow;
use std::io::Write;

use crate::matching::certificate::Points;
use crate::tabular::error::TableError;

/// Writes `pairs.csv`: a line a pair, in the order given.
///
/// # Errors
/// When the output fails.
pub fn write_pairs<'a>(
    out: &mut impl Write,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), TableError> {
    out.write_all(b"coachee,coach\n")?;
    for (coachee, coach) in pairs {
        writeln!(out, "{},{}", cell(coachee), cell(coach))?;
    }
    Ok(())
}

/// Writes `prices.csv`: a line a coach, in the order given.
///
/// # Errors
/// When the output fails.
pub fn write_prices<'a>(
    out: &mut impl Write,
    prices: impl Iterator<Item = (&'a str, Points)>,
) -> Result<(), TableError> {
    out.write_all(b"coach,price\n")?;
    for (coach, price) in prices {
        writeln!(out, "{},{price}", cell(coach))?;
    }
    Ok(())
}

/// Quotes a cell where CSV needs it (RFC 4180).
pub(in crate::tabular) fn cell(cell: &str) -> Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_quoted_where_needed() {
        let mut text = Vec::new();
        write_pairs(&mut text, [("a,b", "say \"hi\""), ("x", "y")].into_iter()).unwrap();
        assert_eq!(text, b"coachee,coach\n\"a,b\",\"say \"\"hi\"\"\"\nx,y\n");
    }
}
