//! What a letter says, in the reader's language, before it is text or HTML.
//!
//! The sentences are in `locales/`, below `mail`. Whatever comes from a person is made harmless in one
//! place, [`clean`](crate::domain::one_line); HTML is escaped by its template besides.

use super::letter::{Facts, Letter, Topic};
use super::links::Links;
use crate::domain::{Notice, Side, Zone, one_line as clean};
use crate::i18n::Lang;

/// Of a request that went out: there is no next choice to tell of.
const ONE_COACH: (&str, i64) = ("coaches", 1);
/// The figure of what is wrong with the service itself, in the digest of whoever runs it.
pub const TROUBLE: &str = "trouble";
/// Most characters of a subject; phones show no more.
const MAX_SUBJECT: usize = 60;

/// The programme as letters name it.
#[derive(Debug, Clone)]
pub(super) struct Programme {
    /// Its name.
    pub name: String,
    /// Whom to ask for help; may be empty.
    pub contact: String,
}

/// The words of a letter.
#[derive(Debug)]
pub(super) struct Wording {
    pub lang: Lang,
    pub programme: String,
    pub subject: String,
    pub greeting: String,
    pub paragraphs: Vec<String>,
    /// Facts, each with a label.
    pub details: Vec<(String, String)>,
    /// What the link is for, and the link.
    pub link: Option<(String, String)>,
    /// What else there is to open, with its words.
    pub further: Vec<(String, String)>,
    /// Why the reader gets this, and whom to ask.
    pub foot: Vec<String>,
    /// Where the reader sets which mail comes, in words, and its link.
    pub settings: Option<(String, String)>,
    /// The way out of mail of this class, in words, and its link.
    pub way_out: Option<(String, String)>,
}

impl Wording {
    /// Finds the words. None when the letter lacks what its link is made of.
    pub(super) fn of(letter: &Letter, programme: &Programme, links: &Links) -> Option<Self> {
        let (lang, facts, key) = (letter.lang, &letter.facts, key(letter));
        let link = links.of(letter)?;
        let (name, contact) = (clean(&programme.name), clean(&programme.contact));
        let given = |value: &Option<String>| value.as_deref().map(clean).unwrap_or_default();
        let known = values(lang, facts);
        let values = |who: &Option<String>| {
            let mut values = known.clone();
            values.extend([("programme", name.clone()), ("who", given(who))]);
            values
        };
        let text = fill(lang, &format!("{key}.text"), &values(&facts.who));
        let reader = given(&facts.name);
        let greeting = match reader.as_str() {
            "" => lang.tr("mail.greeting.plain").into_owned(),
            reader => lang.fill("mail.greeting.named", &[("name", reader)]),
        };
        Some(Self {
            lang,
            subject: subject(lang, &format!("{key}.subject"), values(&facts.who_short)),
            greeting,
            paragraphs: text.split("\n\n").map(|paragraph| paragraph.trim().to_owned()).collect(),
            details: details(letter),
            link: Some((lang.tr(&format!("{key}.action")).into_owned(), link)),
            further: further(letter, links),
            foot: foot(letter, &name, &contact),
            settings: links.settings(letter.topic).map(|link| (lang.tr("mail.foot.settings").into_owned(), link)),
            way_out: links.way_out(letter).map(|link| (lang.tr("mail.foot.way_out").into_owned(), link)),
            programme: name,
        })
    }
}

/// Where the sentences of a letter are.
fn key(letter: &Letter) -> String {
    let topic = match letter.topic {
        Topic::Account(kind) => kind.as_str(),
        // The coachee let a proposal pass, the coach a request: two different things to read.
        Topic::Notice(Notice::OfferExpired) if letter.facts.side == Some(Side::Coachee) => "proposal_expired",
        Topic::Notice(Notice::OfferReminder) if letter.facts.side == Some(Side::Coachee) => "proposal_reminder",
        // Who asked and who said yes have different first steps.
        Topic::Notice(Notice::PairingStarted) if letter.facts.side == Some(Side::Coach) => "pairing_accepted",
        Topic::Notice(Notice::RequestSent) if letter.facts.figures.contains(&ONE_COACH) => "request_sent_to_one",
        Topic::Notice(Notice::AdminDigest) if troubled(&letter.facts) => "admin_digest_of_trouble",
        Topic::Notice(notice) => notice.as_str(),
        Topic::Test => "test",
    };
    format!("mail.about.{topic}")
}

/// Whether something is wrong with the service itself, which then stands first.
fn troubled(facts: &Facts) -> bool {
    facts.figures.iter().any(|(name, number)| *name == TROUBLE && *number > 0)
}

/// What sentences may name, besides people.
fn values(lang: Lang, facts: &Facts) -> Vec<(&'static str, String)> {
    let zone = facts.zone.unwrap_or(Zone::Wib);
    let meeting = facts.meeting.as_ref();
    let starts_at = meeting.map(|meeting| meeting.starts_at);
    let mut values = vec![
        ("day", facts.until.map(|until| lang.day_in(until, zone)).unwrap_or_default()),
        ("choice", facts.choice.map(|choice| choice.to_string()).unwrap_or_default()),
        ("number", meeting.map(|meeting| meeting.number.to_string()).unwrap_or_default()),
        ("when", starts_at.map(|at| lang.short_moment(at, zone)).unwrap_or_default()),
        ("date", starts_at.map(|at| lang.short_day(at, zone)).unwrap_or_default()),
    ];
    values.extend(facts.figures.iter().map(|(name, number)| (*name, lang.number(*number))));
    values
}

