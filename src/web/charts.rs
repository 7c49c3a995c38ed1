//! Charts by hand: classes and coordinates for bars and for the tile map of the country.

use super::run::pairs_of;
use crate::domain::reference::Province;
use crate::i18n::{Lang, per_mille};

/// Steps of a bar; the stylesheet has a class for each.
const STEPS: i64 = 20;
/// Side of a tile with its gap, in units of the drawing.
const TILE: u32 = 50;
/// Shares, in thousandths, from which a tile takes the next stronger colour.
const SHADES: [i64; 4] = [500, 700, 850, 950];

/// The class of a bar that shows a part of a whole: `w-0` to `w-20`.
/// Only nothing has no bar at all.
pub(super) fn bar(part: i64, whole: i64) -> String {
    let steps = match per_mille(part, whole) {
        Some(share) => ((share * STEPS + 500) / 1000).clamp(i64::from(part > 0), STEPS),
        None => 0,
    };
    format!("w-{steps}")
}

/// One tile of the map.
pub(super) struct Tile {
    pub x: u32,
    pub y: u32,
    /// Middle of the tile.
    pub mid: u32,
    /// Strength of the colour, 0 to 4; none: nobody there.
    pub shade: Option<usize>,
    /// A short form of the name.
    pub short: String,
    /// The share in whole percent.
    pub percent: String,
    /// The whole name with its numbers.
    pub label: String,
    /// Where the pairs of the province are.
    pub address: String,
}

impl Tile {
    /// The tile of a province of whose coachees `matched` have a coach.
    pub(super) fn of(province: &Province, matched: i64, coachees: i64, lang: Lang) -> Self {
        let (x, y) = (u32::from(province.tile_col) * TILE, u32::from(province.tile_row) * TILE);
        let share = per_mille(matched, coachees);
        let name = lang.pick(&province.name_id, &province.name_en);
        Self {
            x,
            y,
            mid: x + TILE / 2 - 1,
            shade: share.map(|share| SHADES.iter().filter(|from| share >= **from).count()),
            short: short(&province.name_id),
            // Rounded down: 99.9 % must not look like everybody.
            percent: share.map_or_else(|| "–".into(), |share| (share / 10).to_string()),
            label: lang.fill(
                "run.province.tile",
                &[
                    ("province", name),
                    ("matched", &lang.number(matched)),
                    ("coachees", &lang.number(coachees)),
                    ("share", &lang.share(matched, coachees)),
                ],
            ),
            address: pairs_of(province.code.as_str()),
        }
    }
}

/// A name as it fits a tile: three letters of its first and of its last word. Of a long last
/// word the ends, as in Sultra for Sulawesi Tenggara, which tells it from Sulawesi Tengah.
fn short(name: &str) -> String {
    const LONG: usize = 8;
    let start = |word: &str, letters| word.chars().take(letters).collect::<String>();
    let Some((first, rest)) = name.split_once(' ') else { return start(name, 6) };
    let last: Vec<char> = rest.rsplit(' ').next().unwrap_or(rest).chars().collect();
    let end: String = match last.len() {
        0..LONG => last.iter().take(3).collect(),
        length => last[..1].iter().chain(&last[length - 2..]).collect(),
    };
    format!("{} {end}", start(first, 3))
}

/// Width and height of a map that holds these tiles.
pub(super) fn extent(tiles: &[Tile]) -> (u32, u32) {
    let far = |at: fn(&Tile) -> u32| tiles.iter().map(at).max().unwrap_or(0) + TILE;
    (far(|tile| tile.x), far(|tile| tile.y))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_bar_is_empty_only_for_nothing_and_full_only_when_nearly_all() {
        assert_eq!(bar(0, 10), "w-0");
        assert_eq!(bar(1, 1000), "w-1");
        assert_eq!(bar(5, 10), "w-10");
        assert_eq!(bar(10, 10), "w-20");
        assert_eq!(bar(0, 0), "w-0");
    }

    #[test]
    fn every_province_has_its_own_tile_and_short_name() {
        let reference = crate::tabular::reference::shipped().unwrap();
        let tiles: Vec<Tile> = reference.provinces().iter().map(|p| Tile::of(p, 1, 2, Lang::Id)).collect();
        let places: BTreeSet<_> = tiles.iter().map(|tile| (tile.x, tile.y)).collect();
        let names: BTreeSet<_> = tiles.iter().map(|tile| tile.short.clone()).collect();
        assert_eq!((places.len(), names.len()), (38, 38), "{names:?}");
        assert_eq!(tiles[0].percent, "50");
    }

    #[test]
    fn shades_grow_with_the_share() {
        let reference = crate::tabular::reference::shipped().unwrap();
        let shade = |matched| Tile::of(&reference.provinces()[0], matched, 1000, Lang::Id).shade;
        assert_eq!([0, 500, 949, 950, 1000].map(shade), [0, 1, 3, 4, 4].map(Some));
        assert_eq!(Tile::of(&reference.provinces()[0], 0, 0, Lang::Id).shade, None);
    }
}
