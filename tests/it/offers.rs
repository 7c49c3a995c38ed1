//! From a choice to a pairing, and every way in which it may come otherwise.

use chrono::Duration;
use coachnet::domain::{DeclineReason, Languages, Modes, OfferStatus, RequestStatus};
use coachnet::i18n::Lang;
use coachnet::matching::Rule;
use coachnet::services::requests::Wish;
use coachnet::services::{Denial, Refusal, ServiceError, coaches, offers, questions, requests};
use coachnet::store::cohorts::Cohort;
use coachnet::store::offers::{self as stored, Offer};
use coachnet::store::types::Word;
use coachnet::store::{CohortId, OfferId, StoreError, cohorts, records};

use crate::support::people;
use crate::support::programme::{MANY, Programme, choose, code, refusal};
use crate::support::{TestDb, on_both_engines};

/// Every refusal has words for people, in both languages.
#[test]
fn refusals_have_words() {
    for lang in [Lang::Id, Lang::En] {
        for refusal in Refusal::ALL {
            let key = format!("refusal.{refusal}");
            let words = lang.tr(&key);
            assert!(words.ends_with('.') && !words.contains(&key), "{key}: {words}");
        }
    }
}

on_both_engines!(
    the_second_choice_gets_the_offer_and_accepts,
    an_unanswered_offer_moves_on,
    choices_go_on_after_an_offer_beside_them,
    a_choice_that_a_rule_forbids_since_is_passed_over,
    who_gets_nobody_waits_with_a_better_place,
    a_request_taken_back_frees_the_place,
    a_declined_pair_is_never_offered_again,
    an_import_does_not_forget_what_happened_here,
    a_coach_answers_only_what_is_theirs,
    a_stale_version_changes_nothing,
    of_two_changes_of_one_state_the_first_stands,
    a_place_that_is_held_cannot_be_had_twice,
    a_paused_coach_is_not_asked,
    capacity_stays_above_what_is_held,
    a_coachee_asks_for_a_coach,
    a_rule_is_named,
    each_side_asks_one_question,
    two_offers_of_one_request_are_not_both_accepted,
);

fn the_second_choice_gets_the_offer_and_accepts(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    let first = p.choose(0, &[0, 1]).unwrap();
    assert_eq!((first.place, first.deadline.time() - p.now().time()), (Some(1), Duration::days(3)));
    assert_eq!((p.room(0).held, p.room(1).held), (1, 0));
    p.decline(&first).unwrap();
    assert_eq!((p.room(0).held, p.room(1).held), (0, 1));
    let second = p.pending(1).pop().unwrap();
    assert_eq!(second.place, Some(2));
    let pairing = p.accept(&second).unwrap();
    assert_eq!((pairing.coachee, pairing.coach, pairing.offer), (p.coachees[0], p.coaches[1], second.id));
    assert_eq!(p.request(0).status.0, RequestStatus::Matched);
    assert_eq!((p.room(0).held, p.room(1).held), (0, 1), "the pairing holds the place now");
    let told = ["offer_asked", "next_coach_asked", "pairing_started", "waiting_again"].map(|kind| p.told(kind));
    assert_eq!(told, [2, 1, 2, 0]);
    assert_eq!(["offer.declined", "offer.accepted", "pairing.active"].map(|action| p.audited(action)), [1, 1, 1]);
    assert_eq!(refusal(p.accept(&second)), Refusal::Answered);
    p.must_be_well();
}

fn an_unanswered_offer_moves_on(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    let first = p.choose(0, &[0, 1]).unwrap();
    p.pass(Duration::days(3) - Duration::minutes(1));
    assert_eq!(p.expire(), 0);
    p.pass(Duration::minutes(1));
    assert_eq!(refusal(p.accept(&first)), Refusal::TooLate);
    assert_eq!((p.expire(), p.expire()), (1, 0));
    let second = p.pending(1).pop().unwrap();
    assert_eq!(refusal(p.accept(&first)), Refusal::Answered);
    p.accept(&second).unwrap();
    assert_eq!(
        p.offers_of(&p.request(0)).iter().map(|o| o.status.0).collect::<Vec<_>>(),
        [OfferStatus::Expired, OfferStatus::Accepted]
    );
    p.must_be_well();
}

