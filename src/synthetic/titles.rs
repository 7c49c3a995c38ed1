//! Titles in front of and behind names, as education, work, age and sex make them likely.

use super::draw::Draw;
use crate::domain::Tier;

/// The highest degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Education {
    School,
    Diploma,
    Bachelor,
    Master,
    Doctor,
}

/// What titles depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bearer<'a> {
    pub(super) tier: Tier,
    pub(super) field: &'a str,
    pub(super) position: &'a str,
    pub(super) woman: bool,
    pub(super) born: i32,
    /// Whether the pilgrim's title is likely where the name comes from.
    pub(super) pilgrims: bool,
    pub(super) javanese: bool,
}

/// Titles in front and behind.
pub(super) fn titles(bearer: Bearer, draw: &mut Draw) -> (String, String) {
    let education = education(bearer, draw);
    let (mut front, mut back): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    if education == Education::Doctor && bearer.position.starts_with("Dosen Ahli Utama") {
        front.push("Prof.");
    }
    let abroad = education == Education::Doctor && draw.chance(0.08);
    if education == Education::Doctor && !abroad {
        front.push("Dr.");
    }
    if education >= Education::Bachelor {
        bachelor(bearer, &mut front, &mut back, draw);
    }
    if education >= Education::Master {
        back.push(master(bearer.field, draw));
    }
    if abroad {
        back.push("Ph.D.");
    }
    if education == Education::Diploma {
        back.push("A.Md.");
    }
    let pilgrim = if bearer.born < 1980 { 0.16 } else { 0.03 };
    if bearer.pilgrims && draw.chance(pilgrim) {
        front.insert(0, if bearer.woman { "Hj." } else { "H." });
    } else if bearer.javanese && !bearer.woman && draw.chance(0.005) {
        front.insert(0, "R.");
    }
    (front.join(" "), back.join(", "))
}

/// The shares are invented, such that a mix of tiers comes near the national figures
/// (school 15 %, diploma 12 %, bachelor 62 %, master 10 %, doctor 1 %).
fn education(bearer: Bearer, draw: &mut Draw) -> Education {
    use Education::{Bachelor, Diploma, Doctor, Master, School};
    if bearer.position.starts_with("Dosen") {
        return draw.weighted(&[(Master, 70), (Doctor, 30)]);
    }
    draw.weighted(match bearer.tier {
        Tier::JptUtama | Tier::JptMadya => &[(Bachelor, 5), (Master, 55), (Doctor, 40)],
        Tier::JptPratama | Tier::JfAhliUtama => &[(Bachelor, 12), (Master, 70), (Doctor, 18)],
        Tier::Administrator | Tier::JfAhliMadya => &[(Bachelor, 50), (Master, 46), (Doctor, 4)],
        Tier::Pengawas | Tier::JfAhliMuda => &[(Bachelor, 76), (Master, 23), (Doctor, 1)],
        Tier::JfAhliPertama => &[(Bachelor, 94), (Master, 6)],
        Tier::JfPenyelia | Tier::JfMahir | Tier::JfTerampil => &[(School, 10), (Diploma, 80), (Bachelor, 10)],
        Tier::JfPemula => &[(School, 70), (Diploma, 30)],
        Tier::Pelaksana => &[(School, 48), (Diploma, 16), (Bachelor, 36)],
    })
}

