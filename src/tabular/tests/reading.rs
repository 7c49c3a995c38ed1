//! Every tolerance of the reader, and every complaint.

use super::*;
use crate::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, RequirementRecord, RequirementScope,
};
use crate::domain::{AssessmentMethod, CoachKind, CoachSource, IdentityKind, Mode, Modes, Tier, Verification};

const COACHEES: &str = "coachee,name,agency,position,tier,regency\n";

/// A coachee with more columns than must be there.
fn coachee_with(columns: &str, cells: &str) -> String {
    format!("coachee,name,agency,position,tier,regency,{columns}\nP-1,Budi,PROV-11,Analis,pengawas,11.71,{cells}\n")
}

fn coach_with(columns: &str, cells: &str) -> String {
    format!(
        "coach,name,source,agency,tier,regency,capacity,{columns}\nC-1,Ani,pkn_2,PROV-11,jpt_pratama,11.71,3,{cells}\n"
    )
}

#[test]
fn a_file_as_agencies_send_it() {
    let text = "\u{feff}Kode Peserta;NAMA LENGKAP;NIP;Surel;Instansi;Unit Kerja;Atasan Langsung;Jabatan;Jenjang;Bidang;Kabupaten/Kota;Moda;Bahasa;Fokus\r\n\
                P-1;\"Siti Aminah\";'19860926 201505 1 901;siti@acehprov.go.id;Pemerintah Provinsi Aceh;Biro Umum;P-9;Analis;Jabatan Pengawas;Kesehatan;Kota Banda Aceh;daring, luring;Indonesia|Jawa;Integritas;\r\n\
                \r\n\
                ;;;;;;;;;;;;;\r\n\
                P-2;Budi;;;PROV-11;;;Kepala;Eselon III;;1171;Luring;;;\r\n";
    let parsed = read_text::<CoacheeRecord>(text);
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.warnings, Vec::<String>::new());
    assert_eq!(parsed.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 5]);
    let siti = &parsed.rows[0].1;
    assert_eq!(siti.name.full, "Siti Aminah");
    let identity = siti.identity.as_ref().unwrap();
    assert_eq!((identity.kind(), identity.number()), (IdentityKind::Nip, "198609262015051901"));
    assert_eq!(siti.agency.as_str(), "PROV-11");
    assert_eq!(siti.tier, Tier::Pengawas);
    assert_eq!(siti.field.as_ref().unwrap().as_str(), "kesehatan");
    assert_eq!(siti.regency.as_str(), "11.71");
    assert_eq!(siti.modes, Modes::BOTH);
    assert_eq!(siti.languages.iter().map(|l| l.as_str()).collect::<Vec<_>>(), ["id", "jv"]);
    assert_eq!(siti.focus[0].as_str(), "M.01");
    let budi = &parsed.rows[1].1;
    assert_eq!((budi.tier, budi.regency.as_str()), (Tier::Administrator, "11.71"));
    assert_eq!(budi.modes, Modes::NONE.with(Mode::InPerson));
    assert_eq!(budi.languages.iter().map(|l| l.as_str()).collect::<Vec<_>>(), ["id"]);
}

#[test]
fn delimiters_and_hints() {
    for delimiter in [",", ";", "\t"] {
        let text = format!("{COACHEES}P-1,Budi,PROV-11,Analis,pengawas,11.71").replace(',', delimiter);
        assert_eq!(read_good::<CoacheeRecord>(&text).len(), 1, "{delimiter:?}");
        let parsed = read_text::<CoacheeRecord>(&format!("sep={delimiter}\r\n{text}"));
        assert_eq!(parsed.rows[0].0, 3, "{delimiter:?}");
    }
    // A quoted heading with many of another delimiter does not mislead.
    let text =
        "coachee;name;agency;position;tier;regency;\"a,b,c,d,e,f,g,h\"\nP-1;Budi;PROV-11;Analis;pengawas;11.71;\n";
    assert_eq!(read_good::<CoacheeRecord>(text).len(), 1);
}

#[test]
fn encodings() {
    let text = format!("{COACHEES}P-1,Sjöfjan,PROV-11,Analis,pengawas,11.71\r\n");
    for little in [true, false] {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect();
        assert_eq!(try_read::<CoacheeRecord>(&bytes).unwrap().rows[0].1.name.full, "Sjöfjan");
    }
    let latin_1: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let error = try_read::<CoacheeRecord>(&latin_1).unwrap_err();
    assert!(matches!(error, TableError::NotUtf8 { line: 2 }), "{error}");
    assert!(error.to_string().contains("CSV UTF-8"));
}

