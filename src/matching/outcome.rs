//! How a level was before and after a day: what a pairing has brought, as far as somebody has measured.

use chrono::NaiveDate;

use super::levels::Found;

/// A level before and after a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    /// What was found on the day or earlier; none when nobody had measured.
    pub before: Option<Found>,
    /// What was found later; none when nobody has measured since.
    pub after: Option<Found>,
    /// Whether what was found later is by a method that is trusted at least as much as the one that counted on
    /// the day, so that it takes its place.
    pub anew: bool,
}

/// Compares what was found of one competency until a day with what was found later. On each side the most trusted
/// method counts, of its assessments the latest, of two on one day the lower. Like is compared with like: where the
/// method that counts later was also used before, that earlier assessment is the one to compare with.
pub fn compare(found: &[Found], day: NaiveDate) -> Compared {
    let best =
        |wanted: &dyn Fn(&Found) -> bool| found.iter().copied().filter(wanted).max_by_key(|found| found.weight());
    let counted = best(&|found| found.assessed_on <= day);
    let after = best(&|found| found.assessed_on > day);
    let like = after.and_then(|after| best(&|found| found.assessed_on <= day && found.method == after.method));
    let anew = after.is_some_and(|after| counted.is_none_or(|counted| after.method >= counted.method));
    Compared { before: like.or(counted), after, anew }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AssessmentMethod::{self, AssessmentCentre, SelfAssessment, Superior};
    use crate::domain::Level;

    fn found(method: AssessmentMethod, day: &str, level: u8) -> Found {
        Found { method, assessed_on: day.parse().unwrap(), level: Level::new(level).unwrap() }
    }

    fn levels(found: &[Found]) -> (Option<u8>, Option<u8>, bool) {
        let Compared { before, after, anew } = compare(found, "2026-06-30".parse().unwrap());
        (before.map(|found| found.level.get()), after.map(|found| found.level.get()), anew)
    }

    #[test]
    fn the_day_itself_is_before() {
        let both = [found(Superior, "2026-06-30", 1), found(Superior, "2026-07-01", 3)];
        assert_eq!(levels(&both), (Some(1), Some(3), true));
        assert_eq!(levels(&both[..1]), (Some(1), None, false));
        assert_eq!(levels(&both[1..]), (None, Some(3), true));
        assert_eq!(levels(&[]), (None, None, false));
    }

    #[test]
    fn the_latest_of_a_method_counts() {
        let all = [
            found(Superior, "2026-01-01", 1),
            found(Superior, "2026-05-01", 2),
            found(Superior, "2026-08-01", 5),
            found(Superior, "2026-09-01", 3),
        ];
        assert_eq!(levels(&all), (Some(2), Some(3), true));
    }

    #[test]
    fn like_is_compared_with_like() {
        let (superior, oneself) = (found(Superior, "2026-01-01", 2), found(SelfAssessment, "2026-02-01", 4));
        let later = found(SelfAssessment, "2026-08-01", 5);
        assert_eq!(levels(&[superior, oneself, later]), (Some(4), Some(5), false), "one's own word before and after");
        assert_eq!(levels(&[superior, later]), (Some(2), Some(5), false), "there is nothing like it before");
        let centre = found(AssessmentCentre, "2026-08-01", 3);
        assert_eq!(levels(&[superior, oneself, later, centre]), (Some(2), Some(3), true), "the most trusted counts");
    }
}
