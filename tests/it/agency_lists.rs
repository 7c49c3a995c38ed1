//! The lists of one agency: what is in them, and that they follow a coachee who moves to another.

use coachnet::domain::AgencyCode;
use coachnet::store::cohorts::{self, Cohort};
use coachnet::store::requests::Request;
use coachnet::store::{CohortId, RequestId, StoreError, offers, pairings, requests};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};

use crate::support::programme::Programme;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    lists_follow_a_coachee_who_moves,
    lists_of_a_cohort_follow_an_offer,
    what_stands_still_is_listed_in_the_order_of_an_index,
);

/// How many requests, offers and pairings an agency's lists have.
fn lengths(p: &Programme, agency: &str) -> (usize, usize, usize) {
    let agency: Option<AgencyCode> = Some(agency.parse().unwrap());
    let found = p.store.read(|db| {
        let asked = requests::Filter { agency: agency.clone(), ..Default::default() };
        let offered = offers::Filter { agency: agency.clone(), ..Default::default() };
        let paired = pairings::Filter { agency: agency.clone(), ..Default::default() };
        Ok::<_, StoreError>((
            requests::list(db, &asked, None, 100)?.len(),
            offers::list(db, &offered, None, 100)?.len(),
            pairings::list(db, &paired, None, 100)?.len(),
        ))
    });
    found.unwrap()
}

fn execute(p: &Programme, sql: &str) {
    p.store.write(|db| Ok::<_, StoreError>(diesel::sql_query(sql).execute(db)?)).unwrap();
}

fn lists_follow_a_coachee_who_moves(db: &TestDb) {
    let p = Programme::new(&db.store, 3, 3, 3);
    p.pair(0, 0);
    p.choose(1, &[1]).unwrap();
    assert_eq!(lengths(&p, "PROV-91"), (3, 2, 1));
    assert_eq!(lengths(&p, "KEM-01"), (0, 0, 0));
    execute(
        &p,
        "UPDATE coachee_profiles SET agency = 'KEM-01' WHERE person = (SELECT id FROM persons WHERE code = 'e0')",
    );
    assert_eq!(lengths(&p, "PROV-91"), (2, 1, 0));
    assert_eq!(lengths(&p, "KEM-01"), (1, 1, 1));
    // What comes after the move is in the new agency's lists too.
    execute(
        &p,
        "UPDATE coachee_profiles SET agency = 'KEM-01' WHERE person = (SELECT id FROM persons WHERE code = 'e2')",
    );
    let offer = p.choose(2, &[2]).unwrap();
    assert_eq!(lengths(&p, "KEM-01"), (2, 2, 1));
    p.accept(&offer).unwrap();
    assert_eq!(lengths(&p, "KEM-01"), (2, 2, 2));
    p.must_be_well();
}

fn lists_of_a_cohort_follow_an_offer(db: &TestDb) {
    let p = Programme::new(&db.store, 2, 2, 2);
    let offer = p.choose(0, &[0]).unwrap();
    let cohort = p.request(0).cohort;
    let of_cohort = |cohort| {
        let filter = offers::Filter { cohort: Some(cohort), ..Default::default() };
        p.store.read(|db| offers::list(db, &filter, None, 100)).unwrap()
    };
    assert_eq!(of_cohort(cohort).iter().map(|one| one.id).collect::<Vec<_>>(), [offer.id]);
    // An offer that goes over to the coachee's request in another cohort, as when a proposal is taken up there.
    let other = Cohort {
        id: CohortId::new(),
        code: "2026-x".into(),
        name: "Lain".into(),
        opens_on: None,
        closes_on: None,
        created_at: p.now(),
    };
    let asked = Request { id: RequestId::new(), cohort: other.id, ..p.request(0) };
    p.store
        .write(|db| {
            cohorts::create(db, &other)?;
            requests::insert(db, &asked, &[])
        })
        .unwrap();
    let there = "(SELECT id FROM requests WHERE cohort = (SELECT id FROM cohorts WHERE code = '2026-x'))";
    execute(&p, &format!("UPDATE offers SET request = {there}"));
    assert_eq!(of_cohort(cohort).len(), 0);
    assert_eq!(of_cohort(other.id).len(), 1);
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// A plan of PostgreSQL as rows with a name that can be asked for.
const PLAN: &str = "CREATE OR REPLACE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
    DECLARE line text; BEGIN FOR line IN EXECUTE 'EXPLAIN ' || query LOOP RETURN NEXT line; END LOOP; END $$";

/// So that PostgreSQL uses an index on tables as small as those of a test.
const ONLY_INDEXES: [&str; 4] =
    [PLAN, "SET LOCAL enable_seqscan = off", "SET LOCAL enable_sort = off", "SET LOCAL enable_bitmapscan = off"];

/// How an engine would go about a query, if no table were as small as those of a test.
fn plan(db: &TestDb, query: &str) -> String {
    let (before, explain): (&[&str], String) = if db.is_postgres() {
        (&ONLY_INDEXES, format!("SELECT line AS detail FROM pg_temp.plan($q${query}$q$) AS line"))
    } else {
        (&[], format!("EXPLAIN QUERY PLAN {query}"))
    };
    let steps = db.store.write(|db| {
        for statement in before {
            diesel::sql_query(*statement).execute(db)?;
        }
        Ok::<_, StoreError>(diesel::sql_query(&explain).load::<Step>(db)?)
    });
    steps.unwrap().into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n")
}

/// A page of what is stuck costs the same however much there is: the rows come out of an index as they are shown, and
/// whether somebody is asked is looked up request by request.
fn what_stands_still_is_listed_in_the_order_of_an_index(db: &TestDb) {
    let asked = "NOT EXISTS (SELECT 1 FROM offers WHERE offers.request = requests.id AND offers.status IN ('proposed', 'pending'))";
    let parts = [
        (
            "requests",
            "requests.status = 'open'",
            asked,
            "changed_at",
            ["requests_by_change", "requests_by_agency_and_change"],
        ),
        (
            "offers",
            "offers.status = 'pending'",
            "TRUE",
            "asked_at",
            ["offers_by_asking", "offers_by_agency_and_asking"],
        ),
        (
            "pairings",
            "pairings.status = 'active'",
            "TRUE",
            "started_at",
            ["pairings_by_start", "pairings_by_agency_and_start"],
        ),
    ];
    for (table, state, rest, since, [of_all, of_agency]) in parts {
        let ordered = format!("ORDER BY {table}.{since}, {table}.id LIMIT 50");
        let all = plan(db, &format!("SELECT {table}.id FROM {table} WHERE {state} AND {rest} {ordered}"));
        let of_one = format!("{table}.agency = 'PROV-91' AND {state}");
        let agency = plan(db, &format!("SELECT {table}.id FROM {table} WHERE {of_one} AND {rest} {ordered}"));
        for (plan, index) in [(all, of_all), (agency, of_agency)] {
            assert!(plan.contains(&format!("{index} ")) || plan.contains(&format!("{index}\n")), "{index}:\n{plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{index}:\n{plan}");
            assert!(!plan.contains("SCAN offers") && !plan.contains("Seq Scan"), "{index}:\n{plan}");
        }
    }
}
