//! Pages of long lists, cut by the key of the last item rather than by counting,
//! so that a page costs the same wherever it lies.

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, K> {
    /// The items, in order.
    pub items: Vec<T>,
    /// After which the next page starts; none: this is the last.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// How many rows to ask for, to learn whether there is a next page.
    pub(super) fn one_more_than(limit: usize) -> i64 {
        i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
    }

    /// Cuts what was found for [`one_more_than`](Self::one_more_than) the limit.
    pub(super) fn cut(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }
}
