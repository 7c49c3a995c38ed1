//! `coachnet verify DIR DIR2`: checks a result against its input.
//!
//! The plan is judged first, then the proof, then what the report says of them, then the digests:
//! so that the first lines tell what is really wrong.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::assign::{reserving, summary};
use super::cohort_folder::{self, CohortFolder};
use super::names::{Codes, Names};
use super::result_folder::ResultFolder;
use super::{CliError, CliResult};
use crate::matching::certificate::{Certificate, Claim, Fault, Pairs, Points, certify};
use crate::matching::check::PlainPairs;
use crate::matching::report::NamedPair;
use crate::matching::run::{Pair, Plan};
use crate::matching::{Cohort, report};
use crate::tabular::explanations::{write_explanations, write_waiting};
use crate::tabular::result::{Amount, EXPLANATIONS, PAIRS, PRICES, REPORT, Report, WAITING};
use crate::tabular::scores;
use crate::tabular::snapshot::positions;

/// Arguments of `coachnet verify`.
#[derive(clap::Args)]
pub struct Args {
    /// The folder with the input, or the input.zip of an exported run
    input: PathBuf,
    /// The folder with the result
    result: PathBuf,
}

/// Says what the result proves, or all that is wrong with it (exit code 4).
pub fn run(args: Args) -> CliResult {
    if scores::is_scores(&args.input) {
        return verify_scores(&args.input, &args.result);
    }
    if cohort_folder::is_cohort(&args.input) || cohort_folder::is_kept_input(&args.input) {
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
    if cohort_folder::is_kept_input(input) {
        let kept = cohort_folder::read_kept(input)?;
        let Cohort { policy, as_of, seed, .. } = &kept.cohort;
        if (policy, *as_of, *seed) != (&run.policy, run.as_of, result.report.seed) {
            let why = "policy, day or seed are not those that the input was kept with";
            return Err(CliError::Refuted(format!("{REPORT}: {why}")));
        }
        return Ok(kept);
    }
    let mut read = cohort_folder::read(input, &run.policy, Some(run.as_of), result.report.seed)?;
    let nobody = |pair: &NamedPair| {
        let why = format!("the pair of {} and {} is not in the cohort", pair.coachee, pair.coach);
        CliError::Refuted(format!("{REPORT}: {why}"))
    };
    let forbidden = positions(&read.cohort, &run.forbidden).map_err(nobody)?;
    read.cohort.forbid(&forbidden);
    let accepted = positions(&read.cohort, &run.accepted).map_err(nobody)?;
    read.cohort.keep_accepted(&accepted).map_err(|why| CliError::Refuted(format!("{REPORT}: {why}")))?;
    let pinned = positions(&read.cohort, &run.pinned).map_err(nobody)?;
    read.cohort.keep(&pinned).map_err(|why| CliError::Refuted(format!("{REPORT}: {why}")))?;
    Ok(read)
}

/// Checks a result over every pair of the cohort, each scored by the checker's own means.
fn verify_cohort(input: &Path, folder: &Path) -> CliResult {
    let result = ResultFolder::open(folder)?;
    let CohortFolder { cohort, digest } = read_cohort_of(input, &result)?;
    let (coachees, coaches) = (Codes::new(&cohort.coachees.code), Codes::new(&cohort.coaches.code));
    let subject = Subject {
        problem: &PlainPairs::new(&cohort),
        kept: &cohort.kept,
        coachees: &coachees,
        coaches: &coaches,
        digest: &digest,
    };
    let story = |stated: &Stated, findings: &mut Vec<String>| check_story(&cohort, stated, &result, findings);
    conclude(subject.judge(&result, story)?)
}

/// Whether explanations, waiting list and numbers are those of the plan, which is sound by now.
/// Returns the digests of the two files.
fn check_story(
    cohort: &Cohort,
    stated: &Stated,
    result: &ResultFolder,
    findings: &mut Vec<String>,
) -> Result<StoryDigests, CliError> {
    let plan = Plan::new(cohort, &stated.pairs);
    let mut digests = StoryDigests::default();
    for (name, digest) in [(EXPLANATIONS, &mut digests.explanations), (WAITING, &mut digests.waiting)] {
        if !result.has(name) {
            findings.push(format!("{name} is missing"));
            continue;
        }
        let (difference, found) = result.compare(name, |file| match name {
            EXPLANATIONS => write_explanations(file, cohort, &plan),
            _ => write_waiting(file, cohort, &plan),
        })?;
        findings.extend(difference);
        *digest = Some(found);
    }
    let facts = report::facts(cohort, &plan);
    if result.report.run.as_ref() != Some(&facts) {
        findings.push(format!("{REPORT}: the numbers under \"run\" are not those of the plan"));
    }
    Ok(digests)
}

fn verify_scores(input: &Path, folder: &Path) -> CliResult {
    let result = ResultFolder::open(folder)?;
    let rule = result.report.reserve_rule;
    if rule.is_some_and(|rule| !(1..=100).contains(&rule.percent)) {
        return Err(CliError::Refuted(format!("{REPORT}: reserve_rule.percent: expected 1 to 100")));
    }
    let scores = reserving(scores::read(input, result.report.seed)?, rule);
    let subject = Subject {
        problem: &scores.instance,
        kept: &[],
        coachees: &scores.coachees,
        coaches: &scores.coaches,
        digest: &scores.digest,
    };
    conclude(subject.judge(&result, |_, _| StoryDigests::of(&result))?)
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

/// What the files of a result state, and the digests of those files.
pub(super) struct Stated {
    pub pairs: Vec<(u32, u32)>,
    pub prices: Vec<Points>,
    pub lambda: Points,
    pub bonus: Points,
    pairs_digest: String,
    prices_digest: String,
}

/// The digests of the files that tell the story of a plan, where there are such.
#[derive(Default)]
pub(super) struct StoryDigests {
    explanations: Option<String>,
    waiting: Option<String>,
}

impl StoryDigests {
    fn of(result: &ResultFolder) -> Result<Self, CliError> {
        Ok(Self { explanations: result.digest(EXPLANATIONS)?, waiting: result.digest(WAITING)? })
    }
}

/// What a result is checked against.
pub(super) struct Subject<'a, P, N> {
    pub problem: &'a P,
    /// Pairs that stand and are no part of the problem.
    pub kept: &'a [Pair],
    pub coachees: &'a N,
    pub coaches: &'a N,
    /// SHA-256 over the content of the input.
    pub digest: &'a str,
}

impl<P: Pairs, N: Names> Subject<'_, P, N> {
    /// The certificate of a result, or all that is wrong with it.
    ///
    /// `story` checks the other files of a plan that is sound.
    fn judge(
        &self,
        result: &ResultFolder,
        story: impl FnOnce(&Stated, &mut Vec<String>) -> Result<StoryDigests, CliError>,
    ) -> Result<Result<Certificate, Vec<String>>, CliError> {
        let mut findings = Vec::new();
        let stated = self.read(result, &mut findings)?;
        let Stated { pairs, prices, .. } = &stated;
        let claim = Claim { pairs, prices, lambda: stated.lambda, bonus: stated.bonus };
        let certificate = certify(self.problem, result.report.objective, claim);
        let certificate = certificate.map(|found| found.with_kept(self.kept, self.problem.reserve()));
        let digests = match &certificate {
            Ok(certificate) => {
                compare(certificate, &result.report, &mut findings);
                story(&stated, &mut findings)?
            }
            Err(faults) => {
                findings.extend(faults.iter().map(|fault| self.name(fault)));
                StoryDigests::of(result)?
            }
        };
        self.check_digests(result, &stated, &digests, &mut findings);
        Ok(match certificate {
            Ok(certificate) if findings.is_empty() => Ok(certificate),
            _ => Err(findings),
        })
    }

    /// What the files state, as far as they can be read.
    pub fn read(&self, result: &ResultFolder, findings: &mut Vec<String>) -> Result<Stated, CliError> {
        let mut pairs = Vec::new();
        let pairs_digest =
            result.each_line(PAIRS, ["coachee", "coach"], findings, |line, [coachee, coach], findings| {
                match (self.coachees.position(coachee), self.coaches.position(coach)) {
                    (Some(coachee), Some(coach)) => pairs.push((coachee, coach)),
                    (None, _) => {
                        findings.push(format!("{PAIRS}, line {line}: coachee {coachee:?} is not in the input"))
                    }
                    (_, None) => findings.push(format!("{PAIRS}, line {line}: coach {coach:?} is not in the input")),
                }
            })?;
        let pairs = self.without_kept(pairs, findings);
        let (prices, prices_digest) = self.read_prices(result, findings)?;
        let lambda = result.report.lambda.points().unwrap_or_else(|| {
            findings.push(format!("{REPORT}: lambda: {}; expected an amount", result.report.lambda));
            Points::ZERO
        });
        let bonus = result.report.reserve.map_or(Points::ZERO, |reserve| reserve.cost);
        Ok(Stated { pairs, prices, lambda, bonus, pairs_digest, prices_digest })
    }

    /// Takes out the pairs that stand; each must be there.
    fn without_kept(&self, mut pairs: Vec<(u32, u32)>, findings: &mut Vec<String>) -> Vec<(u32, u32)> {
        let mut missing: BTreeSet<(u32, u32)> = self.kept.iter().map(|pair| (pair.coachee, pair.coach)).collect();
        if !missing.is_empty() {
            pairs.retain(|pair| !missing.remove(pair));
        }
        for (coachee, coach) in missing {
            let (coachee, coach) = (self.coachees.name(coachee), self.coaches.name(coach));
            findings.push(format!("{PAIRS}: coachee {coachee:?} with coach {coach:?} is missing; it was kept"));
        }
        pairs
    }

    fn read_prices(
        &self,
        result: &ResultFolder,
        findings: &mut Vec<String>,
    ) -> Result<(Vec<Points>, String), CliError> {
        let mut known: Vec<Option<Points>> = vec![None; self.problem.coaches()];
        let digest = result.each_line(PRICES, ["coach", "price"], findings, |line, [coach, price], findings| {
            let Some(position) = self.coaches.position(coach) else {
                findings.push(format!("{PRICES}, line {line}: coach {coach:?} is not in the input"));
                return;
            };
            match price.parse() {
                Ok(price) if known[position as usize].replace(price).is_some() => {
                    findings.push(format!("{PRICES}, line {line}: coach {coach:?} has a price already"));
                }
                Ok(_) => {}
                Err(error) => findings.push(format!("{PRICES}, line {line}: {price:?}; {error}")),
            }
        })?;
        let price = |(coach, known): (u32, Option<Points>)| {
            known.unwrap_or_else(|| {
                findings.push(format!("{PRICES}: coach {:?} has no price", self.coaches.name(coach)));
                Points::ZERO
            })
        };
        Ok(((0..).zip(known).map(price).collect(), digest))
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

    fn check_digests(&self, result: &ResultFolder, stated: &Stated, story: &StoryDigests, findings: &mut Vec<String>) {
        let report = &result.report;
        let mut check = |stated: &str, found: &str, what: &str| {
            if stated != found {
                findings.push(format!("{what}: the digest in {REPORT} is another ({stated}, found {found})"));
            }
        };
        let or_none = |digest: &Option<String>| digest.clone().unwrap_or_else(|| "none".to_owned());
        check(&report.input_digest, self.digest, "the input");
        check(&report.pairs_digest, &stated.pairs_digest, PAIRS);
        check(&report.prices_digest, &stated.prices_digest, PRICES);
        check(&or_none(&report.explanations_digest), &or_none(&story.explanations), EXPLANATIONS);
        check(&or_none(&report.waiting_digest), &or_none(&story.waiting), WAITING);
        if !result.report_is_whole() {
            findings.push(format!("{REPORT} was changed after it was written"));
        }
    }
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
