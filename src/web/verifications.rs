//! Applications to coach, to admins: who waits, what they say, and the decision.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use super::views::{agency, place};
use crate::domain::{PersonCode, Verification};
use crate::error::AppError;
use crate::face::{Form, PageAdmin};
use crate::i18n::Names;
use crate::services::coach_applications::{self, Queued};
use crate::services::disclosures::Look;
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, directory};
use crate::store::{ApplicationId, Db};

/// Applications shown at a time.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "pages/verifications.html")]
struct QueuePage {
    layout: Layout,
    states: Vec<(String, String, bool)>,
    rows: Vec<Row>,
    next: Option<String>,
}

/// An application in the list.
struct Row {
    id: ApplicationId,
    name: String,
    agency: String,
    since: String,
}

#[derive(Template)]
#[template(path = "pages/verification.html")]
struct OnePage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: ApplicationId,
    name: String,
    state: String,
    pending: bool,
    facts: Vec<(String, String)>,
    motivation: String,
    reason: Option<String>,
    decisions: Vec<(String, String)>,
}

fn application_id(text: &str) -> Result<ApplicationId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Lists applications in a state, those that wait unless said otherwise, the oldest first.
pub(super) async fn list(page: Page, admin: PageAdmin) -> Result<HttpResponse, AppError> {
    let status: Verification = page.query("status").parse().unwrap_or(Verification::Pending);
    let after: Option<ApplicationId> = page.query("after").parse().ok();
    let look = Look::at(&admin.caller, "coach_applications").through(vec!["status".into()]);
    let (caller, limit) = (admin.caller.clone(), SHOWN as i64);
    let found = page
        .desk
        .show_list(look, limit, move |db, _| coach_applications::list(db, &caller, Some(status), after, limit + 1));
    let found = found.await?;
    let reference = page.desk.read(|db, _| Ok(directory::reference(db)?)).await?;
    let layout = page.layout(Some(&admin));
    let names = Names { lang: layout.lang, reference: &reference };
    let last = found.get(SHOWN - 1).filter(|_| found.len() > SHOWN);
    let shown = QueuePage {
        states: Verification::ALL
            .iter()
            .map(|one| (one.to_string(), layout.t(&format!("pages.verification.state.{one}")), *one == status))
            .collect(),
        next: last.map(|one| format!("/applications?status={status}&after={}", one.application.id)),
        rows: found.iter().take(SHOWN).map(|one| Row::of(one, names)).collect(),
        layout,
    };
    page.answer(&shown.layout, &shown)
}

impl Row {
    fn of(queued: &Queued, names: Names) -> Self {
        let application = &queued.application;
        Self {
            id: application.id,
            name: queued.name.clone(),
            agency: agency(application.agency.0.as_str(), names),
            since: names.lang.day(application.created_at.time()),
        }
    }
}

/// Shows an application, and asks for the decision while it waits.
pub(super) async fn show(page: Page, admin: PageAdmin, id: Path<String>) -> Result<HttpResponse, AppError> {
    again(&page, &admin, application_id(&id)?, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    id: ApplicationId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let look = Look::at(&visitor.caller, "coach_applications").of(id.uuid());
    let caller = visitor.caller.clone();
    let found = page
        .desk
        .show_one(look, move |db, _| Ok((coach_applications::get(db, &caller, id)?, directory::reference(db)?)));
    let (queued, reference) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let names = Names { lang: layout.lang, reference: &reference };
    let shown = OnePage {
        facts: facts(&queued, names),
        decisions: decisions(&queued, &layout),
        id,
        pending: queued.application.status.0 == Verification::Pending,
        state: layout.t(&format!("pages.verification.state.{}", queued.application.status)),
        motivation: queued.application.motivation,
        reason: queued.application.reason,
        name: queued.name,
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// What the applicant says.
fn facts(queued: &Queued, names: Names) -> Vec<(String, String)> {
    let one = &queued.application;
    let fact = |key: &str, value: String| (names.lang.tr(key).into_owned(), value);
    let mut facts = vec![
        fact("pages.email", queued.email.clone()),
        fact("pages.application.source", names.lang.tr(&format!("pages.source.{}", one.source)).into_owned()),
        fact("pages.application.agency", agency(one.agency.0.as_str(), names)),
        fact("pages.application.regency", place(&one.regency.0, names)),
    ];
    facts.extend(one.certificate_number.clone().map(|number| fact("pages.verification.certificate", number)));
    facts.extend(one.batch.map(|batch| fact("pages.verification.batch", batch.to_string())));
    facts.extend(one.year.map(|year| fact("pages.verification.year", year.to_string())));
    facts.push(fact("pages.verification.since", names.lang.moment(one.created_at.time())));
    facts
}

/// Who the applicant may be, and no.
fn decisions(queued: &Queued, layout: &Layout) -> Vec<(String, String)> {
    let known = |code: &String| (format!("is {code}"), layout.lang.fill("pages.verification.is", &[("code", code)]));
    let mut all: Vec<_> = queued.candidates.iter().map(known).collect();
    all.push(("new".into(), layout.t("pages.verification.new")));
    all.push(("no".into(), layout.t("pages.verification.no")));
    all
}

/// A decision as it was filled in.
enum Decision {
    Verify(Option<PersonCode>),
    Reject(String),
}

impl Decision {
    fn of(form: &Form) -> Result<Self, AppError> {
        match form.text("decision") {
            "new" => Ok(Self::Verify(None)),
            "no" => {
                let reason = form.filled("reason").map(str::trim).filter(|text| text.chars().count() <= 2000);
                let reason = reason.ok_or_else(|| fault("reason", "error.field.long_text"))?;
                Ok(Self::Reject(reason.to_owned()))
            }
            other => {
                let code = other.strip_prefix("is ").and_then(|code| code.parse().ok());
                Ok(Self::Verify(Some(code.ok_or_else(|| fault("decision", "pages.fault.decision"))?)))
            }
        }
    }
}

/// Verifies or refuses an application.
pub(super) async fn decide(
    page: Page,
    admin: PageAdmin,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = application_id(&id)?;
    let caller = admin.caller.clone();
    let tried = async {
        let decision = Decision::of(&form)?;
        let work = move |db: &mut Db, cx: &Context, _: &Act| {
            match &decision {
                Decision::Verify(coach) => coach_applications::verify(db, &caller, id, coach.as_ref(), cx.now)?,
                Decision::Reject(reason) => coach_applications::reject(db, &caller, id, reason, cx.now)?,
            };
            Ok("/applications?done=decided".to_owned())
        };
        page.act(&admin, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &admin, id, Some(trouble), Given(Some(&form))).await).await
}