/// The programme asks somebody too while the first choice thinks; both say no, the first choice first.
fn choices_go_on_after_an_offer_beside_them(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 5, 1);
    let first = p.choose(0, &[0, 1, 2]).unwrap();
    let request = p.request(0);
    let beside = p.store.write(|db| offers::put(db, &p.as_admin(), request.id, &code(3))).unwrap();
    p.decline(&first).unwrap();
    assert_eq!((p.pending(1).len(), p.told("waiting_again")), (0, 0), "while another thinks, nobody is asked");
    p.decline(&beside).unwrap();
    let second = p.pending(1).pop().expect("the second choice is asked");
    assert_eq!((second.place, p.told("waiting_again")), (Some(2), 0));
    let beside = p.store.write(|db| offers::put(db, &p.as_admin(), request.id, &code(4))).unwrap();
    p.decline(&beside).unwrap();
    p.decline(&second).unwrap();
    p.decline(&p.pending(2).pop().expect("the third choice is asked")).unwrap();
    assert_eq!((p.told("next_coach_asked"), p.told("waiting_again")), (2, 1));
    p.must_be_well();
}

fn a_choice_that_a_rule_forbids_since_is_passed_over(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 3, 1);
    let first = p.choose(0, &[0, 1, 2]).unwrap();
    p.tamper("UPDATE coachee_profiles SET superior_code = 'c1'");
    p.decline(&first).unwrap();
    assert!(p.pending(1).is_empty(), "a superior by now");
    assert_eq!(p.pending(2).pop().expect("the third choice").place, Some(3));
    p.must_be_well();
}

fn who_gets_nobody_waits_with_a_better_place(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 1, 1);
    let standing = |at: usize| {
        p.store.write(|db| requests::place_on_waiting_list(db, &p.as_coachee(at), p.request(at).id)).unwrap()
    };
    let last = (0..3).max_by_key(|&at| standing(at).place).unwrap();
    assert_eq!((standing(last).place, standing(last).waiting, standing(last).rounds), (3, 3, 0));
    p.decline(&p.choose(last, &[0]).unwrap()).unwrap();
    assert_eq!((standing(last).place, standing(last).waiting, standing(last).rounds), (1, 3, 1));
    assert_eq!((p.told("waiting_again"), p.audited("request.waiting")), (1, 1));
    let stranger = p.as_coachee((last + 1) % 3);
    let peeped = p.store.write(|db| requests::place_on_waiting_list(db, &stranger, p.request(last).id));
    assert!(matches!(peeped, Err(ServiceError::Forbidden)));
    p.must_be_well();
}

fn a_request_taken_back_frees_the_place(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 1, 1);
    let offer = p.choose(0, &[0]).unwrap();
    let request = p.request(0);
    assert_eq!(refusal(p.choose(1, &[0]).map_err(no_place)), Refusal::CoachNotFree);
    p.store.write(|db| requests::withdraw(db, &p.as_coachee(0), request.id)).unwrap();
    assert_eq!((p.room(0).held, p.told("offer_withdrawn")), (0, 1));
    assert_eq!(refusal(p.accept(&offer)), Refusal::Answered);
    assert_eq!(
        refusal(p.store.write(|db| requests::withdraw(db, &p.as_coachee(0), request.id))),
        Refusal::RequestNotOpen
    );
    p.pair(1, 0);
    p.must_be_well();
}

/// A coach without a place is ruled out before anything is written, or finds none left when it is.
fn no_place(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::RuledOut { rules, .. } if rules == [Rule::NoFreePlace] => Refusal::CoachNotFree.into(),
        other => other,
    }
}

