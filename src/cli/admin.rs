//! `coachnet admin`: the first admin, and who else has power.

use std::io::{BufRead, IsTerminal};
use std::path::Path;

use clap::Subcommand;

use super::import::ready_with;
use super::serve::guard_of_accounts;
use super::{CliError, CliResult};
use crate::config::Config;
use crate::domain::{AccountName, AgencyCode, Email, PersonCode, Role};
use crate::services::account_roles::{Managed, RoleWish};
use crate::services::{Act, Actor, Context, Denial, Fault, ServiceError, ServiceResult, account_roles, accounts};
use crate::store::types::Stamp;
use crate::store::{AccountId, Db, Store};

/// Arguments of `coachnet admin`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a national admin; prints what their authenticator is to learn, and recovery codes
    Create {
        /// Their address, by which they sign in
        #[arg(long, value_name = "ADDRESS")]
        email: Email,
        /// Their name
        #[arg(long, value_name = "NAME")]
        name: AccountName,
        /// Read the password from the first line of standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
    /// Close an account, whatever its role: its owner is signed out everywhere
    Disable {
        /// The address of the account
        email: Email,
    },
    /// Open a closed account again
    Enable {
        /// The address of the account
        email: Email,
    },
    /// Give an account a role more
    Grant {
        /// The address of the account
        email: Email,
        /// The role: coachee, coach, agency_admin, national_admin or auditor
        role: Role,
        /// The agency, of an agency's admin
        #[arg(long, value_name = "CODE")]
        agency: Option<AgencyCode>,
        /// The person in the records, of a coachee or coach whose account belongs to nobody yet
        #[arg(long, value_name = "CODE")]
        person: Option<PersonCode>,
    },
    /// Take a role from an account
    Revoke {
        /// The address of the account
        email: Email,
        /// The role
        role: Role,
    },
    /// Forget an authenticator that was lost: its owner signs in with the password, and enrols another
    ResetAuthenticator {
        /// The address of the account
        email: Email,
    },
    /// List admins and auditors
    List,
}

/// Runs the command.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    let config = Config::load(config, Vec::new()).map_err(|why| CliError::Usage(why.to_string()))?;
    let store = ready_with(&config)?;
    match args.action {
        Action::Create { email, name, password_stdin } => create(&store, &config, &email, &name, password_stdin),
        Action::Disable { email } => {
            change(&store, &email, account_roles::disable)?;
            say!("{email} is closed");
            Ok(())
        }
        Action::Enable { email } => {
            change(&store, &email, account_roles::enable)?;
            say!("{email} is open");
            Ok(())
        }
        Action::Grant { email, role, agency, person } => {
            let wish = RoleWish { role, agency, person };
            change(&store, &email, |db, act, id| account_roles::give(db, act, id, &wish))?;
            say!("{email} has the role {role}");
            Ok(())
        }
        Action::Revoke { email, role } => {
            change(&store, &email, |db, act, id| account_roles::take(db, act, id, role))?;
            say!("{email} has the role {role} no more");
            Ok(())
        }
        Action::ResetAuthenticator { email } => {
            change(&store, &email, account_roles::reset_authenticator)?;
            say!("{email} signs in with the password, and enrols another authenticator");
            Ok(())
        }
        Action::List => list(&store),
    }
}

/// Changes the account with an address.
fn change(
    store: &Store,
    email: &Email,
    change: impl Fn(&mut Db, &Act, AccountId) -> ServiceResult<Managed>,
) -> Result<(), CliError> {
    let act = Act::new(Actor::System("cli"), Stamp::now());
    let changed = store.write(|db| {
        let account = accounts::with_address(db, email)?;
        change(db, &act, account.id)
    });
    changed.map(|_| ()).map_err(explain_change)
}

/// Why an account was not changed, in a sentence.
fn explain_change(error: ServiceError) -> CliError {
    use crate::i18n::Lang;
    match error {
        ServiceError::Refused(refusal) => CliError::BadInput(Lang::En.tr(&format!("refusal.{refusal}")).into_owned()),
        ServiceError::Denied(Denial::Invalid(faults)) => {
            let words: Vec<_> = faults.iter().map(|Fault { expected, .. }| Lang::En.tr(expected)).collect();
            CliError::BadInput(words.join(" "))
        }
        ServiceError::Denied(denial) => {
            CliError::BadInput(Lang::En.tr(&format!("error.{}.detail", denial.as_str())).into_owned())
        }
        error => error.into(),
    }
}

fn create(store: &Store, config: &Config, email: &Email, name: &AccountName, from_stdin: bool) -> CliResult {
    let auth = guard_of_accounts(store, config)?;
    let password = if from_stdin { first_line()? } else { ask()? };
    let cx = Context { store, auth: &auth, now: Stamp::now() };
    let made = accounts::make_admin(&cx, email, name, &password, &config.programme.name).map_err(explain)?;
    say!("{email} is a national admin.\n");
    say!("Add this to an authenticator; its codes are asked for at every sign-in:\n  {}\n", made.enrolment.uri);
    say!("Keep these recovery codes; each is good once, when the authenticator is gone:");
    for code in &made.recovery_codes {
        say!("  {code}");
    }
    Ok(())
}

/// What is wrong with a password, in a sentence.
fn explain(error: ServiceError) -> CliError {
    use crate::i18n::Lang;
    match error {
        ServiceError::Denied(Denial::Invalid(faults)) => {
            let words: Vec<_> = faults.iter().map(|Fault { expected, .. }| Lang::En.tr(expected)).collect();
            CliError::BadInput(format!("the password: {}", words.join(" ")))
        }
        ServiceError::Denied(Denial::AccountExists) => {
            CliError::BadInput("there is an account with this address".into())
        }
        error => error.into(),
    }
}

fn first_line() -> Result<String, CliError> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|why| CliError::Environment(format!("standard input: {why}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn ask() -> Result<String, CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::Usage("there is no terminal to ask for the password; use --password-stdin".into()));
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt).map_err(|why| CliError::Environment(format!("the terminal: {why}")))
    };
    let password = ask("Password: ")?;
    if password == ask("The same again: ")? { Ok(password) } else { Err(CliError::BadInput("the two differ".into())) }
}

fn list(store: &Store) -> CliResult {
    for (account, grants) in store.snapshot(accounts::admins)? {
        let roles: Vec<String> = grants
            .iter()
            .map(|grant| match &grant.agency {
                Some(agency) => format!("{} of {agency}", grant.role),
                None => grant.role.to_string(),
            })
            .collect();
        say!("{}  {}  {}  {}", account.email, account.status, roles.join(", "), account.name);
    }
    Ok(())
}
