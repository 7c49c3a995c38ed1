//! What a run works on: the cohort as the database holds it when it is computed, and ever after as it was kept.

use std::collections::{HashMap, HashSet};

use super::{ServiceError, ServiceResult};
use crate::domain::{ConditionKind, Obstacle, PersonCode, Policy, Reference, RunFailure, WhatIf};
use crate::matching::report::NamedPair;
use crate::matching::run::{Before, RunError};
use crate::matching::{CannotKeep, Cohort, KeepFault};
use crate::store::pairs::PriceResult;
use crate::store::run_conditions::{self, Condition};
use crate::store::runs::Run;
use crate::store::{Db, RunId, Store, StoreError, cohorts, pairs, records, reference, run_inputs, runs};
use crate::tabular::digest;
use crate::tabular::hash::sha256;
use crate::tabular::snapshot::{InputSnapshot, SnapshotError, known_positions, positions};

/// Why a run was not computed.
pub(super) enum Halt {
    /// It cannot be, however often it is tried.
    Impossible(RunFailure, Obstacle),
    /// Whoever watched has ended it.
    Stopped(String),
    /// Something else, that may be otherwise the next time.
    Other(ServiceError),
}

impl From<ServiceError> for Halt {
    fn from(why: ServiceError) -> Self {
        Self::Other(why)
    }
}

impl From<StoreError> for Halt {
    fn from(why: StoreError) -> Self {
        Self::Other(why.into())
    }
}

impl From<RunError> for Halt {
    fn from(why: RunError) -> Self {
        match why {
            RunError::Cancelled(why) => Self::Stopped(why.to_string()),
            why => Self::Other(ServiceError::Internal(why.to_string())),
        }
    }
}

impl From<SnapshotError> for Halt {
    fn from(why: SnapshotError) -> Self {
        match why {
            SnapshotError::TooLarge(bytes) => {
                Self::Impossible(RunFailure::TooLarge, Obstacle::TooLarge { bytes: bytes as u64 })
            }
            why => Self::Other(ServiceError::Internal(why.to_string())),
        }
    }
}

impl From<CannotKeep> for Halt {
    fn from(why: CannotKeep) -> Self {
        let CannotKeep { coachee, coach, why } = why;
        let obstacle = match why {
            KeepFault::HasCoach => Obstacle::HasCoach { coachee, coach },
            KeepFault::NoPlaceLeft => Obstacle::NoPlaceLeft { coachee, coach },
            KeepFault::Rules(rules) => {
                let rules = rules.iter().map(|rule| rule.as_str().to_owned()).collect();
                Obstacle::Rules { coachee, coach, rules }
            }
        };
        Self::Impossible(RunFailure::Condition, obstacle)
    }
}

impl From<Halt> for ServiceError {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Impossible(_, why) => ServiceError::Invalid(why.to_string()),
            Halt::Stopped(why) => ServiceError::Conflict(why),
            Halt::Other(why) => why,
        }
    }
}

/// A run with all that the database has of its input.
struct Read {
    run: Run,
    policy: Policy,
    parts: crate::domain::reference::ReferenceParts,
    records: crate::domain::records::CohortRecords,
    conditions: Vec<Condition>,
    what_if: Option<WhatIf>,
    earlier: Option<Earlier>,
}

/// What an earlier run came to, by codes.
struct Earlier {
    /// Those of the pairs that are pairings now.
    accepted: Vec<(PersonCode, PersonCode)>,
    pairs: Vec<(PersonCode, PersonCode)>,
    prices: Vec<PriceResult>,
}

/// Reads a run with its input; pairings of `left_out` are no part of it.
fn read(db: &mut Db, id: RunId, left_out: &HashSet<PersonCode>) -> Result<Read, StoreError> {
    let run = runs::get(db, id)?;
    let policy = cohorts::get_policy(db, run.policy)?.policy;
    let damaged = |why| StoreError::Internal(format!("damaged row in runs: {why}"));
    let what_if = run.what_if.as_ref().map(|doc| doc.read().map_err(damaged));
    let earlier = match run.follows {
        Some(earlier) => {
            let mut accepted = pairs::become_pairings(db, earlier, run.cohort)?;
            accepted.retain(|(coachee, _)| !left_out.contains(coachee));
            Some(Earlier { accepted, pairs: pairs::all(db, earlier)?, prices: pairs::prices(db, earlier)? })
        }
        None => None,
    };
    let records = records::load_with(db, run.cohort, earlier.as_ref().map_or(&[], |earlier| &earlier.accepted))?;
    Ok(Read {
        policy,
        records,
        parts: reference::load(db)?,
        conditions: run_conditions::of_run(db, id)?,
        what_if: what_if.transpose()?,
        earlier,
        run,
    })
}

/// The input of a run as the database holds its cohort now. A pairing that the rules would not allow any more, as
/// when its coach takes nobody new, goes on, but is no part of it.
pub(super) fn fresh(store: &Store, id: RunId) -> Result<InputSnapshot, Halt> {
    let input = built(store, id, &HashSet::new())?;
    let barred = |&&(coachee, coach): &&(u32, u32)| !input.cohort.broken_rules(coachee as usize, coach).is_empty();
    let codes = &input.cohort.coachees.code;
    let left_out: HashSet<PersonCode> =
        input.accepted.iter().filter(barred).map(|pair| codes[pair.0 as usize].clone()).collect();
    if left_out.is_empty() { Ok(input) } else { built(store, id, &left_out) }
}

