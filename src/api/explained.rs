//! Scores with their reasons.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::i18n::Names;
use crate::matching::explain::{Component, Explanation};

/// One component of a score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComponentBody {
    /// `coverage`, `credibility`, `choices`, `reach`, `cross_agency` or `load`.
    #[schema(example = "load")]
    pub component: &'static str,
    /// Points given.
    #[schema(example = 5)]
    pub points: u8,
    /// The most this component can give.
    #[schema(example = 5)]
    pub max: u8,
    /// The facts behind the points in a sentence, in the reader's language.
    #[schema(example = "3 of 3 places were free before the run.")]
    pub sentence: String,
    /// The facts behind the points; which there are depends on the component.
    #[schema(value_type = Object, example = json!({ "free": 3, "capacity": 3 }))]
    pub facts: FactsBody,
}

/// The reasons for a score, each with a sentence for the reader.
pub(super) fn explained(explanation: Explanation, names: Names) -> Vec<ComponentBody> {
    let body = |component: Component| ComponentBody {
        component: component.name(),
        points: component.points(),
        max: component.max(),
        sentence: names.sentence(&component),
        facts: FactsBody(component),
    };
    explanation.components.into_iter().map(body).collect()
}

/// What a component has beside name, points and most points.
#[derive(Debug)]
pub struct FactsBody(Component);

impl Serialize for FactsBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Every field is named, so that a new one is not forgotten here.
        macro_rules! facts {
            ($($kind:ident: $($fact:ident)+;)+) => {
                match &self.0 {
                    $(Component::$kind { points: _, max: _, $($fact),+ } => {
                        let mut facts = serializer.serialize_map(None)?;
                        $(facts.serialize_entry(stringify!($fact), $fact)?;)+
                        facts.end()
                    })+
                }
            };
        }
        facts! {
            Coverage: focus;
            Credibility: tier_points field_points record_points coachee_tier coach_tier same_field completed_pairs rating;
            Choices: coachee_rank coach_wish;
            Reach: reach served modes;
            CrossAgency: different;
            Load: free capacity;
        }
    }
}
