//! The schema: the migrations of both engines are part of the program.

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connect::Access;
use super::db::transact;
use super::engine::Purpose;
use super::{Db, Store, StoreError, StoreResult};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

type Boxed = Box<dyn std::error::Error + Send + Sync>;

fn failed(why: Boxed) -> StoreError {
    match why.downcast::<diesel::result::Error>() {
        Ok(why) => (*why).into(),
        Err(why) => StoreError::Internal(format!("migration: {why}")),
    }
}

impl Store {
    /// Brings the schema to the newest version; all or nothing. Several processes may do so at
    /// once: one migrates, the others wait and find nothing to do. Returns how many steps were taken.
    ///
    /// # Errors
    /// When the database cannot be used, or a step fails; then nothing has changed.
    pub fn migrate(&self) -> StoreResult<usize> {
        self.alone_with_the_schema(|db| match db {
            Db::Pg(pg) => up(pg, POSTGRES),
            Db::Sqlite(sqlite) => up(sqlite, SQLITE),
        })
    }

    /// Takes every table away, with all that is in them. For tests of the migrations.
    ///
    /// # Errors
    /// When the database cannot be used, or a step fails; then nothing has changed.
    pub fn revert_all(&self) -> StoreResult<usize> {
        self.alone_with_the_schema(|db| match db {
            Db::Pg(pg) => pg.revert_all_migrations(POSTGRES).map(|steps| steps.len()),
            Db::Sqlite(sqlite) => sqlite.revert_all_migrations(SQLITE).map(|steps| steps.len()),
        })
    }

    /// Whether the schema is the one this program was built for.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub fn schema_is_current(&self) -> StoreResult<bool> {
        let wanted = wanted().map_err(failed)?;
        self.read(|db| {
            let exists = match db {
                Db::Pg(_) => "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS found",
                Db::Sqlite(_) => {
                    "SELECT count(*) = 1 AS found FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
                }
            };
            if !diesel::sql_query(exists).get_result::<Found>(db).map_err(StoreError::from)?.found {
                return Ok(false);
            }
            let query = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
            let applied = diesel::sql_query(query).load::<Applied>(db).map_err(StoreError::from)?;
            Ok(applied.into_iter().map(|row| row.version).eq(wanted))
        })
    }

    fn alone_with_the_schema<T>(&self, work: impl Fn(&mut Db) -> Result<T, Boxed>) -> StoreResult<T> {
        let mut db = self.connect(Access::Migration)?;
        make_version_table(&mut db)?;
        transact(&mut db, Purpose::Migrate, |db| {
            if let Db::Pg(pg) = db {
                pg.batch_execute("LOCK TABLE __diesel_schema_migrations IN EXCLUSIVE MODE")?;
            }
            work(db).map_err(failed)
        })
    }
}

/// The table of versions is what the others wait for, so it has to be there first.
/// Two who make it at once may collide in PostgreSQL's catalogue; the loser finds it made.
fn make_version_table(db: &mut Db) -> StoreResult<()> {
    let make = |db: &mut Db| {
        transact(db, Purpose::Migrate, |db| {
            db.batch_execute(diesel::migration::CREATE_MIGRATIONS_TABLE).map_err(StoreError::from)
        })
    };
    match make(db) {
        Err(StoreError::Conflict(_)) => make(db),
        result => result,
    }
}

fn up<C, B>(connection: &mut C, source: EmbeddedMigrations) -> Result<usize, Boxed>
where
    B: diesel::backend::Backend,
    C: Connection<Backend = B> + MigrationHarness<B>,
    EmbeddedMigrations: MigrationSource<B>,
{
    connection.run_pending_migrations(source).map(|steps| steps.len())
}

fn wanted() -> Result<Vec<String>, Boxed> {
    let steps: Vec<Box<dyn Migration<Sqlite>>> = SQLITE.migrations()?;
    let mut versions: Vec<String> = steps.iter().map(|step| step.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::pg::Pg;

    #[test]
    fn both_engines_have_the_same_steps() {
        let steps: Vec<Box<dyn Migration<Pg>>> = POSTGRES.migrations().unwrap();
        let mut versions: Vec<String> = steps.iter().map(|step| step.name().version().to_string()).collect();
        versions.sort();
        assert_eq!(versions, wanted().unwrap());
    }
}
