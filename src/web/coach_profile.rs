//! What a coach offers: strengths, ways of meeting, languages, provinces, whom not, and how many places.

use actix_web::HttpResponse;
use askama::Template;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use super::views::{agency, agency_called, language_options, mode_options};
use crate::domain::{
    AgencyCode, CompetencyCode, Language, Languages, Level, Mode, Modes, PersonCode, ProvinceCode, Reference,
};
use crate::error::AppError;
use crate::face::{Form, PageCoach};
use crate::i18n::Names;
use crate::services::coach_offer::{self, Offer};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, accounts, coaches, directory};
use crate::store::Db;
use crate::store::places::Room;

#[derive(Template)]
#[template(path = "pages/coach_profile.html")]
struct ProfilePage<'a> {
    layout: Layout,
    given: Given<'a>,
    version: i32,
    capacity: String,
    strengths: Vec<StrengthRow>,
    modes: Vec<Pick>,
    languages: Vec<Pick>,
    provinces: Vec<Pick>,
    /// How many provinces are chosen.
    travels: String,
    conflicts: Vec<Pick>,
}

/// Something that can be chosen.
struct Pick {
    value: String,
    name: String,
    chosen: bool,
}

/// A competency, and the level at which the coach is strong in it; 0: not.
struct StrengthRow {
    /// Its field.
    field: String,
    name: String,
    level: u8,
}

/// What is read for the page.
struct Found {
    offer: Offer,
    version: i32,
    room: Room,
    reference: Reference,
}

/// The field of the level of a competency.
fn field_of(code: &CompetencyCode) -> String {
    format!("level-{code}")
}

impl Found {
    fn read(db: &mut Db, act: &Act, visitor: &Visitor) -> crate::services::ServiceResult<Self> {
        let person = visitor.caller.person()?;
        let code = own_code(db, visitor)?;
        let (offer, version) = coach_offer::get(db, act, person, &code)?;
        Ok(Self { offer, version, room: coaches::room(db, act, person)?, reference: directory::reference(db)? })
    }
}

fn own_code(db: &mut Db, visitor: &Visitor) -> crate::services::ServiceResult<PersonCode> {
    let own = accounts::own(db, &visitor.caller)?;
    own.person.ok_or(crate::services::ServiceError::Forbidden)
}

