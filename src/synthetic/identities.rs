//! Identity numbers that nobody has, each given out once.
//!
//! A real serial counts the people who share birth date, appointment and sex, and stays
//! small; ours are 901 to 999. Who is number `n` gets slot `n * STEP + offset` of the space
//! (serial, birthday, residue, month), and each part of the slot is readable from the
//! number: so no two people can get the same one, without anybody keeping a list.

use chrono::{Datelike, NaiveDate};

use super::draw::Draw;
use crate::domain::{Identity, IdentityKind, Tier};

const BIRTHDAYS: u64 = 365;
/// Birth year modulo 8 and appointment year modulo 3, or birth year modulo 24.
const RESIDUES: u64 = 24;
/// Month of appointment, or one of 4 years and of 3 contract codes.
const MONTHS: u64 = 12;
const OTHERS: u64 = BIRTHDAYS * RESIDUES * MONTHS;
/// Prime, so that it shares no factor with a space and `n * STEP` runs through all of it.
const STEP: u64 = 5_323_421;

/// A range of serials that one kind of people has to itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Serials {
    first: u64,
    count: u64,
}

/// The serials of coachees, 901 to 989.
pub(super) const COACHEES: Serials = Serials { first: 901, count: 89 };
/// The serials of coaches, 990 to 999.
pub(super) const COACHES: Serials = Serials { first: 990, count: 10 };

impl Serials {
    /// How many people can get a number.
    pub(super) const fn room(self) -> u64 {
        self.count * OTHERS
    }
}

/// What must be plausible about a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    pub(super) tier: Tier,
    pub(super) woman: bool,
    /// On contract, thus with a NI PPPK instead of a NIP.
    pub(super) contract: bool,
}

/// The numbers of one population.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    offset: u64,
    as_of: NaiveDate,
}

impl Numbers {
    pub(super) fn new(seed: u64, as_of: NaiveDate) -> Self {
        Self { offset: seed % OTHERS, as_of }
    }

    /// The number of the person at `index`, which must be below [`Serials::room`].
    pub(super) fn identity(self, serials: Serials, index: u64, holder: Holder, draw: &mut Draw) -> Option<Identity> {
        let slot = (index * STEP + self.offset) % serials.room();
        let serial = serials.first + slot / OTHERS;
        let birthday = (slot / (RESIDUES * MONTHS) % BIRTHDAYS) as u32 + 1;
        let residue = (slot / MONTHS % RESIDUES) as i32;
        let month = (slot % MONTHS) as i32;
        let sex = if holder.woman { 2 } else { 1 };
        let (oldest, youngest) = if holder.contract { (56, 24) } else { ages(holder.tier) };
        let years = (self.as_of.year() - oldest, self.as_of.year() - youngest);
        let last = self.as_of.year() - 1;
        let (kind, born, appointed, middle) = if holder.contract {
            let born = with_residue(years, 24, residue, draw);
            (IdentityKind::NiPppk, born, last - 3 + month / 3, 21 + month % 3)
        } else {
            let born = with_residue(years, 8, residue % 8, draw);
            let usual = (born + 22, (born + 33).min(last));
            let entry = if usual.1 - usual.0 >= 2 { usual } else { (born + 19, last) };
            (IdentityKind::Nip, born, with_residue(entry, 3, residue / 8, draw), month + 1)
        };
        let birth = NaiveDate::from_yo_opt(born, birthday)?.format("%Y%m%d");
        Identity::parse(kind, &format!("{birth}{appointed:04}{middle:02}{sex}{serial:03}"), self.as_of).ok()
    }
}

/// A year of the range that leaves `residue` when divided by `modulus`. The range holds at least `modulus` years.
fn with_residue((first, last): (i32, i32), modulus: i32, residue: i32, draw: &mut Draw) -> i32 {
    let start = first + (residue - first).rem_euclid(modulus);
    start + modulus * draw.between(0, ((last - start) / modulus).max(0))
}

/// Oldest and youngest age in a tier: careers take time, and retirement is at 58 to 65.
/// At least 8 years apart, and the youngest at least 22.
const fn ages(tier: Tier) -> (i32, i32) {
    match tier {
        Tier::JptUtama | Tier::JptMadya => (59, 50),
        Tier::JptPratama => (59, 44),
        Tier::Administrator => (57, 38),
        Tier::Pengawas => (57, 32),
        Tier::JfAhliUtama => (63, 50),
        Tier::JfAhliMadya => (59, 42),
        Tier::JfAhliMuda => (57, 33),
        Tier::JfPenyelia => (57, 35),
        Tier::JfMahir => (55, 30),
        Tier::JfAhliPertama | Tier::JfTerampil => (45, 23),
        Tier::JfPemula => (35, 22),
        Tier::Pelaksana => (57, 22),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::draw::{Purpose, Streams};
    use super::*;

    #[test]
    fn numbers_are_valid_plausible_and_unique() {
        let as_of = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let (numbers, streams) = (Numbers::new(7, as_of), Streams::new(7));
        let mut seen = HashSet::new();
        for index in 0..200_000 {
            let mut draw = streams.draw(Purpose::Coachee, index);
            let tier = *draw.pick(Tier::ALL);
            let holder = Holder { tier, woman: draw.chance(0.5), contract: draw.chance(0.4) };
            let serials = if index % 2 == 0 { COACHEES } else { COACHES };
            let identity = numbers.identity(serials, index / 2, holder, &mut draw).unwrap();
            assert_eq!(identity.kind() == IdentityKind::NiPppk, holder.contract);
            assert!(identity.warnings().is_empty(), "{}", identity.number());
            assert!(identity.number()[8..12].parse::<i32>().unwrap() < 2026);
            assert!(&identity.number()[15..] >= "901");
            assert_eq!(Identity::parse_civil_servant(identity.number(), as_of).unwrap(), identity);
            assert!(seen.insert(identity.number().to_owned()), "{} twice", identity.number());
        }
    }

    #[test]
    fn every_slot_of_the_space_is_given_out_once() {
        let as_of = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let offset = Numbers::new(u64::MAX, as_of).offset;
        for serials in [COACHEES, COACHES] {
            assert_ne!(serials.room() % STEP, 0, "a prime that does not divide the space is coprime to it");
            let mut seen = vec![false; serials.room() as usize];
            for index in 0..serials.room() {
                let slot = ((index * STEP + offset) % serials.room()) as usize;
                assert!(!std::mem::replace(&mut seen[slot], true));
            }
        }
        assert!(COACHEES.room() > 6_500_000);
    }

    #[test]
    fn every_tier_leaves_room_for_the_residues() {
        for &tier in Tier::ALL {
            let (oldest, youngest) = ages(tier);
            assert!(oldest - youngest + 1 >= 8 && youngest >= 22, "{tier}");
        }
    }
}
