//! What digests say: to coaches what their week brings, to whoever runs the programme what stands still.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;

use super::{Draft, NoticeData, Sources, UNWANTED, broken};
use crate::domain::{AccountStatus, AgencyCode, Job, MailClass, Notice, Patience, Role, StuckKind};
use crate::i18n::Lang;
use crate::mail::{Facts, TROUBLE};
use crate::services::{ServiceResult, jobs};
use crate::store::delivery::{self, Claimed};
use crate::store::letters::Addressee;
use crate::store::mail_preferences::{self, Reader};
use crate::store::monitoring::Scope;
use crate::store::monitoring::stuck::{Part, still};
use crate::store::notices::{self, AdminAccount};
use crate::store::session_letters::{self, OfWeek, Waiting};
use crate::store::types::Stamp;
use crate::store::{AccountId, Db, PersonId, runs};

/// How many of each way of standing still are counted.
const MOST_COUNTED: i64 = 1000;
/// Most lines of offers, of proposed times, and of sessions.
const MOST_NAMED: usize = 15;
/// What a week has.
const WEEK: TimeDelta = TimeDelta::days(7);
/// From one digest of the service to the next.
const DAY: TimeDelta = TimeDelta::days(1);

/// What the digests of a batch are made of.
#[derive(Default)]
pub(super) struct Digests {
    waiting: Vec<Waiting>,
    proposals: Vec<OfWeek>,
    week: Vec<OfWeek>,
    loads: HashMap<PersonId, (i32, i32)>,
    admins: HashMap<AccountId, AdminAccount>,
    unwilling: HashSet<Reader>,
    stuck: HashMap<Option<AgencyCode>, Vec<(StuckKind, i64)>>,
    dead: i64,
    service: Service,
}

/// What is wrong with the service itself.
#[derive(Default)]
struct Service {
    /// Jobs in the background that fail or are late.
    jobs: Vec<Job>,
    /// For how many hours mail waits that should have gone out; zero: not for long.
    mail_hours: i64,
    /// Runs that were given up since the digest before.
    failed_runs: i64,
}

impl Service {
    fn load(db: &mut Db, now: Stamp) -> ServiceResult<Self> {
        let wrong = jobs::watched(db, now)?.into_iter().filter(jobs::Watched::is_wrong);
        let overdue = i64::try_from(jobs::outbox(db, now)?.overdue.as_secs()).unwrap_or(i64::MAX);
        Ok(Self {
            jobs: wrong.map(|watched| watched.job).collect(),
            mail_hours: overdue / TimeDelta::hours(1).num_seconds(),
            failed_runs: runs::failed_since(db, Stamp::new(now.time() - DAY))?,
        })
    }

    /// How many things are wrong.
    fn count(&self) -> i64 {
        count(self.jobs.len()) + i64::from(self.mail_hours > 0) + self.failed_runs
    }

    fn items(&self, lang: Lang) -> Vec<(String, String)> {
        let label = |word: &str| lang.tr(&format!("mail.detail.{word}")).into_owned();
        let jobs = self.jobs.iter().map(|job| (label("job_wrong"), lang.tr(&format!("jobs.title.{job}")).into_owned()));
        let mut items: Vec<_> = jobs.collect();
        if self.mail_hours > 0 {
            let hours = lang.fill("mail.detail.hours", &[("hours", &lang.number(self.mail_hours))]);
            items.push((label("mail_overdue"), hours));
        }
        if self.failed_runs > 0 {
            items.push((label("failed_runs"), lang.number(self.failed_runs)));
        }
        items
    }
}

impl Digests {
    /// Reads what the digests of a batch are made of; nothing, when there are none.
    pub(super) fn load(db: &mut Db, patience: Patience, batch: &[Claimed], now: Stamp) -> ServiceResult<Self> {
        let of = |kind: Notice| batch.iter().filter(move |message| message.kind == kind.as_str());
        let coaches: Vec<PersonId> = of(Notice::CoachDigest).filter_map(|message| message.person).collect();
        let accounts: Vec<AccountId> = of(Notice::AdminDigest)
            .filter_map(|message| Some(message.data.read::<NoticeData>().ok()?.about.into()))
            .collect();
        let mut digests = Self::default();
        if !coaches.is_empty() {
            let until = Stamp::new(now.time() + WEEK);
            digests.waiting = session_letters::waiting(db, &coaches)?;
            digests.proposals = session_letters::proposals(db, &coaches, now)?;
            digests.week = session_letters::of_week(db, &coaches, now, until)?;
            digests.loads = session_letters::loads(db, &coaches)?;
        }
        if !accounts.is_empty() {
            digests.admins = notices::admins(db, Some(&accounts))?.into_iter().map(|one| (one.account, one)).collect();
            let readers: Vec<Reader> = digests.admins.values().map(AdminAccount::reader).collect();
            digests.unwilling = mail_preferences::unwilling(db, &readers, MailClass::Digests)?;
            digests.dead = delivery::dead_count(db)?;
            digests.service = Service::load(db, now)?;
            let scopes: Vec<Option<AgencyCode>> = digests.admins.values().map(AdminAccount::scope).collect();
            for agency in scopes {
                if let Entry::Vacant(missing) = digests.stuck.entry(agency) {
                    let counts = stuck(db, patience, missing.key().clone(), now)?;
                    missing.insert(counts);
                }
            }
        }
        Ok(digests)
    }

