//! What of the mail that is not needed the caller wants.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::respond::seen_as;
use crate::domain::MailClass;
use crate::error::{AppError, Problem};
use crate::face::{Body, Desk, MaySeenAs, SignedIn};
use crate::services::{Act, mail_preferences};

/// What of the mail that is not needed is sent. All other mail, such as offers and changes of sessions, always is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MailPreferences {
    /// Before a session, and before the time to answer is over.
    reminders: bool,
    /// When a pair has gone quiet.
    nudges: bool,
    /// Questions after a session.
    surveys: bool,
    /// What a day or a week brings.
    digests: bool,
}

impl MailPreferences {
    fn without(refused: &[MailClass]) -> Self {
        let wants = |class| !refused.contains(&class);
        Self {
            reminders: wants(MailClass::Reminders),
            nudges: wants(MailClass::Nudges),
            surveys: wants(MailClass::Surveys),
            digests: wants(MailClass::Digests),
        }
    }

    fn refused(&self) -> Vec<MailClass> {
        let wants = |class: &MailClass| match class {
            MailClass::Reminders => self.reminders,
            MailClass::Nudges => self.nudges,
            MailClass::Surveys => self.surveys,
            MailClass::Digests => self.digests,
        };
        MailClass::ALL.iter().copied().filter(|class| !wants(class)).collect()
    }
}

/// Shows what of the mail that is not needed the caller gets.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "What is sent", body = MailPreferences,
        headers(("ETag" = String, description = "Tag of this state, for If-Match"))))
)]
#[get("/me/mail-preferences")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn) -> Result<HttpResponse, AppError> {
    let refused = desk.read(move |db, now| mail_preferences::refused(db, &Act::of(&caller, now, None))).await?;
    let shown = MailPreferences::without(&refused);
    seen_as(&shown, &shown)
}

/// Sets what of the mail that is not needed the caller gets, from the next mail on.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    params(("If-Match" = Option<String>, Header, description = "The ETag of the wishes as they were seen")),
    request_body = MailPreferences,
    responses(
        (status = 200, description = "Set", body = MailPreferences,
            headers(("ETag" = String, description = "Tag of this state, for If-Match"))),
        (status = 412, description = "They were changed since", body = Problem, content_type = "application/problem+json"),
    )
)]
#[put("/me/mail-preferences")]
pub(super) async fn set(
    desk: Data<Desk>,
    caller: SignedIn,
    seen: MaySeenAs,
    body: Body<MailPreferences>,
) -> Result<HttpResponse, AppError> {
    let wanted: MailPreferences = body.read()?;
    let refused = wanted.refused();
    desk.write(move |db, cx| {
        let act = Act::of(&caller, cx.now, None);
        seen.is_still(|| Ok(MailPreferences::without(&mail_preferences::refused(db, &act)?)))?;
        mail_preferences::set(db, &act, &refused)
    })
    .await?;
    seen_as(&wanted, &wanted)
}
