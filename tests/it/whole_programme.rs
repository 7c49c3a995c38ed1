//! A whole programme in a second: a cohort is matched, offers go out and are accepted, a pair meets six times with a
//! move, a call-off, a no-show and a holiday in between, says how it was, and completes; what people got by mail
//! meanwhile is asserted as a list.

use chrono::{DateTime, Duration, TimeDelta, Utc};
use coachnet::domain::{Agreement, Attendance, Mode, Policy, SessionStatus};
use coachnet::jobs::{Courier, Timetable};
use coachnet::mail::Transport;
use coachnet::matching::watch::Watch;
use coachnet::services::certificates::{self, Standing};
use coachnet::services::pair_work::{self, FeedbackWish};
use coachnet::services::pairings::Unreported;
use coachnet::services::runs::{self, Order, Selection};
use coachnet::services::session_plans::{self, Plan};
use coachnet::services::sessions::{self, Change};
use coachnet::services::slots::Rules;
use coachnet::services::{Act, Context, attendance, offers, pairings, schema};
use coachnet::store::SessionId;
use coachnet::store::pairings::{Evaluation, Pairing};
use coachnet::store::sessions::Session;

use crate::support::meetings::rules;
use crate::support::post::{self, PACE, auth, courier, send_all};
use crate::support::programme::Programme;
use crate::support::{TestDb, on_both_engines, people};

on_both_engines!(six_sessions_and_a_certificate);

/// The programme, what looks after its timetable, and the folder that its letters go to.
struct Life {
    programme: Programme,
    timetable: Timetable,
    courier: Courier,
    letters: tempfile::TempDir,
    rules: Rules,
    /// Sessions, round which every hour counts.
    ids: Vec<SessionId>,
}

impl Life {
    fn new(db: &TestDb) -> Self {
        schema::prepare(&db.store).unwrap();
        let programme = Programme::beside(&db.store, 1, 1, 1);
        programme.tamper("UPDATE persons SET email = code || '@contoh.test'");
        let timetable = Timetable::new(db.store.clone(), PACE);
        let letters = tempfile::tempdir().unwrap();
        let courier = courier(&programme.store, Transport::folder(letters.path().to_owned()));
        Self { programme, timetable, courier, letters, rules: rules(), ids: Vec::new() }
    }

    fn coachee(&self) -> Act {
        self.programme.as_coachee(0)
    }

    fn coach(&self) -> Act {
        self.programme.as_coach(0)
    }

    /// Lives on until a time; letters go out as they are due. Hour by hour round sessions, where each hour counts,
    /// and by half days in between.
    fn until(&mut self, time: DateTime<Utc>) {
        while self.programme.now().time() < time {
            let now = self.programme.now().time();
            self.programme.pass(self.step(now).min(time - now).max(TimeDelta::minutes(1)));
            self.timetable.run_due(self.programme.now());
            self.deliver();
        }
    }

    fn step(&self, now: DateTime<Utc>) -> Duration {
        let starts = self.ids.iter().map(|id| self.session(*id).starts_at.time());
        let windows = starts.flat_map(|start| {
            let hours = |from, to| (start - TimeDelta::hours(from), start + TimeDelta::hours(to));
            [hours(26, -22), hours(3, 4)]
        });
        let waits = windows.filter(|(_, to)| *to > now).map(|(from, _)| (from - now).max(TimeDelta::hours(1)));
        waits.min().unwrap_or(TimeDelta::hours(12)).min(TimeDelta::hours(12))
    }

    fn deliver(&mut self) {
        let tally = send_all(&mut self.courier, self.programme.now());
        assert_eq!((tally.dead, tally.later, tally.waiting), (0, 0, 0));
    }

    fn session(&self, id: SessionId) -> Session {
        self.programme.store.read(|db| coachnet::store::sessions::get(db, id)).unwrap()
    }

    fn confirm(&self, id: SessionId) {
        self.programme.store.write(|db| sessions::confirm(db, &self.coach(), id)).unwrap();
    }

    fn attend(&self, by: &Act, id: SessionId, word: Attendance) {
        self.programme.store.write(|db| attendance::attend(db, by, id, word)).unwrap();
    }

    fn feedback(&self, by: &Act, id: SessionId) {
        let says = FeedbackWish { progress: 4, preparation: 5, trust: 5, comment: None };
        self.programme.store.write(|db| pair_work::give_feedback(db, by, id, &says)).unwrap();
    }

    /// From a cohort to a pair, by a run.
    fn matched(&mut self) -> Pairing {
        let p = &self.programme;
        let order = Order { cohort: "2026-c".into(), policy: Policy::default(), seed: 1, as_of: people::day() };
        let run = p.store.write(|db| runs::create(db, &p.as_admin(), &order)).unwrap();
        runs::compute(&p.store, run, "test", Watch::NOBODY).unwrap();
        p.store.write(|db| runs::publish(db, &p.as_admin(), run, Selection::All)).unwrap();
        let proposed = p.offers_of(&p.request(0)).pop().unwrap();
        self.until(self.programme.now().time() + TimeDelta::hours(5));
        let asked = self.programme.store.write(|db| offers::confirm(db, &self.coachee(), proposed.id)).unwrap();
        self.until(self.programme.now().time() + TimeDelta::hours(20));
        let pairing = self.programme.accept(&asked).unwrap();
        let terms = Agreement { goals: "Memimpin rapat.".into(), sessions: 6, confidential: true };
        for act in [self.coachee(), self.coach()] {
            self.programme.store.write(|db| pairings::sign(db, &act, pairing.id, &terms)).unwrap();
        }
        pairing
    }
}

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

