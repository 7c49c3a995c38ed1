//! What a coachee's coaching counts for: learning hours (JP) of a year, and certificates.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use askama::Template;

use super::charts::bar;
use super::layout::{Layout, Page};
use crate::domain::credit::NotCounted;
use crate::error::AppError;
use crate::face::{PageCoachee, PageSignedIn};
use crate::i18n::Lang;
use crate::services::credit::{self, Judged, Year};
use crate::services::disclosures::Look;
use crate::services::{Act, certificates};
use crate::store::certificates::Certificate;
use crate::store::{CertificateId, SessionId};

#[derive(Template)]
#[template(path = "pages/learning.html")]
struct LearningPage {
    layout: Layout,
    heading: String,
    /// `12 dari 20 JP`
    total: String,
    bar: String,
    rest: String,
    sessions: Vec<SessionRow>,
    certificates: Vec<CertificateRow>,
    /// Years before and after.
    earlier: i32,
    later: Option<i32>,
}

/// A session, and whether it counts.
struct SessionRow {
    id: SessionId,
    title: String,
    day: String,
    counted: String,
}

/// A certificate.
struct CertificateRow {
    id: CertificateId,
    number: String,
    code: String,
    text: String,
    /// Why it was withdrawn, if it was.
    withdrawn: Option<String>,
}

/// Shows the learning hours of a year, and all certificates.
pub(super) async fn show(page: Page, visitor: PageCoachee) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    // What is no year is left out; the present one is shown.
    let year = page.query("year").parse().ok().filter(|year| (2000..3000).contains(year));
    let found = page.desk.read(move |db, now| {
        let act = Act::of(&caller, now, None);
        let present = credit::own(db, &act, None)?.year;
        Ok((credit::own(db, &act, year)?, present, certificates::own(db, &act)?))
    });
    let (year, present, certificates) = found.await?;
    let shown = LearningPage::of(&year, present, certificates, page.layout(Some(&visitor)));
    page.answer(&shown.layout, &shown)
}

impl LearningPage {
    fn of(found: &Year, present: i32, certificates: Vec<Certificate>, layout: Layout) -> Self {
        let lang = layout.lang;
        let (jp, target) = (lang.number(found.jp.into()), lang.number(found.target.into()));
        let missing = lang.number(found.missing().into());
        let rest = if found.missing() == 0 { "pages.learning.reached" } else { "pages.learning.rest" };
        Self {
            heading: lang.fill("pages.learning.year", &[("year", &found.year.to_string())]),
            total: lang.fill("pages.learning.total", &[("jp", &jp), ("target", &target)]),
            bar: bar(found.jp.min(found.target).into(), found.target.max(1).into()),
            rest: lang.fill(rest, &[("missing", &missing)]),
            sessions: found.sessions.iter().map(|judged| SessionRow::of(judged, lang)).collect(),
            certificates: certificates.into_iter().map(|one| CertificateRow::of(one, lang)).collect(),
            earlier: found.year - 1,
            later: (found.year < present).then_some(found.year + 1),
            layout,
        }
    }

    fn year_name(&self, year: &i32) -> String {
        self.layout.lang.fill("pages.learning.year", &[("year", &year.to_string())])
    }
}

impl SessionRow {
    fn of(judged: &Judged, lang: Lang) -> Self {
        let counted = match judged.credit.counted {
            Ok(jp) => lang.fill("pages.learning.counted", &[("jp", &jp.to_string())]),
            Err(why) => lang.tr(reason(why)).into_owned(),
        };
        Self {
            id: judged.session.id,
            title: lang.fill("pages.session.title", &[("number", &judged.session.number.to_string())]),
            day: lang.date(judged.credit.day),
            counted,
        }
    }
}

const fn reason(why: NotCounted) -> &'static str {
    match why {
        NotCounted::CapReached => "pages.learning.not.cap_reached",
        NotCounted::Disputed => "pages.learning.not.disputed",
        NotCounted::Missed => "pages.learning.not.missed",
        NotCounted::Unreported => "pages.learning.not.unreported",
        NotCounted::NoCredit => "pages.learning.not.no_credit",
    }
}

impl CertificateRow {
    fn of(one: Certificate, lang: Lang) -> Self {
        let days = [("first", lang.date(one.first_on.0)), ("last", lang.date(one.last_on.0))];
        let numbers = [("sessions", one.sessions.to_string()), ("jp", one.jp.to_string())];
        let values: Vec<(&str, &str)> =
            days.iter().chain(&numbers).map(|(name, value)| (*name, value.as_str())).collect();
        Self {
            id: one.id,
            text: lang.fill("pages.learning.certificate", &values),
            code: one.code.0.0.to_string(),
            number: one.number,
            withdrawn: one.withdrawn_at.map(|_| one.withdrawn_reason.unwrap_or_default()),
        }
    }
}

/// A certificate on one page of A4, to its coachee and the programme.
pub(super) async fn print(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    let id: CertificateId = id.parse().map_err(|_| AppError::NotFound)?;
    let (programme, address) = (page.desk.service().to_owned(), page.public.base(&page.request));
    let look = Look::at(&visitor.caller, "certificates").of(id.uuid());
    let caller = visitor.caller.clone();
    let printed = page.desk.ask(move |cx| {
        let act = Act::of(&caller, cx.now, None);
        let certificate = cx.store.snapshot(|db| certificates::to_print(db, &act, id))?;
        let file = certificates::print(&certificate, &programme, &address)?;
        look.note(cx, 1)?;
        Ok((certificate.number, file))
    });
    let (number, file) = printed.await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    answer.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{number}.pdf\"")));
    Ok(answer.content_type("application/pdf").body(file))
}
