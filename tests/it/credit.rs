//! Learning hours: which sessions count, by which rules, and who may set them.

use chrono::TimeDelta;
use coachnet::domain::{Attendance, Role};
use coachnet::store::pairings::Pairing;
use serde_json::{Value, json};

use crate::support::programme::Programme;
use crate::support::sessions::{held, session};
use crate::support::world::{Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(sessions_count_over_all_pairings, a_rule_is_set_with_a_date, what_is_no_rule_is_named);

fn coachee<'a>(world: &'a World, programme: &Programme) -> Visitor<'a> {
    let account = world.account_of("e0@contoh.test", &[(Role::Coachee, None)], Some(programme.coachees[0]));
    world.visitor(account, false)
}

fn national<'a>(world: &'a World) -> Visitor<'a> {
    world.visitor(world.account_of("pusat@contoh.test", &[(Role::NationalAdmin, None)], None), true)
}

/// What counts, and why not, in a word each.
fn verdicts(answer: &Value) -> Vec<String> {
    let sessions = answer["sessions"].as_array().expect("sessions").iter();
    sessions.map(|row| row["why"].as_str().map_or_else(|| row["jp"].to_string(), str::to_owned)).collect()
}

/// e0 works with c0, who stops, and then with c1; half a year later.
fn two_pairings(world: &World) -> (Programme, Pairing, Pairing) {
    let p = Programme::beside(&world.store, 1, 2, 1);
    let first = p.pair(0, 0);
    p.end(&first).unwrap();
    p.store.write(|db| coachnet::services::pairings::rematch(db, &p.as_coachee(0), first.id)).expect("asks again");
    let second = p.pair(0, 1);
    world.hands.turn(TimeDelta::days(180));
    (p, first, second)
}

fn sessions_count_over_all_pairings(db: &TestDb) {
    let world = World::new(db);
    let (p, first, second) = two_pairings(&world);
    let coachee = coachee(&world, &p);
    held(&p.store, &first, "2026-12-07T02:00:00Z");
    held(&p.store, &second, "2026-12-14T02:00:00Z");
    session(&p.store, &second, "2026-12-15T02:00:00Z", Some(Attendance::Held), Some(Attendance::CoacheeMissed));
    held(&p.store, &second, "2026-12-21T02:00:00Z");
    session(&p.store, &second, "2027-01-04T02:00:00Z", Some(Attendance::CoachMissed), None);
    session(&p.store, &second, "2027-01-05T02:00:00Z", None, None);
    // Midnight in Jayapura: the last evening of the year in Jakarta.
    held(&p.store, &second, "2026-12-31T15:00:00Z");
    session(&p.store, &second, "2027-11-01T02:00:00Z", None, None);

    let of_2026 = coachee.get("/me/credit?year=2026");
    assert_eq!(of_2026.status, 200, "{}", of_2026.body);
    let of_2026 = of_2026.json();
    assert_eq!(verdicts(&of_2026), ["2", "2", "disputed", "cap_reached"]);
    assert_eq!(
        (&of_2026["jp"], &of_2026["target"], &of_2026["missing"], &of_2026["zone"]),
        (&json!(4), &json!(20), &json!(16), &json!("WIT"))
    );
    assert_eq!(of_2026["sessions"][0]["pairing"], json!(first.id), "every pairing of the coachee");
    let present = coachee.get("/me/credit").json();
    assert_eq!(
        (&present["year"], verdicts(&present)),
        (&json!(2027), vec!["2".into(), "missed".into(), "unreported".into()])
    );
    assert_eq!(present["sessions"][0]["day"], "2027-01-01");
    assert_eq!(coachee.get("/me/credit?year=x").status, 422);
    assert_eq!(coachee.get("/me/credit?year=1999").status, 422);
}

fn a_rule_is_set_with_a_date(db: &TestDb) {
    let world = World::new(db);
    let (p, _, pairing) = two_pairings(&world);
    let (coachee, admin) = (coachee(&world, &p), national(&world));
    for at in ["2027-02-01T02:00:00Z", "2027-03-01T02:00:00Z", "2027-03-08T02:00:00Z", "2027-03-15T02:00:00Z"] {
        held(&p.store, &pairing, at);
    }
    let rule = |jp: u16, a_month: u16, target: u16| json!({ "jp_per_session": jp, "sessions_per_month": a_month, "yearly_target": target, "source": " Contoh 1/2027 " });
    let before = coachee.get("/credit-rules").json();
    assert_eq!(
        (before["items"].as_array().unwrap().len(), &before["items"][0]["first_day"]),
        (1, &json!("2018-01-01"))
    );
    assert_eq!(coachee.put("/credit-rules/2027-03-01", &rule(3, 3, 24)).status, 403);
    let set = admin.put("/credit-rules/2027-03-01", &rule(3, 3, 24));
    assert_eq!((set.status, &set.json()["source"]), (200, &json!("Contoh 1/2027")), "{}", set.body);
    let counted = coachee.get("/me/credit").json();
    assert_eq!(
        (verdicts(&counted), &counted["target"]),
        (vec!["2".into(), "3".into(), "3".into(), "3".into()], &json!(24))
    );

    assert_eq!(admin.put("/credit-rules/2027-03-01", &rule(0, 3, 20)).status, 200, "in place of the one before");
    assert_eq!(verdicts(&coachee.get("/me/credit").json()), ["2", "no_credit", "no_credit", "no_credit"]);
    assert_eq!(
        (coachee.delete("/credit-rules/2027-03-01").status, admin.delete("/credit-rules/2027-03-01").status),
        (403, 204)
    );
    assert_eq!(admin.delete("/credit-rules/2027-03-01").status, 404);
    assert_eq!(verdicts(&coachee.get("/me/credit").json()), ["2", "2", "2", "cap_reached"]);
    assert_eq!((p.audited("credit_rule.set"), p.audited("credit_rule.removed")), (2, 1));
}

fn what_is_no_rule_is_named(db: &TestDb) {
    let world = World::new(db);
    let admin = national(&world);
    let body = json!({ "jp_per_session": 101, "sessions_per_month": 32, "yearly_target": 1001, "source": "x" });
    let wrong = admin.put("/credit-rules/2027-03-01", &body);
    assert_eq!(wrong.status, 422);
    let pointers: Vec<Value> =
        wrong.json()["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["#/jp_per_session", "#/sessions_per_month", "#/yearly_target"]);
    let body = json!({ "jp_per_session": 2, "sessions_per_month": 2, "yearly_target": 20, "source": " " });
    assert_eq!(admin.put("/credit-rules/2027-03-01", &body).json()["errors"][0]["pointer"], "#/source");
    assert_eq!(admin.put("/credit-rules/2027-02-30", &body).status, 404, "no such day");
}
