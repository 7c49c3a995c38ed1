//! Signing in and out at the pages, on both engines: cookies, one-time codes, limits, forms of other
//! sites, and where people are sent afterwards.

use chrono::TimeDelta;
use coachnet::auth::code_at;
use coachnet::domain::Role;
use coachnet::services::accounts;
use serde_json::json;

use crate::support::browser::{Browser, form_of};
use crate::support::contents::{all_but_tries, contents, must_be_same};
use crate::support::world::{PASSWORD, Visitor, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_person_signs_in_and_out,
    wrong_and_unknown_are_the_same_page,
    an_admin_gives_a_code_too,
    guessing_is_slowed_down_as_in_the_api,
    nobody_is_sent_to_another_site,
    a_form_of_another_site_does_nothing,
    what_is_taken_away_is_seen_at_once,
    cookies_and_tokens_keep_to_their_doors,
    a_session_ends_by_itself,
);

fn a_person_signs_in_and_out(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let browser = Browser::new(&world.site, "203.0.113.1");
    let asked = browser.get("/account");
    assert_eq!((asked.status, asked.header("location")), (303, "/sign-in?next=%2Faccount"));

    let page = browser.get(asked.header("location"));
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let form = form_of(&page.body, "/sign-in").with(&[("email", " Budi@contoh.TEST "), ("password", PASSWORD)]);
    let entered = browser.sends(&form);
    assert_eq!((entered.status, entered.header("location")), (303, "/account"), "{}", entered.body);
    let cookie = entered.headers.iter().find(|(name, value)| name == "set-cookie" && value.starts_with("coachnet="));
    let cookie = &cookie.expect("a cookie").1;
    assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Lax") && !cookie.contains("Max-Age"), "{cookie}");
    let secret = browser.cookie("coachnet").expect("a secret");
    assert_eq!(secret.len(), 43, "256 bits");
    let all = format!("{:?}", contents(db));
    assert!(!all.contains(&secret), "only its digest is kept");

    let account = browser.page("/account");
    assert!(account.contains("budi@contoh.test") && account.contains("perangkat ini"), "{account}");
    assert_eq!(browser.get("/sign-in").header("location"), "/", "who is in need not sign in");
    let left = browser.fills("/account", "/sign-out", &[]);
    assert_eq!((left.status, left.header("location")), (303, "/sign-in?done=signed_out"));
    assert!(browser.follow(&left).body.contains("Anda sudah keluar."));
    assert_eq!(browser.cookie("coachnet"), None);
    browser.put_cookie("coachnet", &secret);
    assert_eq!(browser.get("/account").status, 303, "the secret is of no more use");
}

fn wrong_and_unknown_are_the_same_page(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    world.account_of("gone@contoh.test", &[], None);
    accounts::disable(&world.store, &"gone@contoh.test".parse().unwrap(), "test", world.hands.stamp()).unwrap();
    let mut pages = Vec::new();
    let tries = [
        ("budi@contoh.test", "not the right one"),
        ("nobody@contoh.test", "seven wrong words"),
        ("gone@contoh.test", PASSWORD),
    ];
    for (at, (email, password)) in tries.into_iter().enumerate() {
        let browser = Browser::new(&world.site, &format!("203.0.113.{at}"));
        let answer = browser.signs_in(email, password);
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("<title>Galat: Masuk"), "{}", answer.body);
        assert!(answer.body.contains("role=\"alert\"") && answer.body.contains(&format!("value=\"{email}\"")));
        assert!(!answer.body.contains(password), "a password is never shown again");
        let form = form_of(&answer.body, "/sign-in");
        let without = [form.field("form"), form.field("seal"), email]
            .iter()
            .fold(answer.body.clone(), |page, part| page.replace(part, ""));
        pages.push(without);
    }
    assert!(pages.windows(2).all(|two| two[0] == two[1]));
}

