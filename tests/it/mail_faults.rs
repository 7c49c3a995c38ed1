//! Mail servers that put off, refuse, hang up and go away: nothing is lost, and nothing goes out
//! twice but where nobody can know whether it arrived.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use coachnet::domain::MailKind;
use coachnet::mail::{Clerk, Parcel, Verdict};
use coachnet::services::dead_letters;
use coachnet::store::types::Stamp;
use coachnet::store::{ClaimId, OutboxId, Store, StoreError, Target};
use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::support::post::{self, count, courier, queue, queue_many, rows, send_all};
use crate::support::smtp::{Does, Guard, SmtpServer, WAITS};
use crate::support::{TestDb, on_both_engines, people};

on_both_engines!(
    what_is_put_off_is_tried_later,
    what_is_put_off_for_ever_is_given_up,
    what_is_refused_is_a_dead_letter_and_can_be_retried,
    a_server_that_is_away_costs_no_letter_a_try,
    a_connection_that_breaks_loses_nothing,
    through_all_faults_nothing_is_lost,
    nothing_is_lost_where_each_command_waits_for_its_answer,
    nobody_gets_a_mail_whose_recipient_was_refused,
    a_courier_that_was_asleep_for_too_long_sends_no_more,
    while_a_batch_goes_out_the_next_is_written,
    who_was_asleep_does_not_send_what_lay_ready_either,
);

fn after(now: Stamp, time: TimeDelta) -> Stamp {
    Stamp::new(now.time() + time)
}

fn what_is_put_off_is_tried_later(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 2, now);
    let server = SmtpServer::start(|to, before| match (to, before) {
        ("n0@contoh.test", 0) => Does::AnswerRecipient("450 n0@contoh.test is greylisted"),
        ("n0@contoh.test", 1) => Does::AnswerMail("451 not now"),
        _ => Does::Take,
    });
    let mut courier = courier(&db.store, post::to(&server, 1));
    let tally = send_all(&mut courier, now);
    assert_eq!((tally.sent, tally.later), (1, 1));
    let row = &rows(&db.store)[0];
    let said = row.last_answer.clone().unwrap();
    assert_eq!((row.status.as_str(), row.tries), ("queued", 1));
    assert!(said.contains("450") && said.contains("greylisted") && !said.contains("n0@"), "{said}");
    assert_eq!(send_all(&mut courier, after(now, TimeDelta::seconds(14))).taken, 0, "not before half a minute's half");
    assert_eq!(send_all(&mut courier, after(now, TimeDelta::seconds(30))).later, 1);
    assert_eq!(send_all(&mut courier, after(now, TimeDelta::seconds(90))).sent, 1);
    assert_eq!(server.taken().len(), 2);
    assert_eq!(count(&db.store, "sent"), 2);
}

fn what_is_put_off_for_ever_is_given_up(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 1, now);
    let server = SmtpServer::start(|_, _| Does::AnswerRecipient("452 the box is full"));
    let mut courier = courier(&db.store, post::to(&server, 1));
    let tries: Vec<_> = (0..5).map(|day| send_all(&mut courier, after(now, TimeDelta::days(day)))).collect();
    assert_eq!(
        tries.iter().map(|tally| (tally.later, tally.dead)).collect::<Vec<_>>(),
        [(1, 0), (1, 0), (0, 1), (0, 0), (0, 0)]
    );
    let overview = db.store.snapshot(|db| dead_letters::overview(db, 10)).unwrap();
    let why = overview.dead[0].last_answer.as_deref().unwrap();
    assert!(why.contains("3 tries") && why.contains("the box is full"), "{why}");
}

