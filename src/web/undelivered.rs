//! Mails that could not be sent, to the admin of all.

use actix_web::HttpResponse;
use askama::Template;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::Trouble;
use crate::error::AppError;
use crate::face::{Form, PageNationalAdmin};
use crate::services::dead_letters;
use crate::services::sign_ins::Visitor;
use crate::store::OutboxId;
use crate::store::delivery::DeadLetter;

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
    let overview = page.desk.ask(|cx| dead_letters::overview(cx.store, SHOWN)).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let lang = layout.lang;
    let count = |(status, number): &(crate::domain::MailStatus, i64)| {
        (layout.t(&format!("pages.undelivered.status.{status}")), lang.number(*number))
    };
    let row = |one: &DeadLetter| Row {
        id: one.id,
        kind: one.kind.clone(),
        // An address stands here masked, as on the command line.
        to: one.address.as_deref().map_or_else(|| layout.t("pages.undelivered.somebody"), dead_letters::masked),
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

/// Queues mails anew.
pub(super) async fn retry(page: Page, admin: PageNationalAdmin, form: Form) -> Result<HttpResponse, AppError> {
    let actor = admin.caller.account.to_string();
    let tried = async {
        let ids: Result<Vec<OutboxId>, _> = form.all("mail").map(str::parse).collect();
        let ids = ids.ok().filter(|ids| !ids.is_empty());
        let ids = ids.ok_or_else(|| fault("mail", "pages.fault.mail"))?;
        // Sent twice, the second finds them queued already, and says so.
        page.desk.ask(move |cx| dead_letters::retry(cx.store, Some(&ids), &actor, cx.now)).await?;
        Ok(super::sign_in::see_other("/mail?done=mail_queued"))
    };
    page.or_again(tried, async |trouble| again(&page, &admin, Some(trouble)).await).await
}
