//! Opening connections, and saying in plain words why one cannot be opened.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};
use parking_lot::Mutex;
use secrecy::ExposeSecret;

use super::target::Target;
use super::{Db, StoreError, StoreResult, StoreSettings};

/// What a new connection may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading; on PostgreSQL also writing, in a transaction that says so.
    Pooled,
    /// Writing.
    Writer,
    /// Changing the schema, for as long as it takes, after waiting for whoever does so already.
    Migration,
}

/// How long a migration waits for another one to end.
const MIGRATION_WAIT: Duration = Duration::from_secs(120);

/// Opens a connection and sets it up.
pub(super) fn connect(target: &Target, settings: &StoreSettings, access: Access) -> StoreResult<Db> {
    match target {
        Target::Sqlite(path) => sqlite(path, settings, access).map(Db::Sqlite),
        Target::Postgres { url, shown } => {
            postgres(url.expose_secret(), settings, access).map(Db::Pg).map_err(|why| match why {
                ConnectionError::BadConnection(message) => StoreError::Unavailable(explain_postgres(
                    shown,
                    &target.password().map_or(message.clone(), |password| message.replace(password, "***")),
                )),
                ConnectionError::CouldntSetupConfiguration(why) => why.into(),
                other => StoreError::Internal(other.to_string()),
            })
        }
    }
}

fn postgres(url: &str, settings: &StoreSettings, access: Access) -> Result<PgConnection, ConnectionError> {
    let mut url = url.to_owned();
    if !url.contains("connect_timeout=") {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&format!("connect_timeout={}", settings.connect_timeout.as_secs().max(1)));
    }
    let mut connection = PgConnection::establish(&url)?;
    let statement_timeout = match access {
        Access::Pooled | Access::Writer => settings.statement_timeout,
        Access::Migration => MIGRATION_WAIT,
    };
    connection
        .batch_execute(&format!(
            "SET statement_timeout = {}; SET default_transaction_read_only = on; SET TIME ZONE 'UTC'; \
             SET application_name = 'coachnet'",
            statement_timeout.as_millis()
        ))
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Turns what the PostgreSQL client library says into what to do about it.
fn explain_postgres(shown: &str, message: &str) -> String {
    const MEANINGS: &[(&str, &str)] = &[
        ("password authentication failed", "wrong user name or password"),
        ("no password supplied", "the server wants a password and the URL has none"),
        ("Connection refused", "the server refused the connection; is it running, and on this port?"),
        ("No such file or directory", "there is no server at this socket; is it running?"),
        ("could not translate host name", "the name of the server is unknown"),
        ("timeout expired", "the server does not answer"),
        ("timed out", "the server does not answer"),
        ("too many connections", "the server takes no more connections"),
        ("too many clients", "the server takes no more connections"),
        ("starting up", "the server is still starting"),
        ("shutting down", "the server is shutting down"),
    ];
    let meaning = MEANINGS.iter().find(|(words, _)| message.contains(words)).map(|(_, plain)| (*plain).to_owned());
    let last_line = || message.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no reason given");
    format!("cannot reach the database {shown}: {}", meaning.unwrap_or_else(|| last_line().to_owned()))
}

fn sqlite(path: &Path, settings: &StoreSettings, access: Access) -> StoreResult<SqliteConnection> {
    let busy_timeout = match access {
        Access::Pooled | Access::Writer => settings.busy_timeout,
        Access::Migration => MIGRATION_WAIT,
    };
    // A relative path gets a dot, so that no path is mistaken for a URI.
    let name = if path.is_relative() { Path::new(".").join(path) } else { path.to_path_buf() };
    let open = || -> StoreResult<SqliteConnection> {
        let mut connection = SqliteConnection::establish(&name.to_string_lossy())
            .map_err(|why| StoreError::Unavailable(why.to_string()))?;
        connection.batch_execute(&format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -16384; PRAGMA query_only = {}",
            busy_timeout.as_millis(),
            if access == Access::Pooled { "ON" } else { "OFF" },
        ))?;
        if access == Access::Writer {
            // A file that cannot be written is opened for reading without a word.
            connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK")?;
        }
        Ok(connection)
    };
    open().map_err(|why| explain_sqlite(path, why))
}

/// Finds out what about the file is in the way.
fn explain_sqlite(path: &Path, why: StoreError) -> StoreError {
    let shown = path.display();
    let reason = match &why {
        StoreError::Busy(_) => "it is locked by another program".to_owned(),
        StoreError::Unavailable(reason) => explain_path(path).unwrap_or_else(|| reason.clone()),
        _ => return why,
    };
    StoreError::Unavailable(format!("cannot open the database file {shown}: {reason}"))
}

fn explain_path(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.exists() {
        return Some(format!("the folder {} does not exist", folder.display()));
    }
    if !folder.is_dir() {
        return Some(format!("{} is not a folder", folder.display()));
    }
    if path.is_dir() {
        return Some("it is a folder".to_owned());
    }
    match fs::OpenOptions::new().read(true).write(true).open(path) {
        Err(why) if why.kind() == std::io::ErrorKind::PermissionDenied => {
            Some("no permission to read and write it".to_owned())
        }
        Err(why) if why.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
            Some("it lies on a read-only disk".to_owned())
        }
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            Some(format!("no permission to create files in the folder {}", folder.display()))
        }
        _ => None,
    }
}

/// Makes and checks the pool's connections, and remembers why the last one could not
/// be made: the pool itself only says that it waited in vain.
#[derive(Clone)]
pub(super) struct Manager {
    target: Target,
    settings: StoreSettings,
    last_failure: Arc<Mutex<Option<String>>>,
}

impl Manager {
    pub(super) fn new(target: Target, settings: StoreSettings) -> Self {
        Self { target, settings, last_failure: Arc::default() }
    }

    /// Why the last attempt to connect failed, if it did.
    pub(super) fn last_failure(&self) -> Option<String> {
        self.last_failure.lock().clone()
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Db;
    type Error = StoreError;

    fn connect(&self) -> StoreResult<Db> {
        let result = connect(&self.target, &self.settings, Access::Pooled);
        *self.last_failure.lock() = result.as_ref().err().map(ToString::to_string);
        result
    }

    fn is_valid(&self, db: &mut Db) -> StoreResult<()> {
        match db {
            Db::Pg(pg) => Ok(pg.batch_execute("SELECT 1")?),
            // There is no server that could have gone.
            Db::Sqlite(_) => Ok(()),
        }
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        db.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_library_says_becomes_plain() {
        let refused = "connection to server at \"localhost\" (::1), port 1 failed: Connection refused\n\
                       \tIs the server running on that host and accepting TCP/IP connections?\n";
        let told = explain_postgres("postgres://localhost:1/x", refused);
        assert!(told.contains("postgres://localhost:1/x") && told.contains("refused"), "{told}");
        assert!(!told.contains('\n'));
        let unknown = "connection to server failed: FATAL:  database \"x\" does not exist\n";
        assert!(explain_postgres("postgres://h/x", unknown).ends_with("database \"x\" does not exist"));
    }
}
