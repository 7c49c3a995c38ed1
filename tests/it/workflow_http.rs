//! From a gap to a completed pairing over HTTP, by the roles of those who do it; who may see and do
//! what with things that are there; and many at once, in two processes.

use std::sync::Barrier;
use std::thread;

use coachnet::domain::Role;
use coachnet::services::doctor;
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_coachee_finds_a_coach,
    a_no_goes_to_the_next_choice,
    admins_see_their_own_people,
    an_admin_puts_and_reassigns,
    a_lost_race_is_told,
    what_cannot_be_kept_is_told,
    fifty_accept_three_places,
    the_same_key_accepts_once,
);

/// A programme of coachees e0, e1, … and coaches c0, c1, … whose people are signed in.
struct Stage<'a> {
    world: &'a World,
    programme: Programme,
}

impl<'a> Stage<'a> {
    fn new(world: &'a World, coachees: usize, coaches: usize, capacity: u16) -> Self {
        Self { world, programme: Programme::beside(&world.store, coachees, coaches, capacity) }
    }

    fn coachee(&self, at: usize) -> Visitor<'a> {
        let (email, person) = (format!("e{at}@contoh.test"), self.programme.coachees[at]);
        self.world.visitor(self.world.account_of(&email, &[(Role::Coachee, None)], Some(person)), false)
    }

    fn coach(&self, at: usize) -> Visitor<'a> {
        let (email, person) = (format!("c{at}@contoh.test"), self.programme.coaches[at]);
        self.world.visitor(self.world.account_of(&email, &[(Role::Coach, None)], Some(person)), false)
    }

    fn admin(&self, email: &str, role: Role, agency: Option<&str>) -> Visitor<'a> {
        self.world.visitor(self.world.account_of(email, &[(role, agency)], None), true)
    }

    /// The id of the open request that the records brought.
    fn request(&self, at: usize) -> String {
        self.programme.request(at).id.to_string()
    }

    fn choose(&self, visitor: &Visitor, request: &str, coaches: &[&str]) -> Value {
        let made = visitor.post(&format!("/requests/{request}/choices"), &json!({ "coaches": coaches }));
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()
    }

    fn must_be_well(&self) {
        let findings = doctor::check(&self.world.store, self.world.hands.stamp()).unwrap();
        assert!(findings.is_empty(), "{findings:#?}");
    }
}

fn id(body: &Value) -> &str {
    body["id"].as_str().expect("an id")
}

fn problem(answer: &crate::support::site::Answer) -> (u16, String) {
    let kind = answer.json()["type"].as_str().expect("a type").trim_start_matches("urn:coachnet:problem:").to_owned();
    (answer.status, kind)
}

