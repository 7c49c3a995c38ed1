//! The waiting list, as those on it are told of it.

/// The places within which one of a waiting list lies, as people are told: places change every day, and a range
/// promises no more than can be kept. Ten wide among the first hundred, fifty up to the thousandth, and then five
/// hundred; never beyond the end of the list.
pub fn place_range(place: u64, waiting: u64) -> (u64, u64) {
    let width = match place {
        0..=100 => 10,
        101..=1000 => 50,
        _ => 500,
    };
    let first = place.saturating_sub(1) / width * width + 1;
    (first, (first + width - 1).min(waiting.max(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_as_a_range_that_holds_it() {
        let told = [(1, 3), (10, 40), (11, 40), (37, 40), (100, 500), (101, 500), (1000, 2000), (1001, 1200)];
        assert_eq!(
            told.map(|(place, waiting)| place_range(place, waiting)),
            [(1, 3), (1, 10), (11, 20), (31, 40), (91, 100), (101, 150), (951, 1000), (1001, 1200)]
        );
        for place in 1..5000 {
            let (first, last) = place_range(place, 5000);
            assert!((first..=last).contains(&place), "{place}");
        }
    }
}
