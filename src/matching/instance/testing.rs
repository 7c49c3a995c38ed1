//! Instances for tests of this room.

use super::*;
use proptest::prelude::*;

/// A small generator of numbers for instances (SplitMix64).
pub struct Draw(pub u64);

impl Draw {
    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 32) as u32 % end
    }

    /// An instance with lists of up to `longest` and weights up to `heaviest`.
    pub fn instance(&mut self, coachees: u32, coaches: u32, longest: u32, heaviest: u32) -> Instance {
        let capacity = (0..coaches).map(|_| self.below(4)).collect();
        let priority =
            (0..coachees).map(|_| Priority { class: self.below(3), lottery: u64::from(self.below(1000)) }).collect();
        let mut builder = InstanceBuilder::new(capacity, priority);
        for coachee in 0..coachees {
            let mut coach = self.below(coaches);
            for _ in 0..self.below(longest + 1).min(coaches) {
                builder.push(coachee, coach, 1 + self.below(heaviest)).unwrap();
                coach = (coach + 1) % coaches;
            }
        }
        builder.build().unwrap()
    }
}

/// Up to 6 coachees and 4 coaches; with ties, full and closed coaches, empty lists, coaches nobody lists.
pub fn small_instances() -> impl Strategy<Value = Instance> {
    let weight = prop_oneof![3 => Just(0u32), 4 => 1u32..4, 1 => 1u32..30];
    (1usize..=6, 1usize..=4).prop_flat_map(move |(coachees, coaches)| {
        (
            prop::collection::vec(0u32..4, coaches),
            prop::collection::vec((0u32..3, 0u64..5), coachees),
            prop::collection::vec(prop::collection::vec(weight.clone(), coaches), coachees),
        )
            .prop_map(|(capacity, priority, weights)| {
                let priority = priority.into_iter().map(|(class, lottery)| Priority { class, lottery });
                let mut builder = InstanceBuilder::new(capacity, priority.collect());
                for (coachee, row) in weights.into_iter().enumerate() {
                    for (coach, weight) in row.into_iter().enumerate().filter(|entry| entry.1 > 0) {
                        builder.push(coachee as u32, coach as u32, weight).unwrap();
                    }
                }
                builder.build().unwrap()
            })
    })
}
