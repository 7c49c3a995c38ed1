//! Sex, status and tier of civil servants, by the national figures.

use super::draw::{Draw, Weighted};
use super::figures::Figures;
use crate::domain::Tier;

/// How much more often than others those in structural, functional and operational positions
/// are sent to the programme; invented. Leaders are whom it is for, and operational staff,
/// of whom level 1 is required, rarely have a gap.
pub(super) const NOMINATION: [u64; 3] = [400, 100, 15];
/// Women among structural positions, from general knowledge; the share among the others
/// follows from the national one.
pub(super) const WOMEN_STRUCTURAL: f64 = 0.36;

/// The functional ladder of those with tenure and of those on contract, per thousand; invented.
const LADDER_TENURED: &[(Tier, u32)] = &[
    (Tier::JfAhliUtama, 8),
    (Tier::JfAhliMadya, 170),
    (Tier::JfAhliMuda, 390),
    (Tier::JfAhliPertama, 262),
    (Tier::JfPenyelia, 80),
    (Tier::JfMahir, 45),
    (Tier::JfTerampil, 40),
    (Tier::JfPemula, 5),
];
const LADDER_CONTRACT: &[(Tier, u32)] = &[
    (Tier::JfAhliMadya, 10),
    (Tier::JfAhliMuda, 110),
    (Tier::JfAhliPertama, 760),
    (Tier::JfMahir, 20),
    (Tier::JfTerampil, 100),
];
/// Senior executives by tier, in thousandths; invented.
const EXECUTIVES: &[(Tier, u32)] = &[(Tier::JptUtama, 2), (Tier::JptMadya, 38), (Tier::JptPratama, 960)];

/// Sex, status and tier: what the rest of a career depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) tier: Tier,
    pub(super) woman: bool,
    pub(super) contract: bool,
}

/// Draws standings by the national figures.
#[derive(Debug)]
pub(super) struct Standings {
    kinds: Weighted,
    structural: Weighted,
    contract: f64,
    women_other: f64,
}

impl Standings {
    pub(super) fn new(figures: &Figures) -> Self {
        let weights: Vec<u64> = figures.kinds.iter().zip(NOMINATION).map(|(people, odds)| people * odds).collect();
        let people = figures.kinds.iter().sum::<u64>().max(1) as f64;
        let structural = weights[0] as f64 / weights.iter().sum::<u64>().max(1) as f64;
        Self {
            kinds: Weighted::new(weights),
            structural: Weighted::new(figures.structural),
            // Nobody on contract holds a structural position.
            contract: figures.contract / (1.0 - figures.kinds[0] as f64 / people),
            women_other: (figures.women - structural * WOMEN_STRUCTURAL) / (1.0 - structural),
        }
    }

    pub(super) fn draw(&self, draw: &mut Draw) -> Option<Standing> {
        let kind = self.kinds.draw(draw)?;
        if kind == 0 {
            let tier = match self.structural.draw(draw)? {
                0 => draw.weighted(EXECUTIVES),
                1 => Tier::Administrator,
                _ => Tier::Pengawas,
            };
            return Some(Standing { tier, woman: draw.chance(WOMEN_STRUCTURAL), contract: false });
        }
        let (woman, contract) = (draw.chance(self.women_other), draw.chance(self.contract));
        let tier = match (kind, contract) {
            (1, false) => draw.weighted(LADDER_TENURED),
            (1, true) => draw.weighted(LADDER_CONTRACT),
            _ => Tier::Pelaksana,
        };
        Some(Standing { tier, woman, contract })
    }
}
