//! Who asks, and what they may do. Pure: no database.

use super::Denial;
use crate::domain::{AgencyCode, Role};
use crate::store::accounts::Grant;
use crate::store::{AccountId, PersonId, SignInId};

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The device.
    pub sign_in: SignInId,
    /// The person of the records that the account belongs to, if any.
    pub person: Option<PersonId>,
    /// What they are.
    pub grants: Vec<Grant>,
    /// Whether the device gave a one-time code.
    pub second_factor: bool,
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Signed in, as anybody.
    SignedIn,
    /// A coachee.
    Coachee,
    /// A coach.
    Coach,
    /// An admin of an agency or of all.
    Admin,
    /// An admin of all.
    NationalAdmin,
    /// An auditor.
    Auditor,
    /// Who may see the results of runs: they tell about all agencies.
    ReadResults,
    /// Who may watch the programme: an admin, of one agency or of all, or an auditor.
    Watcher,
    /// Who oversees the service itself: an admin of all, or an auditor.
    Overseer,
}

impl Right {
    /// The roles that have it; none: every one.
    const fn roles(self) -> &'static [Role] {
        match self {
            Right::SignedIn => &[],
            Right::Coachee => &[Role::Coachee],
            Right::Coach => &[Role::Coach],
            Right::Admin => &[Role::NationalAdmin, Role::AgencyAdmin],
            Right::Watcher => &[Role::NationalAdmin, Role::AgencyAdmin, Role::Auditor],
            Right::NationalAdmin => &[Role::NationalAdmin],
            Right::Auditor => &[Role::Auditor],
            Right::ReadResults | Right::Overseer => &[Role::NationalAdmin, Role::Auditor],
        }
    }
}

impl Caller {
    /// Whether the caller has the right.
    ///
    /// # Errors
    /// [`Denial::Forbidden`], or [`Denial::SecondFactorNeeded`] when signing in with a one-time code
    /// would give it.
    pub fn check(&self, right: Right) -> Result<(), Denial> {
        let roles = right.roles();
        let held: Vec<Role> = self.grants.iter().map(|grant| grant.role).filter(|role| roles.contains(role)).collect();
        if roles.is_empty() || held.iter().any(|role| self.is_enough_for(*role)) {
            return Ok(());
        }
        Err(if held.is_empty() { Denial::Forbidden } else { Denial::SecondFactorNeeded })
    }

    /// Whether the caller runs the programme for an agency; without one, for all.
    ///
    /// # Errors
    /// As [`Caller::check`].
    pub fn check_admin_of(&self, agency: Option<&AgencyCode>) -> Result<(), Denial> {
        self.check(Right::Admin)?;
        match self.agency() {
            None => Ok(()),
            own if own == agency => Ok(()),
            Some(_) => Err(Denial::Forbidden),
        }
    }

    /// The agency that an admin is confined to; none: the admin of all, or no admin.
    pub fn agency(&self) -> Option<&AgencyCode> {
        if self.check(Right::NationalAdmin).is_ok() {
            return None;
        }
        self.grants.iter().find(|grant| grant.role == Role::AgencyAdmin)?.agency.as_ref()
    }

    /// The agency to which what they may watch is confined; none: all of it, or nothing.
    pub fn watched_agency(&self) -> Option<&AgencyCode> {
        if self.check(Right::Overseer).is_ok() { None } else { self.agency() }
    }

    /// The person that a coachee or coach is.
    ///
    /// # Errors
    /// [`Denial::Forbidden`] when the account belongs to none.
    pub fn person(&self) -> Result<PersonId, Denial> {
        self.person.ok_or(Denial::Forbidden)
    }

    fn is_enough_for(&self, role: Role) -> bool {
        self.second_factor || !role.needs_second_factor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(grants: &[(Role, Option<&str>)], second_factor: bool) -> Caller {
        let grant =
            |(role, agency): &(Role, Option<&str>)| Grant { role: *role, agency: agency.map(|a| a.parse().unwrap()) };
        Caller {
            account: AccountId::new(),
            sign_in: SignInId::new(),
            person: None,
            grants: grants.iter().map(grant).collect(),
            second_factor,
        }
    }

    /// Every right by every role, as a table: rights down, roles across.
    #[test]
    fn rights_by_role() {
        use Role::*;
        let table = [
            (Right::SignedIn, [true, true, true, true, true]),
            (Right::Coachee, [true, false, false, false, false]),
            (Right::Coach, [false, true, false, false, false]),
            (Right::Admin, [false, false, true, true, false]),
            (Right::NationalAdmin, [false, false, false, true, false]),
            (Right::Auditor, [false, false, false, false, true]),
            (Right::Watcher, [false, false, true, true, true]),
            (Right::Overseer, [false, false, false, true, true]),
            (Right::ReadResults, [false, false, false, true, true]),
        ];
        for (right, row) in table {
            for (role, may) in [Coachee, Coach, AgencyAdmin, NationalAdmin, Auditor].into_iter().zip(row) {
                let agency = (role == AgencyAdmin).then_some("KEM-01");
                assert_eq!(caller(&[(role, agency)], true).check(right).is_ok(), may, "{role} {right:?}");
                let alone = caller(&[(role, agency)], false).check(right);
                let expected = match () {
                    () if !may => Err(Denial::Forbidden),
                    () if role.needs_second_factor() && right != Right::SignedIn => Err(Denial::SecondFactorNeeded),
                    () => Ok(()),
                };
                assert_eq!(alone, expected, "{role} {right:?} with a password alone");
            }
        }
    }

    #[test]
    fn one_person_may_hold_several_roles() {
        let both = caller(&[(Role::Coachee, None), (Role::Coach, None)], false);
        assert_eq!((both.check(Right::Coachee), both.check(Right::Coach)), (Ok(()), Ok(())));
        assert_eq!(both.check(Right::Admin), Err(Denial::Forbidden));
        assert_eq!(caller(&[], true).check(Right::SignedIn), Ok(()));
    }

    #[test]
    fn an_agency_has_its_own_admin() {
        let [own, other] = ["KEM-01", "KEM-02"].map(|code| code.parse::<AgencyCode>().unwrap());
        let agency = caller(&[(Role::AgencyAdmin, Some("KEM-01"))], true);
        assert_eq!(agency.check_admin_of(Some(&own)), Ok(()));
        assert_eq!(agency.check_admin_of(Some(&other)), Err(Denial::Forbidden));
        assert_eq!(agency.check_admin_of(None), Err(Denial::Forbidden));
        assert_eq!(agency.agency(), Some(&own));
        let national = caller(&[(Role::NationalAdmin, None), (Role::AgencyAdmin, Some("KEM-01"))], true);
        assert_eq!((national.check_admin_of(Some(&other)), national.check_admin_of(None)), (Ok(()), Ok(())));
        assert_eq!(national.agency(), None);
        assert_eq!((agency.watched_agency(), national.watched_agency()), (Some(&own), None));
        let auditor = caller(&[(Role::Auditor, None), (Role::AgencyAdmin, Some("KEM-01"))], true);
        assert_eq!((auditor.agency(), auditor.watched_agency()), (Some(&own), None), "reads all, runs one");
        let alone = caller(&[(Role::AgencyAdmin, Some("KEM-01"))], false);
        assert_eq!(alone.check_admin_of(Some(&own)), Err(Denial::SecondFactorNeeded));
        assert_eq!(caller(&[(Role::Coach, None)], true).check_admin_of(Some(&own)), Err(Denial::Forbidden));
    }
}
