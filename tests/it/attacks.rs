//! What attackers try on every page: forms of other sites, and addresses that lead away.

use coachnet::domain::Role;
use coachnet::web::PAGES;

use crate::support::browser::{Browser, form_of};
use crate::support::contents::all_but_tries;
use crate::support::world::{PASSWORD, World};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(no_page_takes_a_form_of_another_site, no_address_leads_away);

fn address(path: &str) -> String {
    path.replace("{id}", "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69").replace("{token}", "none").replace("{code}", "none")
}

/// Every form there is, by each who may send some: without a seal, with another's, and from another site's page.
fn no_page_takes_a_form_of_another_site(db: &TestDb) {
    let world = World::new(db);
    let visitors = [Role::NationalAdmin, Role::Coachee, Role::Coach].map(|role| {
        let account = world.account(&format!("{role}@contoh.test"), role);
        world.browser(account, role == Role::NationalAdmin, "203.0.113.1")
    });
    let other = world.browser(world.account("lain@contoh.test", Role::Auditor), true, "203.0.113.2");
    let seal = |browser: &Browser| form_of(&browser.page("/account"), "/sign-out");
    let theirs = seal(&other);
    let before = all_but_tries(db);
    let mut forms = 0;
    // Mail programs of others post to the last (RFC 8058): the secret in its address is the permission.
    let by_seal = PAGES.iter().filter(|(method, path)| *method == "POST" && *path != "/u/{token}");
    for (_, path) in by_seal {
        forms += 1;
        for browser in &visitors {
            let form = seal(browser);
            for forged in [form.clone().without("seal"), form.clone().with(&[("seal", theirs.field("seal"))])] {
                let answer = browser.post(&address(path), &forged.fields);
                assert_eq!(answer.status, 403, "{path}: {}", answer.body);
            }
            let body: String = form.fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
            for header in [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")] {
                let headers = [("content-type", "application/x-www-form-urlencoded"), header];
                let answer = browser.ask("POST", &address(path), &headers, &body);
                assert_eq!(answer.status, 403, "{path} with {header:?}: {}", answer.body);
            }
        }
    }
    assert!(forms > 40, "{forms}");
    assert_eq!(all_but_tries(db), before);
}

/// Two hundred forms of an address of somebody else's, each as what browsers and proxies might make of it.
fn no_address_leads_away(db: &TestDb) {
    let world = World::new(db);
    let account = world.account("budi@contoh.test", Role::Coachee);
    let browser = world.browser(account, false, "203.0.113.1");
    let ways = [
        "",
        "/",
        "//",
        "///",
        "////",
        "/\\",
        "\\\\",
        "\\/",
        "/%09/",
        "/\t/",
        "\t//",
        " //",
        "/ /",
        "/%5c",
        "%2F%2F",
        "/.//",
        "/..//",
        "/./\\",
        "http:",
        "http:/",
        "https://",
        "HTTPS:\\\\",
        "javascript:",
        "data:text/html,",
        "/%0d%0a//",
    ];
    let targets = [
        "evil.test",
        "evil.test/",
        "evil.test@contoh.test",
        "contoh.test@evil.test",
        "evil.test%00",
        "2130706433",
        "[::1]",
        "evil。test",
    ];
    let base = url::Url::parse("https://coach.contoh.go.id/sign-in").unwrap();
    let mut tried = 0;
    for way in ways {
        for target in targets {
            let next: String = url::form_urlencoded::byte_serialize(format!("{way}{target}").as_bytes()).collect();
            let shown = browser.get(&format!("/sign-in?next={next}"));
            let location = shown.header("location");
            assert_eq!(shown.status, 303, "{next}: {}", shown.body);
            assert_eq!(base.join(location).unwrap().host_str(), base.host_str(), "{next}: {location}");
            tried += 1;
        }
    }
    assert_eq!(tried, 200);
    assert_eq!(Browser::new(&world.site, "203.0.113.3").signs_in("budi@contoh.test", PASSWORD).status, 303);
}
