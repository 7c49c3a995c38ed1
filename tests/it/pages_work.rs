//! What a pair works on, at the pages, on both engines: goals, action items, things to read; what stands before the two
//! in a session; asking for help; and texts that mean harm.

use chrono::TimeDelta;
use coachnet::domain::{AccountStatus, Role};
use coachnet::store::{StoreError, accounts};
use diesel::prelude::*;
use serde_json::Value;

use crate::support::browser::{Browser, form_of, forms_of};
use crate::support::post;
use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_pair_writes_goals_down,
    things_are_done_and_opened_again,
    things_to_read_come_and_go,
    the_work_is_for_the_two_alone,
    what_is_over_can_only_be_read,
    goals_and_the_note_before_stand_in_a_session,
    help_is_asked_for_by_mail,
    help_does_not_go_to_the_other_of_the_two,
    texts_that_mean_harm_do_none,
);

struct Pair<'a> {
    world: &'a World,
    programme: Programme,
    coachee: Browser<'a>,
    coach: Browser<'a>,
    page: String,
}

impl<'a> Pair<'a> {
    fn new(world: &'a World) -> Self {
        // The clock of the programme stands, some minutes after the start of the world's.
        world.hands.turn(TimeDelta::minutes(10));
        let programme = Programme::beside(&world.store, 3, 2, 2);
        let page = format!("/pairings/{}", programme.pair(0, 0).id);
        let browser = |role, person, email: &str, from: &str| {
            world.browser(world.account_of(email, &[(role, None)], Some(person)), false, from)
        };
        let coachee = browser(Role::Coachee, programme.coachees[0], "e0@contoh.test", "203.0.113.1");
        let coach = browser(Role::Coach, programme.coaches[0], "c0@contoh.test", "203.0.113.2");
        Self { world, programme, coachee, coach, page }
    }

    fn at(&self, part: &str) -> String {
        format!("{}/{part}", self.page)
    }

    fn stranger(&self) -> Browser<'a> {
        let account =
            self.world.account_of("e1@contoh.test", &[(Role::Coachee, None)], Some(self.programme.coachees[1]));
        self.world.browser(account, false, "203.0.113.3")
    }

    fn admin(&self) -> Browser<'a> {
        self.world.browser(self.world.account("admin@contoh.test", Role::NationalAdmin), true, "203.0.113.4")
    }

    /// The address of the first thing of a kind on the page of the work.
    fn first(&self, kind: &str) -> String {
        let page = self.coachee.page(&self.at("work"));
        let (_, rest) = page.split_once(&format!("href=\"/{kind}/")).expect("a link");
        format!("/{kind}/{}", &rest[..36])
    }
}

/// No text is missing on a page, in either language.
fn is_whole(browser: &Browser, path: &str) {
    for lang in ["en", "id"] {
        let page = browser.page(&format!("{path}?lang={lang}"));
        assert!(page.contains(&format!("<html lang=\"{lang}\">")), "{path}");
        assert!(!page.contains(">pages.") && !page.contains("%{"), "{path} {lang}: a text is missing: {page}");
    }
}

