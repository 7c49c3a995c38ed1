//! What of the mail that is not needed the caller wants.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::MailClass;
use crate::error::AppError;
use crate::face::{Body, Desk, SignedIn};
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

    fn answer(&self) -> HttpResponse {
        HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(self)
    }
}

/// Shows what of the mail that is not needed the caller gets.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "What is sent", body = MailPreferences))
)]
#[get("/me/mail-preferences")]
pub(super) async fn show(desk: Data<Desk>, caller: SignedIn) -> Result<HttpResponse, AppError> {
    let refused = desk.read(move |db, now| mail_preferences::refused(db, &Act::of(&caller, now, None))).await?;
    Ok(MailPreferences::without(&refused).answer())
}

/// Sets what of the mail that is not needed the caller gets, from the next mail on.
#[utoipa::path(
    tag = "me",
    security(("bearer" = [])),
    request_body = MailPreferences,
    responses((status = 200, description = "Set", body = MailPreferences))
)]
#[put("/me/mail-preferences")]
pub(super) async fn set(
    desk: Data<Desk>,
    caller: SignedIn,
    body: Body<MailPreferences>,
) -> Result<HttpResponse, AppError> {
    let wanted: MailPreferences = body.read()?;
    let refused = wanted.refused();
    desk.write(move |db, cx| mail_preferences::set(db, &Act::of(&caller, cx.now, None), &refused)).await?;
    Ok(wanted.answer())
}
