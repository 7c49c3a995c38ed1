//! Computed runs as they were, whatever has become of their cohort since.

use super::run_work::{Worked, work};
use super::{ServiceError, ServiceResult, run_input};
use crate::domain::{Objective, PersonCode};
use crate::matching::certificate::Points;
use crate::matching::report::{NamedPair, RunReport};
use crate::matching::run::Pair;
use crate::matching::watch::Watch;
use crate::matching::{Cohort, Standing};
use crate::store::pairs::PriceResult;
use crate::store::{RunId, Store, StoreError, pairs, runs};

/// The report of a computed run.
///
/// # Errors
/// When there is no such run, or it is not computed.
pub fn report_of(store: &Store, id: RunId) -> ServiceResult<RunReport> {
    let run = store.read(|db| runs::get(db, id)).map_err(|error| ServiceError::from(error).about("run"))?;
    let Some(report) = run.report else {
        return Err(ServiceError::Conflict(format!("the run is {}: it has no result", run.status)));
    };
    report.read().map_err(|why| ServiceError::Internal(why.to_string()))
}

/// A computed run with the cohort it was made from.
pub struct Computed {
    /// The cohort, with the pairs that were pinned.
    pub cohort: Cohort,
    /// The pairs and prices, by position in the cohort; without pinned pairs.
    pub standing: Standing,
    /// The report.
    pub report: RunReport,
    /// How many people of it were erased since. Their lottery numbers went with their codes.
    pub erased: usize,
}

/// A computed run with its cohort as it was then, for whoever wants to take it away or ask about single pairs.
///
/// # Errors
/// When there is no such run, it is not computed, or it is of the time before inputs were kept and its
/// cohort has changed since.
pub fn computed(store: &Store, id: RunId) -> ServiceResult<Computed> {
    let report = report_of(store, id)?;
    let input = run_input::of_run(store, id, &report.input_digest)?;
    let erased = input.erased();
    let cohort = input.kept().map_err(|why| ServiceError::Internal(why.to_string()))?;
    let (stored, priced) = store.snapshot(|db| Ok::<_, StoreError>((pairs::all(db, id)?, pairs::prices(db, id)?)))?;
    let coachees = run_input::places(&cohort.coachees.code);
    let coaches = run_input::places(&cohort.coaches.code);
    let pair = |(coachee, coach): &(PersonCode, PersonCode)| {
        let coachee = *coachees.get(coachee.as_str())?;
        (!cohort.kept_focus.contains_key(&coachee)).then_some((coachee, *coaches.get(coach.as_str())?))
    };
    let mut prices = vec![Points::ZERO; cohort.coaches.len()];
    for PriceResult { coach, price } in &priced {
        if let Some(&at) = coaches.get(coach.as_str()) {
            prices[at as usize] = Points::from(*price);
        }
    }
    let weighs_totals = report.certificate.objective != Objective::Stable;
    let standing = Standing {
        pairs: stored.iter().filter_map(pair).collect(),
        prices,
        lambda: weighs_totals.then_some(report.certificate.lambda),
        bonus: report.certificate.reserve.map_or(Points::ZERO, |reserve| reserve.cost),
    };
    Ok(Computed { cohort, standing, report, erased })
}

/// What was found when a run was worked out once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// The same pairs, and the same report byte for byte.
    Same,
    /// Something else; the program that computed it was of another version.
    OtherVersion,
    /// Something else; so many people of it were erased since, and their lottery numbers with them.
    Erased(usize),
    /// Something else, by the same program: one of the two is wrong.
    Differs,
}

/// Works a computed run out once more from what was kept of its input, and holds it against what was found then.
///
/// # Errors
/// When there is no such run, it is not computed, or its input was not kept.
pub fn repeat(store: &Store, id: RunId, watch: Watch) -> ServiceResult<Repeated> {
    let stored = report_of(store, id)?;
    let Some((_, input)) = run_input::kept(store, id)? else {
        return Err(ServiceError::Conflict("the input of the run was not kept".into()));
    };
    let erased = input.erased();
    let Worked { cohort, outcome, report } = work(input, watch)?;
    let named = |pair: &Pair| NamedPair::of(&cohort, (pair.coachee, pair.coach));
    let found: Vec<NamedPair> = cohort.with_kept(&outcome.plan.pairs).iter().map(named).collect();
    let known = store.snapshot(|db| pairs::all(db, id))?;
    let known = known.into_iter().map(|(coachee, coach)| NamedPair { coachee, coach });
    let same = report == stored && known.eq(found);
    Ok(match same {
        true => Repeated::Same,
        false if erased > 0 => Repeated::Erased(erased),
        false if stored.version != env!("CARGO_PKG_VERSION") => Repeated::OtherVersion,
        false => Repeated::Differs,
    })
}
