//! A letter as a message of RFC 5322, made by lettre, which encodes every header and body.
//!
//! The same letter makes the same bytes whenever it is tried again: its Message-ID is the id of its
//! row, its date the time it was written, so that whoever gets it twice can tell.

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::html::html;
use super::letter::Letter;
use super::links::Links;
use super::text::text;
use super::words::{Programme, Wording};

/// Where letters are written: who sends them, and what all of them share.
#[derive(Debug, Clone)]
pub struct Office {
    from: Address,
    reply_to: Address,
    programme: Programme,
    links: Links,
}

/// A letter that cannot become a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unaddressable {
    /// The address has no form that mail servers take.
    #[error("the address has no form that mail servers take")]
    Address,
    /// Its link needs a secret or an id that it does not have any more.
    #[error("what its link is made of is gone")]
    Link,
    /// It cannot be put into the form of a mail.
    #[error("it cannot be put into the form of a mail")]
    Form,
}

impl Office {
    /// An office that sends from an address; answers go to another if one is given.
    ///
    /// # Errors
    /// [`Unaddressable::Address`] when one of them is no address.
    pub fn new(
        from: &str,
        reply_to: Option<&str>,
        programme: &str,
        contact: &str,
        links: Links,
    ) -> Result<Self, Unaddressable> {
        let from: Address = from.parse().map_err(|_| Unaddressable::Address)?;
        let reply_to = match reply_to {
            Some(text) => text.parse().map_err(|_| Unaddressable::Address)?,
            None => from.clone(),
        };
        let programme = Programme { name: programme.to_owned(), contact: contact.to_owned() };
        Ok(Self { from, reply_to, programme, links })
    }

    /// The domain of the sender, by which the program also names itself to mail servers.
    pub fn domain(&self) -> &str {
        self.from.domain()
    }

    /// Writes a letter.
    ///
    /// # Errors
    /// [`Unaddressable`]
    pub fn write(&self, letter: &Letter) -> Result<Message, Unaddressable> {
        let to: Address = letter.to.as_str().parse().map_err(|_| Unaddressable::Address)?;
        let wording = Wording::of(letter, &self.programme, &self.links).ok_or(Unaddressable::Link)?;
        let html = html(&wording).map_err(|_| Unaddressable::Form)?;
        let mut builder = Message::builder()
            .from(Mailbox::new(Some(wording.programme.clone()), self.from.clone()))
            .reply_to(Mailbox::new(None, self.reply_to.clone()))
            .to(Mailbox::new(None, to))
            .subject(wording.subject.clone())
            .date(letter.written_at.into())
            .message_id(Some(format!("<{}@{}>", letter.id, self.domain())))
            .header(AutoSubmitted)
            .header(NoAutomaticAnswers)
            .header(ContentLanguage(letter.lang.code()));
        if let Some(about) = letter.facts.about {
            // Letters about the same thing are shown together.
            builder = builder.references(format!("<{about}@{}>", self.domain()));
        }
        let parts = MultiPart::alternative()
            .boundary(format!("part-{}", letter.id.simple()))
            .singlepart(part(ContentType::TEXT_PLAIN, text(&wording)))
            .singlepart(part(ContentType::TEXT_HTML, html));
        builder.multipart(parts).map_err(|_| Unaddressable::Form)
    }
}

fn part(kind: ContentType, body: String) -> SinglePart {
    SinglePart::builder().header(kind).body(body)
}

/// Headers whose value is a word of ours.
macro_rules! plain_header {
    ($(#[$meta:meta])* $name:ident($value:expr): $header:literal) => {
        $(#[$meta])*
        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($header)
            }

            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Err("only ever written".into())
            }

            fn display(&self) -> HeaderValue {
                let value: fn(&Self) -> &str = $value;
                HeaderValue::new(Self::name(), value(self).to_owned())
            }
        }
    };
}

/// No person sent it, so nobody is to be answered automatically (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;
plain_header!(AutoSubmitted(|_| "auto-generated"): "Auto-Submitted");

/// The same for Exchange.
#[derive(Clone)]
struct NoAutomaticAnswers;
plain_header!(NoAutomaticAnswers(|_| "All"): "X-Auto-Response-Suppress");

/// The language of the letter (RFC 3282).
#[derive(Clone)]
struct ContentLanguage(&'static str);
plain_header!(ContentLanguage(|language| language.0): "Content-Language");