/// Shows what the coach offers.
pub(super) async fn show(page: Page, coach: PageCoach) -> Result<HttpResponse, AppError> {
    again(&page, &coach, None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let own = visitor.clone();
    let found = page.desk.read(move |db, now| Found::read(db, &Act::of(&own.caller, now, None), &own)).await?;
    let shown = ProfilePage::of(&found, page.layout(Some(visitor)).with(trouble), given);
    page.answer(&shown.layout, &shown)
}

impl<'a> ProfilePage<'a> {
    fn of(found: &Found, layout: Layout, given: Given<'a>) -> Self {
        let names = Names { lang: layout.lang, reference: &found.reference };
        let offer = &found.offer;
        let level = |code: &CompetencyCode| {
            let kept = offer.strengths.iter().find(|(known, _)| known == code).map_or(0, |(_, level)| level.get());
            given.or(&field_of(code), &kept.to_string()).parse().unwrap_or(0)
        };
        let pick = |name: &str, (value, text): (String, String), kept: bool| Pick {
            chosen: given.is_or(name, &value, kept),
            name: text,
            value,
        };
        let is_mode = |value: &str| offer.modes.iter().any(|mode| mode.as_str() == value);
        let is_language = |value: &str| offer.languages.iter().any(|language| language.as_str() == value);
        let is_served = |value: &str| offer.regions_served.iter().any(|code| code.as_str() == value);
        let picks = |name: &str, all: Vec<(String, String)>, kept: &dyn Fn(&str) -> bool| -> Vec<Pick> {
            let one = |(value, text): (String, String)| {
                let kept = kept(&value);
                pick(name, (value, text), kept)
            };
            all.into_iter().map(one).collect()
        };
        let provinces = found.reference.provinces().iter();
        let provinces = provinces.map(|known| (known.code.to_string(), names.province(known.code.as_str()))).collect();
        let conflicts = offer.conflicts.iter().map(|code| (code.to_string(), agency(code.as_str(), names))).collect();
        let provinces = picks("regions_served", provinces, &is_served);
        let travels = provinces.iter().filter(|one| one.chosen).count().to_string();
        Self {
            version: found.version,
            capacity: given.or("capacity", &found.room.capacity.to_string()).to_owned(),
            strengths: found
                .reference
                .competencies()
                .iter()
                .map(|one| StrengthRow {
                    field: field_of(&one.code),
                    name: names.competency(&one.code),
                    level: level(&one.code),
                })
                .collect(),
            modes: picks("modes", mode_options(names), &is_mode),
            languages: picks("languages", language_options(names), &is_language),
            travels: layout.lang.fill("pages.coach_profile.travels", &[("count", &travels)]),
            provinces,
            conflicts: picks("conflicts", conflicts, &|_| true),
            given,
            layout,
        }
    }

    fn levels(&self) -> [u8; 5] {
        [1, 2, 3, 4, 5]
    }
}

/// What was filled in, with names of agencies looked up.
fn offer(form: &Form, reference: &Reference) -> Result<Offer, AppError> {
    let strength = |code: &CompetencyCode| {
        let level = form.text(&field_of(code)).parse().ok().and_then(|number| Level::new(number).ok())?;
        Some((code.clone(), level))
    };
    let modes: Result<Vec<Mode>, _> = form.all("modes").map(str::parse).collect();
    let languages: Result<Vec<Language>, _> = form.all("languages").map(str::parse).collect();
    let provinces: Result<Vec<ProvinceCode>, _> = form.all("regions_served").map(str::parse).collect();
    let conflicts: Result<Vec<AgencyCode>, _> = form.all("conflicts").map(str::parse).collect();
    let mut conflicts = conflicts.map_err(|_| fault("conflicts", "error.field.agencies"))?;
    if let Some(name) = form.filled("conflict") {
        let code = agency_called("conflict", name.trim(), reference)?;
        if !conflicts.contains(&code) {
            conflicts.push(code);
        }
    }
    Ok(Offer {
        strengths: reference.competencies().iter().filter_map(|one| strength(&one.code)).collect(),
        modes: modes.map_err(|_| fault("modes", "error.field.modes"))?.into_iter().fold(Modes::NONE, Modes::with),
        languages: languages
            .map_err(|_| fault("languages", "error.field.languages"))?
            .into_iter()
            .fold(Languages::NONE, Languages::with),
        regions_served: provinces.map_err(|_| fault("regions_served", "error.field.provinces"))?,
        conflicts,
    })
}

/// Changes what the coach offers.
pub(super) async fn change(page: Page, coach: PageCoach, form: Form) -> Result<HttpResponse, AppError> {
    let visitor = coach.0.clone();
    let tried = async {
        let reference = page.desk.read(|db, _| Ok(directory::reference(db)?)).await?;
        let (offer, person) = (offer(&form, &reference)?, visitor.caller.person()?);
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            let code = own_code(db, &visitor)?;
            coach_offer::change(db, act, person, &code, &offer)?;
            Ok("/coach-profile?done=offer_changed".to_owned())
        };
        page.act(&coach, &form, work).await
    };
    page.or_again(tried, async |trouble| again(&page, &coach, Some(trouble), Given(Some(&form))).await).await
}

/// Sets how many coachees at most.
pub(super) async fn set_capacity(page: Page, coach: PageCoach, form: Form) -> Result<HttpResponse, AppError> {
    let tried = async {
        let capacity = form.text("capacity").trim().parse().map_err(|_| fault("capacity", "error.field.capacity"))?;
        let person = coach.caller.person()?;
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            coaches::set_capacity(db, act, person, capacity)?;
            Ok("/coach-profile?done=capacity_set".to_owned())
        };
        page.act(&coach, &form, work).await
    };
    // Of the other form of the page nothing was filled in.
    page.or_again(tried, async |trouble| again(&page, &coach, Some(trouble), Given(None)).await).await
}