#[test]
fn line_numbers_count_what_the_person_sees() {
    let text = format!(
        "{COACHEES}P-1,\"Budi\nSantoso\r\nAji\",PROV-11,Analis,pengawas,11.71\n\n\nP-2,Ani,PROV-11,Analis,kepala,11.71"
    );
    assert_eq!(only_error::<CoacheeRecord>(&text).row, 7);
    assert_eq!(only_error::<CoacheeRecord>(&text.replace("\r\n", "\n").replace('\n', "\r\n")).row, 7);
}

#[test]
fn headings_that_are_wrong() {
    let missing = try_read::<CoacheeRecord>(b"nama;instansi;jenjang\nBudi;PROV-11;pengawas\n").unwrap_err().to_string();
    assert_eq!(missing, "missing columns: coachee, position, regency; the header has: nama, instansi, jenjang");
    assert!(matches!(try_read::<CoacheeRecord>(b"\n \n"), Err(TableError::Empty)));
    let twice = try_read::<CoacheeRecord>(b"coachee,name,agency,position,tier,regency,Tier\n").unwrap_err();
    assert!(matches!(twice, TableError::RepeatedColumn(heading) if heading == "Tier"));
    let parsed = read_text::<CoacheeRecord>(&coachee_with("jenjan_jabatan,emial", "x,y"));
    assert_eq!(
        parsed.warnings,
        [
            "column \"jenjan_jabatan\" is not known and not read; the nearest known one is \"jenjang jabatan\"",
            "column \"emial\" is not known and not read; the nearest known one is \"email\"",
        ]
    );
    assert_eq!(parsed.rows.len(), 1);
}

#[test]
fn two_headings_for_one_column() {
    let text =
        "coachee,name,nama instansi,kode instansi,position,tier,regency\nP-1,Budi,Aceh,PROV-12,Analis,pengawas,11.71\n";
    let parsed = read_text::<CoacheeRecord>(text);
    assert_eq!(parsed.rows[0].1.agency.as_str(), "PROV-12");
    assert_eq!(parsed.warnings, ["column \"nama instansi\" is not read, since \"kode instansi\" already gives agency"]);
}

#[test]
fn identity_numbers() {
    let error = |columns: &str, cells: &str| only_error::<CoacheeRecord>(&coachee_with(columns, cells));
    let rounded = error("NIP", "1.98609E+17");
    assert_eq!(rounded.column, "NIP");
    assert!(
        rounded.expected.contains("the spreadsheet has rounded the number: format the column as text"),
        "{rounded}"
    );
    assert!(error("NIP", "\"1,98609E+17\"").expected.contains("rounded"));
    let short = error("NIP", "19860926201505190");
    assert_eq!(short.value, "•••••••••••••5190");
    assert_eq!(
        short.expected,
        "18 digits (NIP, NI PPPK) or 16 (NIK), found 17; an NRP needs nrp in the column identity_kind"
    );
    assert!(error("NIP", "199402292019031903").expected.contains("birth date"));
    // A number that strayed into another column is masked as well.
    assert_eq!(error("email", "198609262015051901").value, "••••••••••••••1901");
    let kind = |columns: &str, cells: &str| {
        read_good::<CoacheeRecord>(&coachee_with(columns, cells))[0].identity.as_ref().map(|identity| identity.kind())
    };
    assert_eq!(kind("identity_kind,identity_number", ",199001012021211903"), Some(IdentityKind::NiPppk));
    assert_eq!(kind("identity_kind,identity_number", ",3171010101900001"), Some(IdentityKind::Nik));
    assert_eq!(kind("identity_kind,identity_number", "NRP,12345678"), Some(IdentityKind::Nrp));
    assert_eq!(kind("identity_kind,identity_number", "PNS,1986 0926 2015051 901"), Some(IdentityKind::Nip));
    assert_eq!(kind("identity_kind,identity_number", "nip,"), None);
    assert!(
        only_error::<CoacheeRecord>(&format!("{COACHEES}1.98609E+17,Budi,PROV-11,Analis,pengawas,11.71"))
            .expected
            .contains("rounded")
    );
}

#[test]
fn every_wrong_cell_of_a_row_is_named() {
    let text = format!("{COACHEES},,,,kepala,Atlantis\nP-2,#N/A,PROV-11,Analis,pengawas,11.71,oops\n");
    let parsed = read_text::<CoacheeRecord>(&text);
    let found: Vec<_> = parsed.errors.iter().map(|e| (e.row, e.column.as_str(), e.value.as_str())).collect();
    assert_eq!(
        found,
        [
            (2, "coachee", ""),
            (2, "name", ""),
            (2, "agency", ""),
            (2, "position", ""),
            (2, "tier", "kepala"),
            (2, "regency", "Atlantis"),
            (3, "(beyond the header)", "oops"),
            (3, "name", "#N/A"),
        ]
    );
    assert!(parsed.errors[7].expected.contains("error of a formula"));
    assert_eq!((parsed.rows.len(), parsed.bad_rows()), (0, 2));
}

