//! How the server speaks HTTP: errors, methods, tags, compression, limits, health.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;

use coachnet::error::AppError;
use coachnet::face::Gate;

use crate::support::site::{Answer, Site, fill};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(readiness_follows_the_schema);

fn readiness_follows_the_schema(db: &TestDb) {
    let site = Site::serve(db.store.clone());
    db.store.migrate().expect("a schema");
    assert_eq!(site.get("/readyz").status, 200);
    db.store.revert_all().expect("no schema");
    let answer = site.ask("GET", "/readyz", &[("accept-language", "en")]);
    assert_eq!((answer.status, answer.header("content-type")), (503, "application/problem+json"));
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.json()["type"], "urn:coachnet:problem:not-ready");
    assert_eq!(site.get("/healthz").status, 200, "the process lives all the same");
}

fn site() -> (TestDb, Site) {
    let db = TestDb::sqlite();
    fill(&db.store);
    let site = Site::serve(db.store.clone());
    (db, site)
}

#[test]
fn errors_are_problems_for_programs_and_pages_for_people() {
    let (_db, site) = site();
    let answer = site.ask("GET", "/api/v1/nothing", &[("accept-language", "en")]);
    assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"));
    let problem = answer.json();
    assert_eq!((&problem["title"], &problem["status"]), (&"Not found".into(), &404.into()));
    let id = answer.header("x-request-id");
    assert_eq!(problem["instance"], format!("urn:uuid:{id}"));
    assert_eq!(site.get("/api/v1/nothing").json()["title"], "Tidak ditemukan");

    let page = site.ask("GET", "/nothing?lang=en", &[]);
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.body.contains("<h1>Not found</h1>") && page.body.contains(page.header("x-request-id")));
    assert!(page.body.contains("lang=\"en\""));
}

#[test]
fn wrong_parameters_are_all_named() {
    let (_db, site) = site();
    let answer = site.get("/api/v1/coaches?limit=0&colour=red&lang=en");
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.json()["errors"],
        serde_json::json!([
            { "parameter": "limit", "detail": "Expected a whole number from 1 to 200." },
            { "parameter": "colour", "detail": "This parameter is not known, or was given twice." },
        ])
    );
    assert_eq!(site.get("/api/v1/runs?cursor=zz").status, 422);
    assert_eq!(site.get("/api/v1/regions?a=%ff").status, 422);
}

#[test]
fn other_methods_are_refused_with_the_right_ones() {
    let (_db, site) = site();
    for path in ["/api/v1/coaches", "/api/v1/coaches/K%20001", "/", "/healthz"] {
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let answer = site.ask(method, path, &[]);
            assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method} {path}");
        }
    }
    assert_eq!(site.ask("POST", "/api/v1/nothing", &[]).status, 404);
}

