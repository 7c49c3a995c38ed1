//! What a clock makes the programme say: weeks are lived through in one go, and the mails asserted as a list.

use std::thread;

use chrono::{DateTime, Duration, TimeDelta, Utc};
use coachnet::domain::{Attendance, CancelledBy, MailClass, MailKind, Role, Side};
use coachnet::jobs::Timetable;
use coachnet::services::{housekeeping, mail_preferences, reminders};
use coachnet::store::accounts::{self, Grant, NewAccount};
use coachnet::store::types::Stamp;
use coachnet::store::{AccountId, Store, StoreError};
use serde_json::json;

use crate::support::meetings::{Meetings, at, told, wish};
use crate::support::post::{PACE, auth, queue, rows};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    weeks_of_a_pair,
    another_time_is_reminded_of_again,
    what_was_agreed_on_late_is_not_reminded_of,
    a_proposal_that_nobody_answers_is_given_up,
    what_lapsed_together_is_one_letter,
    who_has_not_said_yes_is_reminded,
    each_who_has_not_said_is_asked,
    a_coach_reads_on_monday_what_waits,
    a_proposal_is_no_sign_of_life_for_long,
    many_processes_say_it_once,
    who_runs_the_programme_is_told_what_stands_still,
    who_runs_the_programme_may_do_without_the_digest,
    sent_mails_go_after_a_while,
);

/// Lives until a moment in steps, with two timetables that know nothing of each other, and gives the mails: when (by
/// the clock of Jakarta), to whom, and about what.
fn live(meetings: &Meetings, tables: &mut [Timetable], until: DateTime<Utc>, step: TimeDelta) -> Vec<String> {
    let mut said = Vec::new();
    while meetings.programme.now().time() < until {
        meetings.programme.pass(step);
        let now = meetings.programme.now();
        for table in tables.iter_mut() {
            table.run_due(now);
        }
        for (to, subject) in told(&meetings.delivered()) {
            let at = (now.time() + TimeDelta::hours(7)).format("%d %b %H:%M");
            said.push(format!("{at} {}: {subject}", to.trim_end_matches("@contoh.test")));
        }
    }
    said
}

fn tables(db: &TestDb) -> [Timetable; 2] {
    [Timetable::new(db.store.clone(), PACE), Timetable::new(db.another_store(), PACE)]
}

fn weeks_of_a_pair(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 2);
    meetings.programme.choose(1, &[0]).unwrap();
    let session = meetings.agree(&wish(at(11, 30, 0)));
    meetings.delivered();
    // On full hours from here on.
    meetings.programme.pass(Duration::minutes(-4));
    let mut tables = tables(db);
    let hour = TimeDelta::hours(1);
    assert_eq!(
        live(&meetings, &mut tables, at(11, 30, 3), hour),
        [
            "23 Nov 06:00 c0: Minggu ini: 1 menunggu jawaban, 0 sesi",
            "24 Nov 11:00 c0: Tinggal 1 hari: permintaan C.E.",
            "25 Nov 11:00 c0: Waktu jawab lewat: permintaan C.E.",
            "25 Nov 11:00 e1: Anda kembali di daftar tunggu, lebih di depan",
            "29 Nov 07:00 e0: Pengingat: Senin 30 Nov, 09.00 WIT, sesi 1, Coach c0",
            "29 Nov 07:00 c0: Pengingat: Senin 30 Nov, 07.00 WIB, sesi 1, Coachee e0",
            "30 Nov 06:00 e0: Pengingat: Senin 30 Nov, 09.00 WIT, sesi 1, Coach c0",
            "30 Nov 06:00 c0: Pengingat: Senin 30 Nov, 07.00 WIB, sesi 1, Coachee e0",
            "30 Nov 06:00 c0: Minggu ini: 0 menunggu jawaban, 1 sesi",
            "30 Nov 08:00 e0: Senin 30 Nov: apakah sesi 1 dengan Coach c0 jadi?",
            "30 Nov 08:00 c0: Senin 30 Nov: apakah sesi 1 dengan Coachee e0 jadi?",
        ]
        .map(String::from)
        .as_slice(),
    );
    meetings.attend(Side::Coach, &session, Attendance::Held);
    let four = TimeDelta::hours(4);
    assert_eq!(
        live(&meetings, &mut tables, at(12, 24, 0), four),
        [
            "30 Nov 14:00 e0: Bagaimana sesi 1 dengan Coach c0? 2 menit",
            "30 Nov 14:00 c0: Bagaimana sesi 1 dengan Coachee e0? 2 menit",
            "21 Dec 10:00 e0: Coach c0: sudah lama belum ada sesi",
            "21 Dec 10:00 c0: Coachee e0: sudah lama belum ada sesi",
        ]
        .map(String::from)
        .as_slice()
    );
    // The coachee wants no more of it.
    let token = mail_preferences::token(&auth().vault, meetings.pairing.coachee, MailClass::Nudges).unwrap();
    let (person, class) = mail_preferences::read(&auth().vault, &token).unwrap();
    let now = meetings.programme.now();
    db.store.write(|db| mail_preferences::refuse_by_link(db, person, class, now)).unwrap();
    assert_eq!(
        live(&meetings, &mut tables, at(1, 20, 0), four),
        ["11 Jan 10:00 c0: Coachee e0: sudah lama belum ada sesi".to_owned()].as_slice(),
        "three weeks later"
    );
    meetings.programme.must_be_well();
}

