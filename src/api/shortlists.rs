//! The shortlist of a request.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::coaches::CoachBody;
use super::explained::{ComponentBody, explained};
use super::respond::tagged;
use crate::error::{AppError, Problem};
use crate::face::{Desk, Params, Reader, SignedIn};
use crate::i18n::Names;
use crate::matching::explain::WaitingReason;
use crate::services::directory::Coach;
use crate::services::disclosures::Look;
use crate::services::pool::Pools;
use crate::services::shortlist::{self, Shortlist, Suggestion};
use crate::services::{Act, Context, ServiceError};
use crate::store::{Db, RequestId};

/// Entries of a shortlist when nothing is said: more than a person compares.
const USUAL: i64 = 10;
/// Most entries of a shortlist.
const MOST: i64 = 50;

/// The coaches that fit a request best.
#[derive(Serialize, ToSchema)]
pub(super) struct ShortlistBody {
    /// The coaches, the best first.
    items: Vec<SuggestionBody>,
    /// Why there is none; null when there is one.
    none: Option<NoneBody>,
}

/// A coach who fits, and why.
#[derive(Serialize, ToSchema)]
pub(super) struct SuggestionBody {
    /// The score, 1 to 255; the points of the explanation add up to it.
    #[schema(minimum = 1, maximum = 255, example = 172)]
    score: u8,
    /// The score in percent of the best that can be reached.
    #[schema(minimum = 0, maximum = 100, example = 67)]
    percent: u8,
    /// The coach.
    #[schema(value_type = CoachBody)]
    coach: Shown,
    /// Why this score, one entry per component.
    explanation: Vec<ComponentBody>,
}

/// A coach as kept in memory, written without a copy.
struct Shown(Arc<Coach>);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        CoachBody::from(&*self.0).serialize(serializer)
    }
}

/// Why nobody is suggested.
#[derive(Serialize, ToSchema)]
pub(super) struct NoneBody {
    /// `not_assessed`, `no_gap` or `no_eligible_coach`.
    #[schema(example = "no_eligible_coach")]
    reason: &'static str,
    /// The reason in a sentence, in the reader's language.
    sentence: String,
    /// What the coachee can do, in the reader's language.
    hint: String,
}

/// Shows the coaches that fit an open request best, each with the reasons; to the coachee, and to the admins
/// responsible. Only coaches whom no rule forbids are shown, and nobody of an earlier pair. The list is that of
/// this moment: a coach who pauses or is full is not on the next one.
#[utoipa::path(
    tag = "requests",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, format = Uuid, description = "The request"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 50, description = "Most coaches wanted; 10 by default"),
    ),
    responses(
        (status = 200, description = "The coaches, the best first", body = ShortlistBody,
            headers(("ETag" = String, description = "Tag of this state"))),
        (status = 304, description = "Still as the tag in If-None-Match says"),
        (status = 403, description = "Not the coachee's own, and not of the caller's agency", body = Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "No such request", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The request is not open", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Wrong parameters", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too busy, or the coaches are still being read into memory", body = Problem,
            content_type = "application/problem+json"),
    )
)]
#[get("/requests/{id}/shortlist")]
pub(super) async fn show(
    desk: Data<Desk>,
    pools: Data<Pools>,
    caller: SignedIn,
    reader: Reader,
    mut params: Params,
    id: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let id: RequestId = id.parse().map_err(|_| AppError::NotFound)?;
    let limit = params.number("limit", 1..=MOST, "shortlist.limit").unwrap_or(USUAL);
    params.finish()?;
    let look = Look::at(&caller, "shortlists").of(id.uuid());
    let most = usize::try_from(limit).map_err(AppError::internal)?;
    // Written where what it is made of is at hand.
    let written = move |list| {
        serde_json::to_vec(&ShortlistBody::of(list, reader)).map_err(|why| ServiceError::Internal(why.to_string()))
    };
    let at_hand = if look.is_noted() {
        None
    } else {
        let (caller, pools) = (caller.clone(), pools.clone());
        let list = move |db: &mut Db, now| {
            let list = shortlist::at_hand(db, &pools, &Act::of(&caller, now, None), id, most)?;
            list.map(written).transpose()
        };
        desk.glance(list).await?
    };
    let list = move |cx: &Context| {
        let list = shortlist::shortlist(cx.store, &pools, &Act::of(&caller, cx.now, None), id, most)?;
        look.note(cx, list.coaches.len())?;
        written(list)
    };
    let body = match at_hand {
        Some(body) => body,
        None => desk.ask(list).await?,
    };
    Ok(tagged(&request, reader.lang, "application/json", body))
}

impl ShortlistBody {
    fn of(list: Shortlist, reader: Reader) -> Self {
        let names = Names { lang: reader.lang, reference: &list.reference };
        Self {
            items: list.coaches.into_iter().map(|suggestion| SuggestionBody::of(suggestion, names)).collect(),
            none: list.none.map(|reason| NoneBody::of(reason, names)),
        }
    }
}

impl SuggestionBody {
    fn of(suggestion: Suggestion, names: Names) -> Self {
        let Suggestion { coach, percent, explanation } = suggestion;
        Self { score: explanation.score, percent, coach: Shown(coach), explanation: explained(explanation, names) }
    }
}

impl NoneBody {
    fn of(reason: WaitingReason, names: Names) -> Self {
        let lang = names.lang;
        Self {
            reason: reason.as_str(),
            sentence: lang.tr(&format!("waiting.{reason}.reason")).into_owned(),
            hint: lang.tr(&format!("shortlist.hint.{reason}")).into_owned(),
        }
    }
}
