//! What is known of coachees: their work, what is required of them, and what was found.

use super::{Act, ServiceError, ServiceResult, directory};
use crate::domain::records::CoacheeRecord;
use crate::domain::{Policy, Reference};
use crate::matching::levels::{Found, LevelBook};
use crate::store::{Db, PersonId, people, records};

/// A coachee, and per competency of the reference data what is required and what was found.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The coachee.
    pub record: CoacheeRecord,
    /// The reference data.
    pub reference: Reference,
    /// Per competency: the level required, 0 for none, and what was found, if it was assessed.
    pub levels: Vec<(u8, Option<Found>)>,
    /// The competencies with the largest gaps, as positions in the reference: what a request without a
    /// focus is about.
    pub focus: Vec<u16>,
}

/// The profile of the coachee who acts.
///
/// # Errors
/// When it is no coachee of the records.
pub fn own(db: &mut Db, act: &Act) -> ServiceResult<Profile> {
    let person = act.person()?;
    profile(db, act, person)
}

fn profile(db: &mut Db, act: &Act, person: PersonId) -> ServiceResult<Profile> {
    let code = people::code(db, person)?;
    let Some(records) = records::levels_of(db, &code)? else {
        return Err(ServiceError::Missing(format!("there is no coachee {code}")));
    };
    let reference = directory::reference(db)?;
    let record = records.coachees[0].clone();
    let book = LevelBook::new(&records.assessments, &records.requirements, &[&record], &reference, act.today());
    let damaged = |why: &dyn std::fmt::Display| ServiceError::Internal(why.to_string());
    let levels = book.all(0, &record).map_err(|why| damaged(&why))?;
    let (focus, _) = book.focus(0, &record, &Policy::default()).map_err(|why| damaged(&why))?;
    let focus = focus.as_slice().iter().map(|gap| gap.competency).collect();
    drop(book);
    Ok(Profile { record, reference, levels, focus })
}
