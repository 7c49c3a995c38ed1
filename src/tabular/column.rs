//! Every column of every table, in one place: its name, the other headings under which people
//! send it, what its cells must hold, an example. Parsing, templates and documentation follow it.

/// What there is to know about a column.
#[derive(Debug)]
pub struct Column {
    /// The canonical heading.
    pub name: &'static str,
    /// Other headings that are understood. Case, spaces and punctuation never matter.
    pub aliases: &'static [&'static str],
    /// A cell that is right.
    pub example: &'static str,
    /// What a cell must hold, in English; reads on after "expected".
    pub expected_en: &'static str,
    /// What a cell must hold, in Indonesian.
    pub expected_id: &'static str,
}

macro_rules! columns {
    ($($col:ident = $name:literal [$($alias:literal),*] $example:literal, $en:literal, $id:literal;)+) => {
        /// A column, independent of the table it stands in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // each is described by its `Column`
        pub enum Col { $($col),+ }

        const COLUMNS: &[Column] = &[$(Column {
            name: $name, aliases: &[$($alias),*], example: $example, expected_en: $en, expected_id: $id,
        }),+];

        impl Col {
            /// How many columns there are.
            pub const COUNT: usize = COLUMNS.len();
        }
    };
}

impl Col {
    /// Its description.
    pub fn spec(self) -> &'static Column {
        &COLUMNS[self as usize]
    }

    /// Its canonical heading.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Whether its cells identify a person and are masked wherever they are shown.
    pub fn is_secret(self) -> bool {
        self == Col::IdentityNumber
    }
}

