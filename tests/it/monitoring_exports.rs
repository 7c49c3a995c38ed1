//! Figures and files over HTTP: what is in them, what never is, and how long lists go on.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::TimeDelta;
use coachnet::domain::Role;
use serde_json::json;

use crate::support::programme::Programme;
use crate::support::site::{COACHES, PAIRS, WAITING, fill};
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    files_hold_what_lists_show,
    a_long_list_goes_on_in_another_file,
    a_file_is_of_the_own_agency,
    what_cannot_be_asked_is_named,
    advice_is_in_the_readers_language,
    runs_are_taken_away,
    queues_are_taken_away,
);

const LISTS: [&str; 8] = ["requests", "offers", "pairings", "coaches", "coach-load", "stuck", "demand", "declines"];
/// A name that a spreadsheet would calculate.
const FORMULA: &str = "=HYPERLINK(\"http://contoh.test\")";

fn admin<'a>(world: &'a World, role: Role, agency: Option<&str>) -> Visitor<'a> {
    let email = format!("{role}{}@contoh.test", agency.unwrap_or_default().to_lowercase());
    world.visitor(world.account_of(&email, &[(role, agency)], None), true)
}

/// e0 works with c0, e1 waits for c1, e2 only asked; the name of e0 is a formula. Five days later.
fn walked(world: &World) -> Programme {
    let programme = Programme::beside(&world.store, 3, 2, 2);
    programme.pair(0, 0);
    programme.choose(1, &[1]).unwrap();
    programme.tamper(&format!("UPDATE persons SET full_name = '{FORMULA}', front_title = '' WHERE code = 'e0'"));
    world.hands.turn(TimeDelta::days(5));
    programme
}

fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn xlsx_rows(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert!(book.worksheet_formula("data").unwrap().is_empty(), "no cell is calculated");
    let range = book.worksheet_range("data").unwrap();
    let text = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        other => panic!("{other:?} is no text"),
    };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

fn files_hold_what_lists_show(db: &TestDb) {
    let world = World::new(db);
    let _programme = walked(&world);
    let admin = admin(&world, Role::NationalAdmin, None);
    let mut rows_of = std::collections::BTreeMap::new();
    for list in LISTS {
        let csv = admin.get(&format!("/exports/{list}.csv"));
        assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"), "{list}: {}", csv.body);
        let named = format!("attachment; filename=\"{list}-2026-11-27.csv\"");
        assert_eq!((csv.header("content-disposition"), csv.header("cache-control")), (named.as_str(), "no-store"));
        assert_eq!(csv.header("link"), "", "{list} is whole");
        assert!(!csv.body.contains('@'), "{list}: no address leaves in a file");
        let (status, kind, bytes) = admin.download(&format!("/exports/{list}.xlsx"));
        assert_eq!((status, kind.contains("spreadsheetml")), (200, true), "{list}: {kind}");
        let (csv, xlsx) = (csv_rows(&csv.body), xlsx_rows(bytes));
        // An apostrophe stands before what would be calculated; in a workbook, text is no formula.
        let plain = |row: &Vec<String>| -> Vec<String> {
            row.iter().map(|cell| cell.strip_prefix("'=").map_or(cell.clone(), |rest| format!("={rest}"))).collect()
        };
        assert_eq!(csv.iter().map(plain).collect::<Vec<_>>(), xlsx, "{list}");
        assert!(!csv.iter().flatten().any(|cell| cell.starts_with('=')), "{list}");
        rows_of.insert(list, csv);
    }
    let listed = |path: &str| admin.get(path).json()["items"].as_array().unwrap().len();
    for (list, path) in [
        ("requests", "/requests"),
        ("offers", "/offers"),
        ("pairings", "/pairings"),
        ("coaches", "/coaches"),
        ("coach-load", "/monitoring/coaches"),
        ("stuck", "/monitoring/stuck"),
    ] {
        assert_eq!(rows_of[list].len() - 1, listed(path), "{list}");
        assert!(rows_of[list].len() > 1, "{list} has rows");
    }
    let requests = &rows_of["requests"];
    assert_eq!(requests[0][..5], ["id", "cohort", "coachee", "coachee_name", "status"]);
    let of_e0 = requests.iter().find(|row| row[2] == "e0").unwrap();
    assert_eq!((of_e0[3].as_str(), of_e0[4].as_str()), (format!("'{FORMULA}, S.E.").as_str(), "matched"));
    assert_eq!(of_e0[5], "M.03|M.01");
    assert_eq!(rows_of["coach-load"].iter().find(|row| row[0] == "c0").unwrap()[8..11], ["1", "0", "1"]);
    let stuck = rows_of["stuck"].iter().find(|row| row[0] == "offer_unanswered").unwrap();
    assert_eq!(
        (stuck[3..5].to_vec(), stuck[6..].to_vec()),
        (vec!["e1".into(), "c1".into()], vec!["4".into(), "remind_coach".into()])
    );

    let only = csv_rows(&admin.get("/exports/requests.csv?cohort=2026-c&status=open").body);
    assert_eq!(only.len(), 3, "e1 and e2");
    let only = csv_rows(&admin.get("/exports/stuck.csv?kind=offer_unanswered").body);
    assert_eq!(only.len(), 2);
}

