//! How much of the gaps that pairings were about is closed, as far as somebody has measured anew.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Wanted, scope};
use crate::domain::records::{CoacheeRecord, CohortRecords};
use crate::domain::{PersonCode, Policy, Reference};
use crate::matching::columns::UnknownReference;
use crate::matching::levels::LevelBook;
use crate::matching::outcome::compare;
use crate::services::{Act, ServiceError, ServiceResult, directory, eligible};
use crate::store::monitoring::{self, Completed};
use crate::store::{Db, PairingId, PersonId, RequestId, StoreError, people, records, requests};

/// Completed pairings looked at together.
const TOGETHER: i64 = 1_000;

/// What completed pairings have brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gaps {
    /// Completed pairings.
    pub completed: i64,
    /// Those of them of whose gaps one at least was measured anew since they began.
    pub measured: i64,
    /// Levels missing when they began, of the gaps that were measured anew.
    pub before: i64,
    /// Levels missing now, of the same gaps.
    pub after: i64,
}

/// How much of the gaps that completed pairings were about is closed.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn gaps(db: &mut Db, act: &Act, wanted: &Wanted) -> ServiceResult<Gaps> {
    let scope = scope(db, act, wanted)?;
    let reference = directory::reference(db)?;
    let (mut gaps, mut after) = (Gaps::default(), None::<PairingId>);
    loop {
        let found = monitoring::completed(db, &scope, after, TOGETHER)?;
        let Some(last) = found.last() else { return Ok(gaps) };
        after = Some(last.pairing);
        let stories = stories(db, &found)?;
        let counted = stories.measure(&reference, eligible::today(act.now));
        gaps.add(&counted.map_err(|why| ServiceError::Internal(why.to_string()))?);
    }
}

impl Gaps {
    fn add(&mut self, more: &Gaps) {
        self.completed += more.completed;
        self.measured += more.measured;
        self.before += more.before;
        self.after += more.after;
    }
}

/// Pairings by the day on which they began, each as a coachee with the focus it was about; and what is known of them.
struct Stories {
    records: CohortRecords,
    begun: BTreeMap<NaiveDate, Vec<(usize, CoacheeRecord)>>,
}

fn stories(db: &mut Db, found: &[Completed]) -> ServiceResult<Stories> {
    let persons: Vec<PersonId> = found.iter().map(|pairing| pairing.coachee).collect();
    let cards = people::cards(db, &persons)?;
    let codes: Vec<PersonCode> = cards.values().map(|card| card.code.clone()).collect();
    let records = records::levels_of_all(db, &codes)?;
    let asked: Vec<RequestId> = found.iter().map(|pairing| pairing.request).collect();
    let mut focus = requests::focus_of(db, &asked)?;
    let mut begun = BTreeMap::<_, Vec<_>>::new();
    for pairing in found {
        let code = &cards.get(&pairing.coachee).ok_or(StoreError::NotFound)?.code;
        let at = records.coachees.binary_search_by(|record| record.code.cmp(code)).map_err(|_| StoreError::NotFound)?;
        let focus = focus.remove(&pairing.request).unwrap_or_default();
        let story = CoacheeRecord { focus, ..records.coachees[at].clone() };
        begun.entry(eligible::today(pairing.started_at)).or_default().push((at, story));
    }
    Ok(Stories { records, begun })
}

impl Stories {
    /// Compares what was known on the first day with what is known today. What is required is what is required
    /// today, so that nobody closes a gap by changing the position.
    fn measure(&self, reference: &Reference, today: NaiveDate) -> Result<Gaps, UnknownReference> {
        let coachees: Vec<&CoacheeRecord> = self.records.coachees.iter().collect();
        let now = LevelBook::new(&self.records.assessments, &self.records.requirements, &coachees, reference, today);
        let mut gaps = Gaps::default();
        for (&day, stories) in &self.begun {
            let then = LevelBook::new(&self.records.assessments, &self.records.requirements, &coachees, reference, day);
            for (at, story) in stories {
                let (about, _) = then.focus(*at, story, &Policy::default())?;
                let history = now.history(*at, story)?;
                let mut anew = 0;
                for gap in about.as_slice() {
                    let compared = compare(&history[usize::from(gap.competency)], day);
                    let Some(found) = compared.after.filter(|_| compared.anew) else { continue };
                    anew = 1;
                    gaps.before += i64::from(gap.required - gap.assessed);
                    gaps.after += i64::from(gap.required.saturating_sub(found.level.get()));
                }
                gaps.completed += 1;
                gaps.measured += anew;
            }
        }
        Ok(gaps)
    }
}
