//! The REST slice over HTTP, on both engines: a small run goes in by the store, comes out as JSON.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::site::{Answer, COACHES, PAIRS, SECRETS, Site, WAITING, coach_code, coachee_code, fill};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_run_is_shown_with_its_certificate_and_shares,
    pairs_come_page_by_page_with_explanations_that_add_up,
    the_waiting_list_says_why,
    coaches_are_shown_by_what_they_offer,
    reference_data_is_complete,
    nothing_personal_is_shown,
);

fn items(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["items"].as_array().expect("items").clone()
}

/// Walks a list by its `Link` headers.
fn walk(site: &Site, first: &str) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let answer = site.get(&path);
        found.extend(items(&answer));
        let link = answer.header("link");
        assert_eq!(link.is_empty(), answer.json().get("next_cursor").is_none());
        next = link.strip_prefix('<').and_then(|rest| rest.split_once(">; rel=\"next\"")).map(|(path, _)| path.into());
    }
    found
}

fn a_run_is_shown_with_its_certificate_and_shares(db: &TestDb) {
    let run = fill(&db.store);
    let site = Site::serve(db.store.clone());
    let listed = items(&site.get("/api/v1/runs"));
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], run.to_string());
    assert_eq!(listed[0]["seed"], u64::MAX.to_string());

    let shown = site.get(&format!("/api/v1/runs/{run}?lang=en")).json();
    assert_eq!(shown["result"]["matched"], PAIRS);
    assert_eq!(shown["result"]["waiting"], WAITING);
    let certificate = &shown["result"]["certificate"];
    assert_eq!(certificate["possible"], PAIRS);
    assert_eq!((&certificate["gap"], &certificate["blocking_pairs"]), (&0.into(), &3.into()));

    let summary = &shown["summary"];
    let provinces = summary["provinces"].as_array().expect("provinces");
    let sum = |key: &str| provinces.iter().map(|p| p[key].as_i64().expect("a number")).sum::<i64>();
    assert_eq!((sum("matched"), sum("coachees")), (PAIRS as i64, (PAIRS + WAITING) as i64));
    assert!(provinces.iter().any(|p| p["province"] == "12" && p["name"] == "North Sumatra"));
    for kind in ["tiers", "agencies"] {
        let groups = summary[kind].as_array().expect("groups");
        let sum = |key: &str| groups.iter().map(|one| one[key].as_u64().expect("a number")).sum::<u64>();
        assert_eq!((sum("matched"), sum("coachees")), (PAIRS as u64, (PAIRS + WAITING) as u64), "{kind}");
        assert!(groups.iter().all(|one| one["name"].as_str().is_some_and(|name| !name.is_empty())), "{groups:?}");
    }
    // One regency of five is remote.
    assert_eq!(summary["remote"]["matched"], PAIRS / 5);
    let classes = ["remote", "other"].map(|class| summary[class]["coachees"].as_u64().expect("a number"));
    assert_eq!(classes.iter().sum::<u64>(), (PAIRS + WAITING) as u64);
    assert_eq!(summary["idle_coaches"], COACHES - 4);
    assert_eq!(summary["waiting_reasons"][0]["reason"], "no_eligible_coach");
    assert_eq!(summary["waiting_reasons"][0]["coachees"], 4);
    let tenths = summary["score_tenths"].as_array().expect("tenths");
    assert_eq!(tenths.iter().map(|n| n.as_u64().expect("a number")).sum::<u64>(), PAIRS as u64);

    assert_eq!(site.get("/api/v1/runs/019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69").status, 404);
    assert_eq!(site.get("/api/v1/runs/none").status, 404);
}

fn pairs_come_page_by_page_with_explanations_that_add_up(db: &TestDb) {
    let run = fill(&db.store);
    let site = Site::serve(db.store.clone());
    let pairs = walk(&site, &format!("/api/v1/runs/{run}/pairs?limit=50&lang=en"));
    let codes: Vec<_> = pairs.iter().map(|pair| pair["coachee"].as_str().expect("a code").to_owned()).collect();
    assert_eq!(codes, (0..PAIRS).map(coachee_code).collect::<Vec<_>>());
    for pair in &pairs {
        let parts = pair["explanation"].as_array().expect("parts");
        let points: u64 = parts.iter().map(|part| part["points"].as_u64().expect("points")).sum();
        assert_eq!(Some(points), pair["score"].as_u64());
        assert!(parts.iter().all(|part| part["sentence"].as_str().is_some_and(|s| s.ends_with('.'))), "{pair}");
    }
    assert_eq!(items(&site.get(&format!("/api/v1/runs/{run}/pairs"))).len(), 50);

    let of_papua = walk(&site, &format!("/api/v1/runs/{run}/pairs?province=91&limit=10"));
    assert_eq!(of_papua.len(), PAIRS / 5);
    assert!(of_papua.iter().all(|pair| pair["province"] == "91"));
    let of_coach = walk(&site, &format!("/api/v1/runs/{run}/pairs?coach=K%20001&limit=7"));
    assert_eq!(of_coach.len(), PAIRS / 4);
    assert!(of_coach.iter().all(|pair| pair["coach"] == coach_code(1)));

    let one = format!("/api/v1/runs/{run}/pairs/{}", coachee_code(3));
    assert_eq!(site.get(&format!("{one}?lang=en")).json(), pairs[3]);
    let indonesian = site.get(&one).json();
    assert_eq!(indonesian["explanation"][0]["sentence"], "Komunikasi: dibutuhkan 4, terukur 2, coach 5.");
    assert_eq!(indonesian["explanation"][5]["facts"]["free"], 30);
    for missing in [format!("/api/v1/runs/{run}/pairs/X"), "/api/v1/runs/x/pairs".into()] {
        assert_eq!(site.get(&missing).status, 404);
    }
}

