//! What letters about requests and offers say: to coaches what they need to decide, to coachees how far it has come.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Draft, NoticeData, USUAL_ZONE};
use crate::domain::{Notice, OfferStatus, PersonName, Reference, Side, place_range};
use crate::i18n::{Lang, Names};
use crate::mail::Facts;
use crate::matching::explain::{Component, Explanation, Waiting};
use crate::services::eligible::Ground;
use crate::services::session_plans::{USUAL_MINUTES, USUAL_SESSIONS};
use crate::services::{ServiceError, ServiceResult};
use crate::store::delivery::Claimed;
use crate::store::letters::{self, Background, InBoth, Matter};
use crate::store::types::Stamp;
use crate::store::{Db, PersonId, RequestId, RunId, StoreError, requests};

/// Letters about an offer.
pub(super) const OF_OFFERS: [Notice; 9] = [
    Notice::CoachProposed,
    Notice::RequestSent,
    Notice::OfferAsked,
    Notice::OfferExpired,
    Notice::OfferWithdrawn,
    Notice::NextCoachAsked,
    Notice::CoachAsked,
    Notice::ProposalWithdrawn,
    Notice::OfferReminder,
];
/// Letters about a request.
pub(super) const OF_REQUESTS: [Notice; 4] =
    [Notice::WaitingListed, Notice::WaitingAgain, Notice::AskedAnew, Notice::RequestTakenBack];
/// Letters that name a place on the waiting list, besides those about a request.
const OF_PLACES: [Notice; 2] = [Notice::ProposalWithdrawn, Notice::OfferExpired];
/// Letters that say why a coach was thought of.
const OF_REASONS: [Notice; 2] = [Notice::OfferAsked, Notice::OfferReminder];
/// How many components of an explanation are told.
const STRONGEST: usize = 2;

/// What letters about requests and offers are made of.
pub(super) struct Choosing {
    backgrounds: HashMap<PersonId, Background>,
    focuses: HashMap<RequestId, Vec<InBoth>>,
    /// The names of the coaches that requests which went out were put to, the first choice first.
    choices: HashMap<RequestId, Vec<PersonName>>,
    /// Why coaches were thought of, by offer, and the names of what it tells of.
    why: HashMap<Uuid, Explanation>,
    reference: Option<Reference>,
    /// Where requests stand that wait with no coach asked, and how many wait there.
    places: HashMap<RequestId, (u64, u64)>,
    /// Why runs found no coach.
    reasons: HashMap<(RunId, PersonId), Waiting>,
}

impl Choosing {
    /// Reads it.
    pub(super) fn load(
        db: &mut Db,
        batch: &[Claimed],
        about: &dyn Fn(&[Notice]) -> Vec<Uuid>,
        matters: &HashMap<Uuid, Matter>,
        now: Stamp,
    ) -> ServiceResult<Self> {
        let coachees: Vec<PersonId> = matters.values().map(|matter| matter.coachee).collect();
        let all: Vec<RequestId> = matters.values().map(|matter| matter.request).collect();
        let of = |notices: &[Notice]| -> Vec<RequestId> {
            about(notices).iter().filter_map(|id| Some(matters.get(id)?.request)).collect()
        };
        let waiting: Vec<RequestId> =
            about(&OF_REQUESTS).into_iter().map(RequestId::from).chain(of(&OF_PLACES)).collect();
        let (why, reference) = explanations(db, &about(&OF_REASONS), now)?;
        Ok(Self {
            backgrounds: letters::backgrounds(db, &coachees)?,
            focuses: letters::focuses(db, &all)?,
            choices: letters::choices(db, &of(&[Notice::RequestSent]))?,
            why,
            reference,
            places: places(db, &waiting)?,
            reasons: reasons(db, batch)?,
        })
    }

    /// A letter about a request, to whoever asks.
    pub(super) fn of_request(
        &self,
        notice: Notice,
        asks: PersonId,
        data: &NoticeData,
        lang: Lang,
        facts: Facts,
    ) -> Result<Facts, Draft> {
        let facts = Facts { side: Some(Side::Coachee), ..facts };
        if notice == Notice::RequestTakenBack {
            return Ok(facts);
        }
        let place = self.places.get(&data.about.into());
        let place = place.ok_or(Draft::Overtaken("the request is over, or a coach is asked by now"))?;
        let mut items = vec![on_the_list(lang, *place)];
        let reason = data.run.and_then(|run| self.reasons.get(&(run.into(), asks)));
        if let Some(waiting) = reason {
            let why = lang.tr(&format!("waiting.{}.reason", waiting.reason)).into_owned();
            items.push((lang.tr("mail.detail.waits_because").into_owned(), why));
        }
        Ok(Facts { items, ..facts })
    }

