//! Publishing a run: proposals to coachees, offers to coaches, all that can be or nothing.

use std::process::{Command, Stdio};

use chrono::Duration;
use coachnet::domain::{DeclineReason, OfferOrigin, OfferStatus, Policy, RunStatus};
use coachnet::matching::Rule;
use coachnet::matching::watch::Watch;
use coachnet::services::runs::{self, LeftOut, Order, Selection};
use coachnet::services::{Refusal, ServiceError, coaches, offers, requests};
use coachnet::store;
use coachnet::store::offers::Offer;
use coachnet::store::{RunId, StoreError};

use crate::support::people;
use crate::support::programme::{Programme, code, refusal};
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_published_pair_goes_from_coachee_to_coach,
    a_rejected_proposal_frees_the_place_and_is_remembered,
    an_unanswered_proposal_expires,
    a_coach_who_declines_a_run_gives_the_coachee_a_better_place,
    a_selection_is_published_and_the_rest_stays,
    what_has_changed_since_is_left_out,
    what_a_rule_forbids_since_is_left_out,
    a_proposal_that_a_rule_forbids_since_is_not_confirmed,
    a_publish_that_fails_leaves_nothing,
    only_the_programme_publishes,
    a_killed_publish_is_whole,
    a_run_puts_the_waiting_list_in_order,
);

/// A computed run of the programme's cohort.
fn computed(p: &Programme) -> RunId {
    let order = Order { cohort: "2026-b".into(), policy: Policy::default(), seed: 1, as_of: people::day() };
    let run = p.store.write(|db| runs::create(db, &p.as_admin(), &order)).unwrap();
    runs::compute(&p.store, run, "test", Watch::NOBODY).unwrap();
    run
}

fn publish(p: &Programme, run: RunId) -> runs::Published {
    p.store.write(|db| runs::publish(db, &p.as_admin(), run, Selection::All)).unwrap()
}

/// The one offer of the coachee's request.
fn proposal(p: &Programme, coachee: usize) -> Offer {
    p.offers_of(&p.request(coachee)).pop().expect("a proposal")
}

fn status(p: &Programme, run: RunId) -> RunStatus {
    p.store.read(|db| store::runs::get(db, run)).unwrap().status
}

fn a_published_pair_goes_from_coachee_to_coach(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 2, 2);
    let run = computed(&p);
    assert_eq!(publish(&p, run).proposed, 3);
    assert_eq!(status(&p, run), RunStatus::Published);
    assert_eq!((p.room(0).held + p.room(1).held, p.told("coach_proposed"), p.told("offer_asked")), (3, 3, 0));
    let proposed = proposal(&p, 0);
    assert_eq!(
        (proposed.origin.0, proposed.run, proposed.status.0),
        (OfferOrigin::Run, Some(run), OfferStatus::Proposed)
    );
    assert_eq!(proposed.deadline.time() - p.now().time(), Duration::days(7));
    let coach = p.coaches.iter().position(|id| *id == proposed.coach).unwrap();
    assert!(p.pending(coach).is_empty(), "the coach does not see it yet");
    assert_eq!(refusal(p.accept(&proposed)), Refusal::Answered);
    assert!(matches!(
        p.store.write(|db| offers::confirm(db, &p.as_coachee(1), proposed.id)),
        Err(ServiceError::Forbidden)
    ));
    assert_eq!(refusal(p.choose(0, &[1 - coach])), Refusal::OfferWaits);
    p.pass(Duration::days(6));
    let asked = p.store.write(|db| offers::confirm(db, &p.as_coachee(0), proposed.id)).unwrap();
    assert_eq!(asked.deadline.time() - p.now().time(), Duration::days(3));
    assert_eq!(p.pending(coach), std::slice::from_ref(&asked));
    assert_eq!(refusal(p.store.write(|db| offers::confirm(db, &p.as_coachee(0), proposed.id))), Refusal::Answered);
    p.accept(&asked).unwrap();
    p.must_be_well();
}

fn a_rejected_proposal_frees_the_place_and_is_remembered(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    publish(&p, computed(&p));
    let proposed = proposal(&p, 0);
    let reject = |act: &_| {
        p.store.write(|db| {
            offers::decline(db, act, proposed.id, DeclineReason::PrefersAnother, Some(" Pernah satu kantor. "))
        })
    };
    assert!(matches!(reject(&p.as_coach(0)), Err(ServiceError::Forbidden)), "the coach has not been asked");
    let rejected = reject(&p.as_coachee(0)).unwrap();
    assert_eq!((rejected.status.0, rejected.note.as_deref()), (OfferStatus::Declined, Some("Pernah satu kantor.")));
    assert_eq!((p.room(0).held, p.request(0).waiting_rounds, p.told("offer_withdrawn")), (0, 0, 0));
    let again = computed(&p);
    assert_eq!(
        refusal(p.store.write(|db| runs::publish(db, &p.as_admin(), again, Selection::All))),
        Refusal::NothingToPublish
    );
    p.must_be_well();
}