fn details(letter: &Letter) -> Vec<(String, String)> {
    let (lang, facts) = (letter.lang, &letter.facts);
    let until = if matches!(letter.topic, Topic::Account(_)) { "valid_until" } else { "answer_by" };
    let focus = Some(facts.focus.join(", ")).filter(|focus| !focus.is_empty());
    let zone = facts.zone.unwrap_or(Zone::Wib);
    let clock = |at| lang.meeting(at, zone, facts.other_zone);
    let meeting = facts.meeting.as_ref();
    let minutes = |minutes: i16| lang.fill("mail.detail.minutes", &[("minutes", &minutes.to_string())]);
    let all = [
        ("position", facts.position.clone()),
        ("place", facts.place.clone()),
        ("focus", focus),
        ("contact", facts.contact.clone()),
        ("reason", facts.reason.clone()),
        ("certificate", facts.certificate.map(|issued| certificate(lang, issued))),
        ("code", facts.code.as_ref().map(ToString::to_string)),
        (until, facts.until.map(|until| lang.moment_in(until, zone))),
        ("when", meeting.map(|meeting| clock(meeting.starts_at))),
        ("was", facts.was.map(clock)),
        ("duration", meeting.map(|meeting| minutes(meeting.minutes))),
        ("mode", meeting.map(|meeting| lang.tr(&format!("mail.mode.{}", meeting.mode)).into_owned())),
        ("venue", meeting.and_then(|meeting| meeting.place.clone())),
        ("by", meeting.and_then(|meeting| meeting.by.clone())),
    ];
    let known = all.into_iter().filter_map(|(label, value)| {
        let value = clean(&value?);
        (!value.is_empty()).then(|| (lang.tr(&format!("mail.detail.{label}")).into_owned(), value))
    });
    known.chain(facts.items.iter().map(|(label, value)| (clean(label), clean(value)))).collect()
}

fn certificate(lang: Lang, issued: bool) -> String {
    lang.tr(if issued { "mail.certificate.issued" } else { "mail.certificate.none" }).into_owned()
}

/// What may be opened besides the page that the letter is about.
fn further(letter: &Letter, links: &Links) -> Vec<(String, String)> {
    let said = |words: &str, link| (letter.lang.tr(words).into_owned(), link);
    let check = letter.facts.code.as_ref().map(|code| said("mail.certificate.check", links.certificate(code)));
    let opening = letter.facts.opening.as_ref().and_then(|secret| links.opening(secret));
    check.into_iter().chain(opening.map(|link| said("mail.opening", link))).collect()
}

fn foot(letter: &Letter, programme: &str, contact: &str) -> Vec<String> {
    let lang = letter.lang;
    let why = match letter.topic {
        Topic::Account(_) => "mail.foot.account",
        Topic::Notice(_) => "mail.foot.notice",
        Topic::Test => "mail.foot.test",
    };
    let mut foot = vec![lang.fill(why, &[("programme", programme)])];
    if Links::needs_secret(letter.topic) {
        foot.push(lang.tr("mail.foot.ignore").into_owned());
    }
    if !contact.is_empty() {
        foot.push(lang.fill("mail.foot.help", &[("contact", contact)]));
    }
    foot
}

fn fill(lang: Lang, key: &str, values: &[(&str, String)]) -> String {
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lang.fill(key, &values)
}

/// A subject that is short enough: names give way, and if there is none, the longest value.
fn subject(lang: Lang, key: &str, mut values: Vec<(&'static str, String)>) -> String {
    let template = lang.tr(key).into_owned();
    loop {
        let subject = fill(lang, key, &values);
        let excess = subject.chars().count().saturating_sub(MAX_SUBJECT);
        let used = values.iter_mut().filter(|(name, _)| template.contains(&format!("%{{{name}}}")));
        let gives_way = |name: &str, length: usize| (length > 1 && ["who", "programme"].contains(&name), length);
        let longest = used.max_by_key(|(name, value)| gives_way(name, value.chars().count()));
        let Some((_, longest)) = longest else { return subject };
        let length = longest.chars().count();
        if excess == 0 || length <= 1 {
            return subject.chars().take(MAX_SUBJECT).collect();
        }
        let kept: String = longest.chars().take(length.saturating_sub(excess + 1)).collect();
        *longest = format!("{}…", kept.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_on_its_line() {
        assert_eq!(clean("Ü, Dr.\r\nBcc: x@y"), "Ü, Dr. Bcc: x@y");
        assert_eq!(clean("a\u{2028}b\u{2029}c\0d\u{85}e"), "a b c d e");
        assert_eq!(clean("\u{202E}evil\u{2066}"), "evil");
        assert_eq!(clean("محمد"), "محمد");
    }

    #[test]
    fn a_subject_is_short_and_keeps_its_sentence() {
        for length in [1, 20, 150, 10_000] {
            let values =
                vec![("who", "x".repeat(length)), ("day", "Rabu, 25 November".to_owned()), ("choice", "2".into())];
            let subject = subject(Lang::Id, "mail.about.offer_asked.subject", values);
            assert!(subject.chars().count() <= MAX_SUBJECT, "{subject}");
            assert!(subject.ends_with("Rabu, 25 November"), "{subject}");
        }
    }
}