fn a_coachee_finds_a_coach(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 2, 1);
    let (coachee, coach) = (stage.coachee(0), stage.coach(0));
    let profile = coachee.get("/me/profile").json();
    let first = profile["levels"].as_array().unwrap().iter().find(|row| row["competency"] == "M.01").unwrap().clone();
    assert_eq!((&first["assessed"], &first["method"]), (&json!(1), &json!("superior")));
    assert_eq!(first["gap"].as_i64(), first["required"].as_i64().map(|required| required - 1));
    assert!(profile["focus"].as_array().unwrap().contains(&json!("M.01")), "{profile}");

    // The request that the records brought is taken back, and another made by hand.
    let before = stage.request(0);
    let withdrawn = coachee.post(&format!("/requests/{before}/withdraw"), &json!({}));
    assert_eq!((withdrawn.status, &withdrawn.json()["status"]), (200, &json!("withdrawn")), "{}", withdrawn.body);
    let wish = json!({ "cohort": "2026-c", "focus": ["M.01"], "motivation": "Memimpin tim baru." });
    let asked = coachee.post("/requests", &wish);
    assert_eq!(asked.status, 201, "{}", asked.body);
    let request = asked.json();
    assert_eq!(asked.header("location"), format!("/api/v1/requests/{}", id(&request)));
    assert_eq!((&request["modes"], &request["languages"]), (&json!(["online"]), &json!(["id"])));
    assert_eq!((&request["standing"]["place"], &request["standing"]["waiting"]), (&json!(1), &json!(1)));
    assert_eq!(problem(&coachee.post("/requests", &wish)), (409, "request-exists".into()));
    assert_eq!(coachee.get("/me/requests?status=open").json()["items"].as_array().unwrap().len(), 1);

    let offer = stage.choose(&coachee, id(&request), &["c0", "c1"]);
    assert_eq!(
        (&offer["status"], &offer["place"], &offer["coach"]["code"]),
        (&json!("pending"), &json!(1), &json!("c0"))
    );

    let inbox = coach.get("/me/offers?status=pending").json();
    assert_eq!(inbox["items"].as_array().unwrap().len(), 1);
    assert!(!inbox.to_string().contains("@contoh.test"), "no address before the coach accepts");
    assert_eq!(inbox["items"][0]["request"]["coachee"]["name"], "C.E.", "nor a name");
    let whole = coach.get(&format!("/offers/{}", id(&offer)));
    assert_eq!(whole.header("etag"), "\"1\"");
    let whole = whole.json();
    assert_eq!((&whole["request"]["motivation"], &whole["agency"]), (&json!("Memimpin tim baru."), &json!("PROV-91")));
    assert_eq!(whole["gaps"][0]["competency"], "M.01");
    let points: i64 =
        whole["explanation"].as_array().unwrap().iter().map(|part| part["points"].as_i64().unwrap()).sum();
    assert_eq!(Some(points), whole["score"].as_i64());
    assert!(!whole.to_string().contains("@contoh.test") && !whole.to_string().contains("Coachee e0"), "{whole}");

    let question = json!({ "coach": "c0", "question": "Bisa sore hari?" });
    let asked = coach.post(&format!("/requests/{}/questions", id(&request)), &question);
    assert_eq!((asked.status, &asked.json()["asked_by"]), (201, &json!("coach")), "{}", asked.body);
    let answer = json!({ "answer": "Bisa." });
    let answered = coachee.post(&format!("/questions/{}/answer", id(&asked.json())), &answer);
    assert_eq!((answered.status, &answered.json()["answer"]), (200, &json!("Bisa.")), "{}", answered.body);
    assert_eq!(
        problem(&coachee.post(&format!("/questions/{}/answer", id(&asked.json())), &answer)),
        (409, "question-answered".into())
    );

    let accepted = coach.clone().with("if-match", "\"1\"").post(&format!("/offers/{}/accept", id(&offer)), &json!({}));
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    let pairing = accepted.json();
    assert_eq!(pairing["coachee"]["name"], "Dr. Coachee e0, S.E.");
    assert_eq!(pairing["coachee"]["email"], "e0@contoh.test", "they may reach each other now");
    assert_eq!(pairing["coach"]["email"], "c0@contoh.test", "the account knows what the records do not");
    let path = format!("/pairings/{}", id(&pairing));
    assert_eq!(coachee.get(&path).json()["status"], "active");
    assert_eq!(coachee.get("/me/pairings").json()["items"][0]["id"], pairing["id"]);
    assert_eq!(coachee.get(&format!("/requests/{}", id(&request))).json()["status"], "matched");

    let terms = json!({ "goals": "Memimpin rapat", "sessions": 6, "confidential": true });
    assert_eq!(coachee.post(&format!("{path}/agreement"), &terms).status, 200);
    let signed = coach.post(&format!("{path}/agreement"), &terms).json();
    assert!(signed["agreement"]["coachee_signed_at"].is_string() && signed["agreement"]["coach_signed_at"].is_string());
    let none = json!({ "goals": " ", "sessions": 6, "confidential": true });
    let wrong = coach.post(&format!("{path}/agreement"), &none);
    assert_eq!((wrong.status, &wrong.json()["errors"][0]["pointer"]), (422, &json!("#/goals")));

    let done = coachee.post(&format!("{path}/complete"), &json!({ "rating": 5, "comment": "Terima kasih." }));
    assert_eq!((done.status, &done.json()["status"]), (200, &json!("completed")), "{}", done.body);
    assert_eq!(coach.get(&path).json()["evaluations"], json!([]), "not before the coach has spoken");
    let both = coach.post(&format!("{path}/evaluations"), &json!({ "rating": 4 })).json();
    assert_eq!(both["evaluations"].as_array().unwrap().len(), 2);
    stage.must_be_well();
}

