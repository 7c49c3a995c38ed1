//! Why a use case was not done, where the one who asks is told: each reason has a stable word.

use chrono::TimeDelta;

/// Why a use case was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// Nobody is signed in, or no longer.
    Unauthorized,
    /// Address and password do not belong together.
    WrongCredentials,
    /// The one-time code, or recovery code, is not right.
    WrongCode,
    /// Not for this caller.
    Forbidden,
    /// For this caller, but only after signing in with a one-time code.
    SecondFactorNeeded,
    /// The link was used, taken back, or is too old.
    LinkOver,
    /// There is an account with this address, or of this person.
    AccountExists,
    /// One-time codes are on already.
    SecondFactorOn,
    /// One-time codes are not on.
    SecondFactorOff,
    /// A role of this account asks for one-time codes.
    SecondFactorRequired,
    /// Somebody has decided before.
    Decided,
    /// It was changed since the caller saw it.
    Stale,
    /// The key came with another request before.
    KeyReused,
    /// Too often; free again after this time.
    TooMany(TimeDelta),
    /// Some of what was given is wrong; each is named.
    Invalid(Vec<Fault>),
}

/// Something given that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands in the body, as a JSON pointer.
    pub pointer: &'static str,
    /// Key of the text that says what would be right.
    pub expected: &'static str,
}

impl Denial {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Denial::Unauthorized => "unauthorized",
            Denial::WrongCredentials => "wrong-credentials",
            Denial::WrongCode => "wrong-code",
            Denial::Forbidden => "forbidden",
            Denial::SecondFactorNeeded => "second-factor-needed",
            Denial::LinkOver => "link-over",
            Denial::AccountExists => "account-exists",
            Denial::SecondFactorOn => "second-factor-on",
            Denial::SecondFactorOff => "second-factor-off",
            Denial::SecondFactorRequired => "second-factor-required",
            Denial::Decided => "decided",
            Denial::Stale => "stale",
            Denial::KeyReused => "key-reused",
            Denial::TooMany(_) => "too-many",
            Denial::Invalid(_) => "invalid",
        }
    }

    /// A single wrong value.
    pub fn fault(pointer: &'static str, expected: &'static str) -> Self {
        Denial::Invalid(vec![Fault { pointer, expected }])
    }
}

impl std::fmt::Display for Denial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Denial::Invalid(faults) => faults.iter().try_for_each(|fault| write!(f, " {}", fault.pointer)),
            _ => Ok(()),
        }
    }
}
