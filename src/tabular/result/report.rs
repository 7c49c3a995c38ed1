//! `report.json`: what a result claims and how it came about.

use serde::{Deserialize, Serialize};

use crate::domain::Objective;
use crate::matching::certificate::{Certificate, Points, ReserveFacts};
use crate::matching::report::RunFacts;
use crate::tabular::class_reserve::ClassReserve;
use crate::tabular::hash::sha256;

/// The content of `report.json`. Amounts of points are text in memory, since JSON numbers are not
/// exact; see [`Amount`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What the plan strives for.
    pub objective: Objective,
    /// How many coachees take part.
    pub coachees: u64,
    /// How many of them have a coach.
    pub matched: u64,
    /// How many can have one at the same time.
    pub possible: u64,
    /// The sum of the weights of the pairs.
    pub total_weight: u64,
    /// What no plan can exceed (none with as many pairs, where `lambda` is above 0).
    pub upper_bound: Amount,
    /// `upper_bound - total_weight`.
    pub gap: Amount,
    /// What the last pair cost in weight.
    pub lambda: Amount,
    /// Pairs of which both sides would rather have each other.
    pub blocking_pairs: u64,
    /// What became of the reserved places, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<ReserveFacts>,
    /// For whom places are reserved, and how many; only where the scores are somebody's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve_rule: Option<ClassReserve>,
    /// Whether the objective is proven to be reached in full; if not, `gap` says what may be missing.
    pub proven: bool,
    /// The seed of the lottery.
    pub seed: u64,
    /// SHA-256 over the content of the input.
    pub input_digest: String,
    /// SHA-256 of `pairs.csv`.
    pub pairs_digest: String,
    /// SHA-256 of `prices.csv`.
    pub prices_digest: String,
    /// SHA-256 of `explanations.csv`, if there is one.
    pub explanations_digest: Option<String>,
    /// SHA-256 of `waiting.csv`, if there is one.
    pub waiting_digest: Option<String>,
    /// How a cohort was read, and the run in numbers; only where the scores are our own.
    pub run: Option<RunFacts>,
    /// The version of the program.
    pub version: String,
    /// Seconds spent reading; like the next three, only when asked for, so that the same run
    /// gives the same bytes.
    pub read_seconds: Option<f64>,
    /// Seconds spent solving.
    pub solve_seconds: Option<f64>,
    /// Seconds spent writing pairs and prices.
    pub write_seconds: Option<f64>,
    /// The most memory in use, in bytes.
    pub peak_memory: Option<u64>,
    /// SHA-256 over this report with this key empty: a changed report is noticed.
    pub report_digest: String,
}

/// An amount of points as JSON shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(serde_json::Number);

impl From<Points> for Amount {
    fn from(points: Points) -> Self {
        let number = serde_json::to_value(points).ok();
        Amount(match number {
            Some(serde_json::Value::Number(number)) => number,
            _ => 0.into(),
        })
    }
}

impl Amount {
    /// The amount, if it is one that a report can hold.
    pub fn points(&self) -> Option<Points> {
        self.0.to_string().parse().ok()
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a run took; see [`Report::read_seconds`] and the keys after it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timings {
    /// Seconds spent reading.
    pub read_seconds: f64,
    /// Seconds spent solving.
    pub solve_seconds: f64,
    /// Seconds spent writing pairs and prices.
    pub write_seconds: f64,
    /// The most memory in use, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
}

/// What a report says besides the certificate.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The seed of the lottery.
    pub seed: u64,
    /// SHA-256 over the content of the input.
    pub input_digest: String,
    /// How a cohort was read, and the run in numbers.
    pub run: Option<RunFacts>,
    /// For whom places are reserved; a run's policy says it itself.
    pub reserve_rule: Option<ClassReserve>,
}

/// The SHA-256 of the other files of a result, in hex.
#[derive(Debug, Clone)]
pub struct Digests {
    /// Of `pairs.csv`.
    pub pairs: String,
    /// Of `prices.csv`.
    pub prices: String,
    /// Of `explanations.csv`, if there is one.
    pub explanations: Option<String>,
    /// Of `waiting.csv`, if there is one.
    pub waiting: Option<String>,
}

impl Report {
    /// Writes up a result whose other files have these digests.
    pub fn new(certificate: &Certificate, origin: Origin, files: Digests, timings: Option<Timings>) -> Self {
        let mut report = Report {
            objective: certificate.objective,
            coachees: certificate.coachees,
            matched: certificate.matched,
            possible: certificate.possible,
            total_weight: certificate.total,
            upper_bound: certificate.upper_bound.into(),
            gap: certificate.gap.into(),
            lambda: certificate.lambda.into(),
            blocking_pairs: certificate.blocking_pairs,
            reserve: certificate.reserve,
            reserve_rule: origin.reserve_rule,
            proven: certificate.holds(),
            seed: origin.seed,
            input_digest: origin.input_digest,
            pairs_digest: files.pairs,
            prices_digest: files.prices,
            explanations_digest: files.explanations,
            waiting_digest: files.waiting,
            run: origin.run,
            version: env!("CARGO_PKG_VERSION").into(),
            read_seconds: timings.map(|t| milliseconds(t.read_seconds)),
            solve_seconds: timings.map(|t| milliseconds(t.solve_seconds)),
            write_seconds: timings.map(|t| milliseconds(t.write_seconds)),
            peak_memory: timings.and_then(|t| t.peak_memory),
            report_digest: String::new(),
        };
        report.report_digest = report.own_digest();
        report
    }

    /// What [`report_digest`](Self::report_digest) should be.
    pub fn own_digest(&self) -> String {
        let empty = Report { report_digest: String::new(), ..self.clone() };
        sha256(empty.to_json().as_bytes())
    }

    /// The bytes of the file.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

/// Seconds to the millisecond: few enough digits to read back just as written.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