#[test]
fn long_values_are_cut() {
    let error =
        only_error::<CoacheeRecord>(&format!("{COACHEES}P-1,{},PROV-11,Analis,pengawas,11.71", "a".repeat(151)));
    assert_eq!(error.value, format!("{}…", "a".repeat(59)));
}

#[test]
fn a_key_occurs_once() {
    let text = format!(
        "{COACHEES}P-1,A,PROV-11,X,pengawas,11.71\nP-2,B,PROV-11,X,pengawas,11.71\nP-1,C,PROV-11,X,pengawas,11.71\n"
    );
    let parsed = read_text::<CoacheeRecord>(&text);
    assert_eq!(parsed.rows.len(), 2);
    assert_eq!(
        parsed.errors[0].to_string(),
        "row 4, coachee: \"P-1\": expected a row of its own for each coachee; row 2 has the same"
    );
}

#[test]
fn an_identity_number_occurs_once() {
    let row = |code: &str| format!("{code},Budi,PROV-11,Analis,pengawas,11.71,198609262015051901\n");
    let text = format!("coachee,name,agency,position,tier,regency,NIP\n{}{}", row("P-1"), row("P-2"));
    let error = only_error::<CoacheeRecord>(&text);
    assert_eq!((error.row, error.value.as_str()), (3, "••••••••••••••1901"));
    assert_eq!(error.expected, "a row of its own for each person; row 2 has the same");
}

#[test]
fn limits_of_lists() {
    assert_eq!(only_error::<CoacheeRecord>(&coachee_with("focus", "M.01|M.02|M.03|M.04")).column, "focus");
    assert_eq!(only_error::<CoacheeRecord>(&coachee_with("choices", "a|b|c|d")).column, "choices");
    assert_eq!(only_error::<CoacheeRecord>(&coachee_with("choices", "a|b|a")).column, "choices");
    assert_eq!(read_good::<CoacheeRecord>(&coachee_with("choices,earlier", "a | b|,x|y"))[0].choices.len(), 2);
}

#[test]
fn assessments() {
    let text = "Peserta;Metode;Tanggal;M.01;kerja_sama;Komunikasi;Results Orientation;Perekat Bangsa\n\
                P-1;Pusat Penilaian;31 Desember 2025;3;4,0;;2.0;5\n\
                P-1;mandiri;31/12/2025;3;;;;\n\
                P-1;atasan;31-12-2025;3;;;;\n";
    let records = read_good::<AssessmentRecord>(text);
    let levels: Vec<_> = records[0].levels.iter().map(|(code, level)| (code.as_str(), level.get())).collect();
    assert_eq!(levels, [("M.01", 3), ("M.02", 4), ("M.04", 2), ("SK.01", 5)]);
    assert_eq!(records[0].assessed_on, NaiveDate::from_ymd_opt(2025, 12, 31).unwrap());
    let methods: Vec<_> = records.iter().map(|record| record.method).collect();
    assert_eq!(
        methods,
        [AssessmentMethod::AssessmentCentre, AssessmentMethod::SelfAssessment, AssessmentMethod::Superior]
    );
    let error = |row: &str| only_error::<AssessmentRecord>(&format!("coachee,method,assessed_on,M.01,M.02\n{row}\n"));
    assert_eq!(
        error("P-1,self,2025-12-31,6,1").to_string(),
        "row 2, M.01: \"6\": expected a level from 1 to 5, or nothing"
    );
    assert!(error("P-1,self,2025-12-31,,").expected.contains("at least one competency column"));
    assert!(error("P-1,self,2027-01-01,3,").expected.contains("today is 2026-11-22"));
    assert_eq!(error("P-1,self,12/31/2025,3,").column, "assessed_on");
    assert_eq!(error("P-1,self,2025-12-31,3,\nP-1,self,31/12/2025,2,").row, 3);
}

#[test]
fn requirements() {
    let text =
        "cakupan,subjek,instansi,M.01\njenjang,Jabatan Pengawas,,4\njabatan,Kepala Dinas,PROV-11,5\norang,P-1,,2\n";
    let scopes: Vec<_> = read_good::<RequirementRecord>(text).into_iter().map(|record| record.scope).collect();
    assert_eq!(
        scopes,
        [
            RequirementScope::Tier(Tier::Pengawas),
            RequirementScope::Position("PROV-11".parse().unwrap(), "Kepala Dinas".into()),
            RequirementScope::Person("P-1".parse().unwrap()),
        ]
    );
    let error = |row: &str| only_error::<RequirementRecord>(&format!("scope,subject,agency,M.01\n{row}\n")).column;
    assert_eq!(error("tier,kepala,,4"), "subject");
    assert_eq!(error("position,Kepala,,4"), "agency");
    assert_eq!(error("person,P-1,PROV-11,4"), "agency");
    assert_eq!(error("semua,P-1,,4"), "scope");
}

