//! Who may see which page and send which form: every address of the table of pages by every kind of
//! visitor. An address without a row, and a row without an address, fail.

use std::collections::BTreeMap;

use coachnet::domain::Role;
use coachnet::web::PAGES;

use crate::support::browser::{Browser, form_of};
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(every_page_by_every_visitor);

/// Visitors, in the order of the columns: nobody, each role, and the admin of all without a one-time code.
const VISITORS: [(&str, Option<Role>, bool); 7] = [
    ("anonymous", None, false),
    ("coachee", Some(Role::Coachee), false),
    ("coach", Some(Role::Coach), false),
    ("agency admin", Some(Role::AgencyAdmin), true),
    ("national admin", Some(Role::NationalAdmin), true),
    ("auditor", Some(Role::Auditor), true),
    ("national admin without code", Some(Role::NationalAdmin), false),
];

/// `+` is let in, `-` is sent to sign in, `x` may not.
const ALL: &str = "+++++++";
const SIGNED_IN: &str = "-++++++";
const COACHEES: &str = "-+xxxxx";
const COACHES: &str = "-x+xxxx";
/// Who is somebody in the records.
const PEOPLE: &str = "-++xxxx";
/// What is for superiors alone, of whom there is none here.
const NOBODYS_SUPERIOR: &str = "-xxxxxx";
const ADMINS: &str = "-xx++xx";
const NATIONAL_ADMINS: &str = "-xxx+xx";
const RESULTS: &str = "-xxx++x";

#[rustfmt::skip]
const ROWS: [(&str, &str, &str); 121] = [
    ("GET", "/", ALL),
    ("GET", "/runs/new", NATIONAL_ADMINS),
    ("POST", "/runs", NATIONAL_ADMINS),
    ("GET", "/runs/{id}", RESULTS),
    ("GET", "/runs/{id}/publication", NATIONAL_ADMINS),
    ("POST", "/runs/{id}/publication", NATIONAL_ADMINS),
    ("GET", "/runs/{id}/discard", NATIONAL_ADMINS),
    ("POST", "/runs/{id}/discard", NATIONAL_ADMINS),
    ("GET", "/runs/{id}/comparison", NATIONAL_ADMINS),
    ("GET", "/assets/site.css", ALL),
    ("GET", "/assets/icon.svg", ALL),
    ("GET", "/sign-in", ALL),
    ("POST", "/sign-in", ALL),
    ("GET", "/sign-in/code", ALL),
    ("POST", "/sign-in/code", ALL),
    ("GET", "/account", SIGNED_IN),
    ("POST", "/account/devices/{id}", SIGNED_IN),
    ("POST", "/account/language", SIGNED_IN),
    ("POST", "/account/mail", SIGNED_IN),
    ("POST", "/account/calendar", SIGNED_IN),
    ("POST", "/account/calendar/end", SIGNED_IN),
    ("GET", "/invitations/{token}", ALL),
    ("POST", "/invitations/{token}", ALL),
    ("GET", "/password-resets", ALL),
    ("POST", "/password-resets", ALL),
    ("GET", "/password-resets/{token}", ALL),
    ("POST", "/password-resets/{token}", ALL),
    ("GET", "/sign-ups", ALL),
    ("POST", "/sign-ups", ALL),
    ("GET", "/sign-ups/{token}", ALL),
    ("POST", "/sign-ups/{token}", ALL),
    ("GET", "/coach-applications", ALL),
    ("POST", "/coach-applications", ALL),
    ("GET", "/coach-applications/{token}", ALL),
    ("POST", "/coach-applications/{token}", ALL),
    ("GET", "/email-changes/{token}", ALL),
    ("POST", "/email-changes/{token}", ALL),
    ("POST", "/availability", COACHES),
    ("GET", "/offers/{id}", SIGNED_IN),
    ("POST", "/offers/{id}/answer", COACHES),
    ("POST", "/offers/{id}/confirmation", COACHEES),
    ("POST", "/offers/{id}/question", SIGNED_IN),
    ("GET", "/questions/{id}", SIGNED_IN),
    ("POST", "/questions/{id}", SIGNED_IN),
    ("GET", "/hours", COACHES),
    ("POST", "/hours", COACHES),
    ("POST", "/hours/exceptions", COACHES),
    ("POST", "/hours/exceptions/{id}", COACHES),
    ("GET", "/coach-profile", COACHES),
    ("POST", "/coach-profile", COACHES),
    ("POST", "/coach-profile/capacity", COACHES),
    ("GET", "/profile", COACHEES),
    ("GET", "/profile/assessment", COACHEES),
    ("POST", "/profile/assessment", COACHEES),
    ("GET", "/assessments", PEOPLE),
    ("GET", "/assessments/{code}", NOBODYS_SUPERIOR),
    ("POST", "/assessments/{code}", NOBODYS_SUPERIOR),
    ("GET", "/learning", COACHEES),
    ("GET", "/learning/certificates/{id}", SIGNED_IN),
    ("GET", "/requests/new", COACHEES),
    ("POST", "/requests/new", COACHEES),
    ("GET", "/requests/{id}", SIGNED_IN),
    ("GET", "/requests/{id}/coaches", COACHEES),
    ("GET", "/requests/{id}/choices", COACHEES),
    ("POST", "/requests/{id}/choices", COACHEES),
    ("GET", "/requests/{id}/questions", COACHEES),
    ("POST", "/requests/{id}/questions", COACHEES),
    ("GET", "/requests/{id}/withdrawal", SIGNED_IN),
    ("POST", "/requests/{id}/withdrawal", SIGNED_IN),
    ("GET", "/pairings/{id}", SIGNED_IN),
    ("POST", "/pairings/{id}/agreement", SIGNED_IN),
    ("GET", "/pairings/{id}/completion", SIGNED_IN),
    ("POST", "/pairings/{id}/completion", SIGNED_IN),
    ("GET", "/pairings/{id}/end", SIGNED_IN),
    ("POST", "/pairings/{id}/end", SIGNED_IN),
    ("POST", "/pairings/{id}/rematch", SIGNED_IN),
    ("GET", "/pairings/{id}/help", SIGNED_IN),
    ("POST", "/pairings/{id}/help", SIGNED_IN),
    ("GET", "/pairings/{id}/work", SIGNED_IN),
    ("POST", "/pairings/{id}/goals", SIGNED_IN),
    ("POST", "/pairings/{id}/action-items", SIGNED_IN),
    ("POST", "/pairings/{id}/action-items/done", SIGNED_IN),
    ("POST", "/pairings/{id}/resources", SIGNED_IN),
    ("POST", "/pairings/{id}/resources/removal", SIGNED_IN),
    ("GET", "/goals/{id}", SIGNED_IN),
    ("POST", "/goals/{id}", SIGNED_IN),
    ("GET", "/action-items/{id}", SIGNED_IN),
    ("POST", "/action-items/{id}", SIGNED_IN),
    ("GET", "/pairings/{id}/sessions/new", SIGNED_IN),
    ("POST", "/pairings/{id}/sessions", SIGNED_IN),
    ("POST", "/pairings/{id}/plan", SIGNED_IN),
    ("GET", "/sessions/{id}", SIGNED_IN),
    ("POST", "/sessions/{id}/confirmation", SIGNED_IN),
    ("GET", "/sessions/{id}/time", SIGNED_IN),
    ("POST", "/sessions/{id}/time", SIGNED_IN),
    ("GET", "/sessions/{id}/cancellation", SIGNED_IN),
    ("POST", "/sessions/{id}/cancellation", SIGNED_IN),
    ("POST", "/sessions/{id}/attendance", SIGNED_IN),
    ("POST", "/sessions/{id}/feedback", SIGNED_IN),
    ("POST", "/sessions/{id}/notes", SIGNED_IN),
    ("GET", "/stuck", ADMINS),
    ("GET", "/applications", ADMINS),
    ("GET", "/applications/{id}", ADMINS),
    ("POST", "/applications/{id}", ADMINS),
    ("GET", "/sign-up-claims", ADMINS),
    ("POST", "/sign-up-claims/{id}", ADMINS),
    ("GET", "/cohorts", ADMINS),
    ("POST", "/cohorts", ADMINS),
    ("GET", "/cohorts/{code}", ADMINS),
    ("POST", "/cohorts/{code}", ADMINS),
    ("GET", "/holidays", NATIONAL_ADMINS),
    ("POST", "/holidays", NATIONAL_ADMINS),
    ("GET", "/mail", NATIONAL_ADMINS),
    ("POST", "/mail", NATIONAL_ADMINS),
    ("POST", "/mail/dismiss", NATIONAL_ADMINS),
    ("GET", "/jobs", RESULTS),
    ("GET", "/certificates", ALL),
    ("GET", "/certificates/{code}", ALL),
    ("GET", "/u/{token}", ALL),
    ("POST", "/u/{token}", ALL),
    // Last, because it signs the visitor out.
    ("POST", "/sign-out", ALL),
];

