//! Units, fields of work and names of positions. The lists are of general knowledge, the
//! weights invented.

use super::draw::Draw;
use super::places::Place;
use crate::domain::{AgencyKind, Reference, Tier};

/// A unit of a local government: name, field, weight among all staff, weight among leaders.
/// Teachers and health workers are most of the staff, but not of the leaders.
type Unit = (&'static str, &'static str, u32, u32);

const LOCAL_UNITS: &[Unit] = &[
    ("Dinas Pendidikan dan Kebudayaan", "pendidikan", 400, 9),
    ("Dinas Kesehatan", "kesehatan", 220, 10),
    ("Dinas Pekerjaan Umum dan Penataan Ruang", "infrastruktur", 30, 8),
    ("Dinas Perumahan dan Kawasan Permukiman", "infrastruktur", 14, 6),
    ("Dinas Perhubungan", "perhubungan", 22, 6),
    ("Dinas Pertanian dan Ketahanan Pangan", "pertanian", 42, 7),
    ("Dinas Sosial dan Tenaga Kerja", "sosial", 24, 7),
    ("Dinas Lingkungan Hidup", "lingkungan", 22, 6),
    ("Dinas Perindustrian dan Perdagangan", "perdagangan", 20, 6),
    ("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", "perdagangan", 12, 5),
    ("Dinas Komunikasi dan Informatika", "komunikasi", 18, 6),
    ("Badan Kepegawaian dan Pengembangan SDM", "sdm", 20, 6),
    ("Badan Pengelolaan Keuangan dan Aset Daerah", "keuangan", 24, 7),
    ("Badan Perencanaan Pembangunan Daerah", "keuangan", 18, 6),
    ("Inspektorat Daerah", "pengawasan", 22, 5),
    ("Bagian Hukum", "hukum", 12, 4),
    ("Bagian Pengadaan Barang dan Jasa", "pengadaan", 14, 4),
    ("Bagian Umum", "administrasi", 18, 5),
    ("Dinas Kependudukan dan Pencatatan Sipil", "administrasi", 18, 6),
    ("Satuan Polisi Pamong Praja", "administrasi", 24, 5),
    ("Kecamatan", "administrasi", 46, 22),
];

const CENTRAL_UNITS: &[Unit] = &[
    ("Biro Sumber Daya Manusia", "sdm", 6, 6),
    ("Biro Keuangan dan Perencanaan", "keuangan", 8, 7),
    ("Biro Hukum", "hukum", 4, 5),
    ("Biro Umum", "administrasi", 7, 6),
    ("Biro Komunikasi", "komunikasi", 3, 4),
    ("Inspektorat", "pengawasan", 6, 5),
    ("Unit Layanan Pengadaan", "pengadaan", 3, 3),
    ("Pusat Data dan Informasi", "komunikasi", 4, 4),
];
/// Weight of the units that do what the agency is for, beside those above.
const CORE: u32 = 60;

/// The main field of central agencies; the others are about administration.
const CENTRAL_FIELDS: &[(&str, &[&str])] = &[
    ("hukum", &["KEM-02", "KEM-13", "KEM-14", "KEM-15", "LN-05", "LN-06", "LN-07", "LN-08", "LN-14"]),
    ("infrastruktur", &["KEM-05", "KEM-26", "KEM-27", "KEM-28", "KEM-36", "LPNK-28"]),
    ("kesehatan", &["KEM-20", "KEM-40", "LPNK-13", "LPNK-22"]),
    ("keuangan", &["KEM-03", "KEM-16", "KEM-37", "LPNK-03", "LN-15"]),
    ("komunikasi", &["KEM-32", "LPNK-08", "LN-16", "LN-17"]),
    ("lingkungan", &["KEM-34", "KEM-41", "LPNK-04", "LPNK-09"]),
    ("pendidikan", &["KEM-12", "KEM-17", "KEM-18", "KEM-19", "LPNK-07", "LPNK-26"]),
    ("pengadaan", &["LPNK-05"]),
    ("pengawasan", &["LPNK-06", "LN-04", "LN-10", "LN-13"]),
    ("perdagangan", &["KEM-24", "KEM-25", "KEM-39", "KEM-42", "KEM-43", "KEM-44", "KEM-45", "KEM-46", "LPNK-24"]),
    ("perhubungan", &["KEM-31", "LPNK-16", "LPNK-18"]),
    ("pertanian", &["KEM-07", "KEM-33", "KEM-35", "LPNK-21", "LPNK-23"]),
    ("sdm", &["KEM-38", "LPNK-01", "LPNK-02"]),
    ("sosial", &["KEM-06", "KEM-21", "KEM-22", "KEM-23", "KEM-29", "KEM-30", "KEM-47", "KEM-48"]),
];

