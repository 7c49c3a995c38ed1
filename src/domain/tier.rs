//! Position tiers of the civil service (UU 20/2023) and their seniority.

text_enum! {
    /// The tier of a position.
    Tier {
        /// Senior executive, utama.
        JptUtama = "jpt_utama",
        /// Senior executive, madya.
        JptMadya = "jpt_madya",
        /// Senior executive, pratama.
        JptPratama = "jpt_pratama",
        /// Administrator.
        Administrator = "administrator",
        /// Supervisor.
        Pengawas = "pengawas",
        /// Operational staff.
        Pelaksana = "pelaksana",
        /// Functional expert, principal.
        JfAhliUtama = "jf_ahli_utama",
        /// Functional expert, senior.
        JfAhliMadya = "jf_ahli_madya",
        /// Functional expert, mid.
        JfAhliMuda = "jf_ahli_muda",
        /// Functional expert, entry.
        JfAhliPertama = "jf_ahli_pertama",
        /// Functional skilled, supervisor.
        JfPenyelia = "jf_penyelia",
        /// Functional skilled, advanced.
        JfMahir = "jf_mahir",
        /// Functional skilled.
        JfTerampil = "jf_terampil",
        /// Functional skilled, beginner.
        JfPemula = "jf_pemula",
    }
}

impl Tier {
    /// Seniority from 1 (staff) to 7 (senior executive, utama). Functional tiers stand
    /// beside the structural tier that the reference table names as their equivalent;
    /// the principal functional expert beside the senior executive, pratama.
    pub const fn seniority(self) -> u8 {
        match self {
            Tier::JptUtama => 7,
            Tier::JptMadya => 6,
            Tier::JptPratama | Tier::JfAhliUtama => 5,
            Tier::Administrator | Tier::JfAhliMadya => 4,
            Tier::Pengawas | Tier::JfAhliMuda => 3,
            Tier::JfAhliPertama | Tier::JfPenyelia => 2,
            Tier::Pelaksana | Tier::JfMahir | Tier::JfTerampil | Tier::JfPemula => 1,
        }
    }
}
