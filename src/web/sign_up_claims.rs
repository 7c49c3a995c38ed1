//! Who says that they are a coachee of whom the records have no address, to admins, who know them or ask them.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::Trouble;
use super::views::agency;
use crate::domain::ClaimStatus;
use crate::error::AppError;
use crate::face::{Form, PageAdmin};
use crate::i18n::Names;
use crate::services::disclosures::Look;
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, directory, sign_up_claims};
use crate::store::sign_up_claims::Listed;
use crate::store::{Db, SignUpClaimId};

/// Claims shown, the oldest.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "pages/sign_up_claims.html")]
struct ClaimsPage {
    layout: Layout,
    rows: Vec<Row>,
}

/// A claim that waits.
struct Row {
    id: SignUpClaimId,
    name: String,
    code: String,
    agency: String,
    email: String,
    since: String,
}

impl Row {
    fn of(listed: &Listed, names: Names) -> Self {
        Self {
            id: listed.claim.id,
            name: listed.name.clone(),
            code: listed.code.to_string(),
            agency: agency(listed.agency.0.as_str(), names),
            email: listed.claim.email.to_string(),
            since: names.lang.moment(listed.claim.created_at.time()),
        }
    }
}

/// Lists the claims that wait, the oldest first.
pub(super) async fn show(page: Page, admin: PageAdmin) -> Result<HttpResponse, AppError> {
    again(&page, &admin, None).await
}

async fn again(page: &Page, visitor: &Visitor, trouble: Option<Trouble>) -> Result<HttpResponse, AppError> {
    let look = Look::at(&visitor.caller, "sign_up_claims").through(vec!["status".into()]);
    let (caller, limit) = (visitor.caller.clone(), SHOWN as i64);
    let pending = Some(ClaimStatus::Pending);
    let found = page.desk.show_list(look, limit, move |db, _| sign_up_claims::list(db, &caller, pending, None, limit));
    let found = found.await?;
    let reference = page.desk.read(|db, _| Ok(directory::reference(db)?)).await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let names = Names { lang: layout.lang, reference: &reference };
    let shown = ClaimsPage { rows: found.iter().map(|one| Row::of(one, names)).collect(), layout };
    page.answer(&shown.layout, &shown)
}

/// Confirms or refuses a claim.
pub(super) async fn decide(
    page: Page,
    admin: PageAdmin,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id: SignUpClaimId = id.parse().map_err(|_| AppError::NotFound)?;
    let caller = admin.caller.clone();
    let tried = async {
        let confirms = match form.text("decision") {
            "confirm" => true,
            "refuse" => false,
            _ => return Err(fault("decision", "pages.fault.decision")),
        };
        let work = move |db: &mut Db, cx: &Context, _: &Act| {
            let (decide, done): (fn(&mut Db, &Context, _, _) -> _, _) = match confirms {
                true => (sign_up_claims::confirm, "claim_confirmed"),
                false => (sign_up_claims::refuse, "claim_refused"),
            };
            decide(db, cx, &caller, id)?;
            Ok(format!("/sign-up-claims?done={done}"))
        };
        page.act(&admin, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &admin, Some(trouble)).await).await
}
