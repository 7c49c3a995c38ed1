//! One-time codes by time (RFC 6238): SHA-1, 6 digits, steps of 30 seconds, which is what all
//! authenticators can do.

use chrono::{DateTime, Utc};
use totp_rs::{Algorithm, Builder, Totp};

use super::secret::random;

const STEP_SECONDS: u64 = 30;

/// A secret that an authenticator is to learn.
pub struct Enrolment {
    /// The secret itself, 20 bytes.
    pub secret: Vec<u8>,
    /// The secret in base32, to be typed.
    pub text: String,
    /// The same as an address, to be shown as a QR code.
    pub uri: String,
}

impl Enrolment {
    /// A new secret for an account of a service.
    pub fn new(service: &str, account: &str) -> Self {
        Self::of(random::<20>().to_vec(), service, account)
    }

    fn of(secret: Vec<u8>, service: &str, account: &str) -> Self {
        let text = totp_rs::Secret::from(secret.clone()).to_base32();
        let (service, account) = (escaped(service), escaped(account));
        let uri = format!("otpauth://totp/{service}:{account}?secret={text}&issuer={service}");
        Self { secret, text, uri }
    }
}

/// A text as a part of an address.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The step of a code that is right now, or was or will be in half a minute. A code counts once: steps up
/// to `used` are over.
pub fn matching_step(secret: &[u8], code: &str, used: Option<i64>, now: DateTime<Utc>) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp(secret)?.check(&code, seconds(now))?;
    let step = i64::try_from(step).ok()?;
    (used.is_none_or(|used| step > used)).then_some(step)
}

/// The code of a moment: what an authenticator shows.
pub fn code_at(secret: &[u8], now: DateTime<Utc>) -> Option<String> {
    Some(totp(secret)?.generate(seconds(now)).to_string())
}

fn totp(secret: &[u8]) -> Option<Totp> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1);
    builder.with_step_duration(STEP_SECONDS).with_secret(secret).build().ok()
}

fn seconds(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 6238, appendix B, of which an authenticator shows the last six digits.
    #[test]
    fn vectors_of_the_standard() {
        let secret = b"12345678901234567890";
        for (time, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (2_000_000_000, "279037")]
        {
            let now = DateTime::from_timestamp(time, 0).unwrap();
            assert_eq!(code_at(secret, now).as_deref(), Some(code));
            assert_eq!(matching_step(secret, code, None, now), Some(time / 30));
        }
    }

    #[test]
    fn a_code_counts_for_a_while_and_once() {
        let secret = [7; 20];
        let at = |time| DateTime::from_timestamp(time, 0).unwrap();
        let code = code_at(&secret, at(3_000)).unwrap();
        assert_eq!(matching_step(&secret, &code, None, at(3_059)), Some(100));
        assert_eq!(matching_step(&secret, &code, None, at(2_970)), Some(100));
        assert_eq!(matching_step(&secret, &code, None, at(3_060)), None);
        assert_eq!(matching_step(&secret, &code, Some(100), at(3_010)), None);
        assert_eq!(matching_step(&secret, &format!("{} {}", &code[..3], &code[3..]), Some(99), at(3_000)), Some(100));
        for nonsense in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(matching_step(&secret, nonsense, None, at(3_000)), None);
        }
    }

    #[test]
    fn an_authenticator_can_read_the_address() {
        let enrolment = Enrolment::of(b"12345678901234567890".to_vec(), "Jejaring Coach", "a@b.id");
        assert_eq!(
            enrolment.uri,
            "otpauth://totp/Jejaring%20Coach:a@b.id?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Jejaring%20Coach"
        );
    }
}
