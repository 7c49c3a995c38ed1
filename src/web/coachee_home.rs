//! What a coachee finds at home: the one next step, the largest gaps, pairings.

use super::coach_home::{PairingRow, active};
use super::coming::Coming;
use super::profile::rows;
use super::views::GapRow;
use crate::domain::{OfferStatus, RequestStatus, Side, Zone};
use crate::i18n::Names;
use crate::services::coachees::{self, Profile};
use crate::services::requests::{self, Wanted, Whole};
use crate::services::shown::{OfferShown, PairingShown};
use crate::services::{Act, ServiceError, ServiceResult, cohorts, zones};
use crate::store::types::Stamp;
use crate::store::{Db, PairingId};

/// Gaps shown at home.
const GAPS: usize = 3;

/// What is read for a coachee.
pub(super) struct CoacheeHome {
    profile: Option<Profile>,
    request: Option<Whole>,
    pairings: Vec<PairingShown>,
    coming: Vec<(PairingId, Coming)>,
    /// Whether a cohort takes requests now.
    may_ask: bool,
    zone: Zone,
    now: Stamp,
}

impl CoacheeHome {
    pub(super) fn read(db: &mut Db, act: &Act) -> ServiceResult<Self> {
        let profile = match coachees::own(db, act) {
            Ok(profile) => Some(profile),
            Err(ServiceError::Missing(_)) => None,
            Err(error) => return Err(error),
        };
        let wanted = Wanted { status: Some(RequestStatus::Open), ..Wanted::default() };
        let open = requests::own(db, act, &wanted, None, 1)?;
        let request = open.first().map(|shown| requests::get(db, act, shown.request.id)).transpose()?;
        let may_ask = !cohorts::open_to(db, act)?.is_empty();
        let (pairings, coming) = (active(db, act, Side::Coachee)?, Coming::all(db, act)?);
        let zone = zones::of_reader(db, act, Some(Side::Coachee))?;
        Ok(Self { profile, request, pairings, coming, may_ask, zone, now: act.now })
    }
}

/// The same in words.
pub(super) struct CoacheeView {
    pub step: Step,
    pub gaps: Vec<GapRow>,
    pub pairings: Vec<PairingRow>,
    /// Where the open request is.
    pub request: Option<String>,
}

/// The one next step.
pub(super) struct Step {
    pub title: String,
    pub text: String,
    /// Where it is done, and what the button says; none: there is nothing to do but wait.
    pub action: Option<(String, String)>,
}

impl CoacheeView {
    pub(super) fn of(found: CoacheeHome, names: Names) -> Self {
        let step = Step::of(&found, names);
        let mut gaps = found.profile.as_ref().map(|profile| rows(profile, names)).unwrap_or_default();
        gaps.retain(|row| row.gap > 0);
        gaps.sort_by_key(|row| std::cmp::Reverse(row.gap));
        gaps.truncate(GAPS);
        Self {
            step,
            gaps,
            pairings: found
                .pairings
                .iter()
                .map(|shown| PairingRow::of(shown, Side::Coachee, &found.coming, names, found.zone))
                .collect(),
            request: found.request.map(|whole| format!("/requests/{}", whole.shown.request.id)),
        }
    }
}

impl Step {
    /// What is asked of the coachee comes first, then what is under way, then what may be begun.
    fn of(found: &CoacheeHome, names: Names) -> Self {
        let step = |key: &str, values: &[(&str, &str)], address: Option<String>| Self {
            title: names.lang.fill(&format!("pages.step.{key}.title"), values),
            text: names.lang.fill(&format!("pages.step.{key}.text"), values),
            action: address.map(|address| (address, names.lang.fill(&format!("pages.step.{key}.action"), values))),
        };
        let request = found.request.as_ref();
        let asked = request.and_then(|whole| {
            let open = |asked: &&crate::services::questions::Asked| {
                asked.question.asked_by.0 == Side::Coach && asked.question.answer.is_none()
            };
            whole.questions.iter().find(open)
        });
        if let Some(asked) = asked {
            let coach = asked.coach.name.to_string();
            return step("question", &[("coach", &coach)], Some(format!("/questions/{}", asked.question.id)));
        }
        let live = |status: OfferStatus| {
            let fits = |shown: &&OfferShown| shown.offer.status.0 == status && shown.offer.deadline > found.now;
            request.and_then(|whole| whole.offers.iter().find(fits))
        };
        for (status, key) in [(OfferStatus::Proposed, "proposal"), (OfferStatus::Pending, "waiting_answer")] {
            if let Some(shown) = live(status) {
                let coach = shown.coach.name.to_string();
                let deadline = names.lang.moment_in(shown.offer.deadline.time(), found.zone);
                let address = match status {
                    OfferStatus::Proposed => format!("/offers/{}", shown.offer.id),
                    _ => format!("/requests/{}", shown.request.request.id),
                };
                return step(key, &[("coach", &coach), ("deadline", &deadline)], Some(address));
            }
        }
        if let Some(shown) = found.pairings.first() {
            let (id, coach) = (shown.pairing.id, shown.coach.name.to_string());
            if shown.pairing.coachee_signed_at.is_none() {
                return step("agreement", &[("coach", &coach)], Some(format!("/pairings/{id}#agreement")));
            }
            let Some((_, coming)) = found.coming.iter().find(|(of, _)| *of == id) else {
                return step("plan", &[("coach", &coach)], Some(format!("/pairings/{id}/sessions/new")));
            };
            let text = |part: &str| coming.text(part, &coach, names.lang);
            let action = Some((coming.address(), text("action")));
            return Self { title: text("title"), text: text("text"), action };
        }
        match request {
            Some(whole) => step("choose", &[], Some(format!("/requests/{}/coaches", whole.shown.request.id))),
            None if found.may_ask => step("ask", &[], Some("/requests/new".into())),
            None => step("closed", &[], None),
        }
    }
}
