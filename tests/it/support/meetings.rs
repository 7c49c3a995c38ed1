//! Pairs that meet, and the mails that come of it.

use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use coachnet::domain::{Attendance, Mode, Side};
use coachnet::jobs::{Courier, Tally};
use coachnet::mail::Transport;
use coachnet::services::sessions::{self, Change, Wish};
use coachnet::services::slots::Rules;
use coachnet::services::{Act, ServiceResult, attendance};
use coachnet::store::pairings::Pairing;
use coachnet::store::sessions::Session;
use coachnet::store::{Db, Store};
use mail_parser::{MessageParser, MimeHeaders};

use super::post::{self, Read};
use super::programme::Programme;

/// Hours as the settings have them.
pub fn rules() -> Rules {
    let span = |text: &str| text.parse().expect("a span");
    Rules { office_hours: span("07:30-16:00"), friday_break: Some(span("11:30-13:00")) }
}

/// A wish for an online session of an hour.
pub fn wish(starts_at: DateTime<Utc>) -> Wish {
    let place = Some("https://rapat.contoh.go.id/b/7".to_owned());
    Wish { starts_at, minutes: 60, mode: Mode::Online, place, anyway: true }
}

/// A time in UTC.
pub fn at(month: u32, day: u32, hour: u32) -> DateTime<Utc> {
    let year = if month == 1 { 2027 } else { 2026 };
    let day = chrono::NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    day.and_hms_opt(hour, 0, 0).expect("a time").and_utc()
}

/// A coachee in Papua and a coach in Jakarta who are a pair, and a folder for their mail.
pub struct Meetings {
    pub programme: Programme,
    pub pairing: Pairing,
    pub folder: tempfile::TempDir,
    courier: std::cell::RefCell<Courier>,
}

impl Meetings {
    /// So many coachees; the first is the coach's.
    pub fn new(store: &Store, coachees: usize) -> Self {
        let programme = Programme::new(store, coachees, 1, 3);
        programme.tamper("UPDATE persons SET email = code || '@contoh.test'");
        let pairing = programme.pair(0, 0);
        let folder = tempfile::tempdir().expect("a folder");
        let courier = post::courier(store, Transport::folder(folder.path().to_owned()));
        let meetings = Self { programme, pairing, folder, courier: courier.into() };
        meetings.delivered();
        meetings
    }

    pub fn act(&self, side: Side) -> Act {
        self.programme.as_person(self.pairing.person(side))
    }

    fn write<T>(&self, side: Side, work: impl Fn(&mut Db, &Act) -> ServiceResult<T>) -> T {
        let act = self.act(side);
        self.programme.store.write(|db| work(db, &act)).expect("a step")
    }

    pub fn propose(&self, side: Side, wish: &Wish) -> Session {
        self.write(side, |db, act| sessions::propose(db, act, &rules(), self.pairing.id, wish))
    }

    pub fn confirm(&self, side: Side, session: &Session) -> Session {
        self.write(side, |db, act| sessions::confirm(db, act, session.id))
    }

    /// A session that both want.
    pub fn agree(&self, wish: &Wish) -> Session {
        let proposed = self.propose(Side::Coachee, wish);
        self.confirm(Side::Coach, &proposed)
    }

    pub fn reschedule(&self, side: Side, session: &Session, wish: &Wish) -> Session {
        let Wish { starts_at, minutes, mode, place, anyway } = wish.clone();
        let (minutes, mode, place) = (Some(minutes), Some(mode), Some(place.unwrap_or_default()));
        let to = Change { starts_at, minutes, mode, place, anyway };
        self.write(side, |db, act| sessions::reschedule(db, act, &rules(), session.id, &to))
    }

    pub fn cancel(&self, side: Side, session: &Session) -> Session {
        self.write(side, |db, act| sessions::cancel(db, act, session.id, Some("Rahasia: sakit")))
    }

    pub fn attend(&self, side: Side, session: &Session, word: Attendance) -> Session {
        self.write(side, |db, act| attendance::attend(db, act, session.id, word))
    }

    /// Lets time pass until a moment.
    pub fn pass_until(&self, moment: DateTime<Utc>) {
        let minutes = (moment - self.programme.now().time()).num_minutes();
        self.programme.pass(Duration::minutes(minutes));
    }

    /// Delivers what is due and says what became of it.
    pub fn deliver(&self) -> Tally {
        post::send_all(&mut self.courier.borrow_mut(), self.programme.now())
    }

    /// Delivers what is due, and gives the mails that came.
    pub fn delivered(&self) -> Vec<Read> {
        self.delivered_files().iter().map(|file| Read::of(file)).collect()
    }

    /// The same as files.
    pub fn delivered_files(&self) -> Vec<Vec<u8>> {
        let before = files(self.folder.path());
        let tally = self.deliver();
        assert_eq!((tally.dead, tally.later, tally.waiting), (0, 0, 0));
        let new = files(self.folder.path()).into_iter().filter(|file| !before.contains(file));
        new.map(|file| std::fs::read(file).expect("a file")).collect()
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// To whom, and about what.
pub fn told(mails: &[Read]) -> Vec<(&str, &str)> {
    mails.iter().map(|mail| (mail.to.as_str(), mail.subject.as_str())).collect()
}

/// A part of a mail for calendars: its type, the method named there, and its text.
#[derive(Debug, PartialEq, Eq)]
pub struct CalendarPart {
    pub kind: String,
    pub method: Option<String>,
    pub file: Option<String>,
    pub text: String,
}

/// The parts of a mail for calendars, in order.
pub fn calendar_parts(bytes: &[u8]) -> Vec<CalendarPart> {
    let message = MessageParser::default().parse(bytes).expect("a message");
    let part = |part: &mail_parser::MessagePart| {
        let kind = part.content_type()?;
        let name = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
        let is_calendar = ["text/calendar", "application/ics"].contains(&name.as_str());
        is_calendar.then(|| CalendarPart {
            kind: name,
            method: kind.attribute("method").map(ToOwned::to_owned),
            file: part.attachment_name().map(ToOwned::to_owned),
            text: String::from_utf8(part.contents().to_vec()).expect("UTF-8"),
        })
    };
    message.parts.iter().filter_map(part).collect()
}
