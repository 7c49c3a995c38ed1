//! What a bulk save did, and in what portions it works.

/// How many records are compared and written at a time. The keys of a portion are
/// the parameters of one query; SQLite takes 32,766 of them.
pub(super) const CHUNK: usize = 1_000;

/// What saving a number of records did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Saved {
    /// Records that were not there before.
    pub new: usize,
    /// Records that were there and said something else.
    pub changed: usize,
    /// Records that were there just so. Nothing was written for them.
    pub unchanged: usize,
}

impl Saved {
    /// Whether nothing was written.
    pub fn is_idle(&self) -> bool {
        self.new + self.changed == 0
    }

    pub(super) fn count(&mut self, new: bool) {
        if new {
            self.new += 1;
        } else {
            self.changed += 1;
        }
    }
}
