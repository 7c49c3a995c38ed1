//! Explanations as sentences, in the reader's language.

use crate::domain::{CompetencyCode, Mode, Obstacle, Reference, Tier};
use crate::matching::Rule;
use crate::matching::explain::{Component, FocusPoints, Waiting, WaitingReason};

use super::Lang;

/// Says things by their names: a language, and the reference data that names them in it.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The language.
    pub lang: Lang,
    /// Names of competencies, tiers and places.
    pub reference: &'a Reference,
}

impl Lang {
    /// What is in the way of a run, in one sentence.
    pub fn obstacle(self, obstacle: &Obstacle) -> String {
        let rules: Vec<_> = obstacle.rules().iter().map(|rule| self.tr(&format!("rule.{rule}"))).collect();
        let mut values = obstacle.named();
        values.push(("rules", rules.join("; ")));
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.fill(&format!("planning.obstacle.{}", obstacle.word()), &values)
    }
}

impl Names<'_> {
    /// The name of a competency; its code when nobody knows it any more.
    pub fn competency(&self, code: &CompetencyCode) -> String {
        match self.reference.competency(code.as_str()).map(|at| &self.reference.competencies()[usize::from(at)]) {
            Some(known) => self.lang.pick(&known.name_id, &known.name_en).to_owned(),
            None => code.to_string(),
        }
    }

    /// The name of a tier.
    pub fn tier(&self, tier: Tier) -> String {
        match self.reference.tiers().iter().find(|known| known.tier == tier) {
            Some(known) => self.lang.pick(&known.name_id, &known.name_en).to_owned(),
            None => tier.to_string(),
        }
    }

    /// The name of a province; its code when nobody knows it any more.
    pub fn province(&self, code: &str) -> String {
        match self.reference.province(code).map(|at| &self.reference.provinces()[usize::from(at)]) {
            Some(known) => self.lang.pick(&known.name_id, &known.name_en).to_owned(),
            None => code.to_owned(),
        }
    }

    /// The name of a hard rule, by what breaks it.
    pub fn rule(&self, rule: Rule) -> String {
        self.lang.tr(&format!("rule.{rule}")).into_owned()
    }

    /// Ways of meeting, joined.
    pub fn modes(&self, modes: impl IntoIterator<Item = Mode>) -> String {
        let names: Vec<_> = modes.into_iter().map(|mode| self.lang.tr(&format!("mode.{mode}"))).collect();
        names.join(&self.lang.tr("explain.or"))
    }

    /// Why a component gave its points, in one sentence.
    pub fn sentence(&self, component: &Component) -> String {
        let lang = self.lang;
        match component {
            Component::Coverage { focus, .. } => {
                let parts: Vec<_> = focus.iter().map(|part| self.focus(part)).collect();
                parts.join("; ") + "."
            }
            Component::Credibility { coachee_tier, coach_tier, same_field, completed_pairs, rating, .. } => {
                let tiers = match coach_tier {
                    Some(tier) => lang.fill(
                        "explain.credibility.tiers",
                        &[("coach", &self.tier(*tier)), ("coachee", &self.tier(*coachee_tier))],
                    ),
                    None => lang.tr("explain.credibility.no_tier").into_owned(),
                };
                let field = if *same_field {
                    lang.tr("explain.credibility.field")
                } else {
                    lang.tr("explain.credibility.other_field")
                };
                format!("{tiers}; {field}; {}.", self.record(*completed_pairs, *rating))
            }
            Component::Choices { coachee_rank, coach_wish, .. } => {
                let rank = coachee_rank.map(|rank| rank.to_string());
                match (rank, coach_wish) {
                    (Some(rank), true) => lang.fill("explain.choices.both", &[("rank", &rank)]),
                    (Some(rank), false) => lang.fill("explain.choices.coachee", &[("rank", &rank)]),
                    (None, true) => lang.tr("explain.choices.coach").into_owned(),
                    (None, false) => lang.tr("explain.choices.none").into_owned(),
                }
            }
            Component::Reach { reach, served, modes, .. } => {
                let area = lang.tr(&format!("reach.{reach}"));
                let served = if *served { lang.tr("explain.reach.served") } else { "".into() };
                lang.fill(
                    "explain.reach.sentence",
                    &[("area", &area), ("served", &served), ("modes", &self.modes(modes.iter().copied()))],
                )
            }
            Component::CrossAgency { different: true, .. } => lang.tr("explain.cross_agency.different").into_owned(),
            Component::CrossAgency { different: false, .. } => lang.tr("explain.cross_agency.same").into_owned(),
            Component::Load { free, capacity, .. } => {
                lang.fill("explain.load.sentence", &[("free", &free.to_string()), ("capacity", &capacity.to_string())])
            }
        }
    }

    /// Why somebody waits, in one sentence.
    pub fn waiting(&self, waiting: &Waiting) -> String {
        let lang = self.lang;
        let reason = lang.tr(&format!("waiting.{}.reason", waiting.reason)).into_owned();
        match waiting.reason {
            WaitingReason::PlacesTaken => {
                let acceptable = lang.number(waiting.acceptable.into());
                format!("{reason} {}", lang.fill("waiting.acceptable", &[("count", &acceptable)]))
            }
            WaitingReason::NoEligibleCoach => match waiting.sole_rules.iter().max_by_key(|(_, count)| *count) {
                Some((rule, count)) => {
                    let count = lang.number(count.into());
                    format!(
                        "{reason} {}",
                        lang.fill("waiting.sole_rule", &[("rule", &self.rule(rule)), ("count", &count)])
                    )
                }
                None => reason,
            },
            _ => reason,
        }
    }

    /// What would bring somebody who waits a coach.
    pub fn remedy(&self, reason: WaitingReason) -> String {
        self.lang.tr(&format!("waiting.{reason}.remedy")).into_owned()
    }

    fn focus(&self, part: &FocusPoints) -> String {
        let assessed = match part.assessed {
            0 => self.lang.tr("explain.coverage.unassessed").into_owned(),
            level => level.to_string(),
        };
        let coach = match part.coach_level {
            0 => self.lang.tr("explain.coverage.unstated").into_owned(),
            level => level.to_string(),
        };
        self.lang.fill(
            "explain.coverage.focus",
            &[
                ("competency", &self.competency(&part.competency)),
                ("required", &part.required.to_string()),
                ("assessed", &assessed),
                ("coach", &coach),
            ],
        )
    }

    fn record(&self, completed: u16, rating: Option<u16>) -> String {
        let pairs = self.lang.number(completed.into());
        match (completed, rating) {
            (0, _) => self.lang.tr("explain.credibility.no_record").into_owned(),
            (_, None) => self.lang.fill("explain.credibility.record", &[("pairs", &pairs)]),
            (_, Some(hundredths)) => {
                let rating = self.lang.tenths(i64::from(hundredths + 5) / 10);
                self.lang.fill("explain.credibility.rated", &[("pairs", &pairs), ("rating", &rating)])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reach;
    use crate::matching::explain::Explanation;

    fn sentences(lang: Lang, json: &str) -> Vec<String> {
        let reference = crate::tabular::reference::shipped().unwrap();
        let names = Names { lang, reference: &reference };
        let explanation: Explanation = serde_json::from_str(json).unwrap();
        explanation.components.iter().map(|component| names.sentence(component)).collect()
    }

    const EXPLANATION: &str = r#"{"score":172,"components":[
        {"component":"coverage","points":70,"max":105,"focus":[{"competency":"M.03","required":4,"assessed":0,"coach_level":5,"points":40,"max":52}]},
        {"component":"credibility","points":33,"max":50,"tier_points":20,"field_points":0,"record_points":13,"coachee_tier":"pengawas","coach_tier":"jpt_pratama","same_field":false,"completed_pairs":4,"rating":430,"later":"ignored"},
        {"component":"choices","points":22,"max":45,"coachee_rank":2,"coach_wish":false},
        {"component":"reach","points":32,"max":40,"reach":"zone","served":true,"modes":["online","in_person"]},
        {"component":"cross_agency","points":10,"max":10,"different":true},
        {"component":"load","points":5,"max":5,"free":3,"capacity":3}]}"#;

    #[test]
    fn each_component_has_its_sentence_in_both_languages() {
        assert_eq!(
            sentences(Lang::En, EXPLANATION),
            [
                "Communication: required 4, assessed not yet, coach 5.",
                "Senior Executive (Pratama) coaches Supervisor; another field of work; 4 pairs completed, rated 4.3 of 5.",
                "The coachee chose this coach (choice 2).",
                "The same time zone, and the coach serves the coachee's province; they can meet online or in person.",
                "From another agency, so with fresh eyes.",
                "3 of 3 places were free before the run.",
            ]
        );
        let indonesian = sentences(Lang::Id, EXPLANATION);
        assert_eq!(indonesian[0], "Komunikasi: dibutuhkan 4, terukur belum ada, coach 5.");
        assert!(
            indonesian.iter().all(|sentence| !sentence.contains("%{") && !sentence.contains("id.")),
            "{indonesian:?}"
        );
    }

    #[test]
    fn every_word_of_the_engine_has_a_text() {
        for lang in Lang::ALL {
            let reference = crate::tabular::reference::shipped().unwrap();
            let names = Names { lang, reference: &reference };
            let mut texts: Vec<String> = Rule::ALL.iter().map(|rule| names.rule(*rule)).collect();
            texts.extend(WaitingReason::ALL.iter().map(|reason| names.remedy(*reason)));
            texts.extend(
                WaitingReason::ALL.iter().map(|reason| lang.tr(&format!("waiting.{reason}.reason")).into_owned()),
            );
            texts.extend(Reach::ALL.iter().map(|reach| lang.tr(&format!("reach.{reach}")).into_owned()));
            texts.extend(Mode::ALL.iter().map(|mode| names.modes([*mode])));
            for text in texts {
                assert!(!text.starts_with(&format!("{}.", lang.code())), "{text}");
            }
        }
    }
}