fn an_unanswered_proposal_expires(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    publish(&p, computed(&p));
    p.pass(Duration::days(7));
    let late = p.store.write(|db| offers::confirm(db, &p.as_coachee(0), proposal(&p, 0).id));
    assert_eq!(refusal(late), Refusal::TooLate);
    assert_eq!((p.expire(), p.room(0).held, p.request(0).waiting_rounds), (1, 0, 0));
    assert_eq!(publish(&p, computed(&p)).proposed, 1, "who did not answer may be asked again");
    p.must_be_well();
}

fn a_coach_who_declines_a_run_gives_the_coachee_a_better_place(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    publish(&p, computed(&p));
    let asked = p.store.write(|db| offers::confirm(db, &p.as_coachee(0), proposal(&p, 0).id)).unwrap();
    p.decline(&asked).unwrap();
    assert_eq!((p.request(0).waiting_rounds, p.told("waiting_again")), (1, 1));
    p.must_be_well();
}

fn a_selection_is_published_and_the_rest_stays(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 2, 2);
    let run = computed(&p);
    let stranger = [people::code("nobody")];
    let refused = p.store.write(|db| runs::publish(db, &p.as_admin(), run, Selection::Only(&stranger)));
    assert!(matches!(refused, Err(ServiceError::Missing(why)) if why.contains("nobody")));
    assert_eq!(status(&p, run), RunStatus::Computed);
    let some = [people::code("e2"), people::code("e0")];
    let published = p.store.write(|db| runs::publish(db, &p.as_admin(), run, Selection::Only(&some))).unwrap();
    assert_eq!((published.proposed, published.left_out.len()), (2, 0));
    assert!(p.offers_of(&p.request(1)).is_empty());
    assert_eq!(publish(&p, computed(&p)).proposed, 1, "the next run is about who is left");
    p.must_be_well();
}

/// Between computing and publishing one coachee takes the request back, one finds a coach, and a
/// coach has no place any more. The other coach has three, of whom at least one is left.
fn what_has_changed_since_is_left_out(db: &TestDb) {
    let p = Programme::new(&db.store, 6, 2, 3);
    let run = computed(&p);
    p.store.write(|db| requests::withdraw(db, &p.as_coachee(0), p.request(0).id)).unwrap();
    let pairs = p.store.read(|db| store::pairs::page(db, run, None, 10)).unwrap().items;
    let coach_of = |coachee: usize| {
        let pair = pairs.iter().find(|pair| pair.coachee.id == p.coachees[coachee]).unwrap();
        p.coaches.iter().position(|id| *id == pair.coach.id).unwrap()
    };
    p.choose(1, &[coach_of(1)]).unwrap();
    let full = coach_of(2);
    let left_out = |coachee: usize, why| LeftOut {
        coachee: people::code(&format!("e{coachee}")),
        coach: code(coach_of(coachee)),
        why,
    };
    let expected = [
        left_out(0, Refusal::RequestNotOpen),
        left_out(1, Refusal::RequestNotOpen),
        left_out(2, Refusal::CoachNotFree),
    ];
    p.tamper(&format!(
        "UPDATE coach_profiles SET load = capacity - held WHERE person IN (SELECT id FROM persons WHERE code = 'c{full}')"
    ));
    let published = publish(&p, run);
    assert_eq!(published.left_out[..3], expected);
    assert_eq!(published.proposed + published.left_out.len(), 6);
    p.must_be_well();
}

/// Everything was written but the last: nothing is there.
/// The place of the coach whom the run gives to the coachee.
fn coach_of(p: &Programme, run: RunId, coachee: usize) -> usize {
    let pairs = p.store.read(|db| store::pairs::page(db, run, None, 100)).unwrap().items;
    let pair = pairs.iter().find(|pair| pair.coachee.id == p.coachees[coachee]).expect("a pair");
    p.coaches.iter().position(|id| *id == pair.coach.id).unwrap()
}

/// The coach is the coachee's superior from now on.
fn promote(p: &Programme, coach: usize, coachee: usize) {
    p.tamper(&format!(
        "UPDATE coachee_profiles SET superior_code = 'c{coach}' \
         WHERE person = (SELECT id FROM persons WHERE code = 'e{coachee}')"
    ));
}

