//! The kernel for processors with AVX2: 32 coaches at a time.
//!
//! The only file with `unsafe`. Two things need it, each in one line: moving a lane or a table
//! between memory and a vector (through a reference to exactly as many bytes, so it is sound
//! for every lane there is), and calling the kernel, which the compiler cannot know to be
//! allowed on this processor. [`kernel`] hands it out only after having asked the processor.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::kernel::{BLOCK, Bar, Block, FORBIDDEN, Found, Kernel, Lane, SAME_REGENCY, Table, Tables};

/// The kernel, if this processor can run it.
pub(super) fn kernel() -> Option<Kernel> {
    is_x86_feature_detected!("avx2").then_some(checked as Kernel)
}

/// Reached through [`kernel`] alone.
fn checked(block: &Block, tables: &Tables, bar: Bar, found: &mut Found) {
    // SAFETY: `kernel` has found AVX2 on this processor.
    unsafe {
        match (tables.regency.is_some(), block.toll.is_some()) {
            (false, false) => scan::<false, false>(block, tables, bar, found),
            (false, true) => scan::<false, true>(block, tables, bar, found),
            (true, false) => scan::<true, false>(block, tables, bar, found),
            (true, true) => scan::<true, true>(block, tables, bar, found),
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(lane: &Lane) -> __m256i {
    // SAFETY: a lane is 32 bytes, aligned to 32.
    unsafe { _mm256_load_si256(lane.0.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(lane: &mut Lane, vector: __m256i) {
    // SAFETY: a lane is 32 bytes, aligned to 32.
    unsafe { _mm256_store_si256(lane.0.as_mut_ptr().cast(), vector) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn spread(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte as i8)
}

/// A table in both halves of a vector, as the shuffle wants it.
#[inline]
#[target_feature(enable = "avx2")]
fn table(table: &Table) -> __m256i {
    // SAFETY: a table is 16 bytes; this load asks for no alignment.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
}

/// All bits of the bytes that are at least as great.
#[inline]
#[target_feature(enable = "avx2")]
fn at_least(value: __m256i, least: __m256i) -> __m256i {
    _mm256_cmpeq_epi8(_mm256_max_epu8(value, least), value)
}

#[target_feature(enable = "avx2")]
fn scan<const HOME: bool, const TOLL: bool>(block: &Block, tables: &Tables, bar: Bar, found: &mut Found) {
    let len = block.standing.len().min(BLOCK);
    let [first, second, third] = [&block.levels[0][..len], &block.levels[1][..len], &block.levels[2][..len]];
    let (standings, places, regencies) = (&block.standing[..len], &block.place[..len], &block.regency[..len]);
    let (languages, merits) = (&block.languages[..len], &block.merit[..len]);
    let tolls = block.toll.map_or(merits, |toll| &toll[..len]);
    let (scores, hits) = (&mut found.scores[..len], &mut found.hits[..len]);

    let points: [__m256i; 3] = [table(&tables.points[0]), table(&tables.points[1]), table(&tables.points[2])];
    // Levels are far below 128, so that a signed comparison will do.
    let below = tables.required;
    let below = [spread(below[0] - 1), spread(below[1] - 1), spread(below[2] - 1)];
    let (standing_points, place_points) = (table(&tables.standing), table(&tables.place));
    let (spoken, regency) = (spread(tables.languages), spread(tables.regency.unwrap_or(0)));
    let (least, margin, slack) = (spread(bar.least), spread(bar.margin), spread(bar.slack));
    let (zero, forbidden, same_regency) = (_mm256_setzero_si256(), spread(FORBIDDEN), spread(SAME_REGENCY));

    for at in 0..len {
        let levels = [load(&first[at]), load(&second[at]), load(&third[at])];
        let strong = _mm256_or_si256(
            _mm256_or_si256(_mm256_cmpgt_epi8(levels[0], below[0]), _mm256_cmpgt_epi8(levels[1], below[1])),
            _mm256_cmpgt_epi8(levels[2], below[2]),
        );
        let coverage = _mm256_adds_epu8(
            _mm256_adds_epu8(_mm256_shuffle_epi8(points[0], levels[0]), _mm256_shuffle_epi8(points[1], levels[1])),
            _mm256_shuffle_epi8(points[2], levels[2]),
        );
        let mut place = load(&places[at]);
        if HOME {
            let same = _mm256_cmpeq_epi8(load(&regencies[at]), regency);
            place = _mm256_or_si256(place, _mm256_and_si256(same, same_regency));
        }
        let place = _mm256_shuffle_epi8(place_points, place);
        let standing = _mm256_shuffle_epi8(standing_points, load(&standings[at]));
        let base = _mm256_adds_epu8(_mm256_adds_epu8(place, standing), load(&merits[at]));
        let mute = _mm256_cmpeq_epi8(_mm256_and_si256(load(&languages[at]), spoken), zero);
        let barred = _mm256_or_si256(mute, _mm256_cmpeq_epi8(_mm256_max_epu8(place, standing), forbidden));
        let allowed = _mm256_andnot_si256(barred, strong);
        let score = _mm256_and_si256(_mm256_adds_epu8(base, coverage), allowed);

        let mut reached = at_least(score, least);
        if TOLL {
            let asked = _mm256_adds_epu8(load(&tolls[at]), margin);
            reached = _mm256_and_si256(reached, at_least(_mm256_adds_epu8(score, slack), asked));
        }
        store(&mut scores[at], score);
        hits[at] = _mm256_movemask_epi8(reached) as u32;
    }
}
