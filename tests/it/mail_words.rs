//! What letters say: every kind in both languages, and nothing that a name could do to them.

use chrono::{TimeDelta, Utc};
use coachnet::domain::{MailKind, Notice, Side};
use coachnet::i18n::Lang;
use coachnet::mail::{Facts, Letter, Links, Topic, Unaddressable};
use uuid::Uuid;

use crate::support::post::{BASE, FROM, Read, office};

const TOKEN: &str = "mZ4nV0cS1l8bQ2xk_-";

fn topics() -> Vec<Topic> {
    let accounts = MailKind::ALL.iter().map(|kind| Topic::Account(*kind));
    let notices = Notice::ALL.iter().map(|notice| Topic::Notice(*notice));
    accounts.chain(notices).chain([Topic::Test]).collect()
}

/// A letter with everything there could be to say.
fn letter(topic: Topic, lang: Lang, name: &str) -> Letter {
    let now = Utc::now();
    Letter {
        id: Uuid::now_v7(),
        to: "budi@contoh.test".parse().expect("an address"),
        lang,
        written_at: now,
        topic,
        facts: Facts {
            name: Some(name.into()),
            side: Some(Side::Coach),
            who: Some(name.into()),
            who_short: Some(name.into()),
            contact: Some("maria@contoh.test".into()),
            position: Some(name.into()),
            place: Some("Papua".into()),
            focus: vec!["Integritas".into(), "Kerja sama".into()],
            until: Some(now + TimeDelta::days(3)),
            choice: Some(2),
            reason: Some(name.into()),
            token: Some(TOKEN.into()),
            about: Some(Uuid::now_v7()),
            figures: vec![
                ("waiting", 2),
                ("offers", 2),
                ("sessions", 3),
                ("stuck", 4),
                ("dead", 5),
                ("coaches", 3),
                ("trouble", 0),
            ],
            ..Facts::default()
        },
    }
}

fn read(letter: &Letter) -> Read {
    let bytes = office().write(letter).expect("a message").formatted();
    for line in bytes.split(|byte| *byte == b'\n') {
        assert!(line.len() <= 998 && line.ends_with(b"\r") || line.is_empty(), "a line that RFC 5322 does not allow");
    }
    assert!(bytes.is_ascii() && bytes.len() < 20_000);
    Read::of(&bytes)
}

#[test]
fn every_kind_is_written_in_both_languages() {
    for topic in topics() {
        let mut subjects = Vec::new();
        for lang in Lang::ALL {
            for side in [Side::Coach, Side::Coachee] {
                let mut letter = letter(topic, lang, "Maria Rumbiak");
                letter.facts.side = Some(side);
                let mail = read(&letter);
                assert!((8..=60).contains(&mail.subject.chars().count()), "{topic:?}: {}", mail.subject);
                for said in [&mail.subject, &mail.text, &mail.html] {
                    assert!(
                        !said.contains("mail.about") && !said.contains("mail.d") && !said.contains("%{"),
                        "{topic:?} {lang:?}: {said}"
                    );
                }
                assert!(
                    mail.text.lines().all(|line| line.chars().count() <= 78 || line.starts_with(BASE)),
                    "{}",
                    mail.text
                );
                let links: Vec<&str> = mail.text.split_whitespace().filter(|word| word.starts_with(BASE)).collect();
                let has_account = !matches!(
                    topic,
                    Topic::Account(MailKind::Invitation | MailKind::SignUp | MailKind::CoachApplication)
                );
                let settings = format!("{BASE}/account");
                assert_eq!(links.contains(&settings.as_str()), has_account, "{topic:?}: {}", mail.text);
                let said = usize::from(has_account && links[0] != settings);
                assert_eq!(links.len(), 1 + said, "{topic:?}: {}", mail.text);
                for link in links {
                    assert!(mail.html.contains(&format!("<a href=\"{link}\">")), "{}", mail.html);
                }
                assert_eq!(mail.text.contains(TOKEN), Links::needs_secret(topic), "{topic:?}");
                assert_eq!(mail.header("Message-ID"), format!("<{}@jejaring.test>", letter.id));
                assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
                assert_eq!(mail.header("Content-Language"), lang.code());
                assert_eq!(mail.header("Reply-To"), "bantuan@jejaring.test");
                assert!(mail.header("From").contains(FROM) && !mail.header("Date").is_empty());
                assert_eq!((mail.to.as_str(), mail.header("To")), ("budi@contoh.test", "budi@contoh.test"));
                subjects.push(mail.subject);
            }
        }
        assert_ne!(subjects[0], subjects[2], "{topic:?} says the same in both languages");
    }
}

#[test]
fn a_letter_is_the_same_however_often_it_is_written() {
    let letter = letter(Topic::Notice(Notice::OfferAsked), Lang::Id, "M.R.");
    let write = || office().write(&letter).expect("a message").formatted();
    assert_eq!(write(), write());
}

#[test]
fn no_name_does_anything_to_a_letter() {
    let plain = read(&letter(Topic::Notice(Notice::PairingStarted), Lang::Id, "Maria"));
    let expected: Vec<&String> = plain.headers.iter().map(|(name, _)| name).collect();
    let long = "x".repeat(150);
    let hostile = [
        "\"><script>alert(1)</script>",
        "Ü, Dr.\r\nBcc: x@contoh.test",
        "a\nSubject: b\n\nc",
        "=?utf-8?q?Bcc:_x@contoh.test?=",
        "BEGIN:VEVENT\u{2028}END:VEVENT",
        "محمد \u{202E}gnol\u{202C} עברית",
        "%{link} %{programme} {{ 7*7 }}",
        "\r\n.\r\nMAIL FROM:<x@contoh.test>",
        "\0\u{7}\u{1b}[31m",
        &long,
        &"Ü".repeat(10_000)[..],
    ];
    for name in hostile {
        for topic in topics() {
            let letter = letter(topic, Lang::En, name);
            if name.len() > 1000 {
                // Longer than any name may be; it is enough that it stays a letter.
                Read::of(&office().write(&letter).expect("a message").formatted());
                continue;
            }
            let mail = read(&letter);
            let names: Vec<&String> = mail.headers.iter().map(|(name, _)| name).collect();
            let mut expected = expected.clone();
            expected.retain(|name| names.contains(name));
            assert_eq!(names, expected, "{topic:?} {name:?}");
            assert!(mail.subject.chars().count() <= 60 && !mail.subject.chars().any(char::is_control));
            assert!(!mail.html.contains("<script") && !mail.html.contains("\"><script"), "{}", mail.html);
            assert!(!mail.text.contains(['\u{202E}', '\0', '\u{1b}', '\u{2028}']), "{:?}", mail.text);
        }
    }
}

#[test]
fn names_arrive_as_they_are() {
    for name in ["Ni Luh Ayu Ü", "O'Neil \"Bob\" <b@contoh.test>", "محمد", "Dr. Ir. Budi, S.E., M.Si."] {
        let mail = read(&letter(Topic::Notice(Notice::AgreementSigned), Lang::Id, name));
        assert!(mail.subject.starts_with(name), "{}", mail.subject);
        assert!(mail.text.replace('\n', " ").contains(name), "{}", mail.text);
    }
}

#[test]
fn a_letter_without_its_secret_is_not_written() {
    let mut letter = letter(Topic::Account(MailKind::PasswordReset), Lang::Id, "Maria");
    letter.facts.token = None;
    assert_eq!(office().write(&letter).unwrap_err(), Unaddressable::Link);
    letter.facts.token = Some("../x?y=".into());
    assert_eq!(office().write(&letter).unwrap_err(), Unaddressable::Link);
}
