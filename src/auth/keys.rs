//! The keys of a deployment: one list, from which everything that needs a key derives its own.
//!
//! The first key encrypts and signs; the others still decrypt and verify. To rotate, put a new
//! key in front, and take the old one away once nothing is encrypted with it any more.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::secret::{hex, random};

/// The keys, at least one.
pub struct Keys(Vec<Key>);

struct Key {
    id: String,
    secret: [u8; 32],
}

/// Why there are no usable keys. Shows no key.
#[derive(Debug, thiserror::Error)]
pub enum BadKeys {
    /// The file cannot be read or made.
    #[error("the file of keys {0}: {1}")]
    File(String, io::Error),
    /// A line is no key.
    #[error("key {0}: expected ID:KEY, the id 1 to 32 letters, digits, - or _, the key 32 bytes in base64")]
    Form(usize),
    /// An id is there twice.
    #[error("the key id {0} is there twice")]
    Twice(String),
    /// There is no key.
    #[error("there is no key")]
    None,
}

impl Keys {
    /// Reads keys written as `ID:BASE64`.
    ///
    /// # Errors
    /// Says which key is wrong, and not what stands there.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, BadKeys> {
        let mut keys: Vec<Key> = Vec::new();
        for (at, text) in texts.into_iter().enumerate() {
            let key = Key::parse(text).ok_or(BadKeys::Form(at + 1))?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(BadKeys::Twice(key.id));
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(BadKeys::None) } else { Ok(Self(keys)) }
    }

    /// Reads the keys of a file, one a line; empty lines and those that start with `#` are skipped.
    /// A file that is not there is made, with one new key, readable by its owner alone.
    ///
    /// # Errors
    /// When the file cannot be read or made, or a line is no key.
    pub fn of_file(path: &Path) -> Result<Self, BadKeys> {
        let failed = |why| BadKeys::File(path.display().to_string(), why);
        if !path.exists() {
            make(path).map_err(failed)?;
        }
        let mut text = String::new();
        File::open(path).and_then(|mut file| file.read_to_string(&mut text)).map_err(failed)?;
        Self::parse(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')))
    }

    /// For each key its id and 32 bytes for one use. Bytes for one use tell nothing about others.
    pub(super) fn derive(&self, usage: &str) -> Vec<(String, [u8; 32])> {
        self.0.iter().map(|key| (key.id.clone(), hmac(&key.secret, usage.as_bytes()))).collect()
    }
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        let (id, key) = text.split_once(':')?;
        let good = (1..=32).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        let secret = STANDARD.decode(key.trim()).ok()?.try_into().ok()?;
        good.then(|| Self { id: id.to_owned(), secret })
    }
}

/// A new key, as it is written: `ID:BASE64`.
pub fn new_key() -> String {
    format!("{}:{}", hex(&random::<4>()), STANDARD.encode(random::<32>()))
}

/// Of several processes that start at once, one makes the file and the others find it whole.
fn make(path: &Path) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", hex(&random::<4>())));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    writeln!(file, "# Keys of coachnet. Whoever has them can read its secrets: keep them apart from the database.")?;
    writeln!(file, "# The first encrypts and signs. To rotate, put a new one in front and leave the old ones.")?;
    writeln!(file, "{}", new_key())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

/// HMAC-SHA-256.
pub(super) fn hmac(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const B: &str = "b:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    #[test]
    fn keys_are_checked() {
        assert_eq!(Keys::parse([A, B]).unwrap().0.len(), 2);
        assert!(matches!(Keys::parse([A, "x"]), Err(BadKeys::Form(2))));
        assert!(matches!(Keys::parse(["a:AAAA"]), Err(BadKeys::Form(1))));
        assert!(matches!(Keys::parse([A, A]), Err(BadKeys::Twice(_))));
        assert!(matches!(Keys::parse([]), Err(BadKeys::None)));
    }

    #[test]
    fn a_missing_file_is_made_once_and_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.keys");
        let ids = |keys: Keys| keys.0.into_iter().map(|key| (key.id, key.secret)).collect::<Vec<_>>();
        let all: Vec<_> = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| Keys::of_file(&path).unwrap())).collect();
            starting.into_iter().map(|thread| ids(thread.join().unwrap())).collect()
        });
        assert!(all.iter().all(|found| *found == all[0]));
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn each_use_has_bytes_of_its_own() {
        let keys = Keys::parse([A, B]).unwrap();
        assert_ne!(keys.derive("x")[0].1, keys.derive("y")[0].1);
        assert_ne!(keys.derive("x")[0].1, keys.derive("x")[1].1);
    }
}
