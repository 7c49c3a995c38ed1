//! What becomes of a pairing: agreement, completion, breaking off, rematch, another coach.

use chrono::Duration;
use coachnet::domain::{Agreement, EndReason, OfferOrigin, PairingStatus, RequestStatus, Side};
use coachnet::matching::Rule;
use coachnet::services::pairings::{self, End, Unreported};
use coachnet::services::{Denial, Refusal, ServiceError};
use coachnet::store;
use coachnet::store::pairings::{Evaluation, Filter};

use crate::support::programme::{Programme, code, refusal};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    both_sign_the_same_terms,
    a_pairing_is_completed_with_a_word_of_each,
    pairings_that_nobody_rated_weigh_nothing,
    ratings_of_before_are_counted_anew,
    a_rematch_keeps_the_history,
    another_coach_takes_over_when_that_one_accepts,
    a_pairing_that_ends_takes_the_offer_of_another_coach_with_it,
    only_the_two_and_the_programme,
);

fn terms(sessions: u8) -> Agreement {
    Agreement { goals: "Memimpin rapat lintas unit".into(), sessions, confidential: true }
}

fn both_sign_the_same_terms(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    let pairing = p.pair(0, 0);
    let sign = |act: &_, sessions| p.store.write(|db| pairings::sign(db, act, pairing.id, &terms(sessions)));
    assert_eq!(sign(&p.as_coachee(0), 6).unwrap().agreement(), Some(terms(6)));
    let changed = sign(&p.as_coach(0), 8).unwrap();
    assert_eq!((changed.coachee_signed_at, changed.coach_signed_at), (None, Some(p.now())), "other terms, anew");
    let signed = sign(&p.as_coachee(0), 8).unwrap();
    assert!(signed.coachee_signed_at.is_some() && signed.coach_signed_at.is_some());
    assert_eq!(refusal(sign(&p.as_coach(0), 9)), Refusal::AgreementSigned);
    assert!(matches!(sign(&p.as_coach(0), 0), Err(ServiceError::Denied(Denial::Invalid(_)))));
    assert!(matches!(sign(&p.as_admin(), 8), Err(ServiceError::Forbidden)));
    assert_eq!((p.told("agreement_signed"), p.audited("pairing.signed")), (3, 3));
    p.must_be_well();
}

fn a_pairing_is_completed_with_a_word_of_each(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 1, 1);
    let pairing = p.pair(0, 0);
    let request = p.request(0).id;
    let word = |rating| Evaluation { rating, comment: Some(" Sangat membantu. ".into()) };
    let evaluate = |act: &_, rating| p.store.write(|db| pairings::evaluate(db, act, pairing.id, &word(rating)));
    assert_eq!(refusal(evaluate(&p.as_coachee(0), 4)), Refusal::PairingActive);
    p.pass(Duration::days(90));
    assert!(matches!(
        p.store.write(|db| pairings::complete(db, &p.as_coach(0), pairing.id, &word(6), Unreported::Refuse)),
        Err(ServiceError::Denied(Denial::Invalid(_)))
    ));
    let over =
        p.store.write(|db| pairings::complete(db, &p.as_coach(0), pairing.id, &word(5), Unreported::Refuse)).unwrap();
    assert_eq!((over.status.0, over.ended_at), (PairingStatus::Completed, Some(p.now())));
    evaluate(&p.as_coachee(0), 4).unwrap();
    assert_eq!(refusal(evaluate(&p.as_coachee(0), 1)), Refusal::Evaluated);
    let said = p.store.read(|db| store::pairings::evaluations(db, pairing.id)).unwrap();
    assert_eq!(
        said.iter().map(|(side, word)| (*side, word.rating)).collect::<Vec<_>>(),
        [(Side::Coach, 5), (Side::Coachee, 4)]
    );
    assert_eq!(said[0].1.comment.as_deref(), Some("Sangat membantu."));
    assert_eq!(p.request_with(request).status.0, RequestStatus::Closed);
    let coach = p.store.read(|db| store::coaches::get(db, &code(0))).unwrap();
    assert_eq!((coach.completed_pairs, coach.rating, p.room(0).held), (1, Some(400), 0));
    p.complete(&p.pair(1, 0)).unwrap();
    let coach = p.store.read(|db| store::coaches::get(db, &code(0))).unwrap();
    assert_eq!((coach.completed_pairs, coach.rating), (2, Some(450)));
    assert_eq!(refusal(p.end(&pairing)), Refusal::PairingOver);
    p.must_be_well();
}

fn stored(p: &Programme, coach: usize) -> (u16, Option<u16>) {
    let coach = p.store.read(|db| store::coaches::get(db, &code(coach))).unwrap();
    (coach.completed_pairs, coach.rating)
}

