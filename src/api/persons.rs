//! Persons, as others may be shown them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::store::people::Card;

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonBody {
    /// The code.
    #[schema(example = "P0000001")]
    pub code: String,
    /// The name, with titles.
    #[schema(example = "Budi Santoso, S.E.")]
    pub name: String,
    /// The address for mail: only to the other side of a pairing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl PersonBody {
    /// Without a way to reach them.
    pub fn named(card: &Card) -> Self {
        Self { code: card.code.to_string(), name: card.name.to_string(), email: None }
    }

    /// With the address for mail, for the other side of a pairing.
    pub fn reachable(card: &Card) -> Self {
        Self { email: card.email.clone(), ..Self::named(card) }
    }
}
