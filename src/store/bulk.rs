//! Many rows at once, each engine in its own fastest way.

/// Inserts a `Vec` of rows: `COPY` on PostgreSQL, where a round trip for each row
/// would cost the most; one prepared statement run for each row on SQLite, where
/// there is no round trip.
macro_rules! insert_all {
    ($db:expr, $table:path, $rows:expr) => {{
        use diesel::RunQueryDsl as _;
        let rows = $rows;
        match $db {
            _ if rows.is_empty() => Ok(()),
            $crate::store::Db::Pg(pg) => diesel::copy_from($table).from_insertable(&rows).execute(pg).map(drop),
            $crate::store::Db::Sqlite(sqlite) => {
                rows.iter().try_for_each(|row| diesel::insert_into($table).values(row).execute(sqlite).map(drop))
            }
        }
        .map_err($crate::store::StoreError::from)
    }};
}

/// Inserts one row, or changes the one that has its key, on either engine.
macro_rules! upsert {
    ($db:expr, $table:path, $key:expr, $row:expr) => {{
        use diesel::RunQueryDsl as _;
        let row = $row;
        match $db {
            $crate::store::Db::Pg(pg) => {
                diesel::insert_into($table).values(row).on_conflict($key).do_update().set(row).execute(pg)
            }
            $crate::store::Db::Sqlite(sqlite) => {
                diesel::insert_into($table).values(row).on_conflict($key).do_update().set(row).execute(sqlite)
            }
        }
        .map(drop)
        .map_err($crate::store::StoreError::from)
    }};
}