columns! {
    // Persons
    Coachee = "coachee" ["kode", "kode peserta", "kode coachee", "id peserta", "id coachee", "peserta", "id"] "P-0001",
        "a code of 1 to 64 characters that stays the same between files; better not the NIP",
        "kode 1 sampai 64 karakter yang tetap sama antarberkas; sebaiknya bukan NIP";
    Coach = "coach" ["kode", "kode coach", "id coach", "id"] "C-0001",
        "a code of 1 to 64 characters that stays the same between files; better not the NIP",
        "kode 1 sampai 64 karakter yang tetap sama antarberkas; sebaiknya bukan NIP";
    Name = "name" ["nama", "nama lengkap", "full name", "nama pegawai", "nama peserta", "nama coach"] "Siti Nurhaliza Lubis",
        "a full name without titles, 1 to 150 characters",
        "nama lengkap tanpa gelar, 1 sampai 150 karakter";
    FrontTitle = "front_title" ["gelar depan"] "Dr.",
        "titles in front of the name, at most 60 characters, or nothing",
        "gelar di depan nama, paling banyak 60 karakter, atau kosong";
    BackTitle = "back_title" ["gelar belakang"] "S.E., M.Si.",
        "titles behind the name, at most 60 characters, or nothing",
        "gelar di belakang nama, paling banyak 60 karakter, atau kosong";
    IdentityKind = "identity_kind" ["jenis identitas", "jenis nomor identitas", "jenis nomor"] "nip",
        "nip, ni_pppk, nrp or nik; nothing when the number has 18 digits (NIP, NI PPPK) or 16 (NIK)",
        "nip, ni_pppk, nrp atau nik; boleh kosong bila nomornya 18 angka (NIP, NI PPPK) atau 16 angka (NIK)";
    IdentityNumber = "identity_number" ["nip", "nomor identitas", "nip/nrp", "nip/nik", "nip baru", "nomor induk pegawai", "ni pppk", "nrp", "nik"] "199001012015051901",
        "an identity number in a cell formatted as text, or nothing",
        "nomor identitas dalam sel berformat teks, atau kosong";
    Email = "email" ["surel", "alamat surel", "alamat email", "email address"] "siti@example.go.id",
        "one mail address such as nama@instansi.go.id, or nothing",
        "satu alamat surel seperti nama@instansi.go.id, atau kosong";
    Agency = "agency" ["kode instansi", "instansi", "instansi asal", "nama instansi", "id instansi", "perusahaan", "organisasi"] "PROV-11",
        "the code of an agency, such as PROV-11, or the name of one in the reference data",
        "kode instansi seperti PROV-11, atau nama instansi yang ada di data acuan";
    Unit = "unit" ["unit kerja", "satuan kerja", "satker", "unit organisasi", "bagian"] "Biro Organisasi",
        "the unit within the agency, at most 200 characters, or nothing",
        "unit kerja di dalam instansi, paling banyak 200 karakter, atau kosong";
    Superior = "superior" ["atasan", "atasan langsung", "kode atasan", "kode atasan langsung"] "P-0007",
        "the code of the direct superior, or nothing",
        "kode atasan langsung, atau kosong";
    Position = "position" ["jabatan", "nama jabatan"] "Kepala Subbagian Keuangan",
        "the name of the position, 1 to 200 characters",
        "nama jabatan, 1 sampai 200 karakter";
    Tier = "tier" ["jenjang", "jenjang jabatan", "tingkat jabatan", "eselon"] "pengawas",
        "a tier by code or name: jpt_utama, jpt_madya, jpt_pratama, administrator, pengawas, pelaksana, jf_ahli_utama, jf_ahli_madya, jf_ahli_muda, jf_ahli_pertama, jf_penyelia, jf_mahir, jf_terampil or jf_pemula",
        "jenjang menurut kode atau nama: jpt_utama, jpt_madya, jpt_pratama, administrator, pengawas, pelaksana, jf_ahli_utama, jf_ahli_madya, jf_ahli_muda, jf_ahli_pertama, jf_penyelia, jf_mahir, jf_terampil atau jf_pemula";
    Field = "field" ["bidang", "bidang tugas", "bidang kerja", "urusan"] "keuangan",
        "a field of work by code or name, such as kesehatan, or nothing",
        "bidang tugas menurut kode atau nama, misalnya kesehatan, atau kosong";
    Regency = "regency" ["kabupaten/kota", "kabupaten", "kota", "kab/kota", "kode kabupaten/kota", "kode kabupaten", "regency code", "lokasi kerja", "lokasi"] "11.71",
        "a regency or city by code, such as 91.03, or by its full name, such as Kabupaten Jayapura",
        "kabupaten atau kota menurut kode, misalnya 91.03, atau nama lengkap, misalnya Kabupaten Jayapura";
    Modes = "modes" ["moda", "mode", "moda pertemuan", "cara bertemu", "metode pertemuan"] "online|in_person",
        "online (daring), in_person (luring), both joined by |; nothing means both",
        "online (daring), in_person (luring), keduanya dipisah |; kosong berarti keduanya";
    Languages = "languages" ["bahasa", "language"] "id|en",
        "languages by code, joined by |: id, en, jv, su, ban, min, bug, pmy; nothing means id",
        "kode bahasa dipisah |: id, en, jv, su, ban, min, bug, pmy; kosong berarti id";
    // Coachees
    Focus = "focus" ["fokus", "fokus kompetensi", "kompetensi fokus"] "M.04|M.07",
        "at most 3 different competencies by code or name, joined by |; nothing means the largest gaps",
        "paling banyak 3 kompetensi yang berbeda menurut kode atau nama, dipisah |; kosong berarti kesenjangan terbesar";
    Choices = "choices" ["pilihan", "pilihan coach", "coach pilihan"] "C-0001|C-0002",
        "at most 3 different codes of coaches, best first, joined by |, or nothing",
        "paling banyak 3 kode coach yang berbeda, yang paling diinginkan dahulu, dipisah |, atau kosong";
    Earlier = "earlier" ["coach sebelumnya", "pasangan sebelumnya", "riwayat coach"] "",
        "codes of coaches with whom a pair was declined or has ended, joined by |, or nothing",
        "kode coach yang pernah ditolak atau pasangannya telah berakhir, dipisah |, atau kosong";
    WaitingRounds = "waiting_rounds" ["putaran menunggu", "jumlah putaran menunggu", "lama menunggu"] "0",
        "how many rounds the coachee has waited, 0 to 255; nothing means 0",
        "berapa putaran peserta telah menunggu, 0 sampai 255; kosong berarti 0";
    // Coaches
    Source = "source" ["asal", "asal coach", "sumber", "asal program", "program"] "pkn_2",
        "pkn_1, pkn_2 or corporate (swasta, korporat)",
        "pkn_1, pkn_2 atau corporate (swasta, korporat)";
    Batch = "batch" ["angkatan"] "12",
        "the batch of the leadership programme, 1 to 65535 or a Roman number, or nothing",
        "angkatan pelatihan, 1 sampai 65535 atau angka Romawi, atau kosong";
    Year = "year" ["tahun", "tahun lulus", "tahun kelulusan"] "2023",
        "a year from 1990 to this year, or nothing",
        "tahun dari 1990 sampai tahun ini, atau kosong";
    CertificateNumber = "certificate_number" ["nomor sertifikat", "no sertifikat", "nomor sttp", "no sttp"] "0123/PKN-II/2023",
        "the number of the certificate, at most 100 characters, or nothing",
        "nomor sertifikat, paling banyak 100 karakter, atau kosong";
    Verification = "verification" ["verifikasi", "status verifikasi"] "verified",
        "pending, verified or rejected (menunggu, terverifikasi, ditolak); nothing means pending",
        "pending, verified atau rejected (menunggu, terverifikasi, ditolak); kosong berarti pending";
    RegionsServed = "regions_served" ["wilayah layanan", "provinsi layanan", "wilayah dilayani", "provinsi yang dilayani"] "11|12",
        "provinces by code or name, joined by |, or nothing",
        "provinsi menurut kode atau nama, dipisah |, atau kosong";
    Capacity = "capacity" ["kuota", "kapasitas", "daya tampung"] "3",
        "the most coachees at a time, a whole number from 0 to 1000",
        "paling banyak berapa peserta sekaligus, bilangan bulat 0 sampai 1000";
    Load = "load" ["beban", "terisi", "kuota terisi"] "1",
        "places already taken, a whole number up to the capacity; nothing means 0",
        "tempat yang sudah terisi, bilangan bulat paling banyak sebesar kuota; kosong berarti 0";
    Accepting = "accepting" ["menerima", "bersedia", "menerima peserta"] "true",
        "true or false (ya, tidak); nothing means true",
        "true atau false (ya, tidak); kosong berarti ya";
    Conflicts = "conflicts" ["konflik kepentingan", "benturan kepentingan"] "",
        "codes of agencies with a conflict of interest, joined by |, or nothing",
        "kode instansi yang berbenturan kepentingan, dipisah |, atau kosong";
    Wishes = "wishes" ["peserta diinginkan", "keinginan", "permintaan peserta"] "",
        "codes of coachees the coach wishes for, joined by |, or nothing",
        "kode peserta yang diinginkan coach, dipisah |, atau kosong";
    CompletedPairs = "completed_pairs" ["pasangan selesai", "jumlah pasangan selesai"] "4",
        "how many pairs were completed, 0 to 65535; nothing means 0",
        "berapa pasangan telah selesai, 0 sampai 65535; kosong berarti 0";
    Rating = "rating" ["nilai", "penilaian", "rata-rata nilai"] "4.50",
        "a number from 1.00 to 5.00, with decimal comma or point, or nothing",
        "angka 1,00 sampai 5,00, dengan koma atau titik desimal, atau kosong";
    // Assessments
    Method = "method" ["metode", "metode penilaian", "cara penilaian"] "assessment_centre",
        "self (mandiri), superior (atasan) or assessment_centre (pusat penilaian)",
        "self (mandiri), superior (atasan) atau assessment_centre (pusat penilaian)";
    AssessedOn = "assessed_on" ["tanggal", "tanggal penilaian", "tanggal asesmen", "tgl penilaian"] "2026-03-31",
        "a day that is past, such as 2025-12-31, 31/12/2025 or 31 Desember 2025",
        "tanggal yang sudah lewat, misalnya 2025-12-31, 31/12/2025 atau 31 Desember 2025";
    // Requirements
    Scope = "scope" ["cakupan", "lingkup", "berlaku untuk"] "position",
        "tier (jenjang), position (jabatan) or person (orang)",
        "tier (jenjang), position (jabatan) atau person (orang)";
    Subject = "subject" ["subjek", "objek", "nama jabatan/jenjang/orang"] "Kepala Dinas Kesehatan",
        "the tier, the name of the position, or the code of the person, as the scope says",
        "jenjang, nama jabatan, atau kode orang, sesuai cakupannya";
    ScopeAgency = "agency" ["kode instansi", "instansi", "nama instansi"] "PROV-11",
        "the agency of the position; nothing for a tier or a person",
        "instansi jabatan itu; kosong untuk jenjang atau orang";
    // Agencies
    AgencyCode = "agency" ["kode", "kode instansi", "id instansi", "instansi"] "PROV-11",
        "a code of 1 to 64 characters that stays the same between files",
        "kode 1 sampai 64 karakter yang tetap sama antarberkas";
    AgencyName = "name" ["nama", "nama instansi", "nama perusahaan"] "Pemerintah Provinsi Aceh",
        "the full name of the agency, 1 to 200 characters",
        "nama lengkap instansi, 1 sampai 200 karakter";
    AgencyKind = "kind" ["jenis", "jenis instansi"] "pemprov",
        "kementerian, lpnk, lembaga_negara_lainnya, pemprov, pemkab, pemkot, perusahaan or lain",
        "kementerian, lpnk, lembaga_negara_lainnya, pemprov, pemkab, pemkot, perusahaan atau lain";
    Seat = "province" ["provinsi", "province code", "kode provinsi"] "11",
        "the province of the seat by code or name, or nothing",
        "provinsi kedudukan menurut kode atau nama, atau kosong";
    SeatRegency = "regency" ["kabupaten/kota", "kabupaten", "kota", "regency code", "kode kabupaten/kota"] "",
        "the regency or city of the seat by code or full name, or nothing",
        "kabupaten atau kota kedudukan menurut kode atau nama lengkap, atau kosong";
    OptOuts = "opt_outs" ["tidak bersedia", "jenis coach ditolak"] "corporate",
        "the kinds of coaches the agency does not want, joined by |: corporate, internal, external; or nothing",
        "jenis coach yang tidak diinginkan, dipisah |: corporate, internal, external; atau kosong";
    // Reference tables
    ProvinceCode = "code" ["kode", "kode provinsi"] "91",
        "a code of 1 to 64 characters, unique in the file",
        "kode 1 sampai 64 karakter, unik dalam berkas";
    RegencyCode = "code" ["kode", "kode kabupaten/kota"] "91.03",
        "a code of 1 to 64 characters, unique in the file",
        "kode 1 sampai 64 karakter, unik dalam berkas";
    CompetencyCode = "code" ["kode", "kode kompetensi"] "M.01",
        "a code of 1 to 64 characters, unique in the file",
        "kode 1 sampai 64 karakter, unik dalam berkas";
    FieldCode = "code" ["kode", "kode bidang"] "kesehatan",
        "a code of 1 to 64 characters, unique in the file",
        "kode 1 sampai 64 karakter, unik dalam berkas";
    TierCode = "code" ["kode", "tier", "jenjang"] "pengawas",
        "the code of a tier, such as pengawas",
        "kode jenjang, misalnya pengawas";
    NameId = "name_id" ["nama", "nama indonesia"] "Kesehatan",
        "the Indonesian name, 1 to 200 characters",
        "nama dalam bahasa Indonesia, 1 sampai 200 karakter";
    NameEn = "name_en" ["nama inggris"] "Health",
        "the English name, 1 to 200 characters",
        "nama dalam bahasa Inggris, 1 sampai 200 karakter";
    IslandGroup = "island_group" ["gugus pulau", "pulau"] "Papua",
        "the name of the island group",
        "nama gugus pulau";
    Zone = "zone" ["zona", "zona waktu", "tz abbr"] "WIT",
        "WIB, WITA or WIT",
        "WIB, WITA atau WIT";
    TileCol = "tile_col" ["kolom peta"] "9",
        "the column on the tile map, 0 to 255",
        "kolom pada peta ubin, 0 sampai 255";
    TileRow = "tile_row" ["baris peta"] "3",
        "the row on the tile map, 0 to 255",
        "baris pada peta ubin, 0 sampai 255";
    InProvince = "province" ["provinsi", "province code", "kode provinsi"] "91",
        "the code of the province, such as 91",
        "kode provinsi, misalnya 91";
    RegencyName = "name" ["nama"] "Kabupaten Jayapura",
        "the name with its kind, such as Kabupaten Jayapura",
        "nama beserta jenisnya, misalnya Kabupaten Jayapura";
    RemoteRegency = "regency" ["kabupaten/kota", "regency code", "kode kabupaten/kota"] "91.03",
        "the code of the regency, such as 91.03",
        "kode kabupaten atau kota, misalnya 91.03";
    From = "from" ["dari", "mulai", "berlaku mulai"] "2020-01-01",
        "the first day, such as 2020-01-01",
        "hari pertama, misalnya 2020-01-01";
    Until = "until" ["sampai", "berlaku sampai"] "2024-12-31",
        "the last day, such as 2024-12-31, or nothing",
        "hari terakhir, misalnya 2024-12-31, atau kosong";
    Decree = "source" ["dasar", "dasar hukum", "sumber"] "Perpres 63/2020",
        "the decree or decision behind it, 1 to 200 characters",
        "peraturan atau keputusan yang mendasarinya, 1 sampai 200 karakter";
    CompetencyKind = "kind" ["jenis", "jenis kompetensi"] "manajerial",
        "manajerial, sosial_kultural or teknis",
        "manajerial, sosial_kultural atau teknis";
    OfCompetency = "competency" ["kompetensi", "competency code", "kode kompetensi"] "M.01",
        "the code of a competency, such as M.01",
        "kode kompetensi, misalnya M.01";
    Level = "level" ["tingkat"] "3",
        "a level, 1 to 5",
        "level 1 sampai 5";
    MeaningId = "meaning_id" ["arti", "makna", "deskripsi"] "Menjamin anggota unitnya taat etika",
        "what the level means, in Indonesian",
        "arti level itu dalam bahasa Indonesia";
    MeaningEn = "meaning_en" ["arti inggris", "makna inggris"] "Makes sure own team complies",
        "what the level means, in English",
        "arti level itu dalam bahasa Inggris";
    DefaultRequired = "default_required" ["level wajib", "default required level", "level standar"] "3",
        "the level required of every core competency unless overridden, 1 to 5",
        "level wajib setiap kompetensi inti bila tidak diatur lain, 1 sampai 5";
}

/// What a cell of a competency column must hold, in English.
pub const LEVEL_EN: &str = "a level from 1 to 5, or nothing";
/// What a cell of a competency column must hold, in Indonesian.
pub const LEVEL_ID: &str = "level 1 sampai 5, atau kosong";

/// Brings headings and words to one form: lower case, letters and digits only.
pub fn normal(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
