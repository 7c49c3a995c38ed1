//! Applying to coach: where one works, the application, and what the link opens.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::layout::{Layout, Page};
use super::tokens::{self, Kind};
use super::trouble::{Given, Trouble};
use crate::domain::{CoachSource, Reference};
use crate::error::{AppError, FieldError};
use crate::face::{Anybody, Form, Origin, evenly, gone_to};
use crate::services::coach_applications::{self, Applicant, Claim};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, directory};
use crate::store::Db;

const KIND: Kind = Kind {
    key: "coach_application",
    address: "/coach-applications",
    password: true,
    known: false,
    look: coach_applications::look,
};
/// Agencies that a search shows; who finds more than that has said too little.
const MOST_AGENCIES: usize = 40;
/// Longest number of a certificate, in characters.
const CERTIFICATE: usize = 100;
/// Longest motivation, in characters.
const MOTIVATION: usize = 2000;

/// Where the applicant works, as far as the address of the page says: lists of all agencies and regencies
/// would be too heavy for a weak line.
#[derive(Default)]
struct Place {
    province: String,
    search: String,
}

#[derive(Template)]
#[template(path = "pages/application_place.html")]
struct WherePage {
    layout: Layout,
    place: Place,
    provinces: Vec<(String, String)>,
    /// That the search has found nothing, or too much.
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/application.html")]
struct ApplicationPage<'a> {
    layout: Layout,
    /// Whether who applies is signed in: name and address are known.
    own: bool,
    given: Given<'a>,
    place: Place,
    agencies: Vec<(String, String)>,
    regencies: Vec<(String, String)>,
    sources: Vec<(String, String)>,
}

/// Asks where the applicant works, then for the rest.
pub(super) async fn show(page: Page, visitor: Anybody) -> Result<HttpResponse, AppError> {
    let place = Place { province: page.query("province").to_owned(), search: page.query("agency").to_owned() };
    let reference = page.desk.read(|db, _| Ok(directory::reference(db)?)).await?;
    again(&page, visitor.0.as_ref(), &reference, place, None, Given(None))
}

fn again(
    page: &Page,
    visitor: Option<&Visitor>,
    reference: &Reference,
    place: Place,
    trouble: Option<Trouble>,
    given: Given,
) -> Result<HttpResponse, AppError> {
    let layout = page.layout(visitor).with(trouble);
    let regencies = regencies(reference, &place.province);
    let agencies = agencies(reference, &place.search);
    if regencies.is_empty() || agencies.is_empty() || agencies.len() > MOST_AGENCIES {
        let searched = !place.search.trim().is_empty();
        let note = searched
            .then(|| layout.t(if agencies.is_empty() { "pages.application.none" } else { "pages.application.many" }));
        let provinces = reference.provinces().iter().map(|province| {
            (province.code.to_string(), layout.lang.pick(&province.name_id, &province.name_en).to_owned())
        });
        let shown = WherePage { provinces: provinces.collect(), layout, place, note };
        return page.answer(&shown.layout, &shown);
    }
    let sources =
        CoachSource::ALL.iter().map(|source| (source.to_string(), layout.t(&format!("pages.source.{source}"))));
    let shown = ApplicationPage {
        sources: sources.collect(),
        own: visitor.is_some(),
        layout,
        given,
        place,
        agencies,
        regencies,
    };
    page.answer(&shown.layout, &shown)
}

fn regencies(reference: &Reference, province: &str) -> Vec<(String, String)> {
    let of = reference.regencies().iter().filter(|regency| regency.province.as_str() == province);
    let mut found: Vec<_> = of.map(|regency| (regency.code.to_string(), regency.name.clone())).collect();
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found
}

/// The agencies whose names have all the words in them.
fn agencies(reference: &Reference, search: &str) -> Vec<(String, String)> {
    let words: Vec<String> = search.split_whitespace().take(8).map(str::to_lowercase).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let fits = |name: &str| {
        let name = name.to_lowercase();
        words.iter().all(|word| name.contains(word.as_str()))
    };
    let found = reference.agencies().iter().filter(|agency| fits(&agency.name));
    let mut found: Vec<_> = found.map(|agency| (agency.code.to_string(), agency.name.clone())).collect();
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found
}