fn pairings_that_nobody_rated_weigh_nothing(db: &TestDb) {
    let p = Programme::new(&db.store, 4, 1, 4);
    let says = |rating| Evaluation { rating, comment: None };
    let silent = p.pair(0, 0);
    p.store.write(|db| pairings::complete(db, &p.as_coach(0), silent.id, &says(5), Unreported::Refuse)).unwrap();
    assert_eq!(stored(&p, 0), (1, None), "the coach's own word is no rating");
    for (coachee, rating) in [(1, 5), (2, 1)] {
        let pairing = p.pair(coachee, 0);
        p.store
            .write(|db| pairings::complete(db, &p.as_coachee(coachee), pairing.id, &says(rating), Unreported::Refuse))
            .unwrap();
    }
    assert_eq!(stored(&p, 0), (3, Some(300)));
    p.store.write(|db| pairings::evaluate(db, &p.as_coachee(0), silent.id, &says(4))).unwrap();
    assert_eq!(stored(&p, 0), (3, Some(333)), "1000 hundredths by three");
}

/// The migration counts anew what was weighed by completed pairings.
fn ratings_of_before_are_counted_anew(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 3, 3);
    let says = |rating| Evaluation { rating, comment: None };
    for coach in [0, 1] {
        for (coachee, rating) in [(0, Some(5)), (1, Some(1)), (2, None)] {
            let pairing = p.pair(coachee, coach);
            let by = if rating.is_some() { p.as_coachee(coachee) } else { p.as_coach(coach) };
            p.store
                .write(|db| pairings::complete(db, &by, pairing.id, &says(rating.unwrap_or(3)), Unreported::Refuse))
                .unwrap();
            ask_anew(&p, coachee);
        }
    }
    // As before: no counts, means of whatever; c1 and c2 came with four pairings of an import, of a mean of 4.5.
    p.tamper("UPDATE coach_profiles SET ratings = 0, rating_sum = 0, rating = 366");
    p.tamper(
        "UPDATE coach_profiles SET completed_pairs = completed_pairs + 4, rating = 450 \
         WHERE person IN (SELECT id FROM persons WHERE code IN ('c1', 'c2'))",
    );
    let engine = if db.is_postgres() { "postgres" } else { "sqlite" };
    let up = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("migrations/{engine}/2026-11-29-000022_claims_ratings_pauses/up.sql"));
    let up = std::fs::read_to_string(up).unwrap();
    let counts = up.split(';').map(str::trim).filter(|statement| statement.starts_with("UPDATE coach_profiles"));
    assert_eq!(counts.map(|statement| p.tamper(statement)).count(), 4);
    assert_eq!(stored(&p, 0), (3, Some(300)), "what was said here");
    assert_eq!(stored(&p, 1), (7, Some((4 * 450 + 600) / 6)), "and what the import said");
    assert_eq!(stored(&p, 2), (4, Some(450)));
}

/// The coachee has no pairing any more, and asks again.
fn ask_anew(p: &Programme, coachee: usize) {
    let wish = coachnet::services::requests::Wish {
        cohort: "2026-b".into(),
        coachee: p.coachees[coachee],
        focus: Vec::new(),
        modes: coachnet::domain::Modes::BOTH,
        languages: coachnet::domain::Languages::NONE.with(coachnet::domain::Language::Indonesian),
        motivation: None,
    };
    p.store.write(|db| coachnet::services::requests::ask(db, &p.as_coachee(coachee), &wish)).unwrap();
}

fn a_rematch_keeps_the_history(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    let first = p.pair(0, 0);
    let request = p.request(0);
    assert_eq!(refusal(p.store.write(|db| pairings::rematch(db, &p.as_coachee(0), first.id))), Refusal::PairingActive);
    let ended = p.end(&first).unwrap();
    assert_eq!((ended.status.0, ended.no_fault), (PairingStatus::Ended, Some(true)));
    assert_eq!((p.room(0).held, p.told("pairing_ended")), (0, 1));
    let again = p.store.write(|db| pairings::rematch(db, &p.as_coachee(0), first.id)).unwrap();
    assert_eq!((again.waiting_rounds, again.status.0), (request.waiting_rounds + 1, RequestStatus::Open));
    let focus = |id| p.store.read(|db| store::requests::focus(db, id)).unwrap();
    assert_eq!(focus(again.id), focus(request.id));
    assert_eq!(refusal(p.store.write(|db| pairings::rematch(db, &p.as_coachee(0), first.id))), Refusal::RequestExists);
    let same = p.choose(0, &[0]);
    assert!(matches!(&same, Err(ServiceError::RuledOut { rules, .. }) if rules == &[Rule::EarlierPair]), "{same:?}");
    let second = p.pair(0, 1);
    assert_eq!(second.rematch_of, Some(first.id));
    let history = p
        .store
        .read(|db| store::pairings::list(db, &Filter { person: Some(p.coachees[0]), ..Filter::default() }, None, 10))
        .unwrap();
    assert_eq!(history.iter().map(|pairing| pairing.id).collect::<Vec<_>>(), [second.id, first.id]);
    p.must_be_well();
}

