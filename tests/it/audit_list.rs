//! What auditors may read: figures and lists of the programme, and the log of what happened; and that their looks are
//! noted like those of admins.

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::services::disclosures::ACTION;
use coachnet::store::audit;
use serde_json::Value;

use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(the_log_is_read_by_pages, auditors_watch_all_agencies, what_auditors_look_at_is_noted);

fn the_log_is_read_by_pages(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 2, 2, 2);
    let offer = programme.choose(0, &[0]).unwrap();
    programme.accept(&offer).unwrap();
    programme.choose(1, &[1]).unwrap();
    let auditor = world.visitor(world.account("audit@contoh.test", Role::Auditor), true);
    let items = |query: &str| {
        let answer = auditor.get(&format!("/audit?{query}"));
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        answer.json()["items"].as_array().unwrap().clone()
    };
    let actions = |query: &str| -> Vec<String> {
        items(query).iter().map(|item| item["action"].as_str().unwrap().to_owned()).collect()
    };
    let of_offer = format!("kind=offer&id={}", offer.id);
    assert_eq!(actions(&of_offer), ["offer.accepted", "offer.pending"], "the newest first");
    assert_eq!(actions("action=offer.accepted"), ["offer.accepted"]);
    assert_eq!(actions("kind=offer").len(), 3);
    let entry = &items("action=offer.accepted")[0];
    assert_eq!((&entry["subject_kind"], &entry["subject_id"]), (&"offer".into(), &offer.id.to_string().into()));
    assert!(entry["changes"].is_object() && entry["actor"].is_string(), "{entry}");
    // Everything, a page at a time, is everything at once.
    let at_once: Vec<Value> = items("kind=offer&limit=200");
    let (mut by_pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = auditor.get(&format!("/audit?kind=offer&limit=1{cursor}"));
        by_pages.extend(page.json()["items"].as_array().unwrap().clone());
        let Some(next) = page.json()["next_cursor"].as_str().map(str::to_owned) else { break };
        assert!(page.header("link").contains("rel=\"next\""));
        cursor = format!("&cursor={next}");
    }
    assert_eq!(by_pages, at_once);
    // By time: of the moment itself, not before it, and nothing of long ago or far ahead.
    let at = at_once[0]["at"].as_str().unwrap();
    assert_eq!(items(&format!("kind=offer&from={at}")).len(), 3);
    assert_eq!(items(&format!("kind=offer&until={at}")).len(), 0);
    assert_eq!(items("kind=offer&from=0001-01-01T00:00:00Z&until=9999-12-31T00:00:00Z").len(), 3);
    for wrong in [
        "from=yesterday",
        "id=7&kind=offer",
        "cursor=x",
        "cursor=-1.019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69",
        "colour=red",
    ] {
        assert_eq!(auditor.get(&format!("/audit?{wrong}")).status, 422, "{wrong}");
    }
    let alone = auditor.get(&format!("/audit?id={}&lang=en", offer.id));
    assert_eq!((alone.status, alone.json()["errors"][0]["parameter"].as_str()), (422, Some("id")));
    let admin = world.visitor(world.account("agency@contoh.test", Role::AgencyAdmin), true);
    assert_eq!(admin.get("/audit").status, 403, "the log is about all agencies");
}

fn auditors_watch_all_agencies(db: &TestDb) {
    let world = World::new(db);
    let programme = Programme::beside(&world.store, 2, 2, 2);
    programme.pair(0, 0);
    let auditor = world.visitor(world.account("audit@contoh.test", Role::Auditor), true);
    let national = world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true);
    for path in
        ["/requests", "/offers", "/pairings", "/monitoring/funnel", "/monitoring/coaches", "/monitoring/declines"]
    {
        let (seen, all) = (auditor.get(path), national.get(path));
        assert_eq!((seen.status, seen.json()), (200, all.json()), "{path}");
    }
    let pairings = auditor.download("/exports/pairings.csv");
    assert_eq!((pairings.0, pairings.2), (200, national.download("/exports/pairings.csv").2));
    // The books of agencies hold identity numbers, and are theirs to keep.
    assert_eq!(auditor.get("/exports/credit.csv").status, 403);
    assert_eq!(national.get("/exports/credit.csv").status, 200);
    // Who also runs an agency reads all and runs that one alone.
    let both = [(Role::Auditor, None), (Role::AgencyAdmin, Some("KEM-01"))];
    let both = world.visitor(world.account_of("both@contoh.test", &both, None), true);
    assert_eq!(both.get("/pairings").json(), national.get("/pairings").json());
    let pairing = national.get("/pairings").json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(both.get(&format!("/pairings/{pairing}")).status, 403);
    // Reading is all that auditors do.
    let request = programme.request(1).id;
    assert_eq!(auditor.post(&format!("/requests/{request}/withdraw"), &serde_json::json!({})).status, 403);
}

fn what_auditors_look_at_is_noted(db: &TestDb) {
    let world = World::new(db);
    Programme::beside(&world.store, 1, 1, 1).pair(0, 0);
    let account = world.account("audit@contoh.test", Role::Auditor);
    let auditor = world.visitor(account, true);
    for (path, list) in [
        ("/requests", "requests"),
        ("/pairings", "pairings"),
        ("/exports/offers.csv", "exports.offers"),
        ("/monitoring/stuck", "stuck"),
        ("/audit", "audit"),
    ] {
        world.hands.turn(TimeDelta::seconds(1));
        assert_eq!(auditor.get(path).status, 200, "{path}");
        let newest = world.store.read(|db| audit::newest(db, None, 1)).unwrap().remove(0);
        assert_eq!(
            (newest.action.as_str(), newest.actor, newest.subject_kind.as_str()),
            (ACTION, account.to_string(), list)
        );
    }
}