fn a_declined_pair_is_never_offered_again(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    p.decline(&p.choose(0, &[0]).unwrap()).unwrap();
    let again = p.choose(0, &[0]);
    assert!(matches!(&again, Err(ServiceError::RuledOut { rules, .. }) if rules == &[Rule::EarlierPair]), "{again:?}");
    let by_admin = p.store.write(|db| offers::put(db, &p.as_admin(), p.request(0).id, &code(0)));
    assert!(matches!(by_admin, Err(ServiceError::RuledOut { .. })));
    p.store.write(|db| offers::put(db, &p.as_admin(), p.request(0).id, &code(1))).unwrap();
    let loaded = p.store.snapshot(|db| records::load(db, p.cohort)).unwrap();
    assert!(loaded.coachees.is_empty(), "an offer waits, so a run leaves the request alone");
    assert_eq!(loaded.coaches[1].load, 1, "and the place is taken for it");
    p.must_be_well();
}

/// The same file again, and one that says more and less, after somebody has said no.
fn an_import_does_not_forget_what_happened_here(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    let mut file = p.store.snapshot(|db| records::load(db, p.cohort)).unwrap();
    let import = |file: &_| p.store.write(|db| records::save(db, p.cohort, file, p.now())).unwrap();
    assert!(import(&file).is_idle());
    p.decline(&p.choose(0, &[0]).unwrap()).unwrap();
    assert!(import(&file).is_idle(), "the request was acted on, and the pair happened here");
    file.coachees[0].position = "Kepala Bidang".into();
    file.coachees[0].earlier = vec![people::code("elsewhere")];
    assert_eq!(import(&file).coachees.changed, 1);
    assert_eq!(p.request(0).waiting_rounds, 1);
    let earlier =
        |p: &Programme| p.store.snapshot(|db| records::load(db, p.cohort)).unwrap().coachees.remove(0).earlier;
    assert_eq!(earlier(&p), [code(0), people::code("elsewhere")]);
    file.coachees[0].earlier = vec![code(0)];
    import(&file);
    assert_eq!(earlier(&p), [code(0)], "what an import brought, an import takes away");
    file.coachees[0].earlier.clear();
    assert!(import(&file).is_idle());
    p.must_be_well();
}

fn a_coach_answers_only_what_is_theirs(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 1);
    let offer = p.choose(0, &[0]).unwrap();
    let others = [p.as_coach(1), p.as_coachee(0), p.as_admin(), p.as_national_admin()];
    for act in &others {
        assert!(
            matches!(p.store.write(|db| offers::accept(db, act, offer.id)), Err(ServiceError::Forbidden)),
            "{act:?}"
        );
        let declined = p.store.write(|db| offers::decline(db, act, offer.id, DeclineReason::Other, None));
        assert!(matches!(declined, Err(ServiceError::Forbidden)), "{act:?}");
    }
    for act in [p.as_coach(0), p.as_coach(1), p.as_coachee(1)] {
        assert!(
            matches!(p.store.write(|db| offers::withdraw(db, &act, offer.id)), Err(ServiceError::Forbidden)),
            "{act:?}"
        );
        let chosen = choose(&p.store, &act, p.request(0).id, &[code(1)]);
        assert!(matches!(chosen, Err(ServiceError::Forbidden)), "{act:?}");
        let withdrawn = p.store.write(|db| requests::withdraw(db, &act, p.request(0).id));
        assert!(matches!(withdrawn, Err(ServiceError::Forbidden)), "{act:?}");
    }
    let put = p.store.write(|db| offers::put(db, &p.as_coachee(0), p.request(0).id, &code(1)));
    assert!(matches!(put, Err(ServiceError::Forbidden)));
    assert!(matches!(offers::expire_due(&p.store, &p.as_coach(0)), Err(ServiceError::Forbidden)));
    assert!(matches!(
        p.store.write(|db| coaches::pause(db, &p.as_coach(1), p.coaches[0])),
        Err(ServiceError::Forbidden)
    ));
    assert!(matches!(
        p.store.write(|db| offers::accept(db, &p.as_coach(0), OfferId::new())),
        Err(ServiceError::Missing(_))
    ));
    assert_eq!(p.pending(0), [offer]);
    p.must_be_well();
}