    /// A letter about an offer, to either side.
    pub(super) fn of_offer(&self, notice: Notice, matter: &Matter, lang: Lang, facts: Facts) -> Result<Facts, Draft> {
        let side = facts.side;
        match notice {
            Notice::OfferAsked => self.offer_asked(matter, lang, facts),
            Notice::OfferReminder if side == Some(Side::Coach) => self.offer_asked(matter, lang, facts),
            Notice::CoachProposed | Notice::OfferReminder => {
                Ok(Facts { until: Some(still(matter, OfferStatus::Proposed)?.0), ..facts })
            }
            Notice::RequestSent => self.request_sent(matter, lang, facts),
            Notice::NextCoachAsked => {
                let (until, choice) = still(matter, OfferStatus::Pending)?;
                Ok(Facts { choice, items: vec![answers_by(lang, until, &facts)], ..facts })
            }
            Notice::CoachAsked => {
                let (until, _) = still(matter, OfferStatus::Pending)?;
                Ok(Facts { items: vec![answers_by(lang, until, &facts)], ..facts })
            }
            Notice::ProposalWithdrawn => Ok(Facts {
                about: Some(matter.request.uuid()),
                items: self.places.get(&matter.request).map(|place| on_the_list(lang, *place)).into_iter().collect(),
                ..facts
            }),
            Notice::OfferExpired if side == Some(Side::Coachee) => Ok(Facts {
                items: self.places.get(&matter.request).map(|place| on_the_list(lang, *place)).into_iter().collect(),
                ..facts
            }),
            _ => Ok(facts),
        }
    }

    /// Whom a request went out to, in their order, and until when the first may answer.
    fn request_sent(&self, matter: &Matter, lang: Lang, facts: Facts) -> Result<Facts, Draft> {
        let (until, place) = still(matter, OfferStatus::Pending)?;
        // A run's proposal is about one coach, whatever was chosen before it.
        let chosen = place.and_then(|_| self.choices.get(&matter.request)).map(Vec::as_slice).unwrap_or_default();
        let mut items = Vec::new();
        if chosen.len() > 1 {
            for (at, name) in chosen.iter().enumerate() {
                let label = lang.fill("mail.detail.choice", &[("number", &(at + 1).to_string())]);
                items.push((label, name.to_string()));
            }
        }
        items.push(answers_by(lang, until, &facts));
        let coaches = i64::try_from(chosen.len().max(1)).unwrap_or(i64::MAX);
        Ok(Facts { about: Some(matter.request.uuid()), items, figures: vec![("coaches", coaches)], ..facts })
    }

    /// What a coach needs to decide, and no more.
    fn offer_asked(&self, matter: &Matter, lang: Lang, facts: Facts) -> Result<Facts, Draft> {
        let (until, _) = still(matter, OfferStatus::Pending)?;
        let background = self.backgrounds.get(&matter.coachee);
        let named = |name: &InBoth| lang.pick(&name.0, &name.1).to_owned();
        let focus = self.focuses.get(&matter.request).map(|names| names.iter().map(named).collect());
        let why = facts.about.and_then(|id| self.why.get(&id)).zip(self.reference.as_ref());
        let mut items = Vec::new();
        if let Some((why, reference)) = why {
            let said = strongest(why, Names { lang, reference });
            items.extend(said.into_iter().map(|said| (lang.tr("mail.detail.why_you").into_owned(), said)));
        }
        let (sessions, minutes) = (USUAL_SESSIONS.to_string(), USUAL_MINUTES.to_string());
        let effort = lang.fill("mail.detail.effort_of", &[("sessions", &sessions), ("minutes", &minutes)]);
        items.push((lang.tr("mail.detail.effort").into_owned(), effort));
        Ok(Facts {
            position: background.map(|background| background.position.clone()),
            place: background.map(|background| named(&background.province)),
            focus: focus.unwrap_or_default(),
            until: Some(until),
            items,
            ..facts
        })
    }
}

