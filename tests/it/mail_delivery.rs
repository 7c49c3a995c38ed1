//! The outbox is delivered: what is said to whom, what is kept of it, who sends when many could.

use chrono::{Duration, TimeDelta};
use coachnet::domain::{AccountStatus, Agreement, MailKind};
use coachnet::jobs::{Tally, Timetable};
use coachnet::mail::Transport;
use coachnet::services::{pairings, questions};
use coachnet::store::accounts::{self, NewAccount};
use coachnet::store::types::Stamp;
use coachnet::store::{ClaimId, delivery};
use serde_json::json;

use crate::support::post::{self, PACE, Read, count, courier, queue, queue_many, rows, send_all};
use crate::support::programme::{MANY, Programme};
use crate::support::smtp::{Does, SmtpServer};
use crate::support::{TestDb, on_both_engines, people};

on_both_engines!(
    a_story_is_told_by_mail,
    secrets_are_gone_once_they_are_sent,
    what_events_have_overtaken_is_not_sent,
    who_has_an_account_is_written_to_as_it_says,
    who_cannot_be_written_to_is_a_dead_letter,
    a_letter_waits_for_its_time,
    many_couriers_share_the_work,
    a_dead_courier_loses_its_letters_to_others,
    who_lost_a_letter_changes_nothing,
    what_cannot_be_written_now_is_put_back,
    offers_expire_by_the_timetable,
);

/// A programme whose coaches have addresses, too.
fn programme(db: &TestDb, coachees: usize, coaches: usize) -> Programme {
    let programme = Programme::new(&db.store, coachees, coaches, 3);
    programme.tamper("UPDATE persons SET email = code || '@contoh.test'");
    programme
}

fn later(stamp: Stamp, by: TimeDelta) -> Stamp {
    Stamp::new(stamp.time() + by)
}

/// Delivers into a folder and gives what came new: to whom, and the subject up to the first colon.
fn delivered(programme: &Programme, folder: &tempfile::TempDir) -> Vec<Read> {
    let before = post::folder(folder.path()).len();
    let mut courier = courier(&programme.store, Transport::folder(folder.path().to_owned()));
    let tally = send_all(&mut courier, programme.now());
    assert_eq!((tally.dead, tally.later, tally.waiting), (0, 0, 0));
    post::folder(folder.path()).split_off(before)
}

fn told(mails: &[Read]) -> Vec<(&str, &str)> {
    mails.iter().map(|mail| (mail.to.as_str(), mail.subject.as_str())).collect()
}

fn a_story_is_told_by_mail(db: &TestDb) {
    let programme = programme(db, 1, 2);
    let folder = tempfile::tempdir().unwrap();
    let first = programme.choose(0, &[0, 1]).unwrap();
    let mails = delivered(&programme, &folder);
    assert_eq!(
        told(&mails),
        [
            ("c0@contoh.test", "Maukah mendampingi C.E.? Jawab sebelum Rabu, 25 November"),
            ("e0@contoh.test", "Permintaan Anda sudah dikirim (2 coach)"),
        ]
    );
    let asked = &mails[0].text;
    for part in ["Jabatan: Kepala Seksi", "Provinsi: Papua", "Yth. Coach c0,", "pukul 10.04 WIB"] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    assert!(asked.contains(&format!("/offers/{}", first.id)), "{asked}");
    assert!(!asked.contains("Coachee e0") && !asked.contains("e0@"), "who asks is told after a yes: {asked}");

    let ask = programme.as_coach(0);
    let question = db.store.write(|db| questions::ask(db, &ask, first.request, first.coach, "Kapan?", MANY)).unwrap();
    let answer = programme.as_coachee(0);
    db.store.write(|db| questions::answer(db, &answer, question.id, "Kamis")).unwrap();
    programme.decline(&first).unwrap();
    let second = programme.pending(1).remove(0);
    let pairing = programme.accept(&second).unwrap();
    let mails = delivered(&programme, &folder);
    assert_eq!(
        told(&mails),
        [
            ("e0@contoh.test", "Coach c0 bertanya kepada Anda"),
            ("c0@contoh.test", "C.E. menjawab pertanyaan Anda"),
            ("e0@contoh.test", "Coach c1 bersedia: pilih waktu pertama"),
            ("c1@contoh.test", "Terima kasih, Anda dan Coachee e0 berpasangan"),
        ]
    );
    assert!(!mails[0].text.contains("Kapan?"), "what people write to each other stays on the page");
    assert!(mails[3].text.contains("Alamat: e0@contoh.test"), "{}", mails[3].text);

    let terms = Agreement { goals: "Memimpin rapat".into(), sessions: 6, confidential: true };
    let sign = programme.as_coach(1);
    db.store.write(|db| pairings::sign(db, &sign, pairing.id, &terms)).unwrap();
    let signed = db.store.read(|db| coachnet::store::pairings::get(db, pairing.id)).unwrap();
    programme.complete(&signed).unwrap();
    let mails = delivered(&programme, &folder);
    assert_eq!(
        told(&mails),
        [
            ("e0@contoh.test", "Coach c1 menandatangani kesepakatan"),
            ("c1@contoh.test", "Coaching dengan Coachee e0 selesai"),
        ]
    );
    assert_eq!(mails[0].header("References"), mails[1].header("References"));
    programme.must_be_well();
}

