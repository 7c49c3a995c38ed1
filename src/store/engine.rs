//! One connection type over both engines. What is allowed on it, and what is not,
//! is decided here; everything above works on a [`Db`] and does not ask which it is.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{PgConnection, QueryResult, SqliteConnection};

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// To PostgreSQL.
    Pg(PgConnection),
    /// To SQLite.
    Sqlite(SqliteConnection),
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Reading many tables as of one moment.
    Snapshot,
    /// Reading and writing as if alone.
    Write,
    /// Taking rows from a queue that others take from too.
    Queue,
    /// The same, for what may be done anew after a loss of power.
    Relaxed,
    /// Changing the schema.
    Migrate,
}

impl Db {
    pub(super) fn begin(&mut self, purpose: Purpose) -> QueryResult<()> {
        match self {
            Db::Pg(connection) => AnsiTransactionManager::begin_transaction_sql(
                connection,
                match purpose {
                    Purpose::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                    Purpose::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
                    // Each statement must see what others have done since the one before: who waits for a
                    // lock sees what its holder did, and who takes from a queue what others have taken.
                    Purpose::Queue | Purpose::Relaxed | Purpose::Migrate => {
                        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                    }
                },
            ),
            Db::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(
                connection,
                match purpose {
                    Purpose::Snapshot => "BEGIN",
                    Purpose::Write | Purpose::Queue | Purpose::Migrate => "BEGIN IMMEDIATE",
                    Purpose::Relaxed => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
                },
            ),
        }
    }

    /// What is committed from now on is on disk then, also after a relaxed transaction.
    pub(super) fn sync_again(&mut self) -> QueryResult<()> {
        match self {
            Db::Pg(_) => Ok(()),
            Db::Sqlite(connection) => connection.batch_execute("PRAGMA synchronous = FULL"),
        }
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        <Self as TransactionManager<Self>>::commit_transaction(self)
    }

    pub(super) fn roll_back(&mut self) -> QueryResult<()> {
        <Self as TransactionManager<Self>>::rollback_transaction(self)
    }

    /// Whether the connection is of no more use: broken, or left inside a transaction.
    pub(super) fn is_broken(&mut self) -> bool {
        <Self as TransactionManager<Self>>::is_broken_transaction_manager(self)
    }

    /// Prepares the present transaction for statements that read whole tables, however long it takes.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn expect_long_reading(&mut self) -> QueryResult<()> {
        match self {
            Db::Pg(connection) => connection.batch_execute("SET LOCAL statement_timeout = 0"),
            Db::Sqlite(_) => Ok(()),
        }
    }

    /// Prepares the present transaction for many rows, as imports and results of runs have them:
    /// statements may take as long as they need, and keys are looked up by index. Of rows just
    /// written PostgreSQL has no statistics yet, takes a thousand keys for the better part of
    /// the table, and would read all of it for every portion.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn expect_many_rows(&mut self) -> QueryResult<()> {
        match self {
            Db::Pg(connection) => {
                connection.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL enable_seqscan = off")
            }
            Db::Sqlite(_) => Ok(()),
        }
    }
}
