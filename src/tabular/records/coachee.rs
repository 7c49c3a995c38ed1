//! `coachees.csv`: who asks for a coach.

use std::borrow::Cow;

use crate::domain::records::CoacheeRecord;
use crate::tabular::column::Col;
use crate::tabular::error::Wrong;
use crate::tabular::lookup::code;
use crate::tabular::parse;
use crate::tabular::row::Row;
use crate::tabular::table::{Record, Table};
use crate::tabular::write::Cells;

static TABLE: Table = Table {
    name: "coachees",
    about_en: "Civil servants who ask for a coach, one a row.",
    about_id: "ASN yang meminta coach, satu per baris.",
    columns: &[
        (Col::Coachee, true),
        (Col::Name, true),
        (Col::FrontTitle, false),
        (Col::BackTitle, false),
        (Col::IdentityKind, false),
        (Col::IdentityNumber, false),
        (Col::Email, false),
        (Col::Agency, true),
        (Col::Unit, false),
        (Col::Superior, false),
        (Col::Position, true),
        (Col::Tier, true),
        (Col::Field, false),
        (Col::Regency, true),
        (Col::Modes, false),
        (Col::Languages, false),
        (Col::Focus, false),
        (Col::Choices, false),
        (Col::Earlier, false),
        (Col::WaitingRounds, false),
    ],
    examples: &[],
    name_of_key: "coachee",
    competencies: false,
};

/// The most competencies a request is about, and the most coaches it may wish for.
const MOST: usize = 3;

/// Whether a list is short enough, and names nothing twice.
fn few<T: PartialEq>(list: &[T]) -> bool {
    list.len() <= MOST && list.iter().enumerate().all(|(at, item)| !list[..at].contains(item))
}

impl Record for CoacheeRecord {
    const TABLE: &'static Table = &TABLE;

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let lookup = row.lookup;
        let coachee = row.need(Col::Coachee, code);
        let name = row.person_name();
        let identity = row.identity();
        let email = row.maybe(Col::Email, parse::email);
        let agency = row.need(Col::Agency, |cell| lookup.agency(cell));
        let unit = row.maybe(Col::Unit, |cell| parse::text(cell, 200));
        let superior = row.maybe(Col::Superior, code);
        let position = row.text(Col::Position, 200);
        let tier = row.need(Col::Tier, |cell| lookup.tier(cell));
        let field = row.maybe(Col::Field, |cell| lookup.field(cell));
        let regency = row.need(Col::Regency, |cell| lookup.regency(cell));
        let modes = row.modes();
        let languages = row.languages();
        let focus = row.list(Col::Focus, &[',', ';'], |cell| lookup.competency(cell));
        let choices = row.list(Col::Choices, &[], code);
        let earlier = row.set(Col::Earlier, &[], code);
        let waiting_rounds = row.or(Col::WaitingRounds, 0, parse::whole);
        let (focus, choices) = (focus?, choices?);
        for (col, good) in [(Col::Focus, few(&focus)), (Col::Choices, few(&choices))] {
            if !good {
                row.fail(col, Wrong::AsDocumented);
            }
        }
        Some(Self {
            code: coachee?,
            name: name?,
            identity: identity?,
            email: email?,
            agency: agency?,
            unit: unit?,
            superior: superior?,
            position: position?,
            tier: tier?,
            field: field?,
            regency: regency?,
            modes: modes?,
            languages: languages?,
            focus,
            choices,
            earlier: earlier?,
            waiting_rounds: waiting_rounds?,
        })
    }

    fn write(&self, cells: &mut Cells<'_>) {
        cells.text(Col::Coachee, self.code.as_str());
        cells.text(Col::Name, &self.name.full);
        cells.text(Col::FrontTitle, &self.name.front_title);
        cells.text(Col::BackTitle, &self.name.back_title);
        cells.maybe(Col::IdentityKind, self.identity.as_ref().map(|identity| identity.kind()));
        cells.maybe_text(Col::IdentityNumber, self.identity.as_ref().map(|identity| identity.number()));
        cells.maybe_text(Col::Email, self.email.as_deref());
        cells.text(Col::Agency, self.agency.as_str());
        cells.maybe_text(Col::Unit, self.unit.as_deref());
        cells.maybe(Col::Superior, self.superior.as_ref());
        cells.text(Col::Position, &self.position);
        cells.text(Col::Tier, self.tier.as_str());
        cells.maybe(Col::Field, self.field.as_ref());
        cells.text(Col::Regency, self.regency.as_str());
        cells.list(Col::Modes, self.modes.iter());
        cells.list(Col::Languages, self.languages.iter());
        cells.list(Col::Focus, &self.focus);
        cells.list(Col::Choices, &self.choices);
        cells.list(Col::Earlier, &self.earlier);
        cells.show(Col::WaitingRounds, self.waiting_rounds);
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.code.as_str())
    }

    fn identity_number(&self) -> Option<&str> {
        self.identity.as_ref().map(|identity| identity.number())
    }
}
