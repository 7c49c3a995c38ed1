//! All that a database holds, so that a test can say that nothing changed.

use std::collections::BTreeMap;

use coachnet::store::{Store, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::TestDb;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

fn lines(store: &Store, sql: &str) -> Vec<String> {
    let rows: Result<Vec<Line>, StoreError> = store.read(|db| Ok(diesel::sql_query(sql).load(db)?));
    rows.unwrap_or_else(|why| panic!("{sql}: {why}")).into_iter().filter_map(|row| row.line).collect()
}

/// The names of the columns of a table, on SQLite.
pub fn columns_of(db: &TestDb, table: &str) -> Vec<String> {
    lines(&db.store, &format!("SELECT name AS line FROM pragma_table_info('{table}')"))
}

/// Every table with its rows as texts.
pub fn contents(db: &TestDb) -> BTreeMap<String, Vec<String>> {
    let store = &db.store;
    let tables = if db.is_postgres() {
        "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public'"
    } else {
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    };
    let rows = |table: &str| {
        if db.is_postgres() {
            return lines(store, &format!("SELECT t::text AS line FROM \"{table}\" t ORDER BY 1"));
        }
        let columns =
            lines(store, &format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')"));
        lines(store, &format!("SELECT {} AS line FROM \"{table}\" ORDER BY 1", columns.join(" || ',' || ")))
    };
    lines(store, tables).into_iter().map(|table| (table.clone(), rows(&table))).collect()
}

/// The same without how often somebody has tried something, which is counted whatever becomes of it.
pub fn all_but_tries(db: &TestDb) -> BTreeMap<String, Vec<String>> {
    let mut all = contents(db);
    all.remove("rate_limits");
    all
}

/// Fails, and says where, unless two states are the same.
pub fn must_be_same(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>, what: &str) {
    for (table, rows) in before {
        let now = &after[table];
        let gone: Vec<_> = rows.iter().filter(|row| !now.contains(row)).collect();
        let new: Vec<_> = now.iter().filter(|row| !rows.contains(row)).collect();
        assert!(gone.is_empty() && new.is_empty(), "{what} changed {table}: {gone:?} to {new:?}");
    }
}
