//! How the service is called from outside.

use std::net::SocketAddr;

use actix_web::HttpRequest;

/// How the service is called from outside, as the settings say; it decides what links begin with, and how cookies are
/// kept.
#[derive(Debug, Clone, Default)]
pub struct Public {
    /// What links begin with, without a slash at its end; empty when no setting says.
    base: String,
    /// Scheme, host and port of it, in small letters.
    pub(super) origin: String,
    /// The domain of its mail.
    pub mail_domain: String,
    /// The name of the programme.
    pub programme: String,
}

impl Public {
    /// From the setting `server.public_url`, which may be empty, the domain of the mail and the name of the programme.
    pub fn new(public_url: &str, mail_domain: &str, programme: &str) -> Self {
        let url = public_url.to_ascii_lowercase();
        let origin = match url.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or_default()),
            None => String::new(),
        };
        Self {
            base: public_url.trim_end_matches('/').to_owned(),
            origin,
            mail_domain: mail_domain.to_owned(),
            programme: programme.to_owned(),
        }
    }

    /// What links begin with, without a slash at the end. Where no setting says, it is where this server listens:
    /// never what a request calls it, which anybody can make up.
    pub fn base(&self, request: &HttpRequest) -> String {
        match self.base.as_str() {
            "" => format!("http://{}", reachable(request.app_config().local_addr())),
            base => base.to_owned(),
        }
    }
}

/// An address that a program on this machine can follow, where the server listens on all.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}