fn six_sessions_and_a_certificate(db: &TestDb) {
    let mut life = Life::new(db);
    let pairing = life.matched();
    // Fridays at ten in Jayapura, every two weeks: the third day would be Christmas.
    let plan = Plan {
        first: Some(at("2026-11-27T01:00:00Z")),
        sessions: None,
        minutes: 60,
        every_days: 14,
        mode: Mode::Online,
        place: Some("https://rapat.contoh.go.id/e0".into()),
    };
    let (coachee, rules) = (life.coachee(), life.rules);
    let planned =
        life.programme.store.write(|db| session_plans::propose(db, &coachee, &rules, pairing.id, &plan)).unwrap();
    let ids: Vec<SessionId> = planned.iter().map(|session| session.id).collect();
    assert_eq!(ids.len(), 6);
    life.ids.clone_from(&ids);
    assert!(planned[2].starts_at.time() > at("2026-12-26T00:00:00Z"), "not on Christmas");
    life.until(life.programme.now().time() + TimeDelta::hours(1));
    for id in &ids {
        life.confirm(*id);
    }

    // The first is held as it was meant.
    life.until(planned[0].ends_at());
    for act in [life.coachee(), life.coach()] {
        life.attend(&act, ids[0], Attendance::Held);
        life.feedback(&act, ids[0]);
    }
    // The second is moved by the coach, and held.
    let starts_at = at("2026-12-14T02:00:00Z");
    let moved = Change { starts_at, minutes: None, mode: None, place: None, anyway: false };
    let coach = life.coach();
    life.programme.store.write(|db| sessions::reschedule(db, &coach, &rules, ids[1], &moved)).unwrap();
    life.until(at("2026-12-14T03:00:00Z"));
    life.attend(&life.coach(), ids[1], Attendance::Held);
    // The third is called off by the coachee; the fourth is missed by the coachee, which both say.
    let coachee = life.coachee();
    life.programme.store.write(|db| sessions::cancel(db, &coachee, ids[2], Some("Cuti keluarga."))).unwrap();
    life.until(planned[3].ends_at());
    for act in [life.coachee(), life.coach()] {
        life.attend(&act, ids[3], Attendance::CoacheeMissed);
    }
    for at in [4, 5] {
        life.until(planned[at].ends_at());
        life.attend(&life.coachee(), ids[at], Attendance::Held);
    }
    let states: Vec<SessionStatus> = ids.iter().map(|id| life.session(*id).status.0).collect();
    use SessionStatus::{Cancelled, Held, Missed};
    assert_eq!(states, [Held, Held, Cancelled, Missed, Held, Held]);

    let says = Evaluation { rating: 5, comment: Some("Sangat membantu.".into()) };
    let coachee = life.coachee();
    life.programme.store.write(|db| pairings::complete(db, &coachee, pairing.id, &says, Unreported::Refuse)).unwrap();
    life.until(life.programme.now().time() + TimeDelta::hours(1));
    life.programme.must_be_well();

    // Four sessions were held, two a month at most count: November one, December one, January two.
    let act = life.coachee();
    let own = life.programme.store.read(|db| certificates::own(db, &act)).unwrap();
    assert_eq!(own.len(), 1);
    let certificate = &own[0];
    assert_eq!((certificate.sessions, certificate.jp), (4, 8));
    let (auth, now) = (auth(), life.programme.now());
    let context = Context { store: &life.programme.store, auth: &auth, now };
    let from = "203.0.113.7".parse().unwrap();
    let typed = certificate.code.to_string().to_lowercase();
    let found = life.programme.store.write(|db| certificates::check(db, &context, &typed, from)).unwrap();
    assert_eq!(found.as_ref(), Some(certificate));
    assert_eq!(certificates::standing(found.as_ref()), Standing::Valid);
    let paper = certificates::print(certificate, "Jejaring Coach", "https://jejaring.test/certificates/x").unwrap();
    assert!(paper.starts_with(b"%PDF-"));

    let mut told: Vec<String> = post::folder(life.letters.path())
        .into_iter()
        .map(|mail| format!("{}: {}", mail.to.trim_end_matches("@contoh.test"), mail.subject))
        .collect();
    told.sort();
    let expected: Vec<&str> = MAILS.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(told, expected, "{}", told.join("\n"));
}

