//! `coachnet verify DIR DIR2`: checks a result against its input.
//!
//! The plan is judged first, then the proof, then what the report says of them, then the digests:
//! so that the first lines tell what is really wrong.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::assign::{reserving, summary};
use super::cohort_folder::{self, CohortFolder};
use super::{CliError, CliResult};
use crate::domain::PersonCode;
use crate::matching::all_pairs::PlainPairs;
use crate::matching::certificate::{Certificate, Claim, Fault, Pairs, Points, certify};
use crate::matching::run::Plan;
use crate::matching::{Cohort, report};
use crate::tabular::explanations::{explanations_csv, waiting_csv};
use crate::tabular::result::{Amount, EXPLANATIONS, PAIRS, PRICES, REPORT, Report, WAITING, sha256};
use crate::tabular::scores::{self, Ids};

/// Arguments of `coachnet verify`.
#[derive(clap::Args)]
pub struct Args {
    /// The folder with the input
    input: PathBuf,
    /// The folder with the result
    result: PathBuf,
}

/// Says what the result proves, or all that is wrong with it (exit code 4).
pub fn run(args: Args) -> CliResult {
    if scores::is_scores(&args.input) {
        return verify_scores(&args.input, &args.result);
    }
    if cohort_folder::is_cohort(&args.input) {
        return verify_cohort(&args.input, &args.result);
    }
    let input = args.input.display();
    Err(CliError::Usage(format!("{input} holds neither coachees.csv of a cohort nor {} of scores", scores::EDGES)))
}

/// The cohort that a result says it was made from, read as the result says it was read.
pub(super) fn read_cohort_of(input: &Path, result: &ResultFolder) -> Result<CohortFolder, CliError> {
    let Some(run) = &result.report.run else {
        return Err(CliError::Refuted(format!(
            "{REPORT} does not say how the cohort was read; is it of other scores?"
        )));
    };
    if let Err(bad) = run.policy.check() {
        return Err(CliError::Refuted(format!("{REPORT}: run.policy.{bad}")));
    }
    if run.policy.objective != result.report.objective {
        return Err(CliError::Refuted(format!("{REPORT}: objective and run.policy.objective differ")));
    }
    cohort_folder::read(input, &run.policy, Some(run.as_of), result.report.seed)
}

/// Checks a result over every pair of the cohort, each scored by the plain definition.
fn verify_cohort(input: &Path, folder: &Path) -> CliResult {
    let result = ResultFolder::read(folder)?;
    let CohortFolder { cohort, digest } = read_cohort_of(input, &result)?;
    let (coachees, coaches) = ids_of(&cohort);
    let subject = Subject { problem: &PlainPairs(&cohort), coachees: &coachees, coaches: &coaches, digest: &digest };
    conclude(subject.judge(&result, |stated| check_story(&cohort, stated, &result)))
}

/// The codes of a cohort, by position.
pub(super) fn ids_of(cohort: &Cohort) -> (Ids, Ids) {
    let ids = |codes: &[PersonCode]| Ids::in_order(codes.iter().map(|code| code.as_str().into()).collect());
    (ids(&cohort.coachees.code), ids(&cohort.coaches.code))
}

/// Whether explanations, waiting list and numbers are those of the plan. The plan is sound by now.
fn check_story(cohort: &Cohort, stated: &Stated, result: &ResultFolder) -> Vec<String> {
    let mut findings = Vec::new();
    let plan = Plan::new(cohort, &stated.pairs);
    for (name, stated, found) in [
        (EXPLANATIONS, &result.explanations, explanations_csv(cohort, &plan)),
        (WAITING, &result.waiting, waiting_csv(cohort, &plan)),
    ] {
        match (stated, found) {
            (Some(stated), Ok(found)) => findings.extend(first_difference(name, stated, &found)),
            (None, _) => findings.push(format!("{name} is missing")),
            (_, Err(error)) => findings.push(format!("{name}: {error}")),
        }
    }
    let facts = report::facts(cohort, &plan);
    if result.report.run.as_ref() != Some(&facts) {
        findings.push(format!("{REPORT}: the numbers under \"run\" are not those of the plan"));
    }
    findings
}

fn first_difference(name: &str, stated: &str, found: &str) -> Option<String> {
    if stated == found {
        return None;
    }
    let (mut stated, mut found) = (stated.lines(), found.lines());
    for line in 1.. {
        match (stated.next(), found.next()) {
            (None, None) => break,
            (a, b) if a != b => {
                let show = |text: Option<&str>| text.map_or("the end".to_owned(), |text| format!("{text:?}"));
                return Some(format!("{name}, line {line}: found {}, expected {}", show(a), show(b)));
            }
            _ => {}
        }
    }
    Some(format!("{name}: the line ends were changed"))
}

