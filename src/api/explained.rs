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
        macro_rules! facts {
            ($($name:ident),+) => {{
                let mut facts = serializer.serialize_map(None)?;
                $(facts.serialize_entry(stringify!($name), $name)?;)+
                facts.end()
            }};
        }
        match &self.0 {
            Component::Coverage { points: _, max: _, focus } => facts!(focus),
            Component::Credibility {
                points: _,
                max: _,
                tier_points,
                field_points,
                record_points,
                coachee_tier,
                coach_tier,
                same_field,
                completed_pairs,
                rating,
            } => facts!(
                tier_points,
                field_points,
                record_points,
                coachee_tier,
                coach_tier,
                same_field,
                completed_pairs,
                rating
            ),
            Component::Choices { points: _, max: _, coachee_rank, coach_wish } => facts!(coachee_rank, coach_wish),
            Component::Reach { points: _, max: _, reach, served, modes } => facts!(reach, served, modes),
            Component::CrossAgency { points: _, max: _, different } => facts!(different),
            Component::Load { points: _, max: _, free, capacity } => facts!(free, capacity),
        }
    }
}
