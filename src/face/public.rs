//! How the service is called from outside.

use std::net::SocketAddr;

use actix_web::HttpRequest;

/// How the service is called from outside.
#[derive(Debug, Clone)]
pub struct Public {
    /// The address that links begin with, if a setting names it.
    pub base: String,
    /// The domain of its mail.
    pub mail_domain: String,
    /// The name of the programme.
    pub programme: String,
}

impl Public {
    /// What links begin with, without a slash at the end. Where no setting says, it is where this server listens:
    /// never what a request calls it, which anybody can make up.
    pub fn base(&self, request: &HttpRequest) -> String {
        match self.base.trim_end_matches('/') {
            "" => format!("http://{}", reachable(request.app_config().local_addr())),
            base => base.to_owned(),
        }
    }
}

/// An address that a program on this machine can follow, where the server listens on all.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}
