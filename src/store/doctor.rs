//! What must hold of the database at any time, asked of the rows themselves: each question finds
//! the rows that break it. The words are those that both engines understand.

use diesel::prelude::*;
use uuid::Uuid;

use super::types::{Stamp, sql};
use super::{AnyId, Db, StoreResult};

text_enum! {
    /// An invariant.
    Invariant {
        /// Places held by waiting offers and active pairings, with those taken elsewhere, are no more
        /// than the coach has, and are counted right.
        Places = "places",
        /// A coachee has one active pairing in a cohort at most, and one accepted offer a request.
        OnePairing = "one_pairing",
        /// Every change has exactly one entry in the audit log.
        Audited = "audited",
        /// Nothing waits longer than it may.
        NothingStuck = "nothing_stuck",
        /// States that belong together agree.
        States = "states",
        /// A declined or ended pair is not brought together again.
        NotAgain = "not_again",
        /// No history runs backwards.
        Time = "time",
    }
}

/// A row that breaks an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub invariant: Invariant,
    /// What is wrong with the row.
    pub what: &'static str,
    /// The id of the row.
    pub id: Uuid,
}

struct Question {
    invariant: Invariant,
    what: &'static str,
    /// Finds ids, named `id`. `$overdue` stands for the time before which an answer was due.
    sql: &'static str,
}

const LIVE: &str = "status IN ('proposed', 'pending')";

