//! Meetings for calendars (RFC 5545 and 5546). Times are in UTC, which every calendar shows on its owner's clock
//! and which needs no definition of zones.
//!
//! Whatever comes from a person is on one line when it gets here, and is escaped here, in [`Lines`] alone.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::one_line as clean;

/// Octets of a line without its end; longer ones are folded (RFC 5545, 3.1).
const WIDTH: usize = 75;
/// Most characters of a text: longer than any name or place that we keep, and no calendar shows more.
const MAX_TEXT: usize = 600;
/// How long before a meeting the calendar speaks up, in minutes.
const ALARM: u8 = 30;
const PRODUCT: &str = "-//coachnet//ID";

/// What a calendar is to do with a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Take it in, or put it at its new time.
    Request,
    /// Take it out.
    Cancel,
}

impl Method {
    /// The word for it, in the calendar and in the type of the mail's part.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Request => "REQUEST",
            Method::Cancel => "CANCEL",
        }
    }
}

/// How sure a meeting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// One side has not said yes.
    Tentative,
    /// Both have.
    Confirmed,
    /// It was called off.
    Cancelled,
}

/// A meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The id of the session, by which calendars know it again.
    pub id: Uuid,
    /// How often it was changed.
    pub sequence: i32,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// How many minutes it lasts.
    pub minutes: i64,
    /// How sure it is.
    pub sure: Sure,
    /// What it is, in the reader's language.
    pub summary: String,
    /// What else there is to say.
    pub description: String,
    /// The address or the link.
    pub place: Option<String>,
    /// Where its page is.
    pub url: String,
}

/// Somebody with a name and an address for mail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Party<'a> {
    pub name: &'a str,
    pub address: &'a str,
}

/// An invitation to one person. Nobody else is named in it, so that no address gets to anybody by it.
pub(super) fn invitation(method: Method, event: &Event, organizer: Party, guest: Party, domain: &str) -> String {
    let mut lines = Lines::begin(method.as_str());
    lines.event(event, domain, |lines| {
        lines.party("ORGANIZER", "", organizer);
        let answer = match method {
            Method::Request => ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE",
            Method::Cancel => ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT",
        };
        lines.party("ATTENDEE", answer, guest);
    });
    lines.end()
}

/// A calendar to be read again and again, by its name and its meetings.
pub fn feed(name: &str, events: &[Event], domain: &str) -> String {
    let mut lines = Lines::begin("PUBLISH");
    lines.text("NAME", name);
    lines.text("X-WR-CALNAME", name);
    lines.line("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    lines.line("X-PUBLISHED-TTL:PT1H");
    for event in events {
        lines.event(event, domain, |_| {});
    }
    lines.end()
}

/// A calendar that is being written.
struct Lines(String);

impl Lines {
    fn begin(method: &str) -> Self {
        let mut lines = Self(String::new());
        lines.line("BEGIN:VCALENDAR");
        lines.line("VERSION:2.0");
        lines.line(&format!("PRODID:{PRODUCT}"));
        lines.line("CALSCALE:GREGORIAN");
        lines.line(&format!("METHOD:{method}"));
        lines
    }

    fn end(mut self) -> String {
        self.line("END:VCALENDAR");
        self.0
    }

    fn event(&mut self, event: &Event, domain: &str, people: impl FnOnce(&mut Self)) {
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{}@{domain}", event.id));
        self.line(&format!("SEQUENCE:{}", event.sequence));
        // Of two with the same number the later is the one that holds, so it is when the meeting was changed.
        self.line(&format!("DTSTAMP:{}", stamp(event.changed_at)));
        self.line(&format!("DTSTART:{}", stamp(event.starts_at)));
        self.line(&format!("DTEND:{}", stamp(event.starts_at + TimeDelta::minutes(event.minutes))));
        people(self);
        let (status, taken) = match event.sure {
            Sure::Tentative => ("TENTATIVE", "OPAQUE"),
            Sure::Confirmed => ("CONFIRMED", "OPAQUE"),
            Sure::Cancelled => ("CANCELLED", "TRANSPARENT"),
        };
        self.line(&format!("STATUS:{status}"));
        self.line(&format!("TRANSP:{taken}"));
        self.text("SUMMARY", &event.summary);
        self.text("DESCRIPTION", &event.description);
        if let Some(place) = &event.place {
            self.text("LOCATION", place);
        }
        self.line(&format!("URL:{}", event.url));
        if event.sure != Sure::Cancelled {
            self.line("BEGIN:VALARM");
            self.line("ACTION:DISPLAY");
            self.line(&format!("TRIGGER:-PT{ALARM}M"));
            self.text("DESCRIPTION", &event.summary);
            self.line("END:VALARM");
        }
        self.line("END:VEVENT");
    }

    /// A property whose value is text.
    fn text(&mut self, property: &str, text: &str) {
        let text: String = clean(text).chars().take(MAX_TEXT).collect();
        let mut line = format!("{property}:");
        for c in text.chars() {
            if matches!(c, '\\' | ';' | ',') {
                line.push('\\');
            }
            line.push(c);
        }
        self.line(&line);
    }

    /// A property that names somebody. A quote cannot be written inside quotes (RFC 5545, 3.2).
    fn party(&mut self, property: &str, parameters: &str, party: Party) {
        let name: String = clean(party.name).replace('"', "'").chars().take(MAX_TEXT).collect();
        let name = if name.is_empty() { String::new() } else { format!(";CN=\"{name}\"") };
        self.line(&format!("{property}{name}{parameters}:mailto:{}", in_uri(party.address)));
    }

    /// A line, folded between characters where it is too long.
    fn line(&mut self, line: &str) {
        let mut length = 0;
        for c in line.chars() {
            if length + c.len_utf8() > WIDTH {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(c);
            length += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// A moment in UTC, to the second.
fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// An address for mail inside an address of the form `mailto:` (RFC 6068).
fn in_uri(address: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_~+@!$'*".contains(&byte);
    address.bytes().fold(String::new(), |mut uri, byte| {
        if plain(byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_folded_between_characters() {
        let mut lines = Lines(String::new());
        lines.text("SUMMARY", &"é".repeat(300));
        assert!(lines.0.split("\r\n").all(|line| line.len() <= WIDTH), "{}", lines.0);
        assert_eq!(lines.0.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", "é".repeat(300)));
    }

    #[test]
    fn text_is_escaped_and_stays_one_property() {
        let mut lines = Lines(String::new());
        lines.text("LOCATION", "A; B, C\\ D\r\nBEGIN:VEVENT\u{2028}END:VEVENT \"x\"");
        assert_eq!(lines.0, "LOCATION:A\\; B\\, C\\\\ D BEGIN:VEVENT END:VEVENT \"x\"\r\n");
    }

    #[test]
    fn a_name_cannot_end_its_quotes() {
        let mut lines = Lines(String::new());
        lines.party(
            "ATTENDEE",
            ";RSVP=TRUE",
            Party { name: "B\"udi\";X=1:mailto:x@y\r\nA:", address: "b%+i@contoh.test" },
        );
        let line = lines.0.replace("\r\n ", "");
        assert_eq!(line, "ATTENDEE;CN=\"B'udi';X=1:mailto:x@y A:\";RSVP=TRUE:mailto:b%25+i@contoh.test\r\n");
    }
}
