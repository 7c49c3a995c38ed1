//! What a coachee reads when a request has gone out: whom it is put to, in which order, until when, and the way back.

use coachnet::mail::Transport;
use coachnet::services::{offers, requests};

use crate::support::post::{self, Read, courier, send_all};
use crate::support::programme::Programme;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(a_choice_is_told_in_its_order, a_single_choice_has_no_next, what_was_answered_is_not_told);

/// Sends what is due, and gives what coachees got.
fn to_coachees(programme: &Programme) -> Vec<Read> {
    let folder = tempfile::tempdir().unwrap();
    programme.tamper("UPDATE persons SET email = code || '@contoh.test'");
    let mut courier = courier(&programme.store, Transport::folder(folder.path().to_owned()));
    let tally = send_all(&mut courier, programme.now());
    assert_eq!((tally.dead, tally.later, tally.waiting), (0, 0, 0));
    post::folder(folder.path()).into_iter().filter(|mail| mail.to.starts_with('e')).collect()
}

fn a_choice_is_told_in_its_order(db: &TestDb) {
    let programme = Programme::new(&db.store, 1, 3, 1);
    programme.tamper("UPDATE persons SET front_title = 'Ir.' WHERE code = 'c2'");
    programme.choose(0, &[2, 0, 1]).unwrap();
    let mails = to_coachees(&programme);
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["Permintaan Anda sudah dikirim (3 coach)"]);
    let text = mails[0].text.replace('\n', " ");
    let order: Vec<usize> = ["Pilihan 1: Ir. Coach c2", "Pilihan 2: ", "Pilihan 3: ", "Coach menjawab sebelum: "]
        .iter()
        .map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}")))
        .collect();
    assert!(order.is_sorted(), "{text}");
    assert!(text.contains("WIT") && text.contains("ditarik kembali"), "the reader's clock, and the way back: {text}");
    assert!(mails[0].text.contains(&format!("https://jejaring.test/requests/{}", programme.request(0).id)));
    assert!(!mails[0].headers.iter().any(|(name, _)| name == "List-Unsubscribe"), "it cannot be done without");
    programme.must_be_well();
}

fn a_single_choice_has_no_next(db: &TestDb) {
    let programme = Programme::new(&db.store, 1, 1, 1);
    programme.tamper("UPDATE persons SET language = 'en' WHERE code = 'e0'");
    programme.choose(0, &[0]).unwrap();
    let mails = to_coachees(&programme);
    assert_eq!(mails[0].subject, "Your request was sent (1 coach)");
    let text = mails[0].text.replace('\n', " ");
    assert!(text.contains("waiting list") && !text.contains("next choice") && !text.contains("Choice 1"), "{text}");
    assert_eq!(programme.told("request_sent"), 1);
}

fn what_was_answered_is_not_told(db: &TestDb) {
    let programme = Programme::new(&db.store, 2, 2, 1);
    programme.accept(&programme.choose(0, &[0]).unwrap()).unwrap();
    let mails = to_coachees(&programme);
    assert_eq!(mails.len(), 1, "the pair alone: {:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
    assert!(mails[0].subject.starts_with("Coach c0 bersedia"), "{}", mails[0].subject);
    // What the programme asks for is no wish of the coachee's.
    let code = crate::support::programme::code(1);
    let (act, request) = (programme.as_admin(), programme.request(1).id);
    programme.store.write(|db| offers::put(db, &act, request, &code)).unwrap();
    assert_eq!(programme.told("request_sent"), 1);
    let act = programme.as_coachee(1);
    programme.store.write(|db| requests::withdraw(db, &act, request)).unwrap();
}
