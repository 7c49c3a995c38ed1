//! `coachnet completions SHELL`: completions on standard output.

use clap::CommandFactory;
use clap_complete::Shell;

use super::CliResult;

/// Arguments of `coachnet completions`.
#[derive(clap::Args)]
pub struct Args {
    /// The shell to complete for
    shell: Shell,
}

/// Prints the completions of `C`, the whole command line.
pub fn run<C: CommandFactory>(args: Args) -> CliResult {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut C::command(), "coachnet", &mut text);
    say_on!("{}", String::from_utf8_lossy(&text));
    Ok(())
}
