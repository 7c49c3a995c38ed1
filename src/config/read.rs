//! Reading the settings: which layer gives which value, and what is said when one is wrong.

use std::path::Path;

use figment::error::{Actual, Kind};
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::address::{is_base, is_origin};
use super::{Config, MailRoute};

/// The documented defaults, as text.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

const VARIABLE_PREFIX: &str = "COACHNET__";

/// Similarity from which a key counts as a slip of the finger for another.
const NEAR: f64 = 0.7;

/// One value given outside files, with the words for where it came from.
#[derive(Clone)]
pub struct Setting {
    /// The key with a dot, e.g. `server.port`.
    pub key: String,
    /// The value as it was written.
    pub text: String,
    /// Where it came from, e.g. `the flag --port`.
    pub source: String,
}

impl Setting {
    /// A value given as a flag of the command line.
    pub fn flag(flag: &str, key: &str, value: impl ToString) -> Self {
        Self { key: key.into(), text: value.to_string(), source: format!("the flag {flag}") }
    }

    /// The value a variable gives, if the variable is one of ours.
    fn variable(name: String, text: String) -> Option<Self> {
        let key = name.strip_prefix(VARIABLE_PREFIX)?.to_lowercase().replace("__", ".");
        Some(Self { key, text, source: format!("the variable {name}") })
    }

    /// A text stays a text where a text is wanted, even if it looks like a number.
    fn value(&self, defaults: &Figment) -> Value {
        match defaults.find_value(&self.key) {
            Ok(Value::String(..)) => Value::from(self.text.clone()),
            _ => self.text.trim().parse().unwrap_or_else(|never: std::convert::Infallible| match never {}),
        }
    }
}

struct Given {
    source: String,
    dict: Dict,
}

impl Provider for Given {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}

/// Everything that is wrong with the settings, one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads the settings of this process: the file if one is named, the variables, the flags.
    ///
    /// # Errors
    /// Names every unknown key and every wrong value, where it came from and what would be right.
    pub fn load(file: Option<&Path>, flags: Vec<Setting>) -> Result<Self, ConfigError> {
        // A variable that is no text cannot be meant for us unless its name says so.
        let variables = std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.to_string_lossy().into_owned())));
        Self::load_with(file, variables, flags)
    }

    /// Like [`Self::load`], with the variables given.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_with(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
        flags: Vec<Setting>,
    ) -> Result<Self, ConfigError> {
        let defaults = Figment::from(Toml::string(DEFAULTS));
        let mut given = Vec::new();
        if let Some(file) = file {
            given.push(read_file(file)?);
        }
        let mut settings: Vec<Setting> =
            variables.into_iter().filter_map(|(name, text)| Setting::variable(name, text)).collect();
        settings.sort_by(|a, b| a.key.cmp(&b.key));
        settings.extend(flags);
        for setting in settings {
            let nested = figment::util::nest(&setting.key, setting.value(&defaults));
            let dict = nested.into_dict().unwrap_or_default();
            given.push(Given { source: setting.source, dict });
        }
        let keys = keys_of(&defaults)?;
        let unknown: Vec<String> = given.iter().flat_map(|part| unknown_keys(part, &keys)).collect();
        if !unknown.is_empty() {
            return Err(ConfigError(unknown));
        }
        let figment = given.into_iter().fold(defaults, Figment::merge);
        let mut config: Config = figment.extract().map_err(|error| explain(&figment, error))?;
        // A pair gone quiet is one thing, whether the two are asked or the programme is told.
        config.monitoring.quiet_days = config.sessions.quiet_days;
        config.check(&figment)?;
        Ok(config)
    }

    /// Checks ranges; types are checked while reading.
    fn check(&self, figment: &Figment) -> Result<(), ConfigError> {
        let (server, database, accounts, demo) = (&self.server, &self.database, &self.accounts, &self.demo);
        let mail = &self.mail;
        let often = |times: u32| (1..=1_000_000).contains(&times);
        let in_days = |days: u16| (1..=3650).contains(&days);
        let name_length = self.programme.name.trim().chars().count();
        let wrong: Vec<String> = [
            ("server.workers", server.workers <= 256),
            ("server.read_timeout_seconds", (1..=300).contains(&server.read_timeout_seconds)),
            ("server.max_body_bytes", (1024..=1 << 30).contains(&server.max_body_bytes)),
            ("server.max_waiting", (1..=10_000).contains(&server.max_waiting)),
            ("server.shutdown_seconds", server.shutdown_seconds <= 300),
            ("database.url", database.url.is_known()),
            ("database.pool_size", (1..=200).contains(&database.pool_size)),
            ("database.wait_seconds", (1..=60).contains(&database.wait_seconds)),
            ("database.statement_seconds", (1..=600).contains(&database.statement_seconds)),
            ("accounts.issuer", (1..=200).contains(&accounts.issuer.trim().chars().count())),
            ("accounts.access_minutes", (1..=60).contains(&accounts.access_minutes)),
            ("accounts.password_memory_kib", (8..=1 << 20).contains(&accounts.password_memory_kib)),
            ("accounts.password_passes", (1..=20).contains(&accounts.password_passes)),
            ("server.public_url", is_base(&server.public_url)),
            ("server.cors_origins", server.cors_origins.iter().all(|origin| is_origin(origin))),
            ("mail.url", mail.url.route().is_some()),
            ("mail.from", is_address(&mail.from) && !self.sends_from_nowhere()),
            ("mail.reply_to", mail.reply_to.is_empty() || is_address(&mail.reply_to)),
            ("mail.connections", (1..=64).contains(&mail.connections)),
            ("mail.timeout_seconds", (1..=300).contains(&mail.timeout_seconds)),
            ("mail.tries", (1..=100).contains(&mail.tries)),
            ("mail.keep_days", (7..=3650).contains(&mail.keep_days)),
            ("limits.account_changes_per_minute", often(self.limits.account_changes_per_minute)),
            ("limits.address_changes_per_minute", often(self.limits.address_changes_per_minute)),
            ("limits.questions_per_day", often(self.limits.questions_per_day)),
            ("limits.choices_per_day", often(self.limits.choices_per_day)),
            ("sessions.quiet_days", (7..=365).contains(&self.sessions.quiet_days)),
            ("monitoring.unasked_days", in_days(self.monitoring.unasked_days)),
            ("monitoring.proposal_days", in_days(self.monitoring.proposal_days)),
            ("monitoring.offer_days", in_days(self.monitoring.offer_days)),
            ("monitoring.agreement_days", in_days(self.monitoring.agreement_days)),
            ("monitoring.pairing_days", in_days(self.monitoring.pairing_days)),
            ("privacy.erasure_days", self.privacy.erasure_days <= 90),
            ("programme.name", (1..=80).contains(&name_length)),
            ("programme.contact", self.programme.contact.chars().count() <= 120),
            ("demo.coachees", (1..=10_000_000).contains(&demo.coachees)),
            ("demo.coaches", (1..=1_000_000).contains(&demo.coaches)),
            ("demo.seed", i64::try_from(demo.seed).is_ok()),
        ]
        .into_iter()
        .filter(|(_, right)| !right)
        .map(|(key, _)| wrong_value(figment, key))
        .collect();
        if wrong.is_empty() { Ok(()) } else { Err(ConfigError(wrong)) }
    }
}

