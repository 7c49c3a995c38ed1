//! A story that leaves something of a person in every table.

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::store::{AccountId, PersonId};
use serde_json::json;

use super::execute;
use crate::support::TestDb;
use crate::support::programme::Programme;
use crate::support::world::{PASSWORD, Visitor, World};

/// A programme in which something of everything has happened to the coachee e0 and the coach c0.
pub(super) struct Story<'a> {
    world: &'a World,
    pub(super) programme: Programme,
}

pub(super) const TALE: &str = "CANARY in own words";

impl<'a> Story<'a> {
    pub(super) fn new(world: &'a World, db: &TestDb) -> Self {
        let programme = Programme::beside(&world.store, 3, 3, 3);
        let story = Self { world, programme };
        for (code, person) in [("e0", story.programme.coachees[0]), ("c0", story.programme.coaches[0])] {
            let number = if code == "e0" { "198503122010011777" } else { "198503122010011778" };
            let identity = coachnet::domain::Identity::parse(
                coachnet::domain::IdentityKind::Nip,
                number,
                crate::support::people::day(),
            );
            let identity = identity.unwrap();
            world.store.write(|db| coachnet::store::numbers::replace(db, person, &identity)).unwrap();
            let sql = format!(
                "UPDATE persons SET code = 'CANARY-{code}' WHERE code = '{code}'; \
                 UPDATE requirement_overrides SET person_code = 'CANARY-{code}' WHERE person_code = '{code}'; \
                 INSERT INTO requirement_overrides (id, scope, person_code, competency, level) \
                 VALUES ({}, 'person', 'CANARY-{code}', 'M.02', 4); \
                 INSERT INTO coach_wishes (coach, coachee_code) SELECT id, 'CANARY-{code}' FROM persons WHERE code = 'c1'",
                new_id(db)
            );
            execute(&world.store, &sql).unwrap();
        }
        story
    }

    fn account(&self, email: &str, role: Role, person: Option<PersonId>) -> AccountId {
        self.world.account_of(email, &[(role, None)], person)
    }

    /// Everything that can happen, with a tale in each text.
    pub(super) fn happens(&self, db: &TestDb) -> (AccountId, AccountId, AccountId) {
        let (world, p) = (self.world, &self.programme);
        let coachee_account = self.account("canary-e0@contoh.test", Role::Coachee, Some(p.coachees[0]));
        let coach_account = self.account("canary-c0@contoh.test", Role::Coach, Some(p.coaches[0]));
        let admin_account = self.account("admin@contoh.test", Role::NationalAdmin, None);
        let coachee = world.visitor(coachee_account, false).with("idempotency-key", "\"key-coachee\"");
        let plain = world.visitor(coachee_account, false);
        let coach = world.visitor(coach_account, false);
        let good = |answer: crate::support::site::Answer| {
            assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
            answer
        };
        // A request of the records is taken back, another is made by hand, chosen, asked about, accepted, completed.
        let before = p.request(0).id;
        good(plain.post(&format!("/requests/{before}/withdraw"), &json!({})));
        let wish = json!({ "cohort": "2026-c", "focus": ["M.01"], "motivation": TALE });
        let request = good(coachee.post("/requests", &wish)).json()["id"].as_str().unwrap().to_owned();
        let choice = json!({ "coaches": ["CANARY-c0", "c1"] });
        let offer = good(plain.post(&format!("/requests/{request}/choices"), &choice)).json();
        let question = json!({ "coach": "CANARY-c0", "question": TALE });
        let asked = good(coach.post(&format!("/requests/{request}/questions"), &question)).json();
        let answer = json!({ "answer": TALE });
        good(plain.post(&format!("/questions/{}/answer", asked["id"].as_str().unwrap()), &answer));
        let accept = format!("/offers/{}/accept", offer["id"].as_str().unwrap());
        let accepting = coach.clone().with("idempotency-key", "\"key-coach\"");
        let pairing = good(accepting.post(&accept, &json!({}))).json()["id"].as_str().unwrap().to_owned();
        let terms = json!({ "goals": TALE, "sessions": 6, "confidential": true });
        good(plain.post(&format!("/pairings/{pairing}/agreement"), &terms));
        good(coach.post(&format!("/pairings/{pairing}/agreement"), &terms));
        self.works(&pairing, &plain, &coach);
        let says = json!({ "rating": 5, "comment": TALE });
        good(plain.post(&format!("/pairings/{pairing}/complete"), &says));
        good(coach.post(&format!("/pairings/{pairing}/evaluations"), &says));
        // Another coachee is declined, and others go on working together.
        p.choose(1, &[1]).unwrap();
        let declined = p.pending(1).pop().unwrap();
        let act = p.as_person(declined.coach);
        let reason = coachnet::domain::DeclineReason::Other;
        world.store.write(|db| coachnet::services::offers::decline(db, &act, declined.id, reason, Some(TALE))).unwrap();
        // Around the accounts.
        for (account, email) in [(coachee_account, "canary-e0@contoh.test"), (coach_account, "canary-c0@contoh.test")] {
            world.hands.turn(TimeDelta::hours(1));
            let visitor = world.visitor(account, false);
            let change = json!({ "email": format!("new-{email}"), "password": PASSWORD });
            good(visitor.post("/me/email-changes", &change));
            good(visitor.post("/me/data/consents", &json!({ "purpose": "news", "given": true })));
            good(visitor.post("/me/data/corrections", &json!({ "wish": TALE, "reason": TALE })));
            good(world.stranger("203.0.113.9").post("/password-resets", &json!({ "email": email })));
        }
        let admin = world.visitor(admin_account, true);
        let queue = good(admin.get("/data-requests?status=open")).json();
        let first = queue["items"][0]["id"].as_str().unwrap().to_owned();
        good(admin.post(&format!("/data-requests/{first}/answer"), &json!({ "done": true, "answer": TALE })));
        self.rows_that_no_story_brings(db, coachee_account, coach_account);
        (coachee_account, coach_account, admin_account)
    }

