//! Days off: what the reference data says and the programme corrects, since decrees move them.

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::act::{Text, text};
use super::{Act, ServiceResult};
use crate::domain::HolidayKind;
use crate::domain::reference::Holiday;
use crate::store::{Db, calendars};

const NAME_ID: Text = Text { pointer: "/name_id", most: 200, expected: "error.field.name_200" };
const NAME_EN: Text = Text { pointer: "/name_en", ..NAME_ID };

/// The days off from one day to another, both included, to anybody.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, from: NaiveDate, until: NaiveDate) -> ServiceResult<Vec<Holiday>> {
    Ok(calendars::holidays(db, from, until)?)
}

/// Says what a day is, by the programme, in place of what was known. Sessions that are agreed stay.
///
/// # Errors
/// When it is not the programme for all agencies, or a name is missing.
pub fn set(
    db: &mut Db,
    act: &Act,
    day: NaiveDate,
    kind: HolidayKind,
    name_id: &str,
    name_en: &str,
) -> ServiceResult<Holiday> {
    act.allow(act.by_programme())?;
    let (name_id, name_en) = (text(&NAME_ID, name_id)?, text(&NAME_EN, name_en)?);
    let holiday = Holiday { day, kind, name_id, name_en, estimated: false, of_reference: false };
    act.record(db, "holiday", |db, journal| {
        calendars::save_holiday(db, &holiday)?;
        journal.note("holiday", Uuid::nil(), "set", &json!({ "day": day, "kind": kind }))?;
        Ok(holiday.clone())
    })
}