const QUESTIONS: &[Question] = &[
    Question {
        invariant: Invariant::Places,
        what: "a coach has more places taken than there are",
        sql: "SELECT person AS id FROM coach_profiles WHERE load + held > capacity",
    },
    Question {
        invariant: Invariant::Places,
        what: "a coach's held places are not those of the waiting offers and active pairings",
        sql: "SELECT c.person AS id FROM coach_profiles c WHERE c.held <> \
              (SELECT count(*) FROM offers o WHERE o.coach = c.person AND o.$live) + \
              (SELECT count(*) FROM pairings p WHERE p.coach = c.person AND p.status = 'active')",
    },
    Question {
        invariant: Invariant::OnePairing,
        what: "a coachee has several active pairings in a cohort",
        sql: "SELECT p.id FROM pairings p JOIN pairings q ON q.cohort = p.cohort AND q.coachee = p.coachee \
              WHERE p.id < q.id AND p.status = 'active' AND q.status = 'active'",
    },
    Question {
        invariant: Invariant::OnePairing,
        what: "a request has several accepted offers",
        sql: "SELECT o.id FROM offers o JOIN offers p ON p.request = o.request \
              WHERE o.id < p.id AND o.status = 'accepted' AND p.status = 'accepted'",
    },
    Question {
        invariant: Invariant::Audited,
        what: "a request was changed more or less often than the audit log says",
        sql: "SELECT id FROM requests r WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'request' AND a.subject_id = r.id)",
    },
    Question {
        invariant: Invariant::Audited,
        what: "an offer was changed more or less often than the audit log says",
        sql: "SELECT id FROM offers o WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'offer' AND a.subject_id = o.id)",
    },
    Question {
        invariant: Invariant::Audited,
        what: "a pairing was changed more or less often than the audit log says",
        sql: "SELECT id FROM pairings p WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'pairing' AND a.subject_id = p.id)",
    },
    Question {
        invariant: Invariant::Audited,
        what: "a question was changed more or less often than the audit log says",
        sql: "SELECT id FROM questions q WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'question' AND a.subject_id = q.id)",
    },
    Question {
        invariant: Invariant::Audited,
        what: "a coach was changed more or less often than the audit log says",
        sql: "SELECT person AS id FROM coach_profiles c WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'coach' AND a.subject_id = c.person)",
    },
    Question {
        invariant: Invariant::Audited,
        what: "a session was changed more or less often than the audit log says",
        sql: "SELECT id FROM sessions t WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'session' AND a.subject_id = t.id)",
    },
    Question {
        invariant: Invariant::Audited,
        what: "a note was changed more or less often than the audit log says",
        sql: "SELECT id FROM session_notes t WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'session_note' AND a.subject_id = t.id)",
    },
    Question {
        invariant: Invariant::Audited,
        what: "a goal was changed more or less often than the audit log says",
        sql: "SELECT id FROM goals t WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'goal' AND a.subject_id = t.id)",
    },
    Question {
        invariant: Invariant::Audited,
        what: "an action item was changed more or less often than the audit log says",
        sql: "SELECT id FROM action_items t WHERE version <> \
              (SELECT count(*) FROM audit a WHERE a.subject_kind = 'action_item' AND a.subject_id = t.id)",
    },
    Question {
        invariant: Invariant::NothingStuck,
        what: "an offer waits although its time is over",
        sql: "SELECT id FROM offers o WHERE o.$live AND deadline < $overdue",
    },
    Question {
        invariant: Invariant::States,
        what: "a request is matched without an active pairing, or has one without being matched",
        sql: "SELECT r.id FROM requests r WHERE (r.version > 0 OR r.status <> 'matched') AND (r.status = 'matched') <> \
              EXISTS (SELECT 1 FROM offers o JOIN pairings p ON p.offer = o.id \
                      WHERE o.request = r.id AND p.status = 'active')",
    },
    Question {
        invariant: Invariant::States,
        what: "an offer is accepted without a pairing, or has one without being accepted",
        sql: "SELECT o.id FROM offers o LEFT JOIN pairings p ON p.offer = o.id \
              WHERE (o.status = 'accepted') <> (p.id IS NOT NULL)",
    },
    Question {
        invariant: Invariant::States,
        what: "a pairing is not between the coachee of its request and the coach of its offer",
        sql: "SELECT p.id FROM pairings p JOIN offers o ON o.id = p.offer JOIN requests r ON r.id = o.request \
              WHERE p.coach <> o.coach OR p.coachee <> r.coachee OR p.cohort <> r.cohort",
    },
    Question {
        invariant: Invariant::States,
        what: "a request, an offer or a pairing is in the lists of an agency that is not its coachee's",
        sql: "SELECT r.id FROM requests r JOIN coachee_profiles e ON e.person = r.coachee WHERE e.agency <> r.agency \
              OR r.agency IS NULL UNION ALL \
              SELECT o.id FROM offers o JOIN requests r ON r.id = o.request WHERE r.agency <> o.agency \
              OR o.agency IS NULL OR r.cohort <> o.cohort OR o.cohort IS NULL UNION ALL \
              SELECT p.id FROM pairings p JOIN coachee_profiles e ON e.person = p.coachee WHERE e.agency <> p.agency \
              OR p.agency IS NULL",
    },
    Question {
        invariant: Invariant::States,
        what: "a pairing is quiet since another time than its sessions say",
        sql: "SELECT p.id FROM pairings p WHERE p.quiet_since IS NULL OR p.quiet_since <> coalesce(\
              (SELECT max(s.starts_at) FROM sessions s WHERE s.pairing = p.id AND s.status IN ('scheduled', 'held')), \
              p.started_at)",
    },
    Question {
        invariant: Invariant::States,
        what: "a coach is in the list of a province that is not the regency's",
        sql: "SELECT c.person AS id FROM coach_profiles c JOIN regencies g ON g.code = c.regency \
              WHERE c.province IS NULL OR c.province <> g.province",
    },
    Question {
        invariant: Invariant::States,
        what: "an offer waits although its request is over",
        sql: "SELECT o.id FROM offers o JOIN requests r ON r.id = o.request \
              WHERE o.$live AND r.status IN ('withdrawn', 'closed')",
    },
    Question {
        invariant: Invariant::States,
        what: "a session ahead does not take its time of both people, or one that was called off takes some",
        sql: "SELECT s.id FROM sessions s WHERE (s.status <> 'cancelled' AND s.minutes <> 15 * \
              (SELECT count(*) FROM bookings b JOIN pairings p ON p.id = s.pairing \
               WHERE b.session = s.id AND b.person = p.coach) \
              ) OR (SELECT count(*) FROM bookings b WHERE b.session = s.id) <> \
              CASE WHEN s.status = 'cancelled' THEN 0 ELSE 2 * (s.minutes / 15) END",
    },
    Question {
        invariant: Invariant::NotAgain,
        what: "an offer brings a declined pair together again",
        sql: "SELECT n.id FROM offers n JOIN requests r ON r.id = n.request \
              JOIN requests s ON s.coachee = r.coachee JOIN offers o ON o.request = s.id \
              WHERE o.coach = n.coach AND o.status = 'declined' AND o.answered_at < n.asked_at",
    },
    Question {
        invariant: Invariant::NotAgain,
        what: "a pairing brings an ended pair together again",
        sql: "SELECT n.id FROM pairings n JOIN pairings o ON o.coachee = n.coachee AND o.coach = n.coach \
              WHERE o.status = 'ended' AND o.ended_at < n.started_at",
    },
    Question {
        invariant: Invariant::Time,
        what: "an offer was answered before it was asked",
        sql: "SELECT id FROM offers WHERE answered_at < asked_at",
    },
    Question {
        invariant: Invariant::Time,
        what: "a pairing began at another time than its offer was accepted, or ended before it began",
        sql: "SELECT p.id FROM pairings p JOIN offers o ON o.id = p.offer \
              WHERE p.started_at <> o.answered_at OR p.ended_at < p.started_at",
    },
];

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = sql::Id)]
    id: AnyId,
}

/// Finds the rows that break an invariant. An answer that is due since `overdue` is missed. Call it
/// in a [snapshot](super::Store::snapshot).
///
/// # Errors
/// When the database cannot be read.
pub fn findings(db: &mut Db, overdue: Stamp) -> StoreResult<Vec<Finding>> {
    db.expect_long_reading()?;
    let overdue = match db {
        Db::Pg(_) => format!("TIMESTAMPTZ '{}'", overdue.time().to_rfc3339()),
        Db::Sqlite(_) => overdue.time().timestamp_micros().to_string(),
    };
    let mut findings = Vec::new();
    for Question { invariant, what, sql } in QUESTIONS {
        let sql = sql.replace("$live", LIVE).replace("$overdue", &overdue);
        let found: Vec<Found> = diesel::sql_query(sql).load(db)?;
        findings.extend(found.into_iter().map(|row| Finding { invariant: *invariant, what, id: row.id.uuid() }));
    }
    Ok(findings)
}
