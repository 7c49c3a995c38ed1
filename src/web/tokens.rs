//! Pages that a link in a mail opens: what it is about, and a button. One form for all kinds.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::layout::{Layout, Page};
use super::trouble::{Given, Trouble};
use crate::error::AppError;
use crate::services::link::About;
use crate::services::{Denial, ServiceResult};
use crate::store::Db;
use crate::store::types::Stamp;

/// A kind of link.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// Its texts are below `pages.link` and this.
    pub key: &'static str,
    /// Its pages are below this address.
    pub address: &'static str,
    /// Whether a password is chosen with it.
    pub password: bool,
    /// Whether the password is that of an account there is.
    pub known: bool,
    /// Looks up what a link is about.
    pub look: fn(&mut Db, &str, Stamp) -> ServiceResult<About>,
}

#[derive(Template)]
#[template(path = "pages/link.html")]
struct Link<'a> {
    layout: Layout,
    given: Given<'a>,
    kind: Kind,
    token: &'a str,
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/link_over.html")]
struct Over {
    layout: Layout,
    kind: Kind,
}

impl Kind {
    /// The same for who has an account: its password is given, and none is chosen.
    fn of_owner(self) -> Self {
        Self { key: "role_offer", known: true, ..self }
    }

    fn t(&self, layout: &Layout, part: &str) -> String {
        layout.t(&format!("pages.link.{}.{part}", self.key))
    }
}

/// Shows what a link is about, or that it is over.
pub(super) async fn show(page: &Page, kind: Kind, token: &str) -> Result<HttpResponse, AppError> {
    again(page, kind, token, None).await
}

/// Shows what was wrong with the form of a link, or that the link is over.
pub(super) async fn trouble(page: &Page, kind: Kind, token: &str, error: AppError) -> Result<HttpResponse, AppError> {
    match error {
        AppError::Denied(Denial::LinkOver) => over(page, kind),
        error => again(page, kind, token, Some(page.trouble(error)?)).await,
    }
}

async fn again(page: &Page, kind: Kind, token: &str, trouble: Option<Trouble>) -> Result<HttpResponse, AppError> {
    let secret = token.to_owned();
    let about = match page.desk.read(move |db, now| (kind.look)(db, &secret, now)).await {
        Ok(about) => about,
        Err(AppError::Denied(Denial::LinkOver)) => return over(page, kind),
        Err(error) => return Err(error),
    };
    let kind = if about.has_account { kind.of_owner() } else { kind };
    let layout = page.layout(None).with(trouble);
    let fact = |key: &str, value: String| (layout.t(key), value);
    let mut facts = Vec::new();
    facts.extend(about.name.map(|name| fact("pages.account.name", name)));
    facts.push(fact("pages.email", about.email));
    facts.extend(about.role.map(|role| fact("pages.account.roles", layout.t(&format!("pages.role.{role}")))));
    facts.push(fact("pages.link.until", layout.lang.moment(about.until.time())));
    let shown = Link { layout, given: Given(None), kind, token, facts };
    page.answer(&shown.layout, &shown)
}

/// The link was used, taken back, or is too old: says what to do next.
fn over(page: &Page, kind: Kind) -> Result<HttpResponse, AppError> {
    let shown = Over { layout: page.layout(None), kind };
    let mut answer = page.answer(&shown.layout, &shown)?;
    *answer.status_mut() = StatusCode::GONE;
    Ok(answer)
}