    /// What a pair writes down: goals, things to do, something to read, a meeting that was called off.
    fn works(&self, pairing: &str, coachee: &Visitor, coach: &Visitor) {
        let good = |answer: crate::support::site::Answer| {
            assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
            answer
        };
        let goal = json!({ "goal": TALE, "reality": TALE, "options": TALE, "will": TALE });
        good(coachee.post(&format!("/pairings/{pairing}/goals"), &goal));
        let item = json!({ "owner": "coach", "what": TALE, "due_on": "2027-01-15" });
        good(coach.post(&format!("/pairings/{pairing}/action_items"), &item));
        let resource = json!({ "title": TALE, "url": "https://pustaka.contoh.test/rapat" });
        good(coach.post(&format!("/pairings/{pairing}/resources"), &resource));
        let starts_at = (self.world.hands.now() + TimeDelta::days(2)).format("%Y-%m-%dT02:00:00Z").to_string();
        let meeting = json!({ "starts_at": starts_at, "place": TALE, "anyway": true });
        let session = good(coach.post(&format!("/pairings/{pairing}/sessions"), &meeting)).json();
        let session = session["id"].as_str().unwrap();
        good(coachee.post(&format!("/sessions/{session}/cancel"), &json!({ "note": TALE })));
    }

    fn rows_that_no_story_brings(&self, db: &TestDb, coachee: AccountId, coach: AccountId) {
        let id = |id: uuid::Uuid| {
            if db.is_postgres() { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
        };
        let time = if db.is_postgres() { "'2026-11-22T03:00:00Z'" } else { "1795316645678901" };
        let p = &self.programme;
        let sets = [(coachee, p.coachees[0], "e0"), (coach, p.coaches[0], "c0")];
        for (account, person, name) in sets {
            let (account, person) = (id(account.uuid()), id(person.uuid()));
            let sql = format!(
                "INSERT INTO recovery_codes (account, code_digest) VALUES ({account}, 'digest-{name}'); \
                 INSERT INTO known_places (account, place, seen_at) VALUES ({account}, 'place', {time}); \
                 INSERT INTO invitations VALUES ({}, 'canary-invited-{name}@contoh.test', '{TALE}', 'id', 'auditor', NULL, \
                   {person}, 'accepted', 'digest-{name}', {account}, {time}, {time}); \
                 INSERT INTO sign_up_claims (id, person, email, language, status, created_at) VALUES ({}, {person}, \
                   'canary-claimed-{name}@contoh.test', 'id', 'pending', {time}); \
                 INSERT INTO coach_applications (id, account, source, certificate_number, agency, regency, motivation, \
                   status, reason, decided_at, created_at) VALUES ({}, {account}, 'pkn_1', '{TALE}', 'KEM-01', '31.71', \
                   '{TALE}', 'rejected', '{TALE}', {time}, {time});",
                new_id(db),
                new_id(db),
                new_id(db)
            );
            execute(&self.world.store, &sql).unwrap();
        }
        let sql = format!(
            "INSERT INTO session_feedback SELECT id, 'coachee', 4, 4, 4, '{TALE}', {time} FROM sessions; \
             INSERT INTO session_feedback SELECT id, 'coach', 4, 4, 4, '{TALE}', {time} FROM sessions; \
             INSERT INTO completion_certificates (id, pairing, number, code, name, sessions, jp, first_on, last_on, \
               issued_at, withdrawn_at, withdrawn_reason) \
             SELECT {}, id, '2026/1', 'CODE', '{TALE}', 6, 12, '2026-01-05', '2026-03-16', {time}, {time}, '{TALE}' \
             FROM pairings;",
            new_id(db)
        );
        execute(&self.world.store, &sql).unwrap();
    }
}

pub(super) fn new_id(db: &TestDb) -> String {
    if db.is_postgres() { "gen_random_uuid()".into() } else { "randomblob(16)".into() }
}