impl Config {
    /// Whether mail would go to a server with an address that nobody can have.
    fn sends_from_nowhere(&self) -> bool {
        self.mail.from.ends_with(".invalid") && matches!(self.mail.url.route(), Some(MailRoute::Smtp(_)))
    }
}

fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok_and(|address| address.domain().contains('.') && text.is_ascii())
}

fn read_file(file: &Path) -> Result<Given, ConfigError> {
    let place = file.display();
    let one = |line: String| ConfigError(vec![line]);
    let text = std::fs::read_to_string(file)
        .map_err(|why| one(format!("the configuration file {place} cannot be read: {why}")))?;
    let dict = <Toml as Format>::from_str::<Dict>(&text).map_err(|why| {
        // The parser would quote the line, which may hold a password.
        let line = 1 + why.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count());
        one(format!("the configuration file {place} is not TOML: line {line}: {}", why.message().replace('\n', " ")))
    })?;
    Ok(Given { source: format!("the file {place}"), dict })
}

/// Every key there is, as `section.key`.
fn keys_of(defaults: &Figment) -> Result<Vec<String>, ConfigError> {
    let all: Dict = defaults.extract().map_err(|why| ConfigError(vec![format!("built-in defaults: {why}")]))?;
    Ok(leaves(&all))
}

fn leaves(dict: &Dict) -> Vec<String> {
    dict.iter()
        .flat_map(|(name, value)| match value.as_dict() {
            Some(inner) => leaves(inner).into_iter().map(|key| format!("{name}.{key}")).collect(),
            None => vec![name.clone()],
        })
        .collect()
}

fn unknown_keys(given: &Given, keys: &[String]) -> Vec<String> {
    let is_section = |key: &str| keys.iter().any(|k| k.split_once('.').is_some_and(|(section, _)| section == key));
    leaves(&given.dict)
        .into_iter()
        .filter(|key| !keys.contains(key) && !is_section(key))
        .map(|key| {
            let nearest = keys
                .iter()
                .map(|known| (strsim::jaro_winkler(&key, known), known))
                .filter(|(similarity, _)| *similarity >= NEAR)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let hint = nearest.map_or(String::new(), |(_, known)| format!("; did you mean {known}?"));
            format!("{key} (from {}) is no setting{hint}", given.source)
        })
        .collect()
}