fn what_is_refused_is_a_dead_letter_and_can_be_retried(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 20, now);
    let server = SmtpServer::start(|to, before| match to {
        "n7@contoh.test" if before == 0 => Does::AnswerRecipient("550 nobody here"),
        "n8@contoh.test" => Does::AnswerMail("554 not like this"),
        _ => Does::Take,
    });
    let mut courier = courier(&db.store, post::to(&server, 3));
    let tally = send_all(&mut courier, now);
    assert_eq!((tally.sent, tally.dead), (18, 2));
    assert!(server.connections() <= 3, "a refusal costs no connection");

    let overview = db.store.snapshot(|db| dead_letters::overview(db, 10)).unwrap();
    let seventh = overview.dead.iter().find(|letter| letter.address.as_deref() == Some("n7@contoh.test")).unwrap();
    assert!(seventh.last_answer.as_deref().unwrap().contains("nobody here"));
    let unknown = [OutboxId::new()];
    dead_letters::retry(&db.store, Some(&unknown), "test", now).unwrap_err();
    assert_eq!(dead_letters::retry(&db.store, Some(&[seventh.id]), "test", now).unwrap(), 1);
    assert_eq!(send_all(&mut courier, now).sent, 1);
    assert_eq!(dead_letters::retry(&db.store, None, "test", now).unwrap(), 1);
    assert_eq!(send_all(&mut courier, now).dead, 1);
    assert_eq!(server.taken().len(), 19);
}

fn a_server_that_is_away_costs_no_letter_a_try(db: &TestDb) {
    const LETTERS: usize = 70;
    let now = people::moment();
    queue_many(&db.store, LETTERS, now);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    drop(listener);
    let mut courier = courier(&db.store, post::to_url(&format!("smtp://{place}?tls=none"), 2));
    let mut time = now;
    for _ in 0..40 {
        let tally = courier.run_once(time).unwrap();
        assert_eq!(tally.waiting, tally.taken);
        time = after(time, TimeDelta::seconds(15));
    }
    assert!(rows(&db.store).iter().all(|row| row.status == "queued" && row.tries == 0));
    assert!(rows(&db.store)[0].last_answer.as_deref().unwrap().contains("refused"));
    let server = SmtpServer::on(TcpListener::bind(place).unwrap(), Guard::default(), |_, _| Does::Take);
    let tally = send_all(&mut courier, after(time, TimeDelta::seconds(30)));
    assert_eq!((tally.sent, server.taken().len()), (LETTERS, LETTERS), "all out within half a minute");
}

fn a_connection_that_breaks_loses_nothing(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 5, now);
    let server = SmtpServer::start(|to, before| match (to, before) {
        ("n0@contoh.test", 0) => Does::HangUp,
        ("n1@contoh.test", 0) => Does::HangUpInside,
        ("n2@contoh.test", 0) => Does::TakeAndHangUp,
        ("n3@contoh.test", 0) => Does::AnswerRecipient("421 closing"),
        _ => Does::Take,
    });
    let mut courier = courier(&db.store, post::to(&server, 1));
    let tally = send_all(&mut courier, now);
    assert_eq!((tally.sent, tally.later), (1, 4));
    assert_eq!(send_all(&mut courier, after(now, TimeDelta::minutes(1))).sent, 4);
    let mut ids = BTreeMap::<String, BTreeSet<String>>::new();
    let mut times = BTreeMap::<String, usize>::new();
    for taken in server.taken() {
        *times.entry(taken.to.clone()).or_default() += 1;
        ids.entry(taken.to.clone()).or_default().insert(taken.message_id());
    }
    assert_eq!(
        times.values().copied().collect::<Vec<_>>(),
        [1, 1, 2, 1, 1],
        "twice only what was taken without a word"
    );
    assert!(ids.values().all(|ids| ids.len() == 1), "the same Message-ID: {ids:?}");
}

fn through_all_faults_nothing_is_lost(db: &TestDb) {
    through_all_faults(db, Guard::default());
}

fn nothing_is_lost_where_each_command_waits_for_its_answer(db: &TestDb) {
    through_all_faults(db, Guard { one_by_one: true, ..Guard::default() });
}

