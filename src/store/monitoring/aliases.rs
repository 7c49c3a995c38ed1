//! Tables by a second name: a query that joins a table cannot ask about it again in a part of its own but so.

use crate::store::schema::{coachee_profiles, regencies};

diesel::alias!(
    regencies as within_regencies: WithinRegencies,
    coachee_profiles as within_coachees: WithinCoachees,
);