fn verify_scores(input: &Path, folder: &Path) -> CliResult {
    let result = ResultFolder::read(folder)?;
    let rule = result.report.reserve_rule;
    if rule.is_some_and(|rule| !(1..=100).contains(&rule.percent)) {
        return Err(CliError::Refuted(format!("{REPORT}: reserve_rule.percent: expected 1 to 100")));
    }
    let scores = reserving(scores::read(input, result.report.seed)?, rule);
    let subject = Subject {
        problem: &scores.instance,
        coachees: &scores.coachees,
        coaches: &scores.coaches,
        digest: &scores.digest,
    };
    conclude(subject.judge(&result, |_| Vec::new()))
}

fn conclude(judgement: Result<Certificate, Vec<String>>) -> CliResult {
    match judgement {
        Ok(certificate) => {
            let verdict = if certificate.holds() { "the result holds" } else { "the result holds as far as it claims" };
            say!("{}{verdict}", summary(&certificate));
            Ok(())
        }
        Err(findings) => Err(CliError::Refuted(format!("the result does not hold\n  {}", findings.join("\n  ")))),
    }
}

/// The files of a result as they are on disk.
pub(super) struct ResultFolder {
    pairs: String,
    prices: String,
    explanations: Option<String>,
    waiting: Option<String>,
    report_text: String,
    pub(super) report: Report,
}

impl ResultFolder {
    /// Reads the files of a result.
    pub(super) fn read(folder: &Path) -> Result<Self, CliError> {
        let text = |file: &str| {
            fs::read(folder.join(file))
                .map_err(|error| CliError::Refuted(format!("{}: {error}", folder.join(file).display())))
                .and_then(|bytes| {
                    String::from_utf8(bytes).map_err(|_| CliError::Refuted(format!("{file}: expected UTF-8")))
                })
        };
        let report_text = text(REPORT)?;
        let report =
            serde_json::from_str(&report_text).map_err(|error| CliError::Refuted(format!("{REPORT}: {error}")))?;
        let if_there = |file: &str| folder.join(file).exists().then(|| text(file)).transpose();
        Ok(Self {
            pairs: text(PAIRS)?,
            prices: text(PRICES)?,
            explanations: if_there(EXPLANATIONS)?,
            waiting: if_there(WAITING)?,
            report_text,
            report,
        })
    }
}

/// What the files of a result state.
pub(super) struct Stated {
    pub(super) pairs: Vec<(u32, u32)>,
    pub(super) prices: Vec<Points>,
    pub(super) lambda: Points,
    pub(super) bonus: Points,
}

/// What a result is checked against.
pub(super) struct Subject<'a, P> {
    pub(super) problem: &'a P,
    pub(super) coachees: &'a Ids,
    pub(super) coaches: &'a Ids,
    /// SHA-256 over the content of the input.
    pub(super) digest: &'a str,
}

