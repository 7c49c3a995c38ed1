//! Which database is meant: reading its URL, and naming it without its password.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::StoreError;

/// A database, by its URL.
#[derive(Clone)]
pub enum Target {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres {
        /// The whole URL, with the password if it has one.
        url: SecretString,
        /// The same without password and parameters.
        shown: String,
    },
}

impl Target {
    /// Reads `sqlite:path`, `sqlite://path`, a plain path, `postgres://…` or `postgresql://…`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] says what is not understood, or what this build cannot do.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Self::postgres(url);
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
        if path.is_empty() || path == ":memory:" {
            return refuse("a SQLite database needs the path of a file, such as sqlite:coachnet.sqlite3");
        }
        if let Some((scheme, _)) = path.split_once("://") {
            return refuse(&format!("unknown kind of database {scheme}: expected sqlite: or postgres:"));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    fn postgres(url: &str) -> Result<Self, StoreError> {
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        let wants_tls =
            parameters.split('&').any(|p| matches!(p, "sslmode=require" | "sslmode=verify-ca" | "sslmode=verify-full"));
        if wants_tls && !cfg!(feature = "pg-tls") {
            return refuse(
                "the database URL asks for an encrypted connection (sslmode), but this program was built without \
                 TLS for PostgreSQL: build it with the feature pg-tls, or use a tunnel and drop sslmode",
            );
        }
        Ok(Self::Postgres { url: url.into(), shown: without_password(address) })
    }

    /// The password in the URL, if there is one.
    pub(super) fn password(&self) -> Option<&str> {
        let Self::Postgres { url, .. } = self else { return None };
        let (_, rest) = url.expose_secret().split_once("://")?;
        let authority = rest.split(['/', '?']).next()?;
        let (userinfo, _) = authority.rsplit_once('@')?;
        userinfo.split_once(':').map(|(_, password)| password).filter(|p| !p.is_empty())
    }
}

fn refuse(why: &str) -> Result<Target, StoreError> {
    Err(StoreError::Unavailable(why.to_owned()))
}

fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return String::new() };
    let (authority, path) = rest.split_once('/').map_or((rest, String::new()), |(a, p)| (a, format!("/{p}")));
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(userinfo, host)| {
        (userinfo.split(':').next().filter(|user| !user.is_empty()), host)
    });
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    format!("{scheme}://{user}{host}{path}")
}

/// The name for messages and logs; never shows a password.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres { shown, .. } => f.write_str(shown),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_ways_to_name_a_file() {
        for url in ["sqlite:a/b.db", "sqlite://a/b.db", "a/b.db"] {
            assert_eq!(Target::parse(url).unwrap().to_string(), "sqlite:a/b.db", "{url}");
        }
        assert_eq!(Target::parse("sqlite:///var/b.db").unwrap().to_string(), "sqlite:/var/b.db");
    }

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://ani:s3cret@db.lan:5433/coach?connect_timeout=1", "postgres://ani@db.lan:5433/coach"),
            ("postgresql://ani:p%40s3cret@db.lan/coach", "postgresql://ani@db.lan/coach"),
            ("postgres://:s3cret@db.lan", "postgres://db.lan"),
            ("postgres:///coach?host=/run/pg&password=s3cret", "postgres:///coach"),
            ("postgres://db.lan/coach", "postgres://db.lan/coach"),
        ] {
            let target = Target::parse(url).unwrap();
            assert_eq!(target.to_string(), shown);
            assert!(!format!("{target:?}").contains("s3cret"));
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (url, word) in [("mysql://x/y", "mysql"), ("sqlite::memory:", "path"), ("", "path")] {
            let why = Target::parse(url).unwrap_err().to_string();
            assert!(why.contains(word), "{url}: {why}");
        }
    }

    #[test]
    fn tls_is_refused_where_it_is_not_built_in() {
        for mode in ["require", "verify-ca", "verify-full"] {
            let target = Target::parse(&format!("postgres://db/x?application_name=y&sslmode={mode}"));
            assert_eq!(target.is_err(), cfg!(not(feature = "pg-tls")), "{mode}");
        }
        assert!(Target::parse("postgres://db/x?sslmode=prefer").is_ok());
    }
}
