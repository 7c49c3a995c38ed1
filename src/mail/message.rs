//! A letter as a message of RFC 5322, made by lettre, which encodes every header and body.
//!
//! The same letter makes the same bytes whenever it is tried again: its Message-ID is the id of its
//! row, its date the time it was written, so that whoever gets it twice can tell.

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use secrecy::ExposeSecret;

use super::html::html;
use super::ical::{Event, Method, Party, Sure, invitation};
use super::letter::{Letter, Meeting};
use super::links::Links;
use super::text::text;
use super::words::{Programme, Wording};

/// Where letters are written: who sends them, and what all of them share.
#[derive(Debug, Clone)]
pub struct Office {
    from: Address,
    reply_to: Address,
    /// Whether somebody reads the answers.
    is_read: bool,
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
        let address = match reply_to {
            Some(text) => text.parse().map_err(|_| Unaddressable::Address)?,
            None => from.clone(),
        };
        let programme = Programme { name: programme.to_owned(), contact: contact.to_owned() };
        Ok(Self { from, is_read: reply_to.is_some(), reply_to: address, programme, links })
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
        if let Some(about) = letter.facts.thread.or(letter.facts.about) {
            // Letters of a pair, or about the same thing, are shown together.
            builder = builder.references(format!("<{about}@{}>", self.domain()));
        }
        if let Some(ways) = self.ways_out(letter) {
            builder = builder.header(ListUnsubscribe(ways)).header(ListUnsubscribePost);
        }
        let words = MultiPart::alternative()
            .boundary(format!("part-{}", letter.id.simple()))
            .singlepart(part(ContentType::TEXT_PLAIN, text(&wording)))
            .singlepart(part(ContentType::TEXT_HTML, html));
        let parts = match (letter.facts.calendar, &letter.facts.meeting) {
            (Some(method), Some(meeting)) => {
                let link = wording.link.map(|(_, link)| link).unwrap_or_default();
                self.with_calendar(letter, method, meeting, link, words)?
            }
            _ => words,
        };
        builder.multipart(parts).map_err(|_| Unaddressable::Form)
    }

    /// The ways out of a class of mail (RFC 2369 and 8058): by a press of a button, or by a mail that somebody reads.
    fn ways_out(&self, letter: &Letter) -> Option<String> {
        let web = self.links.way_out(letter)?;
        let mark = letter.facts.leave.as_ref()?.expose_secret();
        let mail = format!(", <mailto:{}?subject=unsubscribe%20{mark}>", self.reply_to);
        Some(format!("<{web}>{}", if self.is_read { &mail } else { "" }))
    }

    /// The words of a letter, and its meeting for the calendar: beside them, for programs that offer buttons, and
    /// attached, for those that want a file.
    fn with_calendar(
        &self,
        letter: &Letter,
        method: Method,
        meeting: &Meeting,
        url: String,
        words: MultiPart,
    ) -> Result<MultiPart, Unaddressable> {
        let (lang, facts) = (letter.lang, &letter.facts);
        let who = facts.who_short.as_deref().unwrap_or_default();
        let number = meeting.number.to_string();
        let event = Event {
            id: meeting.id,
            sequence: meeting.sequence,
            changed_at: meeting.changed_at,
            starts_at: meeting.starts_at,
            minutes: meeting.minutes.into(),
            sure: if method == Method::Cancel { Sure::Cancelled } else { Sure::Confirmed },
            summary: lang.fill("calendar.summary", &[("number", &number), ("who", who)]),
            description: lang.fill("calendar.description", &[("link", &url)]),
            place: meeting.place.clone(),
            url,
        };
        // Programs show the organizer as the sender, so it is the sender; the other person's address is nobody's business.
        let from = self.from.to_string();
        let organizer = Party { name: &self.programme.name, address: &from };
        let guest = Party { name: facts.name.as_deref().unwrap_or_default(), address: letter.to.as_str() };
        let file = invitation(method, &event, organizer, guest, self.domain());
        let form = |_| Unaddressable::Form;
        let kind = format!("text/calendar; method={}; charset=UTF-8", method.as_str());
        let kind = ContentType::parse(&kind).map_err(form)?;
        let attached = ContentType::parse("application/ics; name=\"invite.ics\"").map_err(form)?;
        Ok(MultiPart::mixed()
            .boundary(format!("mail-{}", letter.id.simple()))
            .multipart(words.singlepart(part(kind, file.clone())))
            .singlepart(Attachment::new("invite.ics".into()).body(file, attached)))
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

/// Where the reader may say that they want no more such mail (RFC 2369).
#[derive(Clone)]
struct ListUnsubscribe(String);
plain_header!(ListUnsubscribe(|ways| &ways.0): "List-Unsubscribe");

/// That a single request there does it (RFC 8058).
#[derive(Clone)]
struct ListUnsubscribePost;
plain_header!(ListUnsubscribePost(|_| "List-Unsubscribe=One-Click"): "List-Unsubscribe-Post");

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
