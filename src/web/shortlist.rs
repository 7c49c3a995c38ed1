//! The coaches that fit a request, why, and choosing up to three of them in order.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use super::layout::{Layout, Page};
use super::requests::request_id;
use super::sending::fault;
use super::trouble::Trouble;
use super::views::reasons;
use crate::domain::PersonCode;
use crate::error::AppError;
use crate::face::{Form, PageCoachee, encoded, gone_to};
use crate::i18n::Names;
use crate::services::pool::Pools;
use crate::services::requests::{self, Whole};
use crate::services::shortlist::{self, Shortlist, Suggestion};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, directory};
use crate::store::RequestId;

/// Coaches shown: more than a person compares.
const SHOWN: usize = 10;
/// Most coaches that may be chosen.
const CHOICES: usize = 3;

#[derive(Template)]
#[template(path = "pages/shortlist.html")]
struct ShortlistPage {
    layout: Layout,
    id: RequestId,
    coaches: Vec<CoachCard>,
    /// Why there is none, and what the coachee can do.
    none: Option<(String, String)>,
    /// That a coach waits for an answer already, so that nobody can be chosen.
    waits: bool,
}

/// A coach who fits.
struct CoachCard {
    code: String,
    title: String,
    percent: String,
    free: String,
    strengths: String,
    reasons: Vec<(String, String)>,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "pages/choices.html")]
struct ChoicesPage {
    layout: Layout,
    id: RequestId,
    version: i32,
    rows: Vec<ChoiceRow>,
    /// Back to the list, with what is chosen.
    back: String,
}

/// A coach who was chosen, at a place.
struct ChoiceRow {
    code: String,
    title: String,
    place: String,
    up: Option<String>,
    down: Option<String>,
    without: String,
}

/// Shows the coaches that fit best.
pub(super) async fn show(
    page: Page,
    pools: Data<Pools>,
    visitor: PageCoachee,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    list(&page, &pools, &visitor, request_id(&id)?, None).await
}

