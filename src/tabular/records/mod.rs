//! How each kind of record is read from a row and written to one.

mod agency;
mod assessment;
mod coach;
mod coachee;
mod reference;
mod requirement;

use super::column::Col;
use super::lookup::word;
use super::row::Row;
use crate::domain::{Identity, IdentityKind, Language, Languages, Mode, Modes};

/// Separators people put between words, where no word can contain them.
const BETWEEN_WORDS: [char; 4] = [',', ';', '/', '\n'];

const MODES: &[(&str, Mode)] = &[
    ("daring", Mode::Online),
    ("virtual", Mode::Online),
    ("luring", Mode::InPerson),
    ("tatapmuka", Mode::InPerson),
    ("inperson", Mode::InPerson),
    ("offline", Mode::InPerson),
];

const LANGUAGES: &[(&str, Language)] = &[
    ("indonesia", Language::Indonesian),
    ("bahasaindonesia", Language::Indonesian),
    ("indonesian", Language::Indonesian),
    ("inggris", Language::English),
    ("bahasainggris", Language::English),
    ("english", Language::English),
    ("jawa", Language::Javanese),
    ("bahasajawa", Language::Javanese),
    ("javanese", Language::Javanese),
    ("sunda", Language::Sundanese),
    ("bahasasunda", Language::Sundanese),
    ("sundanese", Language::Sundanese),
    ("bali", Language::Balinese),
    ("bahasabali", Language::Balinese),
    ("balinese", Language::Balinese),
    ("minang", Language::Minangkabau),
    ("minangkabau", Language::Minangkabau),
    ("bahasaminang", Language::Minangkabau),
    ("bugis", Language::Buginese),
    ("bahasabugis", Language::Buginese),
    ("buginese", Language::Buginese),
    ("melayupapua", Language::PapuanMalay),
    ("bahasamelayupapua", Language::PapuanMalay),
    ("papuanmalay", Language::PapuanMalay),
];

impl Row<'_> {
    /// Ways of meeting; both when the cell is empty.
    fn modes(&mut self) -> Option<Modes> {
        let modes = self.list(Col::Modes, &BETWEEN_WORDS, |cell| match word(cell, MODES) {
            Ok(mode) => Ok(Modes::NONE.with(mode)),
            Err(wrong) => match cell.to_lowercase().as_str() {
                "keduanya" | "both" | "hybrid" | "hibrida" => Ok(Modes::BOTH),
                _ => Err(wrong),
            },
        })?;
        let bits = modes.iter().fold(0, |bits, modes| bits | modes.bits());
        Some(if bits == 0 { Modes::BOTH } else { Modes::from_bits(bits) })
    }

    /// Languages; Indonesian when the cell is empty.
    fn languages(&mut self) -> Option<Languages> {
        let languages = self.list(Col::Languages, &BETWEEN_WORDS, |cell| word(cell, LANGUAGES))?;
        let languages = languages.into_iter().fold(Languages::NONE, Languages::with);
        Some(if languages == Languages::NONE { languages.with(Language::Indonesian) } else { languages })
    }

    /// The identity number with its kind, inferred where none is given.
    fn identity(&mut self) -> Option<Option<Identity>> {
        let lookup = self.lookup;
        let kind = self.maybe(Col::IdentityKind, |cell| word(cell, IDENTITY_KINDS))?;
        self.maybe(Col::IdentityNumber, |cell| lookup.identity(kind, cell))
    }
}

const IDENTITY_KINDS: &[(&str, IdentityKind)] = &[
    ("pns", IdentityKind::Nip),
    ("nippppk", IdentityKind::NiPppk),
    ("nipppk", IdentityKind::NiPppk),
    ("pppk", IdentityKind::NiPppk),
    ("ktp", IdentityKind::Nik),
];