/// Whoever acts on what they saw before somebody else changed it, in the service and in the store.
/// As the database itself sees to it, whatever those above it have read before.
fn of_two_changes_of_one_state_the_first_stands(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    let seen = p.choose(0, &[0]).unwrap();
    let answered = |status| Offer { status: Word(status), answered_at: Some(p.now()), ..seen.clone() };
    let change = |new: Offer| db.store.write(|db| stored::change(db, &seen, new.clone()));
    let declined = Offer { reason: Some(Word(DeclineReason::NoTime)), ..answered(OfferStatus::Declined) };
    change(declined).unwrap();
    let lost = change(answered(OfferStatus::Accepted)).unwrap_err();
    assert!(matches!(lost, StoreError::Conflict(_)), "{lost}");
    let now = db.store.read(|db| stored::get(db, seen.id)).unwrap();
    assert_eq!((now.status.0, now.version), (OfferStatus::Declined, seen.version + 1));
}

fn a_stale_version_changes_nothing(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    let offer = p.choose(0, &[0]).unwrap();
    let stale = p.as_coach(0).having_seen(offer.version + 1);
    assert_eq!(refusal(p.store.write(|db| offers::accept(db, &stale, offer.id))), Refusal::Stale);
    let request = p.request(0);
    let withdrawn =
        p.store.write(|db| requests::withdraw(db, &p.as_coachee(0).having_seen(request.version - 1), request.id));
    assert_eq!(refusal(withdrawn), Refusal::Stale);
    let pairing = p.store.write(|db| offers::accept(db, &p.as_coach(0).having_seen(offer.version), offer.id)).unwrap();
    let late = coachnet::store::offers::Offer {
        status: Word(OfferStatus::Expired),
        answered_at: Some(p.now()),
        ..offer.clone()
    };
    let conflict = p.store.write(|db| coachnet::store::offers::change(db, &offer, late.clone()));
    assert!(matches!(conflict, Err(StoreError::Conflict(_))), "{conflict:?}");
    let closed = |request: &coachnet::store::requests::Request| coachnet::store::requests::Request {
        status: Word(RequestStatus::Closed),
        ..request.clone()
    };
    let conflict = p.store.write(|db| coachnet::store::requests::change(db, &request, closed(&request)));
    assert!(matches!(conflict, Err(StoreError::Conflict(_))), "{conflict:?}");
    let signed = |version| coachnet::store::pairings::Pairing { version, ..pairing.clone() };
    let conflict = p.store.write(|db| coachnet::store::pairings::change(db, &signed(7), signed(7)));
    assert!(matches!(conflict, Err(StoreError::Conflict(_))), "{conflict:?}");
    let room = p.room(0);
    let conflict = p.store.write(|db| {
        let old = coachnet::store::places::Room { version: 7, ..room.clone() };
        coachnet::store::places::change(db, &old, room.clone())
    });
    assert!(matches!(conflict, Err(StoreError::Conflict(_))), "{conflict:?}");
    p.must_be_well();
}

/// What stands behind the services: the database itself refuses.
fn a_place_that_is_held_cannot_be_had_twice(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 1);
    let offer = p.choose(0, &[0]).unwrap();
    let pairing = p.accept(&offer).unwrap();
    let held = p.store.write(|db| coachnet::store::places::hold(db, p.coaches[0])).unwrap();
    assert!(!held);
    let too_much = p.store.write(|db| {
        use diesel::connection::SimpleConnection;
        Ok::<_, StoreError>(db.batch_execute("UPDATE coach_profiles SET held = held + 1 WHERE held = 1")?)
    });
    assert!(matches!(too_much, Err(StoreError::Conflict(_))), "{too_much:?}");
    let again = coachnet::store::offers::Offer {
        id: OfferId::new(),
        status: Word(OfferStatus::Pending),
        answered_at: None,
        ..offer.clone()
    };
    let twice = p.store.write(|db| coachnet::store::offers::insert(db, std::slice::from_ref(&again)));
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    let other = p.choose(1, &[1]).unwrap();
    let second = coachnet::store::pairings::Pairing {
        id: coachnet::store::PairingId::new(),
        offer: other.id,
        coach: other.coach,
        ..pairing.clone()
    };
    let twice = p.store.write(|db| coachnet::store::pairings::insert(db, second.clone()));
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    p.must_be_well();
}