fn what_a_rule_forbids_since_is_left_out(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 3, 1);
    let run = computed(&p);
    let (superior, rival) = (coach_of(&p, run, 0), coach_of(&p, run, 1));
    promote(&p, superior, 0);
    p.tamper(&format!(
        "INSERT INTO conflicts_of_interest (coach, agency_code) SELECT c.id, e.agency FROM persons c, coachee_profiles e \
         JOIN persons p ON p.id = e.person WHERE c.code = 'c{rival}' AND p.code = 'e1'"
    ));
    let published = publish(&p, run);
    let left_out: Vec<_> = published.left_out.iter().map(|pair| (pair.coachee.to_string(), pair.why)).collect();
    assert_eq!(left_out, [("e0".into(), Refusal::RuleBroken), ("e1".into(), Refusal::RuleBroken)]);
    assert_eq!((published.proposed, p.room(superior).held, p.room(rival).held), (1, 0, 0));
    p.must_be_well();
}

fn a_proposal_that_a_rule_forbids_since_is_not_confirmed(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    publish(&p, computed(&p));
    let proposed = proposal(&p, 0);
    let confirm = || p.store.write(|db| offers::confirm(db, &p.as_coachee(0), proposed.id));
    // A coach who pauses keeps what was proposed before: only places that are not held are of matter.
    p.store.write(|db| coaches::pause(db, &p.as_coach(0), p.coaches[0])).unwrap();
    promote(&p, 0, 0);
    let refused = confirm();
    let by_rule = matches!(&refused, Err(ServiceError::RuledOut { rules, .. }) if rules == &[Rule::LineOfCommand]);
    assert!(by_rule, "{refused:?}");
    assert!(p.pending(0).is_empty(), "the coach is not asked");
    p.tamper("UPDATE coachee_profiles SET superior_code = NULL");
    confirm().unwrap();
    p.must_be_well();
}

fn a_publish_that_fails_leaves_nothing(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 2, 2);
    let run = computed(&p);
    let before = p.audited("run.computed");
    p.tamper("ALTER TABLE outbox RENAME TO elsewhere");
    assert!(p.store.write(|db| runs::publish(db, &p.as_admin(), run, Selection::All)).is_err());
    p.tamper("ALTER TABLE elsewhere RENAME TO outbox");
    assert_eq!(status(&p, run), RunStatus::Computed);
    assert_eq!((p.room(0).held, p.room(1).held, p.audited("offer.proposed")), (0, 0, 0));
    assert_eq!((p.offers_of(&p.request(0)), p.audited("run.computed")), (vec![], before));
    assert_eq!(publish(&p, run).proposed, 3);
    p.must_be_well();
}

fn only_the_programme_publishes(db: &TestDb) {
    let p = Programme::new(&db.store, 1, 1, 1);
    let run = computed(&p);
    let refused = p.store.write(|db| runs::publish(db, &p.as_coach(0), run, Selection::All));
    assert!(matches!(refused, Err(ServiceError::Forbidden)));
    assert_eq!(status(&p, run), RunStatus::Computed);
}

/// The program is killed ever later in its work, until once it comes to the end. In between there
/// is never a part of it.
fn a_killed_publish_is_whole(db: &TestDb) {
    const PAIRS: usize = 240;
    let p = Programme::new(&db.store, PAIRS, PAIRS / 2, 2);
    let run = computed(&p);
    let mut kills = 0;
    for milliseconds in (5..).step_by(5) {
        let mut publishing = Command::new(env!("CARGO_BIN_EXE_coachnet"))
            .args(["run", "publish", &run.to_string()])
            .env("COACHNET__DATABASE__URL", &db.url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        publishing.kill().unwrap();
        publishing.wait().unwrap();
        kills += 1;
        let look = |db: &mut store::Db| {
            Ok::<_, StoreError>((store::runs::get(db, run)?.status, store::pairs::proposals(db, run)?.len()))
        };
        match p.store.snapshot(look).unwrap() {
            (RunStatus::Computed, PAIRS) => assert_eq!(p.told("coach_proposed") % PAIRS as i64, 0),
            (RunStatus::Published, 0) => break,
            part => panic!("after {milliseconds} ms: {part:?}"),
        }
    }
    assert!(kills > 1, "the first kill was too late to interrupt anything");
    assert_eq!(p.told("coach_proposed"), PAIRS as i64);
    p.must_be_well();
}

/// An import says nothing about who comes first; computing a run finds it out.
fn a_run_puts_the_waiting_list_in_order(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 1, 1);
    let standing = |at: usize| {
        p.store.write(|db| requests::place_on_waiting_list(db, &p.as_coachee(at), p.request(at).id)).unwrap()
    };
    let first = (0..3).find(|&at| standing(at).place == 1).unwrap();
    assert_eq!(standing(first).gap, 0);
    p.tamper(&format!(
        "UPDATE assessment_levels SET level = 2 WHERE assessment IN \
         (SELECT a.id FROM assessments a JOIN persons p ON p.id = a.person WHERE p.code = 'e{first}')"
    ));
    computed(&p);
    assert_eq!((standing(first).place, standing(first).gap), (3, 2), "the smaller gap waits longer");
    let second = (first + 1) % 3;
    assert_eq!((standing(second).gap, standing(second).remote), (4, standing(first).remote));
}
