//! Recovery codes: what is used once, in place of a one-time code, when the telephone is gone.

use super::secret::{digest, random};

/// Letters and digits that are not taken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// A new code of 80 random bits, e.g. `k3fq-7pxd-w0ha-nm5r`.
pub fn recovery_code() -> String {
    let letters: Vec<char> = random::<16>().iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What is kept of a code. Hyphens, spaces and capitals do not matter.
pub fn recovery_digest(code: &str) -> String {
    let plain: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    digest(&plain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_in_any_way() {
        let code = recovery_code();
        assert_eq!(code.len(), 19);
        assert_eq!(recovery_digest(&code), recovery_digest(&code.replace('-', " ").to_uppercase()));
        assert_ne!(recovery_code(), recovery_code());
    }
}
