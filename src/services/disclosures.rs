//! What admins and auditors were shown of others: one audit entry for each look, with no word of what was there.

use serde::Serialize;
use uuid::Uuid;

use super::{Caller, Context, Right, ServiceResult};
use crate::store::Store;
use crate::store::audit::{self, Entry};
use crate::store::types::Stamp;

/// A look at what belongs to others.
#[derive(Debug, Clone)]
pub struct Look {
    /// None: anybody, where results are open.
    caller: Option<Caller>,
    list: String,
    subject: Option<Uuid>,
    filters: Vec<String>,
}

/// What is noted beside who, when, and at what.
#[derive(Serialize)]
struct Shown<'a> {
    /// Names of the filters that were set, not their values.
    filters: &'a [String],
    /// How many were shown.
    count: usize,
}

impl Look {
    /// At a list.
    pub fn at(caller: &Caller, list: impl Into<String>) -> Self {
        Self::by(Some(caller), list)
    }

    /// At a list, by somebody who need not be signed in.
    pub fn by(caller: Option<&Caller>, list: impl Into<String>) -> Self {
        Self { caller: caller.cloned(), list: list.into(), subject: None, filters: Vec::new() }
    }

    /// At one thing of the list.
    #[must_use]
    pub fn of(self, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// Through filters with these names.
    #[must_use]
    pub fn through(self, filters: Vec<String>) -> Self {
        Self { filters, ..self }
    }

    /// Whether it is noted: it is that of an admin or an auditor.
    pub fn is_noted(&self) -> bool {
        self.noted().is_some()
    }

    fn noted(&self) -> Option<&Caller> {
        self.caller.as_ref().filter(|caller| caller.check(Right::Watcher).is_ok())
    }

    /// Notes how many were shown, in a transaction of its own, if the one who looked is an admin or an
    /// auditor. Whoever calls this shows nothing when it fails.
    ///
    /// # Errors
    /// When the note cannot be kept.
    pub fn note(&self, cx: &Context, count: usize) -> ServiceResult<()> {
        let Some(caller) = self.noted() else { return Ok(()) };
        let shown = Shown { filters: &self.filters, count };
        // Lists have names of their own in the log: an entry about a thing itself says that it was changed.
        let actor = caller.account.to_string();
        let entry = Entry { actor: &actor, action: ACTION, subject_kind: &self.list, subject: self.subject };
        cx.store.write(|db| audit::append(db, &entry, &shown, cx.now))?;
        Ok(())
    }
}

/// Notes that whoever has the command line was given a whole table with so many rows about people, narrowed down by
/// filters with these names. Whoever calls this gives nothing away when it fails.
///
/// # Errors
/// When the note cannot be kept.
pub fn taken_away(store: &Store, table: &str, filters: &[String], count: usize, now: Stamp) -> ServiceResult<()> {
    let list = format!("exports.{table}");
    let entry = Entry { actor: "cli", action: ACTION, subject_kind: &list, subject: None };
    store.write(|db| audit::append(db, &entry, &Shown { filters, count }, now))?;
    Ok(())
}

/// The action in the audit log.
pub const ACTION: &str = "personal_data.shown";
