//! A session, to its two sides: saying yes to its time, how it went, notes; and the list of a pairing's.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::layout::{Layout, Page};
use super::preparation::{Preparation, PreparationView};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use crate::domain::{Attendance, PairingStatus, SessionStatus, Side, Zone};
use crate::error::{AppError, FieldError};
use crate::face::{Form, PageSignedIn};
use crate::i18n::Lang;
use crate::services::disclosures::Look;
use crate::services::pair_work::{self, FeedbackWish};
use crate::services::session_notes::{self, Open, Which};
use crate::services::sessions::{self, Met};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, ServiceResult, attendance, slots};
use crate::store::pair_work::Feedback;
use crate::store::sessions::Session;
use crate::store::types::Stamp;
use crate::store::{Db, PairingId, SessionId};

/// When two meet, on the clock of the reader first.
pub(super) fn meeting(session: &Session, side: Option<Side>, zones: [Zone; 2], lang: Lang) -> String {
    let [coachee, coach] = zones;
    let (own, other) = if side == Some(Side::Coach) { (coach, coachee) } else { (coachee, coach) };
    lang.meeting(session.starts_at.time(), own, Some(other))
}

/// A session in the list of its pairing.
pub(super) struct SessionRow {
    pub id: SessionId,
    pub title: String,
    pub when: String,
    pub status: String,
    /// Whether the reader is the one to say yes.
    pub waits: bool,
}

impl SessionRow {
    pub(super) fn of(session: &Session, side: Option<Side>, zones: [Zone; 2], lang: Lang) -> Self {
        let status = session.status.0;
        Self {
            id: session.id,
            title: lang.fill("pages.session.title", &[("number", &session.number.to_string())]),
            when: meeting(session, side, zones, lang),
            status: lang.tr(&format!("pages.session.status.{status}")).into_owned(),
            waits: status == SessionStatus::Proposed && side.is_some_and(|side| side != session.proposed_by.0),
        }
    }
}

/// What the page shows, in one state of the database.
pub(super) struct Found {
    pub met: Met,
    pub side: Option<Side>,
    pub zones: [Zone; 2],
    now: Stamp,
    feedback: Vec<Feedback>,
    shared: Option<Open>,
    private: Option<Open>,
    /// Of a session that is yet to be held, to one of the two.
    before: Option<Preparation>,
}

impl Found {
    fn read(db: &mut Db, cx: &Context, act: &Act, id: SessionId) -> ServiceResult<Self> {
        let met = sessions::get(db, act, id)?;
        let side = [Side::Coachee, Side::Coach].into_iter().find(|side| act.is(met.pairing.person(*side)));
        let mut found = Self {
            zones: slots::zones(db, &met.pairing)?,
            now: act.now,
            feedback: Vec::new(),
            shared: None,
            private: None,
            before: None,
            side,
            met,
        };
        // What the two write is for the two alone.
        if side.is_some() {
            found.feedback = pair_work::feedback(db, act, id)?;
            found.shared = session_notes::get(db, act, &cx.auth.vault, id, Which::Shared)?;
            found.private = session_notes::get(db, act, &cx.auth.vault, id, Which::Private)?;
            if found.met.session.status.0.is_ahead() {
                found.before = Some(Preparation::read(db, cx, act, &found.met)?);
            }
        }
        Ok(found)
    }

    fn has_begun(&self) -> bool {
        self.now >= self.met.session.starts_at
    }

    fn is_active(&self) -> bool {
        self.met.pairing.status.0 == PairingStatus::Active && self.side.is_some()
    }

    /// Whether its time came without a yes, so that it counts if both say that they met.
    fn has_lapsed(&self) -> bool {
        let session = &self.met.session;
        session.has_lapsed() || (session.status.0 == SessionStatus::Proposed && self.has_begun())
    }

    /// Whether it may still be moved or called off by the reader.
    pub(super) fn is_open(&self) -> bool {
        self.is_active() && self.met.session.status.0.is_ahead() && !self.has_begun()
    }
}

#[derive(Template)]
#[template(path = "pages/session.html")]
struct SessionPage<'a> {
    layout: Layout,
    given: Given<'a>,
    id: SessionId,
    pairing: PairingId,
    version: i32,
    heading: String,
    lead: String,
    facts: Vec<(String, String)>,
    /// A place that can be followed.
    link: Option<String>,
    may_confirm: bool,
    may_change: bool,
    may_attend: bool,
    /// Whether the reader has said what became of it, and nobody said another thing.
    has_said: bool,
    disputed: bool,
    attendance: Vec<(String, String)>,
    may_speak: bool,
    scale: Vec<(String, String)>,
    words: Vec<FeedbackRow>,
    notes: Vec<NoteView>,
    before: Option<PreparationView>,
}