fn a_no_goes_to_the_next_choice(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 3, 1);
    let (coachee, first, second) = (stage.coachee(0), stage.coach(0), stage.coach(1));
    let request = stage.request(0);
    let offer = stage.choose(&coachee, &request, &["c0", "c1"]);
    let again = coachee.post(&format!("/requests/{request}/choices"), &json!({ "coaches": ["c2"] }));
    assert_eq!(problem(&again), (409, "offer-waits".into()));
    let path = format!("/offers/{}/decline", id(&offer));
    let wrong = first.post(&path, &json!({ "reason": "tired" }));
    assert_eq!((wrong.status, &wrong.json()["errors"][0]["pointer"]), (422, &json!("#/reason")));
    let no = first.post(&path, &json!({ "reason": "no_time", "note": "Sedang haji." }));
    assert_eq!((no.status, &no.json()["status"]), (200, &json!("declined")), "{}", no.body);
    // Why a coach said no is for the programme: the coachee is told that the next one is asked.
    let admin = stage.admin("n@contoh.test", Role::NationalAdmin, None);
    for path in [format!("/requests/{request}"), format!("/offers/{}", id(&offer))] {
        let (to_coachee, to_programme) = (coachee.get(&path), admin.get(&path));
        assert!(to_coachee.body.contains("declined"), "{}", to_coachee.body);
        assert!(!to_coachee.body.contains("haji") && !to_coachee.body.contains("no_time"), "{}", to_coachee.body);
        assert!(to_programme.body.contains("Sedang haji."), "{}", to_programme.body);
    }
    let next = second.get("/me/offers").json()["items"][0].clone();
    assert_eq!((&next["status"], &next["place"]), (&json!("pending"), &json!(2)));
    let ruled_out = coachee.post(&format!("/requests/{request}/choices"), &json!({ "coaches": ["c0"] }));
    let told = ruled_out.json();
    assert_eq!(problem(&ruled_out), (409, "ruled-out".into()), "{told}");
    assert!(told["detail"].as_str().unwrap().starts_with("c0: "), "{told}");
    let back = coachee.post(&format!("/offers/{}/withdraw", id(&next)), &json!({}));
    assert_eq!((back.status, &back.json()["status"]), (200, &json!("withdrawn")));
    stage.must_be_well();
}

/// Lists are those of the own people; what admins see of a pairing has no address in it.
fn admins_see_their_own_people(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 2, 2, 2);
    let visitors = [
        stage.coachee(0),
        stage.coach(0),
        stage.coachee(1),
        stage.coach(1),
        stage.admin("own@contoh.test", Role::AgencyAdmin, Some("PROV-91")),
        stage.admin("other@contoh.test", Role::AgencyAdmin, Some("KEM-02")),
        stage.admin("all@contoh.test", Role::NationalAdmin, None),
        stage.admin("auditor@contoh.test", Role::Auditor, None),
    ];
    let request = stage.request(0);
    let offer = stage.choose(&visitors[0], &request, &["c0", "c1"]);
    let offer = id(&offer).to_owned();
    let pairing = visitors[1].post(&format!("/offers/{offer}/accept"), &json!({})).json();
    let pairing = id(&pairing).to_owned();
    assert_eq!(visitors[2].post(&format!("/pairings/{pairing}/complete"), &json!({ "rating": 9 })).status, 422);
    assert_eq!(visitors[2].post(&format!("/pairings/{pairing}/complete"), &json!({ "rating": 5 })).status, 403);
    for (list, own) in [("/requests?cohort=2026-c", 2), ("/offers", 1), ("/pairings", 1)] {
        let seen = |at: usize| visitors[at].get(list).json()["items"].as_array().unwrap().len();
        assert_eq!((seen(4), seen(5)), (own, 0), "{list}: an agency's admin sees the own people");
        assert!(seen(6) >= own, "{list}");
    }
    let for_admin = visitors[6].get(&format!("/pairings/{pairing}")).json();
    assert!(!for_admin.to_string().contains("@contoh.test"), "an admin needs no address");
    stage.must_be_well();
}

fn an_admin_puts_and_reassigns(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 2, 1);
    let admin = stage.admin("own@contoh.test", Role::AgencyAdmin, Some("PROV-91"));
    let (first, second) = (stage.coach(0), stage.coach(1));
    let request = stage.request(0);
    let put = admin.post(&format!("/requests/{request}/offers"), &json!({ "coach": "c0" }));
    assert_eq!((put.status, &put.json()["origin"]), (201, &json!("admin")), "{}", put.body);
    let pairing = first.post(&format!("/offers/{}/accept", id(&put.json())), &json!({})).json();
    let other = admin.post(&format!("/pairings/{}/reassign", id(&pairing)), &json!({ "coach": "c1" }));
    assert_eq!(other.status, 201, "{}", other.body);
    let taken_over = second.post(&format!("/offers/{}/accept", id(&other.json())), &json!({})).json();
    assert_eq!(taken_over["rematch_of"], pairing["id"]);
    let ended = first.get(&format!("/pairings/{}", id(&pairing))).json();
    assert_eq!((&ended["status"], &ended["end_reason"]), (&json!("ended"), &json!("reassigned")));
    let paused = first.post("/coaches/c0/pause", &json!({})).json();
    assert_eq!((&paused["accepting"], &paused["held"]), (&json!(false), &json!(0)));
    let broken = second.post(&format!("/pairings/{}/end", id(&taken_over)), &json!({ "reason": "moved" })).json();
    assert_eq!((&broken["status"], &broken["no_fault"]), (&json!("ended"), &json!(true)), "{broken}");
    let again = admin.post(&format!("/pairings/{}/rematch", id(&taken_over)), &json!({}));
    assert_eq!((again.status, &again.json()["status"]), (201, &json!("open")), "{}", again.body);
    stage.must_be_well();
}

