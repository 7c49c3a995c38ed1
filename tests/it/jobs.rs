//! What runs in the background can be watched: by people, by programs, and by Prometheus.

use std::net::TcpListener;

use chrono::{Duration, TimeDelta};
use coachnet::domain::{Job, JobHealth, Role};
use coachnet::jobs::Timetable;
use coachnet::services::jobs::{self, Watched};
use coachnet::services::{Act, Actor};
use coachnet::store::{Store, StoreError};
use diesel::connection::SimpleConnection;

use crate::support::post::{PACE, queue_many};
use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    what_jobs_did_can_be_seen,
    a_job_that_fails_says_since_when_and_is_tried_again_soon,
    who_oversees_the_service_sees_its_jobs,
    prometheus_is_told,
);

fn watched(store: &Store, now: coachnet::store::types::Stamp) -> Vec<Watched> {
    let act = Act::new(Actor::System("test"), now);
    store.snapshot(|db| jobs::overview(db, &act)).unwrap().0
}

fn one(store: &Store, now: coachnet::store::types::Stamp, job: Job) -> Watched {
    watched(store, now).into_iter().find(|one| one.job == job).unwrap()
}

fn what_jobs_did_can_be_seen(db: &TestDb) {
    let programme = Programme::new(&db.store, 2, 1, 2);
    assert!(watched(&db.store, programme.now()).iter().all(|one| one.health == JobHealth::NotYet));
    programme.choose(0, &[0]).unwrap();
    let mut timetable = Timetable::new(db.store.clone(), PACE);
    let mut other = Timetable::new(db.another_store(), PACE);
    timetable.run_due(programme.now());
    programme.pass(Duration::days(4));
    other.run_due(programme.now());
    timetable.run_due(programme.now());
    let by_thread = [Job::Letters, Job::Runs];
    for seen in watched(&db.store, programme.now()) {
        let expected = if by_thread.contains(&seen.job) { JobHealth::NotYet } else { JobHealth::Well };
        assert_eq!(seen.health, expected, "{}", seen.job);
    }
    let expiry = one(&db.store, programme.now(), Job::OffersExpire).state.unwrap();
    assert_eq!((expiry.done, expiry.failures, expiry.well_at), (1, 0, Some(programme.now())), "by whichever process");

    programme.pass(Duration::minutes(11));
    assert_eq!(one(&db.store, programme.now(), Job::OffersExpire).health, JobHealth::Late);
    assert_eq!(one(&db.store, programme.now(), Job::Erasures).health, JobHealth::Well, "it has an hour");
}

fn a_job_that_fails_says_since_when_and_is_tried_again_soon(db: &TestDb) {
    let programme = Programme::new(&db.store, 1, 1, 1);
    let mut timetable = Timetable::new(db.store.clone(), PACE);
    let rename = |from: &str, to: &str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        db.store.write(|db| Ok::<_, StoreError>(db.batch_execute(&sql)?)).unwrap();
    };
    timetable.run_due(programme.now());
    programme.pass(Duration::hours(1));
    rename("notices_given", "put_away");
    let began = programme.now();
    for _ in 0..3 {
        timetable.run_due(programme.now());
        programme.pass(Duration::minutes(1));
    }
    let quiet = one(&db.store, programme.now(), Job::QuietPairs);
    let state = quiet.state.unwrap();
    assert_eq!((quiet.health, state.failing_since), (JobHealth::Failing, Some(began)));
    assert_eq!(state.failures, 3, "each minute, though it is done once an hour");
    assert!(state.failure.is_some() && state.well_at.is_some_and(|at| at < began));
    assert_eq!(one(&db.store, programme.now(), Job::OffersExpire).health, JobHealth::Well, "the others go on");

    rename("put_away", "notices_given");
    timetable.run_due(programme.now());
    let quiet = one(&db.store, programme.now(), Job::QuietPairs);
    let state = quiet.state.unwrap();
    assert_eq!(quiet.health, JobHealth::Well);
    assert_eq!((state.failing_since, state.failures, state.failure), (None, 0, None));
}

fn who_oversees_the_service_sees_its_jobs(db: &TestDb) {
    let world = World::new(db);
    let mut timetable = Timetable::new(world.store.clone(), PACE);
    timetable.run_due(world.hands.stamp());
    let account = world.account("pusat@contoh.test", Role::NationalAdmin);
    let (visitor, browser) = (world.visitor(account, true), world.browser(account, true, "203.0.113.9"));
    let body = visitor.get("/jobs").json();
    let jobs = body["jobs"].as_array().unwrap();
    assert_eq!(jobs.len(), Job::ALL.len());
    let expiry = jobs.iter().find(|job| job["job"] == "offers_expire").unwrap();
    assert_eq!((expiry["health"].as_str(), expiry["every_seconds"].as_i64()), (Some("well"), Some(60)));
    assert_eq!((&expiry["failing_since"], &expiry["advice"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert_eq!(body["outbox"]["overdue_seconds"], 0);
    assert!(browser.page("/jobs").contains("Tidak ada yang perlu dilihat."));
    assert!(browser.page("/").contains("Tidak ada yang menunggu Anda."));

    queue_many(&world.store, 3, world.hands.stamp());
    world.hands.turn(TimeDelta::minutes(11));
    let english = world.visitor(account, true).get("/jobs?lang=en").json();
    let expiry = english["jobs"].as_array().unwrap().iter().find(|job| job["job"] == "offers_expire").unwrap();
    assert_eq!(expiry["health"], "late");
    assert!(expiry["advice"].as_str().unwrap().starts_with("No process does this any more"), "{expiry}");
    assert_eq!((&english["outbox"]["queued"], &english["outbox"]["overdue_seconds"]), (&3.into(), &660.into()));
    let page = browser.page("/jobs?lang=en");
    assert!(page.contains("Something needs a look") && page.contains("11 minutes"), "{page}");
    assert!(page.find("Offers expire").unwrap() < page.find("Mails go out").unwrap(), "those first that are late");
    assert!(browser.page("/?lang=id").contains("jenis pekerjaan latar perlu dilihat"));
}

fn prometheus_is_told(db: &TestDb) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = World::with(db, |config| config.metrics.listen = Some(free));
    queue_many(&world.store, 2, world.hands.stamp());
    world.hands.turn(TimeDelta::seconds(90));
    let stranger = world.stranger("203.0.113.3");
    stranger.get("/coaches/K-secret");
    stranger.get("/competencies");
    let mut answer = ureq::get(format!("http://{free}/metrics")).call().unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.body_mut().read_to_string().unwrap();
    for line in [
        r#"coachnet_http_requests_total{method="GET",route="/api/v1/coaches/{code}",status="401"} 1"#,
        r#"coachnet_http_requests_total{method="GET",route="/api/v1/competencies",status="200"} 1"#,
        r#"coachnet_outbox_mails{status="queued"} 2"#,
        "coachnet_outbox_overdue_seconds 90.0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("K-secret"), "no keys of people");
    assert_eq!(world.site.get("/metrics").status, 404, "not where the public asks");
}