fn secrets_are_gone_once_they_are_sent(db: &TestDb) {
    let now = people::moment();
    let folder = tempfile::tempdir().unwrap();
    let data = json!({ "token": "rahasia-123", "name": "Budi", "expires_at": later(now, TimeDelta::hours(1)) });
    queue(&db.store, MailKind::Invitation, "budi@contoh.test", &data, now);
    let mut courier = courier(&db.store, Transport::folder(folder.path().to_owned()));
    assert_eq!(send_all(&mut courier, now), Tally { taken: 1, sent: 1, ..Tally::default() });
    let mails = post::folder(folder.path());
    assert!(mails[0].text.contains("https://jejaring.test/invitations/rahasia-123"), "{}", mails[0].text);
    let rows = rows(&db.store);
    assert_eq!(rows[0].status, "sent");
    assert!(!rows[0].data.contains("rahasia") && rows[0].data.contains("Budi"), "{}", rows[0].data);
}

fn what_events_have_overtaken_is_not_sent(db: &TestDb) {
    let programme = programme(db, 1, 1);
    let folder = tempfile::tempdir().unwrap();
    programme.pair(0, 0);
    let mails = delivered(&programme, &folder);
    assert_eq!(mails.len(), 2, "{:?}", told(&mails));
    let rows = rows(&db.store);
    let asked = rows.iter().find(|row| row.kind == "offer_asked").unwrap();
    assert_eq!(asked.status, "void");
    assert!(asked.last_answer.as_deref().unwrap().contains("answered"));
}

fn who_has_an_account_is_written_to_as_it_says(db: &TestDb) {
    let programme = programme(db, 2, 1);
    let (address, name) = ("coach.satu@contoh.test".parse().unwrap(), "Orang Contoh".parse().unwrap());
    let person = Some(programme.coaches[0]);
    let new = NewAccount { person, email: &address, name: &name, language: "en", password_hash: "x" };
    let account = db.store.write(|db| accounts::create(db, &new, people::moment())).unwrap();
    programme.choose(0, &[0]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mails = delivered(&programme, &folder);
    assert_eq!(
        told(&mails),
        [
            ("coach.satu@contoh.test", "Will you coach C.E.? Answer by Wednesday, 25 November"),
            ("e0@contoh.test", "Permintaan Anda sudah dikirim (1 coach)"),
        ]
    );
    let close = |db: &mut _| accounts::set_status(db, account, AccountStatus::Disabled, people::moment());
    db.store.write(close).unwrap();
    programme.choose(1, &[0]).unwrap();
    let mut courier = courier(&db.store, Transport::folder(folder.path().to_owned()));
    let tally = send_all(&mut courier, programme.now());
    assert_eq!((tally.dead, tally.void), (0, 1), "nobody reads at a closed account, and nobody need look into it");
}

fn who_cannot_be_written_to_is_a_dead_letter(db: &TestDb) {
    let now = people::moment();
    let programme = programme(db, 1, 1);
    programme.tamper("UPDATE persons SET email = NULL");
    programme.choose(0, &[0]).unwrap();
    let over = json!({ "token": "abc", "expires_at": now });
    queue(&db.store, MailKind::PasswordReset, "late@contoh.test", &over, now);
    queue(&db.store, MailKind::PasswordReset, "blank@contoh.test", &json!({}), now);
    queue(&db.store, MailKind::PasswordChanged, "good@contoh.test", &json!({}), now);
    let folder = tempfile::tempdir().unwrap();
    let mut courier = courier(&db.store, Transport::folder(folder.path().to_owned()));
    let tally = send_all(&mut courier, now);
    assert_eq!((tally.sent, tally.dead, tally.void), (1, 3, 1), "a link that is over is nobody's trouble");
    let answers: Vec<String> = rows(&db.store).into_iter().filter_map(|row| row.last_answer).collect();
    for (answer, part) in answers.iter().zip(["no address", "no address", "no longer good", "secret"]) {
        assert!(answer.contains(part), "{answers:?}");
    }
}

fn a_letter_waits_for_its_time(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 1, later(now, TimeDelta::hours(1)));
    let server = SmtpServer::start(|_, _| Does::Take);
    let mut courier = courier(&db.store, post::to(&server, 1));
    assert_eq!(courier.run_once(now).unwrap(), Tally::default());
    assert_eq!(server.connections(), 0);
    assert_eq!(courier.run_once(later(now, TimeDelta::hours(1))).unwrap().sent, 1);
}