fn a_pair_writes_goals_down(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let (work, goals) = (pair.at("work"), pair.at("goals"));
    assert!(pair.coachee.page(&pair.page).contains(&format!("href=\"{work}\"")));
    let empty = pair.coachee.page(&work);
    for text in ["Belum ada tujuan", "Coach c0", "Catat di sini apa yang akan dikerjakan"] {
        assert!(empty.contains(text), "{text}: {empty}");
    }
    let silent = pair.coachee.fills(&work, &goals, &[("reality", "Rapat lama"), ("competency", "M.01")]);
    assert_eq!(silent.status, 422);
    assert!(
        silent.body.contains("href=\"#goal\"") && silent.body.contains(">Rapat lama</textarea>"),
        "what was filled in stays: {}",
        silent.body
    );
    assert_eq!(form_of(&silent.body, &goals).field("competency"), "M.01");
    let strange = pair.coachee.fills(&work, &goals, &[("goal", "Rapat"), ("competency", "M.99")]);
    assert!(strange.status == 422 && strange.body.contains("href=\"#competency\""), "{}", strange.body);
    let form = form_of(&silent.body, &goals).with(&[("goal", "Memimpin rapat\nlintas unit")]);
    let (added, again) = (pair.coachee.sends(&form), pair.coachee.sends(&form));
    assert_eq!(added.header("location"), format!("{work}?done=goal_added"), "{}", added.body);
    assert_eq!(again.header("location"), added.header("location"), "a double tap");

    let seen = pair.coach.page(&work);
    assert_eq!(seen.matches("class=\"card\"").count(), 1, "once: {seen}");
    for text in ["Memimpin rapat\nlintas unit", "Integritas", "Rapat lama", "Dikerjakan"] {
        assert!(seen.contains(text), "{text}: {seen}");
    }
    let goal = pair.first("goals");
    let form = pair.coach.form(&goal, &goal);
    assert_eq!((form.field("status"), form.field("reality")), ("open", "Rapat lama"));
    let wrong = pair.coach.sends(&form.clone().with(&[("status", "maybe")]));
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#status\""), "{}", wrong.body);
    let long = "x".repeat(1001);
    let long = pair.coach.sends(&form_of(&wrong.body, &goal).with(&[("status", "open"), ("will", long.as_str())]));
    assert!(long.status == 422 && long.body.contains("href=\"#will\""), "{}", long.body);
    let reached = pair.coach.fills(&goal, &goal, &[("status", "reached"), ("will", "Latihan")]);
    assert_eq!(reached.header("location"), format!("{work}?done=goal_changed"), "{}", reached.body);
    assert!(pair.coachee.page(&work).contains("Tercapai"));
    let stale = pair.coachee.sends(&pair.coachee.form(&goal, &goal).with(&[("seen", "1"), ("goal", "Lain")]));
    assert!(stale.status == 409 && stale.body.contains("Lain"), "nobody writes over what they have not read");
    is_whole(&pair.coachee, &work);
    is_whole(&pair.coach, &goal);
    pair.programme.must_be_well();
}

fn things_are_done_and_opened_again(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let (work, items, tick) = (pair.at("work"), pair.at("action-items"), pair.at("action-items/done"));
    let form = pair.coach.form(&work, &items);
    assert_eq!(form.field("owner"), "coach", "the reader, at first");
    let wrong = pair.coach.sends(&form.with(&[("what", "Memimpin rapat"), ("due_on", "besok")]));
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#due_on\""), "{}", wrong.body);
    let form = form_of(&wrong.body, &items).with(&[("owner", "coachee"), ("due_on", "2026-11-01")]);
    let added = pair.coach.sends(&form);
    assert_eq!(added.header("location"), format!("{work}?done=item_added"), "{}", added.body);
    let seen = pair.coachee.page(&work);
    for text in ["Memimpin rapat", "Anda, sampai 1 November 2026", "Lewat waktu"] {
        assert!(seen.contains(text), "{text}: {seen}");
    }
    let form = form_of(&seen, &tick);
    let done = pair.coachee.sends(&form);
    assert_eq!(done.header("location"), format!("{work}?done=item_done"), "{}", done.body);
    let seen = pair.coachee.page(&work);
    assert!(seen.contains("Buka lagi") && !seen.contains("Lewat waktu"), "{seen}");
    // Somebody who had the page open for long: what they saw is no more.
    let stale = pair.coach.sends(&pair.coach.form(&work, &tick).with(&[("seen", "1")]));
    assert_eq!(stale.status, 409, "{}", stale.body);
    assert_eq!(pair.coach.fills(&work, &tick, &[]).header("location"), format!("{work}?done=item_open"));

    let item = pair.first("action-items");
    let form = pair.coach.form(&item, &item);
    assert_eq!(
        (form.field("what"), form.field("owner"), form.field("due_on")),
        ("Memimpin rapat", "coachee", "2026-11-01")
    );
    let empty = pair.coach.sends(&form.with(&[("what", " ")]));
    assert!(empty.status == 422 && empty.body.contains("href=\"#what\""), "{}", empty.body);
    let changed = pair.coach.fills(&item, &item, &[("due_on", ""), ("done", "yes")]);
    assert_eq!(changed.header("location"), format!("{work}?done=item_changed"), "{}", changed.body);
    assert!(!pair.coach.page(&work).contains("sampai 1 November"));
    is_whole(&pair.coach, &item);
}

