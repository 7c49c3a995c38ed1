//! `Idempotency-Key`: one effect and one answer, also of many at once, on both engines.

use chrono::TimeDelta;
use coachnet::domain::Role;
use serde_json::{Value, json};

use crate::support::world::{PASSWORD, Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    the_same_key_has_one_effect,
    fifty_at_once_have_one_effect,
    a_key_belongs_to_its_owner,
    a_failure_is_not_kept
);

fn wish(email: &str) -> Value {
    json!({ "email": email, "name": "Ani", "language": "id", "role": "auditor" })
}

fn admin(world: &World) -> Visitor<'_> {
    world.visitor(world.account("admin@contoh.test", Role::NationalAdmin), true)
}

fn invitations(visitor: &Visitor) -> usize {
    visitor.get("/invitations").json()["items"].as_array().expect("items").len()
}

fn the_same_key_has_one_effect(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let keyed = admin.clone().with("idempotency-key", "019aa3c2-5d1e");
    let first = keyed.post("/invitations", &wish("ani@contoh.test"));
    let second = keyed.post("/invitations", &wish("ani@contoh.test"));
    assert_eq!((first.status, &first.body), (201, &second.body));
    assert_eq!((invitations(&admin), world.mails().len()), (1, 1));

    for (path, body) in [("/invitations", wish("rani@contoh.test")), ("/password-resets", json!({ "email": "a@b.id" }))]
    {
        let other = keyed.post(path, &body);
        if path == "/invitations" {
            assert_eq!((other.status, other.json()["type"].as_str()), (422, Some("urn:coachnet:problem:key-reused")));
        } else {
            assert_eq!(other.status, 202, "of nobody in particular, so another owner's key");
        }
    }
    world.hands.turn(TimeDelta::hours(23));
    let admin = world.visitor(
        world.store.read(|db| coachnet::store::accounts::by_email(db, "admin@contoh.test")).unwrap().unwrap().id,
        true,
    );
    let keyed = admin.clone().with("idempotency-key", "019aa3c2-5d1e");
    assert_eq!(keyed.post("/invitations", &wish("ani@contoh.test")).body, first.body);
    world.hands.turn(TimeDelta::hours(1));
    let admin = world.visitor(
        world.store.read(|db| coachnet::store::accounts::by_email(db, "admin@contoh.test")).unwrap().unwrap().id,
        true,
    );
    let keyed = admin.clone().with("idempotency-key", "019aa3c2-5d1e");
    assert_ne!(
        keyed.post("/invitations", &wish("ani@contoh.test")).body,
        first.body,
        "after a day it is a new request"
    );
    for bad in ["", "a b", "é", &"x".repeat(256)] {
        assert_eq!(
            admin.clone().with("idempotency-key", bad).post("/invitations", &wish("x@contoh.test")).status,
            422,
            "{bad:?}"
        );
    }
}

fn fifty_at_once_have_one_effect(db: &TestDb) {
    let world = World::new(db);
    let admin = admin(&world);
    let keyed = admin.clone().with("idempotency-key", "fifty");
    let other_site = world.another_site(db);
    let bodies: Vec<(u16, String)> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..50)
            .map(|n| {
                let visitor = if n % 2 == 0 { keyed.clone() } else { keyed.at(&other_site) };
                scope.spawn(move || {
                    loop {
                        let answer = visitor.post("/invitations", &wish("ani@contoh.test"));
                        // Told to come back: the key makes that safe.
                        if answer.status != 503 {
                            break (answer.status, answer.body);
                        }
                    }
                })
            })
            .collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(bodies.iter().all(|one| *one == bodies[0] && one.0 == 201), "{bodies:?}");
    assert_eq!((invitations(&admin), world.mails().len()), (1, 1));
}

fn a_key_belongs_to_its_owner(db: &TestDb) {
    let world = World::new(db);
    let one = admin(&world).with("idempotency-key", "k");
    let other_id = world.account_of("lain@contoh.test", &[(Role::NationalAdmin, None)], None);
    let other = world.visitor(other_id, true).with("idempotency-key", "k");
    let first = one.post("/invitations", &wish("ani@contoh.test"));
    let second = other.post("/invitations", &wish("ani@contoh.test"));
    assert_eq!((first.status, second.status), (201, 201));
    assert_ne!(first.body, second.body);
}

/// A password may be changed with a key, and repeated although the present one is another by then; the digest
/// that is kept of the request does not give the password away.
fn a_failure_is_not_kept(db: &TestDb) {
    let world = World::new(db);
    let visitor = world.visitor(world.account("budi@contoh.test", Role::Coachee), false).with("idempotency-key", "p");
    let change = |current: &str| {
        visitor
            .post("/me/password", &json!({ "current_password": current, "new_password": "pasar pagi 3 ekor ayam" }))
            .status
    };
    assert_eq!(change("wrong one here"), 401);
    assert_eq!(change(PASSWORD), 204);
    assert_eq!(change(PASSWORD), 204);
    assert_eq!(change("wrong one here"), 422, "another request under the same key");
    assert_eq!(world.mails().len(), 1);
}