#[test]
fn every_page_has_a_row() {
    let table: BTreeMap<_, _> = ROWS.iter().map(|(method, path, row)| ((*method, *path), row)).collect();
    assert_eq!(table.len(), ROWS.len(), "an address stands twice");
    let without: Vec<_> = PAGES.iter().filter(|page| !table.contains_key(page)).collect();
    assert!(without.is_empty(), "pages without a row: {without:?}");
    let gone: Vec<_> = table.keys().filter(|row| !PAGES.contains(row)).collect();
    assert!(gone.is_empty(), "rows without a page: {gone:?}");
}

fn every_page_by_every_visitor(db: &TestDb) {
    let world = World::new(db);
    for (at, (name, role, second_factor)) in VISITORS.iter().enumerate() {
        let from = format!("203.0.113.{at}");
        let browser = match role {
            None => Browser::new(&world.site, &from),
            Some(role) => {
                let account = world.account_of(
                    &format!("visitor{at}@contoh.test"),
                    &[(*role, (*role == Role::AgencyAdmin).then_some("PROV-91"))],
                    match role {
                        Role::Coachee => Some(world.person("P-1")),
                        Role::Coach => Some(world.person("C-1")),
                        _ => None,
                    },
                );
                world.browser(account, *second_factor, &from)
            }
        };
        for (method, path, row) in ROWS {
            let expected = row.chars().nth(at).expect("a column");
            let found = visit(&browser, method, path);
            assert_eq!(found, expected, "{method} {path} by {name}");
        }
    }
}

/// With a form that is ours, so that no refusal is about the form.
fn visit(browser: &Browser, method: &str, path: &str) -> char {
    let address = path
        .replace("{id}", "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69")
        .replace("{token}", "none")
        .replace("{code}", "none");
    let answer = match method {
        "GET" => browser.get(&address),
        _ => {
            let page = browser.page("/password-resets");
            let form = form_of(&page, "/password-resets");
            browser.post(&address, &form.without("email").fields)
        }
    };
    assert!(answer.status < 500, "{method} {path}: {}", answer.body);
    let is_about_signing_in = ["/sign-in", "/sign-out", "/sign-ups"].iter().any(|page| path.starts_with(page));
    match (answer.status, answer.header("location")) {
        (303, to) if to.starts_with("/sign-in?next=") && !is_about_signing_in => '-',
        (401, _) if method == "POST" => '-',
        (403, _) => 'x',
        _ => '+',
    }
}