#[test]
fn head_is_get_without_a_body() {
    let (_db, site) = site();
    for path in ["/api/v1/competencies", "/", "/healthz", "/api/v1/nothing"] {
        let (get, head) = (site.get(path), site.ask("HEAD", path, &[]));
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[test]
fn what_is_known_is_not_sent_again() {
    let (_db, site) = site();
    let run = site.get("/api/v1/runs").json()["items"][0]["id"].as_str().expect("an id").to_owned();
    for path in ["/api/v1/competencies".into(), format!("/api/v1/runs/{run}"), "/api/v1/coaches/K%20001".into()] {
        let first = site.get(&path);
        let tag = first.header("etag");
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        let second = site.ask("GET", &path, &[("if-none-match", tag)]);
        assert_eq!((second.status, second.body.as_str()), (304, ""), "{path}");
        assert_eq!(site.ask("GET", &path, &[("if-none-match", "\"old\"")]).status, 200);
    }
    let path = format!("/api/v1/runs/{run}");
    let other_language =
        site.ask("GET", &path, &[("if-none-match", site.get(&path).header("etag")), ("accept-language", "en")]);
    assert_eq!(other_language.status, 200, "another language is another answer");
}

#[test]
fn answers_are_compressed_for_those_who_can_read_them() {
    let (_db, site) = site();
    let raw = |accept: &str| {
        let mut stream = TcpStream::connect(site.address()).expect("a connection");
        write!(stream, "GET /api/v1/regions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{accept}\r\n").expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        answer
    };
    let (plain, small) = (raw(""), raw("Accept-Encoding: gzip\r\n"));
    assert!(String::from_utf8_lossy(&small).contains("content-encoding: gzip"));
    assert!(small.len() * 4 < plain.len(), "{} of {}", small.len(), plain.len());
}

#[test]
fn a_client_that_sends_slowly_is_cut_off() {
    let db = TestDb::sqlite();
    let site = Site::serve_with(db.store.clone(), |config| config.server.read_timeout_seconds = 1);
    let mut stream = TcpStream::connect(site.address()).expect("a connection");
    write!(stream, "GET /healthz HTTP/1.1\r\nHost:").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[test]
fn a_body_that_nobody_asked_for_does_not_hold_the_answer_up() {
    let db = TestDb::sqlite();
    let site = Site::serve(db.store.clone());
    let begin_of_answer = |length: usize| {
        let mut stream = TcpStream::connect(site.address()).expect("a connection");
        write!(stream, "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{{").expect("sent");
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).expect("an answer");
        String::from_utf8_lossy(&begin).into_owned()
    };
    assert_eq!(begin_of_answer(1000), "HTTP/1.1 405");
    assert_eq!(begin_of_answer(9_000_000), "HTTP/1.1 413");
}

#[test]
fn past_the_limit_requests_are_told_to_come_back() {
    let db = TestDb::sqlite();
    let gate = Gate::new(db.store.clone(), 1);
    actix_web::rt::System::new().block_on(async move {
        let (go, wait) = mpsc::channel();
        let (begun, running) = mpsc::channel();
        let first = actix_web::rt::spawn({
            let gate = gate.clone();
            async move {
                let work = move |_: &coachnet::store::Store| {
                    begun.send(()).expect("a test that waits");
                    Ok(wait.recv().expect("a word"))
                };
                gate.ask(work).await
            }
        });
        actix_web::web::block(move || running.recv()).await.expect("a thread").expect("the first is inside");
        assert!(matches!(gate.ask(|_| Ok(())).await, Err(AppError::Busy)));
        go.send(7).expect("somebody who waits");
        assert_eq!(first.await.expect("no panic").expect("an answer"), 7);
        gate.ask(|_| Ok(())).await.expect("room again");
    });
}

/// A browser asks before a call from another site; only sites that are named are let through, only to the API.
#[test]
fn other_sites_may_call_where_they_are_named() {
    let db = TestDb::sqlite();
    fill(&db.store);
    let portal = "https://portal.contoh.test";
    let site = Site::serve_with(db.store.clone(), |config| config.server.cors_origins = vec![portal.into()]);
    let ask = |method: &str, path: &str, origin: &str| {
        let asked = [("origin", origin), ("access-control-request-method", "PATCH")];
        site.ask(method, path, if method == "OPTIONS" { &asked } else { &asked[..1] })
    };
    let allowed = "access-control-allow-origin";
    let before = ask("OPTIONS", "/api/v1/me", portal);
    assert_eq!((before.status, before.header(allowed), before.body.as_str()), (204, portal, ""));
    assert!(before.header("access-control-allow-methods").contains("PATCH"));
    assert!(before.header("access-control-allow-headers").contains("Authorization"));
    assert!(before.header("access-control-max-age").parse::<u32>().is_ok());
    assert!(!before.header("x-request-id").is_empty());
    let vary = |answer: &Answer| answer.headers.iter().any(|(name, value)| name == "vary" && value == "Origin");
    for (path, status) in [("/api/v1/competencies", 200), ("/api/v1/me", 401), ("/api/v1/nothing", 404)] {
        let answer = ask("GET", path, portal);
        assert_eq!((answer.status, answer.header(allowed)), (status, portal), "{path}");
        assert!(answer.header("access-control-expose-headers").contains("ETag") && vary(&answer));
        assert_eq!(answer.header("access-control-allow-credentials"), "", "cookies stay at home");
        let evil = ask("GET", path, "https://portal.contoh.test.evil.test");
        assert_eq!((evil.status, evil.header(allowed)), (status, ""));
        assert!(vary(&evil));
    }
    let evil = ask("OPTIONS", "/api/v1/me", "https://evil.test");
    assert!(evil.headers.iter().all(|(name, _)| !name.starts_with("access-control")), "{:?}", evil.headers);
    assert_eq!(ask("GET", "/", portal).header(allowed), "", "pages are for nobody else");
    let plain = Site::serve(db.store.clone());
    let asked = [("origin", portal), ("access-control-request-method", "GET")];
    let nowhere = plain.ask("OPTIONS", "/api/v1/competencies", &asked);
    assert_eq!((nowhere.status, nowhere.header(allowed)), (405, ""));
    assert_eq!(plain.ask("GET", "/api/v1/competencies", &asked[..1]).header(allowed), "");
}