fn a_paused_coach_is_not_asked(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 2, 2);
    let waiting = p.choose(0, &[0]).unwrap();
    let next = p.choose(1, &[1, 0]).unwrap();
    p.store.write(|db| coaches::pause(db, &p.as_coach(0), p.coaches[0])).unwrap();
    let ruled_out = p.choose(2, &[0]);
    assert!(matches!(&ruled_out, Err(ServiceError::RuledOut { rules, .. }) if rules == &[Rule::NotAccepting]));
    p.decline(&next).unwrap();
    assert_eq!(p.request(1).waiting_rounds, 1, "the second choice is paused");
    p.accept(&waiting).expect("what waits may be answered");
    p.store.write(|db| coaches::pause(db, &p.as_coach(0), p.coaches[0])).expect("pausing twice is pausing");
    p.store.write(|db| coaches::resume(db, &p.as_coach(0), p.coaches[0])).unwrap();
    p.choose(2, &[0]).unwrap();
    assert_eq!((p.audited("coach.paused"), p.audited("coach.resumed")), (1, 1));
    p.must_be_well();
}

fn capacity_stays_above_what_is_held(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 1, 5);
    p.pair(0, 0);
    p.choose(1, &[0]).unwrap();
    let set = |capacity| p.store.write(|db| coaches::set_capacity(db, &p.as_coach(0), p.coaches[0], capacity));
    assert_eq!(refusal(set(1)), Refusal::PlacesTaken);
    assert_eq!(set(2).unwrap().capacity, 2);
    assert!(matches!(set(1001), Err(ServiceError::Denied(Denial::Invalid(_)))));
    let mut file = p.store.snapshot(coachnet::store::coaches::all).unwrap();
    assert_eq!(file[0].load, 0, "what is held here is not what an import says");
    file[0].capacity = 1;
    file[0].conflicts.clear();
    let parsed =
        coachnet::tabular::Parsed { rows: vec![(2, file.remove(0))], errors: Vec::new(), warnings: Vec::new() };
    let how = coachnet::services::import::Import {
        cohort: None,
        partial: false,
        replace: false,
        actor: "test",
        now: p.now(),
    };
    let imported = coachnet::services::import::import(&p.store, parsed, how).unwrap();
    assert!(imported.outcome.is_none() && imported.errors[0].column == "capacity", "{imported:?}");
    p.must_be_well();
}

fn a_coachee_asks_for_a_coach(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 1, 1);
    let next_year = Cohort {
        id: CohortId::new(),
        code: "2027-a".into(),
        name: "2027 A".into(),
        opens_on: None,
        closes_on: Some(people::day()),
        created_at: p.now(),
    };
    p.store.write(|db| cohorts::create(db, &next_year)).unwrap();
    let wish = Wish {
        cohort: "2027-a".into(),
        coachee: p.coachees[0],
        focus: vec!["M.03".parse().unwrap()],
        modes: Modes::BOTH,
        languages: Languages::NONE.with(coachnet::domain::Language::Indonesian),
        motivation: Some("  Ingin memimpin lebih baik.  ".into()),
    };
    let ask = |act: &_, wish: &_| p.store.write(|db| requests::ask(db, act, wish));
    assert!(matches!(ask(&p.as_coachee(1), &wish), Err(ServiceError::Forbidden)));
    let nowhere = Wish { cohort: "2030-z".into(), ..wish.clone() };
    assert!(matches!(ask(&p.as_coachee(0), &nowhere), Err(ServiceError::Missing(_))));
    let of_course = Wish { focus: vec!["M.07".parse().unwrap()], ..wish.clone() };
    assert_eq!(refusal(ask(&p.as_coachee(0), &of_course)), Refusal::NoGap);
    let twice = Wish { focus: vec!["M.03".parse().unwrap(); 2], ..wish.clone() };
    assert!(matches!(ask(&p.as_coachee(0), &twice), Err(ServiceError::Denied(Denial::Invalid(_)))));
    let request = ask(&p.as_coachee(0), &wish).unwrap();
    assert_eq!(request, p.request_with(request.id));
    assert_eq!(request.motivation.as_deref(), Some("Ingin memimpin lebih baik."));
    let standing = p.store.write(|db| requests::place_on_waiting_list(db, &p.as_coachee(0), request.id)).unwrap();
    assert_eq!((standing.place, standing.waiting, standing.gap), (1, 1, 2), "level 3 is required, 1 is there");
    assert_eq!(refusal(ask(&p.as_coachee(0), &wish)), Refusal::RequestExists);
    p.pass(Duration::days(1));
    let late = Wish { coachee: p.coachees[1], ..wish };
    assert_eq!(refusal(ask(&p.as_coachee(1), &late)), Refusal::CohortClosed);
    choose(&p.store, &p.as_coachee(0), request.id, &[code(0)]).unwrap();
    p.must_be_well();
}