fn built(store: &Store, id: RunId, left_out: &HashSet<PersonCode>) -> Result<InputSnapshot, Halt> {
    let read = store.snapshot(|db| read(db, id, left_out))?;
    let Read { run, policy, parts, mut records, conditions, what_if, earlier } = read;
    let unreadable = |obstacle| Halt::Impossible(RunFailure::Input, obstacle);
    let reference = Reference::new(parts).map_err(|_| unreadable(Obstacle::ReferenceData))?;
    if let Some(what_if) = what_if {
        if let Some(person) = records.coaches.iter().find(|coach| WhatIf::is_code(&coach.code)) {
            return Err(unreadable(Obstacle::HypotheticalCode { person: person.code.clone() }));
        }
        records.coaches.extend(what_if.records(&reference).map_err(|_| unreadable(Obstacle::WhatIf))?);
    }
    let digest = digest(&records, &reference).map_err(|why| ServiceError::Internal(why.to_string()))?;
    let mut cohort = Cohort::build(&records, &reference, &policy, run.as_of, run.seed)
        .map_err(|why| unreadable(Obstacle::Unknown { person: why.person, code: why.value }))?;
    drop(records);
    // Who asks no more need not be kept from anybody.
    cohort.forbid(&known_positions(&cohort, &named(&conditions, ConditionKind::Forbidden)));
    let pinned = named(&conditions, ConditionKind::Pinned);
    let pinned = positions(&cohort, &pinned).map_err(|pair| {
        let (coachee, coach) = (pair.coachee.clone(), pair.coach.clone());
        Halt::Impossible(RunFailure::Condition, Obstacle::NotAsking { coachee, coach })
    })?;
    let accepted = earlier.iter().flat_map(|earlier| &earlier.accepted);
    let accepted: Vec<NamedPair> =
        accepted.map(|(coachee, coach)| NamedPair { coachee: coachee.clone(), coach: coach.clone() }).collect();
    let accepted = known_positions(&cohort, &accepted);
    let before = earlier.map(|earlier| before(&cohort, &earlier));
    Ok(InputSnapshot { cohort, pinned, accepted, before, digest })
}

fn named(conditions: &[Condition], kind: ConditionKind) -> Vec<NamedPair> {
    let of_kind = conditions.iter().filter(|condition| condition.kind == kind);
    of_kind.map(|c| NamedPair { coachee: c.coachee.clone(), coach: c.coach.clone() }).collect()
}

fn before(cohort: &Cohort, earlier: &Earlier) -> Before {
    let Earlier { pairs, prices, .. } = earlier;
    let at = places(&cohort.coaches.code);
    let pair = |(coachee, coach): &(PersonCode, PersonCode)| {
        Some((cohort.coachees.code.binary_search(coachee).ok()? as u32, *at.get(coach.as_str())?))
    };
    let mut priced = vec![0; cohort.coaches.len()];
    for PriceResult { coach, price } in prices {
        if let Some(&coach) = at.get(coach.as_str()) {
            priced[coach as usize] = *price;
        }
    }
    Before { pairs: pairs.iter().filter_map(pair).collect(), prices: priced }
}

/// The positions of people by their codes.
pub(super) fn places(codes: &[PersonCode]) -> HashMap<&str, u32> {
    codes.iter().map(PersonCode::as_str).zip(0..).collect()
}

/// The input of a computed run as it was kept; of a run of the time before inputs were kept, as the database
/// holds its cohort now.
///
/// # Errors
/// When it is damaged, or was not kept and is not there any more as it was: `digest` says how it was.
pub(super) fn of_run(store: &Store, id: RunId, digest: &str) -> ServiceResult<InputSnapshot> {
    if let Some((_, input)) = kept(store, id)? {
        return if input.digest == digest {
            Ok(input)
        } else {
            Err(ServiceError::Internal("the kept input is of another run".into()))
        };
    }
    let input = fresh(store, id)?;
    if input.digest == digest {
        return Ok(input);
    }
    let why = "the cohort has changed since the run was computed, and its input was not kept then; compute a new run";
    Err(ServiceError::Conflict(why.into()))
}

/// The kept input of a run with the archive it was kept in, if it was kept.
///
/// # Errors
/// When it is damaged.
pub fn kept(store: &Store, id: RunId) -> ServiceResult<Option<(Vec<u8>, InputSnapshot)>> {
    let Some((facts, archive)) = store.snapshot(|db| run_inputs::load(db, id))? else { return Ok(None) };
    if sha256(&archive) != facts.digest {
        return Err(ServiceError::Internal("the kept input is not what was kept".into()));
    }
    let input = InputSnapshot::read(&archive).map_err(|why| ServiceError::Internal(why.to_string()))?;
    Ok(Some((archive, input)))
}
