//! The pages: readable in both languages, without scripts, under the strict policy they declare.

use crate::support::TestDb;
use crate::support::site::{PAIRS, Site, WAITING, fill};

#[test]
fn an_empty_service_teaches_what_to_do() {
    let db = TestDb::sqlite();
    coachnet::services::schema::prepare(&db.store).expect("a schema");
    let site = Site::serve(db.store.clone());
    let page = site.get("/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Belum ada hasil") && page.body.contains("coachnet demo"));
    assert!(site.get("/?lang=en").body.contains("No results yet"));
}

#[test]
fn a_run_is_shown_to_a_person_in_both_languages() {
    let db = TestDb::sqlite();
    let run = fill(&db.store);
    let site = Site::serve(db.store.clone());
    let home = site.get("/");
    assert!(home.body.contains(&format!("/runs/{run}")));

    let page = site.get(&format!("/runs/{run}")).body;
    for text in [
        "lang=\"id\"",
        "Kohort &#60;Contoh&#62; &#38; kawan",
        &format!("{PAIRS} dari {} coachee mendapat coach.", PAIRS + WAITING),
        "Tidak ada coach yang memenuhi semua aturan.",
        "coachnet verify",
        "18446744073709551615",
        "Komunikasi: dibutuhkan 4, terukur 2, coach 5.",
        "hreflang=\"en\"",
        "Daerah tertinggal",
    ] {
        assert!(page.contains(text), "{text} is not on the page");
    }
    assert_eq!(page.matches("<details><summary>").count(), 50, "one explanation per pair of the first page");
    assert_eq!(page.matches("class=\"t none\"").count(), 38 - 5, "five provinces take part");

    let english = site.get(&format!("/runs/{run}?lang=en")).body;
    assert!(english.contains(&format!("{PAIRS} of {} coachees have a coach.", PAIRS + WAITING)));
    assert!(english.contains("Communication: required 4, assessed 2, coach 5."));
    for key in ["en.run.", "en.explain.", "en.waiting.", "en.objective."] {
        assert!(!english.contains(key), "the text of {key}… is missing");
    }
}

#[test]
fn pairs_are_filtered_and_paged_by_address() {
    let db = TestDb::sqlite();
    let run = fill(&db.store);
    let site = Site::serve(db.store.clone());
    let rows = |query: &str| site.get(&format!("/runs/{run}?{query}")).body.matches("<details><summary>").count();
    assert_eq!(rows("province=91"), PAIRS / 5);
    assert_eq!(rows("province=91&coach=K+001"), PAIRS / 20);
    assert_eq!(rows("coach=nobody"), 0);
    assert_eq!(rows("cursor=99"), PAIRS - 100);
    let next = site.get(&format!("/runs/{run}?coach=&lang=en")).body;
    assert!(next.contains("?cursor=49&amp;lang=en#pairs") || next.contains("?cursor=49&#38;lang=en#pairs"));
    assert_eq!(site.get(&format!("/runs/{run}?cursor=x")).status, 422);
    assert_eq!(site.get("/runs/x").status, 404);
}

#[test]
fn pages_need_no_script_and_keep_to_their_policy() {
    let db = TestDb::sqlite();
    let run = fill(&db.store);
    let site = Site::serve(db.store.clone());
    for path in ["/".to_owned(), format!("/runs/{run}"), "/nothing".into()] {
        let page = site.get(&path);
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        for inline in [" style=", "<script", "<style", "onclick", "src=\"http", "href=\"http", "javascript:"] {
            assert!(!page.body.contains(inline), "{path} has {inline}");
        }
    }
    let sheet = site.get("/assets/site.css");
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(sheet.header("cache-control").contains("immutable"));
    assert!(!sheet.body.contains("url(") && !sheet.body.contains("@import"));
}

#[test]
fn the_viewer_of_the_contract_asks_no_other_host() {
    let db = TestDb::sqlite();
    let site = Site::serve(db.store.clone());
    assert_eq!(site.get("/api/docs").header("location"), "/api/docs/");
    let viewer = site.get("/api/docs/");
    assert_eq!(viewer.status, 200);
    assert!(!viewer.header("content-security-policy").contains("unsafe"));
    assert!(!viewer.body.contains("https://") && !viewer.body.contains("http://"));
    let start = site.get("/api/docs/swagger-initializer.js");
    assert!(start.body.contains("/api/v1/openapi.json"));
    assert!(!start.body.contains("petstore"));
}