fn things_to_read_come_and_go(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let (work, resources, removal) = (pair.at("work"), pair.at("resources"), pair.at("resources/removal"));
    for (url, field) in [("javascript:alert(1)", "url"), ("", "url"), ("ftp://contoh.go.id/a", "url")] {
        let wrong = pair.coachee.fills(&work, &resources, &[("title", "Artikel"), ("url", url)]);
        assert!(wrong.status == 422 && wrong.body.contains(&format!("href=\"#{field}\"")), "{url}: {}", wrong.body);
        assert!(!wrong.body.contains("href=\"javascript:"), "{}", wrong.body);
    }
    let nameless = pair.coachee.fills(&work, &resources, &[("url", "https://contoh.go.id/a")]);
    assert!(nameless.status == 422 && nameless.body.contains("href=\"#title\""), "{}", nameless.body);
    let added = pair.coachee.fills(&work, &resources, &[("title", "Artikel"), ("url", "https://contoh.go.id/a?b=1&c")]);
    assert_eq!(added.header("location"), format!("{work}?done=resource_added"), "{}", added.body);
    let seen = pair.coach.page(&work);
    assert!(seen.contains("rel=\"noreferrer nofollow\" href=\"https://contoh.go.id/a?b=1&#38;c\""), "{seen}");
    let removed = pair.coach.fills(&work, &removal, &[]);
    assert_eq!(removed.header("location"), format!("{work}?done=resource_removed"), "{}", removed.body);
    assert!(!pair.coachee.page(&work).contains("contoh.go.id/a?"));
}

fn the_work_is_for_the_two_alone(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let work = pair.at("work");
    let goal = [("goal", "Rahasia berdua")];
    assert_eq!(pair.coachee.fills(&work, &pair.at("goals"), &goal).status, 303);
    let what = [("what", "Hal berdua")];
    assert_eq!(pair.coachee.fills(&work, &pair.at("action-items"), &what).status, 303);
    let things = [work.clone(), pair.first("goals"), pair.first("action-items"), pair.at("help")];
    let (stranger, admin) = (pair.stranger(), pair.admin());
    for other in [&stranger, &admin] {
        for thing in &things {
            assert_eq!(other.get(thing).status, 403, "{thing}");
        }
        // Forms of their own, with which nothing but the right is missing.
        let own = other.form("/account", "/account/language");
        for (path, fields) in [
            (pair.at("goals"), goal),
            (pair.at("action-items"), what),
            (things[1].clone(), goal),
            (pair.at("help"), goal),
        ] {
            let form = own.clone().with(&fields).with(&[("owner", "coach"), ("status", "open"), ("text", "Tolong")]);
            assert_eq!(other.post(&path, &form.fields).status, 403, "{path}");
        }
    }
    assert_eq!(pair.programme.audited("goal.added"), 1);
    let shown = admin.page(&pair.page);
    assert!(!shown.contains("/work") && !shown.contains("/help") && !shown.contains("Rahasia"), "{shown}");
    let nowhere = "019aa3c2-5d1e-7c3a-9b0e-3f1d2c4b5a69";
    for path in ["/pairings/{id}/work", "/pairings/{id}/help", "/goals/{id}", "/action-items/{id}"] {
        for id in [nowhere, "none"] {
            assert_eq!(pair.coachee.get(&path.replace("{id}", id)).status, 404, "{path} {id}");
        }
    }
    let nobody = Browser::new(&world.site, "203.0.113.9").get(&work);
    assert!(nobody.status == 303 && nobody.header("location").starts_with("/sign-in?next="), "{}", nobody.body);
}

