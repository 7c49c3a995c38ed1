//! Encryption and passwords on the way to a mail server.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use coachnet::config::{MailRoute, MailUrl};
use coachnet::mail::{Transport, Verdict};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::NamedTempFile;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::post;
use crate::support::smtp::{Guard, SmtpServer};

/// `\0budi\0rahasia` in base64.
const LOGIN: &str = "AGJ1ZGkAcmFoYXNpYQ==";

/// A certificate for `localhost`, as a server uses it, and as a file of authorities.
fn certificate() -> (Arc<ServerConfig>, NamedTempFile) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a server");
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(cert.pem().as_bytes()).expect("written");
    (Arc::new(config), file)
}

/// Sends one mail and says what came of it.
fn send(url: &str, authorities: Option<&NamedTempFile>) -> Verdict {
    let Some(MailRoute::Smtp(server)) = MailUrl::from(url).route() else { panic!("{url}") };
    let authorities = authorities.map(NamedTempFile::path);
    let mut way = Transport::smtp(server, "jejaring.test", 1, Duration::from_secs(20), authorities).expect("a way");
    let mut verdicts = Vec::new();
    way.deliver(&[post::parcel()], &mut verdicts);
    way.rest();
    verdicts.pop().expect("a verdict").1
}

fn unreached(verdict: Verdict) -> String {
    match verdict {
        Verdict::Unreached(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_kinds_of_encryption_work_and_check_the_certificate() {
    let (config, authority) = certificate();
    let implicit =
        SmtpServer::guarded(Guard { implicit: Some(Arc::clone(&config)), login: Some(LOGIN), ..Guard::default() });
    let start_tls = SmtpServer::guarded(Guard { start_tls: Some(config), login: Some(LOGIN), ..Guard::default() });
    for (server, scheme) in [(&implicit, "smtps"), (&start_tls, "smtp")] {
        let url = format!("{scheme}://budi:rahasia@localhost:{}", server.port);
        assert_eq!(send(&url, Some(&authority)), Verdict::Sent, "{scheme}");
        assert_eq!(server.taken().len(), 1);
        let why = unreached(send(&url, None));
        assert!(why.contains("certificate") || why.contains("UnknownIssuer"), "{why}");
        let elsewhere = url.replace("localhost", "127.0.0.1");
        unreached(send(&elsewhere, Some(&authority)));
        assert_eq!(server.taken().len(), 1, "nothing goes to a server that is not the one");
    }
}

#[test]
fn a_wrong_password_is_no_letters_fault_and_is_not_told() {
    let (config, authority) = certificate();
    let server = SmtpServer::guarded(Guard { implicit: Some(config), login: Some(LOGIN), ..Guard::default() });
    let why = unreached(send(&format!("smtps://budi:salah@localhost:{}", server.port), Some(&authority)));
    assert!(why.contains("535") && !why.contains("salah"), "{why}");
}

#[test]
fn without_encryption_nothing_is_sent_where_it_is_asked_for() {
    let server = SmtpServer::guarded(Guard::default());
    let why = unreached(send(&format!("smtp://budi:rahasia@localhost:{}", server.port), None));
    assert!(why.contains("STARTTLS"), "{why}");
    assert!(server.taken().is_empty());
}