    /// The people whom digests name, besides their readers.
    pub(super) fn people(&self) -> impl Iterator<Item = PersonId> {
        let sessions = self.proposals.iter().chain(&self.week).map(|one| one.coachee);
        self.waiting.iter().map(|one| one.coachee).chain(sessions)
    }

    /// The week of a coach.
    pub(super) fn coach(&self, sources: &Sources, coach: PersonId, lang: Lang, facts: Facts) -> Result<Facts, Draft> {
        let zone = facts.zone.unwrap_or(super::USUAL_ZONE);
        let name = |person: &PersonId, of: fn(&Addressee) -> String| {
            sources.addressees.get(person).map(of).unwrap_or_default()
        };
        let waiting: Vec<&Waiting> = self.waiting.iter().filter(|one| one.coach == coach).collect();
        let own = |all: &[OfWeek]| -> Vec<OfWeek> { all.iter().filter(|one| one.coach == coach).cloned().collect() };
        let (proposals, week) = (own(&self.proposals), own(&self.week));
        if waiting.is_empty() && proposals.is_empty() && week.is_empty() {
            return Err(Draft::Overtaken("there is nothing to say of this week"));
        }
        let mut items = Vec::new();
        for offer in waiting.iter().take(MOST_NAMED) {
            // Who the coachee is, a coach learns by accepting.
            let who = name(&offer.coachee, |other| other.name.initials());
            let label = lang.fill("mail.detail.offer_of", &[("who", &who)]);
            let value = lang.fill("mail.detail.until", &[("time", &lang.moment_in(offer.deadline.time(), zone))]);
            items.push((label, value));
        }
        for (key, sessions) in [("mail.detail.time_of", &proposals), ("mail.detail.session_with", &week)] {
            for session in sessions.iter().take(MOST_NAMED) {
                let who = name(&session.coachee, |other| other.name.full.clone());
                items.push((lang.fill(key, &[("who", &who)]), lang.moment_in(session.starts_at.time(), zone)));
            }
        }
        if let Some((taken, capacity)) = self.loads.get(&coach) {
            let places = [("taken", taken.to_string()), ("capacity", capacity.to_string())];
            let places: Vec<(&str, &str)> = places.iter().map(|(name, number)| (*name, number.as_str())).collect();
            items.push((lang.tr("mail.detail.load").into_owned(), lang.fill("mail.detail.load_of", &places)));
        }
        let figures = vec![("waiting", count(waiting.len() + proposals.len())), ("sessions", count(week.len()))];
        Ok(Facts { items, figures, ..facts })
    }

    /// Whose wishes about mail count for the digest of an account.
    pub(super) fn reader(&self, account: AccountId) -> Option<Reader> {
        self.admins.get(&account).map(AdminAccount::reader)
    }

    /// What stands still, for an account that runs the programme.
    pub(super) fn admin(&self, account: AccountId, lang: Lang) -> Result<Facts, Draft> {
        let admin = self.admins.get(&account).ok_or_else(broken)?;
        if admin.status != AccountStatus::Active {
            return Err(Draft::Overtaken("the account is closed"));
        }
        if self.unwilling.contains(&admin.reader()) {
            return Err(Draft::Overtaken(UNWANTED));
        }
        let counts = self.stuck.get(&admin.scope()).ok_or_else(broken)?;
        // Mail and the service are the affair of whoever runs all of it.
        let national = admin.role == Role::NationalAdmin;
        let dead = if national { self.dead } else { 0 };
        let trouble = if national { self.service.count() } else { 0 };
        let stuck: i64 = counts.iter().map(|(_, number)| *number).sum();
        if stuck + dead + trouble == 0 {
            return Err(Draft::Overtaken("nothing stands still"));
        }
        let number = |number: i64| {
            let text = lang.number(number);
            if number >= MOST_COUNTED { format!("{text}+") } else { text }
        };
        let lines = counts.iter().filter(|(_, found)| *found > 0);
        let mut items: Vec<(String, String)> =
            lines.map(|(kind, found)| (lang.tr(&format!("mail.stuck.{kind}")).into_owned(), number(*found))).collect();
        if dead > 0 {
            items.push((lang.tr("mail.detail.dead").into_owned(), number(dead)));
        }
        if national {
            items.extend(self.service.items(lang));
        }
        Ok(Facts {
            name: Some(admin.name.clone()),
            items,
            figures: vec![("stuck", stuck), ("dead", dead), (TROUBLE, trouble)],
            ..Facts::default()
        })
    }
}

fn stuck(
    db: &mut Db,
    patience: Patience,
    agency: Option<AgencyCode>,
    now: Stamp,
) -> ServiceResult<Vec<(StuckKind, i64)>> {
    let scope = Scope { agency, ..Scope::default() };
    let mut counts = Vec::new();
    for &kind in StuckKind::ALL {
        let until = Stamp::new(now.time() - TimeDelta::days(patience.days(kind)));
        let part = Part { until, after: None, limit: MOST_COUNTED };
        counts.push((kind, count(still(db, &scope, kind, part)?.len())));
    }
    Ok(counts)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
