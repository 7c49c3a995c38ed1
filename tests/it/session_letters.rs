//! What people are told by mail about their sessions: when by their own clock, with whom, where to act; and
//! nothing that has been overtaken.

use chrono::Duration;
use coachnet::domain::{Attendance, Mode, Side};
use coachnet::services::session_plans::{self, Plan};
use coachnet::services::sessions::Wish;

use crate::support::meetings::{Meetings, at, rules, told, wish};
use crate::support::post::rows;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_session_is_told_by_mail,
    each_reads_the_own_language,
    what_was_changed_since_is_not_sent,
    a_plan_is_one_letter,
    a_disagreement_is_told_until_it_is_settled,
    deadlines_are_told_by_the_readers_clock,
);

const BOTH: &str = "Senin, 30 November 2026 pukul 09.00 WIT / 07.00 WIB";

fn a_session_is_told_by_mail(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let proposed = meetings.propose(Side::Coachee, &wish(at(11, 30, 0)));
    let first = meetings.delivered();
    assert_eq!(told(&first), [("c0@contoh.test", "Usulan waktu Senin 30 Nov, 07.00 WIB: sesi 1, Coachee e0")]);
    let seen = first[0].text.replace('\n', " ");
    assert!(seen.contains("Senin, 30 November 2026 pukul 07.00 WIB / 09.00 WIT"), "{seen}");
    assert!(first[0].text.contains(&format!("https://jejaring.test/sessions/{}", proposed.id)));

    let session = meetings.confirm(Side::Coach, &proposed);
    let agreed = meetings.delivered();
    assert_eq!(
        told(&agreed),
        [
            ("e0@contoh.test", "Senin 30 Nov, 09.00 WIT: sesi 1 dengan Coach c0"),
            ("c0@contoh.test", "Senin 30 Nov, 07.00 WIB: sesi 1 dengan Coachee e0"),
        ]
    );
    let text = &agreed[0].text;
    for part in [BOTH, "Lama: 60 menit", "Cara bertemu: Daring", "https://rapat.contoh.go.id/b/7"] {
        assert!(text.replace('\n', " ").contains(part), "{part}: {text}");
    }

    let later = Wish { mode: Mode::InPerson, place: Some("Ruang 3".into()), ..wish(at(12, 1, 1)) };
    let session = meetings.reschedule(Side::Coach, &session, &later);
    let moved = meetings.delivered();
    assert_eq!(moved[0].subject, "Diubah: Selasa 1 Des, 10.00 WIT, sesi 1, Coach c0");
    let text = moved[0].text.replace('\n', " ");
    for part in
        ["Selasa, 1 Desember 2026 pukul 10.00 WIT / 08.00 WIB", &format!("Sebelumnya: {BOTH}"), "Oleh: Coach c0"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(moved[1].text.contains("Oleh: Anda"), "{}", moved[1].text);

    meetings.cancel(Side::Coachee, &session);
    let off = meetings.delivered();
    assert_eq!(
        told(&off),
        [
            ("e0@contoh.test", "Dibatalkan: Selasa 1 Des, 10.00 WIT, sesi 1, Coach c0"),
            ("c0@contoh.test", "Dibatalkan: Selasa 1 Des, 08.00 WIB, sesi 1, Coachee e0"),
        ]
    );
    assert!(off[1].text.contains("Oleh: Coachee e0") && !off[1].text.contains("Rahasia"), "{}", off[1].text);
    let thread = format!("<{}@jejaring.test>", meetings.pairing.id);
    for mail in first.iter().chain(&agreed).chain(&moved).chain(&off) {
        assert_eq!(mail.header("References"), thread);
        assert!(!mail.headers.iter().any(|(name, _)| name == "List-Unsubscribe"), "{}", mail.subject);
        assert!(mail.subject.chars().count() <= 60);
    }
    meetings.programme.must_be_well();
}

fn each_reads_the_own_language(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    meetings.programme.tamper("UPDATE persons SET language = 'en' WHERE code = 'c0'");
    meetings.agree(&wish(at(11, 30, 0)));
    let mails = meetings.delivered();
    assert_eq!(
        told(&mails),
        [
            ("e0@contoh.test", "Senin 30 Nov, 09.00 WIT: sesi 1 dengan Coach c0"),
            ("c0@contoh.test", "Monday 30 Nov, 07:00 WIB: session 1 with Coachee e0"),
        ],
        "and the proposal was answered before it was sent"
    );
    assert!(mails[1].text.contains("Monday, 30 November 2026 at 07:00 WIB / 09:00 WIT"), "{}", mails[1].text);
}

fn what_was_changed_since_is_not_sent(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = meetings.agree(&wish(at(11, 30, 0)));
    meetings.programme.pass(Duration::minutes(1));
    let session = meetings.reschedule(Side::Coach, &session, &wish(at(12, 1, 0)));
    meetings.programme.pass(Duration::minutes(1));
    let session = meetings.reschedule(Side::Coach, &session, &wish(at(12, 2, 0)));
    let mails = meetings.delivered();
    assert_eq!(mails.len(), 2, "one letter each, about how things stand: {:?}", told(&mails));
    assert!(mails[0].subject.starts_with("Diubah: Rabu 2 Des"), "{}", mails[0].subject);

    meetings.programme.pass(Duration::minutes(1));
    let session = meetings.reschedule(Side::Coach, &session, &wish(at(12, 3, 0)));
    meetings.programme.pass(Duration::minutes(1));
    meetings.cancel(Side::Coachee, &session);
    let mails = meetings.delivered();
    assert_eq!(mails.len(), 2, "{:?}", told(&mails));
    assert!(mails.iter().all(|mail| mail.subject.starts_with("Dibatalkan: ")));
    let void = rows(&db.store).iter().filter(|row| row.status == "void" && row.kind.starts_with("session_")).count();
    assert_eq!(void, 1 + 2 + 2 + 2, "the proposal, the first time, and two moves");

    // What is known only when its time has passed helps nobody.
    meetings.agree(&wish(at(12, 7, 0)));
    meetings.pass_until(at(12, 7, 1));
    assert!(meetings.delivered().is_empty());
}

fn a_plan_is_one_letter(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let plan = Plan {
        first: Some(at(11, 30, 2)),
        sessions: Some(3),
        minutes: 60,
        every_days: 14,
        mode: Mode::Online,
        place: None,
    };
    let act = meetings.act(Side::Coach);
    let id = meetings.pairing.id;
    db.store.write(|db| session_plans::propose(db, &act, &rules(), id, &plan)).unwrap();
    let mails = meetings.delivered();
    assert_eq!(told(&mails), [("e0@contoh.test", "Coach c0 mengusulkan jadwal sesi")]);
    let text = mails[0].text.replace('\n', " ");
    for part in ["Sesi 1: Senin, 30 November 2026 pukul 11.00 WIT / 09.00 WIB", "Sesi 3: Senin, 28 Desember 2026"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(mails[0].text.contains(&format!("/pairings/{id}")), "{text}");
}

fn a_disagreement_is_told_until_it_is_settled(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = meetings.agree(&wish(at(11, 30, 0)));
    meetings.delivered();
    meetings.pass_until(at(11, 30, 2));
    let session = meetings.attend(Side::Coach, &session, Attendance::Held);
    let session = meetings.attend(Side::Coachee, &session, Attendance::CoachMissed);
    let mails = meetings.delivered();
    assert_eq!(told(&mails), [("c0@contoh.test", "Senin 30 Nov, sesi 1 dengan Coachee e0: berbeda")]);
    let session = meetings.attend(Side::Coachee, &session, Attendance::Held);
    let session = meetings.attend(Side::Coachee, &session, Attendance::CoachMissed);
    meetings.attend(Side::Coachee, &session, Attendance::Held);
    assert!(meetings.delivered().is_empty(), "settled before it was sent");
}

fn deadlines_are_told_by_the_readers_clock(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 2);
    meetings.programme.tamper("UPDATE coach_profiles SET regency = '91.03'");
    meetings.programme.choose(1, &[0]).unwrap();
    let mails = meetings.delivered();
    assert_eq!(mails[0].subject, "Maukah mendampingi C.E.? Jawab sebelum Rabu, 25 November");
    assert!(mails[0].text.contains("Rabu, 25 November 2026 pukul 12.04 WIT"), "{}", mails[0].text);
}