fn explain(figment: &Figment, error: figment::Error) -> ConfigError {
    let lines = error.into_iter().map(|error| {
        let key = error.path.join(".");
        match error.kind {
            Kind::MissingField(field) => format!("{key}.{field} is missing"),
            Kind::InvalidType(Actual::Map, _) => wrong_value(figment, &key),
            _ if key.contains('.') => wrong_value(figment, &key),
            _ => format!("{key} (from {}) is a section, written [{key}], with keys below it", source(figment, &key)),
        }
    });
    ConfigError(lines.collect())
}

/// What is wrong with a value, in the words of the defaults file.
fn wrong_value(figment: &Figment, key: &str) -> String {
    let found = match figment.find_value(key) {
        // A URL may hold a password, and keys are secret.
        Ok(value) if !["database.url", "secrets.keys", "mail.url"].iter().any(|secret| key.starts_with(secret)) => {
            shown(&value)
        }
        _ => "this value".into(),
    };
    format!("{key}: {found} (from {}) is not right. {}", source(figment, key), documentation(key))
}

fn shown(value: &Value) -> String {
    match value.to_actual() {
        Actual::Str(text) => format!("\"{text}\""),
        Actual::Unsigned(number) => number.to_string(),
        Actual::Signed(number) => number.to_string(),
        Actual::Float(number) => number.to_string(),
        other => other.to_string(),
    }
}

fn source(figment: &Figment, key: &str) -> String {
    figment.find_metadata(key).map_or_else(|| "the built-in defaults".into(), |metadata| metadata.name.to_string())
}

