//! `coachnet mail`: mail that could not be delivered, and whether mail arrives at all.

use std::net::SocketAddr;
use std::path::Path;

use clap::Subcommand;
use uuid::Uuid;

use super::import::ready_with;
use super::work::{office, transport};
use super::{CliError, CliResult};
use crate::config::Config;
use crate::domain::Email;
use crate::i18n::Lang;
use crate::mail::{Facts, Letter, Parcel, Topic, Verdict};
use crate::services::dead_letters;
use crate::store::types::Stamp;
use crate::store::{OutboxId, Store};

/// Arguments of `coachnet mail`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Say how many mails stand where, and show those that could not be delivered
    List {
        /// Show no more than this many
        #[arg(long, default_value_t = 50, value_name = "NUMBER")]
        limit: u16,
    },
    /// Try mails again that could not be delivered
    Retry {
        /// Their ids, as `list` shows them
        #[arg(required_unless_present = "all", value_name = "ID")]
        ids: Vec<OutboxId>,
        /// All of them
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Let mails be that could not be delivered: they are never sent, and listed no more
    Dismiss {
        /// Their ids, as `list` shows them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<OutboxId>,
    },
    /// Send a mail now, past the outbox, and say what the mail server answers
    Test {
        /// To whom
        #[arg(value_name = "ADDRESS")]
        to: Email,
        /// In which language: id or en
        #[arg(long, default_value = "id", value_name = "LANGUAGE", value_parser = language)]
        language: Lang,
    },
}

fn language(text: &str) -> Result<Lang, String> {
    Lang::of(text).ok_or_else(|| "expected id or en".into())
}

/// Runs the command.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    let config = Config::load(config, Vec::new()).map_err(|why| CliError::Usage(why.to_string()))?;
    let store = ready_with(&config)?;
    match args.action {
        Action::List { limit } => list(&store, limit.into()),
        Action::Retry { ids, all } => {
            let named = (!all).then_some(ids.as_slice());
            match dead_letters::retry(&store, named, "cli", Stamp::now())? {
                1 => say!("1 mail will be tried again"),
                many => say!("{many} mails will be tried again"),
            }
            Ok(())
        }
        Action::Dismiss { ids } => {
            store.write(|db| dead_letters::dismiss(db, &ids, "cli", Stamp::now()))?;
            match ids.len() {
                1 => say!("1 mail is over"),
                many => say!("{many} mails are over"),
            }
            Ok(())
        }
        Action::Test { to, language } => test(&store, &config, to, language),
    }
}

fn list(store: &Store, limit: i64) -> CliResult {
    let overview = store.snapshot(|db| dead_letters::overview(db, limit))?;
    for (status, number) in overview.counts {
        say!("{status:<8} {number:>8}");
    }
    for letter in overview.dead {
        let to = dead_letters::addressee(&letter).unwrap_or_else(|| "nobody".into());
        let when = letter.settled_at.map(|at| at.time().to_rfc3339()).unwrap_or_default();
        let why = letter.last_answer.unwrap_or_default();
        say!("\n{}  {}  {to}\n  given up {when} after {} tries: {why}", letter.id, letter.kind, letter.tries);
    }
    Ok(())
}

fn test(store: &Store, config: &Config, to: Email, lang: Lang) -> CliResult {
    let office = office(config, SocketAddr::new(config.server.host, config.server.port))?;
    let mut transport = transport(store, config)?;
    let written_at = Stamp::now().time();
    let letter = Letter { id: Uuid::now_v7(), to, lang, written_at, topic: Topic::Test, facts: Facts::default() };
    let message = office.write(&letter).map_err(|why| CliError::BadInput(why.to_string()))?;
    let mut verdicts = Vec::new();
    transport.deliver(&[Parcel::new(letter.id, &message)], &mut verdicts);
    transport.rest();
    match verdicts.pop().map(|(_, verdict)| verdict) {
        Some(Verdict::Sent) => {
            say!("{transport} has taken the mail {}", letter.id);
            Ok(())
        }
        Some(Verdict::Later(why) | Verdict::Refused(why) | Verdict::Unreached(why)) => {
            Err(CliError::Environment(format!("{transport}: {why}")))
        }
        Some(Verdict::Untouched) | None => Err(CliError::Internal("the mail was not tried".into())),
    }
}