fn what_is_over_can_only_be_read(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let (work, goals) = (pair.at("work"), pair.at("goals"));
    let form = pair.coachee.form(&work, &goals).with(&[("goal", "Memimpin rapat")]);
    assert_eq!(pair.coach.fills(&work, &goals, &[("goal", "Mendengar")]).status, 303);
    let goal = pair.first("goals");
    let end = pair.at("end");
    assert_eq!(pair.coach.fills(&end, &end, &[("reason", "moved")]).status, 303);
    let seen = pair.coachee.page(&work);
    assert!(seen.contains("Mendengar") && seen.contains("hanya dapat dibaca"), "{seen}");
    let others = forms_of(&seen).into_iter().filter(|form| form.action != "/sign-out").count();
    assert_eq!(others, 0, "nothing can be sent: {seen}");
    let late = pair.coachee.sends(&form);
    assert!(late.status == 409 && late.body.contains("role=\"alert\""), "{}", late.body);
    let page = pair.coachee.page(&goal);
    assert!(page.contains("hanya dapat dibaca") && !page.contains("<textarea"), "{page}");
}

fn goals_and_the_note_before_stand_in_a_session(db: &TestDb) {
    use crate::support::sessions::{held, session};
    let world = World::new(db);
    let pair = Pair::new(&world);
    let id = pair.page.rsplit('/').next().unwrap().parse().unwrap();
    let pairing = pair.programme.store.read(|db| coachnet::store::pairings::get(db, id)).unwrap();
    let first = format!("/sessions/{}", held(&world.store, &pairing, "2026-11-02T02:00:00Z").id);
    let between = session(&world.store, &pairing, "2026-12-07T02:00:00Z", None, None);
    let next = format!("/sessions/{}", session(&world.store, &pairing, "2026-12-14T02:00:00Z", None, None).id);
    let notes = format!("{first}/notes");
    let shared = pair.coachee.form(&first, &notes);
    assert_eq!(shared.field("which"), "shared");
    assert_eq!(pair.coachee.sends(&shared.with(&[("text", "Mulai dari satu pertanyaan")])).status, 303);
    let private = pair.coach.page(&first);
    let private = forms_of(&private).into_iter().find(|form| form.field("which") == "private").unwrap();
    assert_eq!(pair.coach.sends(&private.with(&[("text", "Hanya untuk coach")])).status, 303);

    let without = pair.coach.page(&next);
    assert!(without.contains("Belum ada tujuan yang dicatat"), "{without}");
    let agreement = pair.at("agreement");
    let terms = [("goals", "Memimpin tim baru"), ("sessions", "6")];
    assert_eq!(pair.coachee.fills(&pair.page, &agreement, &terms).status, 303);
    assert!(pair.coach.page(&next).contains("Memimpin tim baru"), "the agreement stands for goals");
    let work = pair.at("work");
    for goal in ["Memimpin rapat lintas unit", "Belajar mendengar"] {
        assert_eq!(pair.coachee.fills(&work, &pair.at("goals"), &[("goal", goal)]).status, 303);
    }
    let dropped = pair.first("goals");
    assert_eq!(pair.coachee.fills(&dropped, &dropped, &[("status", "dropped")]).status, 303);
    for reader in [&pair.coachee, &pair.coach] {
        let page = reader.page(&next);
        for text in ["Belajar mendengar", "Ringkasan bersama dari Sesi 1", "Mulai dari satu pertanyaan", work.as_str()]
        {
            assert!(page.contains(text), "{text}: {page}");
        }
        for text in ["Memimpin rapat lintas unit", "Memimpin tim baru", "Hanya untuk coach"] {
            assert!(!page.contains(text), "{text}: {page}");
        }
    }
    assert!(!pair.coachee.page(&first).contains("Ringkasan bersama dari"), "it is over");
    is_whole(&pair.coach, &next);
    let admin = pair.admin();
    let looked_at = admin.page(&next);
    assert!(!looked_at.contains("Mulai dari satu") && !looked_at.contains("Belajar"), "{looked_at}");
    // The newest note there is.
    let between = format!("/sessions/{}", between.id);
    let form = pair.coachee.form(&between, &format!("{between}/notes"));
    assert_eq!(pair.coachee.sends(&form.with(&[("text", "Yang lebih baru")])).status, 303);
    let page = pair.coachee.page(&next);
    assert!(page.contains("Ringkasan bersama dari Sesi 2") && !page.contains("Mulai dari satu"), "{page}");
}

