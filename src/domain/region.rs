//! Time zones and how far apart two places are, as far as coaching is concerned.

text_enum! {
    /// A time zone of Indonesia. None has daylight saving.
    Zone {
        /// Western, UTC+7.
        Wib = "WIB",
        /// Central, UTC+8.
        Wita = "WITA",
        /// Eastern, UTC+9.
        Wit = "WIT",
    }
}

impl Zone {
    /// The IANA name.
    pub const fn iana(self) -> &'static str {
        match self {
            Zone::Wib => "Asia/Jakarta",
            Zone::Wita => "Asia/Makassar",
            Zone::Wit => "Asia/Jayapura",
        }
    }
}

text_enum! {
    /// The smallest area that two places share. The first that holds, in this order.
    Reach {
        /// The same regency or city.
        Regency = "regency",
        /// The same province.
        Province = "province",
        /// The same island group.
        IslandGroup = "island_group",
        /// The same time zone.
        Zone = "zone",
        /// None of these.
        Country = "country",
    }
}