/// The comment above a key in the defaults file.
fn documentation(key: &str) -> String {
    let Some((section, name)) = key.split_once('.') else { return String::new() };
    let section = DEFAULTS.lines().skip_while(|line| *line != format!("[{section}]")).skip(1);
    let mut comment = Vec::new();
    for line in section.take_while(|line| !line.starts_with('[')) {
        match line.strip_prefix("# ") {
            Some(text) => comment.push(text),
            None if line.starts_with(&format!("{name} =")) => break,
            None => comment.clear(),
        }
    }
    comment.join(" ")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::config::LogFormat;

    fn load(file: &str, variables: &[(&str, &str)], flags: Vec<Setting>) -> Result<Config, String> {
        let mut on_disk = tempfile::NamedTempFile::new().unwrap();
        on_disk.write_all(file.as_bytes()).unwrap();
        let variables = variables.iter().map(|(name, text)| ((*name).into(), (*text).into()));
        let path = on_disk.path().display().to_string();
        Config::load_with(Some(on_disk.path()), variables, flags).map_err(|e| e.to_string().replace(&path, "my.toml"))
    }

    #[test]
    fn a_fresh_machine_needs_no_setting() {
        let config = Config::load_with(None, [], Vec::new()).unwrap();
        assert_eq!(config.server.port, 8080);
        assert_eq!(config.database.url.expose(), "sqlite:coachnet.sqlite3");
        assert_eq!((config.demo.coachees, config.demo.coaches, config.demo.seed), (2000, 500, 1));
    }

    #[test]
    fn patience_is_as_the_programme_has_it() {
        let config = Config::load_with(None, [], Vec::new()).unwrap();
        assert_eq!(config.monitoring, crate::domain::Patience::default());
        let quiet = load("[sessions]\nquiet_days = 30", &[], Vec::new()).unwrap();
        assert_eq!(quiet.monitoring.quiet_days, 30, "one setting for both");
        let error = load("[monitoring]\noffer_days = 0\npairing_days = 4000", &[], Vec::new()).unwrap_err();
        assert!(error.contains("monitoring.offer_days") && error.contains("monitoring.pairing_days"), "{error}");
    }

    #[test]
    fn each_layer_is_stronger_than_the_one_before() {
        let file = "[server]\nport = 1001\nworkers = 3\nmax_waiting = 9\n[log]\nformat = \"json\"";
        let variables = [("COACHNET__SERVER__PORT", "1002"), ("COACHNET__SERVER__WORKERS", "4"), ("PATH", "/bin")];
        let config = load(file, &variables, vec![Setting::flag("--port", "server.port", 1003)]).unwrap();
        assert_eq!((config.server.port, config.server.workers, config.server.max_waiting), (1003, 4, 9));
        assert_eq!(config.log.format, LogFormat::Json);
    }

    #[test]
    fn a_text_may_look_like_a_number() {
        let config = load("", &[("COACHNET__PROGRAMME__CONTACT", "1500")], Vec::new()).unwrap();
        assert_eq!(config.programme.contact, "1500");
    }

    #[test]
    fn a_wrong_value_is_named_with_its_source_and_what_would_be_right() {
        let right = "The TCP port to listen on: 0 to 65535; 0 takes a free one.";
        let error = load("", &[("COACHNET__SERVER__PORT", "http")], Vec::new()).unwrap_err();
        assert_eq!(
            error,
            format!("server.port: \"http\" (from the variable COACHNET__SERVER__PORT) is not right. {right}")
        );
        let error = load("[server]\nport = 70000", &[], Vec::new()).unwrap_err();
        assert!(error.starts_with("server.port: 70000 (from the file my.toml) is not right."), "{error}");
        let error = load("", &[], vec![Setting::flag("--host", "server.host", "nowhere")]).unwrap_err();
        assert!(error.contains("server.host") && error.contains("the flag --host"), "{error}");
        let error = load("[server]\nmax_waiting = 0\n[log]\nlevel = \"loud\"", &[], Vec::new()).unwrap_err();
        assert!(error.contains("log.level") && error.contains("error, warn, info, debug, trace"), "{error}");
        let error = load("server = 5", &[], Vec::new()).unwrap_err();
        assert!(error.contains("[server]") && error.contains("my.toml"), "{error}");
    }

    #[test]
    fn every_value_out_of_range_is_named() {
        let file = "[server]\nmax_waiting = 0\n[demo]\ncoaches = 0\n[programme]\nname = \" \"";
        let error = load(file, &[], Vec::new()).unwrap_err();
        assert_eq!(error.lines().count(), 3, "{error}");
        for key in ["server.max_waiting", "demo.coaches", "programme.name"] {
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest() {
        let error = load("[sever]\nport = 1", &[], Vec::new()).unwrap_err();
        assert_eq!(error, "sever.port (from the file my.toml) is no setting; did you mean server.port?");
        let error = load("", &[("COACHNET__DATABASE__URI", "x")], Vec::new()).unwrap_err();
        assert_eq!(
            error,
            "database.uri (from the variable COACHNET__DATABASE__URI) is no setting; did you mean database.url?"
        );
        let error = load("zzz = 1", &[], Vec::new()).unwrap_err();
        assert_eq!(error, "zzz (from the file my.toml) is no setting");
    }

    #[test]
    fn a_password_shows_in_no_error_and_in_no_debug_output() {
        let secret = "hunter2";
        let url = format!("postgres://ncn:{secret}@db/ncn");
        let wrong = format!("mysql://ncn:{secret}@db/ncn");
        for (file, variable) in [
            (format!("[database]\nurl = {url}"), None),
            (format!("[database]\nurl = \"{wrong}\""), None),
            (format!("[database]\nurl = [\"{url}\"]"), None),
            (String::new(), Some(wrong.as_str())),
        ] {
            let variables: Vec<_> = variable.map(|text| ("COACHNET__DATABASE__URL", text)).into_iter().collect();
            let error = load(&file, &variables, Vec::new()).unwrap_err();
            assert!(!error.contains(secret), "{error}");
        }
        let config = load("", &[("COACHNET__DATABASE__URL", &url)], Vec::new()).unwrap();
        assert_eq!(config.database.url.expose(), url);
        assert!(!format!("{config:?}").contains(secret));
    }

    #[test]
    fn a_mail_server_wants_a_sender_who_can_exist() {
        let error = load("[mail]\nurl = \"smtp://u:hunter2@mail.test\"", &[], Vec::new()).unwrap_err();
        assert!(error.starts_with("mail.from: \"coachnet@coachnet.invalid\"") && !error.contains("hunter2"), "{error}");
        let good = "[mail]\nurl = \"smtp://u:hunter2@mail.test\"\nfrom = \"coach@contoh.test\"";
        let config = load(good, &[], Vec::new()).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        let error = load("[mail]\nurl = \"smtp://u:hunter2@mail.test/x\"", &[], Vec::new()).unwrap_err();
        assert!(error.starts_with("mail.url: this value") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn every_key_is_documented() {
        let defaults = Figment::from(Toml::string(DEFAULTS));
        for key in keys_of(&defaults).unwrap() {
            assert!(documentation(&key).ends_with('.'), "{key}: {:?}", documentation(&key));
        }
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let error = Config::load_with(Some(Path::new("no/such.toml")), [], Vec::new()).unwrap_err();
        assert!(error.to_string().contains("no/such.toml"));
    }
}
