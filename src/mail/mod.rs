//! From what is to be said to a mail that has been handed over: words in the reader's language, the
//! message of RFC 5322, and the two ways it leaves, a folder and a mail server. No database.
#![deny(missing_docs)]

mod folder;
mod html;
mod ical;
mod letter;
mod links;
mod message;
mod round;
mod smtp;
mod text;
mod tls;
mod transport;
mod words;

pub use ical::{Event, Method, Sure, feed};
pub use letter::{Facts, Letter, Meeting, Topic};
pub use links::Links;
pub use message::{Office, Unaddressable};
pub use smtp::Smtp;
pub use transport::{Clerk, Parcel, Transport, Unusable, Verdict};
pub use words::TROUBLE;
