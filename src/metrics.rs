//! What is counted while the program runs, in the words of Prometheus (OpenMetrics 1.0).
//!
//! Labels are routes, names of jobs and the like: nothing that is somebody's, and nothing that anybody can make up.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::{Job, JobFailure, MailStatus};

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of seconds that requests are counted by.
const REQUEST_SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 2.5, 10.0];
/// Upper bounds of seconds that rounds of jobs are counted by.
const ROUND_SECONDS: [f64; 8] = [0.001, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Round {
    job: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfJob {
    job: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Fate {
    fate: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    status: &'static str,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// The counters of a process. Cheap to clone; clones count together.
#[derive(Clone)]
pub struct Metrics(Arc<Counted>);

struct Counted {
    registry: Registry,
    answers: Family<Answer, Counter>,
    request_seconds: Histograms<Route>,
    rounds: Family<Round, Counter>,
    round_seconds: Histograms<OfJob>,
    done: Family<OfJob, Counter>,
    well_at: Family<OfJob, Gauge>,
    letters: Family<Fate, Counter>,
    outbox: Family<InState, Gauge>,
    overdue: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("coachnet");
        let request_seconds: Histograms<Route> = Family::new_with_constructor(|| Histogram::new(REQUEST_SECONDS));
        let round_seconds: Histograms<OfJob> = Family::new_with_constructor(|| Histogram::new(ROUND_SECONDS));
        let answers = Family::default();
        let (rounds, done, well_at) = (Family::default(), Family::default(), Family::default());
        let (letters, outbox, overdue) = (Family::default(), Family::default(), Gauge::default());
        registry.register("http_requests", "Requests answered", answers.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from the head of a request to the head of its answer",
            Unit::Seconds,
            request_seconds.clone(),
        );
        registry.register("job_rounds", "Rounds of jobs in the background", rounds.clone());
        registry.register_with_unit("job_round_duration", "Time of a round", Unit::Seconds, round_seconds.clone());
        registry.register("job_done", "Things that rounds of a job have changed", done.clone());
        registry.register_with_unit(
            "job_last_success_timestamp",
            "When a round went well last, since 1970",
            Unit::Seconds,
            well_at.clone(),
        );
        registry.register("mails", "Mails taken from the outbox, by what became of them", letters.clone());
        registry.register("outbox_mails", "Mails in the outbox, of all processes", outbox.clone());
        registry.register_with_unit(
            "outbox_overdue",
            "How long the mail waits that should have gone out first, of all processes",
            Unit::Seconds,
            overdue.clone(),
        );
        Self(Arc::new(Counted {
            registry,
            answers,
            request_seconds,
            rounds,
            round_seconds,
            done,
            well_at,
            letters,
            outbox,
            overdue,
        }))
    }
}

impl Metrics {
    /// Counts a request that was answered; `route` is the pattern of its address.
    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let counted = &self.0;
        counted.answers.get_or_create(&Answer { method, route: route.into(), status }).inc();
        let seconds = counted.request_seconds.get_or_create(&Route { method, route: route.into() });
        seconds.observe(took.as_secs_f64());
    }

    /// Counts a round of a job that ended at a time, with how many things it changed or why it failed.
    pub fn round(&self, job: Job, now: DateTime<Utc>, took: Duration, outcome: Result<usize, JobFailure>) {
        let (counted, of_job) = (&self.0, OfJob { job: job.as_str() });
        let name = outcome.err().map_or("well", JobFailure::as_str);
        counted.rounds.get_or_create(&Round { job: job.as_str(), outcome: name }).inc();
        counted.round_seconds.get_or_create(&of_job).observe(took.as_secs_f64());
        if let Ok(changed) = outcome {
            counted.done.get_or_create(&of_job).inc_by(u64::try_from(changed).unwrap_or(u64::MAX));
            counted.well_at.get_or_create(&of_job).set(now.timestamp());
        }
    }

    /// Counts mails of which this became.
    pub fn mails(&self, fate: &'static str, number: usize) {
        if number > 0 {
            self.0.letters.get_or_create(&Fate { fate }).inc_by(u64::try_from(number).unwrap_or(u64::MAX));
        }
    }

    /// Notes how many mails are in a state.
    pub fn outbox(&self, status: MailStatus, number: i64) {
        self.0.outbox.get_or_create(&InState { status: status.as_str() }).set(number);
    }

    /// Notes how long the mail waits that should have gone out first.
    pub fn overdue(&self, overdue: Duration) {
        self.0.overdue.set(overdue.as_secs_f64());
    }

    /// All of it, in [`CONTENT_TYPE`].
    ///
    /// # Errors
    /// Never, as long as there is memory.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_in_openmetrics() {
        let metrics = Metrics::default();
        let noon = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        metrics.answered("GET", "/api/v1/runs/{id}", 404, Duration::from_millis(4));
        metrics.round(Job::OffersExpire, noon, Duration::from_millis(20), Ok(3));
        metrics.round(Job::Letters, noon, Duration::from_secs(2), Err(JobFailure::MailServer));
        metrics.mails("sent", 2);
        metrics.outbox(MailStatus::Queued, 7);
        metrics.overdue(Duration::from_secs(90));
        let text = metrics.text().unwrap();
        for line in [
            r#"coachnet_http_requests_total{method="GET",route="/api/v1/runs/{id}",status="404"} 1"#,
            r#"coachnet_http_request_duration_seconds_bucket{le="0.005",method="GET",route="/api/v1/runs/{id}"} 1"#,
            r#"coachnet_job_rounds_total{job="offers_expire",outcome="well"} 1"#,
            r#"coachnet_job_rounds_total{job="letters",outcome="mail_server"} 1"#,
            r#"coachnet_job_done_total{job="offers_expire"} 3"#,
            r#"coachnet_job_last_success_timestamp_seconds{job="offers_expire"} 1790000000"#,
            r#"coachnet_mails_total{fate="sent"} 2"#,
            r#"coachnet_outbox_mails{status="queued"} 7"#,
            "coachnet_outbox_overdue_seconds 90.0",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains(r#"success_timestamp_seconds{job="letters"}"#));
    }
}
