//! What a coach finds at home: offers by deadline, pairings, the load.

use super::coming::{Coming, ComingRow};
use crate::domain::{OfferStatus, PairingStatus, Side, Zone};
use crate::i18n::Names;
use crate::services::pairings::{self, Wanted};
use crate::services::shown::{OfferShown, PairingShown};
use crate::services::{Act, ServiceResult, coaches, offers, zones};
use crate::store::places::Room;
use crate::store::types::Stamp;
use crate::store::{Db, OfferId, PairingId};

/// Offers and pairings shown at most.
const SHOWN: i64 = 50;

/// What is read for a coach.
pub(super) struct CoachHome {
    offers: Vec<OfferShown>,
    pairings: Vec<PairingShown>,
    coming: Vec<(PairingId, Coming)>,
    room: Room,
    zone: Zone,
    now: Stamp,
}

impl CoachHome {
    pub(super) fn read(db: &mut Db, act: &Act) -> ServiceResult<Self> {
        let crate::services::Actor::Caller(caller) = &act.actor else {
            return Err(crate::services::ServiceError::Forbidden);
        };
        let room = coaches::room(db, act, caller.person()?)?;
        let mut waiting = offers::of_coach(db, act, Some(OfferStatus::Pending), None, SHOWN)?;
        waiting.retain(|shown| shown.offer.deadline > act.now);
        waiting.sort_by_key(|shown| shown.offer.deadline);
        let pairings = active(db, act, Side::Coach)?;
        let (coming, zone) = (Coming::all(db, act)?, zones::of_reader(db, act, Some(Side::Coach))?);
        Ok(Self { offers: waiting, pairings, coming, room, zone, now: act.now })
    }
}

/// The active pairings of whoever acts, on one side.
pub(super) fn active(db: &mut Db, act: &Act, side: Side) -> ServiceResult<Vec<PairingShown>> {
    let wanted = Wanted { status: Some(PairingStatus::Active), ..Wanted::default() };
    let mut found = pairings::own(db, act, &wanted, None, SHOWN)?;
    found.retain(|shown| act.is(shown.pairing.person(side)));
    Ok(found)
}

/// The same in words.
pub(super) struct CoachView {
    pub offers: Vec<OfferRow>,
    pub pairings: Vec<PairingRow>,
    pub load: String,
    pub bar: String,
    pub accepting: bool,
    /// That the coach has paused, and until when.
    pub paused: String,
    pub version: i32,
}

/// An offer that waits.
pub(super) struct OfferRow {
    pub id: OfferId,
    pub who: String,
    pub focus: String,
    pub deadline: String,
    /// That less than a day is left.
    pub soon: bool,
}

/// A pairing.
pub(super) struct PairingRow {
    pub id: PairingId,
    pub who: String,
    pub since: String,
    /// Whether the reader has yet to sign the agreement.
    pub unsigned: bool,
    /// The next session.
    pub coming: Option<ComingRow>,
}

impl PairingRow {
    pub(super) fn of(
        shown: &PairingShown,
        side: Side,
        coming: &[(PairingId, Coming)],
        names: Names,
        zone: Zone,
    ) -> Self {
        let pairing = &shown.pairing;
        let (other, signed) = match side {
            Side::Coach => (&shown.coachee, pairing.coach_signed_at),
            Side::Coachee => (&shown.coach, pairing.coachee_signed_at),
        };
        Self {
            id: pairing.id,
            who: other.name.to_string(),
            since: names.lang.day_in(pairing.started_at.time(), zone),
            unsigned: signed.is_none(),
            coming: coming
                .iter()
                .find(|(id, _)| *id == pairing.id)
                .map(|(_, coming)| ComingRow::of(coming, names.lang)),
        }
    }
}

impl CoachView {
    pub(super) fn of(found: CoachHome, names: Names) -> Self {
        let CoachHome { offers, pairings, coming, room, zone, now } = found;
        let lang = names.lang;
        let offer = |shown: &OfferShown| {
            let focus: Vec<String> = shown.request.focus.iter().map(|code| names.competency(code)).collect();
            OfferRow {
                id: shown.offer.id,
                who: shown.request.coachee.name.to_string(),
                focus: if focus.is_empty() { lang.tr("pages.largest_gaps").into_owned() } else { focus.join(", ") },
                deadline: lang.moment_in(shown.offer.deadline.time(), zone),
                soon: shown.offer.deadline.time() - now.time() < chrono::TimeDelta::days(1),
            }
        };
        let taken = room.load + room.held;
        let numbers = [("taken", lang.number(taken.into())), ("capacity", lang.number(room.capacity.into()))];
        let numbers: Vec<(&str, &str)> = numbers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Self {
            offers: offers.iter().map(offer).collect(),
            pairings: pairings.iter().map(|shown| PairingRow::of(shown, Side::Coach, &coming, names, zone)).collect(),
            load: lang.fill("pages.coach_home.load", &numbers),
            bar: super::charts::bar(taken.into(), room.capacity.into()),
            accepting: room.accepting,
            paused: match room.paused_until {
                Some(until) => lang.fill("pages.coach_home.paused_until", &[("day", &lang.date(until.0))]),
                None => lang.tr("pages.coach_home.paused").into_owned(),
            },
            version: room.version,
        }
    }
}
