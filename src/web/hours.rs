//! When a coach can be met: the hours of every week, and days that differ.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;
use chrono::NaiveDate;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use crate::domain::slots::{Differs, Exception, Span, WeeklyHours};
use crate::error::{AppError, FieldError};
use crate::face::{Form, PageCoach};
use crate::i18n::Lang;
use crate::services::availability::{self, Offered};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context};
use crate::store::{Db, ExceptionId};

#[derive(Template)]
#[template(path = "pages/hours.html")]
struct HoursPage<'a> {
    layout: Layout,
    given: Given<'a>,
    zone: &'static str,
    /// The field, the name of the day, and its hours.
    days: Vec<(String, String, String)>,
    /// Whether the usual office hours hold.
    usual: bool,
    exceptions: Vec<ExceptionRow>,
    kinds: Vec<(String, String)>,
}

/// Days that differ.
struct ExceptionRow {
    id: ExceptionId,
    days: String,
    what: String,
}

/// Shows when the coach can be met.
pub(super) async fn show(page: Page, coach: PageCoach) -> Result<HttpResponse, AppError> {
    again(&page, &coach, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let coach = caller.person()?;
    let offered = page.desk.read(move |db, now| availability::get(db, &Act::of(&caller, now, None), coach)).await?;
    let shown = HoursPage::of(&offered, page.layout(Some(visitor)).with(trouble), given);
    page.answer(&shown.layout, &shown)
}

impl<'a> HoursPage<'a> {
    fn of(offered: &Offered, layout: Layout, given: Given<'a>) -> Self {
        let lang = layout.lang;
        let day = |number: u8| {
            let field = format!("day{number}");
            let hours = offered.weekly.iter().filter(|one| one.weekday == number);
            let hours: Vec<String> = hours.map(|one| in_words(one.span, lang)).collect();
            let text = given.or(&field, &hours.join(", ")).to_owned();
            (field, lang.tr(&format!("time.weekday.{number}")).into_owned(), text)
        };
        Self {
            zone: offered.zone.as_str(),
            days: (1..=7).map(day).collect(),
            usual: offered.weekly.is_empty(),
            exceptions: offered.exceptions.iter().map(|(id, one)| ExceptionRow::of(*id, one, lang)).collect(),
            kinds: ["away", "there"].map(|kind| (kind.to_owned(), layout.t(&format!("pages.hours.{kind}")))).into(),
            given,
            layout,
        }
    }
}

impl ExceptionRow {
    fn of(id: ExceptionId, one: &Exception, lang: Lang) -> Self {
        let (first, last) = (lang.date(one.first_day), lang.date(one.last_day));
        let (key, span) = match one.what {
            Differs::Away => ("pages.hours.is_away", None),
            Differs::AwayFor(span) => ("pages.hours.is_away_for", Some(span)),
            Differs::There(span) => ("pages.hours.is_there", Some(span)),
        };
        let span = span.map(|span| in_words(span, lang)).unwrap_or_default();
        Self {
            id,
            days: if one.first_day == one.last_day { first } else { format!("{first} – {last}") },
            what: lang.fill(key, &[("hours", &span)]),
        }
    }
}

/// A span as people write it: `08.00-16.00`, in English `08:00-16:00`.
fn in_words(span: Span, lang: Lang) -> String {
    let text = span.to_string();
    match lang {
        Lang::Id => text.replace(':', "."),
        Lang::En => text,
    }
}

/// A span as people write it: with a dot or a colon, and a dash of any length.
fn span(text: &str) -> Option<Span> {
    let text = text.replace('.', ":").replace(['–', '—'], "-");
    // `8:00` is meant as `08:00`.
    let clock = |text: &str| {
        let text = text.trim();
        if text.len() == 4 { format!("0{text}") } else { text.to_owned() }
    };
    let (from, to) = text.split_once('-')?;
    format!("{}-{}", clock(from), clock(to)).parse().ok()
}

fn weekly(form: &Form) -> Result<Vec<WeeklyHours>, AppError> {
    let (mut hours, mut faults) = (Vec::new(), Vec::new());
    for weekday in 1..=7 {
        let field = format!("day{weekday}");
        let parts = form.text(&field).split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
        match parts.map(|part| span(part).map(|span| WeeklyHours { weekday, span })).collect::<Option<Vec<_>>>() {
            Some(all) => hours.extend(all),
            None => faults.push(FieldError::body(format!("/{field}"), "pages.fault.hours")),
        }
    }
    if faults.is_empty() { Ok(hours) } else { Err(AppError::Invalid(faults)) }
}

/// Sets the hours of every week; none: the usual office hours.
pub(super) async fn set_weekly(page: Page, coach: PageCoach, form: Form) -> Result<HttpResponse, AppError> {
    let tried = async {
        let (hours, person) = (weekly(&form)?, coach.caller.person()?);
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            availability::set_weekly(db, act, person, &hours)?;
            Ok("/hours?done=hours_set".to_owned())
        };
        page.act(&coach, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &coach, Some(trouble), Given(Some(&form))).await).await
}

fn exception(form: &Form) -> Result<Exception, AppError> {
    let day = |field: &str| form.text(field).parse::<NaiveDate>().map_err(|_| fault(field, "pages.fault.date"));
    let first_day = day("first_day")?;
    let last_day = if form.filled("last_day").is_some() { day("last_day")? } else { first_day };
    let hours = form.filled("hours").map(|text| span(text).ok_or_else(|| fault("hours", "pages.fault.hours")));
    let what = match (form.text("kind"), hours.transpose()?) {
        ("there", Some(span)) => Differs::There(span),
        ("there", None) => return Err(fault("hours", "pages.fault.hours_needed")),
        ("away", Some(span)) => Differs::AwayFor(span),
        ("away", None) => Differs::Away,
        _ => return Err(fault("kind", "pages.fault.kind")),
    };
    Ok(Exception { first_day, last_day, what })
}

/// Adds days that differ.
pub(super) async fn add_exception(page: Page, coach: PageCoach, form: Form) -> Result<HttpResponse, AppError> {
    let tried = async {
        let (exception, person) = (exception(&form)?, coach.caller.person()?);
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            availability::add_exception(db, act, person, &exception)?;
            Ok("/hours?done=days_added".to_owned())
        };
        page.act(&coach, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &coach, Some(trouble), Given(Some(&form))).await).await
}

/// Takes days that differ away again.
pub(super) async fn remove_exception(
    page: Page,
    coach: PageCoach,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id: ExceptionId = id.parse().map_err(|_| AppError::NotFound)?;
    let person = coach.caller.person()?;
    let tried = page.act(&coach, &form, move |db, _, act| {
        availability::remove_exception(db, act, person, id)?;
        Ok("/hours?done=days_removed".to_owned())
    });
    page.or_again(tried, async |trouble| again(&page, &coach, Some(trouble), Given(Some(&form))).await).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        for text in ["08:00-12:00", "8.00–12.00", " 08.00 - 12.00 "] {
            assert_eq!(span(text).map(|span| span.to_string()).as_deref(), Some("08:00-12:00"), "{text}");
        }
        for text in ["", "8-12", "08:10-12:00", "12:00-08:00", "pagi"] {
            assert_eq!(span(text), None, "{text}");
        }
    }
}