fn an_admin_gives_a_code_too(db: &TestDb) {
    let world = World::new(db);
    let (_, secret) = world.admin("admin@contoh.test");
    let browser = Browser::new(&world.site, "203.0.113.1");
    let form = browser.form("/sign-in?next=/account", "/sign-in");
    let form = form.with(&[("email", "admin@contoh.test"), ("password", PASSWORD), ("stay", "month")]);
    let asked = browser.sends(&form);
    assert_eq!(asked.header("location"), "/sign-in/code?stay=month&next=%2Faccount", "{}", asked.body);
    assert_eq!(browser.cookie("coachnet"), None, "not in yet");
    let page = asked.header("location").to_owned();
    let wrong = browser.fills(&page, "/sign-in/code", &[("code", "000000")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("id=\"code-fault\"") && wrong.body.contains("href=\"#code\""), "{}", wrong.body);
    let code = code_at(&secret, world.hands.now()).expect("a code");
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let entered = browser.sends(&form_of(&wrong.body, "/sign-in/code").with(&[("code", &spaced)]));
    assert_eq!((entered.status, entered.header("location")), (303, "/account"), "{}", entered.body);
    let cookie = entered.headers.iter().find(|(name, value)| name == "set-cookie" && value.starts_with("coachnet="));
    assert!(cookie.expect("a cookie").1.contains("Max-Age=2592000"), "{cookie:?}");
    assert!(browser.page("/account").contains("Admin nasional"));
    // Without a password before, or too long after, there is nothing to give a code for.
    let stranger = Browser::new(&world.site, "203.0.113.2");
    let over = stranger.fills("/sign-in/code", "/sign-in/code", &[("code", "123456")]);
    assert_eq!(over.header("location"), "/sign-in?done=code_over&next=%2F");
}

fn guessing_is_slowed_down_as_in_the_api(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let browser = Browser::new(&world.site, "203.0.113.1");
    let statuses: Vec<u16> =
        (0..6).map(|n| browser.signs_in("budi@contoh.test", &format!("guess {n}")).status).collect();
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
    let slowed = browser.signs_in("budi@contoh.test", PASSWORD);
    assert!(!slowed.header("retry-after").is_empty() && slowed.body.contains("Terlalu banyak percobaan"));
    let api = world.stranger("203.0.113.1").signs_in("budi@contoh.test", PASSWORD);
    assert_eq!(api.status, 429, "one count for both doors");
    world.hands.turn(TimeDelta::minutes(2));
    assert_eq!(browser.signs_in("budi@contoh.test", PASSWORD).status, 303);
}

fn nobody_is_sent_to_another_site(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let foreign = [
        "https://evil.test",
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/%09/evil.test",
        "http:evil.test",
        "javascript:alert(1)",
        "/%5cevil.test",
        "/%2f%2fevil.test/..//",
        "/.//evil.test",
        "/@evil.test",
        "%2F%2Fevil.test",
        "/\t/evil.test",
        "/a\r\nSet-Cookie: x=1",
        "https:evil.test",
        "//evil.test@contoh.test",
        "/ /evil.test",
        "sign-in",
    ];
    for (at, next) in foreign.iter().enumerate() {
        let browser = Browser::new(&world.site, &format!("198.51.100.{at}"));
        let form = browser.form("/sign-in", "/sign-in");
        let form = form.with(&[("email", "budi@contoh.test"), ("password", PASSWORD), ("next", next)]);
        let entered = browser.sends(&form);
        let location = entered.header("location");
        assert!(location == "/" || location.starts_with("/%09/") || location.starts_with("/%5c"), "{next}: {location}");
        // Whatever an address parser makes of it is ours.
        let base = url::Url::parse("https://coach.contoh.go.id/sign-in").unwrap();
        assert_eq!(base.join(location).unwrap().host_str(), Some("coach.contoh.go.id"), "{next}: {location}");
        assert_eq!(entered.header("x"), "", "no header of an attacker's");
        let shown = browser.get(&format!(
            "/sign-in?next={}",
            url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>()
        ));
        assert_eq!(base.join(shown.header("location")).unwrap().host_str(), Some("coach.contoh.go.id"), "{next}");
    }
}

fn a_form_of_another_site_does_nothing(db: &TestDb) {
    let world = World::new(db);
    world.account("budi@contoh.test", Role::Coachee);
    let browser = Browser::new(&world.site, "203.0.113.1");
    browser.signs_in("budi@contoh.test", PASSWORD);
    let other = Browser::new(&world.site, "203.0.113.2");
    other.signs_in("budi@contoh.test", PASSWORD);
    let form = browser.form("/account", "/sign-out");
    let theirs = other.form("/account", "/sign-out");
    let before = all_but_tries(db);
    let forged = [
        form.clone().without("seal"),
        form.clone().without("form"),
        form.clone().with(&[("seal", "")]),
        form.clone().with(&[("seal", theirs.field("seal"))]),
        theirs.clone(),
        form.clone().with(&[("form", theirs.field("form"))]),
        form.clone().with(&[("form", "x")]),
    ];
    for forged in &forged {
        let answer = browser.sends(forged);
        assert_eq!(answer.status, 403, "{forged:?}");
        assert!(answer.body.contains("Formulir ini tidak berlaku lagi"), "{}", answer.body);
    }
    let host = world.site.address().to_string();
    let own = format!("http://{host}");
    let send = |headers: &[(&str, &str)]| {
        let body: String = form.fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded"), ("host", host.as_str())];
        all.extend(headers);
        browser.ask("POST", "/sign-out", &all[..], &body).status
    };
    for headers in [
        [("origin", "https://evil.test")],
        [("origin", "null")],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(send(&headers), 403, "{headers:?}");
    }
    let json = [("content-type", "text/plain")];
    assert_eq!(browser.ask("POST", "/sign-out", &json, "form=x").status, 403, "no other kind of body");
    must_be_same(&before, &all_but_tries(db), "a forged form");
    assert_eq!(send(&[("origin", own.as_str()), ("sec-fetch-site", "same-origin")]), 303, "the real one");
}

fn what_is_taken_away_is_seen_at_once(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let browser = Browser::new(&world.site, "203.0.113.1");
    let signs_in = || assert_eq!(browser.signs_in("budi@contoh.test", PASSWORD).status, 303);
    signs_in();
    assert_eq!(browser.get("/profile").status, 200);
    // A device like any other, in the API too.
    let api = world.visitor(account, false);
    let devices = api.get("/me/devices").json();
    let device =
        devices["items"].as_array().unwrap().iter().find(|one| one["current"] == json!(false)).unwrap().clone();
    assert_eq!(api.delete(&format!("/me/devices/{}", device["id"].as_str().unwrap())).status, 204);
    assert_eq!(browser.get("/profile").header("location"), "/sign-in?next=%2Fprofile");
    browser.forget_cookies();
    signs_in();
    let sql = "DELETE FROM account_roles";
    world
        .store
        .write(|db| Ok::<_, coachnet::store::StoreError>(diesel::connection::SimpleConnection::batch_execute(db, sql)?))
        .unwrap();
    let refused = browser.get("/profile");
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("Halaman ini bukan untuk Anda") && refused.body.contains("Sebutkan nomor ini"));
    accounts::disable(&world.store, &"budi@contoh.test".parse().unwrap(), "test", world.hands.stamp()).unwrap();
    assert_eq!(browser.get("/account").status, 303);
}

