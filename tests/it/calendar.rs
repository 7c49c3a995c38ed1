//! Sessions in calendars: invitations by mail that appear, move and vanish, whatever a name contains. They are read
//! here by a parser that knows nothing of the writer; `tests/calendar/run` has real calendars read them.

use coachnet::domain::{Mode, Side};
use coachnet::services::sessions::Wish;

use crate::support::meetings::{CalendarPart, Meetings, at, calendar_parts, wish};
use crate::support::post::Read;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    an_invitation_appears_moves_and_vanishes,
    what_was_never_agreed_on_is_in_no_calendar,
    no_name_or_place_does_anything_to_a_calendar,
);

/// A property: its name, its parameters and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    pub name: String,
    pub parameters: Vec<(String, String)>,
    pub value: String,
}

/// A component with what is inside.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    pub properties: Vec<Property>,
    pub inside: Vec<Component>,
}

impl Component {
    /// The value of a property that is there once.
    pub fn value(&self, name: &str) -> &str {
        &self.property(name).value
    }

    pub fn property(&self, name: &str) -> &Property {
        let found: Vec<_> = self.properties.iter().filter(|property| property.name == name).collect();
        assert_eq!(found.len(), 1, "{name}: {self:?}");
        found[0]
    }

    pub fn text(&self, name: &str) -> String {
        let mut text = String::new();
        let mut chars = self.value(name).chars();
        while let Some(c) = chars.next() {
            match (c, if c == '\\' { chars.next() } else { None }) {
                ('\\', Some('n' | 'N')) => text.push('\n'),
                ('\\', Some(escaped)) => text.push(escaped),
                (plain, _) => text.push(plain),
            }
        }
        text
    }
}

/// Reads a calendar, strictly: every line ends in CR LF and has at most 75 octets.
pub fn parse(text: &str) -> Component {
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim_end_matches("\r\n").split("\r\n") {
        assert!(line.len() <= 75, "{line}");
        match line.strip_prefix(' ') {
            Some(rest) => lines.last_mut().expect("a line before").push_str(rest),
            None => lines.push(line.to_owned()),
        }
    }
    let mut open = vec![Component::default()];
    for line in lines {
        let property = property(&line);
        match property.name.as_str() {
            "BEGIN" => open.push(Component { name: property.value, ..Component::default() }),
            "END" => {
                let done = open.pop().expect("an open component");
                assert_eq!(done.name, property.value);
                open.last_mut().expect("an outer one").inside.push(done);
            }
            _ => open.last_mut().expect("a component").properties.push(property),
        }
    }
    let mut outer = open.pop().expect("the outermost");
    assert!(open.is_empty() && outer.properties.is_empty() && outer.inside.len() == 1);
    outer.inside.remove(0)
}

fn property(line: &str) -> Property {
    let (mut parts, mut part, mut quoted, mut rest) = (Vec::new(), String::new(), false, line.chars());
    let value = loop {
        match rest.next().expect("a colon") {
            '"' => quoted = !quoted,
            ':' if !quoted => break rest.collect::<String>(),
            ';' if !quoted => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    };
    parts.push(part);
    let name = parts.remove(0);
    assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '-'), "{line}");
    let pair = |part: String| part.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())).expect("=");
    Property { name, parameters: parts.into_iter().map(pair).collect(), value }
}

/// The one event of an invitation by mail, and its method; as a part beside the words and attached it is the same.
fn invitation(mail: &[u8]) -> (String, Component) {
    let parts = calendar_parts(mail);
    assert_eq!(parts.len(), 2, "{parts:?}");
    let [CalendarPart { kind, method, text, .. }, attached] = &parts[..] else { panic!("two parts") };
    assert_eq!((kind.as_str(), attached.kind.as_str()), ("text/calendar", "application/ics"));
    assert_eq!((attached.file.as_deref(), &attached.text), (Some("invite.ics"), text));
    let raw = String::from_utf8_lossy(mail);
    assert!(raw.contains("multipart/mixed") && raw.contains("multipart/alternative"), "{raw}");
    let mut calendar = parse(text);
    assert_eq!(Some(calendar.value("METHOD")), method.as_deref(), "the method stands in both places");
    assert_eq!((calendar.name.as_str(), calendar.value("VERSION")), ("VCALENDAR", "2.0"));
    assert_eq!(calendar.inside.len(), 1);
    (calendar.value("METHOD").to_owned(), calendar.inside.remove(0))
}

