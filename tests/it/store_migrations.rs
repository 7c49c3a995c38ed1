//! The schema: the same on both engines, there and back again, made by one of many.

use std::collections::BTreeSet;

use coachnet::domain::{
    AccountStatus, AdmissionKind, AgencyKind, AssessmentMethod, ClaimStatus, CoachKind, CoachSource, CompetencyKind,
    DeclineReason, EndReason, IdentityKind, InvitationStatus, MailStatus, Objective, OfferOrigin, OfferStatus,
    PairStatus, PairingStatus, RequestStatus, Role, RunFailure, RunStatus, Side, TicketPurpose, Tier, Verification,
    Zone,
};
use coachnet::store::{Store, StoreError};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::support::{TestDb, on_both_engines};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Columns, keys, indexes, references and numbers of checks, in the words of SQLite.
const OF_POSTGRES: &str = "
    SELECT table_name || '.' || column_name || ' ' || CASE data_type
             WHEN 'uuid' THEN 'BLOB' WHEN 'bytea' THEN 'BLOB' WHEN 'text' THEN 'TEXT' WHEN 'json' THEN 'TEXT' WHEN 'date' THEN 'TEXT'
             WHEN 'smallint' THEN 'INTEGER' WHEN 'integer' THEN 'INTEGER' WHEN 'bigint' THEN 'INTEGER'
             WHEN 'boolean' THEN 'INTEGER' WHEN 'timestamp with time zone' THEN 'INTEGER' ELSE data_type END
           || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS line
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'
    UNION ALL
    SELECT t.relname || CASE WHEN i.indisunique THEN ' unique ' ELSE ' index ' END
           || (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number)
           || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
      FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
     WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_\\_%'
    UNION ALL
    SELECT t.relname || '.' || a.attname || ' -> ' || c.confrelid::regclass
      FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f'
    UNION ALL
    SELECT t.relname || ' checks ' || (SELECT count(*) FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'c')
      FROM pg_class t
     WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_\\_%'";

/// The same on SQLite; there a truth value is a number with a check of its own.
const OF_SQLITE: &str = "
    WITH tables AS (
        SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\')
    SELECT t.name || '.' || c.name || ' ' || c.type || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END AS line
      FROM tables t, pragma_table_info(t.name) c
    UNION ALL
    SELECT t.name || CASE i.\"unique\" WHEN 1 THEN ' unique ' ELSE ' index ' END
           || (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
           || CASE i.partial WHEN 1 THEN ' partial' ELSE '' END
      FROM tables t, pragma_index_list(t.name) i
    UNION ALL
    SELECT t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" FROM tables t, pragma_foreign_key_list(t.name) f
    UNION ALL
    SELECT name || ' checks ' || ((length(sql) - length(replace(sql, 'CHECK (', ''))) / 7
           - (length(sql) - length(replace(sql, 'IN (0, 1)', ''))) / 9) FROM tables";

fn schema(store: &Store, postgres: bool) -> BTreeSet<String> {
    let query = if postgres { OF_POSTGRES } else { OF_SQLITE };
    let lines: Result<Vec<Line>, StoreError> = store.read(|db| Ok(diesel::sql_query(query).load(db)?));
    lines.unwrap().into_iter().map(|line| line.line).collect()
}

#[test]
fn both_engines_have_the_same_schema() {
    let sqlite = schema(&TestDb::sqlite().store, false);
    assert!(sqlite.contains("persons unique code") && sqlite.contains("requests unique cohort,coachee partial"));
    assert!(sqlite.contains("coach_profiles.load INTEGER not null") && sqlite.contains("runs.cohort -> cohorts"));
    let Some(db) = TestDb::postgres("store_migrations::both_engines_have_the_same_schema") else { return };
    let postgres = schema(&db.store, true);
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!(only(&sqlite, &postgres), only(&postgres, &sqlite), "only on SQLite, and only on PostgreSQL");
}

on_both_engines!(up_down_up, one_of_ten_migrates);

fn up_down_up(db: &TestDb) {
    let first = schema(&db.store, db.is_postgres());
    assert!(db.store.schema_is_current().unwrap());
    assert_eq!(db.store.migrate().unwrap(), 0);
    let steps = db.store.revert_all().unwrap();
    assert!(steps > 0);
    assert_eq!(schema(&db.store, db.is_postgres()), BTreeSet::new());
    assert!(!db.store.schema_is_current().unwrap());
    assert_eq!(db.store.migrate().unwrap(), steps);
    assert_eq!(schema(&db.store, db.is_postgres()), first);
}

/// Ten stores, each with connections of its own as ten processes would have.
fn one_of_ten_migrates(db: &TestDb) {
    let steps = db.store.revert_all().unwrap();
    let stores: Vec<Store> = (0..10).map(|_| db.another_store()).collect();
    let mut taken: Vec<usize> = std::thread::scope(|scope| {
        let at_work: Vec<_> = stores.iter().map(|store| scope.spawn(|| store.migrate().expect("migrated"))).collect();
        at_work.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    taken.sort_unstable();
    assert_eq!(taken, [0, 0, 0, 0, 0, 0, 0, 0, 0, steps]);
    assert!(db.store.schema_is_current().unwrap());
}

#[test]
fn a_database_without_any_schema_is_not_current() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("x.db").display().to_string(), crate::support::settings()).unwrap();
    assert!(!store.schema_is_current().unwrap());
}

/// The words that a column may hold are those of its type, in each engine's migrations.
#[test]
fn checks_know_all_words() {
    let texts = ["postgres", "sqlite"].map(|engine| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let steps = std::fs::read_dir(folder).unwrap();
        steps.map(|step| std::fs::read_to_string(step.unwrap().path().join("up.sql")).unwrap()).collect::<String>()
    });
    macro_rules! check {
        ($($name:ident),+) => { $(
            let words: Vec<String> = $name::ALL.iter().map(|word| format!("'{word}'")).collect();
            let list = format!("IN ({})", words.join(", "));
            for text in &texts {
                assert!(text.contains(&list), "no check for {}: {list}", stringify!($name));
            }
        )+ };
    }
    check!(
        AccountStatus,
        AdmissionKind,
        AgencyKind,
        AssessmentMethod,
        ClaimStatus,
        CoachKind,
        CoachSource,
        CompetencyKind,
        DeclineReason,
        EndReason,
        IdentityKind,
        InvitationStatus,
        MailStatus,
        Objective,
        OfferOrigin,
        OfferStatus,
        PairStatus,
        PairingStatus,
        RequestStatus,
        Role,
        RunFailure,
        RunStatus,
        Side,
        TicketPurpose,
        Tier,
        Verification,
        Zone
    );
}
