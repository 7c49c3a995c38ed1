//! Where the database is, with a password that never shows.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// A database URL. May hold a password: printed, it hides it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// The URL with its password, for connecting only.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl DatabaseUrl {
    /// Whether the URL names an engine that there is, and something behind it.
    pub(super) fn is_known(&self) -> bool {
        ["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| self.expose().strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
    }
}

impl From<&str> for DatabaseUrl {
    fn from(url: &str) -> Self {
        Self(url.into())
    }
}

impl std::fmt::Display for DatabaseUrl {
    /// Scheme, user, host and name. Whatever could be part of a password is hidden, rather too much than too little.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.expose();
        if url.starts_with("sqlite:") {
            return f.write_str(url);
        }
        let Some((scheme @ ("postgres" | "postgresql"), rest)) = url.split_once("://") else {
            return f.write_str("***");
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        match place.split_once('@') {
            // A second or a late `@` may belong to a password that was not escaped.
            Some((_, host)) if host.contains('@') || query.contains('@') => write!(f, "{scheme}://***"),
            None if query.contains('@') => write!(f, "{scheme}://***"),
            Some((login, host)) => {
                let user = login.split(':').next().unwrap_or_default();
                write!(f, "{scheme}://{user}:***@{host}")
            }
            None => write!(f, "{scheme}://{place}"),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows() {
        for (url, shown) in [
            ("sqlite:coachnet.sqlite3", "sqlite:coachnet.sqlite3"),
            ("postgres://ncn:s3cret@db.example/ncn", "postgres://ncn:***@db.example/ncn"),
            ("postgresql://ncn@db.example:5433/ncn?password=s3cret", "postgresql://ncn:***@db.example:5433/ncn"),
            ("postgres://db.example/ncn?password=s3cret", "postgres://db.example/ncn"),
            ("postgres://ncn:s3@cret@db.example/ncn", "postgres://***"),
            ("postgres://ncn:s3?cret@db.example/ncn", "postgres://***"),
            ("postgres://db.example/ncn?password=s3@cret", "postgres://***"),
            ("host=db password=s3cret", "***"),
        ] {
            let url = DatabaseUrl::from(url);
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown})"));
        }
    }
}
