//! Where a request comes from.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::error::AppError;

/// The proxies before us, whose word about the client is taken.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpAddr>);

/// The network address of the client: of whoever connected, or whom a trusted proxy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin(pub IpAddr);

impl FromRequest for Origin {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let none = TrustedProxies::default();
        let trusted = request.app_data::<web::Data<TrustedProxies>>().map_or(&none, |trusted| trusted);
        ready(Ok(Self(client(peer, &forwarded.collect::<Vec<_>>(), &trusted.0))))
    }
}

/// Walks from us towards the client, as long as the word of who tells is taken.
fn client(peer: IpAddr, forwarded: &[&str], trusted: &[IpAddr]) -> IpAddr {
    let mut client = peer;
    let told: Vec<&str> = forwarded.iter().flat_map(|list| list.split(',')).map(str::trim).collect();
    for named in told.into_iter().rev() {
        if !trusted.contains(&client) {
            break;
        }
        let Ok(named) = named.parse::<IpAddr>() else { break };
        client = named.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let [proxy, inner, client_ip] = ["10.0.0.1", "10.0.0.2", "203.0.113.7"].map(ip);
        assert_eq!(client(client_ip, &["1.1.1.1"], &[proxy]), client_ip);
        assert_eq!(client(proxy, &["203.0.113.7"], &[proxy]), client_ip);
        assert_eq!(client(proxy, &["1.1.1.1, 203.0.113.7"], &[proxy]), client_ip, "the client's own word is not taken");
        assert_eq!(client(proxy, &["203.0.113.7", "10.0.0.2"], &[proxy, inner]), client_ip);
        assert_eq!(client(proxy, &["nonsense"], &[proxy]), proxy);
        assert_eq!(client(proxy, &[], &[proxy]), proxy);
    }
}
