//! What letters tell of choosing, waiting and ending: the facts that people need, and no more.

use chrono::{Duration, TimeDelta};
use coachnet::domain::{Agreement, Language, Languages, Mode, Modes, Policy};
use coachnet::mail::Transport;
use coachnet::matching::watch::Watch;
use coachnet::services::requests::Wish;
use coachnet::services::runs::{self, Order, Selection};
use coachnet::services::{offers, pairings, requests};
use coachnet::store::RunId;
use coachnet::store::pairings::{Evaluation, Pairing};

use crate::support::people;
use crate::support::post::{self, Read, courier, send_all};
use crate::support::programme::{Programme, code};
use crate::support::sessions::held;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_certificate_is_told_with_its_code_and_the_coach_is_thanked,
    a_coach_who_completes_without_a_session_is_told_so,
    the_next_choice_has_a_deadline,
    a_coach_reads_why_and_how_much,
    whoever_asks_and_does_not_choose_is_told_of_the_waiting_list,
    whom_a_run_leaves_out_is_told_why,
    what_the_programme_does_the_coachee_is_told,
    what_the_coachee_does_is_not_told,
    a_first_step_is_named_with_times_that_suit,
    feedback_is_for_the_two_alone,
);

/// Sends what is due, and gives what came, each text on one line.
fn delivered(p: &Programme) -> Vec<Read> {
    let folder = tempfile::tempdir().unwrap();
    p.tamper("UPDATE persons SET email = code || '@contoh.test'");
    let tally = send_all(&mut courier(&p.store, Transport::folder(folder.path().to_owned())), p.now());
    assert_eq!((tally.dead, tally.later, tally.waiting), (0, 0, 0));
    let mut mails = post::folder(folder.path());
    mails.iter_mut().for_each(|mail| mail.text = mail.text.split_whitespace().collect::<Vec<_>>().join(" "));
    mails
}

/// What came to somebody.
fn to<'a>(mails: &'a [Read], who: &str) -> Vec<&'a Read> {
    mails.iter().filter(|mail| mail.to == format!("{who}@contoh.test")).collect()
}

fn subjects<'a>(mails: &[&'a Read]) -> Vec<&'a str> {
    mails.iter().map(|mail| mail.subject.as_str()).collect()
}

fn must_say(mail: &Read, parts: &[&str]) {
    for part in parts {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
}

/// The coach completes a pairing.
fn coach_completes(p: &Programme, pairing: &Pairing) {
    let (act, says) = (p.as_person(pairing.coach), Evaluation { rating: 4, comment: None });
    p.store.write(|db| pairings::complete(db, &act, pairing.id, &says, pairings::Unreported::Refuse)).unwrap();
}

fn a_certificate_is_told_with_its_code_and_the_coach_is_thanked(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 1);
    let pairing = p.pair(0, 0);
    for at in ["2026-12-01T02:00:00Z", "2026-12-08T02:00:00Z"] {
        held(&p.store, &pairing, at);
    }
    p.pass(TimeDelta::days(60));
    coach_completes(&p, &pairing);
    let mails = delivered(&p);
    let coachee = to(&mails, "e0");
    let issued = coachee.iter().find(|mail| mail.subject == "Coaching selesai: sertifikat Anda").expect("a letter");
    let found = p.store.read(|db| coachnet::store::certificates::of_pairing(db, pairing.id)).unwrap().unwrap();
    let code = found.code.0.0.to_string();
    must_say(issued, &[&format!("Kode sertifikat: {code}"), "Hasil: 2 sesi terlaksana, 4 jam pelajaran (JP)"]);
    let link = format!("https://jejaring.test/certificates/{code}");
    must_say(issued, &[&link, &format!("/pairings/{}", pairing.id)]);
    assert!(issued.html.contains(&format!("<a href=\"{link}\">")), "{}", issued.html);
    let coach = to(&mails, "c0");
    let thanks = coach.iter().find(|mail| mail.subject.starts_with("Terima kasih: coaching dengan")).expect("thanks");
    must_say(thanks, &["Coachee e0", "Hasil: 2 sesi terlaksana, 4 jam pelajaran (JP)"]);
    assert!(!thanks.text.contains(&code), "the certificate is the coachee's");
}

fn a_coach_who_completes_without_a_session_is_told_so(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    let pairing = p.pair(0, 0);
    coach_completes(&p, &pairing);
    let mails = delivered(&p);
    must_say(to(&mails, "c0").last().expect("thanks"), &["Hasil: belum ada sesi yang terlaksana"]);
    assert_eq!((p.told("coach_thanked"), p.told("certificate_issued")), (1, 0));
}