fn the_waiting_list_says_why(db: &TestDb) {
    let run = fill(&db.store);
    let site = Site::serve(db.store.clone());
    let waiting = walk(&site, &format!("/api/v1/runs/{run}/waiting?limit=3&lang=en"));
    assert_eq!(waiting.len(), WAITING);
    for (at, row) in waiting.iter().enumerate() {
        assert_eq!(row["place"], at + 1);
        assert_eq!(row["coachee"], coachee_code(PAIRS + at));
        assert!(row["remedy"].as_str().is_some_and(|text| text.ends_with('.')));
    }
    assert_eq!(waiting[0]["reason"], "no_eligible_coach");
    assert_eq!(waiting[0]["sole_rules"]["tier"], 1);
    assert!(waiting[0]["sentence"].as_str().is_some_and(|text| text.contains("below the coachee's tier")));
}

fn coaches_are_shown_by_what_they_offer(db: &TestDb) {
    fill(&db.store);
    let site = Site::serve(db.store.clone());
    let coaches = walk(&site, "/api/v1/coaches?limit=2");
    let codes: Vec<_> = coaches.iter().map(|coach| coach["code"].as_str().expect("a code")).collect();
    assert_eq!(codes, (0..COACHES - 1).map(coach_code).collect::<Vec<_>>(), "only those an admin has verified");
    assert_eq!(coaches[0]["strengths"][0]["competency"], "M.03");
    assert_eq!(coaches[0]["regions_served"][0], "91");
    assert_eq!(coaches[0]["free_places"], 30);
    assert_eq!(coaches[0]["languages"], serde_json::json!(["id", "en"]));

    assert_eq!(site.get("/api/v1/coaches/K%20001").json(), coaches[1]);
    assert_eq!(site.get(&format!("/api/v1/coaches/K%20{:03}", COACHES - 1)).status, 404);
    assert_eq!(items(&site.get("/api/v1/coaches?competency=M.03&province=31")).len(), COACHES - 1);
    assert!(items(&site.get("/api/v1/coaches?competency=M.04")).is_empty());
    assert!(items(&site.get("/api/v1/coaches?province=91")).is_empty());
}

fn reference_data_is_complete(db: &TestDb) {
    fill(&db.store);
    let site = Site::serve(db.store.clone());
    let competencies = items(&site.get("/api/v1/competencies"));
    assert_eq!(competencies.len(), 9);
    assert!(competencies.iter().all(|one| one["levels"].as_array().is_some_and(|levels| levels.len() == 5)));
    let provinces = items(&site.get("/api/v1/regions"));
    let regencies: Vec<&Value> = provinces.iter().flat_map(|p| p["regencies"].as_array().expect("a list")).collect();
    assert_eq!((provinces.len(), regencies.len()), (38, 514));
    assert_eq!(regencies.iter().filter(|regency| regency["remote"] == true).count(), 62);
}

fn nothing_personal_is_shown(db: &TestDb) {
    let run = fill(&db.store);
    let site = Site::serve(db.store.clone());
    let paths = [
        "/".to_owned(),
        format!("/runs/{run}"),
        "/api/v1/runs".into(),
        format!("/api/v1/runs/{run}"),
        format!("/api/v1/runs/{run}/pairs?limit=200"),
        format!("/api/v1/runs/{run}/pairs/{}", coachee_code(0)),
        format!("/api/v1/runs/{run}/waiting?limit=200"),
        "/api/v1/coaches?limit=200".into(),
        "/api/v1/coaches/K%20001".into(),
    ];
    let mut sizes = BTreeSet::new();
    for path in paths {
        let answer = site.get(&path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        sizes.insert(answer.body.len());
        for secret in SECRETS {
            assert!(!answer.body.contains(secret), "{path} shows {secret}");
        }
    }
    assert!(sizes.len() > 5);
}