/// Many letters through a server of moods, several couriers, some of which die with letters in hand.
fn through_all_faults(db: &TestDb, guard: Guard) {
    const LETTERS: usize = 300;
    let start = people::moment();
    let addresses = queue_many(&db.store, LETTERS, start);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = SmtpServer::on(listener, guard, move |to, before| match (number(to) % 10, before) {
        (0, _) => Does::AnswerRecipient("550 nobody here"),
        (1, 0) => Does::AnswerRecipient("451 later"),
        (2, 0) => Does::HangUp,
        (3, 0) => Does::HangUpInside,
        (4, 0) => Does::TakeAndHangUp,
        (5, 0 | 1) => Does::AnswerMail("452 later"),
        (6, 0) => Does::AnswerRecipient("421 closing"),
        _ => Does::Take,
    });
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let mut courier = courier(&db.another_store(), post::to(&server, 2));
            scope.spawn(move || {
                for minutes in 0..6 {
                    send_all(&mut courier, after(start, TimeDelta::minutes(minutes)));
                }
            });
        }
    });
    let mut last = courier(&db.store, post::to(&server, 2));
    send_all(&mut last, after(start, TimeDelta::hours(1)));
    let mut taken = BTreeMap::<String, Vec<String>>::new();
    for one in server.taken() {
        taken.entry(one.to.clone()).or_default().push(one.message_id());
    }
    let rows = by_address(&db.store);
    for address in addresses {
        let times = taken.get(&address).map_or(0, Vec::len);
        let (status, most) = match number(&address) % 10 {
            0 => ("dead", 0),
            4 => ("sent", 2),
            _ => ("sent", 1),
        };
        assert_eq!((rows[&address].as_str(), times), (status, most), "{address}");
        let ids: BTreeSet<&String> = taken.get(&address).into_iter().flatten().collect();
        assert!(ids.len() <= 1);
    }
}

/// A server that takes commands ahead of its answers may have said that it waits for the mail when the refusal of its
/// recipient is read: what is said next on that connection would be the mail.
fn nobody_gets_a_mail_whose_recipient_was_refused(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 5, now);
    let server = SmtpServer::start(|to, _| match to {
        "n1@contoh.test" | "n2@contoh.test" => Does::AnswerRecipient(WAITS),
        _ => Does::Take,
    });
    let tally = send_all(&mut courier(&db.store, post::to(&server, 1)), now);
    assert_eq!((tally.sent, tally.dead), (3, 2));
    let to: Vec<String> = server.taken().into_iter().map(|taken| taken.to).collect();
    assert_eq!(to, ["n0@contoh.test", "n3@contoh.test", "n4@contoh.test"]);
    assert!(server.strays().is_empty(), "{:?}", server.strays());
    let overview = db.store.snapshot(|db| dead_letters::overview(db, 10)).unwrap();
    let why = &overview.dead[0];
    assert!(why.last_answer.as_deref().unwrap().contains("nobody here"), "{:?}", why.last_answer);
}

/// The number in an address of [`queue_many`].
fn number(to: &str) -> usize {
    to[1..to.find('@').unwrap()].parse().unwrap()
}

/// Another courier takes over whatever this one has taken.
fn takes_over(store: &Store) {
    let other = ClaimId::new().uuid().simple().to_string();
    let other =
        if matches!(store.target(), Target::Postgres { .. }) { format!("'{other}'") } else { format!("x'{other}'") };
    let taken = format!("UPDATE outbox SET claim = {other} WHERE status = 'sending'");
    store.write(|db| Ok::<_, StoreError>(db.batch_execute(&taken)?)).unwrap();
}

/// Waits until no more letters than these wait, as when the next batch was taken; not for ever.
fn are_left(store: &Store, letters: usize) {
    const PATIENCE: Duration = Duration::from_secs(60);
    let since = Instant::now();
    while count(store, "queued") > letters && since.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
}

/// As when a machine is put to sleep in the middle of a batch, and another takes over what was left.
fn a_courier_that_was_asleep_for_too_long_sends_no_more(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 40, now);
    let store = db.another_store();
    let server = SmtpServer::start(move |to, _| {
        if to == "n3@contoh.test" {
            takes_over(&store);
        }
        Does::Take
    });
    let tally = send_all(&mut courier(&db.store, post::to(&server, 1)), now);
    // What was on its way when it was noticed; the rest is the other's.
    assert!(server.taken().len() <= 6, "{} of 40 were sent: {tally:?}", server.taken().len());
    assert!(count(&db.store, "sending") >= 36 && count(&db.store, "queued") == 0);
}