fn a_long_list_goes_on_in_another_file(db: &TestDb) {
    let world = World::new(db);
    let _programme = walked(&world);
    let admin = admin(&world, Role::NationalAdmin, None);
    for (list, filter) in LISTS.map(|list| (list, if list == "coaches" { "province=31&" } else { "" })) {
        let whole = csv_rows(&admin.get(&format!("/exports/{list}.csv?{filter}")).body);
        let (mut rows, mut path) = (vec![whole[0].clone()], format!("/exports/{list}.csv?{filter}limit=1"));
        loop {
            let file = admin.get(&path);
            let found = csv_rows(&file.body);
            assert_eq!((&found[0], found.len()), (&whole[0], 2), "{path}");
            rows.extend(found.into_iter().skip(1));
            let part = file.header("content-disposition").ends_with("-part.csv\"");
            let Some(next) = file.header("link").strip_suffix(">; rel=\"next\"") else {
                assert!(!part, "{path}: the last part is all that is left");
                break;
            };
            assert!(part, "{path}");
            path = next.trim_start_matches("</api/v1").to_owned();
        }
        assert_eq!(rows, whole, "{list}");
    }
}

fn a_file_is_of_the_own_agency(db: &TestDb) {
    let world = World::new(db);
    let _programme = walked(&world);
    let rows = |visitor: &Visitor, list: &str| csv_rows(&visitor.get(&format!("/exports/{list}.csv")).body).len() - 1;
    let of_coachees = admin(&world, Role::AgencyAdmin, Some("PROV-91"));
    let of_nobody = admin(&world, Role::AgencyAdmin, Some("KEM-02"));
    for list in ["requests", "offers", "pairings", "stuck"] {
        assert!(rows(&of_coachees, list) > 0, "{list}");
        assert_eq!(rows(&of_nobody, list), 0, "{list}");
    }
    assert_eq!((rows(&of_coachees, "coach-load"), rows(&of_nobody, "coach-load")), (0, 0));
    let of_coaches = admin(&world, Role::AgencyAdmin, Some("KEM-01"));
    assert_eq!((rows(&of_coaches, "coach-load"), rows(&of_coaches, "requests")), (3, 0));
    assert_eq!(rows(&of_nobody, "coaches"), 3, "anybody may look coaches up");
}

fn what_cannot_be_asked_is_named(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world, Role::NationalAdmin, None);
    for path in [
        "/exports/persons.csv",
        "/exports/requests.pdf",
        "/exports/stuck.csv?cohort=2099-z",
        "/monitoring/funnel?cohort=2099-z",
        "/monitoring/coaches?province=00",
    ] {
        assert_eq!(admin.get(path).status, 404, "{path}");
    }
    for (path, parameter) in [
        ("/exports/requests.csv?limit=0", "limit"),
        ("/exports/requests.xlsx?limit=100001", "limit"),
        ("/exports/offers.csv?kind=late", "kind"),
        ("/exports/pairings.csv?status=open", "status"),
        ("/exports/stuck.csv?kind=late", "kind"),
        ("/exports/stuck.csv?cursor=7", "cursor"),
        ("/exports/demand.csv?cursor=x", "cursor"),
        ("/exports/run-pairs.csv", "run"),
        ("/exports/run-waiting.csv?run=7", "run"),
        ("/monitoring/stuck?cursor=7", "cursor"),
        ("/monitoring/funnel?agency=KEM-01", "agency"),
    ] {
        let answer = admin.get(path);
        assert_eq!((answer.status, &answer.json()["errors"][0]["parameter"]), (422, &json!(parameter)), "{path}");
    }
}

fn advice_is_in_the_readers_language(db: &TestDb) {
    let world = World::new(db);
    let _programme = walked(&world);
    let admin = admin(&world, Role::NationalAdmin, None);
    let first = |lang: &str| {
        admin.get(&format!("/monitoring/stuck?kind=offer_unanswered&lang={lang}")).json()["items"][0].clone()
    };
    let (indonesian, english) = (first("id"), first("en"));
    assert_eq!(
        (&english["coachee"], &english["coach"], &english["next_step"]),
        (&json!("e1"), &json!("c1"), &json!("remind_coach"))
    );
    assert_eq!(
        english["advice"],
        "The coach has not answered for 4 days. Remind the coach; when the time is over, the next choice is asked."
    );
    assert_eq!(
        indonesian["advice"],
        "Sudah 4 hari coach belum menjawab. Ingatkan coach; jika waktunya habis, pilihan berikutnya yang ditanya."
    );
    let reasons = admin.get("/monitoring/declines?lang=en").json();
    assert_eq!(reasons["items"][0]["name"], "No time");
    let seen = admin.get("/monitoring/funnel");
    assert_eq!(admin.clone().with("if-none-match", seen.header("etag")).get("/monitoring/funnel").status, 304);
}