/// What one side says of a session.
struct FeedbackRow {
    who: String,
    lines: Vec<(String, String)>,
    comment: String,
}

/// A note to read and to write on.
struct NoteView {
    which: &'static str,
    label: String,
    hint: String,
    text: String,
    /// Empty when there is none yet.
    version: String,
}

pub(super) fn session_id(text: &str) -> Result<SessionId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Shows a session to its two sides or an admin.
pub(super) async fn show(page: Page, visitor: PageSignedIn, id: Path<String>) -> Result<HttpResponse, AppError> {
    again(&page, &visitor, session_id(&id)?, None, Given(None)).await
}

pub(super) async fn read(page: &Page, visitor: &Visitor, id: SessionId) -> Result<Found, AppError> {
    let caller = visitor.caller.clone();
    let look = Look::at(&caller, "sessions").of(id.uuid());
    let found = page.desk.ask(move |cx| {
        let act = Act::of(&caller, cx.now, None);
        let found = cx.store.snapshot(|db| Found::read(db, cx, &act, id))?;
        look.note(cx, 1)?;
        Ok(found)
    });
    found.await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    id: SessionId,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let found = read(page, visitor, id).await?;
    let shown = SessionPage::of(&found, page.layout(Some(visitor)).with(trouble), given);
    page.answer(&shown.layout, &shown)
}

impl<'a> SessionPage<'a> {
    fn of(found: &Found, layout: Layout, given: Given<'a>) -> Self {
        let (session, lang, side) = (&found.met.session, layout.lang, found.side);
        let status = session.status.0;
        let mine_to_confirm = side.is_some_and(|side| side != session.proposed_by.0);
        let said = session.said();
        let has_spoken = found.feedback.iter().any(|said| Some(said.given_by.0) == side);
        let proposed = status == SessionStatus::Proposed;
        let mine = if side == Some(Side::Coach) { said.coach } else { said.coachee };
        let lapsed = found.has_lapsed();
        let claimed_by = session.claimed_by.map(|side| side.0);
        let state = match (proposed, mine_to_confirm) {
            _ if lapsed => match claimed_by {
                None => "lapsed",
                Some(_) if claimed_by == side => "lapsed_said",
                Some(_) => "lapsed_asked",
            },
            (true, true) => "asked",
            (true, false) => "waits",
            _ if status == SessionStatus::Scheduled && found.has_begun() => match mine {
                Some(_) => "begun_said",
                None => "begun",
            },
            _ => status.as_str(),
        };
        Self {
            id: session.id,
            pairing: found.met.pairing.id,
            version: session.version,
            heading: lang.fill("pages.session.title", &[("number", &session.number.to_string())]),
            lead: layout.t(&format!("pages.session.state.{state}")),
            facts: facts(found, &layout),
            link: session
                .place
                .clone()
                .filter(|_| status.is_ahead())
                .filter(|place| place.starts_with("https://") || place.starts_with("http://")),
            may_confirm: found.is_open() && proposed && mine_to_confirm,
            may_change: found.is_open(),
            may_attend: found.is_active()
                && if lapsed { claimed_by != side } else { found.has_begun() && status != SessionStatus::Cancelled },
            has_said: mine.is_some() && !said.disputed(),
            disputed: said.disputed(),
            attendance: Attendance::ALL
                .iter()
                .filter(|word| !lapsed || **word == Attendance::Held)
                .map(|word| (word.to_string(), layout.t(&format!("pages.session.attendance.{word}"))))
                .collect(),
            may_speak: side.is_some() && status == SessionStatus::Held && !has_spoken,
            scale: (1..=5).rev().map(|n: u8| (n.to_string(), layout.t(&format!("pages.session.scale.{n}")))).collect(),
            words: found.feedback.iter().map(|said| FeedbackRow::of(said, &layout)).collect(),
            notes: if side.is_some() { NoteView::both(found, given, &layout) } else { Vec::new() },
            before: found.before.as_ref().map(|before| PreparationView::of(before, lang)),
            given,
            layout,
        }
    }
}

fn facts(found: &Found, layout: &Layout) -> Vec<(String, String)> {
    let session = &found.met.session;
    let fact = |key: &str, value: String| (layout.t(&format!("pages.session.{key}")), value);
    let mut facts = vec![
        fact("when", meeting(session, found.side, found.zones, layout.lang)),
        fact("minutes", layout.lang.fill("pages.session.minutes_long", &[("minutes", &session.minutes.to_string())])),
        fact("mode", layout.t(&format!("mode.{}", session.mode))),
    ];
    facts.extend(session.place.clone().map(|place| fact("place", place)));
    if let Some(by) = session.cancelled_by {
        facts.push(fact("cancelled_by", layout.t(&format!("pages.session.by.{by}"))));
    }
    facts.extend(session.cancel_note.clone().map(|note| fact("cancel_note", note)));
    let words = [(Side::Coachee, session.coachee_says), (Side::Coach, session.coach_says)];
    for (side, word) in words.into_iter().filter_map(|(side, word)| Some((side, word?))) {
        let who = layout.lang.fill("pages.session.says", &[("who", &layout.t(&format!("pages.role.{side}")))]);
        facts.push((who, layout.t(&format!("pages.session.attendance.{word}"))));
    }
    facts
}