/// What the two got, whom it went to and the subject, sorted.
const MAILS: &str = "
    c0: Bagaimana sesi 2 dengan Coachee e0? 2 menit
    c0: Bagaimana sesi 5 dengan Coachee e0? 2 menit
    c0: Coachee e0 menandatangani kesepakatan
    c0: Coachee e0 mengusulkan jadwal sesi
    c0: Coaching dengan Coachee e0 selesai
    c0: Dibatalkan: Senin 28 Des, 08.00 WIB, sesi 3, Coachee e0
    c0: Diubah: Senin 14 Des, 09.00 WIB, sesi 2, Coachee e0
    c0: Jumat 11 Des, 08.00 WIB: sesi 2 dengan Coachee e0
    c0: Jumat 22 Jan, 08.00 WIB: sesi 5 dengan Coachee e0
    c0: Jumat 22 Jan: apakah sesi 5 dengan Coachee e0 jadi?
    c0: Jumat 27 Nov, 08.00 WIB: sesi 1 dengan Coachee e0
    c0: Jumat 8 Jan, 08.00 WIB: sesi 4 dengan Coachee e0
    c0: Maukah mendampingi C.E.? Jawab sebelum Rabu, 25 November
    c0: Minggu ini: 0 menunggu jawaban, 1 sesi
    c0: Minggu ini: 0 menunggu jawaban, 1 sesi
    c0: Minggu ini: 0 menunggu jawaban, 1 sesi
    c0: Minggu ini: 0 menunggu jawaban, 1 sesi
    c0: Minggu ini: 0 menunggu jawaban, 1 sesi
    c0: Minggu ini: 0 menunggu jawaban, 1 sesi
    c0: Minggu ini: 1 menunggu jawaban, 0 sesi
    c0: Pengingat: Jumat 22 Jan, 08.00 WIB, sesi 5, Coachee e0
    c0: Pengingat: Jumat 22 Jan, 08.00 WIB, sesi 5, Coachee e0
    c0: Pengingat: Jumat 27 Nov, 08.00 WIB, sesi 1, Coachee e0
    c0: Pengingat: Jumat 27 Nov, 08.00 WIB, sesi 1, Coachee e0
    c0: Pengingat: Jumat 8 Jan, 08.00 WIB, sesi 4, Coachee e0
    c0: Pengingat: Jumat 8 Jan, 08.00 WIB, sesi 4, Coachee e0
    c0: Pengingat: Senin 14 Des, 09.00 WIB, sesi 2, Coachee e0
    c0: Pengingat: Senin 14 Des, 09.00 WIB, sesi 2, Coachee e0
    c0: Pengingat: Senin 8 Feb, 08.00 WIB, sesi 6, Coachee e0
    c0: Pengingat: Senin 8 Feb, 08.00 WIB, sesi 6, Coachee e0
    c0: Senin 28 Des, 08.00 WIB: sesi 3 dengan Coachee e0
    c0: Senin 8 Feb, 08.00 WIB: sesi 6 dengan Coachee e0
    c0: Terima kasih, Anda dan Coachee e0 berpasangan
    e0: Bagaimana sesi 2 dengan Coach c0? 2 menit
    e0: Bagaimana sesi 5 dengan Coach c0? 2 menit
    e0: Coach c0 bersedia: pilih waktu pertama
    e0: Coach c0 menandatangani kesepakatan
    e0: Coaching selesai: sertifikat Anda
    e0: Dibatalkan: Senin 28 Des, 10.00 WIT, sesi 3, Coach c0
    e0: Diubah: Senin 14 Des, 11.00 WIT, sesi 2, Coach c0
    e0: Jumat 11 Des, 10.00 WIT: sesi 2 dengan Coach c0
    e0: Jumat 22 Jan, 10.00 WIT: sesi 5 dengan Coach c0
    e0: Jumat 27 Nov, 10.00 WIT: sesi 1 dengan Coach c0
    e0: Jumat 8 Jan, 10.00 WIT: sesi 4 dengan Coach c0
    e0: Pengingat: Jumat 22 Jan, 10.00 WIT, sesi 5, Coach c0
    e0: Pengingat: Jumat 22 Jan, 10.00 WIT, sesi 5, Coach c0
    e0: Pengingat: Jumat 27 Nov, 10.00 WIT, sesi 1, Coach c0
    e0: Pengingat: Jumat 27 Nov, 10.00 WIT, sesi 1, Coach c0
    e0: Pengingat: Jumat 8 Jan, 10.00 WIT, sesi 4, Coach c0
    e0: Pengingat: Jumat 8 Jan, 10.00 WIT, sesi 4, Coach c0
    e0: Pengingat: Senin 14 Des, 11.00 WIT, sesi 2, Coach c0
    e0: Pengingat: Senin 14 Des, 11.00 WIT, sesi 2, Coach c0
    e0: Pengingat: Senin 8 Feb, 10.00 WIT, sesi 6, Coach c0
    e0: Pengingat: Senin 8 Feb, 10.00 WIT, sesi 6, Coach c0
    e0: Permintaan Anda sudah dikirim (1 coach)
    e0: Senin 14 Des: apakah sesi 2 dengan Coach c0 jadi?
    e0: Senin 28 Des, 10.00 WIT: sesi 3 dengan Coach c0
    e0: Senin 8 Feb, 10.00 WIT: sesi 6 dengan Coach c0
    e0: Usulan coach: Coach c0
";
