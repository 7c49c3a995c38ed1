//! The two languages of the service. Indonesian comes first; texts live in `locales/`.

mod clocks;
mod format;
mod sentences;

use std::borrow::Cow;

pub use format::per_mille;
pub use sentences::Names;

/// A language of pages, errors and explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Indonesian.
    #[default]
    Id,
    /// English.
    En,
}

impl Lang {
    /// Every language.
    pub const ALL: [Lang; 2] = [Lang::Id, Lang::En];

    /// The ISO 639 code.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Id => "id",
            Lang::En => "en",
        }
    }

    /// The language of a code such as `en` or `en-GB`.
    pub fn of(code: &str) -> Option<Self> {
        let primary = code.split('-').next().unwrap_or(code);
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }

    /// Of two texts, the one in this language.
    pub fn pick<'a>(self, id: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Id => id,
            Lang::En => en,
        }
    }

    /// The text of a key.
    pub fn tr(self, key: &str) -> Cow<'static, str> {
        let known = crate::_rust_i18n_try_translate(self.code(), key);
        known.unwrap_or_else(|| Cow::Owned(format!("{}.{key}", self.code())))
    }

    /// The text of a key, if there is one.
    pub fn find(self, key: &str) -> Option<String> {
        crate::_rust_i18n_try_translate(self.code(), key).map(Cow::into_owned)
    }

    /// The text of a key with its `%{…}` places filled. What a value says is never taken for a place.
    pub fn fill(self, key: &str, values: &[(&str, &str)]) -> String {
        let text = self.tr(key);
        let (mut filled, mut rest) = (String::with_capacity(text.len()), &*text);
        while let Some((before, behind)) = rest.split_once('%') {
            filled.push_str(before);
            let place = behind.strip_prefix('{').and_then(|place| place.split_once('}'));
            let known = place.and_then(|(name, after)| {
                values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, after))
            });
            match known {
                Some((value, after)) => {
                    filled.push_str(value);
                    rest = after;
                }
                None => {
                    filled.push('%');
                    rest = behind;
                }
            }
        }
        filled + rest
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn texts(lang: Lang) -> Vec<(String, String)> {
        let messages = crate::_rust_i18n_backend().messages_for_locale(lang.code()).unwrap();
        messages.into_iter().map(|(key, text)| (key.into_owned(), text.into_owned())).collect()
    }

    fn keys(lang: Lang) -> BTreeSet<String> {
        texts(lang).into_iter().map(|(key, _)| key).filter(|key| key != "_version").collect()
    }

    fn places(text: &str) -> BTreeSet<&str> {
        text.split("%{").skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    /// Every `"a.b"` literal in a call of `tr` or `fill`, in sources and templates.
    fn used(dir: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                used(&path, found);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                for call in ["tr(\"", "fill(\""] {
                    found.extend(text.split(call).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
                }
            }
        }
    }

    #[test]
    fn both_languages_say_the_same_things() {
        assert_eq!(keys(Lang::Id), keys(Lang::En));
        let english = texts(Lang::En);
        for (key, text) in texts(Lang::Id) {
            let twin = &english.iter().find(|(k, _)| *k == key).unwrap().1;
            assert_eq!(places(&text), places(twin), "{key}");
        }
    }

    #[test]
    fn every_key_used_has_a_text() {
        let mut found = BTreeSet::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        used(&root.join("src"), &mut found);
        used(&root.join("templates"), &mut found);
        let known = keys(Lang::Id);
        let missing: Vec<_> = found.iter().filter(|key| key.contains('.') && !known.contains(*key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(found.len() > 40, "the scan found only {found:?}");
    }

    #[test]
    fn places_are_filled() {
        assert_eq!(Lang::En.fill("page.rows", &[("from", "1"), ("to", "50"), ("all", "70")]), "1 to 50 of 70");
        assert_eq!(Lang::En.fill("page.rows", &[("from", "%{all}"), ("all", "70")]), "%{all} to %{to} of 70");
    }

    #[test]
    fn a_code_names_its_language() {
        assert_eq!(Lang::of("en-GB"), Some(Lang::En));
        assert_eq!(Lang::of("ID"), Some(Lang::Id));
        assert_eq!(Lang::of("fr"), None);
    }
}
