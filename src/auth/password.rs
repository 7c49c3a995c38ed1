//! Passwords: hashed with Argon2id, and held against what attackers try first.

use std::collections::HashSet;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use parking_lot::{Condvar, Mutex};

use crate::domain::{AccountName, Email};

/// Shortest and longest password, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=256;

/// Words of common passwords, one a line.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common.txt").split_whitespace().collect());

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

/// Why a new password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadPassword {
    /// Not 12 to 256 characters.
    Length,
    /// Among the first that an attacker tries.
    Common,
    /// Holds the address or the name of its owner.
    Personal,
}

/// Hashes and checks passwords, as many at a time as there are processors: each takes all of one,
/// and a lot of memory.
pub struct Passwords {
    argon: Argon2<'static>,
    start: String,
    nobody: String,
    at_work: Mutex<usize>,
    free: Condvar,
    most_at_work: usize,
    hashes: AtomicU64,
}

impl Passwords {
    pub(super) fn new(effort: Effort) -> Self {
        let params = Params::new(effort.memory_kib, effort.passes, 1, None).unwrap_or_default();
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let start = format!("$argon2id$v=19$m={},t={},p=1$", effort.memory_kib, effort.passes);
        let most_at_work = std::thread::available_parallelism().map_or(1, usize::from);
        let mut passwords = Self {
            argon,
            start,
            nobody: String::new(),
            at_work: Mutex::new(0),
            free: Condvar::new(),
            most_at_work,
            hashes: AtomicU64::new(0),
        };
        passwords.nobody = passwords.hash(&super::random_token());
        passwords
    }

    /// Hashes a password, with a salt of its own.
    ///
    /// # Panics
    /// When there is no memory left for it, or no random salt.
    pub fn hash(&self, password: &str) -> String {
        let hash = self.in_turn(|| self.argon.hash_password(password.as_bytes()));
        hash.expect("memory and a salt for a hash").to_string()
    }

    /// Whether a password belongs to a hash. Without a hash, because there is no such account, it does
    /// the same work and says no.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let fits = |hash: &str| {
            let parsed = PasswordHash::new(hash);
            self.in_turn(|| parsed.is_ok_and(|hash| self.argon.verify_password(password.as_bytes(), &hash).is_ok()))
        };
        fits(hash.unwrap_or(&self.nobody)) && hash.is_some()
    }

    /// Whether a hash was made with the present effort.
    pub fn is_current(&self, hash: &str) -> bool {
        hash.starts_with(&self.start)
    }

    /// How many hashes were computed since the start.
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    /// Judges a new password.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn judge(password: &str, email: &Email, name: &AccountName) -> Result<(), BadPassword> {
        if !LENGTH.contains(&password.chars().count()) {
            return Err(BadPassword::Length);
        }
        let lower = password.to_lowercase();
        let names = name.as_str().split_whitespace().map(str::to_lowercase).filter(|part| part.chars().count() >= 4);
        let mut personal = names.chain([email.local_part().to_owned()]).filter(|part| part.len() >= 4);
        if personal.any(|part| lower.contains(&part)) {
            return Err(BadPassword::Personal);
        }
        if is_common(&lower) { Err(BadPassword::Common) } else { Ok(()) }
    }

    fn in_turn<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut at_work = self.at_work.lock();
        self.free.wait_while(&mut at_work, |at_work| *at_work >= self.most_at_work);
        *at_work += 1;
        drop(at_work);
        let _turn = Turn(self);
        self.hashes.fetch_add(1, Ordering::Relaxed);
        work()
    }
}

/// A place at work, given back even by a panic.
struct Turn<'a>(&'a Passwords);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.at_work.lock() -= 1;
        self.0.free.notify_one();
    }
}