fn the_next_choice_has_a_deadline(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    let first = p.choose(0, &[0, 1]).unwrap();
    delivered(&p);
    p.decline(&first).unwrap();
    let mails = delivered(&p);
    let moved = to(&mails, "e0");
    assert_eq!(subjects(&moved), ["Permintaan Anda diteruskan ke pilihan ke-2"]);
    must_say(moved[0], &["Coach menjawab sebelum: Rabu, 25 November 2026 pukul"]);
    assert!(!moved[0].text.contains("Jawab sebelum"), "it is the coach who answers: {}", moved[0].text);
}

fn a_coach_reads_why_and_how_much(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    p.choose(0, &[0]).unwrap();
    let mails = delivered(&p);
    let asked = to(&mails, "c0")[0];
    must_say(
        asked,
        &[
            "Jabatan: Kepala Seksi",
            "Provinsi: Papua",
            "Yang ingin dikembangkan: ",
            "Mengapa Anda: Kesenjangan yang tertutup: ",
            "Perkiraan waktu: sekitar 6 sesi, masing-masing 60 menit",
            "Jawab sebelum: ",
        ],
    );
    assert_eq!(asked.text.matches("Mengapa Anda: ").count(), 2, "the two strongest: {}", asked.text);
    for told in ["Coachee e0", "dibutuhkan", "terukur"] {
        assert!(!asked.text.contains(told), "{told}: {}", asked.text);
    }
    // A day before the end it is said again.
    p.pass(Duration::days(2) + Duration::hours(1));
    coachnet::services::reminders::of_offers(&p.store, p.now()).unwrap();
    let mails = delivered(&p);
    must_say(to(&mails, "c0")[0], &["Mengapa Anda: ", "Perkiraan waktu: sekitar 6 sesi"]);
}

/// Takes the request of a coachee away, who then asks anew.
fn ask_anew(p: &Programme, coachee: usize, act: &coachnet::services::Act) {
    let (own, old) = (p.as_coachee(coachee), p.request(coachee).id);
    p.store.write(|db| requests::withdraw(db, &own, old)).unwrap();
    let wish = Wish {
        cohort: "2026-b".into(),
        coachee: p.coachees[coachee],
        focus: Vec::new(),
        modes: Modes::NONE.with(Mode::Online),
        languages: Languages::NONE.with(Language::Indonesian),
        motivation: None,
    };
    p.store.write(|db| requests::ask(db, act, &wish)).unwrap();
}

fn whoever_asks_and_does_not_choose_is_told_of_the_waiting_list(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 1, 2);
    ask_anew(&p, 0, &p.as_coachee(0));
    ask_anew(&p, 1, &p.as_coachee(1));
    assert!(delivered(&p).is_empty(), "there is time to choose first");
    p.choose(1, &[0]).unwrap();
    p.pass(Duration::hours(1));
    let mails = delivered(&p);
    assert_eq!(subjects(&to(&mails, "e0")), ["Anda masuk daftar tunggu"]);
    must_say(to(&mails, "e0")[0], &["Urutan Anda: 1 sampai 2, dari 2 yang menunggu", "memilih coach sendiri"]);
    must_say(to(&mails, "e0")[0], &[&format!("/requests/{}", p.request(0).id)]);
    assert_eq!(subjects(&to(&mails, "e1")), ["Permintaan Anda sudah dikirim (1 coach)"], "a coach is asked by now");
    p.must_be_well();
}

fn computed(p: &Programme) -> RunId {
    let order = Order { cohort: "2026-b".into(), policy: Policy::default(), seed: 1, as_of: people::day() };
    let run = p.store.write(|db| runs::create(db, &p.as_admin(), &order)).unwrap();
    runs::compute(&p.store, run, "test", Watch::NOBODY).unwrap();
    run
}

fn whom_a_run_leaves_out_is_told_why(db: &TestDb) {
    let p = Programme::new(&db.store, 4, 2, 1);
    let run = computed(&p);
    // One of the two places is gone by now, so one pair of the run cannot be put out.
    p.tamper("UPDATE coach_profiles SET capacity = 0 WHERE person = (SELECT id FROM persons WHERE code = 'c1')");
    let published = p.store.write(|db| runs::publish(db, &p.as_admin(), run, Selection::All)).unwrap();
    assert_eq!((published.proposed, published.left_out.len()), (1, 1));
    assert_eq!((p.told("coach_proposed"), p.told("waiting_listed")), (1, 3));
    let mails = delivered(&p);
    let waiting: Vec<&Read> = mails.iter().filter(|mail| mail.subject == "Anda masuk daftar tunggu").collect();
    assert_eq!(waiting.len(), 3);
    let why = "Mengapa menunggu: Semua tempat coach yang memenuhi syarat sudah diberikan kepada orang lain.";
    assert_eq!(waiting.iter().filter(|mail| mail.text.contains(why)).count(), 2, "the run says why");
    waiting.iter().for_each(|mail| must_say(mail, &["Urutan Anda: 1 sampai 4, dari 4 yang menunggu"]));
}

