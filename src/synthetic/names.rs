//! Names as people of a region bear them, from the parts in `name_parts.csv`.

use super::SyntheticError;
use super::draw::Draw;
use super::figures::each_row;

const PARTS: &str = include_str!("../../data/reference/name_parts.csv");

/// Given names of the general list that are borne in the west of Java.
const SUNDANESE: &[&str] = &["Asep", "Dadang", "Ujang", "Cecep", "Deni", "Neneng", "Euis", "Lilis"];
/// Second names of the Javanese list that women bear; the file does not say.
const WOMENS_SECOND: &[&str] = &["Handayani", "Rahayu", "Puspitasari", "Wulandari", "Anggraini"];
/// Balinese second names, of which the file has none.
const BALINESE_SECOND: [&[&str]; 2] = [
    &["Suardana", "Sudiarta", "Artawan", "Wirawan", "Astawa", "Sukarma", "Widiana", "Budiasa"],
    &["Suartini", "Widiastuti", "Sukerti", "Ariani", "Suryani", "Astuti", "Wirati", "Parwati"],
];

/// A way of naming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Custom {
    General,
    Javanese,
    Sundanese,
    Balinese,
    Batak,
    Minahasan,
    Moluccan,
    Timorese,
    Papuan,
    Bugis,
}

use Custom::{Balinese, Batak, Bugis, General, Javanese, Minahasan, Moluccan, Papuan, Sundanese, Timorese};

const ALL: [Custom; 10] = [General, Javanese, Sundanese, Balinese, Batak, Minahasan, Moluccan, Timorese, Papuan, Bugis];

impl Custom {
    /// The custom of a person who works in a province: mostly that of the place, else that
    /// of people who moved there. The shares are invented.
    pub(super) fn of_province(code: &str, draw: &mut Draw) -> Self {
        let (home, share) = match code {
            "31" => (*draw.pick(&ALL), 0.35),
            "32" | "36" => (Sundanese, 0.75),
            "33" | "34" | "35" => (Javanese, 0.95),
            "51" => (Balinese, 0.85),
            "12" => (Batak, 0.6),
            "71" => (Minahasan, 0.7),
            "81" | "82" => (Moluccan, 0.6),
            "53" => (Timorese, 0.85),
            "73" | "76" => (Bugis, 0.6),
            "91" | "92" | "93" | "94" | "95" | "96" => (Papuan, 0.65),
            _ => (General, 1.0),
        };
        let elsewhere = if matches!(code, "31" | "32" | "36") { Javanese } else { General };
        if draw.chance(share) { home } else { elsewhere }
    }

    /// Whether the pilgrim's titles H. and Hj. are likely among those who follow the custom.
    pub(super) const fn has_pilgrims(self) -> bool {
        matches!(self, General | Javanese | Sundanese | Bugis)
    }

    /// How many have a single name.
    const fn mononyms(self) -> f64 {
        match self {
            Javanese | Sundanese => 0.15,
            General | Bugis => 0.04,
            _ => 0.0,
        }
    }
}

/// The parts of names by custom; index 0 for men, 1 for women.
#[derive(Debug, Default)]
pub(super) struct Names {
    general: [Vec<String>; 2],
    sundanese: [Vec<String>; 2],
    balinese: [Vec<String>; 2],
    batak: [Vec<String>; 2],
    bugis: [Vec<String>; 2],
    papuan: [Vec<String>; 2],
    eastern: [Vec<String>; 2],
    javanese_second: [Vec<String>; 2],
    mononyms: [Vec<String>; 2],
    batak_families: Vec<String>,
    minahasan_families: Vec<String>,
    moluccan_families: Vec<String>,
    timorese_families: Vec<String>,
    papuan_families: Vec<String>,
}

impl Names {
    pub(super) fn shipped() -> Result<Self, SyntheticError> {
        let mut names = Self::default();
        each_row(PARTS, "name_parts", ["name", "kind", "sex", "region"], |[name, kind, sex, region]| {
            names.list(name, kind, usize::from(sex == "P"), region)?.push(name.to_owned());
            Some(())
        })?;
        if !names.is_whole() {
            return Err(SyntheticError::Figures("name_parts lacks names of some region and sex".into()));
        }
        Ok(names)
    }

    /// Whether there is a name in every list, so that one can always be picked.
    fn is_whole(&self) -> bool {
        let by_sex = [&self.general, &self.sundanese, &self.balinese, &self.batak, &self.bugis, &self.papuan];
        let more = [&self.eastern, &self.javanese_second, &self.mononyms];
        let families = [&self.batak_families, &self.minahasan_families, &self.moluccan_families];
        let more_families = [&self.timorese_families, &self.papuan_families];
        let mut lists = by_sex.into_iter().chain(more).flatten().chain(families).chain(more_families);
        lists.all(|list| !list.is_empty())
    }

