//! Column types that the two engines keep in different ways, and their Rust sides.
//!
//! | here | PostgreSQL | SQLite |
//! |---|---|---|
//! | [`sql::Id`] | `uuid` | blob of 16 bytes |
//! | [`sql::Stamp`] | `timestamptz` | microseconds since 1970 |
//! | [`sql::Day`] | `date` | text, `2026-11-22` |
//! | [`sql::Doc`] | `json` (not `jsonb`, which reorders keys) | text |
//! | words and codes | `text` | text |

use std::fmt::{self, Debug, Display};
use std::io::Write;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType, SmallInt, Text};
use diesel::sqlite::{Sqlite, SqliteValue};

use super::engine::MultiBackend;
use crate::domain::Level;

/// The types as SQL knows them; the structs beside this module hold the values.
pub mod sql {
    use diesel::query_builder::QueryId;
    use diesel::sql_types::SqlType;

    /// An id.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
    pub struct Id;

    /// A point in time.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
    pub struct Stamp;

    /// A day.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1082, array_oid = 1182), sqlite_type(name = "Text"))]
    pub struct Day;

    /// A JSON document, byte for byte as written.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 114, array_oid = 199), sqlite_type(name = "Text"))]
    pub struct Doc;
}

/// What diesel derives for its own types on a connection of two engines, for ours:
/// the value goes to, and comes from, whichever engine is at work.
macro_rules! on_both {
    ($sql:ty) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }
    };
    ($sql:path => $rust:ty) => {
        impl diesel::serialize::ToSql<$sql, $crate::store::engine::MultiBackend> for $rust {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, $crate::store::engine::MultiBackend>,
            ) -> diesel::serialize::Result {
                out.set_value(($sql, self));
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<$sql, $crate::store::engine::MultiBackend> for $rust {
            fn from_sql(value: $crate::store::engine::MultiRawValue<'_>) -> diesel::deserialize::Result<Self> {
                value.from_sql::<Self, $sql>()
            }
        }
    };
}
pub(super) use on_both;

on_both!(sql::Id);
on_both!(sql::Stamp);
on_both!(sql::Day);
on_both!(sql::Doc);

/// How a newtype over a UUID is kept in a [`sql::Id`] column.
macro_rules! id_column {
    ($name:ident) => {
        super::types::on_both!(sql::Id => $name);

        impl diesel::serialize::ToSql<sql::Id, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.0.as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::serialize::ToSql<sql::Id, diesel::sqlite::Sqlite> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                out.set_value(&self.0.as_bytes()[..]);
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<sql::Id, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(Self(Uuid::from_slice(value.as_bytes())?))
            }
        }

        impl diesel::deserialize::FromSql<sql::Id, diesel::sqlite::Sqlite> for $name {
            fn from_sql(value: diesel::sqlite::SqliteValue<'_, '_, '_>) -> diesel::deserialize::Result<Self> {
                use diesel::sql_types::Binary;
                let bytes = <Vec<u8> as diesel::deserialize::FromSql<Binary, diesel::sqlite::Sqlite>>::from_sql(value)?;
                Ok(Self(Uuid::from_slice(&bytes)?))
            }
        }
    };
}
pub(super) use id_column;

/// A point in time in whole microseconds, which is what both engines keep: what
/// was written equals what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow, serde::Serialize)]
#[diesel(sql_type = sql::Stamp)]
#[serde(transparent)]
pub struct Stamp(DateTime<Utc>);

impl Stamp {
    /// The given time, cut to microseconds.
    pub fn new(time: DateTime<Utc>) -> Self {
        Self(DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time))
    }

    /// The present time by this machine's clock.
    pub fn now() -> Self {
        Self::new(Utc::now())
    }

    /// As chrono knows it.
    pub fn time(self) -> DateTime<Utc> {
        self.0
    }

    fn from_micros(micros: i64) -> deserialize::Result<Self> {
        DateTime::from_timestamp_micros(micros).map(Self).ok_or_else(|| "time out of range".into())
    }
}

/// PostgreSQL counts from the year 2000.
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;
const POSTGRES_EPOCH_DAY: i32 = 730_120;

on_both!(sql::Stamp => Stamp);

impl ToSql<sql::Stamp, Pg> for Stamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.0.timestamp_micros() - POSTGRES_EPOCH_MICROS).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Stamp, Pg> for Stamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Pg>>::from_sql(value)?;
        Self::from_micros(micros.checked_add(POSTGRES_EPOCH_MICROS).ok_or("time out of range")?)
    }
}

impl ToSql<sql::Stamp, Sqlite> for Stamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_micros());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Stamp, Sqlite> for Stamp {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::from_micros(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?)
    }
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Day)]
pub struct Day(pub NaiveDate);

on_both!(sql::Day => Day);

impl ToSql<sql::Day, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.0.num_days_from_ce() - POSTGRES_EPOCH_DAY).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Day, Pg> for Day {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = i32::from_be_bytes(value.as_bytes().try_into()?);
        let day = days.checked_add(POSTGRES_EPOCH_DAY).and_then(NaiveDate::from_num_days_from_ce_opt);
        Ok(Self(day.ok_or("day out of range")?))
    }
}

impl ToSql<sql::Day, Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Day, Sqlite> for Day {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(<String as FromSql<Text, Sqlite>>::from_sql(value)?.parse()?))
    }
}

/// A JSON document as text. Both engines give back the bytes they were given.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Doc)]
pub struct Doc(String);

impl Doc {
    /// Writes a value as JSON.
    ///
    /// # Errors
    /// When the value has no JSON form, such as a map with keys that are no text.
    pub fn of(value: &impl serde::Serialize) -> serde_json::Result<Self> {
        serde_json::to_string(value).map(Self)
    }

    /// Takes a text that is JSON already.
    ///
    /// # Errors
    /// When it is not.
    pub fn from_text(text: String) -> serde_json::Result<Self> {
        serde_json::from_str::<serde::de::IgnoredAny>(&text)?;
        Ok(Self(text))
    }

    /// The same object without a key; none when it does not have it.
    pub fn without(&self, key: &str) -> Option<Self> {
        let mut object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&self.0).ok()?;
        object.remove(key)?;
        Self::of(&object).ok()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// When it does not have the shape of `T`.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

on_both!(sql::Doc => Doc);

impl ToSql<sql::Doc, Pg> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Doc, Pg> for Doc {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(std::str::from_utf8(value.as_bytes())?.to_owned()))
    }
}

impl ToSql<sql::Doc, Sqlite> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_str());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Doc, Sqlite> for Doc {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        <String as FromSql<Text, Sqlite>>::from_sql(value).map(Self)
    }
}

/// A word of an enumeration or a code, in a text column: anything that is written
/// by `Display` and read back, and checked, by `FromStr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Word<T>(pub T);

impl<T> ToSql<Text, MultiBackend> for Word<T>
where
    T: Display + Debug + Send + Sync + 'static,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

impl<T: Display + Debug> ToSql<Text, Pg> for Word<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        write!(out, "{}", self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: Display + Debug> ToSql<Text, Sqlite> for Word<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl<T, DB> FromSql<Text, DB> for Word<T>
where
    T: FromStr<Err: Display>,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(value)?;
        text.parse().map(Self).map_err(|why| format!("{text:?}: {why}").into())
    }
}

impl<T: Display> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A competency level in a small-integer column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub struct LevelCell(pub Level);

impl<DB> FromSql<SmallInt, DB> for LevelCell
where
    DB: Backend,
    i16: FromSql<SmallInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Level::new(u8::try_from(i16::from_sql(value)?)?)?))
    }
}
