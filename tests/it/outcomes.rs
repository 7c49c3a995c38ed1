//! Assessments by hand, and what a pairing has brought by them.

use chrono::TimeDelta;
use coachnet::domain::{Identity, IdentityKind, Role};
use coachnet::store::numbers;
use serde_json::{Value, json};

use crate::support::people::day;
use crate::support::programme::Programme;
use crate::support::sessions::held;
use crate::support::world::{NIP, PASSWORD, Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    what_a_pairing_has_brought,
    a_superior_rates_their_people_alone,
    what_is_no_assessment_is_named,
    agencies_take_learning_hours_away,
);

fn person<'a>(world: &'a World, p: &Programme, code: &str, role: Role) -> Visitor<'a> {
    let at: usize = code[1..].parse().expect("a number");
    let person = if role == Role::Coach { p.coaches[at] } else { p.coachees[at] };
    world.visitor(world.account_of(&format!("{code}@contoh.test"), &[(role, None)], Some(person)), false)
}

/// Per competency: code, level before and after, gap before and after, how much is closed, and the remarks.
fn outcomes(answer: &Value) -> Vec<Value> {
    let rows = answer["competencies"].as_array().expect("competencies").iter();
    let codes = |row: &Value| -> Vec<Value> {
        row["remarks"].as_array().expect("remarks").iter().map(|remark| remark["code"].clone()).collect()
    };
    let levels = |row: &Value| (row["before"]["level"].clone(), row["after"]["level"].clone());
    rows.map(|row| {
        let (before, after) = levels(row);
        json!([row["competency"], before, after, row["gap_before"], row["gap_after"], row["closed"], codes(row)])
    })
    .collect()
}

fn what_a_pairing_has_brought(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 2, 2, 1);
    p.tamper(
        "UPDATE coachee_profiles SET superior_code = 'e1' WHERE person = (SELECT id FROM persons WHERE code = 'e0')",
    );
    let (coachee, superior) = (person(&world, &p, "e0", Role::Coachee), person(&world, &p, "e1", Role::Coachee));
    let own = coachee.post("/me/assessments", &json!({ "levels": { "M.01": 2 } }));
    assert_eq!((own.status, &own.json()["method"]), (201, &json!("self")), "{}", own.body);
    let pairing = p.pair(0, 0);
    let coach = person(&world, &p, "c0", Role::Coach);
    let path = format!("/pairings/{}/outcome", pairing.id);
    let goal = json!({ "goal": "Melayani lebih cepat", "competency": "M.05" });
    assert_eq!(coach.post(&format!("/pairings/{}/goals", pairing.id), &goal).status, 201);

    let at_first = coach.get(&path);
    assert_eq!(at_first.status, 200, "{}", at_first.body);
    // An administrator needs level 3; the records say 1 by the superior. The focus comes first, then the goals.
    let first = outcomes(&at_first.json());
    assert_eq!(first[0], json!(["M.03", 1, null, 2, null, null, ["not_measured_after"]]));
    assert_eq!(first[1], json!(["M.01", 1, null, 2, null, null, ["not_measured_after"]]));
    assert_eq!(first[2], json!(["M.05", null, null, null, null, null, ["not_measured_before", "not_measured_after"]]));

    world.hands.turn(TimeDelta::days(90));
    let anew = |visitor: &Visitor, email: &str| {
        let token = visitor.signs_in(email, PASSWORD).json()["access_token"].as_str().map(str::to_owned);
        let mut visitor = Visitor { site: &world.site, from: "203.0.113.1".into(), headers: Vec::new(), token: None };
        visitor.token = token;
        visitor
    };
    let (coachee, superior) = (anew(&coachee, "e0@contoh.test"), anew(&superior, "e1@contoh.test"));
    let coach = anew(&coach, "c0@contoh.test");
    let own = json!({ "levels": { "M.01": 4, "M.03": 2, "M.05": 3 } });
    assert_eq!(coachee.post("/me/assessments", &own).status, 201);
    let rated = outcomes(&coachee.get(&path).json());
    assert_eq!(rated[0], json!(["M.03", 1, 2, 2, 1, 1, ["methods_differ", "self_rated"]]));
    assert_eq!(rated[1], json!(["M.01", 2, 4, 1, 0, 1, ["self_rated"]]), "like with like");
    assert_eq!(rated[2], json!(["M.05", null, 3, null, 0, null, ["not_measured_before", "self_rated"]]));

    assert_eq!(superior.post("/coachees/e0/assessments", &json!({ "levels": { "M.01": 1, "M.03": 1 } })).status, 201);
    let corrected = superior.post("/coachees/e0/assessments", &json!({ "levels": { "M.01": 2, "M.03": 3 } }));
    assert_eq!(corrected.status, 201, "a second time on one day replaces the first");
    let english = coach.clone().with("accept-language", "en").get(&path).json();
    assert_eq!(outcomes(&english)[..2], [json!(["M.03", 1, 3, 2, 0, 2, []]), json!(["M.01", 1, 2, 2, 1, 1, []])]);
    assert_eq!(
        english["competencies"][2]["remarks"][1]["text"],
        "A rating of oneself, which nobody else has confirmed."
    );
    assert_eq!(english["competencies"][0]["after"]["method"], "superior");

    let history = coachee.get("/me/assessments").json();
    let kinds: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|item| &item["method"]).collect();
    assert_eq!(kinds, ["superior", "self", "superior", "self"], "the newest first, one for each method and day");
    let admin = world.visitor(world.account("pusat@contoh.test", Role::NationalAdmin), true);
    assert_eq!((admin.get(&path).status, superior.get(&path).status), (200, 403));
    p.complete(&pairing).unwrap();
    let gaps = admin.get("/monitoring/gaps?cohort=2026-c").json();
    assert_eq!((&gaps["gap_before"], &gaps["gap_after"]), (&json!(4), &json!(1)), "{gaps}");
    assert_eq!(p.audited("assessment.given"), 4);
}

