//! A small programme on a database: coachees e0, e1, … with open requests, coaches c0, c1, …
//! whom every one of them may have, and a clock that only the test moves.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{Duration, TimeDelta};
use coachnet::domain::records::{AssessmentRecord, CoachRecord, CoacheeRecord, CohortRecords};
use coachnet::domain::{AssessmentMethod, DeclineReason, EndReason, Level, PersonCode, Role, Tier};
use coachnet::services::limits::Daily;
use coachnet::services::pairings::{End, Unreported};
use coachnet::services::{
    Act, Actor, Caller, Refusal, ServiceError, ServiceResult, doctor, offers, pairings, requests,
};
use coachnet::store::accounts::Grant;
use coachnet::store::cohorts::Cohort;
use coachnet::store::offers::Offer;
use coachnet::store::pairings::{Evaluation, Pairing};
use coachnet::store::places::Room;
use coachnet::store::requests::Request;
use coachnet::store::types::Stamp;
use coachnet::store::{self, AccountId, CohortId, PersonId, RequestId, SignInId, Store, StoreError};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::people;

/// The programme.
pub struct Programme {
    pub store: Store,
    pub cohort: CohortId,
    pub coachees: Vec<PersonId>,
    pub coaches: Vec<PersonId>,
    minutes: AtomicI64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A coachee with gaps in everything.
fn coachee(at: usize) -> CoacheeRecord {
    let record = people::coachee(&format!("e{at}"));
    CoacheeRecord { tier: Tier::Administrator, choices: Vec::new(), waiting_rounds: 0, ..record }
}

/// A coach who is good at what they lack.
fn coach(at: usize, capacity: u16) -> CoachRecord {
    let record = people::coach(&format!("c{at}"));
    CoachRecord { capacity, load: 0, completed_pairs: 0, rating: None, wishes: Vec::new(), ..record }
}

/// The code of a coach.
pub fn code(at: usize) -> PersonCode {
    people::code(&format!("c{at}"))
}

/// The refusal that an act ended with.
pub fn refusal<T: std::fmt::Debug>(result: ServiceResult<T>) -> Refusal {
    match result {
        Err(ServiceError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

fn caller(person: Option<PersonId>, grants: Vec<Grant>) -> Caller {
    Caller { account: AccountId::new(), sign_in: SignInId::new(), person, grants, second_factor: true }
}

/// No bound to what is done in a day.
pub const MANY: Daily = Daily { questions: 1_000_000, choices: 1_000_000 };

/// Asks the rules about the coaches, then chooses them.
pub fn choose(store: &Store, act: &Act, request: RequestId, coaches: &[PersonCode]) -> ServiceResult<Offer> {
    let choice = store.snapshot(|db| requests::weigh(db, act, request, coaches))?;
    store.write(|db| requests::choose(db, act, &choice, MANY))
}

impl Programme {
    /// So many coachees, and coaches with so many places each.
    pub fn new(store: &Store, coachees: usize, coaches: usize, capacity: u16) -> Self {
        let cohort = people::new_cohort(store);
        Self::of(store, cohort, coachees, coaches, capacity)
    }

    /// The same on a database that has reference data, in a cohort of its own, 2026-c, that takes requests at any time.
    pub fn beside(store: &Store, coachees: usize, coaches: usize, capacity: u16) -> Self {
        let cohort = Cohort {
            id: CohortId::new(),
            code: "2026-c".into(),
            name: "Angkatan 2026 C".into(),
            opens_on: None,
            closes_on: None,
            created_at: people::moment(),
        };
        store.write(|db| store::cohorts::create(db, &cohort)).unwrap();
        Self::of(store, cohort.id, coachees, coaches, capacity)
    }

    fn of(store: &Store, cohort: CohortId, coachees: usize, coaches: usize, capacity: u16) -> Self {
        let lacking = |at: usize| AssessmentRecord {
            levels: ["M.01", "M.03"].map(|c| (c.parse().unwrap(), Level::new(1).unwrap())).into_iter().collect(),
            ..people::assessment(&format!("e{at}"), AssessmentMethod::Superior)
        };
        let records = CohortRecords {
            coachees: (0..coachees).map(coachee).collect(),
            assessments: (0..coachees).map(lacking).collect(),
            coaches: (0..coaches).map(|at| coach(at, capacity)).collect(),
            ..CohortRecords::default()
        };
        store.write(|db| store::records::save(db, cohort, &records, people::moment())).unwrap();
        let ids = |kind: &str, number: usize| -> Vec<PersonId> {
            let codes: Vec<PersonCode> = (0..number).map(|at| people::code(&format!("{kind}{at}"))).collect();
            let found = store.read(|db| store::people::ids(db, &codes)).unwrap();
            codes.iter().map(|code| found[code]).collect()
        };
        Self {
            store: store.clone(),
            cohort,
            coachees: ids("e", coachees),
            coaches: ids("c", coaches),
            minutes: AtomicI64::new(0),
        }
    }

    /// What the clock shows.
    pub fn now(&self) -> Stamp {
        Stamp::new(people::moment().time() + TimeDelta::minutes(self.minutes.load(Ordering::SeqCst)))
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.minutes.fetch_add(time.num_minutes(), Ordering::SeqCst);
    }

    pub fn act(&self, actor: Actor) -> Act {
        Act::new(actor, self.now())
    }

    pub fn as_coachee(&self, at: usize) -> Act {
        self.as_person(self.coachees[at])
    }

    pub fn as_coach(&self, at: usize) -> Act {
        self.as_person(self.coaches[at])
    }

    pub fn as_person(&self, person: PersonId) -> Act {
        self.act(Actor::Caller(caller(Some(person), Vec::new())))
    }

    /// An admin of all, who is nobody in the records.
    pub fn as_national_admin(&self) -> Act {
        self.act(Actor::Caller(caller(None, vec![Grant { role: Role::NationalAdmin, agency: None }])))
    }

    pub fn as_admin(&self) -> Act {
        self.act(Actor::System("test"))
    }

    /// The live request of a coachee.
    pub fn request(&self, coachee: usize) -> Request {
        let coachee = self.coachees[coachee];
        let found = self.store.read(|db| store::requests::live(db, self.cohort, coachee)).unwrap();
        self.request_with(found.expect("a live request"))
    }

    pub fn request_with(&self, id: RequestId) -> Request {
        self.store.read(|db| store::requests::get(db, id)).unwrap()
    }

    /// All offers of a request, the oldest first.
    pub fn offers_of(&self, request: &Request) -> Vec<Offer> {
        self.store.read(|db| store::offers::of_request(db, request.id)).unwrap()
    }

    /// The offers that wait for a coach's answer.
    pub fn pending(&self, coach: usize) -> Vec<Offer> {
        self.store.read(|db| store::offers::pending_of_coach(db, self.coaches[coach])).unwrap()
    }

    pub fn room(&self, coach: usize) -> Room {
        self.store.read(|db| store::places::get(db, self.coaches[coach])).unwrap()
    }

    /// The coachee chooses coaches.
    pub fn choose(&self, coachee: usize, coaches: &[usize]) -> ServiceResult<Offer> {
        let codes: Vec<PersonCode> = coaches.iter().map(|&at| code(at)).collect();
        choose(&self.store, &self.as_coachee(coachee), self.request(coachee).id, &codes)
    }

    /// The coach of an offer accepts it.
    pub fn accept(&self, offer: &Offer) -> ServiceResult<Pairing> {
        self.store.write(|db| offers::accept(db, &self.as_person(offer.coach), offer.id))
    }

    /// The coach of an offer declines it.
    pub fn decline(&self, offer: &Offer) -> ServiceResult<Offer> {
        let act = self.as_person(offer.coach);
        self.store.write(|db| offers::decline(db, &act, offer.id, DeclineReason::NoTime, None))
    }

    /// A coachee and a coach become a pair.
    pub fn pair(&self, coachee: usize, coach: usize) -> Pairing {
        self.accept(&self.choose(coachee, &[coach]).unwrap()).unwrap()
    }

    /// The coachee breaks a pairing off.
    pub fn end(&self, pairing: &Pairing) -> ServiceResult<Pairing> {
        let how = End { reason: EndReason::NoFit, no_fault: true, note: None };
        self.store.write(|db| pairings::end(db, &self.as_person(pairing.coachee), pairing.id, &how))
    }

    /// The coachee completes a pairing, whatever was left unsaid of its sessions.
    pub fn complete(&self, pairing: &Pairing) -> ServiceResult<Pairing> {
        let says = Evaluation { rating: 5, comment: None };
        self.store
            .write(|db| pairings::complete(db, &self.as_person(pairing.coachee), pairing.id, &says, Unreported::Leave))
    }

    /// Lets overdue offers expire.
    pub fn expire(&self) -> usize {
        offers::expire_due(&self.store, &self.as_admin()).unwrap()
    }

    /// Fails unless all invariants hold.
    pub fn must_be_well(&self) {
        let findings = doctor::check(&self.store, self.now()).unwrap();
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// How many messages of a kind were queued.
    pub fn told(&self, kind: &str) -> i64 {
        self.count("SELECT kind AS name, count(*) AS number FROM outbox GROUP BY kind", kind)
    }

    /// How many audit entries of an action there are.
    pub fn audited(&self, action: &str) -> i64 {
        self.count("SELECT action AS name, count(*) AS number FROM audit GROUP BY action", action)
    }

    /// The number of the row with a name.
    pub fn count(&self, query: &str, name: &str) -> i64 {
        let rows: Vec<Counted> = self.store.read(|db| Ok::<_, StoreError>(diesel::sql_query(query).load(db)?)).unwrap();
        rows.into_iter().find(|row| row.name == name).map_or(0, |row| row.number)
    }

    /// Writes past all services, as only a test may.
    pub fn tamper(&self, sql: &str) {
        self.store.write(|db| Ok::<_, StoreError>(db.batch_execute(sql)?)).unwrap();
    }
}