fn cookies_and_tokens_keep_to_their_doors(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let browser = Browser::new(&world.site, "203.0.113.1");
    browser.signs_in("budi@contoh.test", PASSWORD);
    let secret = browser.cookie("coachnet").unwrap();
    assert_eq!(browser.get("/api/v1/me").status, 401, "the API knows no cookies");
    let bearer = Visitor { token: Some(secret), ..world.stranger("203.0.113.2") };
    assert_eq!(bearer.get("/me").status, 401, "nor the secret of one as a token");
    let token = world.visitor(account, false).token.unwrap();
    let stranger = Browser::new(&world.site, "203.0.113.3");
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(stranger.ask("GET", "/account", &headers, "").status, 303, "pages know no tokens");
    stranger.put_cookie("coachnet", &token[..43]);
    assert_eq!(stranger.get("/account").status, 303);
}

fn a_session_ends_by_itself(db: &TestDb) {
    let world = World::with(db, |config| config.server.public_url = "https://coach.contoh.go.id".into());
    world.account("budi@contoh.test", Role::Coachee);
    let browser = Browser::new(&world.site, "203.0.113.1");
    let entered = browser.signs_in("budi@contoh.test", PASSWORD);
    let cookie = entered.headers.iter().find(|(_, value)| value.starts_with("__Host-coachnet=")).expect("a cookie");
    assert!(cookie.1.contains("; Secure") && cookie.1.contains("; HttpOnly"), "{cookie:?}");
    world.hands.turn(TimeDelta::hours(11));
    assert_eq!(browser.get("/account").status, 200);
    world.hands.turn(TimeDelta::hours(1));
    assert_eq!(browser.get("/account").status, 303);
}
