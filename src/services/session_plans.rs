//! Plans: all sessions of a pairing proposed in one step, at even distances.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

use super::sessions::{self, Wish};
use super::slots::{Rules, Times};
use super::{Act, Denial, Refusal, ServiceResult};
use crate::domain::slots::SessionMinutes;
use crate::domain::{Mode, Notice, Quarter, Zone};
use crate::store::sessions::{Session, of_pairing};
use crate::store::{Db, PairingId, calendars, pairings};

/// Sessions of a plan where neither the agreement nor the wish says how many.
pub const USUAL_SESSIONS: u8 = 6;
/// Minutes of a session where nobody says.
pub const USUAL_MINUTES: u16 = 60;
/// Days from one session to the next where nobody says.
pub const USUAL_DAYS: u8 = 14;
/// How late a session may come after its day, in days, so that a week of holidays stops no plan.
const SLACK_DAYS: u16 = 10;

/// What a plan is to be like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The time of the first; the others are at the same time of day where they can. None: the day after tomorrow
    /// at ten by the clock of the coachee, or as near as can be.
    pub first: Option<DateTime<Utc>>,
    /// How many; none: what the agreement names and is not there yet, or [`USUAL_SESSIONS`].
    pub sessions: Option<u8>,
    /// Minutes of each.
    pub minutes: u16,
    /// Days from one to the next, 1 to 90.
    pub every_days: u8,
    /// How the two meet.
    pub mode: Mode,
    /// The address or the link.
    pub place: Option<String>,
}

/// Proposes all sessions of a pairing, by one side: each at the first free time on its day or after it that is
/// nearest to the hour of the first.
///
/// # Errors
/// When it is neither side, the pairing is over, or there are not enough free times.
pub fn propose(db: &mut Db, act: &Act, rules: &Rules, id: PairingId, plan: &Plan) -> ServiceResult<Vec<Session>> {
    if !(1..=90).contains(&plan.every_days) {
        return Err(Denial::fault("/every_days", "error.field.every_days").into());
    }
    if SessionMinutes::new(plan.minutes).is_none() {
        return Err(Denial::fault("/minutes", "error.field.session_minutes").into());
    }
    if plan.sessions.is_some_and(|number| !(1..=50).contains(&number)) {
        return Err(Denial::fault("/sessions", "error.field.plan_sessions").into());
    }
    act.record(db, "pairing", |db, journal| {
        let pairing = pairings::get(db, id)?;
        let side = sessions::active_side(act, &pairing)?;
        let zone = calendars::zone_of_coachee(db, pairing.coachee)?;
        let mut target = plan.first.unwrap_or_else(|| usual_first(zone, act.now.time()));
        let number = plan.sessions.map_or_else(|| missing(db, &pairing), |number| Ok(usize::from(number)))?;
        if number == 0 {
            return Err(Refusal::PlanComplete.into());
        }
        let mut planned = Vec::new();
        for _ in 0..number {
            let starts_at = near(db, rules, &pairing, target, act.now.time(), plan)?.ok_or(Refusal::NoSlots)?;
            let (mode, minutes, place) = (plan.mode, plan.minutes, plan.place.clone());
            let wish = Wish { starts_at, minutes, mode, place, anyway: false };
            let wish = Wish { place: sessions::checked(act, &wish)?, ..wish };
            planned.push(sessions::propose_one(db, act, journal, rules, &pairing, side, &wish)?);
            // From the day that was meant, not from where a holiday pushed it: the rhythm stays.
            target = target + Days::new(u64::from(plan.every_days));
        }
        journal.tell(Notice::SessionPlanProposed, pairing.person(side.other()), pairing.id.uuid())?;
        Ok(planned)
    })
}

/// The day after tomorrow at ten, by a clock: late enough to be read before.
fn usual_first(zone: Zone, now: DateTime<Utc>) -> DateTime<Utc> {
    let midnight = (zone.day(now) + Days::new(2)).and_time(NaiveTime::MIN).and_utc();
    midnight + TimeDelta::hours(10 - zone.hours_ahead())
}

/// How many sessions a pairing lacks to what was agreed.
fn missing(db: &mut Db, pairing: &pairings::Pairing) -> ServiceResult<usize> {
    let wanted = pairing.agreement().map_or(USUAL_SESSIONS, |agreement| agreement.sessions);
    let counts = |session: &&Session| {
        use crate::domain::SessionStatus::{Held, Proposed, Scheduled};
        matches!(session.status.0, Proposed | Scheduled | Held)
    };
    let there = of_pairing(db, pairing.id)?.iter().filter(counts).count();
    Ok(usize::from(wanted).saturating_sub(there))
}

/// The free time nearest to the hour that is meant, on the first day on or after the one that is meant that
/// has any. A time that was named is not to be earlier.
fn near(
    db: &mut Db,
    rules: &Rules,
    pairing: &pairings::Pairing,
    target: DateTime<Utc>,
    now: DateTime<Utc>,
    plan: &Plan,
) -> ServiceResult<Option<DateTime<Utc>>> {
    // From midnight of that day on the clock of the coachee: an earlier hour of the day is nearer than a later day.
    let times = Times::of(db, rules, pairing, target - TimeDelta::days(1), SLACK_DAYS + 2, None)?;
    let ahead = TimeDelta::hours(times.zone().hours_ahead());
    let midnight = times.zone().day(target).and_time(NaiveTime::MIN).and_utc() - ahead;
    let free = times.pair().free(midnight, SLACK_DAYS, plan.minutes, usize::MAX);
    let earliest = if plan.first == Some(target) { target } else { now };
    let free: Vec<DateTime<Utc>> = free.into_iter().map(Quarter::time).filter(|time| *time >= earliest).collect();
    let Some(first) = free.first() else { return Ok(None) };
    let day = times.zone().day(*first);
    let hour = (target + ahead).time();
    let of_day = free.iter().copied().filter(|time| times.zone().day(*time) == day);
    Ok(of_day.min_by_key(|time| ((*time + ahead).time() - hour).abs()))
}
