//! What SQLite leaves in its file of what was deleted: why a file is written anew after an erasure.

use std::path::Path;

use coachnet::store::Store;
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};

use crate::support::settings;

const CANARY: &str = "CANARY";

/// Numbers that look random, the same every time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn execute(db: &mut SqliteConnection, sql: &str) {
    db.batch_execute(sql).unwrap_or_else(|why| panic!("{why}: {sql}"));
}

/// Rows of many sizes come, change and go; then those of one person are deleted or emptied, with `secure_delete` as the
/// service has it. The log is emptied, so that the file is all there is.
fn file_of_deleted_rows(path: &Path, seed: u64) {
    let mut db = SqliteConnection::establish(&path.display().to_string()).expect("a database");
    execute(&mut db, "PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON");
    execute(
        &mut db,
        "CREATE TABLE rows (id BLOB NOT NULL PRIMARY KEY, own INTEGER NOT NULL, text TEXT, note TEXT) STRICT; \
         CREATE INDEX rows_by_text ON rows (text)",
    );
    let mut draw = Draw(seed);
    execute(&mut db, "BEGIN IMMEDIATE");
    for at in 0..4_000_u64 {
        let own = draw.below(10) == 0;
        let word = if own { CANARY } else { "others" };
        let (text, note) = ("b".repeat(draw.below(300) as usize), "n".repeat(draw.below(80) as usize));
        let id = draw.below(u64::MAX);
        let insert = format!(
            "INSERT OR IGNORE INTO rows VALUES (x'{id:016x}{at:016x}', {}, '{word}{at:06}{text}', '{word}{at:06}{note}')",
            u8::from(own)
        );
        sql_query(insert).execute(&mut db).expect("a row");
        // Others grow, shrink and go meanwhile.
        if draw.below(3) == 0 {
            let grown = "u".repeat(draw.below(400) as usize);
            let of = draw.below(at + 1);
            sql_query(format!("UPDATE rows SET note = substr(text, 1, 6) || '{grown}' WHERE rowid = {of}"))
                .execute(&mut db)
                .expect("a change");
        }
        if draw.below(20) == 0 {
            sql_query(format!("DELETE FROM rows WHERE own = 0 AND rowid = {}", draw.below(at + 1)))
                .execute(&mut db)
                .expect("one fewer");
        }
    }
    execute(&mut db, "COMMIT; BEGIN IMMEDIATE");
    execute(&mut db, "UPDATE rows SET text = '(gone)', note = NULL WHERE own = 1 AND rowid % 2 = 0");
    execute(&mut db, "DELETE FROM rows WHERE own = 1 AND rowid % 2 = 1");
    execute(&mut db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

fn hits(path: &Path) -> usize {
    let bytes = std::fs::read(path).expect("a file");
    bytes.windows(CANARY.len()).filter(|window| *window == CANARY.as_bytes()).count()
}

/// When the first half of this fails, SQLite has learned to leave nothing, and the file need not be written anew.
#[test]
fn overwriting_is_not_enough() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut left = 0;
    for seed in 1..=8 {
        let path = folder.path().join(format!("{seed}.sqlite3"));
        file_of_deleted_rows(&path, seed);
        left += hits(&path);
        let store = Store::open(&path.display().to_string(), settings()).expect("the same database");
        store.forget_traces().expect("a new file");
        assert_eq!(hits(&path), 0, "with seed {seed}");
    }
    assert!(left > 0, "secure_delete alone left nothing in eight files");
}