impl<P: Pairs> Subject<'_, P> {
    /// The certificate of a result, or all that is wrong with it.
    ///
    /// `story` checks the other files of a plan that is sound.
    pub(super) fn judge(
        &self,
        result: &ResultFolder,
        story: impl FnOnce(&Stated) -> Vec<String>,
    ) -> Result<Certificate, Vec<String>> {
        let mut findings = Vec::new();
        let stated = self.read(result, &mut findings);
        let Stated { pairs, prices, .. } = &stated;
        let claim = Claim { pairs, prices, lambda: stated.lambda, bonus: stated.bonus };
        let certificate = certify(self.problem, result.report.objective, claim);
        match &certificate {
            Ok(certificate) => {
                compare(certificate, &result.report, &mut findings);
                findings.extend(story(&stated));
            }
            Err(faults) => findings.extend(faults.iter().map(|fault| self.name(fault))),
        }
        self.check_digests(result, &mut findings);
        match certificate {
            Ok(certificate) if findings.is_empty() => Ok(certificate),
            _ => Err(findings),
        }
    }

    /// What the files state, as far as they can be read.
    pub(super) fn read(&self, result: &ResultFolder, findings: &mut Vec<String>) -> Stated {
        Stated {
            pairs: self.read_pairs(&result.pairs, findings),
            prices: self.read_prices(&result.prices, findings),
            lambda: result.report.lambda.points().unwrap_or_else(|| {
                findings.push(format!("{REPORT}: lambda: {}; expected an amount", result.report.lambda));
                Points::ZERO
            }),
            bonus: result.report.reserve.map_or(Points::ZERO, |reserve| reserve.cost),
        }
    }

    fn read_pairs(&self, text: &str, findings: &mut Vec<String>) -> Vec<(u32, u32)> {
        let mut pairs = Vec::new();
        for (line, [coachee, coach]) in lines(PAIRS, text, ["coachee", "coach"], findings) {
            match (self.coachees.position(&coachee), self.coaches.position(&coach)) {
                (Some(coachee), Some(coach)) => pairs.push((coachee, coach)),
                (None, _) => findings.push(format!("{PAIRS}, line {line}: coachee {coachee:?} is not in the input")),
                (_, None) => findings.push(format!("{PAIRS}, line {line}: coach {coach:?} is not in the input")),
            }
        }
        pairs
    }

    fn read_prices(&self, text: &str, findings: &mut Vec<String>) -> Vec<Points> {
        let mut known: HashMap<u32, Points> = HashMap::new();
        for (line, [coach, price]) in lines(PRICES, text, ["coach", "price"], findings) {
            let Some(position) = self.coaches.position(&coach) else {
                findings.push(format!("{PRICES}, line {line}: coach {coach:?} is not in the input"));
                continue;
            };
            match price.parse() {
                Ok(price) if known.insert(position, price).is_some() => {
                    findings.push(format!("{PRICES}, line {line}: coach {coach:?} has a price already"));
                }
                Ok(_) => {}
                Err(error) => findings.push(format!("{PRICES}, line {line}: {price:?}; {error}")),
            }
        }
        let mut price_of = |coach: u32| {
            known.get(&coach).copied().unwrap_or_else(|| {
                findings.push(format!("{PRICES}: coach {:?} has no price", self.coaches.name(coach)));
                Points::ZERO
            })
        };
        (0..self.problem.coaches() as u32).map(&mut price_of).collect()
    }

    fn name(&self, fault: &Fault) -> String {
        let (coachee, coach) = (|c: &u32| self.coachees.name(*c), |c: &u32| self.coaches.name(*c));
        match fault {
            Fault::CoacheeTwice { coachee: c } => format!("{PAIRS}: coachee {:?} has more than one coach", coachee(c)),
            Fault::NotAllowed { coachee: c, coach: k } => {
                format!("{PAIRS}: coachee {:?} with coach {:?} is no pair that the input allows", coachee(c), coach(k))
            }
            Fault::TooMany { coach: k, held, capacity } => {
                format!("{PAIRS}: coach {:?} has {held} coachees in {capacity} places", coach(k))
            }
            Fault::NegativePrice { coach: k } => format!("{PRICES}: the price of coach {:?} is below 0", coach(k)),
            Fault::NoProof => format!("{REPORT}: lambda is below 0, or what the reserve cost is"),
        }
    }

    fn check_digests(&self, result: &ResultFolder, findings: &mut Vec<String>) {
        let report = &result.report;
        let mut check = |stated: &str, found: &str, what: &str| {
            if stated != found {
                findings.push(format!("{what}: the digest in {REPORT} is another ({stated}, found {found})"));
            }
        };
        check(&report.input_digest, self.digest, "the input");
        check(&report.pairs_digest, &sha256(result.pairs.as_bytes()), PAIRS);
        check(&report.prices_digest, &sha256(result.prices.as_bytes()), PRICES);
        for (name, text, stated) in [
            (EXPLANATIONS, &result.explanations, &report.explanations_digest),
            (WAITING, &result.waiting, &report.waiting_digest),
        ] {
            let found = text.as_ref().map(|text| sha256(text.as_bytes()));
            check(stated.as_deref().unwrap_or("none"), found.as_deref().unwrap_or("none"), name);
        }
        if report.own_digest() != report.report_digest || report.to_json() != result.report_text {
            findings.push(format!("{REPORT} was changed after it was written"));
        }
    }
}

/// The lines of a file of two columns, with the number of each.
fn lines(file: &str, text: &str, header: [&str; 2], findings: &mut Vec<String>) -> Vec<(u64, [String; 2])> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else { continue };
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<&str> = record.iter().collect();
        match cells[..] {
            [first, second] => lines.push((line, [first.to_owned(), second.to_owned()])),
            _ => findings.push(format!("{file}, line {line}: expected {},{}", header[0], header[1])),
        }
    }
    if lines.first().is_none_or(|(line, cells)| *line != 1 || cells != &header) {
        findings.push(format!("{file}, line 1: expected the header {},{}", header[0], header[1]));
        return lines;
    }
    lines.remove(0);
    lines
}

/// Whether the report says what was found.
fn compare(found: &Certificate, report: &Report, findings: &mut Vec<String>) {
    let mut check = |key: &str, stated: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
        let (stated, found) = (stated.to_string(), found.to_string());
        if stated != found {
            findings.push(format!("{REPORT}: {key} is {stated}, but the files give {found}"));
        }
    };
    check("coachees", &report.coachees, &found.coachees);
    check("matched", &report.matched, &found.matched);
    check("possible", &report.possible, &found.possible);
    check("total_weight", &report.total_weight, &found.total);
    check("upper_bound", &report.upper_bound, &Amount::from(found.upper_bound));
    check("gap", &report.gap, &Amount::from(found.gap));
    check("blocking_pairs", &report.blocking_pairs, &found.blocking_pairs);
    let json = |reserve| serde_json::to_string(reserve).unwrap_or_default();
    check("reserve", &json(&report.reserve), &json(&found.reserve));
    check("proven", &report.proven, &found.holds());
}