/// Sends a link to the applicant; the answer is the same when the address has an account. Who is signed in applies at
/// once.
pub(super) async fn apply(page: Page, visitor: Anybody, origin: Origin, form: Form) -> Result<HttpResponse, AppError> {
    let visitor = visitor.0.as_ref();
    let tried = match visitor {
        Some(visitor) => apply_again(&page, visitor, &form).await,
        None => try_apply(&page, origin, &form).await,
    };
    match tried {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let trouble = page.trouble(error)?;
            let place = Place { province: form.text("province").to_owned(), search: form.text("search").to_owned() };
            let reference = page.desk.read(|db, _| Ok(directory::reference(db)?)).await?;
            again(&page, visitor, &reference, place, Some(trouble), Given(Some(&form)))
        }
    }
}

async fn try_apply(page: &Page, origin: Origin, form: &Form) -> Result<HttpResponse, AppError> {
    let applicant = applicant(form, page.lang().code())?;
    let done = page.desk.once(form.once(), move |db, cx| {
        coach_applications::ask(db, cx, &applicant, origin.0)?;
        Ok(gone_to("/sign-in?done=application_sent"))
    });
    evenly(done).await
}

async fn apply_again(page: &Page, visitor: &Visitor, form: &Form) -> Result<HttpResponse, AppError> {
    let mut wrong = Vec::new();
    let claim = claim(form, &mut wrong).filter(|_| wrong.is_empty()).ok_or(AppError::Invalid(wrong))?;
    let caller = visitor.caller.clone();
    let work = move |db: &mut Db, cx: &Context, _: &Act| {
        coach_applications::apply(db, &caller, &claim, cx.now)?;
        Ok("/?done=application_made".to_owned())
    };
    page.act(visitor, form, work).await
}

fn applicant(form: &Form, language: &str) -> Result<Applicant, AppError> {
    let mut wrong = Vec::new();
    let name = form.text("name").parse().map_err(|_| wrong.push(FieldError::body("/name", "error.field.name")));
    let email = form.text("email").parse().map_err(|_| wrong.push(FieldError::body("/email", "error.field.email")));
    match (name, email, claim(form, &mut wrong)) {
        (Ok(name), Ok(email), Some(claim)) if wrong.is_empty() => {
            Ok(Applicant { name, email, language: language.to_owned(), claim })
        }
        _ => Err(AppError::Invalid(wrong)),
    }
}

/// What an applicant says about themselves, as far as it can be read.
fn claim(form: &Form, wrong: &mut Vec<FieldError>) -> Option<Claim> {
    let mut refuse = |field: &str, key: &'static str| wrong.push(FieldError::body(format!("/{field}"), key));
    let source = form.text("source").parse().map_err(|_| refuse("source", "error.field.source"));
    let agency = form.text("agency").parse().map_err(|_| refuse("agency", "error.field.agency"));
    let regency = form.text("regency").parse().map_err(|_| refuse("regency", "error.field.regency"));
    let mut number = |field: &'static str| match form.filled(field).map(|text| text.trim().parse::<u16>()) {
        None => None,
        Some(Ok(number)) => Some(number),
        Some(Err(_)) => {
            refuse(field, "pages.fault.number");
            None
        }
    };
    let (batch, year) = (number("batch"), number("year"));
    let certificate_number = form.filled("certificate_number").map(|text| text.trim().to_owned());
    if certificate_number.as_ref().is_some_and(|text| text.chars().count() > CERTIFICATE) {
        refuse("certificate_number", "error.field.certificate_number");
    }
    let motivation = form.text("motivation").trim().to_owned();
    if !(1..=MOTIVATION).contains(&motivation.chars().count()) {
        refuse("motivation", "error.field.long_text");
    }
    let (source, agency, regency) = (source.ok()?, agency.ok()?, regency.ok()?);
    Some(Claim { source, batch, year, certificate_number, agency, regency, motivation })
}

/// Shows whose application it is.
pub(super) async fn show_confirmation(page: Page, token: Path<String>) -> Result<HttpResponse, AppError> {
    tokens::show(&page, KIND, &token).await
}

/// Opens an account for the applicant; the application waits for an admin.
pub(super) async fn confirm(
    page: Page,
    origin: Origin,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (secret, password) = (token.clone(), SecretString::from(form.text("password")));
    let choose = move |cx: &Context| coach_applications::answer(cx, &secret, password.expose_secret(), origin.0);
    let done = page.desk.once_after(form.once(), choose, |db, cx, confirmation| {
        coach_applications::confirm(db, cx, confirmation)?;
        Ok(gone_to("/sign-in?done=application_waits"))
    });
    match done.await {
        Ok(answer) => Ok(answer),
        Err(error) => tokens::trouble(&page, KIND, &token, error).await,
    }
}
