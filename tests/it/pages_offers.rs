//! From a gap to an answered offer at the pages, on both engines: asking, choosing in order, answering,
//! questions, proposals of a run, what happens to who comes too late.

use chrono::TimeDelta;
use coachnet::domain::{Agreement, DeclineReason, Role, Zone};
use coachnet::i18n::Lang;
use coachnet::services::{offers, pairings};

use crate::support::browser::{Browser, form_of};
use crate::support::contents::{contents, must_be_same};
use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_coachee_asks_and_a_coach_says_yes,
    nothing_chosen_is_no_answer,
    a_no_has_its_reason_and_goes_on,
    who_comes_too_late_is_told,
    an_answer_after_the_deadline_is_none,
    both_ask_one_question,
    choices_are_put_in_order_without_scripts,
    a_request_is_withdrawn_on_its_own_page,
    a_coach_pauses,
    whose_it_is_decides,
    times_are_told_by_the_readers_clock,
);

/// A programme whose people sit at browsers.
struct Stage<'a> {
    world: &'a World,
    programme: Programme,
}

impl<'a> Stage<'a> {
    /// The clock of the programme stands, some minutes after the start of the world's.
    fn new(world: &'a World, coachees: usize, coaches: usize, capacity: u16) -> Self {
        world.hands.turn(TimeDelta::minutes(10));
        Self { world, programme: Programme::beside(&world.store, coachees, coaches, capacity) }
    }

    fn coachee(&self, at: usize) -> Browser<'a> {
        let (email, person) = (format!("e{at}@contoh.test"), self.programme.coachees[at]);
        let account = self.world.account_of(&email, &[(Role::Coachee, None)], Some(person));
        self.world.browser(account, false, &format!("203.0.113.{at}"))
    }

    fn coach(&self, at: usize) -> Browser<'a> {
        let (email, person) = (format!("c{at}@contoh.test"), self.programme.coaches[at]);
        let account = self.world.account_of(&email, &[(Role::Coach, None)], Some(person));
        self.world.browser(account, false, &format!("203.0.114.{at}"))
    }

    /// The first coachee chooses coaches at the service, so that a test of the page may begin there.
    fn offer(&self, coaches: &[usize]) -> (String, String) {
        let offer = self.programme.choose(0, coaches).unwrap();
        (format!("/offers/{}", offer.id), format!("/offers/{}/answer", offer.id))
    }
}

fn a_coachee_asks_and_a_coach_says_yes(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 2, 1);
    let (coachee, coach) = (stage.coachee(0), stage.coach(0));
    let before = stage.programme.request(0).id;
    let withdrawal = format!("/requests/{before}/withdrawal");
    assert_eq!(
        coachee.fills(&withdrawal, &withdrawal, &[]).header("location"),
        format!("/requests/{before}?done=withdrawn")
    );

    let home = coachee.page("/");
    assert!(home.contains("Mulai dari kesenjangan Anda") && home.contains("href=\"/requests/new\""), "{home}");
    let profile = coachee.page("/profile");
    assert!(profile.contains("class=\"gaps\"") && profile.contains("1 dari "), "{profile}");

    let form = coachee.form("/requests/new", "/requests/new");
    let nothing = coachee.sends(&form.clone().with(&[("cohort", "2026-c")]).without("modes"));
    assert_eq!(nothing.status, 422);
    assert!(
        nothing.body.contains("href=\"#modes\"") && nothing.body.contains("id=\"modes-fault\""),
        "{}",
        nothing.body
    );
    let form = form.with(&[("cohort", "2026-c"), ("focus", "M.01"), ("motivation", "Memimpin\r\ntim baru <baru>.")]);
    let (first, second) = (coachee.sends(&form), coachee.sends(&form));
    assert_eq!((first.status, first.header("location")), (303, second.header("location")), "{}", first.body);
    let list = first.header("location").to_owned();
    assert!(list.ends_with("/coaches?done=request_made"), "{list}");

    let shown = coachee.page(&list);
    assert!(shown.contains("Permintaan Anda dicatat") && shown.contains("Kuat dalam:"), "{shown}");
    assert!(!shown.contains("@contoh.test") && !shown.contains("Coach c0"), "no name, no address: {shown}");
    let request = list.split('/').nth(2).unwrap();
    let ask = format!("/requests/{request}/questions");
    let asked = coachee.fills(&format!("{ask}?coach=c1"), &ask, &[("question", "Kapan bisa mulai?")]);
    assert_eq!(asked.header("location"), format!("/requests/{request}?done=asked"), "{}", asked.body);
    assert!(coachee.page(&format!("/requests/{request}")).contains("Kapan bisa mulai?"));
    let choices = format!("/requests/{request}/choices");
    let check = coachee.page(&format!("{choices}?coach=c0"));
    let sent = coachee.sends(&form_of(&check, &choices));
    assert_eq!((sent.status, sent.header("location").contains("?done=chosen")), (303, true), "{}", sent.body);
    assert!(coachee.page("/").contains("Menunggu jawaban"));

    let inbox = coach.page("/");
    assert!(inbox.contains("C.E.") && inbox.contains("1 dari 1 tempat terisi"), "{inbox}");
    let (_, offer) = inbox.split_once("href=\"/offers/").unwrap();
    let page = format!("/offers/{}", &offer[..36]);
    let shown = coach.page(&page);
    for text in
        ["Maukah mendampingi C.E.?", "Kepala Seksi", "Papua", "tim baru &#60;baru&#62;.", "Mengapa Anda", "1 dari "]
    {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(!shown.contains("@contoh.test") && !shown.contains("Coachee e0"), "{shown}");
    let form = coach.form(&page, &format!("{page}/answer")).with(&[("answer", "yes")]);
    let (accepted, again) = (coach.sends(&form), coach.sends(&form));
    assert_eq!((accepted.status, accepted.header("location")), (303, again.header("location")), "{}", accepted.body);
    let pairing = coach.follow(&accepted);
    assert!(pairing.body.contains("e0@contoh.test") && pairing.body.contains("Coachee e0"), "{}", pairing.body);
    assert!(coach.page(&page).contains("Anda sudah menyatakan bersedia"));
    assert!(coachee.page("/").contains("Sepakati tujuan dengan"));
    stage.programme.must_be_well();
}

