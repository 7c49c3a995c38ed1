//! `coachnet explain DIR DIR2 --coachee A --coach B`: why two people were paired, or why not.

use std::path::PathBuf;

use super::cohort_folder::CohortFolder;
use super::names::{Codes, Names};
use super::result_folder::ResultFolder;
use super::verify::{Subject, read_cohort_of};
use super::{CliError, CliResult};
use crate::domain::Objective;
use crate::matching::certificate::Points;
use crate::matching::check::PlainPairs;
use crate::matching::explain::{Ahead, Explanation, WhyNot};
use crate::matching::{Cohort, Standing, why_not};

/// Arguments of `coachnet explain`.
#[derive(clap::Args)]
#[command(
    after_help = "Answers for any pair of the cohort: proposed, with the points of its score; forbidden, by which \
    rules; or allowed but behind others, by whom, and what it would cost the total to force it."
)]
pub struct Args {
    /// The folder with the cohort, or the input.zip of an exported run
    input: PathBuf,
    /// The folder with the result of `coachnet match`
    result: PathBuf,
    /// Code of the coachee
    #[arg(long, value_name = "CODE")]
    coachee: String,
    /// Code of the coach
    #[arg(long, value_name = "CODE")]
    coach: String,
}

/// Prints the answer.
pub fn run(args: Args) -> CliResult {
    let result = ResultFolder::open(&args.result)?;
    let CohortFolder { cohort, digest } = read_cohort_of(&args.input, &result)?;
    if digest != result.report.input_digest {
        let why = "the cohort has changed since the result was made; match it again to ask about it";
        return Err(CliError::Refuted(why.into()));
    }
    let (coachees, coaches) = (Codes::new(&cohort.coachees.code), Codes::new(&cohort.coaches.code));
    let unknown = |what: &str, code: &str| CliError::BadInput(format!("{what} {code:?} is not in the cohort"));
    let coachee = coachees.position(&args.coachee).ok_or_else(|| unknown("coachee", &args.coachee))?;
    let coach = coaches.position(&args.coach).ok_or_else(|| unknown("coach", &args.coach))?;
    let subject = Subject {
        problem: &PlainPairs::new(&cohort),
        kept: &cohort.kept,
        coachees: &coachees,
        coaches: &coaches,
        digest: &digest,
    };
    let mut findings = Vec::new();
    let stated = subject.read(&result, &mut findings)?;
    if !findings.is_empty() {
        return Err(CliError::Refuted(findings.join("\n  ")));
    }
    let weighs_totals = result.report.objective != Objective::Stable;
    let lambda = weighs_totals.then_some(stated.lambda);
    let standing = Standing { pairs: stated.pairs, prices: stated.prices, lambda, bonus: stated.bonus };
    print_answer(&cohort, &why_not(&cohort, &standing, coachee as usize, coach));
    print_score(&cohort.explain(coachee as usize, coach));
    Ok(())
}

pub(super) fn print_answer(cohort: &Cohort, answer: &WhyNot) {
    match answer {
        WhyNot::Proposed => say!("proposed"),
        WhyNot::Pinned => say!("pinned by an admin: it stands whatever else is better"),
        WhyNot::Accepted => say!("accepted by both sides before: it stands"),
        WhyNot::StandsElsewhere { pinned: true, coach } => {
            say!("allowed, but an admin has pinned the coachee to {coach}");
        }
        WhyNot::StandsElsewhere { pinned: false, coach } => {
            say!("allowed, but the coachee and {coach} have said yes to each other before");
        }
        WhyNot::Forbidden { rules } => {
            say!("forbidden by: {}", rules.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", "));
        }
        WhyNot::Behind { score, ahead, instead, cost } => {
            say!("allowed, score {score} of {}, but not proposed", cohort.policy.weights.total());
            for Ahead { coachee, class, score, lottery } in ahead {
                say!("  the coach was given {coachee}: score {score}, class {class}, lottery {lottery}");
            }
            if let Some((coach, score)) = instead {
                say!("  the coachee was given {coach}: score {score}");
            }
            match cost {
                Some(cost) if *cost > Points::ZERO => {
                    say!("  forcing this pair would cost the total at least {cost} points");
                }
                Some(_) => say!("  a plan just as good may hold this pair; the lottery decided"),
                None => {}
            }
        }
    }
}

pub(super) fn print_score(explanation: &Explanation) {
    say!("score {}", explanation.score);
    for component in &explanation.components {
        say!("  {:<14} {:>3} of {:>3}", component.name(), component.points(), component.max());
    }
}
