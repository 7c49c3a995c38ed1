//! Choosing a time: for a new session, for a whole plan, or for one that is moved.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::layout::{Layout, Page};
use super::sending::fault;
use super::sessions::{meeting, read, session_id};
use super::trouble::{Given, Trouble};
use crate::domain::{Mode, Side, Zone};
use crate::error::AppError;
use crate::face::{Form, PageSignedIn};
use crate::i18n::Lang;
use crate::services::session_plans::{self, Plan, USUAL_DAYS, USUAL_MINUTES};
use crate::services::sessions::{self, Change, Wish};
use crate::services::sign_ins::Visitor;
use crate::services::slots::{self, Rules, Slots, Sought};
use crate::services::{Act, Context, pairings};
use crate::store::sessions::Session;
use crate::store::{Db, PairingId, SessionId};

/// Days shown at a time.
const DAYS: u16 = 7;
/// Times shown of a day: every hour is enough to choose from.
const STEP_MINUTES: u32 = 60;

/// Free times of one day of the reader's calendar.
struct DayRow {
    day: String,
    /// The time as it is sent, and as both clocks show it.
    times: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/session_time.html")]
struct TimePage<'a> {
    layout: Layout,
    given: Given<'a>,
    /// Where the form goes.
    action: String,
    /// Where the reader comes from.
    back: String,
    heading: String,
    lead: String,
    /// Version of the session that is moved.
    version: Option<i32>,
    /// The time that a session to be moved has now, as it is sent and as both clocks show it.
    present: Option<(String, String)>,
    /// What the times are, in words.
    choose: String,
    days: Vec<DayRow>,
    modes: Vec<(String, String)>,
    mode: String,
    place: String,
    zones: String,
    /// The address of the days after these.
    later: String,
    /// Where a plan of all sessions is sent to; none when one session is moved.
    plan: Option<String>,
}

/// Where the time is for.
#[derive(Clone, Copy)]
enum For {
    New(PairingId),
    Moved(SessionId),
}

pub(super) fn pairing_id(text: &str) -> Result<PairingId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Shows the times at which a pair can meet.
pub(super) async fn show_new(
    page: Page,
    rules: Data<Rules>,
    visitor: PageSignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    times(&page, &rules, &visitor, For::New(pairing_id(&id)?), None, Given(None)).await
}

/// Shows the times that a session can be moved to.
pub(super) async fn show_move(
    page: Page,
    rules: Data<Rules>,
    visitor: PageSignedIn,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    times(&page, &rules, &visitor, For::Moved(session_id(&id)?), None, Given(None)).await
}