fn nothing_chosen_is_no_answer(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 1);
    let coach = stage.coach(0);
    let (page, answer) = stage.offer(&[0]);
    let before = contents(db);
    // As a scanner does that presses every button it finds.
    for form in crate::support::browser::forms_of(&coach.page(&page)) {
        if form.action != "/sign-out" {
            assert_eq!(coach.sends(&form).status, 422, "{form:?}");
        }
    }
    let silent = coach.fills(&page, &answer, &[("note", "Tidak tahu")]);
    assert_eq!(silent.status, 422);
    assert!(silent.body.contains("href=\"#answer\"") && silent.body.contains("id=\"answer-fault\""), "{}", silent.body);
    assert!(silent.body.contains("Tidak tahu"), "what was written is kept");
    let reasonless = coach.fills(&page, &answer, &[("answer", "no"), ("note", "")]);
    assert!(reasonless.status == 422 && reasonless.body.contains("href=\"#reason\""));
    assert!(reasonless.body.contains("value=\"no\" checked"), "{}", reasonless.body);
    must_be_same(&before, &contents(db), "nothing chosen");
}

fn a_no_has_its_reason_and_goes_on(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 2, 1);
    let (coachee, first, second) = (stage.coachee(0), stage.coach(0), stage.coach(1));
    let (page, answer) = stage.offer(&[0, 1]);
    let no = first.fills(&page, &answer, &[("answer", "no"), ("reason", "no_time"), ("note", "Sedang haji.")]);
    assert_eq!((no.status, no.header("location")), (303, format!("{page}?done=declined").as_str()), "{}", no.body);
    assert!(first.follow(&no).body.contains("permintaan diteruskan"));
    assert!(second.page("/").contains("/offers/"));
    let request = format!("/requests/{}", stage.programme.request(0).id);
    let shown = coachee.page(&request);
    assert!(
        shown.contains("Tidak menjadi pasangan") && !shown.contains("Sedang haji"),
        "no reason of the coach: {shown}"
    );
    stage.programme.must_be_well();
}

fn who_comes_too_late_is_told(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 1);
    let coach = stage.coach(0);
    let (page, answer) = stage.offer(&[0]);
    let form = coach.form(&page, &answer).with(&[("answer", "yes")]);
    let elsewhere = coach.form(&page, &answer).with(&[("answer", "no"), ("reason", "other")]);
    assert_eq!(coach.sends(&form).status, 303);
    let late = coach.sends(&elsewhere);
    assert_eq!(late.status, 409);
    assert!(late.body.contains("sudah dijawab") || late.body.contains("berubah"), "{}", late.body);
    assert!(late.body.contains("Anda sudah menyatakan bersedia"), "the first answer is shown");
}

