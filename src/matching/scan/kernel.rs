//! Scores a block of coaches for one coachee: table look-ups and saturating sums of bytes.
//!
//! There are two twins of the kernel, the portable one here and a vector one for processors
//! with AVX2; they give the same bytes, and tests hold them together.

/// Coaches in a [`Lane`].
pub(super) const WIDTH: usize = 32;
/// Lanes in a block at most.
pub(super) const BLOCK: usize = 8;
/// In a table of points: a rule forbids the pair. No table has that many points, since all
/// weights together are at most 255 and the coverage has a part of them.
pub(super) const FORBIDDEN: u8 = u8::MAX;
/// A required level that nobody has, for focus slots that are not in use.
pub(super) const UNREACHABLE: u8 = i8::MAX as u8;

/// Points by a small number, wide enough for a vector look-up.
pub(super) type Table = [u8; 16];

/// The values of 32 coaches in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(32))]
pub(super) struct Lane(pub [u8; WIDTH]);

impl Lane {
    /// The same value for all coaches.
    pub const fn of(value: u8) -> Self {
        Self([value; WIDTH])
    }
}

/// The columns of one block of coaches, all of the same length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    /// Levels on the focus competencies, 0 to 5.
    pub levels: [&'a [Lane]; 3],
    /// Index into [`Tables::standing`].
    pub standing: &'a [Lane],
    /// Index into [`Tables::place`], without [`SAME_REGENCY`].
    pub place: &'a [Lane],
    /// Number of the regency within the province.
    pub regency: &'a [Lane],
    /// Languages, as bits.
    pub languages: &'a [Lane],
    /// Points that do not depend on the coachee.
    pub merit: &'a [Lane],
    /// What is taken off the score before it is compared with [`Bar::margin`].
    pub toll: Option<&'a [Lane]>,
}

/// Added to the index of a place when coach and coachee are of the same regency.
pub(super) const SAME_REGENCY: u8 = 4;

/// What a kernel knows about the coachee.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tables {
    /// Points by level, for each focus competency.
    pub points: [Table; 3],
    /// Level that makes a coach strong, for each focus competency.
    pub required: [u8; 3],
    /// Points by standing, or [`FORBIDDEN`].
    pub standing: Table,
    /// Points by place, and those that all coaches of the block get; or [`FORBIDDEN`].
    pub place: Table,
    /// Languages, as bits.
    pub languages: u8,
    /// Number of the regency, when the block is of the coachee's province.
    pub regency: Option<u8>,
}

/// What a score has to reach to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    /// The least score, 1 or more.
    pub least: u8,
    /// The least score after the toll, where there is one.
    pub margin: u8,
    /// What is added to the score in that comparison: where even a score below the toll will do.
    pub slack: u8,
}

/// Scores of a block, and whose reach the bar.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Scores by lane, 0 for the forbidden.
    pub scores: [Lane; BLOCK],
    /// Per lane a bit for each coach.
    pub hits: [u32; BLOCK],
}

impl Found {
    /// Nothing found yet.
    pub const NONE: Self = Self { scores: [Lane::of(0); BLOCK], hits: [0; BLOCK] };
}

/// Scores one block; fills as many lanes of the result as the block has.
pub(super) type Kernel = fn(&Block, &Tables, Bar, &mut Found);

/// The fastest kernel that this processor can run.
pub(super) fn fastest() -> Kernel {
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = super::avx2::kernel() {
        return kernel;
    }
    portable
}

/// The kernel for every processor.
pub(super) fn portable(block: &Block, tables: &Tables, bar: Bar, found: &mut Found) {
    for lane in 0..block.standing.len().min(BLOCK) {
        let scores = &mut found.scores[lane];
        score_lane(block, tables, lane, scores);
        let toll = block.toll.map(|toll| &toll[lane].0);
        let reached = scores.0.iter().enumerate().map(|(at, &score)| {
            let pays = toll.is_none_or(|toll| score.saturating_add(bar.slack) >= toll[at].saturating_add(bar.margin));
            u32::from((score >= bar.least) & pays) << at
        });
        found.hits[lane] = reached.fold(0, |hits, hit| hits | hit);
    }
}

fn score_lane(block: &Block, tables: &Tables, lane: usize, scores: &mut Lane) {
    let (place, regency) = (&block.place[lane].0, &block.regency[lane].0);
    let (standing, languages) = (&block.standing[lane].0, &block.languages[lane].0);
    let merit = &block.merit[lane].0;
    let levels = block.levels.map(|column| &column[lane].0);
    for (at, score) in scores.0.iter_mut().enumerate() {
        let near = if Some(regency[at]) == tables.regency { SAME_REGENCY } else { 0 };
        let place = tables.place[usize::from((place[at] | near) & 15)];
        let standing = tables.standing[usize::from(standing[at] & 15)];
        let (mut sum, mut strong) = (place.saturating_add(standing).saturating_add(merit[at]), false);
        for ((levels, points), &required) in levels.iter().zip(&tables.points).zip(&tables.required) {
            sum = sum.saturating_add(points[usize::from(levels[at] & 15)]);
            strong |= levels[at] >= required;
        }
        let allowed = strong & (place.max(standing) != FORBIDDEN) & (languages[at] & tables.languages != 0);
        *score = if allowed { sum } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    fn lanes(rng: &mut ChaCha20Rng, below: u16) -> [Lane; BLOCK] {
        std::array::from_fn(|_| Lane(std::array::from_fn(|_| rng.random_range(0..below) as u8)))
    }

    fn table(rng: &mut ChaCha20Rng) -> Table {
        std::array::from_fn(|_| if rng.random_ratio(1, 8) { FORBIDDEN } else { rng.random_range(0..100) })
    }

    /// Whatever the bytes, sensible or not, the fastest twin does what the portable one does.
    #[test]
    fn twins_agree() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for round in 0..2_000 {
            let levels: [[Lane; BLOCK]; 3] = std::array::from_fn(|_| lanes(&mut rng, 6));
            let [standing, place, regency] = [16, 16, 40].map(|below| lanes(&mut rng, below));
            let [languages, merit, toll] = [256, 60, 256].map(|below| lanes(&mut rng, below));
            let len = 1 + round % BLOCK;
            let block = Block {
                levels: std::array::from_fn(|slot| &levels[slot][..len]),
                standing: &standing[..len],
                place: &place[..len],
                regency: &regency[..len],
                languages: &languages[..len],
                merit: &merit[..len],
                toll: rng.random_bool(0.5).then_some(&toll[..len]),
            };
            let tables =
                Tables {
                    points: std::array::from_fn(|_| table(&mut rng)),
                    required: std::array::from_fn(|_| {
                        if rng.random_bool(0.2) { UNREACHABLE } else { rng.random_range(1..=5) }
                    }),
                    standing: table(&mut rng),
                    place: table(&mut rng),
                    languages: rng.random(),
                    regency: rng.random_bool(0.5).then(|| rng.random_range(0..40)),
                };
            let slack = if rng.random_bool(0.5) { 0 } else { rng.random() };
            let bar = Bar { least: rng.random_range(1..=255), margin: rng.random_range(0..=255), slack };
            let (mut one, mut other) = (Found::NONE, Found::NONE);
            portable(&block, &tables, bar, &mut one);
            fastest()(&block, &tables, bar, &mut other);
            assert_eq!((one.scores, one.hits), (other.scores, other.hits), "round {round}");
        }
    }
}
