//! Answers whose time tells nothing.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;

/// The steps in which such answers come: longer than what is done before one takes, unless much is going on.
const STEP: Duration = Duration::from_millis(50);

/// Does something and waits for the end of a step of time, so that how long it takes does not tell whether somebody
/// is known here. Some thousandths of a millisecond are enough to tell it over a few hundred questions.
pub async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = work.await;
    let rest = STEP.as_nanos() - begun.elapsed().as_nanos() % STEP.as_nanos();
    sleep(Duration::from_nanos(u64::try_from(rest).unwrap_or_default())).await;
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn what_takes_no_time_takes_as_long_as_what_takes_some() {
        for millis in [0, 30] {
            let begun = Instant::now();
            assert_eq!(
                evenly(async {
                    sleep(Duration::from_millis(millis)).await;
                    7
                })
                .await,
                7
            );
            assert!(begun.elapsed() >= STEP, "{:?}", begun.elapsed());
        }
    }
}
