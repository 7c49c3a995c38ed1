//! Lists of people, the audit log, and what the database itself refuses.

use coachnet::store::audit::Entry;
use coachnet::store::people::Counts;
use coachnet::store::read_coaches::CoachFilter;
use coachnet::store::{CohortId, StoreError, audit, coaches, people, read_coaches, records};
use diesel::connection::SimpleConnection;

use crate::support::people::{code, moment, new_cohort, records as some_records};
use crate::support::{TestDb, on_both_engines};

fn with_people(db: &TestDb) -> CohortId {
    let cohort = new_cohort(&db.store);
    db.store.write(|db| records::save(db, cohort, &some_records(), moment())).unwrap();
    cohort
}

on_both_engines!(
    coaches_come_in_pages,
    coaches_are_found_by_province_wherever_they_go,
    people_are_counted,
    the_log_grows,
    constraints_refuse_what_cannot_be,
);

fn coaches_come_in_pages(db: &TestDb) {
    with_people(db);
    let first = db.store.read(|db| coaches::page(db, None, 2)).unwrap();
    assert_eq!(first.items.iter().map(|c| c.code.as_str()).collect::<Vec<_>>(), ["A-coach", "a-coach"]);
    let second = db.store.read(|db| coaches::page(db, first.next.as_ref(), 2)).unwrap();
    assert_eq!((second.items[0].code.as_str(), second.items.len(), second.next), ("z-coach", 1, None));
    assert_eq!(db.store.read(|db| coaches::get(db, &code("z-coach"))).unwrap(), second.items[0]);
    assert!(matches!(db.store.read(|db| coaches::get(db, &code("c-2"))), Err(StoreError::NotFound)));
}

/// The province of a coach is that of the regency, also when either changes.
fn coaches_are_found_by_province_wherever_they_go(db: &TestDb) {
    with_people(db);
    let found = |province: &str| {
        let filter = CoachFilter { province: Some(province.into()), ..CoachFilter::default() };
        let rows = db.store.read(|db| read_coaches::coaches(db, &filter, None, 9)).unwrap();
        assert!(rows.iter().all(|row| row.province == province));
        rows.len()
    };
    let everywhere = || ["31", "64", "91", "99"].map(found);
    let change = |sql: &str| db.store.write(|db| Ok::<_, StoreError>(db.batch_execute(sql)?)).unwrap();
    change("UPDATE coach_profiles SET regency = (SELECT min(code) FROM regencies WHERE province = '64')");
    assert_eq!(everywhere(), [0, 3, 0, 0]);
    change("UPDATE regencies SET province = '91' WHERE code = (SELECT min(regency) FROM coach_profiles)");
    assert_eq!(everywhere(), [0, 0, 3, 0]);
}

fn people_are_counted(db: &TestDb) {
    assert_eq!(db.store.read(people::counts).unwrap(), Counts::default());
    with_people(db);
    let counts = db.store.read(people::counts).unwrap();
    assert_eq!(counts, Counts { persons: 11, coachees: 8, coaches: 3, coaches_ready: 3, open_requests: 8 });
}

fn the_log_grows(db: &TestDb) {
    let entry = |action| Entry { actor: "cli", action, subject_kind: "run", subject: None };
    let ids: Vec<_> = ["run.created", "run.published"]
        .map(|action| db.store.write(|db| audit::append(db, &entry(action), &["status"], moment())).unwrap())
        .to_vec();
    let log = db.store.read(|db| audit::newest(db, None, 10)).unwrap();
    assert_eq!(log.iter().map(|logged| logged.id).collect::<Vec<_>>(), [ids[1], ids[0]]);
    assert_eq!(
        (log[0].action.as_str(), log[0].changes.as_str(), log[0].at),
        ("run.published", "[\"status\"]", moment())
    );
    let older = db.store.read(|db| audit::newest(db, Some(ids[1]), 10)).unwrap();
    assert_eq!(older.len(), 1);
}

/// The rules that no program, ours or another, can break.
fn constraints_refuse_what_cannot_be(db: &TestDb) {
    with_people(db);
    let refused = [
        "UPDATE coach_profiles SET load = capacity + 1",
        "UPDATE coach_profiles SET capacity = 1001",
        "UPDATE coach_profiles SET rating = 501",
        "UPDATE coach_profiles SET modes = 4",
        "UPDATE coach_profiles SET source = 'pkn_3'",
        "UPDATE coach_profiles SET agency = 'KEM-99'",
        "UPDATE coach_strengths SET level = 6",
        "UPDATE assessment_levels SET level = 0",
        "UPDATE assessments SET method = 'guess'",
        "UPDATE competency_levels SET level = 1",
        "UPDATE position_tiers SET seniority = 8",
        "UPDATE requirement_overrides SET scope = 'person'",
        "UPDATE requests SET status = 'maybe'",
        "UPDATE requests SET waiting_rounds = -1",
        "UPDATE request_focus SET place = 4",
        "UPDATE persons SET identity_kind = 'nip'",
        "UPDATE identity_numbers SET blind_index = 'short'",
        "UPDATE identity_numbers SET kind = 'passport'",
        "UPDATE persons SET identity_kind = 'nip', identity_number = '1'",
        "UPDATE persons SET code = 'same'",
        "UPDATE persons SET full_name = ''",
        "UPDATE person_roles SET role = 'agency_admin'",
        "UPDATE provinces SET zone = 'GMT'",
        "UPDATE remote_areas SET last_day = '2001-01-01'",
        "UPDATE cohorts SET closes_on = '2001-01-01'",
        "DELETE FROM persons",
        "DELETE FROM competencies",
        "DELETE FROM cohorts",
    ];
    for sql in refused {
        let result = db.store.write(|db| Ok::<_, StoreError>(db.batch_execute(sql)?));
        assert!(matches!(result, Err(StoreError::Conflict(_))), "{sql}: {result:?}");
    }
    let new_id = if db.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
    let second_request = format!(
        "INSERT INTO requests (id, cohort, coachee, status, modes, languages, waiting_rounds, created_at, changed_at) \
         SELECT {new_id}, cohort, coachee, 'matched', 0, 0, 0, created_at, changed_at FROM requests"
    );
    let result = db.store.write(|db| Ok::<_, StoreError>(db.batch_execute(&second_request)?));
    assert!(matches!(result, Err(StoreError::Conflict(_))), "two live requests: {result:?}");
}