fn bachelor<'a>(bearer: Bearer, front: &mut Vec<&'a str>, back: &mut Vec<&'a str>, draw: &mut Draw) {
    let position = bearer.position;
    if position.starts_with("Dokter Gigi") {
        return front.push("drg.");
    }
    if position.starts_with("Dokter") {
        return front.push("dr.");
    }
    if position.starts_with("Medik Veteriner") {
        return front.push("drh.");
    }
    if position.starts_with("Apoteker") {
        front.push("apt.");
        return back.push("S.Farm.");
    }
    if position.starts_with("Perawat") && draw.chance(0.7) {
        front.push("Ns.");
    }
    let technical = matches!(bearer.field, "infrastruktur" | "perhubungan" | "lingkungan" | "pertanian");
    if bearer.born < 1975 && technical && draw.chance(0.4) {
        return front.push("Ir.");
    }
    if bearer.born < 1969 && !technical && draw.chance(0.5) {
        return front.push(if bearer.woman { "Dra." } else { "Drs." });
    }
    back.push(draw.weighted(match bearer.field {
        "hukum" => &[("S.H.", 90), ("S.Sos.", 10)],
        "infrastruktur" | "perhubungan" => &[("S.T.", 80), ("S.E.", 20)],
        "kesehatan" => &[("S.K.M.", 85), ("S.Farm.", 10), ("S.Psi.", 5)],
        "keuangan" | "perdagangan" | "pengadaan" => &[("S.E.", 75), ("S.H.", 10), ("S.T.", 15)],
        "komunikasi" => &[("S.Kom.", 70), ("S.Sos.", 30)],
        "lingkungan" | "pertanian" => &[("S.T.", 50), ("S.E.", 50)],
        "pendidikan" => &[("S.Pd.", 88), ("S.Ag.", 12)],
        "pengawasan" => &[("S.E.", 70), ("S.H.", 30)],
        "sdm" => &[("S.Psi.", 20), ("S.Sos.", 40), ("S.E.", 40)],
        "sosial" => &[("S.Sos.", 90), ("S.Psi.", 10)],
        _ => &[("S.Sos.", 30), ("S.IP.", 25), ("S.STP.", 20), ("S.E.", 25)],
    }));
}

fn master(field: &str, draw: &mut Draw) -> &'static str {
    draw.weighted(match field {
        "hukum" => &[("M.H.", 90), ("M.Si.", 10)],
        "infrastruktur" | "perhubungan" => &[("M.T.", 70), ("M.Si.", 30)],
        "kesehatan" => &[("M.Kes.", 85), ("M.M.", 15)],
        "pendidikan" => &[("M.Pd.", 85), ("M.A.", 15)],
        "keuangan" | "perdagangan" | "pengadaan" | "pengawasan" => &[("M.M.", 60), ("M.Si.", 40)],
        "administrasi" | "sdm" => &[("M.A.P.", 35), ("M.Si.", 50), ("M.P.A.", 15)],
        _ => &[("M.Si.", 80), ("M.M.", 20)],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::draw::{Purpose, Streams};
    use super::super::figures::each_row;
    use super::*;

    const KNOWN: &str = include_str!("../../data/reference/titles_gelar.csv");

    #[test]
    fn titles_are_known_and_fit_sex_and_place() {
        let mut known = HashSet::new();
        each_row(KNOWN, "titles_gelar", ["title", "position"], |[title, place]| {
            known.insert((title.to_owned(), place == "front"));
            Some(())
        })
        .unwrap();
        let fields = ["hukum", "infrastruktur", "kesehatan", "keuangan", "komunikasi", "pendidikan", "sdm", "sosial"];
        let positions = ["Dokter Ahli Muda", "Dosen Ahli Utama", "Perawat Terampil", "Apoteker Ahli Muda", "Camat"];
        let streams = Streams::new(5);
        for index in 0..20_000 {
            let mut draw = streams.draw(Purpose::Coachee, index);
            let bearer = Bearer {
                tier: *draw.pick(Tier::ALL),
                field: draw.pick::<&str>(&fields),
                position: draw.pick::<&str>(&positions),
                woman: draw.chance(0.5),
                born: draw.between(1963, 2000),
                pilgrims: draw.chance(0.5),
                javanese: draw.chance(0.5),
            };
            let (front, back) = titles(bearer, &mut draw);
            for title in front.split(' ').filter(|title| !title.is_empty()) {
                assert!(known.contains(&(title.to_owned(), true)), "{title} in front");
                let mens = ["H.", "Drs.", "R."].contains(&title);
                assert!(if bearer.woman { !mens } else { !["Hj.", "Dra."].contains(&title) }, "{bearer:?} {front}");
            }
            for title in back.split(", ").filter(|title| !title.is_empty()) {
                assert!(known.contains(&(title.to_owned(), false)), "{title} behind");
            }
        }
    }

    #[test]
    fn senior_executives_are_the_more_educated() {
        let streams = Streams::new(6);
        let with_master = |tier| {
            (0..500)
                .filter(|&index| {
                    let bearer = Bearer {
                        tier,
                        field: "hukum",
                        position: "",
                        woman: false,
                        born: 1980,
                        pilgrims: false,
                        javanese: false,
                    };
                    titles(bearer, &mut streams.draw(Purpose::Coachee, index)).1.contains("M.")
                })
                .count()
        };
        assert!(with_master(Tier::JptMadya) > 2 * with_master(Tier::Pengawas));
    }
}
