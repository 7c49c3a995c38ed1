//! Databases for tests. `on_both_engines!(name)` makes two tests of a function
//! `fn name(db: &TestDb)`: `name::sqlite` and `name::postgres`.
//!
//! PostgreSQL is one throw-away server for the whole test process, started from
//! the installed programs at first use. Where none is installed, its tests say
//! loudly that they were skipped; with `COACHNET_REQUIRE_POSTGRES=1` they fail.

pub mod browser;
pub mod cohorts;
pub mod contents;
pub mod invented;
pub mod meetings;
pub mod people;
pub mod plain;
pub mod post;
mod postgres;
pub mod problems;
pub mod programme;
pub mod sessions;
pub mod site;
pub mod smtp;
pub mod world;

use std::sync::Arc;

use coachnet::auth::{Keys, Vault};
use coachnet::store::{Store, StoreSettings};

pub use postgres::{LOCKED_USER, Server};

/// Makes two tests of one function, one for each engine.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(&$crate::support::TestDb::sqlite());
            }

            #[test]
            fn postgres() {
                let name = concat!(module_path!(), "::postgres");
                if let Some(db) = $crate::support::TestDb::postgres(name) {
                    super::$name(&db);
                }
            }
        }
    )+ };
}
pub(crate) use on_both_engines;

/// A database with the newest schema and nothing in it, gone after the test.
pub struct TestDb {
    /// The store, open.
    pub store: Store,
    /// By which another store, or the program itself, opens the same database.
    pub url: String,
    // Dropped after the store, in this order.
    _remains: Remains,
}

enum Remains {
    Folder { _folder: tempfile::TempDir },
    Database { _database: postgres::Database },
}

impl TestDb {
    /// On SQLite.
    pub fn sqlite() -> Self {
        Self::sqlite_with(settings())
    }

    /// On SQLite, with settings of its own.
    pub fn sqlite_with(settings: StoreSettings) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.sqlite3").display());
        let store = Store::open(&url, settings).expect("a new SQLite database").with_safe(safe());
        store.migrate().expect("migrations");
        Self { store, url, _remains: Remains::Folder { _folder: folder } }
    }

    /// On PostgreSQL; none, and a loud word about it, where PostgreSQL is not installed.
    pub fn postgres(test: &str) -> Option<Self> {
        let server = Server::shared(test)?;
        let database = server.new_database();
        let url = database.url.clone();
        let store = Store::open(&url, settings()).expect("a new PostgreSQL database").with_safe(safe());
        Some(Self { store, url, _remains: Remains::Database { _database: database } })
    }

    /// Another store on the same database, as another process would have it.
    pub fn another_store(&self) -> Store {
        Store::open(&self.url, settings()).expect("the same database").with_safe(safe())
    }

    /// Where it is, for another process.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }
}

/// The keys of all tests.
pub const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// What seals identity numbers in tests.
pub fn safe() -> Arc<Vault> {
    Arc::new(Vault::new(&Keys::parse([KEYS]).expect("a key")))
}

/// More patience than usual: many tests share few processors.
pub fn settings() -> StoreSettings {
    let patience = std::time::Duration::from_secs(60);
    StoreSettings {
        pool_size: 4,
        pool_wait: patience,
        writer_wait: patience,
        busy_timeout: patience,
        statement_timeout: patience,
        connect_timeout: patience,
    }
}
