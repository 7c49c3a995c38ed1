//! Addresses of the web in settings: what links begin with, and which other sites there are.

/// Whether links can begin with it: nothing, or an address of the web without query and fragment.
pub(super) fn is_base(text: &str) -> bool {
    let good = |url: url::Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    text.is_empty() || url::Url::parse(text).is_ok_and(good)
}

/// Whether it is an origin of the web as browsers write it: scheme, host, and the port if it is not the usual one.
pub(super) fn is_origin(text: &str) -> bool {
    let named = |url: &url::Url| url.host_str().is_some_and(|host| !host.contains('*'));
    let good = |url: url::Url| {
        matches!(url.scheme(), "http" | "https") && named(&url) && url.origin().ascii_serialization() == text
    };
    url::Url::parse(text).is_ok_and(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_an_address_of_the_web() {
        for (text, right) in [
            ("", true),
            ("https://coach.contoh.test", true),
            ("http://127.0.0.1:8080/app/", true),
            ("coach.contoh.test", false),
            ("ftp://coach.contoh.test", false),
            ("https://coach.contoh.test?x", false),
            ("https://u@coach.contoh.test", false),
        ] {
            assert_eq!(is_base(text), right, "{text}");
        }
    }

    #[test]
    fn other_sites_are_named_as_browsers_name_them() {
        for (text, right) in [
            ("https://portal.contoh.test", true),
            ("http://127.0.0.1:3000", true),
            ("https://portal.contoh.test/", false),
            ("https://portal.contoh.test:443", false),
            ("https://Portal.contoh.test", false),
            ("https://*.contoh.test", false),
            ("portal.contoh.test", false),
            ("null", false),
            ("*", false),
            ("", false),
        ] {
            assert_eq!(is_origin(text), right, "{text}");
        }
    }
}
