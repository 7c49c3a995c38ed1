//! Codes: the short stable keys by which files, results and people refer to things.

/// Longest code accepted, in characters.
pub const MAX_CODE: usize = 64;

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {MAX_CODE} printable characters without | and without spaces at the ends")]
pub struct BadCode;

macro_rules! code {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        /// Clones share the text: a cohort of millions repeats a few hundred codes.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Accepts 1 to [`MAX_CODE`] characters, none of them a control character,
            /// the first and last no white space, and no `|`, which joins codes in files.
            pub fn new(text: &str) -> Result<Self, BadCode> {
                let good = !text.is_empty()
                    && text.len() <= 4 * MAX_CODE
                    && text.chars().count() <= MAX_CODE
                    && text.trim() == text
                    && !text.chars().any(|c| c.is_control() || c == '|');
                good.then(|| Self(text.into())).ok_or(BadCode)
            }

            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadCode;

            fn from_str(text: &str) -> Result<Self, BadCode> {
                Self::new(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

code! {
    /// A person as the files of a cohort name them: any stable code an agency
    /// likes, but better not the NIP, which reveals birth date and sex.
    PersonCode
}
code! {
    /// A civil-service agency or a company, e.g. `PROV-11` or `KEM-09`.
    AgencyCode
}
code! {
    /// A competency, e.g. `M.01`.
    CompetencyCode
}
code! {
    /// A field of government work, e.g. `kesehatan`.
    FieldCode
}
code! {
    /// A province by its two-digit Kemendagri code, e.g. `91`.
    ProvinceCode
}
code! {
    /// A regency or city by its Kemendagri code, e.g. `91.03`.
    RegencyCode
}

/// What pseudonyms begin with; then come 32 hexadecimal digits.
const PSEUDONYM: &str = "X-";

impl PersonCode {
    /// A code that says nothing, in place of that of somebody who was erased; `id` must be new.
    pub fn pseudonym(id: u128) -> String {
        format!("{PSEUDONYM}{id:032x}")
    }

    /// Whether it stands in place of the code of somebody who was erased.
    pub fn is_pseudonym(&self) -> bool {
        let digits = self.as_str().strip_prefix(PSEUDONYM);
        digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}
