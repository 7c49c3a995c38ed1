//! Rows of a file on their way from whoever reads it to those who parse them.

/// Some rows, with the text of all their cells in one piece.
#[derive(Debug, Default)]
pub(super) struct Batch {
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<usize>,
    /// Per row its line in the file, and where its cells end among the ends.
    rows: Vec<(u64, usize)>,
}

/// Bytes of text that are worth parsing by themselves.
const FULL: usize = 1 << 18;

impl Batch {
    /// Adds a row.
    pub fn push(&mut self, line: u64, cells: &csv::StringRecord) {
        let start = self.text.len();
        self.text.push_str(cells.as_slice());
        self.ends.extend((0..cells.len()).filter_map(|at| cells.range(at)).map(|cell| start + cell.end));
        self.rows.push((line, self.ends.len()));
    }

    /// Whether it is time to parse it.
    pub fn is_full(&self) -> bool {
        self.text.len() >= FULL
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows: line and cells.
    pub fn rows(&self) -> impl Iterator<Item = (u64, Line<'_>)> {
        let mut first = 0;
        self.rows.iter().map(move |&(line, last)| {
            let start = if first == 0 { 0 } else { self.ends[first - 1] };
            let cells = Line { text: &self.text, start, ends: &self.ends[first..last] };
            first = last;
            (line, cells)
        })
    }
}

/// The cells of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    text: &'a str,
    start: usize,
    ends: &'a [usize],
}

impl<'a> Line<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.ends.len()
    }

    /// The cell at a place.
    pub fn get(self, at: usize) -> Option<&'a str> {
        let end = *self.ends.get(at)?;
        let start = if at == 0 { self.start } else { self.ends[at - 1] };
        self.text.get(start..end)
    }

    /// All cells.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_went_in() {
        let rows: [&[&str]; 4] = [&["a", "", "bç"], &[], &[""], &["x"]];
        let mut batch = Batch::default();
        for (line, row) in (1..).zip(rows) {
            batch.push(line, &row.iter().collect());
        }
        let back: Vec<(u64, Vec<&str>)> = batch.rows().map(|(line, cells)| (line, cells.iter().collect())).collect();
        assert_eq!(back, [(1, vec!["a", "", "bç"]), (2, vec![]), (3, vec![""]), (4, vec!["x"])]);
        assert_eq!(batch.rows().map(|(_, cells)| cells.get(1)).collect::<Vec<_>>(), [Some(""), None, None, None]);
    }
}
