//! The published figures behind the population, read from the files that ship with the program.

use std::collections::HashMap;

use super::SyntheticError;

const PNS_BY_PROVINCE: &str = include_str!("../../data/reference/pns_by_province_2023.csv");
const STATISTICS: &str = include_str!("../../data/reference/asn_statistics.csv");
const PROVINCES: &str = include_str!("../../data/reference/provinces.csv");
const REGENCIES: &str = include_str!("../../data/reference/regencies.csv");

/// The newest day of the national statistics in use.
const NOW: &str = "2025-11-01";
/// The last day for which structural positions are broken down by tier.
const TIERS: &str = "2021-12-31";

/// Counts and shares of the civil service.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Civil servants by province code (BPS 2023).
    pub by_province: HashMap<String, u64>,
    /// Residents by regency code.
    pub residents: HashMap<String, u64>,
    /// The name of the capital by province code.
    pub capitals: HashMap<String, String>,
    /// Share on contract (PPPK) of all.
    pub contract: f64,
    /// Share in central agencies of all.
    pub central: f64,
    /// Share of women of all.
    pub women: f64,
    /// People in structural, functional and operational positions.
    pub kinds: [u64; 3],
    /// People in senior executive, administrator and supervisor positions.
    pub structural: [u64; 3],
}

impl Figures {
    /// The figures as shipped.
    ///
    /// # Errors
    /// When a shipped file is damaged; says which.
    pub fn shipped() -> Result<Self, SyntheticError> {
        let mut statistics = HashMap::new();
        each_row(
            STATISTICS,
            "asn_statistics",
            ["as_of", "dimension", "category", "count"],
            |[day, what, which, count]| {
                statistics.insert((day.to_owned(), what.to_owned(), which.to_owned()), count.parse().ok()?);
                Some(())
            },
        )?;
        let count = |day: &str, what: &str, which: &str| -> Result<u64, SyntheticError> {
            let found = statistics.get(&(day.to_owned(), what.to_owned(), which.to_owned())).copied();
            found.ok_or_else(|| SyntheticError::Figures(format!("asn_statistics has no {what} {which} of {day}")))
        };
        let total = count(NOW, "total", "total")? as f64;
        Ok(Self {
            by_province: counts(PNS_BY_PROVINCE, "pns_by_province_2023", ["province_code", "pns_2023"])?,
            residents: counts(REGENCIES, "regencies", ["code", "population_2024s2"])?,
            capitals: capitals()?,
            contract: count(NOW, "status", "PPPK")? as f64 / total,
            central: count(NOW, "instansi", "pusat")? as f64 / total,
            women: count(NOW, "gender", "perempuan")? as f64 / total,
            kinds: [
                count(NOW, "position_kind", "struktural")?,
                count(NOW, "position_kind", "fungsional")?,
                count(NOW, "position_kind", "pelaksana")?,
            ],
            structural: [
                count(TIERS, "structural_tier", "jpt_all")?,
                count(TIERS, "structural_tier", "administrator")?,
                count(TIERS, "structural_tier", "pengawas")?,
            ],
        })
    }
}

fn counts(text: &str, file: &str, columns: [&str; 2]) -> Result<HashMap<String, u64>, SyntheticError> {
    let mut counts = HashMap::new();
    each_row(text, file, columns, |[key, count]| {
        counts.insert(key.to_owned(), count.parse().ok()?);
        Some(())
    })?;
    Ok(counts)
}

fn capitals() -> Result<HashMap<String, String>, SyntheticError> {
    let mut capitals = HashMap::new();
    each_row(PROVINCES, "provinces", ["code", "capital"], |[code, capital]| {
        capitals.insert(code.to_owned(), capital.to_owned());
        Some(())
    })?;
    Ok(capitals)
}

/// Calls `read` with the named columns of every row; `None` from it means that the row is damaged.
pub(super) fn each_row<const N: usize>(
    text: &str,
    file: &str,
    columns: [&str; N],
    mut read: impl FnMut([&str; N]) -> Option<()>,
) -> Result<(), SyntheticError> {
    let damaged = |line: usize| SyntheticError::Figures(format!("{file} line {line} is damaged"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|_| damaged(1))?.clone();
    let at = columns.map(|column| headers.iter().position(|header| header == column));
    for (line, row) in reader.records().enumerate() {
        let row = row.map_err(|_| damaged(line + 2))?;
        let mut cells = [""; N];
        for (cell, at) in cells.iter_mut().zip(at) {
            *cell = at.and_then(|at| row.get(at)).ok_or_else(|| damaged(line + 2))?;
        }
        read(cells).ok_or_else(|| damaged(line + 2))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_figures_are_whole() {
        let figures = Figures::shipped().unwrap();
        assert_eq!(figures.by_province.len(), 38);
        assert_eq!(figures.residents.len(), 514);
        assert_eq!(figures.capitals["94"], "Nabire");
        assert!((figures.contract - 0.3559).abs() < 0.001);
        assert!((figures.central - 0.2412).abs() < 0.001);
        assert!((figures.women - 0.5620).abs() < 0.001);
        assert_eq!(figures.kinds.iter().sum::<u64>(), 5_588_245);
    }

    #[test]
    fn a_damaged_row_is_named() {
        let why = each_row("a,b\n1,2\n3,x\n", "some", ["b"], |[b]| b.parse::<u8>().ok().map(|_| ())).unwrap_err();
        assert_eq!(why.to_string(), "figures: some line 3 is damaged");
        assert!(each_row("a\n1\n", "some", ["c"], |_| Some(())).is_err());
    }
}