#[test]
fn coaches() {
    let text = "Kode;Nama;Asal;Angkatan;Tahun;Nomor Sertifikat;Verifikasi;Instansi;Jenjang;Kabupaten/Kota;Kuota;Beban;Menerima;Nilai;Wilayah Layanan;M.01;Komunikasi\n\
                C-1;Ani;PKN Tingkat II;XXIV;2023;12/PKN;Terverifikasi;PROV-11;JPT Pratama;11.71;1.000;2;Tidak;4,25;Aceh|12;4;5\n";
    let coach = &read_good::<CoachRecord>(text)[0];
    assert_eq!((coach.source, coach.batch, coach.year), (CoachSource::Pkn2, Some(24), Some(2023)));
    assert_eq!((coach.verification, coach.accepting), (Verification::Verified, false));
    assert_eq!((coach.capacity, coach.load, coach.rating), (1000, 2, Some(425)));
    assert_eq!(coach.regions_served.iter().map(|p| p.as_str()).collect::<Vec<_>>(), ["11", "12"]);
    assert_eq!(coach.strengths.len(), 2);
    let error = |columns: &str, cells: &str| only_error::<CoachRecord>(&coach_with(columns, cells));
    assert_eq!(error("load", "4").expected, "a whole number up to the capacity, 3");
    assert_eq!(error("rating", "5.5").column, "rating");
    assert_eq!(error("year", "2027").column, "year");
    assert_eq!(error("accepting", "mungkin").expected, "true or false (ya, tidak); nothing means true");
    let alumnus = coach_with("unit", "").replace("jpt_pratama", "");
    assert!(only_error::<CoachRecord>(&alumnus).expected.contains("an alumnus has one"));
    assert_eq!(read_good::<CoachRecord>(&alumnus.replace("pkn_2", "swasta"))[0].tier, None);
    assert_eq!(only_error::<CoachRecord>(&coach_with("unit", "").replace(",3,", ",1001,")).column, "capacity");
}

#[test]
fn agencies() {
    let text = "Kode Instansi,Nama Instansi,Jenis,Provinsi,Kabupaten,Opt-outs\nPT-1,PT Maju,BUMN,DKI Jakarta,,\nX-1,Kantor,lain,31,31.71,korporat;internal\n";
    let parsed = read_text::<AgencyRecord>(text);
    let names: Vec<_> =
        REFERENCE.provinces().iter().map(|p| p.name_id.as_str()).filter(|n| n.contains("Jakarta")).collect();
    assert_eq!(parsed.errors, [], "{names:?}");
    assert_eq!(parsed.rows[0].1.province.as_ref().unwrap().as_str(), "31");
    let opt_outs = parsed.rows[1].1.opt_outs;
    assert_eq!(opt_outs.iter().collect::<Vec<_>>(), [CoachKind::Corporate, CoachKind::Internal]);
}

#[test]
fn fifty_bad_rows_of_a_hundred_thousand() {
    let mut text = COACHEES.to_owned();
    for at in 0..100_000 {
        let tier = if at % 2000 == 1000 { "kepala" } else { "pengawas" };
        text.push_str(&format!("P-{at},Budi,PROV-11,Analis,{tier},11.71\n"));
    }
    let parsed = read_text::<CoacheeRecord>(&text);
    let bad: Vec<u64> = parsed.errors.iter().map(|error| error.row).collect();
    assert_eq!(bad, (0..50).map(|n| n * 2000 + 1002).collect::<Vec<_>>());
    assert_eq!((parsed.rows.len(), parsed.bad_rows()), (99_950, 50));
}

#[test]
fn progress_reaches_the_end() {
    let text = format!("{COACHEES}{}", "P-1,Budi,PROV-11,Analis,pengawas,11.71\n".repeat(10_000));
    let size = text.len() as u64;
    let mut seen = Vec::new();
    let sheet = Sheet::csv(text.as_bytes(), size).unwrap();
    read::<CoacheeRecord>(sheet, &Lookup::new(&REFERENCE, today()), &mut |at| seen.push(at.done)).unwrap();
    assert!(seen.len() == 3 && seen.is_sorted() && seen[0] < size && seen[2] == size, "{seen:?} of {size}");
}
