//! `coachnet audit`: whether the log of what happened is whole.

use std::path::Path;

use clap::Subcommand;

use super::import::ready;
use super::{CliError, CliResult};
use crate::domain::ChainHead;
use crate::services::audit_log::{self, Break, ChainFault, Checked};

/// Arguments of `coachnet audit`.
#[derive(clap::Args)]
#[command(after_help = "An end of the chain that is kept in the database shows that entries were changed or taken \
    out; not that somebody who may write there made the whole chain anew. For that, note what `coachnet audit head` \
    prints in another place from time to time, and check against it with --head.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Walk the chain and name the first place where it is broken (exit code 4)
    Verify {
        /// Also compare with an end of the chain that was noted elsewhere
        #[arg(long, value_name = "NUMBER:DIGEST")]
        head: Option<ChainHead>,
    },
    /// Print the end of the chain: how many entries are sealed, and the digest of the last
    Head,
}

/// Runs the command.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    let store = ready(config)?;
    match args.action {
        Action::Verify { head } => verdict(&store.snapshot(|db| audit_log::check(db, head))?),
        Action::Head => {
            let head = store.read(audit_log::head)?;
            say!("{}", head.ok_or_else(|| CliError::Refuted("the note of the end of the chain is gone".into()))?);
            Ok(())
        }
    }
}

fn verdict(checked: &Checked) -> CliResult {
    let Checked { whole_to, broken, unsealed, oldest_unsealed } = checked;
    say!("{} entries are as they were sealed", whole_to.sequence);
    if let Some(oldest) = oldest_unsealed {
        let since = oldest.time().format("%Y-%m-%dT%H:%M:%SZ");
        say!("{unsealed} are not sealed yet, the oldest of {since}; the chain says nothing of them");
    }
    match broken {
        None => {
            say!("the chain is whole: {whole_to}");
            Ok(())
        }
        Some(broken) => Err(CliError::Refuted(format!("the chain of the audit log is broken at {}", place(broken)))),
    }
}

fn place(broken: &Break) -> String {
    let what = match broken.fault {
        ChainFault::Missing => "there was an entry, and it is gone",
        ChainFault::Altered => "the entry is not the one that was sealed",
        ChainFault::End => "the chain does not end as is noted in the database",
        ChainFault::NoEnd => "the note of its end is gone from the database",
        ChainFault::NotAsNoted => "the entry is not the one of the end that you gave",
    };
    let entry = broken.entry.map_or_else(String::new, |entry| format!(" ({entry})"));
    format!("number {}{entry}: {what}", broken.sequence)
}