/// Executives of a local government beside the heads of departments.
const IN_SECRETARIAT: &[&str] = &["Sekretaris Daerah", "Asisten Sekretaris Daerah", "Staf Ahli Kepala Daerah"];

/// What somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) unit: String,
    pub(super) field: &'static str,
    pub(super) position: String,
}

/// Draws the work of a person of a tier at a place.
pub(super) fn work(reference: &Reference, place: Place, tier: Tier, woman: bool, draw: &mut Draw) -> Work {
    let leader =
        matches!(tier, Tier::JptUtama | Tier::JptMadya | Tier::JptPratama | Tier::Administrator | Tier::Pengawas);
    let (unit, field) = unit(reference, place, leader, draw);
    let position = position(tier, &unit, field, place, woman, draw);
    let unit = match tier {
        // The highest of a local government belong to no department.
        Tier::JptPratama if IN_SECRETARIAT.contains(&position.as_str()) => "Sekretariat Daerah".into(),
        _ if leader => unit,
        _ => workplace(unit, field, &position, draw),
    };
    Work { unit, field, position }
}

/// The field that a company or an agency is mainly about.
pub(super) fn main_field(agency: &str) -> &'static str {
    let found = CENTRAL_FIELDS.iter().find(|(_, agencies)| agencies.contains(&agency));
    found.map_or("administrasi", |(field, _)| field)
}

fn unit(reference: &Reference, place: Place, leader: bool, draw: &mut Draw) -> (String, &'static str) {
    let weight = |unit: &Unit| if leader { unit.3 } else { unit.2 };
    let chosen = |units: &[Unit], rest: u32, draw: &mut Draw| {
        let mut at = draw.below(units.iter().map(weight).sum::<u32>() + rest);
        units.iter().copied().find(|unit| {
            let here = at < weight(unit);
            at = at.saturating_sub(weight(unit));
            here
        })
    };
    if !place.central {
        let (name, field, ..) = chosen(LOCAL_UNITS, 0, draw).unwrap_or(LOCAL_UNITS[0]);
        let name = if name == "Kecamatan" { format!("{name} {}", draw.between(1, 12)) } else { name.to_owned() };
        return (name, field);
    }
    let agency = &reference.agencies()[usize::from(place.agency)];
    let field = main_field(agency.code.as_str());
    let regency = &reference.regencies()[usize::from(place.regency)];
    if regency.province.as_str() != "31" {
        let whole = leader && draw.chance(0.3);
        let province = &reference.provinces()[usize::from(reference.province_of(place.regency))];
        let name =
            if whole { format!("Kantor Wilayah {}", province.name_id) } else { format!("Kantor {}", regency.name) };
        return (name, field);
    }
    match chosen(CENTRAL_UNITS, CORE, draw) {
        Some((name, field, ..)) => (name.to_owned(), field),
        None if agency.kind == AgencyKind::Ministry => {
            (format!("Direktorat {}", draw.pick(&["I", "II", "III", "IV", "V", "VI"])), field)
        }
        None => (format!("Kedeputian {}", draw.pick(&["I", "II", "III", "IV"])), field),
    }
}

/// Where staff sit: teachers in schools, health workers in health centres.
fn workplace(unit: String, field: &str, position: &str, draw: &mut Draw) -> String {
    match field {
        "pendidikan" if position.starts_with("Guru") => {
            format!("{} Negeri {}", draw.pick(&["SD", "SD", "SMP", "SMA", "SMK"]), draw.between(1, 40))
        }
        "kesehatan" if unit == "Dinas Kesehatan" && draw.chance(0.85) => {
            if draw.chance(0.35) {
                "RSUD".into()
            } else {
                format!("Puskesmas {}", draw.between(1, 25))
            }
        }
        _ => unit,
    }
}

