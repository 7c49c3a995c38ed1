//! `coachnet serve`: the API and the pages over HTTP.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server as HttpServing, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::signal;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::AppExt;

use super::work::in_the_background;
use super::{CliError, CliResult, metrics};
use crate::auth::{AccessSettings, Auth, Effort, Keys, Vault};
use crate::clock::Clock;
use crate::config::{Config, Database, Setting};
use crate::face::{
    BodyTime, Callers, CorsOrigins, Counters, Desk, Gate, MaxBody, OpenResults, Public, TrustedProxies, cors, counted,
    guard, no_such_route, paced,
};
use crate::metrics::Metrics;
use crate::services::limits::Daily;
use crate::services::pace::Pace;
use crate::services::pool::Pools;
use crate::services::schema;
use crate::services::slots::Rules;
use crate::store::{Store, StoreError, StoreSettings, Target};
use crate::telemetry::{self, RequestSpan};
use crate::web::Site;
use crate::{api, web as pages};

/// Arguments of `coachnet serve`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    listen: ListenArgs,
}

/// Where to listen; shared by the commands that serve.
#[derive(clap::Args)]
pub struct ListenArgs {
    /// The address to listen on [setting server.host, default 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// The port to listen on; 0 takes a free one [setting server.port, default 8080]
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
}

impl ListenArgs {
    /// The flags that were given, as settings.
    pub fn settings(&self) -> Vec<Setting> {
        let host = self.host.iter().map(|host| Setting::flag("--host", "server.host", host));
        let port = self.port.iter().map(|port| Setting::flag("--port", "server.port", port));
        host.chain(port).collect()
    }
}

/// Reads the settings, opens the database and serves until told to stop.
pub fn run(args: Args, config: Option<&Path>) -> CliResult {
    let config = Config::load(config, args.listen.settings()).map_err(|why| CliError::Usage(why.to_string()))?;
    let _logging = telemetry::init(config.log);
    let store = open_with_keys(&config)?;
    must_be_current(&store, &config)?;
    schema::keys_fit(&store).map_err(in_the_way)?;
    let format = config.log.format;
    serve(store, &config, |address| {
        telemetry::announce(format, &format!("serving on http://{address} (stop with Ctrl-C)"))
    })
}

/// Fails unless the database is as this version needs it.
pub(super) fn must_be_current(store: &Store, config: &Config) -> CliResult {
    if schema::is_current(store).map_err(in_the_way)? {
        return Ok(());
    }
    let url = &config.database.url;
    Err(CliError::Environment(format!(
        "{url} does not have the schema this version needs; run `coachnet migrate` first"
    )))
}

/// Opens the database that the settings name, with the keys of its identity numbers if there are any yet.
///
/// # Errors
/// [`CliError::Environment`] says what is in the way.
pub fn open(config: &Config) -> Result<Store, CliError> {
    let store = open_without_keys(&config.database)?;
    match place_of_keys(&store, config) {
        Some(path) if !path.exists() => Ok(store),
        _ => with_keys(store, config),
    }
}

/// The same for what may write identity numbers: the file of keys is made when it is not there.
///
/// # Errors
/// As [`open`].
pub fn open_with_keys(config: &Config) -> Result<Store, CliError> {
    with_keys(open_without_keys(&config.database)?, config)
}

fn with_keys(store: Store, config: &Config) -> Result<Store, CliError> {
    let safe = Arc::new(vault(&store, config)?);
    Ok(store.with_safe(safe))
}

/// What seals at rest, with the keys of the settings.
///
/// # Errors
/// [`CliError::Environment`] when there are no usable keys.
pub(super) fn vault(store: &Store, config: &Config) -> Result<Vault, CliError> {
    Ok(Vault::new(&keys(store, config)?))
}

fn open_without_keys(database: &Database) -> Result<Store, CliError> {
    let settings = StoreSettings {
        pool_size: database.pool_size,
        pool_wait: Duration::from_secs(database.wait_seconds),
        statement_timeout: Duration::from_secs(database.statement_seconds),
        ..StoreSettings::default()
    };
    Store::open(database.url.expose(), settings).map_err(in_the_way)
}

/// The file of keys; none when the keys stand in the settings.
fn place_of_keys(store: &Store, config: &Config) -> Option<PathBuf> {
    let secrets = &config.secrets;
    let usual = || match store.target() {
        Target::Sqlite(path) => PathBuf::from(format!("{}.keys", path.display())),
        Target::Postgres { .. } => PathBuf::from("coachnet.keys"),
    };
    let file = || if secrets.file.is_empty() { usual() } else { PathBuf::from(&secrets.file) };
    secrets.keys.is_empty().then(file)
}

