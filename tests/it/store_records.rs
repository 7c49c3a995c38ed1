//! Saving a cohort, getting it back, and saving it again.

use coachnet::domain::records::{CoacheeRecord, CohortRecords};
use coachnet::domain::{AssessmentMethod, Identity, IdentityKind, Level, RequestStatus};
use coachnet::store::records::{SavedCohort, canonical};
use coachnet::store::{CohortId, Saved, StoreError, StoreResult, records};
use diesel::connection::SimpleConnection;

use crate::support::people::{self, assessment, coach, coachee, code, day, moment, new_cohort};
use crate::support::{TestDb, on_both_engines};

fn save(db: &TestDb, cohort: CohortId, what: &CohortRecords) -> StoreResult<SavedCohort> {
    db.store.write(|db| records::save(db, cohort, what, moment()))
}

fn load(db: &TestDb, cohort: CohortId) -> CohortRecords {
    db.store.snapshot(|db| records::load(db, cohort)).unwrap()
}

fn saved(new: usize, changed: usize, unchanged: usize) -> Saved {
    Saved { new, changed, unchanged }
}

fn only(coachees: Vec<CoacheeRecord>) -> CohortRecords {
    CohortRecords { coachees, ..CohortRecords::default() }
}

on_both_engines!(
    what_is_saved_is_loaded,
    saving_twice_changes_nothing,
    a_change_is_found_and_counted,
    the_order_of_sets_says_nothing,
    who_was_matched_does_not_ask_again,
    one_person_coachee_and_coach,
    a_second_cohort_asks_anew,
    what_points_nowhere_is_refused,
    more_than_one_portion,
);

fn what_is_saved_is_loaded(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let all = people::records();
    let done = save(db, cohort, &all).unwrap();
    assert_eq!((done.agencies, done.coachees, done.coaches), (saved(1, 0, 0), saved(8, 0, 0), saved(3, 0, 0)));
    assert_eq!((done.assessments, done.requirements), (saved(3, 0, 0), saved(3, 0, 0)));
    assert_eq!(load(db, cohort), canonical(all));
}

fn saving_twice_changes_nothing(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let all = people::records();
    save(db, cohort, &all).unwrap();
    let again = save(db, cohort, &all).unwrap();
    assert!(again.is_idle(), "{again:?}");
    assert_eq!((again.coachees, again.assessments), (saved(0, 0, 8), saved(0, 0, 3)));
    assert_eq!(load(db, cohort), canonical(all));
}

/// Every kind of column changes, each in a record of its own.
fn a_change_is_found_and_counted(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let mut all = people::records();
    save(db, cohort, &all).unwrap();
    all.agencies[0].opt_outs = Default::default();
    all.coachees[0].name.full.push_str(" Wijaya");
    all.coachees[1].position = "Kepala Bidang".into();
    all.coachees[2].focus = vec!["M.05".parse().unwrap()];
    all.coachees[3].choices.reverse();
    all.coachees[4].waiting_rounds = 2;
    all.coachees[5].earlier = vec![code("a-coach")];
    all.coachees[6].identity = Some(Identity::parse(IdentityKind::Nik, "9103010101800009", day()).unwrap());
    all.coaches[0].load = 4;
    all.coaches[1].strengths.pop();
    all.assessments[0].levels = [("M.03".parse().unwrap(), Level::MAX)].into_iter().collect();
    all.requirements[1].levels.pop();
    let done = save(db, cohort, &all).unwrap();
    assert_eq!((done.agencies, done.coachees, done.coaches), (saved(0, 1, 0), saved(0, 7, 1), saved(0, 2, 1)));
    assert_eq!((done.assessments, done.requirements), (saved(0, 1, 2), saved(0, 1, 2)));
    assert_eq!(load(db, cohort), canonical(all.clone()));
    assert!(save(db, cohort, &all).unwrap().is_idle());
}

fn the_order_of_sets_says_nothing(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let mut all = people::records();
    save(db, cohort, &all).unwrap();
    all.coachees.reverse();
    for coachee in &mut all.coachees {
        coachee.earlier.reverse();
        coachee.earlier.extend_from_within(..);
    }
    for coach in &mut all.coaches {
        coach.strengths.reverse();
        coach.regions_served.reverse();
        coach.conflicts.extend_from_within(..);
        coach.wishes.reverse();
    }
    for assessment in &mut all.assessments {
        let mut levels: Vec<_> = assessment.levels.iter().map(|(code, level)| (code.clone(), level)).collect();
        levels.reverse();
        assessment.levels = levels.into_iter().collect();
    }
    all.requirements.iter_mut().for_each(|r| r.levels.reverse());
    assert!(save(db, cohort, &all).unwrap().is_idle());
}

