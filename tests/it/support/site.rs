//! A served database with a small run in it, and how tests ask it things.

use std::net::SocketAddr;
use std::sync::mpsc;

use chrono::NaiveDate;
use coachnet::cli::serve::serve_by;
use coachnet::clock::Clock;
use coachnet::config::Config;
use coachnet::domain::records::{CoachRecord, CoacheeRecord, CohortRecords};
use coachnet::domain::{
    CoachSource, Identity, IdentityKind, Language, Languages, Level, Mode, Modes, Objective, PersonName, Policy, Tier,
    Verification,
};
use coachnet::matching::Rule;
use coachnet::matching::explain::{Component, Explanation, FocusPoints, Waiting, WaitingReason};
use coachnet::matching::summary::{Share, Summary};
use coachnet::services::schema::prepare;
use coachnet::store::pairs::{PairResult, PriceResult, WaitingResult};
use coachnet::store::runs::{NewRun, RunResult, RunTotals};
use coachnet::store::types::{Doc, Stamp};
use coachnet::store::{CohortId, RunId, Store, cohorts, records, runs};

/// What must never leave the service without an account.
pub const SECRETS: [&str; 4] = ["Rahasia", "rahasia@contoh.example", "198609262015051901", "Jabatan Rahasia"];

/// A few of the regencies that take part; the second is a remote area.
const REGENCIES: [&str; 5] = ["11.01", "12.04", "31.71", "91.03", "73.71"];

fn person(code: &str) -> PersonName {
    PersonName { full: format!("Rahasia {code}"), ..PersonName::default() }
}

fn identity() -> Identity {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
    Identity::parse(IdentityKind::Nip, SECRETS[2], today).expect("a NIP")
}

/// The code of the `n`-th coachee.
pub fn coachee_code(n: usize) -> String {
    format!("P-{n:03}")
}

/// The code of the `n`-th coach.
pub fn coach_code(n: usize) -> String {
    format!("K {n:03}")
}

fn coachee(n: usize) -> CoacheeRecord {
    CoacheeRecord {
        code: coachee_code(n).parse().expect("a code"),
        name: person(&coachee_code(n)),
        identity: (n == 0).then(identity),
        email: Some(SECRETS[1].into()),
        agency: "KEM-01".parse().expect("a code"),
        unit: None,
        superior: None,
        position: SECRETS[3].into(),
        tier: Tier::Pengawas,
        field: None,
        regency: REGENCIES[n % REGENCIES.len()].parse().expect("a code"),
        modes: Modes::BOTH,
        languages: Languages::NONE.with(Language::Indonesian),
        focus: Vec::new(),
        choices: Vec::new(),
        earlier: Vec::new(),
        waiting_rounds: 0,
    }
}

fn coach(n: usize) -> CoachRecord {
    CoachRecord {
        code: coach_code(n).parse().expect("a code"),
        name: person(&coach_code(n)),
        identity: None,
        email: Some(SECRETS[1].into()),
        source: CoachSource::Pkn2,
        batch: Some(12),
        year: Some(2022),
        certificate_number: None,
        // The last one is nobody's business until an admin has looked.
        verification: if n == COACHES - 1 { Verification::Pending } else { Verification::Verified },
        agency: "KEM-02".parse().expect("a code"),
        unit: None,
        superior: None,
        tier: Some(Tier::JptPratama),
        field: None,
        regency: "31.71".parse().expect("a code"),
        regions_served: vec!["91".parse().expect("a code")],
        modes: Modes::NONE.with(Mode::Online),
        languages: Languages::NONE.with(Language::Indonesian).with(Language::English),
        capacity: 30,
        load: 0,
        accepting: true,
        strengths: vec![("M.03".parse().expect("a code"), Level::MAX)],
        conflicts: Vec::new(),
        wishes: Vec::new(),
        completed_pairs: 4,
        rating: Some(430),
    }
}