/// Whether a password is one or two common words with decoration, a pattern of few characters, or a row
/// of keys. `password`, `Passw0rd!2024` and `indonesiamerdeka45` are.
fn is_common(lower: &str) -> bool {
    let few = lower.chars().collect::<HashSet<_>>().len() <= 4;
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let plain: String = core.chars().map(unleet).filter(|c| c.is_alphabetic()).collect();
    let letters: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
    let digits_only = lower.chars().all(|c| c.is_ascii_digit());
    few || digits_only || is_row(lower) || [plain, letters].iter().any(|text| is_few_words(text))
}

/// The letter that a sign is written for.
fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Whether a text is made of at most two different common words, however often.
fn is_few_words(text: &str) -> bool {
    fn rest_fits<'a>(text: &'a str, seen: &mut Vec<&'a str>) -> bool {
        if text.is_empty() {
            return true;
        }
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        ends.filter(|&end| COMMON.contains(&text[..end])).any(|end| {
            let word = &text[..end];
            let new = !seen.contains(&word);
            if new && seen.len() == 2 {
                return false;
            }
            if new {
                seen.push(word);
            }
            let fits = rest_fits(&text[end..], seen);
            if new {
                seen.pop();
            }
            fits
        })
    }
    // What has few letters is judged by its other signs; what has very many is no common word.
    (4..=64).contains(&text.len()) && rest_fits(text, &mut Vec::new())
}

/// Whether a text runs along the keys or the alphabet.
fn is_row(text: &str) -> bool {
    const ROWS: [&str; 6] = [
        "qwertyuiopasdfghjklzxcvbnm",
        "1234567890qwertyuiopasdfghjklzxcvbnm",
        "1q2w3e4r5t6y7u8i9o0p",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "q1w2e3r4t5y6u7i8o9p0",
    ];
    ROWS.iter().any(|row| row.contains(text) || row.chars().rev().collect::<String>().contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<(), BadPassword> {
        Passwords::judge(password, &"budi.santoso@kemkes.go.id".parse().unwrap(), &"Budi Santoso".parse().unwrap())
    }

    #[test]
    fn what_attackers_try_first_is_refused() {
        for common in [
            "password1234",
            "P@ssw0rd2024!",
            "qwertyuiop12",
            "123456789012",
            "aaaaaaaaaaaa",
            "abcabcabcabc1",
            "indonesiamerdeka45",
            "Bismillah12345",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "sayangsayang99",
            "administrator1",
            "lkjhgfdsapoiuytrewq",
            "Jakarta-2026!!",
        ] {
            assert_eq!(judge(common), Err(BadPassword::Common), "{common}");
        }
        assert_eq!(judge("short-1"), Err(BadPassword::Length));
        assert_eq!(judge(&"x1y2".repeat(65)), Err(BadPassword::Length));
        for personal in ["santoso-kopi-77", "ini.BUDI.SANTOSO.lho", "budi.santoso@kemkes"] {
            assert_eq!(judge(personal), Err(BadPassword::Personal), "{personal}");
        }
    }

    #[test]
    fn what_people_can_keep_in_mind_is_taken() {
        for good in
            ["kuda baterai staples benar", "lampu-hijau-di-tepi-sawah", "Tr0ub4dor&3-xkcd", "pasar pagi 3 ekor ayam"]
        {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
        assert!(COMMON.len() > 250);
    }

    #[test]
    fn a_hash_knows_its_password_and_nobody_has_one() {
        let passwords = Passwords::new(Effort { memory_kib: 8, passes: 1 });
        let hash = passwords.hash("kuda baterai");
        let before = passwords.hashes();
        assert!(passwords.verify("kuda baterai", Some(&hash)));
        assert!(!passwords.verify("kuda", Some(&hash)));
        assert!(!passwords.verify("kuda", None));
        assert!(!passwords.verify("kuda", Some("no hash")));
        assert_eq!(passwords.hashes() - before, 4);
        assert!(passwords.is_current(&hash));
        assert!(!Passwords::new(Effort { memory_kib: 16, passes: 1 }).is_current(&hash));
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    }
}