fn a_superior_rates_their_people_alone(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 2, 1, 1);
    p.tamper(
        "UPDATE coachee_profiles SET superior_code = 'e1' WHERE person = (SELECT id FROM persons WHERE code = 'e0')",
    );
    let levels = json!({ "levels": { "M.01": 3 } });
    let (coachee, superior) = (person(&world, &p, "e0", Role::Coachee), person(&world, &p, "e1", Role::Coachee));
    let coach = person(&world, &p, "c0", Role::Coach);
    assert_eq!(superior.post("/coachees/e0/assessments", &levels).status, 201);
    for (who, code) in [(&superior, "e1"), (&coachee, "e0"), (&coachee, "e1"), (&coach, "e0"), (&superior, "nobody")] {
        assert_eq!(who.post(&format!("/coachees/{code}/assessments"), &levels).status, 403, "{code}");
    }
    let admin = world.visitor(world.account("pusat@contoh.test", Role::NationalAdmin), true);
    assert_eq!(admin.post("/coachees/e0/assessments", &levels).status, 403, "files of assessments are imported");
}

fn what_is_no_assessment_is_named(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 1, 1, 1);
    let coachee = person(&world, &p, "e0", Role::Coachee);
    for (levels, pointer) in [
        (json!({}), "#/levels"),
        (json!({ "M.99": 3 }), "#/levels"),
        (json!({ "M.01": 6 }), "#/levels/M.01"),
        (json!({ "M.01": 0 }), "#/levels/M.01"),
        (json!({ "": 3 }), "#/levels/"),
    ] {
        let wrong = coachee.post("/me/assessments", &json!({ "levels": levels }));
        assert_eq!((wrong.status, &wrong.json()["errors"][0]["pointer"]), (422, &json!(pointer)), "{}", wrong.body);
    }
}

fn agencies_take_learning_hours_away(db: &TestDb) {
    let world = World::new(db);
    let p = Programme::beside(&world.store, 2, 2, 1);
    let pairs = [p.pair(0, 0), p.pair(1, 1)];
    p.tamper("UPDATE persons SET full_name = '=1+1', front_title = '' WHERE code = 'e0'");
    let number = |kind, digits| Identity::parse(kind, digits, day()).expect("a number");
    let known = world.person("P-1");
    p.store
        .write(|db| {
            numbers::forget(db, known)?;
            numbers::replace(db, p.coachees[0], &number(IdentityKind::Nip, NIP))?;
            numbers::replace(db, p.coachees[1], &number(IdentityKind::Nik, "3171010101800001"))
        })
        .expect("numbers");
    p.pass(TimeDelta::days(60));
    for (pairing, at) in pairs.iter().zip(["2026-12-01T02:00:00Z", "2026-12-02T02:00:00Z"]) {
        held(&p.store, pairing, at);
        p.complete(pairing).unwrap();
    }
    let account = |email: &str, agency: &str| world.account_of(email, &[(Role::AgencyAdmin, Some(agency))], None);
    let admin = world.visitor(account("papua@contoh.test", "PROV-91"), true);
    let file = admin.get("/exports/credit.csv");
    let rows: Vec<Vec<String>> = csv::Reader::from_reader(file.body.as_bytes())
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert!(file.body.contains("start,end,activity,provider,kind,jp,nip,name,number,code,issued_at,coachee,agency"));
    assert_eq!(rows.len(), 2, "{}", file.body);
    assert_eq!(rows[1][..3], ["2026-12-01", "2026-12-01", "Coaching, 1 sesi"]);
    assert_eq!(
        (rows[1][4..8].to_vec(), rows[1][11..].to_vec()),
        (
            vec!["coaching".to_owned(), "2".into(), NIP.into(), "'=1+1, S.E.".into()],
            vec!["e0".to_owned(), "PROV-91".into()],
        )
    );
    assert_eq!(rows[0][6], "", "only a number of a civil servant");
    let part = admin.get("/exports/credit.csv?limit=1");
    assert!(part.header("content-disposition").contains("-part") && part.header("link").contains("cursor="));
    let other = world.visitor(account("lain@contoh.test", "KEM-01"), true);
    assert_eq!(other.get("/exports/credit.csv").body.lines().count(), 1, "of the own agency alone");
    let (status, kind, _) = admin.download("/exports/credit.xlsx");
    assert_eq!((status, kind.contains("spreadsheetml")), (200, true));

    let withdrawn = admin.get("/exports/credit.csv").body.lines().count();
    let own = person(&world, &p, "e0", Role::Coachee).get("/me/certificates").json();
    let path = format!("/certificates/{}/withdraw", own["items"][0]["id"].as_str().unwrap());
    assert_eq!(admin.post(&path, &json!({ "reason": "Contoh" })).status, 200);
    assert_eq!(admin.get("/exports/credit.csv").body.lines().count(), withdrawn - 1);
}
