//! Ids: one type per table, all UUIDs of version 7 made by this program, so that
//! a row can be referred to before it is written, and rows lie in order of time.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::types::sql;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, AsExpression, FromSqlRow,
        )]
        #[diesel(sql_type = sql::Id)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id that no row has.
            pub const NIL: Self = Self(Uuid::nil());

            /// A new id, later in order than those made before.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id as a plain UUID, e.g. as the subject of an audit entry.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        super::types::id_column!($name);
    )+ };
}

ids! {
    /// A person.
    PersonId,
    /// An entry of the ledger of consents.
    ConsentId,
    /// What a person asks about their data.
    DataRequestId,
    /// An assessment of a person.
    AssessmentId,
    /// A required level that differs from the tier's default.
    OverrideId,
    /// A cohort.
    CohortId,
    /// A version of a policy.
    PolicyId,
    /// A request for a coach.
    RequestId,
    /// A matching run.
    RunId,
    /// An offer: one request put to one coach.
    OfferId,
    /// A pairing.
    PairingId,
    /// A question before deciding.
    QuestionId,
    /// An entry of the audit log.
    AuditId,
    /// An account.
    AccountId,
    /// A device that has signed in.
    SignInId,
    /// A secret good for one purpose, once.
    TicketId,
    /// A change of the address of an account.
    EmailChangeId,
    /// An invitation.
    InvitationId,
    /// An application to coach.
    ApplicationId,
    /// Somebody who says that they are a coachee of the records.
    SignUpClaimId,
    /// A message in the outbox.
    OutboxId,
    /// A batch of messages that one worker is sending.
    ClaimId,
    /// A session: a meeting of a pairing.
    SessionId,
    /// A note on a session.
    NoteId,
    /// Days that differ in the calendar of a coach.
    ExceptionId,
    /// A goal of a pairing.
    GoalId,
    /// Something that one of a pair is to do.
    ActionItemId,
    /// Something to read or to watch.
    ResourceId,
    /// A completion certificate.
    CertificateId,
    /// Any of the above, where it does not matter which.
    AnyId,
}
