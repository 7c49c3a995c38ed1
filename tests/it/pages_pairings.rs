//! A pairing at the pages, on both engines: agreeing, completing, ending early, asking anew.

use chrono::TimeDelta;
use coachnet::domain::Role;

use crate::support::browser::{Browser, form_of};
use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(two_agree_and_complete, a_pairing_ends_early_and_another_coach_is_asked_for, pages_are_light);

struct Pair<'a> {
    programme: Programme,
    coachee: Browser<'a>,
    coach: Browser<'a>,
    page: String,
}

impl<'a> Pair<'a> {
    fn new(world: &'a World) -> Self {
        // The clock of the programme stands, some minutes after the start of the world's.
        world.hands.turn(TimeDelta::minutes(10));
        let programme = Programme::beside(&world.store, 1, 2, 2);
        let browser = |role, person, email: &str, from: &str| {
            world.browser(world.account_of(email, &[(role, None)], Some(person)), false, from)
        };
        let coachee = browser(Role::Coachee, programme.coachees[0], "e0@contoh.test", "203.0.113.1");
        let coach = browser(Role::Coach, programme.coaches[0], "c0@contoh.test", "203.0.113.2");
        let page = format!("/pairings/{}", programme.pair(0, 0).id);
        Self { programme, coachee, coach, page }
    }

    fn at(&self, part: &str) -> String {
        format!("{}/{part}", self.page)
    }
}

fn two_agree_and_complete(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let agreement = pair.at("agreement");
    let shown = pair.coachee.page(&pair.page);
    for text in ["Coaching dengan Coach c0", "c0@contoh.test", "Belum ada kesepakatan", "Akhiri sebelum selesai"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let wrong = pair.coachee.fills(&pair.page, &agreement, &[("goals", "Memimpin rapat"), ("sessions", "banyak")]);
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("href=\"#sessions\"") && wrong.body.contains(">Memimpin rapat</textarea>"),
        "{}",
        wrong.body
    );
    let signed = pair.coachee.fills(&pair.page, &agreement, &[("goals", "Memimpin rapat"), ("sessions", "6")]);
    assert_eq!(signed.status, 303, "{}", signed.body);
    assert!(pair.coachee.page(&pair.page).contains("berlaku setelah yang lain menandatangani"));
    assert!(pair.coach.page("/").contains("kesepakatan belum Anda tandatangani"));
    // The first form on the coach's page signs what the coachee has signed.
    let same = pair.coach.sends(&pair.coach.form(&pair.page, &agreement));
    assert_eq!(same.status, 303, "{}", same.body);
    assert!(pair.coach.page(&pair.page).contains("Keduanya sudah menandatangani"));

    let completion = pair.at("completion");
    let silent = pair.coachee.fills(&completion, &completion, &[("comment", "Jelas sekali.")]);
    assert!(
        silent.status == 422 && silent.body.contains("href=\"#rating\"") && silent.body.contains("Jelas sekali."),
        "{}",
        silent.body
    );
    let done = pair.coachee.sends(&form_of(&silent.body, &completion).with(&[("rating", "5")]));
    assert_eq!(done.header("location"), format!("{}?done=evaluated", pair.page), "{}", done.body);
    let waiting = pair.coach.page(&pair.page);
    assert!(
        waiting.contains("Beri penilaian") && !waiting.contains("Jelas sekali."),
        "not before the coach has spoken"
    );
    let second = pair.coach.fills(&completion, &completion, &[("rating", "4")]);
    assert_eq!(second.status, 303, "{}", second.body);
    let both = pair.coach.page(&pair.page);
    assert!(both.contains("sangat membantu") && both.contains("4, membantu"), "{both}");
    pair.programme.must_be_well();
}

fn a_pairing_ends_early_and_another_coach_is_asked_for(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let end = pair.at("end");
    let reasonless = pair.coach.fills(&end, &end, &[("note", "Pindah")]);
    assert!(reasonless.status == 422 && reasonless.body.contains("href=\"#reason\""), "{}", reasonless.body);
    let bad = pair.coach.fills(&end, &end, &[("reason", "reassigned")]);
    assert_eq!(bad.status, 422, "only another coach's yes is that");
    let ended = pair.coach.fills(&end, &end, &[("reason", "moved"), ("note", "Pindah")]);
    assert_eq!(ended.header("location"), format!("{}?done=ended", pair.page), "{}", ended.body);
    let late = pair.coachee.get(&end);
    assert!(late.body.contains("sudah berakhir"), "{}", late.body);
    let shown = pair.coachee.page(&pair.page);
    assert!(shown.contains("Pindah tugas") && shown.contains("Minta coach lain"), "{shown}");
    let rematch = pair.at("rematch");
    let form = form_of(&shown, &rematch);
    let (asked, again) = (pair.coachee.sends(&form), pair.coachee.sends(&form));
    assert_eq!((asked.status, asked.header("location")), (303, again.header("location")), "{}", asked.body);
    let list = pair.coachee.follow(&asked);
    assert!(list.body.contains("value=\"c1\"") && !list.body.contains("value=\"c0\""), "{}", list.body);
    pair.programme.must_be_well();
}

/// What travels of a page: at most 8 kB, as everybody's browser asks for it; of the stylesheet, 6 kB.
fn pages_are_light(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let weight = |browser: &Browser, path: &str| {
        let cookie = format!("coachnet={}", browser.cookie("coachnet").unwrap());
        let headers = [("cookie", cookie.as_str()), ("accept-encoding", "gzip"), ("x-forwarded-for", "203.0.113.1")];
        // The client unpacks what it knows, so that what travelled is told by its length alone.
        let (status, headers, bytes) = world.site.fetch("GET", path, &headers, "");
        assert_eq!(status, 200, "{path}");
        let packed = headers.iter().any(|(name, value)| name == "content-encoding" && value == "gzip");
        (packed, bytes.len())
    };
    for (browser, path) in [
        (&pair.coachee, "/"),
        (&pair.coach, "/"),
        (&pair.coachee, pair.page.as_str()),
        (&pair.coachee, "/profile"),
        (&pair.coachee, "/requests/new"),
        (&pair.coachee, "/account"),
    ] {
        let (packed, bytes) = weight(browser, path);
        assert!(packed && bytes <= 8_000, "{path}: {bytes} bytes");
    }
    let (_, bytes) = weight(&pair.coach, "/assets/site.css");
    assert!(bytes <= 6_000, "{bytes} bytes of stylesheet");
}
