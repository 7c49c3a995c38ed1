//! How the coachees of each agency fared in a run. The engine knows agencies as numbers without meaning, so this is
//! counted from the rows of the run when it is computed.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::schema::{agencies, coachee_profiles, proposed_pairs, run_agencies, run_waiting, run_what_if_pairs};
use super::types::Word;
use super::{Db, RunId, StoreError, StoreResult};
use crate::domain::AgencyCode;

/// How many coachees of an agency got a coach in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyShare {
    /// The agency.
    pub agency: AgencyCode,
    /// Its name.
    pub name: String,
    /// Its coachees in the run.
    pub coachees: i64,
    /// Those with a coach.
    pub matched: i64,
}

/// Rows of a table of a run, counted by the agency of their coachee.
macro_rules! by_agency {
    ($db:expr, $table:ident of $run:expr) => {
        $table::table
            .inner_join(coachee_profiles::table.on(coachee_profiles::person.eq($table::coachee)))
            .filter($table::run.eq($run))
            .group_by(coachee_profiles::agency)
            .select((coachee_profiles::agency, count_star()))
            .load::<(String, i64)>($db)
    };
}

/// Counts what a run found by agency, and keeps it.
pub(super) fn keep(db: &mut Db, run: RunId) -> StoreResult<()> {
    let mut matched = by_agency!(db, proposed_pairs of run)?;
    matched.extend(by_agency!(db, run_what_if_pairs of run)?);
    let waiting = by_agency!(db, run_waiting of run)?;
    let mut shares = BTreeMap::<String, (i64, i64)>::new();
    let of_matched = matched.into_iter().map(|(agency, count)| (agency, count, count));
    for (agency, coachees, matched) in of_matched.chain(waiting.into_iter().map(|(agency, count)| (agency, count, 0))) {
        let share = shares.entry(agency).or_default();
        *share = (share.0 + coachees, share.1 + matched);
    }
    let number = |n: i64| i32::try_from(n).map_err(|why| StoreError::Internal(why.to_string()));
    let row = |(agency, (coachees, matched)): (&String, &(i64, i64))| {
        Ok(row!(run_agencies {
            run: run,
            agency: agency.clone(),
            coachees: number(*coachees)?,
            matched: number(*matched)?,
        }))
    };
    insert_all!(db, run_agencies::table, shares.iter().map(row).collect::<StoreResult<Vec<_>>>()?)
}

/// How the coachees of each agency fared in a run, by code.
///
/// # Errors
/// When the database cannot be read.
pub fn of_run(db: &mut Db, run: RunId) -> StoreResult<Vec<AgencyShare>> {
    let rows: Vec<(Word<AgencyCode>, String, i32, i32)> = run_agencies::table
        .inner_join(agencies::table.on(agencies::code.eq(run_agencies::agency)))
        .filter(run_agencies::run.eq(run))
        .order(run_agencies::agency)
        .select((run_agencies::agency, agencies::name, run_agencies::coachees, run_agencies::matched))
        .load(db)?;
    let share = |(agency, name, coachees, matched): (Word<AgencyCode>, String, i32, i32)| AgencyShare {
        agency: agency.0,
        name,
        coachees: coachees.into(),
        matched: matched.into(),
    };
    Ok(rows.into_iter().map(share).collect())
}