async fn list(
    page: &Page,
    pools: &Data<Pools>,
    visitor: &Visitor,
    id: RequestId,
    trouble: Option<Trouble>,
) -> Result<HttpResponse, AppError> {
    let (caller, pools) = (visitor.caller.clone(), pools.clone());
    let found = page.desk.ask(move |cx| {
        let act = Act::of(&caller, cx.now, None);
        let waits = cx.store.snapshot(|db| requests::get(db, &act, id))?;
        let waits = waits.offers.iter().any(|shown| shown.offer.status.0.is_live());
        Ok((waits, shortlist::shortlist(cx.store, &pools, &act, id, SHOWN)?))
    });
    let (waits, Shortlist { coaches, none, reference }) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let names = Names { lang: layout.lang, reference: &reference };
    let chosen: Vec<&str> = page.all("coach").collect();
    let shown = ShortlistPage {
        coaches: coaches.iter().map(|suggestion| CoachCard::of(suggestion, &chosen, names)).collect(),
        none: none.map(|reason| {
            (layout.t(&format!("waiting.{reason}.reason")), layout.t(&format!("shortlist.hint.{reason}")))
        }),
        id,
        waits,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

/// What a coach is called before there is a pairing: no name, but where they stand and work.
pub(super) fn title(coach: &directory::Coach, names: Names) -> String {
    let source = || names.lang.tr(&format!("pages.source.{}", coach.source)).into_owned();
    let tier = coach.tier.map_or_else(source, |tier| names.tier(tier));
    format!("{tier}, {}, {}", coach.agency_name, names.province(&coach.province))
}

impl CoachCard {
    fn of(suggestion: &Suggestion, chosen: &[&str], names: Names) -> Self {
        let coach = &suggestion.coach;
        let lang = names.lang;
        let strength = |(code, level): &(String, crate::domain::Level)| {
            let name = code.parse().map_or_else(|_| code.clone(), |code| names.competency(&code));
            format!("{name} {}", level.get())
        };
        let strengths: Vec<String> = coach.strengths.iter().map(strength).collect();
        let (free, capacity) = (lang.number(coach.free.into()), lang.number(coach.capacity.into()));
        Self {
            code: coach.code.clone(),
            title: title(coach, names),
            percent: lang.fill("pages.shortlist.fits", &[("percent", &suggestion.percent.to_string())]),
            free: lang.fill("pages.shortlist.free", &[("free", &free), ("capacity", &capacity)]),
            strengths: strengths.join(", "),
            reasons: reasons(&suggestion.explanation, names),
            chosen: chosen.contains(&coach.code.as_str()),
        }
    }
}

/// Shows the choices in their order before they are sent. The address holds them, so that moving one up or
/// down is a link.
pub(super) async fn check(
    page: Page,
    pools: Data<Pools>,
    visitor: PageCoachee,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let (id, chosen) = (request_id(&id)?, distinct(page.all("coach")));
    if chosen.is_empty() || chosen.len() > CHOICES {
        let trouble = Trouble::field("coach", "pages.fault.choices", page.lang());
        return list(&page, &pools, &visitor, id, Some(trouble)).await;
    }
    checked(&page, &visitor, id, chosen, None).await
}

fn distinct<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all = Vec::new();
    for code in codes.take(SHOWN) {
        if !all.iter().any(|known| known == code) {
            all.push(code.to_owned());
        }
    }
    all
}

async fn checked(
    page: &Page,
    visitor: &Visitor,
    id: RequestId,
    chosen: Vec<String>,
    trouble: Option<Trouble>,
) -> Result<HttpResponse, AppError> {
    let (caller, codes) = (visitor.caller.clone(), chosen.clone());
    let found = page.desk.read(move |db, now| {
        let whole = requests::get(db, &Act::of(&caller, now, None), id)?;
        let coaches: Result<Vec<_>, _> = codes.into_iter().map(|code| directory::coach(db, code)).collect();
        Ok((whole, coaches?, directory::reference(db)?))
    });
    let (Whole { shown: request, .. }, coaches, reference) = found.await?;
    let layout = page.layout(Some(visitor)).with(trouble);
    let names = Names { lang: layout.lang, reference: &reference };
    let address = |codes: &[String]| address(&format!("/requests/{id}/choices"), codes);
    let swapped = |a: usize, b: usize| {
        let mut codes = chosen.clone();
        codes.swap(a, b);
        address(&codes)
    };
    let row = |(at, coach): (usize, &directory::Coach)| ChoiceRow {
        code: coach.code.clone(),
        title: title(coach, names),
        place: layout.lang.fill("pages.choices.place", &[("place", &(at + 1).to_string())]),
        up: (at > 0).then(|| swapped(at - 1, at)),
        down: (at + 1 < chosen.len()).then(|| swapped(at, at + 1)),
        without: {
            let rest: Vec<String> = chosen.iter().filter(|code| **code != coach.code).cloned().collect();
            if rest.is_empty() { format!("/requests/{id}/coaches") } else { address(&rest) }
        },
    };
    let shown = ChoicesPage {
        rows: coaches.iter().enumerate().map(row).collect(),
        back: self::address(&format!("/requests/{id}/coaches"), &chosen),
        version: request.request.version,
        id,
        layout,
    };
    page.answer(&shown.layout, &shown)
}

fn address(path: &str, codes: &[String]) -> String {
    let query: Vec<String> = codes.iter().map(|code| format!("coach={}", encoded(code))).collect();
    format!("{path}?{}", query.join("&"))
}

/// Sends the choices: the first coach is asked at once.
pub(super) async fn choose(
    page: Page,
    visitor: PageCoachee,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = request_id(&id)?;
    let again = async |trouble| checked(&page, &visitor, id, distinct(form.all("coach")), Some(trouble)).await;
    page.or_again(try_choose(&page, &visitor, id, &form), again).await
}

async fn try_choose(page: &Page, visitor: &Visitor, id: RequestId, form: &Form) -> Result<HttpResponse, AppError> {
    let coaches: Result<Vec<PersonCode>, _> = form.all("coach").map(str::parse).collect();
    let (coaches, seen) = (coaches.map_err(|_| fault("coach", "pages.fault.choices"))?, form.seen());
    let (caller, asking) = (visitor.caller.clone(), visitor.caller.clone());
    let weigh = move |db: &mut crate::store::Db, now| requests::weigh(db, &Act::of(&asking, now, seen), id, &coaches);
    let daily = page.desk.daily();
    let done = page.desk.once_looked(form.once().by(&visitor.caller), weigh, move |db, cx, choice| {
        requests::choose(db, &Act::of(&caller, cx.now, seen), choice, daily)?;
        Ok(gone_to(format!("/requests/{id}?done=chosen")))
    });
    done.await
}
