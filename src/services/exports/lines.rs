//! The columns of lists to take away, and how each row fills them. Columns keep their names and order; new ones come
//! last: see `docs/monitoring.md`.

use std::borrow::Cow;
use std::fmt::Display;

use chrono::SecondsFormat;

use crate::domain::{Languages, Modes};
use crate::services::certificates::Entry;
use crate::services::directory::{Coach, bits};
use crate::services::monitoring::coaches::Load;
use crate::services::monitoring::stuck::Stuck;
use crate::services::shown::{OfferShown, PairingShown, RequestShown};
use crate::store::types::Stamp;

pub(super) type Cell<'a> = Cow<'a, str>;

/// A row of a list.
pub(super) trait Line {
    /// The headings.
    const COLUMNS: &'static [&'static str];

    /// The cells, one for each heading.
    fn cells(&self) -> Vec<Cell<'_>>;
}

pub(super) fn show<'a>(value: impl Display) -> Cell<'a> {
    Cow::Owned(value.to_string())
}

pub(super) fn maybe<'a>(value: Option<impl Display>) -> Cell<'a> {
    value.map_or(Cow::Borrowed(""), show)
}

pub(super) fn time<'a>(stamp: Stamp) -> Cell<'a> {
    Cow::Owned(stamp.time().to_rfc3339_opts(SecondsFormat::Secs, true))
}

pub(super) fn maybe_time<'a>(stamp: Option<Stamp>) -> Cell<'a> {
    stamp.map_or(Cow::Borrowed(""), time)
}

fn list<'a>(values: impl IntoIterator<Item = impl Display>) -> Cell<'a> {
    Cow::Owned(values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join("|"))
}

impl Line for RequestShown {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "cohort",
        "coachee",
        "coachee_name",
        "status",
        "focus",
        "modes",
        "languages",
        "waiting_rounds",
        "created_at",
        "changed_at",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let request = &self.request;
        vec![
            show(request.id),
            Cow::Borrowed(&self.cohort),
            show(&self.coachee.code),
            show(&self.coachee.name),
            show(request.status),
            list(&self.focus),
            list(Modes::from_bits(bits(request.modes)).iter()),
            list(Languages::from_bits(bits(request.languages)).iter()),
            show(request.waiting_rounds),
            time(request.created_at),
            time(request.changed_at),
        ]
    }
}

impl Line for OfferShown {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "request",
        "cohort",
        "coachee",
        "coachee_name",
        "coach",
        "coach_name",
        "origin",
        "place",
        "status",
        "asked_at",
        "deadline",
        "answered_at",
        "reason",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let offer = &self.offer;
        vec![
            show(offer.id),
            show(offer.request),
            Cow::Borrowed(&self.request.cohort),
            show(&self.request.coachee.code),
            show(&self.request.coachee.name),
            show(&self.coach.code),
            show(&self.coach.name),
            show(offer.origin),
            maybe(offer.place),
            show(offer.status),
            time(offer.asked_at),
            time(offer.deadline),
            maybe_time(offer.answered_at),
            maybe(offer.reason),
        ]
    }
}

impl Line for PairingShown {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "cohort",
        "coachee",
        "coachee_name",
        "coach",
        "coach_name",
        "rematch_of",
        "status",
        "sessions",
        "coachee_signed_at",
        "coach_signed_at",
        "started_at",
        "ended_at",
        "end_reason",
        "no_fault",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let pairing = &self.pairing;
        vec![
            show(pairing.id),
            Cow::Borrowed(&self.cohort),
            show(&self.coachee.code),
            show(&self.coachee.name),
            show(&self.coach.code),
            show(&self.coach.name),
            maybe(pairing.rematch_of),
            show(pairing.status),
            maybe(pairing.sessions),
            maybe_time(pairing.coachee_signed_at),
            maybe_time(pairing.coach_signed_at),
            time(pairing.started_at),
            maybe_time(pairing.ended_at),
            maybe(pairing.end_reason),
            maybe(pairing.no_fault),
        ]
    }
}

impl Line for Coach {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "source",
        "agency",
        "agency_name",
        "tier",
        "field",
        "regency",
        "province",
        "regions_served",
        "modes",
        "languages",
        "capacity",
        "free",
        "accepting",
        "completed_pairs",
        "strengths",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            Cow::Borrowed(&self.code),
            show(self.source),
            Cow::Borrowed(&self.agency),
            Cow::Borrowed(&self.agency_name),
            maybe(self.tier),
            maybe(self.field.as_deref()),
            Cow::Borrowed(&self.regency),
            Cow::Borrowed(&self.province),
            list(&self.regions_served),
            list(&self.modes),
            list(&self.languages),
            show(self.capacity),
            show(self.free),
            show(self.accepting),
            show(self.completed_pairs),
            list(self.strengths.iter().map(|(competency, level)| format!("{competency}:{}", level.get()))),
        ]
    }
}

impl Line for Load {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "agency",
        "province",
        "verification",
        "accepting",
        "capacity",
        "load",
        "held",
        "free",
        "waiting_offers",
        "active_pairings",
        "completed_pairs",
        "rating_hundredths",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let places = &self.places;
        vec![
            Cow::Borrowed(&places.code),
            Cow::Borrowed(&places.agency),
            Cow::Borrowed(&places.province),
            show(places.verification),
            show(places.accepting),
            show(places.capacity),
            show(places.load),
            show(places.held),
            show(self.free()),
            show(self.waiting_offers),
            show(self.active_pairings),
            show(places.completed_pairs),
            maybe(places.rating),
        ]
    }
}

impl Line for Stuck {
    const COLUMNS: &'static [&'static str] =
        &["kind", "id", "cohort", "coachee", "coach", "since", "days", "next_step"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            Cow::Borrowed(self.kind.as_str()),
            show(self.id),
            Cow::Borrowed(&self.cohort),
            show(&self.coachee),
            maybe(self.coach.as_ref()),
            time(self.since),
            show(self.days),
            Cow::Borrowed(self.kind.next_step().as_str()),
        ]
    }
}

impl Line for Entry {
    const COLUMNS: &'static [&'static str] = &[
        "start",
        "end",
        "activity",
        "provider",
        "kind",
        "jp",
        "nip",
        "name",
        "number",
        "code",
        "issued_at",
        "coachee",
        "agency",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let credited = &self.credited;
        let certificate = &credited.certificate;
        vec![
            show(certificate.first_on.0),
            show(certificate.last_on.0),
            // For books that are kept in Indonesian.
            Cow::Owned(format!("Coaching, {} sesi", certificate.sessions)),
            Cow::Borrowed(&self.provider),
            Cow::Borrowed("coaching"),
            show(certificate.jp),
            maybe(credited.nip.as_deref()),
            Cow::Borrowed(&certificate.name),
            Cow::Borrowed(&certificate.number),
            show(&certificate.code.0.0),
            time(certificate.issued_at),
            show(&credited.coachee),
            show(&credited.agency),
        ]
    }
}
