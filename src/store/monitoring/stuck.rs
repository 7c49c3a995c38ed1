//! What stands still, longest first, a kind at a time.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::super::fixed::fixed;
use super::super::offers::LIVE;
use super::super::schema::{coachee_profiles, offers, pairings, regencies, requests};
use super::super::types::{Stamp, sql};
use super::super::{AnyId, CohortId, Db, PersonId, StoreResult};
use super::{Scope, within_coachees, within_regencies};
use crate::domain::{OfferStatus, PairingStatus, RequestStatus, StuckKind};

/// Something that stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Still {
    /// The request, offer or pairing.
    pub id: AnyId,
    /// Since when nothing has happened.
    pub since: Stamp,
    /// The cohort.
    pub cohort: CohortId,
    /// Whose it is.
    pub coachee: PersonId,
    /// The coach, where one is concerned.
    pub coach: Option<PersonId>,
}

/// Which part of the list is wanted: in the order of time, then of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What stands still since then, or longer.
    pub until: Stamp,
    /// Only what comes behind this time and id.
    pub after: Option<(Stamp, AnyId)>,
    /// At most so many.
    pub limit: i64,
}

/// The wanted part of a query, by its columns of time and id.
macro_rules! part {
    ($query:expr, $part:expr, $since:expr, $id:expr) => {{
        let mut query = $query.filter($since.le($part.until));
        if let Some((since, id)) = $part.after {
            query = query.filter($since.gt(since).or($since.eq(since).and($id.gt(id))));
        }
        query.order(($since, $id)).limit($part.limit)
    }};
}

/// The wanted part of a query confined to a scope. The agency is asked for by the column that triggers fill, so that an
/// index has its rows in order.
macro_rules! listed {
    ($scope:expr, $table:ident, $agency:literal, $query:expr, $part:expr, $since:expr, $id:expr, $db:expr) => {{
        let beyond = Scope { agency: None, ..$scope.clone() };
        let mut query = within!(beyond, $table, $query);
        if let Some(agency) = &$scope.agency {
            query = query.filter(fixed::<Text>($agency).eq(agency.as_str()));
        }
        part!(query, $part, $since, $id).load($db)?
    }};
}

type WithCoach = (AnyId, Stamp, CohortId, PersonId, PersonId);

fn with_coach((id, since, cohort, coachee, coach): WithCoach) -> Still {
    Still { id, since, cohort, coachee, coach: Some(coach) }
}

/// What stands still in one way.
///
/// # Errors
/// When the database cannot be read.
pub fn still(db: &mut Db, scope: &Scope, kind: StuckKind, part: Part) -> StoreResult<Vec<Still>> {
    match kind {
        StuckKind::RequestUnasked => unasked(db, scope, part),
        StuckKind::ProposalUnanswered => unanswered(db, scope, OfferStatus::Proposed, part),
        StuckKind::OfferUnanswered => unanswered(db, scope, OfferStatus::Pending, part),
        StuckKind::AgreementUnsigned => active(db, scope, false, part),
        StuckKind::PairQuiet => quiet(db, scope, part),
        StuckKind::PairingUnfinished => active(db, scope, true, part),
    }
}

fn unasked(db: &mut Db, scope: &Scope, part: Part) -> StoreResult<Vec<Still>> {
    // Asked about each request as it comes: a page must not cost a look at all offers.
    let asked = offers::table.filter(offers::request.eq(requests::id)).filter(offers::status.eq_any(LIVE));
    let open = requests::table
        .filter(requests::status.eq(RequestStatus::Open.as_str()))
        .filter(not(exists(asked)))
        .select((requests::id, requests::changed_at, requests::cohort, requests::coachee));
    let rows: Vec<(AnyId, Stamp, CohortId, PersonId)> =
        listed!(scope, requests, "requests.agency", open, part, requests::changed_at, requests::id, db);
    Ok(rows.into_iter().map(|(id, since, cohort, coachee)| Still { id, since, cohort, coachee, coach: None }).collect())
}

fn unanswered(db: &mut Db, scope: &Scope, status: OfferStatus, part: Part) -> StoreResult<Vec<Still>> {
    let waiting = offers_and_requests!().filter(offers::status.eq(status.as_str())).select((
        offers::id,
        offers::asked_at,
        requests::cohort,
        requests::coachee,
        offers::coach,
    ));
    let rows: Vec<WithCoach> =
        listed!(scope, requests, "offers.agency", waiting, part, offers::asked_at, offers::id, db);
    Ok(rows.into_iter().map(with_coach).collect())
}

/// Whether both sides have signed the agreement of a pairing. Both ways are worded as indexes have them.
macro_rules! signed {
    (true) => {
        pairings::coachee_signed_at.is_not_null().and(pairings::coach_signed_at.is_not_null())
    };
    (false) => {
        pairings::coachee_signed_at.is_null().or(pairings::coach_signed_at.is_null())
    };
}

fn active(db: &mut Db, scope: &Scope, signed: bool, part: Part) -> StoreResult<Vec<Still>> {
    let columns = (pairings::id, pairings::started_at, pairings::cohort, pairings::coachee, pairings::coach);
    let active = || pairings::table.filter(pairings::status.eq(PairingStatus::Active.as_str())).select(columns);
    macro_rules! rows {
        ($signed:expr) => {
            listed!(
                scope,
                pairings,
                "pairings.agency",
                active().filter($signed),
                part,
                pairings::started_at,
                pairings::id,
                db
            )
        };
    }
    let rows: Vec<WithCoach> = if signed { rows!(signed!(true)) } else { rows!(signed!(false)) };
    Ok(rows.into_iter().map(with_coach).collect())
}

/// Active pairings with an agreement, since the last session that was held or agreed on, or, without any, since they
/// began: a column that triggers fill.
fn quiet(db: &mut Db, scope: &Scope, part: Part) -> StoreResult<Vec<Still>> {
    let since = fixed::<sql::Stamp>("pairings.quiet_since");
    let active = pairings::table
        .filter(pairings::status.eq(PairingStatus::Active.as_str()))
        .filter(signed!(true))
        .select((pairings::id, since, pairings::cohort, pairings::coachee, pairings::coach));
    let rows: Vec<WithCoach> = listed!(scope, pairings, "pairings.agency", active, part, since, pairings::id, db);
    Ok(rows.into_iter().map(with_coach).collect())
}
