//! What seals and opens identity numbers, at hand for as long as a store works on a connection.
//!
//! A connection of two engines carries nothing but itself, and the functions of this room are given nothing but the
//! connection. So that not every one of them, and all who call them, hand on keys that three of them need, the store
//! lays its safe out for the thread before a body runs, and takes it back afterwards. Bodies are synchronous: none
//! leaves its thread.

use std::cell::RefCell;
use std::sync::Arc;

use super::{StoreError, StoreResult};
use crate::domain::NumberSafe;

type Safe = Arc<dyn NumberSafe>;

thread_local! {
    static AT_HAND: RefCell<Option<Safe>> = const { RefCell::new(None) };
}

/// Puts back what was at hand before, also after a panic.
struct Before(Option<Safe>);

impl Drop for Before {
    fn drop(&mut self) {
        AT_HAND.with_borrow_mut(|at_hand| *at_hand = self.0.take());
    }
}

/// Runs a body with a safe at hand, or with none.
pub(super) fn with<T>(safe: Option<&Safe>, body: impl FnOnce() -> T) -> T {
    let _before = Before(AT_HAND.replace(safe.cloned()));
    body()
}

/// The safe at hand.
///
/// # Errors
/// [`StoreError::Unavailable`] when the store was given none.
pub(super) fn at_hand() -> StoreResult<Safe> {
    let none = || {
        StoreError::Unavailable(
            "the database holds identity numbers, and there are no keys to seal or open them; \
             is the file of keys where the settings say (secrets.file)?"
                .into(),
        )
    };
    AT_HAND.with_borrow(Clone::clone).ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing(&'static str);

    impl NumberSafe for Nothing {
        fn seal(&self, _: &str, _: &str) -> String {
            self.0.into()
        }

        fn open(&self, _: &str, _: &str) -> Option<String> {
            None
        }

        fn blind_indexes(&self, _: &str) -> Vec<String> {
            Vec::new()
        }

        fn is_current(&self, _: &str) -> bool {
            true
        }

        fn keys(&self) -> Vec<(String, String)> {
            Vec::new()
        }
    }

    #[test]
    fn each_body_has_its_own_and_leaves_none() {
        let (outer, inner): (Safe, Safe) = (Arc::new(Nothing("outer")), Arc::new(Nothing("inner")));
        let which = || at_hand().map(|safe| safe.seal("", "")).ok();
        assert_eq!(which(), None);
        with(Some(&outer), || {
            with(Some(&inner), || assert_eq!(which().as_deref(), Some("inner")));
            with(None, || assert_eq!(which(), None));
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| with(None, || panic!("in a body"))));
            assert!(ended.is_err());
            assert_eq!(which().as_deref(), Some("outer"));
        });
        assert_eq!(which(), None);
    }
}