fn an_answer_after_the_deadline_is_none(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 1);
    let coach = stage.coach(0);
    let (page, answer) = stage.offer(&[0]);
    let form = coach.form(&page, &answer).with(&[("answer", "yes")]);
    world.hands.turn(TimeDelta::days(3) + TimeDelta::hours(1));
    let late = coach.sends(&form);
    assert_eq!(late.status, 409);
    assert!(
        late.body.contains("Batas waktu menjawab sudah lewat") && late.body.contains("Waktu jawab lewat"),
        "{}",
        late.body
    );
    assert!(!coach.page("/").contains(&page), "and it is not at home any more");
    stage.programme.must_be_well();
}

fn both_ask_one_question(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 1);
    let (coachee, coach) = (stage.coachee(0), stage.coach(0));
    let (page, _) = stage.offer(&[0]);
    let ask = format!("{page}/question");
    let empty = coach.fills(&page, &ask, &[("question", "  ")]);
    assert!(empty.status == 422 && empty.body.contains("<details open>"), "{}", empty.body);
    assert_eq!(coach.fills(&page, &ask, &[("question", "Bisa sore hari?")]).status, 303);
    assert!(!coach.page(&page).contains(&ask), "one question each");
    let home = coachee.page("/");
    assert!(home.contains("bertanya kepada Anda"), "{home}");
    let (_, id) = home.split_once("href=\"/questions/").unwrap();
    let question = format!("/questions/{}", &id[..36]);
    let shown = coachee.page(&question);
    assert!(shown.contains("Bisa sore hari?") && shown.contains("name=\"answer\""));
    let answered = coachee.fills(&question, &question, &[("answer", "Bisa.")]);
    assert_eq!(answered.status, 303, "{}", answered.body);
    assert!(coach.page(&page).contains("Bisa.") && coach.page(&question).contains("Anda bertanya"));
    assert_eq!(coachee.fills(&page, &ask, &[("question", "Berapa lama?")]).status, 303, "the other side too");
    stage.programme.must_be_well();
}

fn choices_are_put_in_order_without_scripts(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 4, 1);
    let coachee = stage.coachee(0);
    let request = stage.programme.request(0).id;
    let (list, choices) = (format!("/requests/{request}/coaches"), format!("/requests/{request}/choices"));
    let none = coachee.sends(&coachee.form(&list, &choices));
    assert!(none.status == 422 && none.body.contains("href=\"#coach\""), "{}", none.body);
    let four = coachee.get(&format!("{choices}?coach=c0&coach=c1&coach=c2&coach=c3"));
    assert_eq!((four.status, four.body.matches(" checked").count()), (422, 4), "what was chosen is kept");
    let check = coachee.page(&format!("{choices}?coach=c0&coach=c1&coach=c2"));
    assert!(check.contains("Pilihan ke-3"));
    let (_, up) = check.rsplit_once("Naikkan").map(|(before, _)| before.rsplit_once("href=\"").unwrap()).unwrap();
    let up = crate::support::browser::plain(up.split('"').next().unwrap());
    let moved = coachee.page(&up);
    let form = form_of(&moved, &choices);
    let order: Vec<_> = form.fields.iter().filter(|(name, _)| name == "coach").map(|(_, code)| code.as_str()).collect();
    assert_eq!(order, ["c0", "c2", "c1"]);
    assert_eq!(coachee.sends(&form).status, 303);
    let chosen = world.store.read(|db| coachnet::store::requests::choices(db, request)).unwrap();
    assert_eq!(chosen.iter().map(ToString::to_string).collect::<Vec<_>>(), ["c0", "c2", "c1"]);
    let again = coachee.sends(&form.with(&[("form", ""), ("seal", "")]));
    assert_eq!(again.status, 403);
    assert!(coachee.page(&list).contains("sedang menunggu jawaban"));
}

fn a_request_is_withdrawn_on_its_own_page(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 2, 1, 1);
    let (coachee, other) = (stage.coachee(0), stage.coachee(1));
    let (offer, _) = stage.offer(&[0]);
    let page = format!("/requests/{}", stage.programme.request(0).id);
    let waiting = other.page(&format!("/requests/{}", stage.programme.request(1).id));
    assert!(waiting.contains("dari 2 yang menunggu") && waiting.contains("Besar kesenjangan"), "{waiting}");
    let shown = coachee.page(&page);
    assert!(shown.contains(&format!("{page}/withdrawal")) && shown.contains("Sedang ditanya"));
    let withdrawal = format!("{page}/withdrawal");
    assert_eq!(coachee.fills(&withdrawal, &withdrawal, &[]).status, 303);
    assert!(coachee.page(&page).contains("Ditarik kembali"));
    assert!(stage.coach(0).page(&offer).contains("sudah ditarik kembali"));
    assert_eq!(other.get(&page).status, 403);
    stage.programme.must_be_well();
}