/// The keys of the settings, of the file they name, or of the usual file, which is made when it is not there.
///
/// # Errors
/// [`CliError::Environment`] when there are no usable keys.
fn keys(store: &Store, config: &Config) -> Result<Keys, CliError> {
    let keys = match place_of_keys(store, config) {
        Some(path) => Keys::of_file(&path),
        None => Keys::parse(config.secrets.keys.iter().map(ExposeSecret::expose_secret)),
    };
    keys.map_err(|why| CliError::Environment(format!("secrets.keys: {why}")))
}

/// The guard of accounts, with its [keys].
///
/// # Errors
/// [`CliError::Environment`] when there are no usable keys.
pub fn guard_of_accounts(store: &Store, config: &Config) -> Result<Auth, CliError> {
    let keys = keys(store, config)?;
    let accounts = &config.accounts;
    let effort = Effort { memory_kib: accounts.password_memory_kib, passes: accounts.password_passes };
    let access = AccessSettings {
        issuer: accounts.issuer.clone(),
        audience: AUDIENCE.into(),
        lifetime: TimeDelta::minutes(accounts.access_minutes.into()),
    };
    Ok(Auth::new(&keys, effort, access))
}

/// For whom access tokens are.
const AUDIENCE: &str = "coachnet-api";

/// A failure of the store, as whoever runs the program needs to hear it.
pub fn in_the_way(error: StoreError) -> CliError {
    match error {
        StoreError::Internal(why) => CliError::Internal(why),
        error => CliError::Environment(error.to_string()),
    }
}

/// Serves an open database until SIGINT or SIGTERM, then lets running requests finish.
/// Calls `listening` once, when requests are being taken.
///
/// # Errors
/// [`CliError::Environment`] when the address cannot be listened on, and says what to do.
pub fn serve(store: Store, config: &Config, listening: impl FnOnce(SocketAddr)) -> CliResult {
    serve_until(told_to_stop(), store, config, listening)
}

/// Like [`serve`], until a future of the caller's is done.
///
/// # Errors
/// As [`serve`].
pub fn serve_until(
    stop: impl Future<Output = ()> + Send + 'static,
    store: Store,
    config: &Config,
    listening: impl FnOnce(SocketAddr),
) -> CliResult {
    serve_by(Clock::system(), stop, store, config, listening)
}

/// Like [`serve_until`], by a clock of the caller's.
///
/// # Errors
/// As [`serve`].
pub fn serve_by(
    clock: Clock,
    stop: impl Future<Output = ()> + Send + 'static,
    store: Store,
    config: &Config,
    listening: impl FnOnce(SocketAddr),
) -> CliResult {
    actix_web::rt::System::new().block_on(async {
        let counters = Metrics::default();
        let counting = config.metrics.listen.map(|_| counters.clone());
        let (server, address) = bind(stop, clock.clone(), store.clone(), config, counting)?;
        let told = tell_counters(config, &counters, &store, &clock)?;
        if config.server.open_results && !address.ip().is_loopback() {
            tracing::warn!(%address, "seen from other machines: everybody who reaches this address can read the results, without signing in");
        }
        let jobs =
            config.jobs.enabled.then(|| in_the_background(store, config, &clock, address, counters)).transpose()?;
        listening(address);
        let served = server.await.map_err(|why| CliError::Environment(format!("the server stopped: {why}")));
        if let Some(told) = told {
            told.stop(false).await;
        }
        if let Some(jobs) = jobs {
            jobs.end(Duration::from_secs(config.server.shutdown_seconds));
        }
        served
    })
}

/// Serves the counters where the settings say so; on the system that runs.
pub(super) fn tell_counters(
    config: &Config,
    counters: &Metrics,
    store: &Store,
    clock: &Clock,
) -> Result<Option<ServerHandle>, CliError> {
    let Some(address) = config.metrics.listen else { return Ok(None) };
    let (server, address) = metrics::listen(address, counters.clone(), store.clone(), clock.clone())?;
    tracing::info!(%address, "counters are at /metrics");
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(Some(handle))
}