/// Couriers with stores of their own, as processes have them: every letter once.
fn many_couriers_share_the_work(db: &TestDb) {
    const LETTERS: usize = 400;
    let now = people::moment();
    queue_many(&db.store, LETTERS, now);
    let server = SmtpServer::start(|_, _| Does::Take);
    let sent: Vec<usize> = std::thread::scope(|scope| {
        let work = |_| {
            let mut courier = courier(&db.another_store(), post::to(&server, 2));
            scope.spawn(move || send_all(&mut courier, now).sent)
        };
        let at_work: Vec<_> = (0..4).map(work).collect();
        at_work.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(sent.iter().sum::<usize>(), LETTERS, "{sent:?}");
    let mut to: Vec<String> = server.taken().into_iter().map(|taken| taken.to).collect();
    to.sort();
    to.dedup();
    assert_eq!((to.len(), server.taken().len()), (LETTERS, LETTERS));
    assert_eq!(count(&db.store, "sent"), LETTERS);
}

fn a_dead_courier_loses_its_letters_to_others(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 3, now);
    let dead = ClaimId::new();
    let lease = TimeDelta::minutes(10);
    let taken = db.store.queue(|db| delivery::claim(db, dead, now, 2, lease)).unwrap();
    assert_eq!(taken.len(), 2);
    let server = SmtpServer::start(|_, _| Does::Take);
    let mut other = courier(&db.store, post::to(&server, 1));
    assert_eq!(send_all(&mut other, now).sent, 1, "what a living courier holds is left to it");
    let run_out = TimeDelta::seconds(-1);
    assert_eq!(db.store.queue(|db| delivery::prolong(db, dead, run_out)).unwrap(), 2);
    assert_eq!(send_all(&mut other, now).sent, 2);
    assert_eq!(server.taken().len(), 3);
}

fn who_lost_a_letter_changes_nothing(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 1, now);
    let slow = ClaimId::new();
    let taken = db.store.queue(|db| delivery::claim(db, slow, now, 9, TimeDelta::seconds(-1))).unwrap();
    let other = ClaimId::new();
    assert_eq!(db.store.queue(|db| delivery::claim(db, other, now, 9, TimeDelta::minutes(1))).unwrap().len(), 1);
    let dead = vec![(taken[0].id, delivery::Fate::Dead("too late".into()))];
    let settle = |claim, fates: &[_]| db.store.queue(|db| delivery::settle(db, claim, fates, now)).unwrap();
    assert_eq!(settle(slow, &dead), 0);
    assert_eq!(settle(slow, &[(taken[0].id, delivery::Fate::Sent(None))]), 0);
    assert_eq!(count(&db.store, "sending"), 1, "it is the other's to say");
    assert_eq!(db.store.queue(|db| delivery::prolong(db, slow, TimeDelta::minutes(1))).unwrap(), 0);
    assert_eq!(settle(other, &[(taken[0].id, delivery::Fate::Sent(None))]), 1);
    assert_eq!(settle(other, &dead), 0, "a letter has one end");
    assert_eq!(count(&db.store, "sent"), 1);
}

fn what_cannot_be_written_now_is_put_back(db: &TestDb) {
    let programme = programme(db, 1, 1);
    programme.choose(0, &[0]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut courier = courier(&db.store, Transport::folder(folder.path().to_owned()));
    programme.tamper("ALTER TABLE offers RENAME TO elsewhere");
    courier.run_once(programme.now()).unwrap_err();
    assert_eq!(
        ["sending", "queued"].map(|status| count(&db.store, status)),
        [0, 2],
        "others need not wait for the lease"
    );
    programme.tamper("ALTER TABLE elsewhere RENAME TO offers");
    assert_eq!(send_all(&mut courier, programme.now()).sent, 2);
}

fn offers_expire_by_the_timetable(db: &TestDb) {
    let programme = programme(db, 1, 1);
    let mut timetable = Timetable::new(db.store.clone(), PACE);
    programme.choose(0, &[0]).unwrap();
    assert_eq!(timetable.run_due(programme.now()), 0);
    programme.pass(Duration::days(4));
    assert_eq!(timetable.run_due(programme.now()), 1);
    assert_eq!(timetable.run_due(programme.now()), 0);
    assert_eq!(programme.told("offer_expired"), 1);
    programme.must_be_well();
}