fn a_lost_race_is_told(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 1);
    let coachee = stage.coachee(0);
    let request = stage.request(0);
    let seen = coachee.get(&format!("/requests/{request}"));
    let offer = stage.choose(&coachee, &request, &["c0"]);
    let late = coachee.clone().with("if-match", seen.header("etag"));
    assert_eq!(problem(&late.post(&format!("/requests/{request}/withdraw"), &json!({}))), (412, "stale".into()));
    let garbled = coachee.clone().with("if-match", "W/\"1\"");
    assert_eq!(garbled.post(&format!("/requests/{request}/withdraw"), &json!({})).status, 412);
    let coach = stage.coach(0);
    let path = format!("/offers/{}/accept", id(&offer));
    assert_eq!(coach.post(&path, &json!({})).status, 201);
    let twice = coach.post(&path, &json!({}));
    assert_eq!(problem(&twice), (409, "answered".into()));
    assert_eq!(twice.json()["detail"], "Usulan ini sudah dijawab atau ditarik kembali.", "{}", twice.body);
    stage.must_be_well();
}

/// A NUL, which one of the engines cannot keep, and cannot be asked for.
fn what_cannot_be_kept_is_told(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 1);
    let coachee = stage.coachee(0);
    let admin = stage.admin("all@contoh.test", Role::NationalAdmin, None);
    let wish = json!({ "cohort": "2026-c", "motivation": "a\u{0}b" });
    let answer = coachee.post("/requests", &wish);
    assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!("#/motivation")));
    let answer = coachee.post("/requests", &json!({ "cohort": "\u{0}" }));
    assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!("#/cohort")));
    assert_eq!(admin.get("/requests?cohort=%00").status, 422);
    assert_eq!(admin.get("/coaches/%00").status, 404);
    assert_eq!(admin.get("/coaches/c%00/room").status, 404);
}

/// Fifty offers of one coach are put at a time when there is room for all; then only three places are left.
fn fifty_accept_three_places(db: &TestDb) {
    const THREADS: usize = 50;
    let world = World::new(db);
    let stage = Stage::new(&world, THREADS, 1, 3);
    let another = world.another_site(db);
    let choosers: Vec<(Visitor, String)> = (0..THREADS).map(|at| (stage.coachee(at), stage.request(at))).collect();
    let start = &Barrier::new(THREADS);
    let chosen: Vec<(u16, Value)> = thread::scope(|scope| {
        let running: Vec<_> = choosers
            .iter()
            .enumerate()
            .map(|(at, (visitor, request))| {
                let visitor = if at % 2 == 0 { visitor.clone() } else { visitor.at(&another) };
                scope.spawn(move || {
                    start.wait();
                    let answer = visitor.post(&format!("/requests/{request}/choices"), &json!({ "coaches": ["c0"] }));
                    (answer.status, answer.json())
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let offers: Vec<&str> = chosen.iter().filter(|(status, _)| *status == 201).map(|(_, body)| id(body)).collect();
    assert_eq!(offers.len(), 3, "places are held while offers wait");
    for (status, body) in chosen.iter().filter(|(status, _)| *status != 201) {
        let kind = body["type"].as_str().unwrap();
        assert!(
            *status == 409 && (kind.ends_with(":coach-not-free") || kind.ends_with(":ruled-out")),
            "{status} {body}"
        );
    }
    let coach = stage.coach(0);
    let tries: Vec<(u16, Value)> = thread::scope(|scope| {
        let running: Vec<_> = (0..THREADS)
            .map(|at| {
                let visitor = if at % 2 == 0 { coach.clone() } else { coach.at(&another) };
                let path = format!("/offers/{}/accept", offers[at % 3]);
                scope.spawn(move || {
                    start.wait();
                    let answer = visitor.post(&path, &json!({}));
                    (answer.status, answer.json())
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(tries.iter().filter(|(status, _)| *status == 201).count(), 3);
    for (status, body) in tries.iter().filter(|(status, _)| *status != 201) {
        assert_eq!((*status, body["type"].as_str()), (409, Some("urn:coachnet:problem:answered")), "{body}");
    }
    stage.must_be_well();
}

fn the_same_key_accepts_once(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 1);
    let offer = stage.choose(&stage.coachee(0), &stage.request(0), &["c0"]);
    let coach = stage.coach(0).with("idempotency-key", "once");
    let path = format!("/offers/{}/accept", id(&offer));
    let answers: Vec<(u16, String)> = thread::scope(|scope| {
        let running: Vec<_> = (0..8)
            .map(|_| {
                let (coach, path) = (coach.clone(), &path);
                scope.spawn(move || {
                    let answer = coach.post(path, &json!({}));
                    (answer.status, answer.body)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 201), "{answers:?}");
    stage.must_be_well();
}