fn bind(
    stop: impl Future<Output = ()> + Send + 'static,
    clock: Clock,
    store: Store,
    config: &Config,
    counters: Option<Metrics>,
) -> Result<(HttpServing, SocketAddr), CliError> {
    let server = &config.server;
    let auth = Arc::new(guard_of_accounts(&store, config)?);
    let slow = Gate::new(store.clone(), (server.max_waiting / 4).max(1));
    let gate = Gate::new(store, server.max_waiting);
    let limits = &config.limits;
    let pace = Data::new(Pace::new(limits.account_changes_per_minute, limits.address_changes_per_minute));
    let daily = Daily { questions: limits.questions_per_day, choices: limits.choices_per_day };
    let desk = Data::new(Desk::new(gate.clone(), slow, auth, clock, &config.programme.name, daily));
    let gate = Data::new(gate);
    let callers = Data::new(Callers::default());
    let pools = Data::new(Pools::default());
    let open_results = Data::new(OpenResults(server.open_results));
    let sessions = config.sessions;
    let rules = Data::new(Rules { office_hours: sessions.office_hours, friday_break: sessions.friday_break });
    let patience = Data::new(config.monitoring);
    let proxies = Data::new(TrustedProxies(server.trusted_proxies.clone()));
    let body_time = Data::new(BodyTime(Duration::from_secs(server.read_timeout_seconds)));
    let site = Data::new(Site { name: config.programme.name.clone(), contact: config.programme.contact.clone() });
    let mail_domain = config.mail.from.rsplit('@').next().unwrap_or_default();
    let public = Data::new(Public::new(&server.public_url, mail_domain, &config.programme.name));
    let erasure_days = Data::new(api::ErasureDays(config.privacy.erasure_days));
    let cors_origins = Data::new(CorsOrigins(server.cors_origins.clone()));
    let max_body = Data::new(MaxBody(server.max_body_bytes));
    let counters = Data::new(Counters(counters));
    let routes = api::routes_of_contract().map_err(|why| CliError::Internal(why.to_string()))?;
    let routes = Data::new(routes.and(pages::PAGES));
    let app = move || {
        App::new()
            .app_data(gate.clone())
            .app_data(desk.clone())
            .app_data(callers.clone())
            .app_data(pace.clone())
            .app_data(cors_origins.clone())
            .app_data(pools.clone())
            .app_data(open_results.clone())
            .app_data(rules.clone())
            .app_data(patience.clone())
            .app_data(proxies.clone())
            .app_data(body_time.clone())
            .app_data(routes.clone())
            .app_data(site.clone())
            .app_data(public.clone())
            .app_data(max_body.clone())
            .app_data(erasure_days.clone())
            .app_data(counters.clone())
            .wrap(Compress::default())
            .wrap(from_fn(paced))
            .wrap(from_fn(guard))
            .wrap(from_fn(cors))
            .wrap(from_fn(counted))
            .wrap(TracingLogger::<RequestSpan>::new())
            // Before the scope of the API, which would take the address of its contract.
            .configure(api::contract)
            .service(api::viewer())
            .service(web::redirect("/api/docs", "/api/docs/"))
            .into_utoipa_app()
            .configure(api::routes)
            .into_app()
            .configure(pages::routes)
            .default_service(web::to(no_such_route))
    };
    let mut http = HttpServer::new(app)
        .client_request_timeout(Duration::from_secs(server.read_timeout_seconds))
        .shutdown_timeout(server.shutdown_seconds)
        .shutdown_signal(stop);
    if server.workers > 0 {
        http = http.workers(server.workers);
    }
    let place = SocketAddr::new(server.host, server.port);
    let http = http.bind(place).map_err(|why| cannot_listen(place, &why))?;
    let address = http.addrs().first().copied();
    let address = address.ok_or_else(|| CliError::Internal("the server listens nowhere".into()))?;
    Ok((http.run(), address))
}

/// Waits for SIGINT or SIGTERM.
pub(super) async fn told_to_stop() {
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut signals) => signals.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    futures_util::future::select(Box::pin(signal::ctrl_c()), Box::pin(terminated)).await;
}

pub(super) fn cannot_listen(place: SocketAddr, why: &std::io::Error) -> CliError {
    let advice = match why.kind() {
        ErrorKind::AddrInUse => {
            "another program listens there; stop it, or choose another port with --port (0 takes a free one)".into()
        }
        ErrorKind::PermissionDenied => "this user may not listen there; choose a port from 1024 with --port".into(),
        ErrorKind::AddrNotAvailable => "this machine does not have that address; choose another with --host".into(),
        _ => why.to_string(),
    };
    CliError::Environment(format!("cannot listen on {place}: {advice}"))
}