fn runs_are_taken_away(db: &TestDb) {
    let world = World::new(db);
    let run = fill(&world.store);
    let national = admin(&world, Role::NationalAdmin, None);
    let auditor = admin(&world, Role::Auditor, None);
    let agency = admin(&world, Role::AgencyAdmin, Some("PROV-91"));
    let rows = |visitor: &Visitor, query: &str| {
        let file = visitor.get(&format!("/exports/{query}"));
        assert_eq!(file.status, 200, "{query}: {}", file.body);
        csv_rows(&file.body)
    };
    for reader in [&national, &auditor] {
        let runs = rows(reader, "runs.csv");
        assert_eq!((runs.len(), &runs[1][0]), (2, &run.to_string()));
        assert_eq!(
            runs[1][8..12],
            [(PAIRS + WAITING).to_string(), COACHES.to_string(), PAIRS.to_string(), PAIRS.to_string()]
        );
        let pairs = rows(reader, &format!("run-pairs.csv?run={run}"));
        assert_eq!(pairs.len(), PAIRS + 1);
        assert_eq!(pairs[2], ["1", "P-001", "pengawas", "12", "true", "K 001", "171", "false"]);
        let waiting = rows(reader, &format!("run-waiting.csv?run={run}"));
        assert_eq!((waiting.len(), waiting[1][5].as_str()), (WAITING + 1, "no_eligible_coach"));
        assert_eq!(rows(reader, "recruiting.csv").len(), 1 + national_prices(&national), "one row for each price");
    }
    let of_papua = rows(&national, &format!("run-pairs.csv?run={run}&province=91"));
    assert!(of_papua.len() > 1 && of_papua[1..].iter().all(|row| row[3] == "91"));
    let rest = rows(&national, &format!("run-pairs.csv?run={run}&cursor=99"));
    assert_eq!((rest.len() - 1, rest[1][0].as_str()), (PAIRS - 100, "100"));
    // An agency's admin has no part in the runs of others.
    assert_eq!(rows(&agency, "runs.csv").len(), 1);
    assert_eq!(agency.get(&format!("/exports/run-pairs.csv?run={run}")).status, 404);
    assert_eq!(national.get(&format!("/exports/run-pairs.csv?run={}", uuid::Uuid::now_v7())).status, 404);
}

/// How many provinces and competencies have a price.
fn national_prices(admin: &Visitor) -> usize {
    let found = admin.get("/monitoring/recruiting").json();
    ["provinces", "competencies"].iter().map(|of| found[of].as_array().map_or(0, Vec::len)).sum()
}

fn queues_are_taken_away(db: &TestDb) {
    let world = World::new(db);
    let national = admin(&world, Role::NationalAdmin, None);
    let of_papua = admin(&world, Role::AgencyAdmin, Some("PROV-91"));
    let auditor = admin(&world, Role::Auditor, None);
    let invitation = json!({ "email": "tamu@contoh.test", "name": "Pak Tamu", "language": "id", "role": "auditor" });
    assert_eq!(national.post("/invitations", &invitation).status, 201);
    let applicant = json!({ "email": "ani@contoh.test", "name": "Ani", "language": "id", "source": "pkn_1", "batch": 3,
        "year": 2020, "certificate_number": "PKN1/3", "agency": "KEM-01", "regency": "31.71", "motivation": "Rahasia." });
    assert_eq!(world.stranger("203.0.113.4").post("/coach-applications", &applicant).status, 202);
    let confirmation = json!({ "token": world.secret_of("coach_application"), "password": "pasar pagi 3 ekor ayam" });
    let confirmed = world.stranger("203.0.113.4").post("/coach-applications/confirm", &confirmation);
    assert!(confirmed.status < 300, "{}", confirmed.body);
    let person = world.visitor(world.account("budi@contoh.test", Role::Coachee), false);
    let wish = json!({ "wish": "Rahasia: nama saya salah.", "reason": "Rahasia." });
    assert!(person.post("/me/data/corrections", &wish).status < 300);
    let file = |visitor: &Visitor, list: &str| visitor.get(&format!("/exports/{list}.csv"));
    for (list, column, value) in
        [("invitations", 2, "auditor"), ("coach-applications", 5, "PKN1/3"), ("data-requests", 2, "correction")]
    {
        let found = file(&national, list);
        let rows = csv_rows(&found.body);
        assert_eq!((rows.len(), rows[1][column].as_str()), (2, value), "{list}: {}", found.body);
        assert!(!found.body.contains('@') && !found.body.contains("Rahasia"), "{list}: {}", found.body);
        assert_eq!(file(&auditor, list).status, 403, "{list}: who only watches decides nothing");
    }
    for list in ["invitations", "coach-applications"] {
        assert_eq!(csv_rows(&file(&of_papua, list).body).len(), 1, "{list} of another agency");
    }
    assert_eq!(file(&of_papua, "data-requests").status, 403);
}