fn position(tier: Tier, unit: &str, field: &str, place: Place, woman: bool, draw: &mut Draw) -> String {
    let ladder = match tier {
        Tier::JptUtama => return "Kepala Lembaga".into(),
        Tier::JptMadya if place.central => {
            return draw
                .pick(&["Sekretaris Utama", "Deputi", "Direktur Jenderal", "Staf Ahli", "Inspektur Utama"])
                .to_string();
        }
        Tier::JptMadya => return "Sekretaris Daerah Provinsi".into(),
        Tier::JptPratama if !place.central && (unit.starts_with("Bagian") || unit.starts_with("Kecamatan")) => {
            return draw.pick(IN_SECRETARIAT).to_string();
        }
        Tier::JptPratama => return format!("Kepala {unit}"),
        Tier::Administrator if unit.starts_with("Kecamatan") => return "Camat".into(),
        Tier::Administrator => {
            return match draw.below(3) {
                0 => format!("Sekretaris {unit}"),
                1 => "Kepala Bagian Tata Usaha".into(),
                _ => format!("Kepala Bidang {}", topic(field, draw)),
            };
        }
        Tier::Pengawas if unit.starts_with("Kecamatan") && draw.chance(0.6) => return "Lurah".into(),
        Tier::Pengawas => {
            return match draw.below(3) {
                0 => "Kepala Subbagian Umum dan Kepegawaian".into(),
                1 => "Kepala Subbagian Keuangan".into(),
                _ => format!("Kepala Seksi {}", topic(field, draw)),
            };
        }
        Tier::Pelaksana => return draw.pick(OPERATIONAL).to_string(),
        Tier::JfAhliUtama => "Ahli Utama",
        Tier::JfAhliMadya => "Ahli Madya",
        Tier::JfAhliMuda => "Ahli Muda",
        Tier::JfAhliPertama => "Ahli Pertama",
        Tier::JfPenyelia => "Penyelia",
        Tier::JfMahir => "Mahir",
        Tier::JfTerampil => "Terampil",
        Tier::JfPemula => "Pemula",
    };
    let expert = matches!(tier, Tier::JfAhliUtama | Tier::JfAhliMadya | Tier::JfAhliMuda | Tier::JfAhliPertama);
    let university = place.central && field == "pendidikan";
    format!("{} {ladder}", if expert { expertise(field, university, woman, draw) } else { skill(field, woman, draw) })
}

/// Names of operational positions.
pub(super) const OPERATIONAL: &[&str] = &[
    "Penata Layanan Operasional",
    "Pengelola Layanan Operasional",
    "Pengadministrasi Perkantoran",
    "Operator Layanan Operasional",
    "Pengolah Data dan Informasi",
];

fn expertise(field: &str, university: bool, woman: bool, draw: &mut Draw) -> &'static str {
    draw.weighted(match field {
        "pendidikan" if university => &[("Dosen", 80), ("Pengembang Teknologi Pembelajaran", 20)],
        "pendidikan" => &[("Guru", 92), ("Pengawas Sekolah", 6), ("Pamong Belajar", 2)],
        "kesehatan" if woman => &[("Perawat", 40), ("Bidan", 32), ("Dokter", 14), ("Dokter Gigi", 4), ("Apoteker", 10)],
        "kesehatan" => &[("Perawat", 60), ("Dokter", 22), ("Dokter Gigi", 6), ("Epidemiolog Kesehatan", 12)],
        "hukum" => &[("Perancang Peraturan Perundang-undangan", 50), ("Analis Hukum", 50)],
        "infrastruktur" => {
            &[("Teknik Tata Bangunan dan Perumahan", 40), ("Penata Ruang", 30), ("Teknik Jalan dan Jembatan", 30)]
        }
        "keuangan" => &[("Perencana", 40), ("Analis Keuangan Pusat dan Daerah", 40), ("Statistisi", 20)],
        "komunikasi" => &[("Pranata Komputer", 60), ("Pranata Hubungan Masyarakat", 40)],
        "lingkungan" => &[("Pengendali Dampak Lingkungan", 60), ("Polisi Kehutanan", 40)],
        "pengadaan" => &[("Pengelola Pengadaan Barang/Jasa", 100)],
        "pengawasan" => &[("Auditor", 60), ("Pengawas Penyelenggaraan Urusan Pemerintahan", 40)],
        "perdagangan" => &[("Pembina Industri", 40), ("Analis Perdagangan", 40), ("Penera", 20)],
        "perhubungan" => &[("Penguji Kendaraan Bermotor", 50), ("Inspektur Angkutan", 50)],
        "pertanian" => &[("Penyuluh Pertanian", 70), ("Medik Veteriner", 12), ("Analis Ketahanan Pangan", 18)],
        "sdm" => &[("Analis SDM Aparatur", 50), ("Widyaiswara", 20), ("Asesor SDM Aparatur", 30)],
        "sosial" => &[("Pekerja Sosial", 55), ("Mediator Hubungan Industrial", 45)],
        _ => &[("Analis Kebijakan", 60), ("Arsiparis", 25), ("Administrator Database Kependudukan", 15)],
    })
}