    fn list(&mut self, name: &str, kind: &str, sex: usize, region: &str) -> Option<&mut Vec<String>> {
        Some(match (kind, region) {
            ("given", "umum") if SUNDANESE.contains(&name) => &mut self.sundanese[sex],
            ("given", "umum") => &mut self.general[sex],
            ("given", "Bali") => &mut self.balinese[sex],
            ("given", "Sumatera Utara") => &mut self.batak[sex],
            ("given", "Sulawesi Selatan") => &mut self.bugis[sex],
            ("given", "Papua") => &mut self.papuan[sex],
            ("given", "Maluku & NTT") => &mut self.eastern[sex],
            ("mononym", _) => &mut self.mononyms[sex],
            ("family", "Sumatera Utara") => &mut self.batak_families,
            ("family", "Sulawesi Utara") => &mut self.minahasan_families,
            ("family", "Maluku") => &mut self.moluccan_families,
            ("family", "NTT") => &mut self.timorese_families,
            ("family", "Papua") => &mut self.papuan_families,
            ("family", _) => &mut self.javanese_second[usize::from(WOMENS_SECOND.contains(&name))],
            _ => return None,
        })
    }

    /// A full name without titles.
    pub(super) fn name(&self, custom: Custom, woman: bool, draw: &mut Draw) -> String {
        let sex = usize::from(woman);
        if draw.chance(custom.mononyms()) {
            let list = if draw.chance(0.6) { &self.mononyms[sex] } else { &self.general[sex] };
            return draw.pick(list).clone();
        }
        match custom {
            General | Javanese => self.general_name(&self.general[sex], sex, draw),
            Sundanese => {
                let given = if draw.chance(0.45) { &self.sundanese[sex] } else { &self.general[sex] };
                self.general_name(given, sex, draw)
            }
            Bugis if draw.chance(0.5) => two(one(&self.bugis[sex], draw), one(&self.general[sex], draw)),
            Bugis => one(&self.bugis[sex], draw).to_owned(),
            Balinese => two(one(&self.balinese[sex], draw), draw.pick::<&str>(BALINESE_SECOND[sex])),
            Batak if draw.chance(0.6) => two(one(&self.batak[sex], draw), one(&self.batak_families, draw)),
            Batak => two(one(&self.general[sex], draw), one(&self.batak_families, draw)),
            Minahasan => two(self.eastern_given(sex, draw), one(&self.minahasan_families, draw)),
            Moluccan => two(self.eastern_given(sex, draw), one(&self.moluccan_families, draw)),
            Timorese => two(one(&self.eastern[sex], draw), one(&self.timorese_families, draw)),
            Papuan => two(one(&self.papuan[sex], draw), one(&self.papuan_families, draw)),
        }
    }

    fn eastern_given(&self, sex: usize, draw: &mut Draw) -> &str {
        let list = if draw.chance(0.5) { &self.eastern[sex] } else { &self.papuan[sex] };
        one(list, draw)
    }

    /// A first name and one or two more.
    fn general_name(&self, given: &[String], sex: usize, draw: &mut Draw) -> String {
        let first = one(given, draw);
        let second = one(&self.javanese_second[sex], draw);
        if draw.chance(0.55) {
            return two(first, second);
        }
        let middle = one(&self.general[sex], draw);
        let middle = if middle == first { "Nur" } else { middle };
        if draw.chance(0.4) { format!("{first} {middle} {second}") } else { two(first, middle) }
    }
}

fn one<'a>(list: &'a [String], draw: &mut Draw) -> &'a str {
    draw.pick::<String>(list)
}

fn two(first: &str, second: &str) -> String {
    format!("{first} {second}")
}

#[cfg(test)]
mod tests {
    use super::super::draw::{Purpose, Streams};
    use super::*;

    #[test]
    fn names_follow_the_custom_of_the_region() {
        let names = Names::shipped().unwrap();
        let streams = Streams::new(3);
        let mut single = 0;
        for index in 0..4000 {
            let mut draw = streams.draw(Purpose::Coachee, index);
            let java = names.name(Javanese, index % 2 == 0, &mut draw);
            single += usize::from(!java.contains(' '));
            let bali = names.name(Balinese, true, &mut draw);
            assert!(bali.starts_with("Ni "), "{bali}");
            let batak = names.name(Batak, false, &mut draw);
            assert!(names.batak_families.iter().any(|family| batak.ends_with(family.as_str())), "{batak}");
        }
        assert!((480..720).contains(&single), "{single} mononyms of 4000");
    }

    #[test]
    fn most_people_in_bali_have_balinese_names() {
        let streams = Streams::new(4);
        let balinese = (0..1000)
            .filter(|&index| Custom::of_province("51", &mut streams.draw(Purpose::Coachee, index)) == Balinese)
            .count();
        assert!((810..890).contains(&balinese), "{balinese}");
    }
}
