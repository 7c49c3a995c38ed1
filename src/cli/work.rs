//! `coachnet work`: what runs in the background, in a process of its own; and how `serve` starts the same.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::import::ready_with;
use super::serve::{guard_of_accounts, tell_counters, told_to_stop};
use super::{CliError, CliResult};
use crate::clock::Clock;
use crate::config::{Config, MailRoute};
use crate::jobs::{Backoff, Courier, CourierRules, Jobs, Pace, Stop, Timetable};
use crate::mail::{Links, Office, Transport};
use crate::metrics::Metrics;
use crate::services::letters::Setting;
use crate::services::slots::Rules;
use crate::store::{Store, Target};
use crate::telemetry;

/// Arguments of `coachnet work`.
#[derive(clap::Args)]
#[command(after_help = "Any number of these may work on one PostgreSQL database; they share what there is to do. \
    `coachnet serve` does the same beside serving, unless the setting jobs.enabled says no.")]
pub struct Args {}

/// Works until told to stop.
pub fn run(_args: Args, config: Option<&Path>) -> CliResult {
    let config = Config::load(config, Vec::new()).map_err(|why| CliError::Usage(why.to_string()))?;
    let _logging = telemetry::init(config.log);
    let store = ready_with(&config)?;
    let address = SocketAddr::new(config.server.host, config.server.port);
    let (counters, clock) = (Metrics::default(), Clock::system());
    actix_web::rt::System::new().block_on(async {
        let told = tell_counters(&config, &counters, &store, &clock)?;
        let jobs = in_the_background(store, &config, &clock, address, counters)?;
        telemetry::announce(config.log.format, "at work (stop with Ctrl-C)");
        told_to_stop().await;
        if let Some(told) = told {
            told.stop(false).await;
        }
        jobs.end(Duration::from_secs(config.server.shutdown_seconds));
        Ok(())
    })
}

/// Starts the jobs; links in mails lead to `address` unless a setting names another.
///
/// # Errors
/// [`CliError::Usage`] when mail cannot be sent as it is set.
pub fn in_the_background(
    store: Store,
    config: &Config,
    clock: &Clock,
    address: SocketAddr,
    counters: Metrics,
) -> Result<Jobs, CliError> {
    let stop = Stop::new();
    let transport = transport(&store, config)?;
    tracing::info!("mail goes to {transport}");
    let hours = Rules { office_hours: config.sessions.office_hours, friday_break: config.sessions.friday_break };
    let setting = Setting { patience: config.monitoring, hours };
    let (batch, quick) = (CourierRules::BATCH, CourierRules::QUICK);
    let rules = CourierRules { batch, tries: config.mail.tries, quick, setting };
    let backoff = Backoff::new(getrandom::u64().map_err(|why| CliError::Internal(why.to_string()))?);
    let office = office(config, address)?;
    let auth = Arc::new(guard_of_accounts(&store, config)?);
    let courier = Courier::new(store.clone(), auth, office, transport, rules, backoff, stop.clone());
    let pace = Pace { quiet_days: config.sessions.quiet_days, keep_mail_days: config.mail.keep_days };
    Jobs::start(courier, Timetable::counted(store, pace, counters), clock, stop)
        .map_err(|why| CliError::Environment(format!("no thread for background work: {why}")))
}

/// Where letters are written, as the settings say.
///
/// # Errors
/// [`CliError::Usage`]
pub(super) fn office(config: &Config, address: SocketAddr) -> Result<Office, CliError> {
    let base = public_base(config, address);
    let mail = &config.mail;
    let reply_to = Some(mail.reply_to.as_str()).filter(|address| !address.is_empty());
    let programme = &config.programme;
    Office::new(&mail.from, reply_to, &programme.name, &programme.contact, Links::new(&base))
        .map_err(|why| CliError::Usage(format!("mail.from, mail.reply_to: {why}")))
}

/// Where mail goes, as the settings say.
///
/// # Errors
/// [`CliError::Usage`]
pub(super) fn transport(store: &Store, config: &Config) -> Result<Transport, CliError> {
    let mail = &config.mail;
    match mail.url.route() {
        Some(MailRoute::Folder(Some(folder))) => Ok(Transport::folder(folder)),
        Some(MailRoute::Folder(None)) => Ok(Transport::folder(match store.target() {
            Target::Sqlite(path) => PathBuf::from(format!("{}.mail", path.display())),
            Target::Postgres { .. } => PathBuf::from("mail"),
        })),
        Some(MailRoute::Smtp(server)) => {
            let hello = mail.from.rsplit('@').next().unwrap_or_default();
            let authorities = Some(Path::new(&mail.ca_file)).filter(|path| !path.as_os_str().is_empty());
            let patience = Duration::from_secs(mail.timeout_seconds);
            Transport::smtp(server, hello, mail.connections, patience, authorities)
                .map_err(|why| CliError::Usage(why.to_string()))
        }
        None => Err(CliError::Usage("mail.url is not understood".into())),
    }
}

/// The address that links begin with: as the settings say, or where the server listens.
pub(super) fn public_base(config: &Config, address: SocketAddr) -> String {
    match config.server.public_url.as_str() {
        "" => format!("http://{}", reachable(address)),
        base => base.to_owned(),
    }
}

/// An address that a browser on this machine can follow, where the server listens on all.
fn reachable(address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => format!("localhost:{}", address.port()),
        IpAddr::V6(ip) if ip.is_unspecified() => format!("localhost:{}", address.port()),
        _ => address.to_string(),
    }
}
