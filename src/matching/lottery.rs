//! The lottery that decides between equals: open, seeded, the same for anybody who replays it.

use rand::SeedableRng;
use rand::rand_core::Rng;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};

/// Bits of a lottery number.
pub const TICKET_BITS: u32 = 40;

/// The lottery number of whoever has this code, below 2^40; lower is luckier.
///
/// It is the first draw of a ChaCha20 generator keyed by the SHA-256 of seed and code, so it
/// depends on nothing else: not on who else takes part, nor on any order of rows.
pub fn ticket(seed: u64, code: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(b"coachnet lottery 1\0");
    hash.update(seed.to_le_bytes());
    hash.update(code.as_bytes());
    ChaCha20Rng::from_seed(hash.finalize().into()).next_u64() >> (u64::BITS - TICKET_BITS)
}

/// Mixes two numbers into one that looks random (the finaliser of SplitMix64), to break ties
/// between the coaches of one coachee without sending a whole region to the same few.
pub fn mix(coachee: u64, coach: u64) -> u64 {
    let mut z = coachee.rotate_left(32) ^ coach.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
