//! `requirements.csv`: required levels that differ from the tier's default.

use std::borrow::Cow;

use crate::domain::records::{RequirementRecord, RequirementScope};
use crate::tabular::column::Col;
use crate::tabular::error::Wrong;
use crate::tabular::lookup::{code, word};
use crate::tabular::parse;
use crate::tabular::row::Row;
use crate::tabular::table::{Record, Table};
use crate::tabular::write::Cells;

static TABLE: Table = Table {
    name: "requirements",
    about_en: "Required levels that differ from the default of the tier, one row per tier, position or person. A person's \
               outrank a position's, which outrank a tier's.",
    about_id: "Level wajib yang berbeda dari level standar jenjang, satu baris per jenjang, jabatan atau orang. Aturan \
               untuk orang mengalahkan aturan jabatan, dan aturan jabatan mengalahkan aturan jenjang.",
    columns: &[(Col::Scope, true), (Col::Subject, true), (Col::ScopeAgency, false)],
    examples: &[],
    name_of_key: "scope, subject and agency",
    competencies: true,
};

#[derive(Clone, Copy)]
enum Scope {
    Tier,
    Position,
    Person,
}

impl std::str::FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "tier" => Ok(Self::Tier),
            "position" => Ok(Self::Position),
            "person" => Ok(Self::Person),
            _ => Err(()),
        }
    }
}

const SCOPES: &[(&str, Scope)] = &[
    ("jenjang", Scope::Tier),
    ("jabatan", Scope::Position),
    ("orang", Scope::Person),
    ("pegawai", Scope::Person),
    ("peserta", Scope::Person),
];

impl Record for RequirementRecord {
    const TABLE: &'static Table = &TABLE;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let levels = row.some_levels();
        let scope = match row.need(Col::Scope, |cell| word(cell, SCOPES))? {
            Scope::Tier => RequirementScope::Tier(subject(row, |row, cell| row.lookup.tier(cell))?),
            Scope::Person => RequirementScope::Person(subject(row, |_, cell| code(cell))?),
            Scope::Position => {
                let lookup = row.lookup;
                let position = row.text(Col::Subject, 200);
                let agency = row.need(Col::ScopeAgency, |cell| lookup.agency(cell));
                return Some(Self { scope: RequirementScope::Position(agency?, position?), levels: levels? });
            }
        };
        Some(Self { scope, levels: levels? })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        let (word, subject, agency) = match &self.scope {
            RequirementScope::Tier(tier) => ("tier", tier.as_str(), None),
            RequirementScope::Position(agency, position) => ("position", position.as_str(), Some(agency.as_str())),
            RequirementScope::Person(person) => ("person", person.as_str(), None),
        };
        cells.text(Col::Scope, word);
        cells.text(Col::Subject, subject);
        cells.maybe_text(Col::ScopeAgency, agency);
        cells.levels(self.levels.iter().map(|(competency, level)| (competency, *level)));
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Owned(match &self.scope {
            RequirementScope::Tier(tier) => format!("tier {tier}"),
            RequirementScope::Position(agency, position) => format!("position {agency} {position}"),
            RequirementScope::Person(person) => format!("person {person}"),
        })
    }
}

/// The subject of a scope without an agency; an agency beside it is a mistake.
fn subject<T>(row: &mut Row<'_>, read: impl FnOnce(&Row<'_>, &str) -> parse::Cell<T>) -> Option<T> {
    let alone = row.maybe(Col::ScopeAgency, |_| Err::<(), _>(Wrong::AsDocumented));
    let cell = row.cell(Col::Subject);
    let value = read(row, cell);
    let value = row.need(Col::Subject, |_| value);
    alone?;
    value
}
