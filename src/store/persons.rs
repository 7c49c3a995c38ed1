//! Persons: what coachees and coaches have in common. Used by the files of both.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::schema::{identity_numbers, person_roles, persons};
use super::types::{Stamp, Word};
use super::{Db, PersonId, StoreResult, numbers};
use crate::domain::{Identity, IdentityKind, PersonCode, PersonName, Role};

/// The language in which a person is written to until they choose another.
const FIRST_LANGUAGE: &str = "id";

/// What a record says about the person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) code: &'a PersonCode,
    pub(super) name: &'a PersonName,
    pub(super) identity: Option<&'a Identity>,
    pub(super) email: Option<&'a str>,
}

/// A person as stored.
pub(super) struct Person {
    pub(super) id: PersonId,
    pub(super) code: PersonCode,
    pub(super) name: PersonName,
    pub(super) identity: Option<Identity>,
    pub(super) email: Option<String>,
}

impl Person {
    /// What is not said is not taken away: the same person may come with an identity
    /// number in a file of coaches, and without in a file of coachees.
    fn agrees(&self, facts: &Facts) -> bool {
        self.name == *facts.name
            && facts.identity.is_none_or(|identity| self.identity.as_ref() == Some(identity))
            && facts.email.is_none_or(|email| self.email.as_deref() == Some(email))
    }
}

type Row =
    (PersonId, Word<PersonCode>, String, String, String, Option<Word<IdentityKind>>, Option<String>, Option<String>);

/// The persons with these codes.
pub(super) fn by_code(db: &mut Db, codes: &[&str]) -> StoreResult<HashMap<PersonCode, Person>> {
    let rows: Vec<Row> = persons::table
        .left_join(identity_numbers::table.on(identity_numbers::person.eq(persons::id)))
        .filter(persons::code.eq_any(codes))
        .select((
            persons::id,
            persons::code,
            persons::full_name,
            persons::front_title,
            persons::back_title,
            identity_numbers::kind.nullable(),
            identity_numbers::sealed.nullable(),
            persons::email,
        ))
        .load(db)?;
    let sealed: Vec<numbers::Found> =
        rows.iter().map(|(id, _, _, _, _, kind, sealed, _)| (*id, *kind, sealed.clone())).collect();
    let identities = numbers::open(&sealed)?;
    let people = rows.into_iter().zip(identities);
    Ok(people
        .map(|((id, Word(code), full, front_title, back_title, _, _, email), identity)| {
            let name = PersonName { full, front_title, back_title };
            (code.clone(), Person { id, code, name, identity, email })
        })
        .collect())
}

/// The ids of the persons with these codes.
pub(super) fn ids(db: &mut Db, codes: &[&str]) -> StoreResult<HashMap<PersonCode, PersonId>> {
    let rows: Vec<(Word<PersonCode>, PersonId)> =
        persons::table.filter(persons::code.eq_any(codes)).select((persons::code, persons::id)).load(db)?;
    Ok(rows.into_iter().map(|(code, id)| (code.0, id)).collect())
}

/// Saves what records say about persons, and that they have a role. Gives the id of each, in
/// order, and whether anything was written about the person.
pub(super) fn save(db: &mut Db, facts: &[Facts], role: Role, now: Stamp) -> StoreResult<Vec<(PersonId, bool)>> {
    let codes: Vec<&str> = facts.iter().map(|f| f.code.as_str()).collect();
    let known = by_code(db, &codes)?;
    let (mut rows, mut new_numbers) = (Vec::new(), Vec::new());
    let mut saved = Vec::with_capacity(facts.len());
    for person in facts {
        saved.push(match known.get(person.code) {
            Some(old) if old.agrees(person) => (old.id, false),
            Some(old) => {
                change(db, old.id, person, now)?;
                (old.id, true)
            }
            None => {
                let id = PersonId::new();
                rows.push(row!(persons {
                    id: id,
                    code: person.code.as_str(),
                    full_name: &person.name.full,
                    front_title: &person.name.front_title,
                    back_title: &person.name.back_title,
                    email: person.email,
                    language: FIRST_LANGUAGE,
                    created_at: now,
                    changed_at: now,
                }));
                new_numbers.extend(person.identity.map(|identity| (id, identity)));
                (id, true)
            }
        });
    }
    insert_all!(db, persons::table, rows)?;
    numbers::add(db, &new_numbers)?;
    give_role(db, &saved.iter().map(|(id, _)| *id).collect::<Vec<_>>(), role)?;
    Ok(saved)
}

fn change(db: &mut Db, id: PersonId, facts: &Facts, now: Stamp) -> StoreResult<()> {
    let person = persons::table.find(id);
    diesel::update(person)
        .set((
            persons::full_name.eq(&facts.name.full),
            persons::front_title.eq(&facts.name.front_title),
            persons::back_title.eq(&facts.name.back_title),
            persons::changed_at.eq(now),
        ))
        .execute(db)?;
    if let Some(identity) = facts.identity {
        numbers::replace(db, id, identity)?;
    }
    if let Some(email) = facts.email {
        diesel::update(person).set(persons::email.eq(email)).execute(db)?;
    }
    Ok(())
}

fn give_role(db: &mut Db, ids: &[PersonId], role: Role) -> StoreResult<()> {
    let having: Vec<PersonId> = person_roles::table
        .filter(person_roles::person.eq_any(ids).and(person_roles::role.eq(role.as_str())))
        .select(person_roles::person)
        .load(db)?;
    let having: HashSet<PersonId> = having.into_iter().collect();
    let lacking =
        ids.iter().filter(|id| !having.contains(id)).map(|id| row!(person_roles { person: *id, role: role.as_str() }));
    insert_all!(db, person_roles::table, lacking.collect())
}