fn what_the_programme_does_the_coachee_is_told(db: &TestDb) {
    let p = Programme::new(&db.store, 5, 5, 1);
    let admin = p.as_national_admin();
    // A coach is asked.
    let request = p.request(0).id;
    p.store.write(|db| offers::put(db, &admin, request, &code(0))).unwrap();
    // A request is taken back.
    let request = p.request(1).id;
    p.store.write(|db| requests::withdraw(db, &admin, request)).unwrap();
    // The coach changes.
    let pairing = p.pair(2, 2);
    let offer = p.store.write(|db| pairings::reassign(db, &admin, pairing.id, &code(3))).unwrap();
    let mails = delivered(&p);
    assert_eq!(subjects(&to(&mails, "e0")), ["Coach c0 sedang ditanya untuk Anda"]);
    must_say(to(&mails, "e0")[0], &["Coach menjawab sebelum: "]);
    assert_eq!(subjects(&to(&mails, "e1")), ["Permintaan Anda ditarik oleh pengelola"]);
    assert_eq!(subjects(&to(&mails, "e2")), ["Coach c2 bersedia: pilih waktu pertama"], "nothing has changed yet");
    let taken = p.accept(&offer).unwrap();
    let mails = delivered(&p);
    assert_eq!(subjects(&to(&mails, "e2")), ["Coach Anda berganti: Coach c3"]);
    must_say(to(&mails, "e2")[0], &["Alamat: c3@contoh.test", "tandatangani kesepakatan"]);
    // A new coach is looked for.
    p.end(&taken).unwrap();
    p.store.write(|db| pairings::rematch(db, &admin, taken.id)).unwrap();
    let mails = delivered(&p);
    assert_eq!(subjects(&to(&mails, "e2")), ["Coach baru dicarikan bagi Anda"]);
    must_say(to(&mails, "e2")[0], &["Urutan Anda: "]);
    // A proposal is taken back.
    let run = computed(&p);
    p.store.write(|db| runs::publish(db, &p.as_admin(), run, Selection::All)).unwrap();
    delivered(&p);
    let proposed = p.offers_of(&p.request(4)).pop().expect("a proposal");
    p.store.write(|db| offers::withdraw(db, &admin, proposed.id)).unwrap();
    let mails = delivered(&p);
    let told = to(&mails, "e4");
    assert_eq!(told.len(), 1);
    assert!(told[0].subject.starts_with("Usulan coach Coach c") && told[0].subject.ends_with("ditarik kembali"));
    must_say(told[0], &["Urutan Anda: ", &format!("/requests/{}", p.request(4).id)]);
    p.must_be_well();
}

fn what_the_coachee_does_is_not_told(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 1);
    let pairing = p.pair(0, 0);
    p.end(&pairing).unwrap();
    p.store.write(|db| pairings::rematch(db, &p.as_coachee(0), pairing.id)).unwrap();
    let (act, request) = (p.as_coachee(1), p.request(1).id);
    p.store.write(|db| requests::withdraw(db, &act, request)).unwrap();
    for kind in ["asked_anew", "request_taken_back", "coach_asked", "coach_changed", "proposal_withdrawn"] {
        assert_eq!(p.told(kind), 0, "{kind}");
    }
}

fn a_first_step_is_named_with_times_that_suit(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    let pairing = p.pair(0, 0);
    let mails = delivered(&p);
    let coachee = to(&mails, "e0");
    let first = coachee.iter().find(|mail| mail.subject == "Coach c0 bersedia: pilih waktu pertama").expect("a yes");
    must_say(first, &["Langkah pertama: tulis dan tandatangani kesepakatan", "Alamat: c0@contoh.test"]);
    assert_eq!(first.text.matches("Waktu yang cocok bagi keduanya: ").count(), 3, "{}", first.text);
    must_say(first, &["WIT / ", "https://jejaring.test/account"]);
    let coach = to(&mails, "c0");
    let thanks = coach.iter().find(|mail| mail.subject.starts_with("Terima kasih")).expect("thanks");
    must_say(thanks, &["Langkah pertama: tulis dan tandatangani kesepakatan", "Alamat: e0@contoh.test"]);
    // Once the pairing is over there is nothing to begin.
    let terms = Agreement { goals: "Memimpin rapat".into(), sessions: 6, confidential: true };
    p.store.write(|db| pairings::sign(db, &p.as_coach(0), pairing.id, &terms)).unwrap();
    assert_eq!(p.told("pairing_started"), 2);
}

fn feedback_is_for_the_two_alone(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    let pairing = p.pair(0, 0);
    held(&p.store, &pairing, "2026-12-01T02:00:00Z");
    p.pass(TimeDelta::days(9) + TimeDelta::hours(3));
    coachnet::services::reminders::after_sessions(&p.store, p.now()).unwrap();
    let mails = delivered(&p);
    let asked = mails.iter().find(|mail| mail.subject.starts_with("Bagaimana sesi 1")).expect("a question");
    must_say(asked, &["hanya dibaca", "pengelola program tidak melihatnya"]);
}