fn a_rule_is_named(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    p.tamper("UPDATE coach_profiles SET tier = 'pelaksana', languages = 2 WHERE person IN (SELECT id FROM persons WHERE code = 'c1')");
    let ruled_out = p.choose(0, &[0, 1]);
    assert!(
        matches!(&ruled_out, Err(ServiceError::RuledOut { coach, rules }) if *coach == code(1) && rules == &[Rule::Tier, Rule::Language]),
        "{ruled_out:?}"
    );
    let boss = "UPDATE coachee_profiles SET superior_code = 'x'; UPDATE coach_profiles SET superior_code = 'e0'";
    p.tamper(boss);
    let ruled_out = p.choose(0, &[0]);
    assert!(matches!(&ruled_out, Err(ServiceError::RuledOut { rules, .. }) if rules == &[Rule::LineOfCommand]));
    for wrong in [&[][..], &[0, 0], &[0, 1, 0, 1]] {
        assert!(matches!(p.choose(0, wrong), Err(ServiceError::Denied(Denial::Invalid(_)))));
    }
    assert_eq!(p.room(0).held, 0);
    p.must_be_well();
}

fn each_side_asks_one_question(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 1);
    let request = p.request(0).id;
    let ask = |act: &_, text| p.store.write(|db| questions::ask(db, act, request, p.coaches[0], text, MANY));
    assert!(matches!(ask(&p.as_coach(0), "Kapan mulai?"), Err(ServiceError::Forbidden)), "not asked yet");
    assert!(matches!(ask(&p.as_coachee(1), "?"), Err(ServiceError::Forbidden)));
    assert!(matches!(ask(&p.as_coachee(0), "   "), Err(ServiceError::Denied(Denial::Invalid(_)))));
    let question = ask(&p.as_coachee(0), "Bisa sore hari?").unwrap();
    assert_eq!(refusal(ask(&p.as_coachee(0), "Bisa pagi?")), Refusal::QuestionAsked);
    let answer = |act: &_| p.store.write(|db| questions::answer(db, act, question.id, "Bisa."));
    assert!(matches!(answer(&p.as_coachee(0)), Err(ServiceError::Forbidden)));
    answer(&p.as_coach(0)).unwrap();
    assert_eq!(refusal(answer(&p.as_coach(0))), Refusal::QuestionAnswered);
    p.choose(0, &[0]).unwrap();
    let back = ask(&p.as_coach(0), "Kapan mulai?").unwrap();
    p.store.write(|db| questions::answer(db, &p.as_coachee(0), back.id, "Senin.")).unwrap();
    assert_eq!((p.told("question_asked"), p.told("question_answered")), (2, 2));
    p.must_be_well();
}

/// The coachee has chosen one coach, an admin has asked another.
fn two_offers_of_one_request_are_not_both_accepted(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 2, 1);
    let chosen = p.choose(0, &[0]).unwrap();
    let put = p.store.write(|db| offers::put(db, &p.as_admin(), p.request(0).id, &code(1))).unwrap();
    p.accept(&put).unwrap();
    assert_eq!(refusal(p.accept(&chosen)), Refusal::Answered);
    assert_eq!((p.room(0).held, p.room(1).held, p.told("offer_withdrawn")), (0, 1, 1));
    p.must_be_well();
}
