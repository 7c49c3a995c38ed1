//! Guessing, over HTTP and on both engines: how many passwords are tried, who is locked out, what
//! can be found out.

use chrono::TimeDelta;
use coachnet::domain::Role;
use serde_json::json;

use crate::support::world::{PASSWORD, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    many_addresses_on_one_account,
    one_address_on_many_accounts,
    all_processes_count_together,
    links_are_not_guessed,
    mails_are_not_sent_in_masses,
    what_is_over_is_taken_away,
);

/// From 1,000 addresses, ten a second: at most ten passwords are tried in any minute, and the owner gets in, at
/// once where they were before, and by a link in a mail from elsewhere.
fn many_addresses_on_one_account(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let home = world.stranger("198.51.100.7");
    assert_eq!(home.signs_in("budi@contoh.test", PASSWORD).status, 201);
    let mut tried = Vec::new();
    for n in 0..1_000 {
        let attacker = world.stranger(&format!("203.0.{}.{}", n / 250, n % 250));
        let answer = attacker.signs_in("budi@contoh.test", &format!("wrong password {n}"));
        assert!([401, 429].contains(&answer.status), "{}", answer.body);
        if answer.status == 401 {
            tried.push(n / 10);
        }
        if n % 10 == 9 {
            world.hands.turn(TimeDelta::seconds(1));
        }
    }
    let most = (0..100).map(|from| tried.iter().filter(|second| (from..from + 60).contains(*second)).count()).max();
    assert!(most.is_some_and(|most| (5..=10).contains(&most)), "{most:?}");

    assert_eq!(home.signs_in("budi@contoh.test", PASSWORD).status, 201, "the owner at home");
    let travelling = world.stranger("192.0.2.9");
    let refused = travelling.signs_in("budi@contoh.test", PASSWORD);
    assert_eq!(refused.status, 429, "elsewhere the owner waits with the attackers");
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    travelling.post("/password-resets", &json!({ "email": "budi@contoh.test" }));
    let new = "pasar pagi 3 ekor ayam";
    let reset = json!({ "token": world.secret_of("password_reset"), "password": new });
    assert_eq!(travelling.post("/password-resets/confirm", &reset).status, 204);
    assert_eq!(travelling.signs_in("budi@contoh.test", new).status, 201, "but a link in a mail lets them in");
}

fn one_address_on_many_accounts(db: &TestDb) {
    let world = World::new(db);
    let attacker = world.stranger("203.0.113.1");
    let tried = |from: usize| {
        (from..from + 50)
            .filter(|n| attacker.signs_in(&format!("person{n}@contoh.test"), "password of many").status == 401)
            .count()
    };
    assert_eq!(tried(0), 5);
    world.hands.turn(TimeDelta::seconds(60));
    assert_eq!(tried(50), 5);
    // A right password is no try.
    world.hands.turn(TimeDelta::seconds(120));
    world.account("budi@contoh.test", Role::Coachee);
    for _ in 0..12 {
        assert_eq!(attacker.signs_in("budi@contoh.test", PASSWORD).status, 201);
    }
    // Nor is the subscriber of an IPv6 network many.
    let networks = |n: usize| world.stranger(&format!("2001:db8:1:2:{n:x}::1"));
    let tried = (0..20).filter(|n| networks(*n).signs_in(&format!("v6-{n}@contoh.test"), "x").status == 401).count();
    assert_eq!(tried, 5);
}

fn all_processes_count_together(db: &TestDb) {
    let world = World::new(db);
    let other = world.another_site(db);
    let attacker = world.stranger("203.0.113.1");
    let tried = (0..20)
        .filter(|n| {
            let at = if n % 2 == 0 { attacker.clone() } else { attacker.at(&other) };
            at.signs_in("budi@contoh.test", "wrong").status == 401
        })
        .count();
    assert_eq!(tried, 5);
}

fn links_are_not_guessed(db: &TestDb) {
    let world = World::new(db);
    let attacker = world.stranger("203.0.113.1");
    for path in ["/password-resets/confirm", "/sign-ups/confirm", "/invitations/accept", "/coach-applications/confirm"]
    {
        let answers: Vec<u16> = (0..30)
            .map(|n| attacker.post(path, &json!({ "token": format!("guess {n}"), "password": PASSWORD })).status)
            .collect();
        assert!(answers.iter().all(|status| [410, 429].contains(status)), "{path}: {answers:?}");
        assert_eq!(answers.last(), Some(&429), "{path}");
    }
}

fn mails_are_not_sent_in_masses(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let ask = |n: usize| {
        let visitor = world.stranger(&format!("203.0.113.{n}"));
        visitor.post("/password-resets", &json!({ "email": "budi@contoh.test" })).status
    };
    let answers: Vec<u16> = (0..6).map(ask).collect();
    assert_eq!(answers, [202, 202, 202, 429, 429, 429]);
    assert_eq!(world.mails().len(), 3);
}

fn what_is_over_is_taken_away(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let visitor = world.stranger("203.0.113.1");
    for email in ["budi@contoh.test", "nobody@contoh.test"] {
        visitor.clone().with("idempotency-key", email).post("/password-resets", &json!({ "email": email }));
    }
    visitor.signs_in("budi@contoh.test", PASSWORD);
    let sweep = || coachnet::services::housekeeping::sweep(&world.store, world.hands.stamp(), 90).unwrap();
    assert_eq!(sweep(), 0, "nothing is over");
    world.hands.turn(TimeDelta::days(38));
    visitor.signs_in("budi@contoh.test", PASSWORD);
    // Two answers, three limits of mails, two of passwords, two tickets, a device, a mail to nobody.
    assert!(sweep() >= 9);
    assert_eq!(sweep(), 0);
    let account = world.store.read(|db| coachnet::store::accounts::by_email(db, "budi@contoh.test")).unwrap().unwrap();
    let live = world.store.read(|db| coachnet::store::sign_ins::live(db, account.id, world.hands.stamp())).unwrap();
    assert_eq!((live.len(), world.mails().len()), (1, 1));
}

/// Wrong and unknown cost the same number of hashes; so do a known and an unknown address of a forgotten password.
#[test]
fn the_number_of_hashes_tells_nothing() {
    use coachnet::services::sign_ins::{Attempt, sign_in};
    let db = TestDb::sqlite();
    let world = World::new(&db);
    world.account("budi@contoh.test", Role::Coachee);
    let hashes = |email: &str, from: &str| {
        let before = world.auth.passwords.hashes();
        let from = from.parse().expect("an address");
        let attempt = Attempt { email, password: "not the right one", label: "", from };
        assert!(sign_in(&world.context(), &attempt).is_err());
        world.auth.passwords.hashes() - before
    };
    assert_eq!(hashes("budi@contoh.test", "203.0.113.1"), 1);
    assert_eq!(hashes("nobody@contoh.test", "203.0.113.2"), 1);
    assert_eq!(hashes("no address", "203.0.113.3"), 1);
}
