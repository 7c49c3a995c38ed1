//! What a completed pairing has brought: per competency before and after, and how honest the comparison is.

use super::charts::bar;
use crate::domain::Level;
use crate::i18n::{Lang, Names};
use crate::matching::levels::Found;
use crate::services::outcomes::{Brought, Outcome, Remark};

/// What a pairing has brought, in words.
pub(super) struct BroughtView {
    pub lead: String,
    pub rows: Vec<BroughtRow>,
    /// Whether something has not been measured since it began.
    pub unmeasured: bool,
}

/// A competency before and after.
pub(super) struct BroughtRow {
    pub name: String,
    pub before: Option<Measured>,
    pub after: Option<Measured>,
    pub required: String,
    pub closed: String,
    /// What must be said with the numbers.
    pub remarks: Vec<String>,
}

/// What was found.
pub(super) struct Measured {
    pub level: u8,
    /// How and when.
    pub how: String,
    /// The class of its bar.
    pub bar: String,
}

impl Measured {
    fn of(found: Found, required: u8, lang: Lang) -> Self {
        let method = lang.tr(&format!("pages.method.{}", found.method));
        let whole = if required == 0 { Level::MAX.get() } else { required };
        Self {
            level: found.level.get(),
            how: lang.fill("pages.brought.how", &[("method", &method), ("day", &lang.date(found.assessed_on))]),
            bar: bar(found.level.get().min(whole).into(), whole.into()),
        }
    }
}

impl BroughtView {
    pub(super) fn of(brought: &Brought, lang: Lang) -> Self {
        let names = Names { lang, reference: &brought.reference };
        Self {
            lead: lang.fill("pages.brought.lead", &[("day", &lang.date(brought.began_on))]),
            rows: brought.outcomes.iter().map(|outcome| BroughtRow::of(outcome, names)).collect(),
            unmeasured: brought.outcomes.iter().any(|outcome| outcome.remarks().contains(&Remark::NotMeasuredAfter)),
        }
    }
}

impl BroughtRow {
    fn of(outcome: &Outcome, names: Names) -> Self {
        let lang = names.lang;
        let measured = |found: Option<Found>| found.map(|found| Measured::of(found, outcome.required, lang));
        let remark = |remark: Remark| lang.tr(&format!("credit.remark.{remark}")).into_owned();
        Self {
            name: names.competency(&outcome.competency),
            before: measured(outcome.before),
            after: measured(outcome.after),
            required: if outcome.required == 0 { "–".into() } else { outcome.required.to_string() },
            closed: closed(outcome, lang),
            remarks: outcome.remarks().into_iter().map(remark).collect(),
        }
    }
}

/// What became of the gap, in a few words.
fn closed(outcome: &Outcome, lang: Lang) -> String {
    let (Some(gap), Some(closed)) = (outcome.gap_before(), outcome.closed()) else {
        return lang.tr("pages.brought.unknown").into_owned();
    };
    let key = match (gap, closed) {
        (_, 1..) => "closed",
        (0, 0) => "none",
        (_, 0) => "same",
        (_, _) => "wider",
    };
    let values = [("levels", closed.abs().to_string()), ("gap", gap.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lang.fill(&format!("pages.brought.{key}"), &values)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::domain::AssessmentMethod;

    fn found(level: u8) -> Option<Found> {
        let assessed_on = NaiveDate::from_ymd_opt(2026, 11, 2)?;
        Some(Found { level: Level::new(level).ok()?, method: AssessmentMethod::Superior, assessed_on })
    }

    #[test]
    fn a_gap_is_said_in_words() {
        let says = |required, before, after| {
            let competency = "M.01".parse().unwrap();
            closed(&Outcome { competency, required, before, after }, Lang::En)
        };
        assert_eq!(says(4, found(2), found(3)), "1 of 2 levels closed");
        assert_eq!(
            says(4, found(2), found(5)),
            "2 of 2 levels closed",
            "above what is required is no more than closed"
        );
        assert_eq!(says(4, found(2), found(2)), "Unchanged: 2 levels missing");
        assert_eq!(says(4, found(3), found(2)), "Wider by 1 level(s)");
        assert_eq!(says(2, found(3), found(3)), "Nothing was missing");
        assert_eq!(says(4, None, found(3)), "Cannot be compared");
        assert_eq!(says(4, found(3), None), "Cannot be compared");
    }
}
