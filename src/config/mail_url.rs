//! Where mail goes, with a password that never shows.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Host, Url};

/// A URL that says where mail goes. May hold a password: printed, it hides it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct MailUrl(SecretString);

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum MailRoute {
    /// Into a folder, a file a mail; none: the usual folder.
    Folder(Option<PathBuf>),
    /// To a mail server.
    Smtp(SmtpServer),
}

/// A mail server, and how to talk to it.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: SmtpTls,
    /// User and password, if the server asks for them.
    pub login: Option<(String, SecretString)>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first byte (`smtps://`).
    Implicit,
    /// By the command STARTTLS, without which nothing is sent (`smtp://`).
    StartTls,
    /// Not at all (`smtp://…?tls=none`): for a relay on the same machine, or in a network that is trusted.
    None,
}

impl MailUrl {
    /// What the URL says; none when it is not understood, or would send a password in the clear
    /// to another machine.
    pub fn route(&self) -> Option<MailRoute> {
        let text = self.0.expose_secret();
        if let Some(path) = text.strip_prefix("file:") {
            return Some(MailRoute::Folder(Some(path).filter(|path| !path.is_empty()).map(PathBuf::from)));
        }
        let url = Url::parse(text).ok()?;
        let (tls, usual_port) = match (url.scheme(), url.query()) {
            ("smtps", None) => (SmtpTls::Implicit, 465),
            ("smtp", None) => (SmtpTls::StartTls, 587),
            ("smtp", Some("tls=none")) => (SmtpTls::None, 25),
            _ => return None,
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return None;
        }
        // URLs of unknown schemes keep an IPv4 address as a name.
        let host = match url.host()? {
            Host::Ipv6(address) => address.to_string(),
            host => host.to_string(),
        };
        let login = login(&url)?;
        if tls == SmtpTls::None && login.is_some() && !is_here(&host) {
            return None;
        }
        Some(MailRoute::Smtp(SmtpServer { port: url.port().unwrap_or(usual_port), host, tls, login }))
    }
}

/// User and password of a URL, if it has them; none at all when only one is there, or they are no text.
fn login(url: &Url) -> Option<Option<(String, SecretString)>> {
    let plain =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned());
    match (url.username(), url.password()) {
        ("", None) => Some(None),
        ("", _) | (_, None) => None,
        (user, Some(password)) => Some(Some((plain(user)?, plain(password)?.into()))),
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl From<&str> for MailUrl {
    fn from(url: &str) -> Self {
        Self(url.into())
    }
}

impl std::fmt::Display for MailUrl {
    /// Scheme, host and port, or the folder: never user or password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.route() {
            Some(MailRoute::Folder(None)) => f.write_str("file:"),
            Some(MailRoute::Folder(Some(path))) => write!(f, "file:{}", path.display()),
            Some(MailRoute::Smtp(server)) => {
                let scheme = if server.tls == SmtpTls::Implicit { "smtps" } else { "smtp" };
                write!(f, "{scheme}://{}:{}", server.host, server.port)
            }
            None => f.write_str("***"),
        }
    }
}

impl std::fmt::Debug for MailUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Login = Option<(String, String)>;

    fn smtp(url: &str) -> Option<(String, u16, SmtpTls, Login)> {
        match MailUrl::from(url).route()? {
            MailRoute::Smtp(SmtpServer { host, port, tls, login }) => {
                let login = login.map(|(user, password)| (user, password.expose_secret().to_owned()));
                Some((host, port, tls, login))
            }
            MailRoute::Folder(_) => None,
        }
    }

    #[test]
    fn urls_are_understood() {
        let login = Some(("budi@x".to_owned(), "a:b/c".to_owned()));
        assert_eq!(
            smtp("smtp://budi%40x:a%3Ab%2Fc@mail.test"),
            Some(("mail.test".into(), 587, SmtpTls::StartTls, login))
        );
        assert_eq!(smtp("smtps://mail.test"), Some(("mail.test".into(), 465, SmtpTls::Implicit, None)));
        assert_eq!(smtp("smtp://[::1]:2525?tls=none"), Some(("::1".into(), 2525, SmtpTls::None, None)));
        assert!(matches!(MailUrl::from("file:").route(), Some(MailRoute::Folder(None))));
        assert!(matches!(MailUrl::from("file:/var/mail").route(), Some(MailRoute::Folder(Some(_)))));
    }

    #[test]
    fn what_is_not_understood_or_unsafe_is_refused() {
        for wrong in [
            "",
            "mail.test",
            "smtp://",
            "smtp://mail.test/inbox",
            "smtp://mail.test?tls=maybe",
            "smtp://user@mail.test",
            "smtps://mail.test?tls=none",
            "smtp://user:secret@mail.test?tls=none",
            "http://mail.test",
        ] {
            assert!(MailUrl::from(wrong).route().is_none(), "{wrong}");
        }
        assert!(smtp("smtp://user:secret@127.0.0.1?tls=none").is_some());
    }

    #[test]
    fn a_password_never_shows() {
        for (url, shown) in [
            ("smtp://ncn:s3cret@mail.test", "smtp://mail.test:587"),
            ("smtps://ncn:s3cret@mail.test:4650", "smtps://mail.test:4650"),
            ("smtp://ncn:s3cret@mail.test/x", "***"),
            ("file:out", "file:out"),
        ] {
            let url = MailUrl::from(url);
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("MailUrl({shown})"));
            assert!(!format!("{:?}", url.route()).contains("s3cret"));
        }
    }
}