fn another_time_is_reminded_of_again(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = meetings.agree(&wish(at(11, 30, 0)));
    meetings.delivered();
    let remind = || reminders::of_sessions(&db.store, meetings.programme.now()).unwrap();
    meetings.pass_until(at(11, 29, 2));
    assert_eq!((remind(), remind()), (2, 0));
    // Before they are sent it is moved: its letter is sent, the reminders are not.
    meetings.programme.pass(Duration::minutes(1));
    let moved = meetings.reschedule(Side::Coach, &session, &wish(at(12, 2, 0)));
    let mails = meetings.delivered();
    assert!(mails.len() == 2 && mails.iter().all(|mail| mail.subject.starts_with("Diubah")), "{:?}", told(&mails));
    meetings.pass_until(at(12, 1, 2));
    assert_eq!((remind(), remind()), (2, 0));
    let mails = meetings.delivered();
    assert_eq!(mails[0].subject, "Pengingat: Rabu 2 Des, 09.00 WIT, sesi 1, Coach c0");
    let out = mails[0].header("List-Unsubscribe");
    assert!(out.starts_with("<https://jejaring.test/u/") && out.contains("mailto:bantuan@jejaring.test"), "{out}");
    assert_eq!(mails[0].header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(mails[0].text.contains("https://jejaring.test/u/") && mails[0].html.contains("https://jejaring.test/u/"));
    meetings.cancel(Side::Coachee, &moved);
    meetings.pass_until(at(12, 1, 23) + TimeDelta::minutes(30));
    assert_eq!(remind(), 0, "nobody is reminded of what was called off");
}

fn what_was_agreed_on_late_is_not_reminded_of(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    meetings.pass_until(at(11, 29, 12));
    meetings.agree(&wish(at(11, 30, 0)));
    let remind = || reminders::of_sessions(&db.store, meetings.programme.now()).unwrap();
    assert_eq!(remind(), 0, "the invitation has just come");
    meetings.pass_until(at(11, 29, 23) + TimeDelta::minutes(10));
    assert_eq!((remind(), remind()), (2, 0), "an hour before");
    meetings.pass_until(at(11, 30, 0));
    assert_eq!(remind(), 0);
}

fn a_proposal_that_nobody_answers_is_given_up(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = meetings.propose(Side::Coachee, &wish(at(11, 30, 0)));
    meetings.delivered();
    meetings.pass_until(at(11, 30, 0) + TimeDelta::minutes(1));
    for mut table in tables(db) {
        table.run_due(meetings.programme.now());
    }
    let given_up = db.store.read(|db| coachnet::store::sessions::get(db, session.id)).unwrap();
    assert_eq!(given_up.cancelled_by.map(|by| by.0), Some(CancelledBy::Programme));
    assert_eq!(meetings.programme.audited("session.cancelled"), 1);
    assert_eq!(
        told(&meetings.delivered()),
        [
            ("e0@contoh.test", "Tidak disetujui: Senin 30 Nov, 09.00 WIT, sesi 1, Coach c0"),
            ("c0@contoh.test", "Tidak disetujui: Senin 30 Nov, 07.00 WIB, sesi 1, Coachee e0"),
        ],
        "each once, however many processes look"
    );
    // Its time is free again.
    meetings.pass_until(at(11, 29, 0));
    meetings.agree(&wish(at(11, 30, 0)));
    meetings.programme.must_be_well();
}

/// Of a plan that nobody looked at for days, one letter; and none if somebody says at once that the two met.
fn what_lapsed_together_is_one_letter(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    for hour in 0..3 {
        meetings.propose(Side::Coach, &wish(at(11, 30, hour)));
    }
    meetings.delivered();
    meetings.pass_until(at(11, 30, 3));
    let mut tables = tables(db);
    tables[0].run_due(meetings.programme.now());
    assert_eq!((meetings.programme.audited("session.cancelled"), meetings.delivered().len()), (3, 2));
    meetings.pass_until(at(12, 1, 0));
    let late = meetings.propose(Side::Coach, &wish(at(12, 2, 0)));
    meetings.pass_until(at(12, 2, 1));
    tables[1].run_due(meetings.programme.now());
    meetings.attend(Side::Coach, &late, Attendance::Held);
    let mails = meetings.delivered();
    assert!(mails.iter().all(|mail| !mail.subject.starts_with("Tidak disetujui")), "{:?}", told(&mails));
}

fn who_has_not_said_yes_is_reminded(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = meetings.propose(Side::Coachee, &wish(at(11, 30, 0)));
    meetings.delivered();
    let remind = || reminders::of_proposals(&db.store, meetings.programme.now()).unwrap();
    meetings.pass_until(at(11, 27, 23));
    assert_eq!(remind(), 0);
    meetings.pass_until(at(11, 28, 0) + TimeDelta::minutes(1));
    assert_eq!((remind(), remind()), (1, 0));
    let mails = meetings.delivered();
    assert_eq!(
        told(&mails),
        [("c0@contoh.test", "Belum dijawab: Senin 30 Nov, 07.00 WIB, sesi 1, Coachee e0")],
        "the side that is asked alone"
    );
    assert!(mails[0].header("List-Unsubscribe").contains("/u/"));

    // Another time waits for the other side, and is reminded of half-way if it is near.
    let moved = meetings.reschedule(Side::Coach, &session, &wish(at(11, 29, 0)));
    meetings.delivered();
    meetings.pass_until(at(11, 28, 11));
    assert_eq!(remind(), 0, "it has just come");
    meetings.pass_until(at(11, 28, 12) + TimeDelta::minutes(2));
    assert_eq!((remind(), remind()), (1, 0));
    // An answer before the courier comes makes it pointless.
    meetings.confirm(Side::Coachee, &moved);
    assert!(meetings.delivered().iter().all(|mail| !mail.subject.starts_with("Belum dijawab")));

    let vault = &auth().vault;
    let token = mail_preferences::token(vault, meetings.pairing.coachee, MailClass::Reminders).unwrap();
    let (person, class) = mail_preferences::read(vault, &token).unwrap();
    let now = meetings.programme.now();
    db.store.write(|db| mail_preferences::refuse_by_link(db, person, class, now)).unwrap();
    meetings.propose(Side::Coach, &wish(at(12, 7, 0)));
    meetings.pass_until(at(12, 6, 0));
    assert_eq!(remind(), 0, "one may do without");
}

/// What one says does not settle it for the other, who is asked as well.
fn each_who_has_not_said_is_asked(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let (held, missed) = (meetings.agree(&wish(at(11, 30, 0))), meetings.agree(&wish(at(11, 30, 2))));
    meetings.delivered();
    meetings.pass_until(at(11, 30, 3) + TimeDelta::minutes(1));
    meetings.attend(Side::Coach, &held, Attendance::Held);
    meetings.attend(Side::Coachee, &missed, Attendance::CoachMissed);
    reminders::after_sessions(&db.store, meetings.programme.now()).unwrap();
    let mails = meetings.delivered();
    let asked: Vec<_> = told(&mails).into_iter().filter(|(_, subject)| subject.contains("apakah sesi")).collect();
    assert_eq!(
        asked,
        [
            ("e0@contoh.test", "Senin 30 Nov: apakah sesi 1 dengan Coach c0 jadi?"),
            ("c0@contoh.test", "Senin 30 Nov: apakah sesi 2 dengan Coachee e0 jadi?"),
        ]
    );
    assert_eq!(reminders::after_sessions(&db.store, meetings.programme.now()).unwrap(), 0, "once");

    // Who speaks before the letter goes out is not asked any more.
    let third = meetings.agree(&wish(at(12, 1, 0)));
    meetings.delivered();
    meetings.pass_until(at(12, 1, 2));
    assert_eq!(reminders::after_sessions(&db.store, meetings.programme.now()).unwrap(), 2);
    meetings.attend(Side::Coachee, &third, Attendance::Held);
    let mails = meetings.delivered();
    assert_eq!(told(&mails), [("c0@contoh.test", "Selasa 1 Des: apakah sesi 3 dengan Coachee e0 jadi?")]);
}

fn a_coach_reads_on_monday_what_waits(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    meetings.propose(Side::Coachee, &wish(at(12, 9, 0)));
    meetings.propose(Side::Coach, &wish(at(12, 10, 0)));
    meetings.pass_until(at(11, 29, 23) + TimeDelta::minutes(1));
    let mut tables = tables(db);
    meetings.delivered();
    tables[0].run_due(meetings.programme.now());
    let mails = meetings.delivered();
    assert_eq!(told(&mails), [("c0@contoh.test", "Minggu ini: 1 menunggu jawaban, 0 sesi")]);
    let text = mails[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("menunggu jawaban Anda: Rabu, 9 Desember 2026 pukul 07.00 WIB"), "{text}");
}

/// A proposal that nobody answers keeps a pair from counting as quiet for two weeks, not for ever.
fn a_proposal_is_no_sign_of_life_for_long(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    meetings.propose(Side::Coachee, &wish(at(12, 29, 0)));
    meetings.delivered();
    let nudge = || reminders::of_quiet_pairs(&db.store, meetings.programme.now(), 21).unwrap();
    meetings.pass_until(at(12, 14, 3));
    meetings.propose(Side::Coach, &wish(at(12, 30, 0)));
    meetings.delivered();
    meetings.pass_until(at(12, 28, 2));
    assert_eq!(nudge(), 0, "the second is of the last two weeks");
    meetings.pass_until(at(12, 28, 4));
    assert_eq!((nudge(), meetings.delivered().len()), (2, 2), "and what it says still holds when it is sent");
}

fn many_processes_say_it_once(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    for hour in 0..4 {
        meetings.agree(&wish(at(11, 30, hour)));
    }
    meetings.delivered();
    meetings.pass_until(at(11, 29, 4));
    let now = meetings.programme.now();
    let stores: Vec<Store> = (0..4).map(|_| db.another_store()).collect();
    let said: usize = thread::scope(|scope| {
        let threads: Vec<_> =
            stores.iter().map(|store| scope.spawn(move || reminders::of_sessions(store, now).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((said, meetings.programme.told("session_reminder")), (8, 8));
}

/// An account that runs the programme.
fn admin(store: &Store, email: &str, role: Role, agency: Option<&str>, now: Stamp) -> AccountId {
    let (address, name) = (email.parse().unwrap(), "Ibu Admin".parse().unwrap());
    let new = NewAccount { person: None, email: &address, name: &name, language: "id", password_hash: "x" };
    let grant = Grant { role, agency: agency.map(|code| code.parse().unwrap()) };
    let made = store.write(|db| {
        let id = accounts::create(db, &new, now)?;
        accounts::grant(db, id, &grant)?;
        Ok::<_, StoreError>(id)
    });
    made.unwrap()
}

fn who_runs_the_programme_is_told_what_stands_still(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 2);
    let now = meetings.programme.now();
    admin(&db.store, "nasional@contoh.test", Role::NationalAdmin, None, now);
    admin(&db.store, "papua@contoh.test", Role::AgencyAdmin, Some("PROV-91"), now);
    admin(&db.store, "lain@contoh.test", Role::AgencyAdmin, Some("KEM-01"), now);
    queue(&db.store, MailKind::PasswordReset, "x@contoh.test", &json!({}), now);
    meetings.deliver();
    let mut tables = tables(db);
    let days: Vec<Vec<String>> = [24, 26, 30]
        .map(|day| {
            meetings.pass_until(at(11, day, 0) + TimeDelta::minutes(1));
            let now = meetings.programme.now();
            for table in &mut tables {
                table.run_due(now);
            }
            meetings.deliver();
            let mails = crate::support::post::folder(meetings.folder.path());
            let daily = mails.iter().filter(|mail| mail.subject.starts_with("Harian"));
            let line = |mail: &crate::support::post::Read| {
                assert!(mail.text.starts_with("Yth. Ibu Admin,"), "{}", mail.text);
                format!("{} {}", mail.to, mail.subject)
            };
            daily.map(line).collect()
        })
        .into();
    let dead = "nasional@contoh.test Harian: 0 hal tertahan, 1 surat gagal";
    assert_eq!(days[0], [dead], "an agency has no part in mail");
    let mut second = days[1].clone();
    second.sort();
    let one = |who: &str, dead: u8| format!("{who}@contoh.test Harian: 1 hal tertahan, {dead} surat gagal");
    assert_eq!(second, [dead.to_owned(), one("nasional", 1), one("papua", 0)], "a request that nobody was asked about");
    assert_eq!(days[2].len(), 5, "and the pair has signed nothing for a week: {:?}", days[2]);
    assert!(days[2].iter().any(|line| line == "papua@contoh.test Harian: 2 hal tertahan, 0 surat gagal"));
    assert!(!days[2].iter().any(|line| line.starts_with("lain")), "whose agency has none of it");
}

/// Accounts that belong to nobody in the records have wishes about mail of their own.
fn who_runs_the_programme_may_do_without_the_digest(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 2);
    let now = meetings.programme.now();
    admin(&db.store, "nasional@contoh.test", Role::NationalAdmin, None, now);
    let agency = admin(&db.store, "papua@contoh.test", Role::AgencyAdmin, Some("PROV-91"), now);
    let mut tables = tables(db);
    let morning = |day: u32, tables: &mut [Timetable]| {
        meetings.pass_until(at(11, day, 0) + TimeDelta::minutes(1));
        for table in tables.iter_mut() {
            table.run_due(meetings.programme.now());
        }
    };
    let digests = || -> Vec<_> {
        let mails = meetings.delivered().into_iter();
        mails.filter(|mail| mail.subject.starts_with("Harian")).collect()
    };
    morning(26, &mut tables);
    let first = digests();
    assert_eq!(first.len(), 2);
    let of_agency = first.iter().find(|mail| mail.to == "papua@contoh.test").unwrap();
    let out = of_agency.header("List-Unsubscribe");
    let token = out.split_once("/u/").unwrap().1.split_once('>').unwrap().0.to_owned();
    let (reader, class) = mail_preferences::read(&auth().vault, &token).unwrap();
    assert_eq!((reader, class), (mail_preferences::Reader::Account(agency), MailClass::Digests));

    // Written before it is refused, and not sent all the same.
    morning(27, &mut tables);
    db.store.write(|db| mail_preferences::refuse_by_link(db, reader, class, meetings.programme.now())).unwrap();
    let to = |mails: &[crate::support::post::Read]| mails.iter().map(|mail| mail.to.clone()).collect::<Vec<_>>();
    assert_eq!(to(&digests()), ["nasional@contoh.test"]);
    morning(28, &mut tables);
    assert_eq!(to(&digests()), ["nasional@contoh.test"]);
    assert_eq!(meetings.programme.told("admin_digest"), 5, "and the last one was not written at all");
}

fn sent_mails_go_after_a_while(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let now = meetings.programme.now();
    queue(&db.store, MailKind::PasswordReset, "x@contoh.test", &json!({}), now);
    meetings.deliver();
    let of = |status: &str| rows(&db.store).iter().filter(|row| row.status == status).count();
    let (sent, dead) = (of("sent"), of("dead"));
    assert!(sent > 0 && dead == 1);
    let after = |days| Stamp::new(now.time() + TimeDelta::days(days));
    housekeeping::sweep(&db.store, after(89), 90).unwrap();
    assert_eq!((of("sent"), of("dead")), (sent, 1));
    // Ids are of the time of the machine, so that a test waits longer than it lies ahead of the story.
    housekeeping::sweep(&db.store, after(36_500), 90).unwrap();
    assert_eq!((of("sent"), of("dead")), (0, 1), "what could not be delivered stays");
}
