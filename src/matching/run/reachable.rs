//! Whether one more person could have a coach: a search over **all** pairs of a cohort.
//!
//! A plan has as many pairs as possible exactly when no way leads from somebody without a coach
//! over coaches and their coachees, who would have to move on, to a free place (Berge 1957).

use crate::matching::columns::Cohort;
use crate::matching::scan::{Candidate, Floors, Scanner};

/// The pairs that make up ways from coachees without a coach to free places, as additions to
/// each coachee's list. Empty exactly when no more pairs are possible than the plan has.
pub(super) fn ways_to_free_places(
    cohort: &Cohort,
    scanner: &Scanner,
    coach_of: &[Option<u32>],
    lists: &[Vec<Candidate>],
) -> Vec<Vec<Candidate>> {
    let mut members = vec![Vec::new(); cohort.coaches.len()];
    for (coachee, coach) in (0u32..).zip(coach_of) {
        if let Some(coach) = coach {
            members[*coach as usize].push(coachee);
        }
    }
    let has_place = |coach: u32| members[coach as usize].len() < usize::from(cohort.coaches.free[coach as usize]);
    let mut additions = vec![Vec::new(); coach_of.len()];
    if !scanner.open().iter().any(|&coach| has_place(coach)) {
        return additions;
    }
    // The coachee and the pair by which each coach was reached first. Coaches reached are closed,
    // so that groups of them are passed over.
    let mut reached: Vec<Option<(u32, Candidate)>> = vec![None; cohort.coaches.len()];
    let mut unreached = Floors::new(scanner);
    let mut queue: Vec<u32> =
        (0u32..).zip(coach_of).filter(|(_, coach)| coach.is_none()).map(|(coachee, _)| coachee).collect();
    while let Some(coachee) = queue.pop() {
        let query = scanner.query(coachee as usize);
        let mut new = Vec::new();
        query.accepting(&unreached, 1, |coach, score| new.push(query.candidate(coach, score)));
        for candidate in new {
            let coach = candidate.coach();
            unreached.close(coach);
            reached[coach as usize] = Some((coachee, candidate));
            if has_place(coach) {
                add_way(&reached, coach_of, coach, &mut additions);
            } else {
                queue.extend(&members[coach as usize]);
            }
        }
    }
    for (row, known) in additions.iter_mut().zip(lists) {
        row.sort_unstable();
        row.dedup();
        row.retain(|candidate| known.binary_search_by(|k| candidate.cmp(k)).is_err());
    }
    additions
}

/// Adds the pairs of the way by which a coach was reached, back to somebody without a coach.
fn add_way(
    reached: &[Option<(u32, Candidate)>],
    coach_of: &[Option<u32>],
    coach: u32,
    additions: &mut [Vec<Candidate>],
) {
    let mut next = Some(coach);
    while let Some((coachee, candidate)) = next.and_then(|coach| reached[coach as usize]) {
        additions[coachee as usize].push(candidate);
        next = coach_of[coachee as usize];
    }
}
