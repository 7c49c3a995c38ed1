//! Persons by their codes.

use super::{ServiceError, ServiceResult};
use crate::domain::PersonCode;
use crate::store::{Db, PersonId, people};

/// The id of a person by code.
///
/// # Errors
/// When nobody has the code.
pub fn id(db: &mut Db, code: &PersonCode) -> ServiceResult<PersonId> {
    let found = people::ids(db, std::slice::from_ref(code))?.remove(code);
    found.ok_or_else(|| ServiceError::Missing(format!("there is no person {code}")))
}
