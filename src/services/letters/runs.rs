//! What letters say to whoever has asked for a run.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Draft, NoticeData, broken};
use crate::domain::{Notice, RunStatus};
use crate::i18n::Lang;
use crate::mail::Facts;
use crate::services::ServiceResult;
use crate::store::delivery::Claimed;
use crate::store::letters::{self, RunTold};
use crate::store::{AccountId, Db};

/// Letters about a run.
pub(super) const OF_RUNS: [Notice; 2] = [Notice::RunFinished, Notice::RunFailed];

/// What letters about runs are made of.
pub(super) struct Runs {
    runs: HashMap<Uuid, RunTold>,
    names: HashMap<AccountId, String>,
}

impl Runs {
    /// Reads it.
    pub(super) fn load(db: &mut Db, batch: &[Claimed], ids: &[Uuid]) -> ServiceResult<Self> {
        if ids.is_empty() {
            return Ok(Self { runs: HashMap::new(), names: HashMap::new() });
        }
        let accounts = batch.iter().filter_map(|message| message.data.read::<NoticeData>().ok()?.account);
        let accounts: Vec<AccountId> = accounts.collect();
        Ok(Self { runs: letters::runs(db, ids)?, names: letters::account_names(db, &accounts)? })
    }

    /// A letter about a run.
    pub(super) fn of_run(&self, notice: Notice, data: &NoticeData, lang: Lang, facts: Facts) -> Result<Facts, Draft> {
        let run = self.runs.get(&data.about).ok_or_else(broken)?;
        let label = |word: &str| lang.tr(&format!("mail.detail.{word}")).into_owned();
        let mut items = vec![(label("cohort"), run.cohort.clone())];
        match (notice, run.failure) {
            (Notice::RunFailed, Some(failure)) => {
                items.push((label("failed_because"), lang.tr(&format!("planning.failure.{failure}")).into_owned()));
            }
            _ if run.status == RunStatus::Discarded => return Err(Draft::Overtaken("the run was thrown away")),
            _ => {
                let number = |number: Option<i32>| lang.number(number.unwrap_or_default().into());
                let (matched, coachees) = (number(run.matched), number(run.coachees));
                let found = lang.fill("mail.detail.found_of", &[("matched", &matched), ("coachees", &coachees)]);
                items.push((label("found"), found));
            }
        }
        let name = data.account.and_then(|account| self.names.get(&account)).cloned();
        Ok(Facts { name, items, ..facts })
    }
}