async fn times(
    page: &Page,
    rules: &Rules,
    visitor: &Visitor,
    what: For,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let moved = match what {
        For::New(_) => None,
        For::Moved(id) => Some(read(page, visitor, id).await?),
    };
    let pairing = match (what, &moved) {
        (For::New(id), _) => id,
        (_, Some(found)) => found.met.pairing.id,
        _ => return Err(AppError::NotFound),
    };
    let session = moved.as_ref().map(|found| &found.met.session);
    let of_move = session.map(|session| session.id);
    let from = page.query("from").parse::<NaiveDate>().ok();
    let (caller, rules) = (visitor.caller.clone(), *rules);
    let found = page.desk.read(move |db, now| {
        let act = Act::of(&caller, now, None);
        let side = Side::Coach;
        let whole = pairings::get(db, &act, pairing)?;
        let is_coach = act.is(whole.shown.pairing.person(side));
        let from = from.map_or(now.time(), |day| day.and_time(NaiveTime::MIN).and_utc());
        let sought = Sought { from, days: DAYS, minutes: None, moved: of_move };
        Ok((slots::free(db, &act, &rules, pairing, &sought)?, is_coach, whole, from.max(now.time())))
    });
    let (slots, is_coach, whole, from) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let lang = layout.lang;
    let (own, other) = if is_coach { (slots.coach, slots.coachee) } else { (slots.coachee, slots.coach) };
    let name = if is_coach { &whole.shown.coachee.name } else { &whole.shown.coach.name };
    let later = own.day(from) + Days::new(u64::from(DAYS));
    let (action, back) = match what {
        For::New(id) => (format!("/pairings/{id}/sessions"), format!("/pairings/{id}")),
        For::Moved(id) => (format!("/sessions/{id}/time"), format!("/sessions/{id}")),
    };
    let shown = TimePage {
        present: session.map(|session| present(session, own, other, lang)),
        days: days(&slots, session.map(|session| session.starts_at.time()), own, other, lang),
        modes: Mode::ALL.iter().map(|mode| (mode.to_string(), layout.t(&format!("mode.{mode}")))).collect(),
        choose: lang.fill("pages.session_time.choose", &[("minutes", &slots.minutes.to_string())]),
        mode: session.map_or(Mode::Online, |session| session.mode.0).to_string(),
        place: session.and_then(|session| session.place.clone()).unwrap_or_default(),
        heading: layout.t(if moved.is_some() { "pages.session_time.move" } else { "pages.session_time.new" }),
        lead: match &moved {
            Some(found) => lang.fill(
                "pages.session_time.now",
                &[("when", &meeting(&found.met.session, found.side, found.zones, lang))],
            ),
            None => lang.fill("pages.session_time.with", &[("name", &name.to_string())]),
        },
        version: session.map(|session| session.version),
        zones: match own == other {
            true => layout.t("pages.session_time.zones_same"),
            false => lang.fill("pages.session_time.zones", &[("own", own.as_str()), ("other", other.as_str())]),
        },
        later: match what {
            For::New(id) => format!("/pairings/{id}/sessions/new?from={later}"),
            For::Moved(id) => format!("/sessions/{id}/time?from={later}"),
        },
        plan: matches!(what, For::New(_)).then(|| format!("/pairings/{pairing}/plan")),
        action,
        back,
        given,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// The time that a session has: who changes only the place leaves it as it is, wherever it lies.
fn present(session: &Session, own: Zone, other: Zone, lang: Lang) -> (String, String) {
    let at = session.starts_at.time();
    (at.to_rfc3339(), lang.fill("pages.session_time.stay", &[("when", &lang.meeting(at, own, Some(other)))]))
}

/// The times day by day, on the reader's clock first, but for the one that is offered already.
fn days(slots: &Slots, offered: Option<DateTime<Utc>>, own: Zone, other: Zone, lang: Lang) -> Vec<DayRow> {
    let mut days: Vec<DayRow> = Vec::new();
    let mut last: Option<(NaiveDate, DateTime<Utc>)> = None;
    for &start in slots.starts.iter().filter(|start| Some(**start) != offered) {
        let day = own.day(start);
        let near =
            last.is_some_and(|(of, before)| of == day && (start - before).num_minutes() < i64::from(STEP_MINUTES));
        if near {
            continue;
        }
        if last.is_none_or(|(of, _)| of != day) {
            days.push(DayRow { day: lang.day_in(start, own), times: Vec::new() });
        }
        last = Some((day, start));
        if let Some(row) = days.last_mut() {
            row.times.push((start.to_rfc3339(), lang.hours(start, own, Some(other))));
        }
    }
    days
}

/// The time and the way of meeting that were chosen.
fn chosen(form: &Form) -> Result<(DateTime<Utc>, Mode), AppError> {
    let starts_at = form.text("starts_at").parse().map_err(|_| fault("starts_at", "pages.fault.time"))?;
    Ok((starts_at, form.text("mode").parse().map_err(|_| fault("mode", "error.field.mode"))?))
}

/// Proposes a session at the time that was chosen.
pub(super) async fn propose(
    page: Page,
    rules: Data<Rules>,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let own = **rules;
    let tried = async {
        let (starts_at, mode) = chosen(&form)?;
        let place = form.filled("place").map(str::to_owned);
        let wish = Wish { starts_at, minutes: USUAL_MINUTES, mode, place, anyway: false };
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            let session = sessions::propose(db, act, &own, id, &wish)?;
            Ok(format!("/sessions/{}?done=session_proposed", session.id))
        };
        page.act(&visitor, &form, work).await
    };
    let again = async |trouble| times(&page, &rules, &visitor, For::New(id), Some(trouble), Given(Some(&form))).await;
    page.or_again(tried, again).await
}

/// Proposes all sessions that were agreed on, from the time that was chosen or as soon as can be.
pub(super) async fn plan(
    page: Page,
    rules: Data<Rules>,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = pairing_id(&id)?;
    let plan = Plan {
        first: form.text("starts_at").parse().ok(),
        sessions: None,
        minutes: USUAL_MINUTES,
        every_days: USUAL_DAYS,
        mode: form.text("mode").parse().unwrap_or(Mode::Online),
        place: form.filled("place").map(str::to_owned),
    };
    let own = **rules;
    let tried = page.act(&visitor, &form, move |db, _, act| {
        session_plans::propose(db, act, &own, id, &plan)?;
        Ok(format!("/pairings/{id}?done=plan_proposed"))
    });
    let again = async |trouble| times(&page, &rules, &visitor, For::New(id), Some(trouble), Given(Some(&form))).await;
    page.or_again(tried, again).await
}

/// Moves a session to the time that was chosen, or changes only how the two meet. It lasts as long as before.
pub(super) async fn reschedule(
    page: Page,
    rules: Data<Rules>,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let own = **rules;
    let tried = async {
        let (starts_at, mode) = chosen(&form)?;
        let place = Some(form.text("place").to_owned());
        let to = Change { starts_at, minutes: None, mode: Some(mode), place, anyway: false };
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            sessions::reschedule(db, act, &own, id, &to)?;
            Ok(format!("/sessions/{id}?done=session_moved"))
        };
        page.act(&visitor, &form, work).await
    };
    let again = async |trouble| times(&page, &rules, &visitor, For::Moved(id), Some(trouble), Given(Some(&form))).await;
    page.or_again(tried, again).await
}
