//! What is printed: completion certificates as PDF. Pure functions of what stands on them: the same bytes for
//! the same certificate, on any machine.
#![deny(missing_docs)]

mod certificate;
mod fonts;
mod sheet;
mod text;

pub use certificate::{Certificate, certificate};

/// Why something cannot be printed.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// A font that the program carries cannot be used.
    #[error("the font {0} cannot be used")]
    Font(&'static str),
}