/// To whom letters that ask for help go, and what they are made of.
fn calls(world: &World) -> Vec<(String, Value)> {
    let calls = world.mails().into_iter().filter(|mail| mail.kind == "help_asked");
    let mut calls: Vec<(String, Value)> =
        calls.map(|mail| (mail.address.unwrap().0.as_str().to_owned(), mail.data.read().unwrap())).collect();
    calls.sort_by(|a, b| a.0.cmp(&b.0));
    calls
}

fn help_is_asked_for_by_mail(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    let help = pair.at("help");
    assert!(pair.coachee.page(&pair.page).contains(&format!("href=\"{help}\"")));
    let nobody = pair.coachee.fills(&help, &help, &[("text", "Tolong")]);
    assert!(nobody.status == 422 && nobody.body.contains("belum ada pengelola"), "no lie: {}", nobody.body);

    world.account("pusat@contoh.test", Role::NationalAdmin);
    for (email, agency) in [("papua@contoh.test", "PROV-91"), ("lain@contoh.test", "KEM-01")] {
        world.account_of(email, &[(Role::AgencyAdmin, Some(agency))], None);
    }
    let closed = world.account_of("tutup@contoh.test", &[(Role::NationalAdmin, None)], None);
    let now = world.hands.stamp();
    world.store.write(|db| accounts::set_status(db, closed, AccountStatus::Disabled, now)).unwrap();
    let empty = pair.coachee.fills(&help, &help, &[("text", "  ")]);
    assert!(empty.status == 422 && empty.body.contains("href=\"#text\""), "{}", empty.body);
    let says = "Sudah tiga kali\ndijadwalkan ulang. <b>Tolong</b>";
    let form = pair.coachee.form(&help, &help).with(&[("text", says)]);
    let (asked, again) = (pair.coachee.sends(&form), pair.coachee.sends(&form));
    assert_eq!(asked.header("location"), format!("{}?done=help_asked", pair.page), "{}", asked.body);
    assert_eq!(again.status, 303, "a double tap");
    let found = calls(&world);
    let to: Vec<&str> = found.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(to, ["papua@contoh.test", "pusat@contoh.test"], "of the agency, and of all; no other agency's");
    assert_eq!((&found[0].1["says"], pair.programme.audited("help.asked")), (&Value::from(says), 1));

    let folder = tempfile::tempdir().unwrap();
    let mut courier = post::courier(&world.store, coachnet::mail::Transport::folder(folder.path().to_owned()));
    post::send_all(&mut courier, world.hands.stamp());
    let letters: Vec<post::Read> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| post::Read::of(&std::fs::read(file.unwrap().path()).unwrap()))
        .filter(|letter| letter.subject.starts_with("Minta bantuan"))
        .collect();
    assert_eq!(letters.len(), 2);
    let text = letters[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in ["Coach c0", "Sudah tiga kali dijadwalkan ulang. <b>Tolong</b>", "e0@contoh.test", pair.page.as_str()] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(letters[0].html.contains("&#60;b&#62;Tolong") || letters[0].html.contains("&lt;b&gt;Tolong"));

    for _ in 0..2 {
        assert_eq!(pair.coachee.fills(&help, &help, &[("text", "Lagi")]).status, 303);
    }
    let many = pair.coachee.fills(&help, &help, &[("text", "Keempat kali")]);
    assert!(many.status == 429 && many.body.contains("Keempat kali"), "{}", many.body);
    assert_eq!(pair.coach.fills(&help, &help, &[("text", "Saya juga")]).status, 303, "each for themself");
    is_whole(&pair.coach, &help);
}

fn help_does_not_go_to_the_other_of_the_two(db: &TestDb) {
    let world = World::new(db);
    let pair = Pair::new(&world);
    world.account("pusat@contoh.test", Role::NationalAdmin);
    let make_admin = |db: &mut _| {
        let account: Vec<coachnet::store::notices::AdminAccount> = coachnet::store::notices::admins(db, None)?;
        diesel::sql_query("UPDATE accounts SET person = NULL WHERE email = 'c0@contoh.test'")
            .execute(db)
            .map_err(StoreError::from)?;
        diesel::sql_query(
            "UPDATE accounts SET person = (SELECT id FROM persons WHERE code = 'c0') WHERE email = 'pusat@contoh.test'",
        )
        .execute(db)
        .map_err(StoreError::from)?;
        Ok::<_, StoreError>(account.len())
    };
    assert_eq!(world.store.write(make_admin).unwrap(), 1);
    let help = pair.at("help");
    let refused = pair.coachee.fills(&help, &help, &[("text", "Coach saya sulit ditemui")]);
    assert!(refused.status == 422 && calls(&world).is_empty(), "the coach is the only admin: {}", refused.body);
}

