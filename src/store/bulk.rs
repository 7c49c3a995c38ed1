//! Statements in the fastest way of each engine. A row is written as
//! `table { column: value, … }`, in the words of the schema.

/// The columns of a row and their values.
macro_rules! row {
    ($table:ident { $($column:ident: $value:expr),+ $(,)? }) => {
        ($($table::$column.eq($value),)+)
    };
}

/// Inserts a `Vec` of rows: `COPY` on PostgreSQL, where a round trip for each row
/// would cost the most; one prepared statement run for each row on SQLite, where
/// there is no round trip.
macro_rules! insert_all {
    ($db:expr, $table:path, $rows:expr) => {{
        let rows: Vec<_> = $rows;
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

/// Runs a statement on the connection of whichever engine it is. Run on a [`Db`](crate::store::Db) itself, the text of
/// the whole statement is written anew, and twice, each time: for what is asked at every look that is most of the time.
macro_rules! on_engine {
    ($db:expr, $connection:ident => $run:expr) => {
        match $db {
            $crate::store::Db::Pg($connection) => $run,
            $crate::store::Db::Sqlite($connection) => $run,
        }
    };
}

/// Inserts a row, or changes the one that has its key, on either engine.
macro_rules! upsert {
    ($db:expr, $table:ident by $key:ident, { $($column:ident: $value:expr),+ $(,)? }) => {
        match $db {
            $crate::store::Db::Pg(pg) => upsert!(@on pg, $table, $key, $($column: $value),+),
            $crate::store::Db::Sqlite(sqlite) => upsert!(@on sqlite, $table, $key, $($column: $value),+),
        }
        .map(drop)
        .map_err($crate::store::StoreError::from)
    };
    (@on $connection:expr, $table:ident, $key:ident, $($column:ident: $value:expr),+) => {
        diesel::insert_into($table::table)
            .values(row!($table { $($column: $value),+ }))
            .on_conflict($table::$key)
            .do_update()
            .set(row!($table { $($column: $value),+ }))
            .execute($connection)
    };
}
