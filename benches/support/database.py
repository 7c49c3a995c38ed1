"""The databases that are measured, filled by statements that both engines understand: a SQLite file, or one of a
throw-away PostgreSQL server."""

import contextlib
import glob
import hashlib
import os
import pwd
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path


def new_key():
    """A key as the program makes them (UUIDv7)."""
    key = int(time.time() * 1000) << 80 | uuid.uuid4().int & ((1 << 80) - 1)
    return key.to_bytes(16, "big")


def copied(key, copy):
    """The key of a copy: its time stays, the rest becomes a digest of key and copy, so that a reference stays one."""
    return key and key[:6] + hashlib.blake2b(key + copy.to_bytes(2, "big"), digest_size=10).digest()


class Sqlite:
    """A file. In statements, `new_key()` is a new key, `copied(key, copy)` that of a copy, `moment(days)` a time."""

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite:{path}"

    def exists(self):
        return self.path.exists()

    def copy_to(self, other):
        """The file lies in a folder that is copied as a whole."""

    def grown(self):
        """Looks whether every reference still points somewhere."""
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            db.execute("ANALYZE")
            wrong = db.execute("PRAGMA foreign_key_check").fetchone()
        if wrong:
            sys.exit(f"a copied row points nowhere: {wrong}")

    def execute(self, *statements):
        """In one transaction, without looking after references."""
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = OFF; "
                             "PRAGMA cache_size = -1000000;")
            db.create_function("new_key", 0, new_key)
            db.create_function("copied", 2, copied, deterministic=True)
            now = int(time.time() * 1_000_000)
            db.create_function("moment", 1, lambda days: now + days * 86_400 * 10**6, deterministic=True)
            with db:
                for statement in statements:
                    db.execute(statement)

    def rows(self, query):
        """Rows of texts and numbers; keys are texts."""
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            return [[str(uuid.UUID(bytes=cell)) if isinstance(cell, bytes) else cell for cell in row]
                    for row in db.execute(query)]

    def columns(self, table):
        return [row[1] for row in self.rows(f"PRAGMA table_info({table})")]

    def size(self):
        return self.path.stat().st_size


FUNCTIONS = """
CREATE OR REPLACE FUNCTION new_key() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') ||
            substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid $$;
CREATE OR REPLACE FUNCTION copied(key uuid, copy int) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (substr(replace(key::text, '-', ''), 1, 12) || substr(md5(key::text || '/' || copy), 1, 20))::uuid $$;
CREATE OR REPLACE FUNCTION moment(days int) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT now() + make_interval(days => days) $$;
"""


class Postgres:
    """A database of a server; the same statements."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.url = f"postgres://{server.user}@/{name}?host={server.folder}"
        if not self.exists():
            server.sql("postgres", f"CREATE DATABASE {name}")

    def exists(self):
        return bool(self.server.sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{self.name}'"))

    def copy_to(self, other):
        self.server.sql("postgres", f"DROP DATABASE {other.name}")
        self.server.sql("postgres", f"CREATE DATABASE {other.name} TEMPLATE {self.name}")

    def grown(self):
        self.server.sql(self.name, "VACUUM ANALYZE")

    def execute(self, *statements):
        # Copies of rows that are right are right: neither references nor triggers are looked after.
        own = ["BEGIN", "SET LOCAL session_replication_role = replica", *statements, "COMMIT"]
        self.server.sql(self.name, FUNCTIONS + ";\n".join(own) + ";")

    def rows(self, query):
        found = self.server.sql(self.name, query)
        return [[int(cell) if cell.isdigit() else cell for cell in line.split("\t")] for line in found.splitlines()]

    def columns(self, table):
        return [row[0] for row in self.rows(f"SELECT column_name FROM information_schema.columns WHERE table_schema = "
                                            f"'public' AND table_name = '{table}' ORDER BY ordinal_position")]

    def size(self):
        return self.rows(f"SELECT pg_database_size('{self.name}')")[0][0]


class Server:
    """A PostgreSQL server in a folder of its own, as its programs come; stopped at the end of the block."""

    user = "bench"

    def __init__(self, folder):
        self.folder = folder / "postgres"
        self.own = {}

    def __enter__(self):
        places = [*os.environ["PATH"].split(os.pathsep), *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
        found = [place for place in places if Path(place, "initdb").exists() and Path(place, "pg_ctl").exists()]
        if not found:
            sys.exit("no PostgreSQL is installed")
        self.programs = Path(found[0])
        new = not self.folder.exists()
        self.folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            # It refuses to run as root.
            who = pwd.getpwnam("postgres")
            self.own = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            # A temporary folder is closed to others; whoever keeps the databases elsewhere sees to the rest of the way.
            self.folder.parent.chmod(self.folder.parent.stat().st_mode | 0o711)
        if new:
            self.run("initdb", "-D", self.folder / "data", "-U", self.user, "-A", "trust", "-E", "UTF8", "--locale=C")
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-s", "-l", self.folder / "log", "start", "-o",
                 f"-c listen_addresses= -c unix_socket_directories='{self.folder}' -c shared_buffers=512MB "
                 f"-c max_wal_size=4GB")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-s", "-m", "fast", "stop")

    def run(self, program, *arguments):
        subprocess.run([self.programs / program, *map(str, arguments)], check=True, cwd="/",
                       stdout=subprocess.DEVNULL, **self.own)

    def sql(self, database, statements):
        command = ["psql", "-h", self.folder, "-U", self.user, "-d", database, "-v", "ON_ERROR_STOP=1", "-qAtX",
                   "-F", "\t"]
        return subprocess.run([str(part) for part in command], input=statements, check=True, text=True,
                              stdout=subprocess.PIPE).stdout