/// Texts that close what they stand in, turn what follows around, or are one long word.
fn harm() -> [String; 3] {
    ["\"><script>alert(1)</script>".into(), "\u{202E}txet.exe' onload='x".into(), "x".repeat(150)]
}

fn texts_that_mean_harm_do_none(db: &TestDb) {
    use crate::support::sessions::session;
    let world = World::new(db);
    let pair = Pair::new(&world);
    let id = pair.page.rsplit('/').next().unwrap().parse().unwrap();
    let pairing = world.store.read(|db| coachnet::store::pairings::get(db, id)).unwrap();
    let before = format!("/sessions/{}", session(&world.store, &pairing, "2026-12-07T02:00:00Z", None, None).id);
    let next = format!("/sessions/{}", session(&world.store, &pairing, "2026-12-14T02:00:00Z", None, None).id);
    let offer = pair.programme.choose(1, &[1]).unwrap();
    let asked = world.account_of("c1@contoh.test", &[(Role::Coach, None)], Some(pair.programme.coaches[1]));
    let asked = world.browser(asked, false, "203.0.113.5");
    let work = pair.at("work");
    for harm in &harm() {
        let harm = harm.as_str();
        let quoted = harm.replace('\'', "''");
        for code in ["e0", "c0", "e1"] {
            pair.programme.tamper(&format!("UPDATE persons SET full_name = '{quoted}' WHERE code = '{code}'"));
        }
        pair.programme.tamper(&format!("UPDATE requests SET motivation = '{quoted}'"));
        pair.programme.tamper(&format!("UPDATE coachee_profiles SET position = '{quoted}'"));
        pair.programme.tamper(&format!("UPDATE sessions SET place = '{quoted}'"));
        let goal = ["goal", "reality", "options", "will"].map(|field| (field, harm));
        assert_eq!(pair.coachee.fills(&work, &pair.at("goals"), &goal).status, 303);
        let item = [("what", harm), ("due_on", "2026-12-01")];
        assert_eq!(pair.coachee.fills(&work, &pair.at("action-items"), &item).status, 303);
        let address = format!("https://contoh.go.id/{harm}");
        let resource = [("title", harm), ("url", address.as_str())];
        assert_eq!(pair.coach.fills(&work, &pair.at("resources"), &resource).status, 303);
        let note = pair.coachee.form(&before, &format!("{before}/notes")).with(&[("text", harm)]);
        assert_eq!(pair.coachee.sends(&note).status, 303);
        let agreement = pair.at("agreement");
        let form = pair.coachee.page(&pair.page);
        let form = forms_of(&form).into_iter().rfind(|form| form.action == agreement).expect("a form");
        assert_eq!(pair.coachee.sends(&form.with(&[("goals", harm), ("sessions", "6")])).status, 303);
        let (goal, item) = (pair.first("goals"), pair.first("action-items"));
        let pages = [&pair.page, &work, &next, &before, &goal, &item, &pair.at("end"), &pair.at("help")];
        let offer = format!("/offers/{}", offer.id);
        let looked_at = pages.into_iter().flat_map(|path| [(&pair.coachee, path), (&pair.coach, path)]);
        for (reader, path) in looked_at.chain([(&asked, &offer), (&pair.coachee, &"/".to_owned())]) {
            let page = reader.page(path);
            assert!(!page.contains("<script") && !page.contains("' onload='"), "{path}: {page}");
        }
        // A fault that comes back with what was written.
        let wrong = pair.coachee.fills(&work, &pair.at("resources"), &[("title", harm), ("url", harm)]);
        assert!(wrong.status == 422 && !wrong.body.contains("<script"), "{}", wrong.body);
        assert_eq!(form_of(&wrong.body, &pair.at("resources")).field("title"), harm, "and is what was written");
    }
}
