//! A PostgreSQL server that lives as long as the test process.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use coachnet::store::{Store, StoreSettings};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// The user whom tests connect as, without a password.
const USER: &str = "coachnet";
/// A user who needs a password: `right`.
pub const LOCKED_USER: &str = "locked";
const TEMPLATE: &str = "migrated";

/// Makes a cluster, starts the server, and waits until its standard input is closed: by
/// whatever end of the test process. Then the server is killed and the folder removed.
///
/// Letters are sorted as Indonesians do where the server can, so that a query that
/// forgets to ask for the order of bytes is found out.
const KEEPER: &str = r#"
trap '' HUP INT PIPE TERM
bin=$1 dir=$2 user=$3 locked=$4
cd "$dir" || exit 1
make() { rm -rf data; "$bin/initdb" -D data -U "$user" -A trust -E UTF8 --no-sync --locale=C "$@" >>log 2>&1; }
make --locale-provider=icu --icu-locale=id || make || { cat log; rm -rf "$dir"; exit 1; }
{ echo "local all $locked scram-sha-256"; cat data/pg_hba.conf; } >hba && mv hba data/pg_hba.conf
"$bin/pg_ctl" -D data -w -s -l log start -o "-c listen_addresses= -c unix_socket_directories='$dir' \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 -c shared_buffers=64MB" \
    >/dev/null 2>&1 || { cat log; rm -rf "$dir"; exit 1; }
echo ready
cat >/dev/null
"$bin/pg_ctl" -D data -w -s -m immediate stop >/dev/null 2>&1
cd / && rm -rf "$dir"
"#;

/// A running server.
pub struct Server {
    folder: PathBuf,
    databases: AtomicU32,
    // Holds the keeper's input, which closes when this process ends, in whatever way.
    _keeper: Child,
}

/// A database of the shared server, dropped with this value.
pub struct Database {
    /// Its URL.
    pub url: String,
    name: String,
    server: &'static Server,
}

static SHARED: LazyLock<Option<Server>> = LazyLock::new(Server::start);

impl Server {
    /// The one server of this process, started at first use.
    pub fn shared(test: &str) -> Option<&'static Self> {
        let server = SHARED.as_ref();
        if server.is_none() {
            let required = std::env::var("COACHNET_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "no PostgreSQL is installed, and COACHNET_REQUIRE_POSTGRES asks for it");
            // Past the capture of test output, which would swallow it.
            let _ = writeln!(std::io::stderr(), "SKIPPED (no PostgreSQL): {test}");
        }
        server
    }

    fn start() -> Option<Self> {
        let programs = programs()?;
        // Not removed by us: the folder belongs to the keeper, who outlives us.
        let folder = tempfile::Builder::new().prefix("pg").tempdir().expect("a temporary folder").keep();
        let mut command = Command::new("/bin/sh");
        if let Some((uid, gid)) = unprivileged(&folder) {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).expect("the folder given away");
            command.uid(uid).gid(gid);
        }
        let mut keeper = command
            .args(["-c", KEEPER, "keeper"])
            .args([&programs, &folder])
            .args([USER, LOCKED_USER])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .current_dir("/")
            .spawn()
            .expect("a shell");
        let mut said = BufReader::new(keeper.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let first = said.next().unwrap_or_default();
        assert_eq!(first, "ready", "PostgreSQL did not start:\n{}", said.collect::<Vec<_>>().join("\n"));
        let server = Self { folder, databases: AtomicU32::new(0), _keeper: keeper };
        server.make_template();
        Some(server)
    }

    fn make_template(&self) {
        self.administer(&format!("CREATE DATABASE {TEMPLATE}"));
        self.administer(&format!("CREATE ROLE {LOCKED_USER} LOGIN PASSWORD 'right'"));
        let store = Store::open(&self.url(TEMPLATE), StoreSettings::default()).expect("the template");
        store.migrate().expect("migrations");
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        self.url_for(USER, database)
    }

    /// The same for another user, who may have a password: `name:password`.
    pub fn url_for(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@/{database}?host={}", self.folder.display())
    }

    /// A new database with the newest schema.
    pub fn new_database(&'static self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"));
        Database { url: self.url(&name), name, server: self }
    }

    fn administer(&self, sql: &str) {
        let mut connection = PgConnection::establish(&self.url("postgres")).expect("the server");
        connection.batch_execute(sql).unwrap_or_else(|why| panic!("{sql}: {why}"));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// The folder of the server's programs: of the path, or where Debian keeps them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin"));
    std::env::split_paths(&path)
        .chain(debian)
        .find(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file()))
}

/// PostgreSQL refuses to run as root: whom to run it as then.
fn unprivileged(own: &Path) -> Option<(u32, u32)> {
    let root = own.metadata().expect("the folder just made").uid() == 0;
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |wanted: &str| {
        let mut fields = users.lines().map(|line| line.split(':')).find(|f| f.clone().next() == Some(wanted))?;
        let uid = fields.nth(2)?.parse().ok()?;
        Some((uid, fields.next()?.parse().ok()?))
    };
    root.then(|| ids("postgres").or_else(|| ids("nobody")).unwrap_or((65_534, 65_534)))
}
