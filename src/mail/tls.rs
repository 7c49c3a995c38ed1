//! Encryption of connections to mail servers. Certificates are always checked: against the
//! authorities of the web, and those of a file, for servers inside an institution.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, io};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::transport::Unusable;
use crate::config::{SmtpServer, SmtpTls};

/// How a connection to one server is encrypted.
pub(super) enum Encryption {
    /// From the first byte.
    Implicit(TlsConnector, ServerName<'static>),
    /// By STARTTLS.
    StartTls(Box<TlsParameters>),
    /// Not at all.
    None,
}

impl Encryption {
    /// What a server asks for, with the authorities of a PEM file besides those of the web.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no certificates.
    pub(super) fn of(server: &SmtpServer, authorities: Option<&Path>) -> Result<Self, Unusable> {
        let pem = match authorities {
            Some(path) => std::fs::read(path).map_err(|why| Unusable(format!("{}: {why}", path.display())))?,
            None => Vec::new(),
        };
        let unusable = |why: &dyn fmt::Display| Unusable(format!("the authorities of mail.ca_file: {why}"));
        match server.tls {
            SmtpTls::None => Ok(Self::None),
            SmtpTls::StartTls => {
                let mut builder = TlsParameters::builder(server.host.clone());
                if !pem.is_empty() {
                    builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|why| unusable(&why))?);
                }
                Ok(Self::StartTls(Box::new(builder.build_rustls().map_err(|why| unusable(&why))?)))
            }
            SmtpTls::Implicit => {
                let mut roots = RootCertStore::empty();
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
                for certificate in CertificateDer::pem_slice_iter(&pem) {
                    let certificate = certificate.map_err(|why| unusable(&why))?;
                    roots.add(certificate).map_err(|why| unusable(&why))?;
                }
                let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                    .with_safe_default_protocol_versions()
                    .map_err(|why| unusable(&why))?
                    .with_root_certificates(roots)
                    .with_no_client_auth();
                let name = ServerName::try_from(server.host.clone())
                    .map_err(|_| Unusable(format!("{}: no name of a server", server.host)))?;
                Ok(Self::Implicit(TlsConnector::from(Arc::new(config)), name))
            }
        }
    }
}

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Implicit(..) => "Implicit",
            Self::StartTls(_) => "StartTls",
            Self::None => "None",
        })
    }
}

/// An encrypted stream that lettre speaks over. It makes such streams itself, but without a way to
/// send small packets at once, which costs more than anything else here.
#[derive(Debug)]
pub(super) struct Encrypted(pub(super) TlsStream<TcpStream>);

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<std::net::SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