/// Why coaches suit, by offer. Where the records say nothing any more, the letter says nothing of it.
fn explanations(
    db: &mut Db,
    offers: &[Uuid],
    now: Stamp,
) -> ServiceResult<(HashMap<Uuid, Explanation>, Option<Reference>)> {
    if offers.is_empty() {
        return Ok((HashMap::new(), None));
    }
    let mut ground = Ground::load(db)?;
    let mut why = HashMap::new();
    for (id, (cohort, coachee, coach)) in letters::asked(db, offers)? {
        match ground.few(db, cohort, &coachee, std::slice::from_ref(&coach), now) {
            Ok(few) => why.extend(few.explain(&coach).map(|found| (id, found))),
            Err(ServiceError::Store(error)) if !matches!(error, StoreError::NotFound) => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "a letter cannot say why the coach suits"),
        }
    }
    Ok((why, Some(ground.reference)))
}

/// Where requests stand that are open with no coach asked. A waiting list is read once for all of a batch.
fn places(db: &mut Db, wanted: &[RequestId]) -> ServiceResult<HashMap<RequestId, (u64, u64)>> {
    let waiting = requests::unasked_among(db, wanted)?;
    let cohorts: HashSet<_> = waiting.iter().map(|(_, cohort)| *cohort).collect();
    let waiting: HashSet<RequestId> = waiting.into_iter().map(|(id, _)| id).collect();
    let mut places = HashMap::new();
    for cohort in cohorts {
        let ranked = requests::ranked(db, cohort)?;
        let all = u64::try_from(ranked.len()).unwrap_or(u64::MAX);
        let placed = (1_u64..).zip(ranked).filter(|(_, id)| waiting.contains(id));
        places.extend(placed.map(|(place, id)| (id, (place, all))));
    }
    Ok(places)
}

/// Why runs found no coach for readers of a batch.
fn reasons(db: &mut Db, batch: &[Claimed]) -> ServiceResult<HashMap<(RunId, PersonId), Waiting>> {
    let of_run = batch.iter().filter(|message| message.kind == Notice::WaitingListed.as_str());
    let (mut runs, mut people) = (HashSet::<RunId>::new(), Vec::new());
    for message in of_run {
        let run = message.data.read::<NoticeData>().ok().and_then(|data| data.run);
        if let Some((run, person)) = run.zip(message.person) {
            runs.insert(run.into());
            people.push(person);
        }
    }
    let runs: Vec<RunId> = runs.into_iter().collect();
    let found = letters::reasons(db, &runs, &people)?.into_iter();
    Ok(found.filter_map(|(key, reason)| Some((key, reason.read().ok()?))).collect())
}

/// The components that count most for a coach, each in a sentence. Levels are no affair of mails.
fn strongest(why: &Explanation, names: Names<'_>) -> Vec<String> {
    let mut components: Vec<&Component> = why.components.iter().filter(|one| one.points() > 0).collect();
    components.sort_by_key(|component| std::cmp::Reverse(component.points()));
    let said = |component: &&Component| {
        let name = names.lang.tr(&format!("explain.{}.name", component.name()));
        let sentence = match component {
            Component::Coverage { focus, .. } => {
                let covered = focus.iter().filter(|part| part.points > 0);
                covered.map(|part| names.competency(&part.competency)).collect::<Vec<_>>().join(", ")
            }
            other => names.sentence(other),
        };
        format!("{name}: {sentence}")
    };
    components.iter().take(STRONGEST).map(said).collect()
}

/// The place on the waiting list, as a range.
fn on_the_list(lang: Lang, (place, waiting): (u64, u64)) -> (String, String) {
    let (first, last) = place_range(place, waiting);
    let number = |number: u64| lang.number(i64::try_from(number).unwrap_or(i64::MAX));
    let (first, last, waiting) = (number(first), number(last), number(waiting));
    let range = [("first", first.as_str()), ("last", &last), ("waiting", &waiting)];
    (lang.tr("mail.detail.waiting_place").into_owned(), lang.fill("mail.detail.waiting_range", &range))
}

/// Until when the coach who is asked may answer.
fn answers_by(lang: Lang, until: DateTime<Utc>, facts: &Facts) -> (String, String) {
    let zone = facts.zone.unwrap_or(USUAL_ZONE);
    (lang.tr("mail.detail.coach_answers_by").into_owned(), lang.moment_in(until, zone))
}

/// The deadline of an offer that waits as the letter says, and its place among the choices.
fn still(matter: &Matter, status: OfferStatus) -> Result<(DateTime<Utc>, Option<i16>), Draft> {
    match matter.offer {
        Some((now, deadline, place)) if now == status => Ok((deadline.time(), place)),
        _ => Err(Draft::Overtaken("the offer was answered or taken back before the letter went out")),
    }
}
