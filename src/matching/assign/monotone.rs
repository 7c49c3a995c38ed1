//! A priority queue for keys that never fall below the last one taken out: a radix heap
//! (Ahuja, Mehlhorn, Orlin & Tarjan, J. ACM 37 (1990) 213-223). Reduced weights are small
//! integers, for which it beats a comparison heap; large ones do no harm.

/// Bucket `b > 0` holds keys whose highest bit that differs from `last` is bit `b - 1`;
/// bucket 0 holds keys equal to `last`.
pub(super) struct MonotoneQueue {
    buckets: [Vec<(u64, u32)>; 65],
    last: u64,
}

impl MonotoneQueue {
    pub fn new() -> Self {
        Self { buckets: [const { Vec::new() }; 65], last: 0 }
    }

    pub fn clear(&mut self) {
        self.buckets.iter_mut().for_each(Vec::clear);
        self.last = 0;
    }

    fn bucket(&self, key: u64) -> usize {
        (64 - (key ^ self.last).leading_zeros()) as usize
    }

    /// Adds an entry; `key` is not below any key popped since the last [`clear`](Self::clear).
    pub fn push(&mut self, key: u64, value: u32) {
        debug_assert!(key >= self.last);
        self.buckets[self.bucket(key)].push((key, value));
    }

    /// Takes an entry with the smallest key.
    pub fn pop(&mut self) -> Option<(u64, u32)> {
        if self.buckets[0].is_empty() {
            let fullest = self.buckets.iter().position(|bucket| !bucket.is_empty())?;
            let mut entries = std::mem::take(&mut self.buckets[fullest]);
            self.last = entries.iter().map(|entry| entry.0).min()?;
            for &(key, value) in &entries {
                self.buckets[self.bucket(key)].push((key, value));
            }
            entries.clear();
            self.buckets[fullest] = entries;
        }
        self.buckets[0].pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_come_out_in_order(steps in prop::collection::vec((0u64..50, 0u8..3), 0..200)) {
            let mut queue = MonotoneQueue::new();
            let (mut model, mut last) = (Vec::new(), 0);
            for (above, pops) in steps {
                queue.push(last + above, 0);
                model.push(last + above);
                for _ in 0..pops {
                    model.sort_unstable_by(|a: &u64, b| b.cmp(a));
                    let expected = model.pop();
                    prop_assert_eq!(queue.pop().map(|entry| entry.0), expected);
                    last = expected.unwrap_or(last);
                }
            }
        }
    }
}