fn an_invitation_appears_moves_and_vanishes(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = meetings.agree(&wish(at(11, 30, 0)));
    let uid = format!("{}@jejaring.test", session.id);
    let mails = meetings.delivered_files();
    assert_eq!(mails.len(), 2);
    for (mail, reader, other) in [(&mails[0], "e0", "Coach c0"), (&mails[1], "c0", "Coachee e0")] {
        let (method, event) = invitation(mail);
        assert_eq!((method.as_str(), event.value("UID"), event.value("SEQUENCE")), ("REQUEST", uid.as_str(), "1"));
        assert_eq!((event.value("DTSTART"), event.value("DTEND")), ("20261130T000000Z", "20261130T010000Z"));
        assert_eq!(event.value("DTSTAMP"), "20261122T030405Z");
        assert_eq!((event.value("STATUS"), event.text("LOCATION")), ("CONFIRMED", wish(at(11, 30, 0)).place.unwrap()));
        assert_eq!(event.text("SUMMARY"), format!("Sesi 1: coaching dengan {other}"));
        assert_eq!(event.value("URL"), format!("https://jejaring.test/sessions/{}", session.id));
        assert_eq!(event.value("ORGANIZER"), "mailto:coach@jejaring.test");
        let guest = event.property("ATTENDEE");
        assert_eq!(guest.value, format!("mailto:{reader}@contoh.test"), "nobody but the reader is named");
        for (name, value) in [("PARTSTAT", "NEEDS-ACTION"), ("RSVP", "TRUE"), ("ROLE", "REQ-PARTICIPANT")] {
            assert!(guest.parameters.contains(&(name.into(), value.into())), "{guest:?}");
        }
        let alarm = &event.inside[0];
        assert_eq!((alarm.name.as_str(), alarm.value("TRIGGER")), ("VALARM", "-PT30M"));
        assert!(Read::of(mail).header("From").contains("coach@jejaring.test"), "the organizer is the sender");
    }
    meetings.programme.pass(chrono::Duration::minutes(5));
    let moved = meetings.reschedule(Side::Coach, &session, &wish(at(12, 1, 1)));
    let (method, event) = invitation(&meetings.delivered_files()[0]);
    assert_eq!((method.as_str(), event.value("UID"), event.value("SEQUENCE")), ("REQUEST", uid.as_str(), "2"));
    assert_eq!((event.value("DTSTART"), event.value("DTSTAMP")), ("20261201T010000Z", "20261122T030905Z"));
    meetings.programme.pass(chrono::Duration::minutes(5));
    meetings.cancel(Side::Coachee, &moved);
    let (method, event) = invitation(&meetings.delivered_files()[1]);
    assert_eq!((method.as_str(), event.value("UID"), event.value("SEQUENCE")), ("CANCEL", uid.as_str(), "3"));
    assert_eq!((event.value("STATUS"), event.value("ATTENDEE")), ("CANCELLED", "mailto:c0@contoh.test"));
    assert!(event.inside.is_empty(), "what is called off rings no bell");
}

fn what_was_never_agreed_on_is_in_no_calendar(db: &TestDb) {
    let meetings = Meetings::new(&db.store, 1);
    let session = meetings.propose(Side::Coachee, &wish(at(11, 30, 0)));
    let asked = meetings.delivered_files();
    assert!(calendar_parts(&asked[0]).is_empty());
    meetings.programme.pass(chrono::Duration::minutes(5));
    meetings.cancel(Side::Coachee, &session);
    let off = meetings.delivered_files();
    assert!(off.len() == 2 && off.iter().all(|mail| calendar_parts(mail).is_empty()));
}

fn no_name_or_place_does_anything_to_a_calendar(db: &TestDb) {
    let long = "Ü".repeat(500);
    let hostile = [
        "Aula\r\nEND:VEVENT\r\nBEGIN:VEVENT",
        "A\u{2028}BEGIN:VEVENT\u{2029}X",
        "\"; ALTREP=\"http://x\":y, \\n \\",
        "محمد \u{202E}gnol\u{202C} עברית",
        "\u{7}\u{1b}[31m BEGIN:VALARM",
        "%{who} {{ 7*7 }} <b>",
        &long,
    ];
    let meetings = Meetings::new(&db.store, 1);
    for (hour, text) in (0..).zip(hostile) {
        let quoted = text.replace('\'', "''");
        let name: String = quoted.chars().take(150).collect();
        meetings.programme.tamper(&format!("UPDATE persons SET full_name = '{name}'"));
        let place = Some(text.to_owned());
        meetings.agree(&Wish { mode: Mode::InPerson, place, ..wish(at(11, 30, hour)) });
        for mail in meetings.delivered_files() {
            let (_, event) = invitation(&mail);
            assert_eq!(event.inside.len(), 1, "{event:?}");
            let names: Vec<&str> = event.properties.iter().map(|property| property.name.as_str()).collect();
            let expected = [
                "UID",
                "SEQUENCE",
                "DTSTAMP",
                "DTSTART",
                "DTEND",
                "ORGANIZER",
                "ATTENDEE",
                "STATUS",
                "TRANSP",
                "SUMMARY",
                "DESCRIPTION",
                "LOCATION",
                "URL",
            ];
            assert_eq!(names, expected);
            let guest = event.property("ATTENDEE");
            let keys: Vec<&str> = guest.parameters.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(keys, ["CN", "CUTYPE", "ROLE", "PARTSTAT", "RSVP"]);
            let said = event.text("LOCATION");
            assert!(!said.contains(['\r', '\n', '\u{2028}', '\u{202E}', '\u{1b}']), "{said:?}");
            assert!(Read::of(&mail).subject.chars().count() <= 60);
        }
    }
}