fn who_was_matched_does_not_ask_again(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let before = only(vec![coachee("a"), coachee("b")]);
    save(db, cohort, &before).unwrap();
    for status in RequestStatus::ALL {
        let sql = format!("UPDATE requests SET status = '{status}' WHERE waiting_rounds = 1");
        db.store.write(|db| Ok::<_, StoreError>(db.batch_execute(&sql)?)).unwrap();
        let again = save(db, cohort, &before).unwrap();
        assert_eq!(again.coachees, saved(0, 0, 2), "{status}");
        let asking = if *status == RequestStatus::Open { 2 } else { 0 };
        assert_eq!(load(db, cohort).coachees.len(), asking, "{status}");
    }
}

/// What one file does not say about a person, it does not take away from another.
fn one_person_coachee_and_coach(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let identity = Identity::parse(IdentityKind::Nrp, "7654321", day()).unwrap();
    let mut as_coach = coach("both");
    as_coach.identity = Some(identity.clone());
    let mut as_coachee = coachee("both");
    as_coachee.name = as_coach.name.clone();
    let all = CohortRecords { coachees: vec![as_coachee], coaches: vec![as_coach], ..CohortRecords::default() };
    save(db, cohort, &all).unwrap();
    assert!(save(db, cohort, &all).unwrap().is_idle());
    let loaded = load(db, cohort);
    assert_eq!(loaded.coachees[0].identity.as_ref(), Some(&identity));
    assert_eq!(loaded.coaches[0].email, all.coachees[0].email);
    assert_eq!(loaded.coaches[0].strengths, canonical(all).coaches[0].strengths);
}

fn a_second_cohort_asks_anew(db: &TestDb) {
    let first = new_cohort(&db.store);
    let mut cohort = db.store.read(|db| coachnet::store::cohorts::get(db, first)).unwrap();
    (cohort.id, cohort.code) = (CohortId::new(), "2027-a".into());
    db.store.write(|db| coachnet::store::cohorts::create(db, &cohort)).unwrap();
    let mut all = only(vec![coachee("a")]);
    save(db, first, &all).unwrap();
    all.coachees[0].waiting_rounds = 2;
    assert_eq!(save(db, cohort.id, &all).unwrap().coachees, saved(0, 1, 0));
    assert_eq!(load(db, cohort.id).coachees, all.coachees);
    assert_eq!(load(db, first).coachees[0].waiting_rounds, 1);
}

fn what_points_nowhere_is_refused(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let mut lost = vec![coachee("a"); 5];
    lost[0].agency = "KEM-99".parse().unwrap();
    lost[1].regency = "99.99".parse().unwrap();
    lost[2].field = Some("sihir".parse().unwrap());
    lost[3].focus = vec!["M.77".parse().unwrap()];
    lost[4].focus = vec!["M.01".parse().unwrap(), "M.01".parse().unwrap()];
    let mut refused: Vec<CohortRecords> = lost.into_iter().map(|c| only(vec![coachee("ok"), c])).collect();
    refused.push(only(vec![coachee("twice"), coachee("twice")]));
    let stray = assessment("nobody", AssessmentMethod::Superior);
    refused.push(CohortRecords { assessments: vec![stray], ..only(vec![coachee("ok")]) });
    let mut overloaded = coach("z");
    overloaded.load = overloaded.capacity + 1;
    refused.push(CohortRecords { coaches: vec![overloaded], ..only(vec![coachee("ok")]) });
    for records in &refused {
        let result = save(db, cohort, records);
        assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?} for {records:?}");
        assert_eq!(load(db, cohort), CohortRecords::default());
    }
}

fn more_than_one_portion(db: &TestDb) {
    let cohort = new_cohort(&db.store);
    let coachees: Vec<CoacheeRecord> = (0..2_345).map(|n| coachee(&format!("c{n}"))).collect();
    let assessments = coachees.iter().map(|c| assessment(c.code.as_str(), AssessmentMethod::Superior)).collect();
    let all = CohortRecords { assessments, ..only(coachees) };
    assert_eq!(save(db, cohort, &all).unwrap().coachees, saved(2_345, 0, 0));
    assert_eq!(save(db, cohort, &all).unwrap().assessments, saved(0, 0, 2_345));
    assert_eq!(load(db, cohort), canonical(all));
}
