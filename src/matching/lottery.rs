//! The lottery: whom luck favours where priority does not decide.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Keeps these draws apart from any other use of the same seed.
const DOMAIN: &[u8] = b"coachnet lottery 1\0";

/// The ticket of a person in the lottery of this seed: 40 bits, the lower the luckier.
///
/// It depends on seed and code alone, so that a replay gives everybody the same ticket whoever
/// else takes part, and nobody's ticket depends on the order of a file.
pub fn ticket(seed: u64, code: &str) -> u64 {
    let key = Sha256::new().chain_update(DOMAIN).chain_update(seed.to_le_bytes()).chain_update(code).finalize();
    ChaCha20Rng::from_seed(key.into()).next_u64() >> 24
}

/// Mixes two numbers into one that looks random (the finaliser of SplitMix64), to break ties
/// between the coaches of one coachee without sending a whole region to the same few.
pub fn mix(coachee: u64, coach: u64) -> u64 {
    let mut z = coachee.rotate_left(32) ^ coach.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::ticket;

    #[test]
    fn tickets_are_the_same_for_ever() {
        let drawn = [ticket(7, "a"), ticket(7, "b"), ticket(8, "a"), ticket(7, "")];
        assert_eq!(drawn, [733_840_940_544, 389_999_081_375, 694_940_746_080, 494_064_980_155]);
    }

    #[test]
    fn tickets_have_40_bits() {
        assert!((0..1000).all(|n| ticket(n, "x") < 1 << 40));
        assert!((0..1000).any(|n| ticket(n, "x") >= 1 << 39));
    }
}
