//! What surrounds a request in words of others: what it is about and whom it chose, whom its coachee had before, which
//! coaches the agency does not want, who wishes for the coachee, who reports to them. All in one statement, which is
//! prepared once for a connection: it is asked at every look at a shortlist.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, SmallInt, Text};

use super::types::sql::Id;
use super::{Db, PersonId, RequestId, StoreError, StoreResult};
use crate::domain::{AgencyCode, CoachKind, CompetencyCode, OptOuts, PersonCode};

/// Whom and what it is about.
pub(super) struct Of<'a> {
    pub request: RequestId,
    pub coachee: PersonId,
    pub agency: &'a AgencyCode,
    pub code: &'a PersonCode,
}

/// What was found.
#[derive(Default)]
pub(super) struct Around {
    /// What the request is about, the first first.
    pub focus: Vec<CompetencyCode>,
    /// Whom it chose, the first first.
    pub choices: Vec<PersonCode>,
    /// The coaches whom the coachee had or declined, by code.
    pub earlier: Vec<PersonCode>,
    /// Kinds of coaches that the agency does not want.
    pub opt_outs: OptOuts,
    /// Coaches who wish for the coachee.
    pub wishing: Vec<PersonCode>,
    /// Those who report to the coachee directly, and whether each is a coach.
    pub reporting: Vec<(PersonCode, bool)>,
}

/// Kind of finding, its place among those of its kind, and the word.
type Found = (String, i16, String);

/// Reads what surrounds a request.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn load(db: &mut Db, of: &Of) -> StoreResult<Around> {
    let mut rows: Vec<Found> = on_engine!(db, connection => Statement { of }.load(connection))?;
    rows.sort_unstable();
    let mut around = Around::default();
    for (kind, _, word) in rows {
        let damaged = || StoreError::damaged("what surrounds a request", &kind);
        let person = || word.parse::<PersonCode>().map_err(|_| damaged());
        match kind.as_str() {
            "focus" => around.focus.push(word.parse().map_err(|_| damaged())?),
            "choice" => around.choices.push(person()?),
            "earlier" => around.earlier.push(person()?),
            "opt_out" => around.opt_outs = around.opt_outs.with(word.parse::<CoachKind>().map_err(|_| damaged())?),
            "wishing" => around.wishing.push(person()?),
            "coach" | "coachee" => around.reporting.push((person()?, kind == "coach")),
            _ => return Err(damaged()),
        }
    }
    Ok(around)
}

struct Statement<'a> {
    of: &'a Of<'a>,
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: diesel::backend::Backend + HasSqlType<Id> + HasSqlType<Text>,
    RequestId: ToSql<Id, DB>,
    PersonId: ToSql<Id, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let of = self.of;
        out.push_sql("SELECT 'focus', place, competency FROM request_focus WHERE request = ");
        out.push_bind_param::<Id, _>(&of.request)?;
        out.push_sql(" UNION ALL SELECT 'choice', place, coach_code FROM request_choices WHERE request = ");
        out.push_bind_param::<Id, _>(&of.request)?;
        out.push_sql(
            " UNION ALL SELECT 'earlier', CAST(0 AS SMALLINT), coach_code FROM earlier_pairs WHERE coachee = ",
        );
        out.push_bind_param::<Id, _>(&of.coachee)?;
        out.push_sql(
            " UNION ALL SELECT 'opt_out', CAST(0 AS SMALLINT), coach_kind FROM agency_opt_outs WHERE agency = ",
        );
        out.push_bind_param::<Text, _>(of.agency.as_str())?;
        out.push_sql(
            " UNION ALL SELECT 'wishing', CAST(0 AS SMALLINT), persons.code FROM coach_wishes \
             JOIN persons ON persons.id = coach_wishes.coach WHERE coach_wishes.coachee_code = ",
        );
        out.push_bind_param::<Text, _>(of.code.as_str())?;
        out.push_sql(
            " UNION ALL SELECT 'coach', CAST(0 AS SMALLINT), persons.code FROM coach_profiles \
             JOIN persons ON persons.id = coach_profiles.person WHERE coach_profiles.superior_code = ",
        );
        out.push_bind_param::<Text, _>(of.code.as_str())?;
        out.push_sql(
            " UNION ALL SELECT CASE WHEN coach_profiles.person IS NULL THEN 'coachee' ELSE 'coach' END, \
             CAST(0 AS SMALLINT), persons.code FROM coachee_profiles \
             JOIN persons ON persons.id = coachee_profiles.person \
             LEFT JOIN coach_profiles ON coach_profiles.person = coachee_profiles.person \
             WHERE coachee_profiles.superior_code = ",
        );
        out.push_bind_param::<Text, _>(of.code.as_str())
    }
}

impl Query for Statement<'_> {
    type SqlType = (Text, SmallInt, Text);
}

/// Its text never changes.
impl QueryId for Statement<'_> {
    type QueryId = Statement<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<C> RunQueryDsl<C> for Statement<'_> {}
