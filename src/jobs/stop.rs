//! Telling threads to end, and waking those that wait.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// A word that many threads listen for. Cheap to clone; clones hear the same word.
#[derive(Clone, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// A word not yet said.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says it.
    pub fn tell(&self) {
        *self.0.0.lock() = true;
        self.0.1.notify_all();
    }

    /// Whether it was said.
    pub fn is_told(&self) -> bool {
        *self.0.0.lock()
    }

    /// Waits until it is said, but no longer than this.
    pub fn wait(&self, at_most: Duration) {
        let mut told = self.0.0.lock();
        if !*told {
            self.0.1.wait_for(&mut told, at_most);
        }
    }
}
