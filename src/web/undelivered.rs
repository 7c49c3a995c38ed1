//! Mails that could not be sent, to the admin of all.

use actix_web::HttpResponse;
use askama::Template;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::Trouble;
use crate::domain::Email;
use crate::error::AppError;
use crate::face::{Form, PageNationalAdmin};
use crate::services::disclosures::Look;
use crate::services::sign_ins::Visitor;
use crate::services::{Context, dead_letters};
use crate::store::delivery::DeadLetter;
use crate::store::{Db, OutboxId};

/// Mails shown, the newest.
const SHOWN: i64 = 100;

#[derive(Template)]
#[template(path = "pages/undelivered.html")]
struct MailPage {
    layout: Layout,
    counts: Vec<(String, String)>,
    rows: Vec<Row>,
}

/// A mail that was given up.
struct Row {
    id: OutboxId,
    kind: String,
    to: String,
    tries: String,
    when: String,
    answer: String,
}

/// Shows where mails stand, and those that were given up.
pub(super) async fn show(page: Page, admin: PageNationalAdmin) -> Result<HttpResponse, AppError> {
    again(&page, &admin, None).await
}

async fn again(page: &Page, visitor: &Visitor, trouble: Option<Trouble>) -> Result<HttpResponse, AppError> {
    let look = Look::at(&visitor.caller, "mails");
    let read = |db: &mut Db, _| dead_letters::overview(db, SHOWN);
    let overview = page.desk.show(look, read, |overview| overview.dead.len()).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let lang = layout.lang;
    let count = |(status, number): &(crate::domain::MailStatus, i64)| {
        (layout.t(&format!("pages.undelivered.status.{status}")), lang.number(*number))
    };
    let row = |one: &DeadLetter| Row {
        id: one.id,
        kind: one.kind.clone(),
        // An address stands here masked, as on the command line.
        to: dead_letters::addressee(one).unwrap_or_else(|| layout.t("pages.undelivered.somebody")),
        tries: lang.fill("pages.undelivered.tries", &[("count", &(one.tries + 1).to_string())]),
        when: one.settled_at.map(|at| lang.moment(at.time())).unwrap_or_default(),
        answer: one.last_answer.clone().unwrap_or_default(),
    };
    let shown = MailPage {
        counts: overview.counts.iter().map(count).collect(),
        rows: overview.dead.iter().map(row).collect(),
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// The mails that were picked.
fn picked(form: &Form) -> Result<Vec<OutboxId>, AppError> {
    let ids: Result<Vec<OutboxId>, _> = form.all("mail").map(str::parse).collect();
    ids.ok().filter(|ids| !ids.is_empty()).ok_or_else(|| fault("mail", "pages.fault.mail"))
}

/// Queues mails anew; one alone may go to another address.
pub(super) async fn retry(page: Page, admin: PageNationalAdmin, form: Form) -> Result<HttpResponse, AppError> {
    let actor = admin.caller.account.to_string();
    let tried = async {
        let ids = picked(&form)?;
        let to = match form.filled("address") {
            None => None,
            Some(text) => Some(text.parse::<Email>().map_err(|_| fault("address", "pages.fault.email"))?),
        };
        if to.is_some() && ids.len() > 1 {
            return Err(fault("mail", "pages.fault.one_mail"));
        }
        // Sent twice, the second finds them queued already, and says so.
        let retry = move |db: &mut Db, cx: &Context| {
            ids.iter().try_for_each(|id| dead_letters::retry_one(db, *id, to.as_ref(), &actor, cx.now))
        };
        page.desk.write(retry).await?;
        Ok(super::sign_in::see_other("/mail?done=mail_queued"))
    };
    page.or_again(tried, async |trouble| again(&page, &admin, Some(trouble)).await).await
}

/// Lets mails be.
pub(super) async fn dismiss(page: Page, admin: PageNationalAdmin, form: Form) -> Result<HttpResponse, AppError> {
    let actor = admin.caller.account.to_string();
    let tried = async {
        let ids = picked(&form)?;
        page.desk.write(move |db, cx| dead_letters::dismiss(db, &ids, &actor, cx.now)).await?;
        Ok(super::sign_in::see_other("/mail?done=mail_dismissed"))
    };
    page.or_again(tried, async |trouble| again(&page, &admin, Some(trouble)).await).await
}
