//! The policy of a cohort as part of a form: shown as it is, and read as it was filled in.

use super::sending::fault;
use super::trouble::Given;
use crate::domain::policy::{Priority, Weights};
use crate::domain::{Objective, Policy, Reach};
use crate::error::AppError;
use crate::face::Form;
use crate::i18n::Lang;

/// Where a part of a policy is.
type Place<P, T> = fn(&mut P) -> &mut T;

/// The weights, by the component of the score that each is for.
const WEIGHTS: [(&str, Place<Weights, u8>); 6] = [
    ("coverage", |weights| &mut weights.coverage),
    ("credibility", |weights| &mut weights.credibility),
    ("choices", |weights| &mut weights.choices),
    ("reach", |weights| &mut weights.reach),
    ("cross_agency", |weights| &mut weights.cross_agency),
    ("load", |weights| &mut weights.load),
];

/// What decides who comes first, by the words of the form.
const CRITERIA: [(&str, Place<Priority, bool>); 3] = [
    ("remote", |priority| &mut priority.remote),
    ("gap", |priority| &mut priority.gap),
    ("waiting", |priority| &mut priority.waiting),
];

/// A number to fill in.
pub(super) struct Number {
    pub field: String,
    pub label: String,
    pub value: String,
}

/// Something to choose.
pub(super) struct Pick {
    pub value: String,
    pub name: String,
    pub chosen: bool,
}

/// A policy, ready to be changed.
pub(super) struct PolicyFields {
    pub objectives: Vec<Pick>,
    /// Days to answer, and how many gaps a focus holds.
    pub numbers: Vec<Number>,
    pub weights: Vec<Number>,
    pub criteria: Vec<Pick>,
    pub reaches: Vec<Pick>,
    pub senior_alumni: bool,
    pub reserve: String,
}

impl PolicyFields {
    /// A policy as it is, or as somebody has tried to change it.
    pub(super) fn of(policy: &Policy, given: Given, lang: Lang) -> Self {
        let t = |key: &str| lang.tr(key).into_owned();
        let number = |field: &str, label: String, value: u8| Number {
            value: given.or(field, &value.to_string()).to_owned(),
            field: field.to_owned(),
            label,
        };
        let pick = |field: &str, value: &str, name: String, chosen: bool| Pick {
            chosen: given.is_or(field, value, chosen),
            value: value.to_owned(),
            name,
        };
        let mut policy = *policy;
        let (timers, rules) = (policy.timers, policy.rules);
        let numbers = [
            ("coach_days", timers.coach_days),
            ("coachee_days", timers.coachee_days),
            ("focus_size", rules.focus_size),
        ];
        let reserve = policy.reserve.map(|reserve| reserve.to_string()).unwrap_or_default();
        Self {
            objectives: Objective::ALL
                .iter()
                .map(|one| {
                    pick("objective", one.as_str(), t(&format!("objective.{one}.name")), *one == policy.objective)
                })
                .collect(),
            numbers: numbers.map(|(field, value)| number(field, t(&format!("pages.policy.{field}")), value)).into(),
            weights: WEIGHTS
                .map(|(part, weight)| {
                    number(&format!("weight_{part}"), t(&format!("explain.{part}.name")), *weight(&mut policy.weights))
                })
                .into(),
            criteria: CRITERIA
                .map(|(word, criterion)| {
                    let name = t(&format!("pages.policy.priority.{word}"));
                    pick("priority", word, name, *criterion(&mut policy.priority))
                })
                .into(),
            reaches: Reach::ALL
                .iter()
                .map(|one| {
                    let name = t(&format!("reach.{one}"));
                    pick("in_person_within", one.as_str(), name, *one == rules.in_person_within)
                })
                .collect(),
            senior_alumni: given.is_or("senior_alumni", "yes", rules.senior_alumni),
            reserve: given.or("reserve", &reserve).to_owned(),
        }
    }
}

/// The policy that was filled in.
pub(super) fn policy(form: &Form) -> Result<Policy, AppError> {
    let number = |field: &str| form.text(field).trim().parse::<u8>().map_err(|_| fault(field, "pages.fault.number"));
    let mut policy = Policy {
        objective: form.text("objective").parse().map_err(|_| fault("objective", "pages.fault.objective"))?,
        ..Policy::default()
    };
    for (part, weight) in WEIGHTS {
        *weight(&mut policy.weights) = number(&format!("weight_{part}"))?;
    }
    for (word, criterion) in CRITERIA {
        *criterion(&mut policy.priority) = form.is("priority", word);
    }
    policy.rules.in_person_within =
        form.text("in_person_within").parse().map_err(|_| fault("in_person_within", "pages.fault.reach"))?;
    policy.rules.senior_alumni = form.is("senior_alumni", "yes");
    policy.rules.focus_size = number("focus_size")?;
    policy.timers.coach_days = number("coach_days")?;
    policy.timers.coachee_days = number("coachee_days")?;
    let reserve =
        form.filled("reserve").map(|text| text.trim().parse().map_err(|_| fault("reserve", "pages.fault.reserve")));
    policy.reserve = reserve.transpose()?;
    policy.check().map_err(|bad| match bad.field {
        "weights" => fault("weight_coverage", "pages.fault.weights"),
        "weights.coverage" => fault("weight_coverage", "pages.fault.weight_coverage"),
        "rules.focus_size" => fault("focus_size", "pages.fault.focus_size"),
        "timers.coach_days" => fault("coach_days", "pages.fault.days"),
        "timers.coachee_days" => fault("coachee_days", "pages.fault.days"),
        _ => fault("reserve", "pages.fault.reserve"),
    })?;
    Ok(policy)
}