/// The mail server is not kept waiting for letters to be written; a courier that ends keeps none back.
fn while_a_batch_goes_out_the_next_is_written(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 170, now);
    let store = db.another_store();
    let server = SmtpServer::start(move |to, _| {
        if to == "n50@contoh.test" {
            are_left(&store, 20);
        }
        Does::Take
    });
    let mut first = courier(&db.store, post::to(&server, 2));
    let stand = |wanted: &[&str]| wanted.iter().map(|status| count(&db.store, status)).collect::<Vec<_>>();
    assert_eq!(first.run_once(now).unwrap().sent, 50);
    assert_eq!(stand(&["sent", "sending", "queued"]), [50, 0, 120], "nobody knows yet whether letters leave quickly");
    assert_eq!(first.run_once(now).unwrap().sent, 50);
    assert_eq!(stand(&["sent", "sending", "queued"]), [100, 50, 20]);
    drop(first);
    assert_eq!(stand(&["sending", "queued"]), [0, 70]);
    assert_eq!(send_all(&mut courier(&db.store, post::to(&server, 2)), now).sent, 70);
    assert_eq!(server.taken().len(), 170);
}

/// The lease of what lies ready has run out as well: the other courier has it.
fn who_was_asleep_does_not_send_what_lay_ready_either(db: &TestDb) {
    let now = people::moment();
    queue_many(&db.store, 170, now);
    let store = db.another_store();
    let server = SmtpServer::start(move |to, _| {
        if to == "n50@contoh.test" {
            are_left(&store, 20);
            takes_over(&store);
        }
        Does::Take
    });
    let mut courier = courier(&db.store, post::to(&server, 1));
    assert_eq!(courier.run_once(now).unwrap().sent, 50);
    courier.run_once(now).unwrap();
    assert_eq!(courier.run_once(now).unwrap().sent, 20, "what nobody else has");
    let taken: Vec<usize> = server.taken().iter().map(|taken| number(&taken.to)).collect();
    assert!(!taken.iter().any(|at| (100..150).contains(at)), "{taken:?}");
    assert!(count(&db.store, "sending") >= 95 && count(&db.store, "queued") == 0);
}

fn by_address(store: &Store) -> BTreeMap<String, String> {
    rows(store).into_iter().map(|row| (row.address.unwrap(), row.status)).collect()
}

/// Who cannot note what came of letters hands no more over, or all of them would go out again.
#[test]
fn what_cannot_be_noted_ends_the_round() {
    struct Forgetful(usize);
    impl Clerk for Forgetful {
        fn note(&mut self, verdicts: Vec<(usize, Verdict)>) -> bool {
            self.0 += verdicts.len();
            false
        }
        fn go_on(&mut self) -> bool {
            true
        }
    }
    const CONNECTIONS: usize = 3;
    let server = SmtpServer::start(|_, _| Does::Take);
    let parcels: Vec<Parcel> = (0..50).map(|_| post::parcel()).collect();
    let mut clerk = Forgetful(0);
    post::to(&server, CONNECTIONS).deliver(&parcels, &mut clerk);
    assert_eq!(clerk.0, parcels.len(), "each letter has its verdict all the same");
    assert!((1..=CONNECTIONS).contains(&server.taken().len()), "{}", server.taken().len());
}

/// A line that is a single dot ends a mail; one inside must not.
#[test]
fn a_lone_dot_does_not_end_a_mail() {
    let db = TestDb::sqlite();
    let now = people::moment();
    let long = "panjang".repeat(10);
    let data = json!({ "name": "Budi", "reason": format!("{long} . {long} .{long}") });
    // The first goes out together with what announces the second, which goes out alone.
    for to in ["budi@contoh.test", "ani@contoh.test"] {
        queue(&db.store, MailKind::ApplicationRejected, to, &data, now);
    }
    let server = SmtpServer::start(|_, _| Does::Take);
    assert_eq!(send_all(&mut courier(&db.store, post::to(&server, 1)), now).sent, 2);
    let mails: Vec<post::Read> = server.taken().iter().map(|taken| post::Read::of(&taken.bytes)).collect();
    for mail in &mails {
        assert!(mail.text.contains(&format!("\n.{long}")) || mail.text.contains(&format!(". {long}")), "{}", mail.text);
        assert!(mail.html.ends_with("</html>\n") || mail.html.ends_with("</html>"), "{}", mail.html);
    }
    assert_eq!(mails[0].text, mails[1].text);
}
