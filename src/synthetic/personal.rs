//! What a person is called and reached by.

use chrono::Datelike;

use super::draw::Draw;
use super::names::{Custom, Names};
use super::positions::Work;
use super::titles::{Bearer, titles};
use crate::domain::{Identity, PersonCode, PersonName, Tier};

/// What a name depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person<'a> {
    pub(super) tier: Tier,
    pub(super) woman: bool,
    pub(super) work: &'a Work,
    pub(super) identity: &'a Identity,
}

/// The name and titles of a civil servant who works in a province.
pub(super) fn name(names: &Names, province: &str, person: Person, draw: &mut Draw) -> PersonName {
    let custom = Custom::of_province(province, draw);
    let full = names.name(custom, person.woman, draw);
    let bearer = Bearer {
        tier: person.tier,
        field: person.work.field,
        position: &person.work.position,
        woman: person.woman,
        born: person.identity.birth_date().map_or(1980, |birth| birth.year()),
        pilgrims: custom.has_pilgrims(),
        javanese: custom == Custom::Javanese,
    };
    let (front_title, back_title) = titles(bearer, draw);
    PersonName { full, front_title, back_title }
}

/// An address that leads nowhere (RFC 2606): the name, and the code to make it unique.
pub(super) fn email(name: &PersonName, code: &PersonCode, domain: &str) -> String {
    let mut local = String::with_capacity(name.full.len() + 16);
    for letter in name.full.chars() {
        match letter {
            'A'..='Z' => local.push(letter.to_ascii_lowercase()),
            'a'..='z' => local.push(letter),
            _ if !local.ends_with('.') => local.push('.'),
            _ => {}
        }
    }
    format!("{}.{}@{domain}", local.trim_matches('.'), code.as_str().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain() {
        let name = PersonName { full: "Muh. Arsyad  O'Neil".into(), ..PersonName::default() };
        let code = PersonCode::new("P0000007").unwrap();
        assert_eq!(email(&name, &code, "asn.example"), "muh.arsyad.o.neil.p0000007@asn.example");
    }
}