/// Coachees with a coach in the small run.
pub const PAIRS: usize = 120;
/// Coachees without one.
pub const WAITING: usize = 7;
/// Coaches, the last of them not verified.
pub const COACHES: usize = 6;

/// A score of `172 - n % 40`, with an explanation that adds up to it.
fn explanation(n: usize) -> Explanation {
    let load = 5;
    let coverage = 92 - u8::try_from(n % 40).expect("small");
    let focus = FocusPoints {
        competency: "M.03".parse().expect("a code"),
        required: 4,
        assessed: 2,
        coach_level: 5,
        points: coverage,
        max: 105,
    };
    let components = vec![
        Component::Coverage { points: coverage, max: 105, focus: vec![focus] },
        Component::Credibility {
            points: 33,
            max: 50,
            tier_points: 20,
            field_points: 0,
            record_points: 13,
            coachee_tier: Tier::Pengawas,
            coach_tier: Some(Tier::JptPratama),
            same_field: false,
            completed_pairs: 4,
            rating: Some(430),
        },
        Component::Choices { points: 0, max: 45, coachee_rank: None, coach_wish: false },
        Component::Reach {
            points: 32,
            max: 40,
            reach: coachnet::domain::Reach::Zone,
            served: true,
            modes: vec![Mode::Online],
        },
        Component::CrossAgency { points: 10, max: 10, different: true },
        Component::Load { points: load, max: 5, free: 30, capacity: 30 },
    ];
    Explanation { score: components.iter().map(Component::points).sum(), components }
}

fn waiting(n: usize) -> Waiting {
    let reason = if n.is_multiple_of(2) { WaitingReason::NoEligibleCoach } else { WaitingReason::PlacesTaken };
    Waiting {
        reason,
        acceptable: u32::from(!n.is_multiple_of(2)),
        best_score: (!n.is_multiple_of(2)).then_some(90),
        rules: [(Rule::Tier, 2)].into_iter().collect(),
        sole_rules: [(Rule::Tier, 1)].into_iter().collect(),
    }
}

fn share(of: impl Fn(usize) -> bool) -> Share {
    let count = |range: std::ops::Range<usize>| range.filter(|n| of(*n)).count() as u32;
    Share { matched: count(0..PAIRS), coachees: count(0..PAIRS + WAITING) }
}

fn summary() -> Summary {
    let in_regency = |at: usize| share(move |n| n % REGENCIES.len() == at);
    let provinces = (0..REGENCIES.len()).map(|at| (REGENCIES[at][..2].to_owned(), in_regency(at)));
    Summary {
        all: share(|_| true),
        remote: in_regency(1),
        other: share(|n| n % REGENCIES.len() != 1),
        provinces: provinces.collect(),
        tiers: [(Tier::Pengawas, share(|_| true))].into(),
        coaches: COACHES as u32,
        places: 30 * COACHES as u64,
        idle_coaches: 2,
        cross_agency: PAIRS as u32,
        mean_score_permille: 600,
        reasons: [(WaitingReason::NoEligibleCoach, 4), (WaitingReason::PlacesTaken, 3)].into(),
        main_rules: [(Rule::Tier, 4)].into(),
    }
}

