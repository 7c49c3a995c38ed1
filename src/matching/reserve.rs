//! Places reserved for a group of coachees, as the parts of the engine see them.

/// Who belongs to the group, and how many places are theirs first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    members: Vec<bool>,
    slots: Vec<u32>,
    places: u64,
    kept: u64,
}

impl Reserve {
    /// Takes for each coachee whether they belong to the group, and the places of each coach, of
    /// which it reserves `percent`: of all together that share, rounded down; of each coach in
    /// `order` what the sum has grown by, so that it is nearly the same share of everybody's.
    pub fn new(members: Vec<bool>, places: &[u32], percent: u8, order: impl IntoIterator<Item = u32>) -> Self {
        let share = |places: u64| places * u64::from(percent) / 100;
        let mut slots = vec![0; places.len()];
        let mut sum = 0;
        for coach in order {
            let before = share(sum);
            sum += u64::from(places[coach as usize]);
            slots[coach as usize] = (share(sum) - before) as u32;
        }
        Self { members, slots, places: share(sum), kept: 0 }
    }

    /// Takes note of a pair that stands already, and of how many places it leaves the coach: a
    /// member has had a reserved place with it.
    pub fn keep(&mut self, coachee: u32, coach: u32, left: u32) {
        let used = u64::from(self.is_member(coachee)).min(self.places);
        self.places -= used;
        self.kept += used;
        let slots = &mut self.slots[coach as usize];
        *slots = slots.saturating_sub(used as u32).min(left);
    }

    /// Whether a coachee belongs to the group.
    pub fn is_member(&self, coachee: u32) -> bool {
        self.members[coachee as usize]
    }

    /// How many coachees belong to the group.
    pub fn members(&self) -> u64 {
        self.members.iter().filter(|&&member| member).count() as u64
    }

    /// How many places of a coach are reserved.
    pub fn slots(&self, coach: u32) -> u32 {
        self.slots[coach as usize]
    }

    /// How many places are reserved in all, without those of pairs that stand already.
    pub fn places(&self) -> u64 {
        self.places
    }

    /// How many reserved places pairs have that stand already.
    pub fn kept(&self) -> u64 {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_slots_of_all_coaches_add_up_to_the_share(places in prop::collection::vec(0u32..9, 0..40), percent in 1u8..=100) {
            let all: u64 = places.iter().map(|&places| u64::from(places)).sum();
            let reserve = Reserve::new(vec![], &places, percent, (0..places.len() as u32).rev());
            prop_assert_eq!(reserve.places(), all * u64::from(percent) / 100);
            let slots = || (0..places.len() as u32).map(|coach| reserve.slots(coach));
            prop_assert_eq!(slots().map(u64::from).sum::<u64>(), reserve.places());
            prop_assert!(slots().zip(&places).all(|(slots, &places)| slots <= places));
        }
    }
}
