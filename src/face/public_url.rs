//! Where people find the service.

/// The address that links to the service begin with, without a slash at its end.
#[derive(Debug, Clone)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Links below an address such as `https://coach.contoh.go.id`.
    pub fn new(base: &str) -> Self {
        Self(base.trim_end_matches('/').to_owned())
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