/// Fills a new database: reference data, people, a cohort, a computed run.
pub fn fill(store: &Store) -> RunId {
    prepare(store).expect("schema and reference data");
    let now = Stamp::now();
    let people = CohortRecords {
        coachees: (0..PAIRS + WAITING).map(coachee).collect(),
        coaches: (0..COACHES).map(coach).collect(),
        ..CohortRecords::default()
    };
    let pairs: Vec<PairResult> = (0..PAIRS)
        .map(|n| PairResult {
            coachee: coachee_code(n).parse().expect("a code"),
            coach: coach_code(n % 4).parse().expect("a code"),
            score: explanation(n).score,
            explanation: Doc::of(&explanation(n)).expect("JSON"),
        })
        .collect();
    let total_score = pairs.iter().map(|pair| i64::from(pair.score)).sum();
    let result = RunResult {
        totals: RunTotals {
            input_digest: "sha256:0123456789abcdef".into(),
            program_version: "0.1.0".into(),
            coachees: (PAIRS + WAITING) as u32,
            coaches: COACHES as u32,
            matched: PAIRS as u32,
            possible: Some(PAIRS as u32),
            total_score,
            upper_bound: total_score,
            gap: 0,
            blocking_pairs: 3,
            lambda: None,
        },
        report: Doc::of(&serde_json::json!({ "summary": summary() })).expect("JSON"),
        pairs,
        waiting: (0..WAITING)
            .map(|n| WaitingResult {
                coachee: coachee_code(PAIRS + n).parse().expect("a code"),
                reason: Doc::of(&waiting(n)).expect("JSON"),
            })
            .collect(),
        prices: vec![PriceResult { coach: coach_code(0).parse().expect("a code"), price: 5 }],
    };
    store
        .write(|db| {
            let cohort = CohortId::new();
            let named = cohorts::Cohort {
                id: cohort,
                code: "2026-1".into(),
                name: "Kohort <Contoh> & kawan".into(),
                opens_on: None,
                closes_on: None,
                created_at: now,
            };
            cohorts::create(db, &named)?;
            records::save(db, cohort, &people, now)?;
            let policy = cohorts::keep_policy(db, None, "baku", &Policy::default(), now)?;
            let new = NewRun {
                cohort,
                policy: policy.id,
                objective: Objective::MostPeople,
                seed: u64::MAX,
                as_of: NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day"),
                ordered_by: None,
            };
            let run = runs::create(db, &new, now)?;
            runs::start(db, run, now)?;
            runs::save_result(db, run, &result, now)?;
            Ok::<_, coachnet::store::StoreError>(run)
        })
        .expect("a run")
}

/// Status, headers and bytes of an answer.
pub type Fetched = (u16, Vec<(String, String)>, Vec<u8>);

/// A server on a port of its own, for as long as the test runs.
pub struct Site {
    address: SocketAddr,
}

impl Site {
    /// Serves a store in a thread of this process.
    pub fn serve(store: Store) -> Self {
        Self::serve_with(store, |_| {})
    }

    /// Like [`Site::serve`], with other settings. Results are open.
    pub fn serve_with(store: Store, change: impl FnOnce(&mut Config)) -> Self {
        Self::serve_by(Clock::system(), store, |config| {
            super::world::settings(config);
            config.server.open_results = true;
            change(config);
        })
    }

    /// Like [`Site::serve_with`], by a clock, and with closed results.
    pub fn serve_by(clock: Clock, store: Store, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::load_with(None, [], Vec::new()).expect("the defaults");
        config.jobs.enabled = false;
        change(&mut config);
        config.server.port = 0;
        config.server.workers = 1;
        config.log.level = coachnet::config::LogLevel::Error;
        let (listening, address) = mpsc::channel();
        // Signals are for the test runner; the server ends with the process.
        let never = std::future::pending();
        std::thread::spawn(move || {
            serve_by(clock, never, store, &config, |at| listening.send(at).expect("a waiting test"))
        });
        Self { address: address.recv().expect("a listening server") }
    }

    /// One that another process serves.
    pub const fn at(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks for a path.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// Asks in any way.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers, "")
    }

    /// Asks with a body.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (status, headers, bytes) = self.fetch(method, path, headers, body);
        Answer { status, headers, body: String::from_utf8(bytes).expect("a text") }
    }

    /// The same with an answer that may be no text: its status, headers and bytes.
    pub fn fetch(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Fetched {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .build()
            .into();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answered = match body {
            "" => agent.run(request.body(()).expect("a request")),
            body => agent.run(request.body(body).expect("a request")),
        };
        let mut response = answered.expect("an answer");
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        (response.status().as_u16(), headers, response.body_mut().read_to_vec().expect("a body"))
    }
}

/// An answer of the server.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// The value of a header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {}", self.body))
    }
}