fn a_coach_pauses(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 3);
    let coach = stage.coach(0);
    assert!(coach.page("/").contains("0 dari 3 tempat terisi"));
    assert_eq!(coach.fills("/", "/availability", &[]).header("location"), "/?done=paused");
    assert!(!stage.programme.room(0).accepting);
    assert!(coach.page("/").contains("Anda sedang dijeda"));
    assert_eq!(coach.fills("/", "/availability", &[]).header("location"), "/?done=resumed");
    assert!(stage.programme.room(0).accepting);
    let late = coach.fills("/", "/availability", &[("until", "2020-01-01")]);
    assert!(late.status == 422 && late.body.contains("href=\"#until\""), "{}", late.body);
    let until = (world.hands.now() + chrono::TimeDelta::days(9)).date_naive();
    let paused = coach.fills("/", "/availability", &[("until", &until.to_string())]);
    assert_eq!(paused.header("location"), "/?done=paused", "{}", paused.body);
    assert!(coach.page("/").contains("Anda dijeda sampai"));
    assert_eq!(stage.programme.room(0).paused_until.map(|day| day.0), Some(until));
}

/// Owner, other side, others: pages about things that are there.
fn whose_it_is_decides(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 2, 2, 2);
    let (offer, _) = stage.offer(&[0, 1]);
    let admin = |email: &str, role, agency| {
        world.browser(world.account_of(email, &[(role, agency)], None), true, "203.0.113.50")
    };
    let browsers = [
        stage.coachee(0),
        stage.coach(0),
        stage.coachee(1),
        stage.coach(1),
        admin("own@contoh.test", Role::AgencyAdmin, Some("PROV-91")),
        admin("other@contoh.test", Role::AgencyAdmin, Some("KEM-02")),
        admin("all@contoh.test", Role::NationalAdmin, None),
        admin("auditor@contoh.test", Role::Auditor, None),
    ];
    let request = format!("/requests/{}", stage.programme.request(0).id);
    let row = |path: &str| -> String {
        let seen = |browser: &Browser| match browser.get(path).status {
            200 => '+',
            403 => 'x',
            status => panic!("{path}: {status}"),
        };
        browsers.iter().map(seen).collect()
    };
    assert_eq!(row(&offer), "++xx+x+x");
    assert_eq!(row(&request), "+xxx+x+x");
    assert_eq!(row(&format!("{request}/coaches")), "+xxxxxxx");
    assert_eq!(row(&format!("{request}/withdrawal")), "+xxx+x+x");
    // A coach who has said no may read on; the next one does so once asked.
    let id = offer.rsplit('/').next().unwrap().parse().unwrap();
    let act = stage.programme.as_coach(0);
    world.store.write(|db| offers::decline(db, &act, id, DeclineReason::Other, None)).unwrap();
    assert_eq!(row(&offer), "++xx+x+x");
}

/// A coachee in Papua and a coach in Jakarta read the same moments, each by their own clock, as their letters tell them.
fn times_are_told_by_the_readers_clock(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world, 1, 1, 1);
    let (coachee, coach) = (stage.coachee(0), stage.coach(0));
    let offer = stage.programme.choose(0, &[0]).unwrap();
    let [wit, wib] = [Zone::Wit, Zone::Wib].map(|zone| Lang::Id.moment_in(offer.deadline.time(), zone));
    let (request, own) = (format!("/requests/{}", offer.request), format!("/offers/{}", offer.id));
    for page in ["/", &request] {
        let shown = coachee.page(page);
        assert!(shown.contains(&wit) && !shown.contains("WIB"), "{page}: {wit}: {shown}");
    }
    for page in ["/", &own] {
        let shown = coach.page(page);
        assert!(shown.contains(&wib) && !shown.contains("WIT"), "{page}: {wib}: {shown}");
    }
    let account = coachee.page("/account");
    assert!(account.contains(" WIT") && !account.contains("WIB"), "{account}");
    // Who runs the programme is in no record, and reads Jakarta's clock.
    let admin = world.account_of("n@contoh.test", &[(Role::NationalAdmin, None)], None);
    assert!(world.browser(admin, true, "203.0.115.1").page(&own).contains(&wib));

    let pairing = stage.programme.accept(&offer).unwrap();
    let terms = Agreement { goals: "Memimpin rapat".into(), sessions: 6, confidential: true };
    let act = stage.programme.as_coachee(0);
    world.store.write(|db| pairings::sign(db, &act, pairing.id, &terms)).unwrap();
    for (reader, zone) in [(&coachee, Zone::Wit), (&coach, Zone::Wib)] {
        let signed = Lang::Id.moment_in(act.now.time(), zone);
        let shown = reader.page(&format!("/pairings/{}", pairing.id));
        assert!(shown.contains(&signed), "{signed}: {shown}");
    }
}