fn another_coach_takes_over_when_that_one_accepts(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 3, 2);
    let first = p.pair(0, 0);
    let old_request = p.request(0);
    let reassign = |coach| p.store.write(|db| pairings::reassign(db, &p.as_admin(), first.id, &code(coach)));
    assert_eq!(refusal(reassign(0)), Refusal::SameCoach, "who has a place left, and the pairing already");
    let refused = reassign(1).unwrap();
    assert_eq!((refused.origin.0, p.room(1).held), (OfferOrigin::Admin, 1));
    p.decline(&refused).unwrap();
    let unchanged = p.store.read(|db| store::pairings::get(db, first.id)).unwrap();
    assert_eq!(unchanged.status.0, PairingStatus::Active, "without consent all stays as it is");
    assert_eq!(p.request(0), old_request);
    let offer = reassign(2).unwrap();
    let second = p.accept(&offer).unwrap();
    let first = p.store.read(|db| store::pairings::get(db, first.id)).unwrap();
    assert_eq!((first.status.0, first.end_reason.map(|r| r.0)), (PairingStatus::Ended, Some(EndReason::Reassigned)));
    assert_eq!((second.rematch_of, second.coach), (Some(first.id), p.coaches[2]));
    assert_eq!(p.request_with(old_request.id).status.0, RequestStatus::Closed);
    assert_eq!((p.request(0).status.0, [0, 1, 2].map(|at| p.room(at).held)), (RequestStatus::Matched, [0, 0, 1]));
    p.complete(&second).unwrap();
    p.must_be_well();
}

fn a_pairing_that_ends_takes_the_offer_of_another_coach_with_it(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    let pairing = p.pair(0, 0);
    let offer = p.store.write(|db| pairings::reassign(db, &p.as_admin(), pairing.id, &code(1))).unwrap();
    p.complete(&pairing).unwrap();
    assert_eq!(refusal(p.accept(&offer)), Refusal::Answered);
    assert_eq!((p.room(0).held, p.room(1).held), (0, 0));
    let late = p.store.write(|db| pairings::reassign(db, &p.as_admin(), pairing.id, &code(1)));
    assert_eq!(refusal(late), Refusal::PairingOver);
    p.must_be_well();
}

fn only_the_two_and_the_programme(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 1);
    let pairing = p.pair(0, 0);
    let how = End { reason: EndReason::Other, no_fault: false, note: Some("x".repeat(501)) };
    assert!(matches!(
        p.store.write(|db| pairings::end(db, &p.as_coach(0), pairing.id, &how)),
        Err(ServiceError::Denied(Denial::Invalid(_)))
    ));
    let how = End { note: None, ..how };
    let says = Evaluation { rating: 3, comment: None };
    for act in [p.as_coach(1), p.as_coachee(1)] {
        assert!(matches!(p.store.write(|db| pairings::end(db, &act, pairing.id, &how)), Err(ServiceError::Forbidden)));
        assert!(matches!(
            p.store.write(|db| pairings::complete(db, &act, pairing.id, &says, Unreported::Refuse)),
            Err(ServiceError::Forbidden)
        ));
        assert!(matches!(
            p.store.write(|db| pairings::reassign(db, &act, pairing.id, &code(1))),
            Err(ServiceError::Forbidden)
        ));
        assert!(matches!(p.store.write(|db| pairings::rematch(db, &act, pairing.id)), Err(ServiceError::Forbidden)));
    }
    assert!(matches!(
        p.store.write(|db| pairings::complete(db, &p.as_admin(), pairing.id, &says, Unreported::Refuse)),
        Err(ServiceError::Forbidden)
    ));
    let stale = p.as_coach(0).having_seen(pairing.version + 1);
    assert_eq!(refusal(p.store.write(|db| pairings::end(db, &stale, pairing.id, &how))), Refusal::Stale);
    p.store.write(|db| pairings::end(db, &p.as_admin(), pairing.id, &how)).unwrap();
    assert_eq!(p.told("pairing_ended"), 2, "the programme tells both");
    p.must_be_well();
}