fn skill(field: &str, woman: bool, draw: &mut Draw) -> &'static str {
    draw.weighted(match field {
        "kesehatan" if woman => &[("Perawat", 45), ("Bidan", 40), ("Asisten Apoteker", 15)],
        "kesehatan" => &[("Perawat", 70), ("Pranata Laboratorium Kesehatan", 30)],
        "komunikasi" => &[("Pranata Komputer", 100)],
        "pertanian" => &[("Penyuluh Pertanian", 100)],
        "lingkungan" => &[("Polisi Kehutanan", 100)],
        "perhubungan" => &[("Penguji Kendaraan Bermotor", 100)],
        "pengawasan" | "keuangan" => &[("Auditor", 40), ("Statistisi", 60)],
        "sdm" => &[("Pranata SDM Aparatur", 100)],
        _ => &[("Arsiparis", 60), ("Pranata Komputer", 40)],
    })
}

/// What sections and divisions of a field are called.
fn topic(field: &str, draw: &mut Draw) -> &'static str {
    let topics: &[&'static str] = match field {
        "hukum" => &["Perundang-undangan", "Bantuan Hukum"],
        "infrastruktur" => &["Bina Marga", "Cipta Karya", "Sumber Daya Air"],
        "kesehatan" => &["Pelayanan Kesehatan", "Kesehatan Masyarakat", "Pencegahan Penyakit"],
        "keuangan" => &["Anggaran", "Akuntansi", "Perencanaan"],
        "komunikasi" => &["Informatika", "Komunikasi Publik"],
        "lingkungan" => &["Tata Lingkungan", "Pengelolaan Sampah"],
        "pendidikan" => &["Pembinaan Sekolah Dasar", "Pembinaan Ketenagaan", "Kebudayaan"],
        "pengadaan" => &["Pengelolaan Pengadaan", "Layanan Pengadaan Secara Elektronik"],
        "pengawasan" => &["Investigasi", "Evaluasi"],
        "perdagangan" => &["Pembinaan Industri", "Perdagangan", "Penanaman Modal"],
        "perhubungan" => &["Lalu Lintas", "Angkutan"],
        "pertanian" => &["Tanaman Pangan", "Penyuluhan"],
        "sdm" => &["Mutasi", "Pengembangan Kompetensi", "Penilaian Kinerja"],
        "sosial" => &["Pemberdayaan Sosial", "Hubungan Industrial"],
        _ => &["Pemerintahan", "Pelayanan Umum", "Ketenteraman dan Ketertiban"],
    };
    draw.pick::<&str>(topics)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::figures::each_row;
    use super::*;

    fn keys(text: &'static str, column: &str) -> HashSet<String> {
        let mut keys = HashSet::new();
        each_row(text, "reference", [column], |[key]| keys.insert(key.to_owned()).then_some(())).unwrap();
        keys
    }

    #[test]
    fn every_field_and_agency_named_here_exists() {
        let fields = keys(include_str!("../../data/reference/fields.csv"), "code");
        let central = keys(include_str!("../../data/reference/agencies_central.csv"), "id");
        for (_, field, ..) in LOCAL_UNITS.iter().chain(CENTRAL_UNITS) {
            assert!(fields.contains(*field), "{field}");
        }
        for (field, agencies) in CENTRAL_FIELDS {
            assert!(fields.contains(*field), "{field}");
            assert!(agencies.iter().all(|agency| central.contains(*agency)), "{field}: {agencies:?}");
        }
    }
}
