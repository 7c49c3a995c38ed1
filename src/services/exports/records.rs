//! The columns of queues and runs to take away, and how each row fills them. What people wrote in their own words,
//! and where they are reached, stays behind.

use std::borrow::Cow;

use chrono::SecondsFormat;

use super::lines::{Cell, Line, maybe, maybe_time, show, time};
use crate::services::coach_applications::Queued;
use crate::services::results::{Pair, Run, WaitingCoachee};
use crate::store::data_requests::DataRequest;
use crate::store::invitations::Invitation;

impl Line for Queued {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "source",
        "batch",
        "year",
        "certificate_number",
        "agency",
        "regency",
        "status",
        "created_at",
        "decided_at",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let application = &self.application;
        vec![
            show(application.id),
            Cow::Borrowed(&self.name),
            show(application.source),
            maybe(application.batch),
            maybe(application.year),
            maybe(application.certificate_number.as_deref()),
            show(&application.agency),
            show(&application.regency),
            show(application.status),
            time(application.created_at),
            maybe_time(application.decided_at),
        ]
    }
}

impl Line for Invitation {
    const COLUMNS: &'static [&'static str] = &["id", "name", "role", "agency", "status", "created_at", "expires_at"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            show(self.id),
            show(&self.name),
            show(self.role),
            maybe(self.agency.as_ref()),
            show(self.status),
            time(self.created_at),
            time(self.expires_at),
        ]
    }
}

impl Line for DataRequest {
    const COLUMNS: &'static [&'static str] = &["id", "account", "kind", "status", "created_at", "due_at", "decided_at"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            show(self.id),
            show(self.account),
            show(self.kind),
            show(self.status),
            time(self.created_at),
            maybe_time(self.due_at),
            maybe_time(self.decided_at),
        ]
    }
}

impl Line for Run {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "cohort",
        "objective",
        "seed",
        "as_of",
        "status",
        "created_at",
        "computed_at",
        "coachees",
        "coaches",
        "matched",
        "possible",
        "total_score",
        "upper_bound",
        "blocking_pairs",
        "input_digest",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let exact = |at: &chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let totals = self.result.as_ref();
        vec![
            show(self.id),
            Cow::Borrowed(&self.cohort_code),
            show(self.objective),
            show(self.seed),
            show(self.as_of),
            show(self.status),
            show(exact(&self.created_at)),
            maybe(totals.map(|totals| exact(&totals.computed_at))),
            maybe(totals.map(|totals| totals.coachees)),
            maybe(totals.map(|totals| totals.coaches)),
            maybe(totals.map(|totals| totals.matched)),
            maybe(totals.and_then(|totals| totals.possible)),
            maybe(totals.map(|totals| totals.total_score)),
            maybe(totals.and_then(|totals| totals.upper_bound)),
            maybe(totals.and_then(|totals| totals.blocking_pairs)),
            maybe(totals.and_then(|totals| totals.input_digest.as_deref())),
        ]
    }
}

impl Line for Pair {
    const COLUMNS: &'static [&'static str] =
        &["place", "coachee", "tier", "province", "remote", "coach", "score", "pinned"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            show(self.place),
            Cow::Borrowed(&self.coachee),
            show(self.tier),
            Cow::Borrowed(&self.province),
            show(self.remote),
            Cow::Borrowed(&self.coach),
            show(self.explanation.score),
            show(self.pinned),
        ]
    }
}

impl Line for WaitingCoachee {
    const COLUMNS: &'static [&'static str] =
        &["place", "coachee", "tier", "province", "remote", "reason", "acceptable", "best_score"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            show(self.place),
            Cow::Borrowed(&self.coachee),
            show(self.tier),
            Cow::Borrowed(&self.province),
            show(self.remote),
            show(self.waiting.reason),
            show(self.waiting.acceptable),
            maybe(self.waiting.best_score),
        ]
    }
}