impl FeedbackRow {
    fn of(said: &Feedback, layout: &Layout) -> Self {
        let line = |key: &str, value: i16| {
            (layout.t(&format!("pages.session.feedback.{key}")), layout.t(&format!("pages.session.scale.{value}")))
        };
        Self {
            who: layout.t(&format!("pages.role.{}", said.given_by)),
            lines: vec![
                line("progress", said.progress),
                line("preparation", said.preparation),
                line("trust", said.trust),
            ],
            comment: said.comment.clone().unwrap_or_default(),
        }
    }
}

impl NoteView {
    /// What was being written stands there again when it could not be kept.
    fn both(found: &Found, given: Given, layout: &Layout) -> Vec<Self> {
        let view = |which: &'static str, note: Option<&Open>| {
            let kept = note.map_or("", |note| note.text.as_str());
            Self {
                which,
                label: layout.t(&format!("pages.session.notes.{which}")),
                hint: layout.t(&format!("pages.session.notes.{which}_hint")),
                text: if given.is("which", which) { given.text("text").to_owned() } else { kept.to_owned() },
                version: note.map_or_else(String::new, |note| note.version.to_string()),
            }
        };
        vec![view("shared", found.shared.as_ref()), view("private", found.private.as_ref())]
    }
}

/// Does something to a session for the sender of a form, and shows the page with what is wrong if it cannot be.
async fn act_on(
    page: &Page,
    visitor: &Visitor,
    id: SessionId,
    form: &Form,
    done: &'static str,
    work: Result<impl Fn(&mut Db, &Context, &Act) -> ServiceResult<()> + Send + 'static, AppError>,
) -> Result<HttpResponse, AppError> {
    let tried = async {
        let work = work?;
        let leads_on = move |db: &mut Db, cx: &Context, act: &Act| {
            work(db, cx, act)?;
            Ok(format!("/sessions/{id}?done={done}"))
        };
        page.act(visitor, form, leads_on).await
    };
    page.or_again(tried, async |trouble| again(page, visitor, id, Some(trouble), Given(Some(form))).await).await
}

/// Says yes to the time.
pub(super) async fn confirm(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let work = move |db: &mut Db, _: &Context, act: &Act| sessions::confirm(db, act, id).map(drop);
    act_on(&page, &visitor, id, &form, "session_confirmed", Ok(work)).await
}

/// Says how it went.
pub(super) async fn attend(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let word = form.text("attendance").parse::<Attendance>();
    let word = word.map_err(|_| fault("attendance", "error.field.attendance"));
    let work =
        word.map(|word| move |db: &mut Db, _: &Context, act: &Act| attendance::attend(db, act, id, word).map(drop));
    act_on(&page, &visitor, id, &form, "session_attended", work).await
}

/// Says what it brought.
pub(super) async fn give_feedback(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let wish = feedback_wish(&form);
    let work = wish
        .map(|wish| move |db: &mut Db, _: &Context, act: &Act| pair_work::give_feedback(db, act, id, &wish).map(drop));
    act_on(&page, &visitor, id, &form, "session_spoken", work).await
}

fn feedback_wish(form: &Form) -> Result<FeedbackWish, AppError> {
    let number = |field: &str| form.text(field).parse::<i16>();
    let (Ok(progress), Ok(preparation), Ok(trust)) = (number("progress"), number("preparation"), number("trust"))
    else {
        let missing = ["progress", "preparation", "trust"].into_iter().filter(|field| number(field).is_err());
        let faults = missing.map(|field| FieldError::body(format!("/{field}"), "error.field.rating")).collect();
        return Err(AppError::Invalid(faults));
    };
    Ok(FeedbackWish { progress, preparation, trust, comment: form.filled("comment").map(str::to_owned) })
}

/// Writes the note that both share, or the own one; nothing written takes it away.
pub(super) async fn write_note(
    page: Page,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = session_id(&id)?;
    let which = match form.text("which") {
        "shared" => Which::Shared,
        "private" => Which::Private,
        _ => return Err(AppError::NotFound),
    };
    let text = form.text("text").trim().to_owned();
    let work = move |db: &mut Db, cx: &Context, act: &Act| {
        if text.is_empty() {
            return session_notes::delete(db, act, id, which);
        }
        session_notes::write(db, act, &cx.auth.vault, id, which, &text).map(drop)
    };
    act_on(&page, &visitor, id, &form, "note_kept", Ok(work)).await
}
