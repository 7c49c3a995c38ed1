//! Devices that have signed in, their refresh tokens, and the places they signed in from.

use diesel::prelude::*;

use super::schema::{known_places, refresh_tokens, sign_ins};
use super::types::Stamp;
use super::{AccountId, Db, SignInId, StoreResult};

/// A device that has signed in.
#[derive(Debug, Clone, Queryable)]
pub struct SignIn {
    /// The id, which its access tokens carry.
    pub id: SignInId,
    /// The account.
    pub account: AccountId,
    /// What its owner calls it.
    pub label: String,
    /// Whether a one-time code was given too.
    pub second_factor: bool,
    /// When it signed in.
    pub created_at: Stamp,
    /// When it last took a new access token.
    pub last_used_at: Stamp,
    /// When it is over unless it is used before.
    pub expires_at: Stamp,
    /// When it was ended.
    pub ended_at: Option<Stamp>,
}

impl SignIn {
    /// Whether it still holds.
    pub fn is_live(&self, now: Stamp) -> bool {
        self.ended_at.is_none() && self.expires_at > now
    }
}

/// A refresh token as stored.
#[derive(Debug, Clone, Queryable)]
pub struct RefreshToken {
    /// The digest of the token.
    pub digest: String,
    /// The device it was given to.
    pub sign_in: SignInId,
    /// When it was given.
    pub created_at: Stamp,
    /// When another took its place.
    pub replaced_at: Option<Stamp>,
    /// The digest of that other.
    pub replaced_by: Option<String>,
}

/// The columns of a device. The digest of its cookie is looked for, and never read.
type Columns = (
    sign_ins::id,
    sign_ins::account,
    sign_ins::label,
    sign_ins::second_factor,
    sign_ins::created_at,
    sign_ins::last_used_at,
    sign_ins::expires_at,
    sign_ins::ended_at,
);
const COLUMNS: Columns = (
    sign_ins::id,
    sign_ins::account,
    sign_ins::label,
    sign_ins::second_factor,
    sign_ins::created_at,
    sign_ins::last_used_at,
    sign_ins::expires_at,
    sign_ins::ended_at,
);

/// A program that signs in, with its first refresh token.
///
/// # Errors
/// When the database cannot be written.
pub fn create(db: &mut Db, sign_in: &SignIn, digest: &str) -> StoreResult<()> {
    insert(db, sign_in, None)?;
    add_token(db, sign_in.id, digest, sign_in.created_at)
}

/// A browser that signs in, with the digest of the secret in its cookie.
///
/// # Errors
/// When the database cannot be written.
pub fn create_browser(db: &mut Db, sign_in: &SignIn, digest: &str) -> StoreResult<()> {
    insert(db, sign_in, Some(digest))
}

fn insert(db: &mut Db, sign_in: &SignIn, cookie_digest: Option<&str>) -> StoreResult<()> {
    diesel::insert_into(sign_ins::table)
        .values(row!(sign_ins {
            id: sign_in.id,
            account: sign_in.account,
            label: &sign_in.label,
            second_factor: sign_in.second_factor,
            created_at: sign_in.created_at,
            last_used_at: sign_in.last_used_at,
            expires_at: sign_in.expires_at,
            cookie_digest: cookie_digest,
        }))
        .execute(db)?;
    Ok(())
}

fn add_token(db: &mut Db, sign_in: SignInId, digest: &str, now: Stamp) -> StoreResult<()> {
    diesel::insert_into(refresh_tokens::table)
        .values(row!(refresh_tokens { digest: digest, sign_in: sign_in, created_at: now }))
        .execute(db)?;
    Ok(())
}

/// A device by its id.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: SignInId) -> StoreResult<Option<SignIn>> {
    Ok(sign_ins::table.find(id).select(COLUMNS).get_result(db).optional()?)
}

/// A browser by the digest of the secret in its cookie.
///
/// # Errors
/// When the database cannot be read.
pub fn browser(db: &mut Db, digest: &str) -> StoreResult<Option<SignIn>> {
    Ok(sign_ins::table.filter(sign_ins::cookie_digest.eq(digest)).select(COLUMNS).get_result(db).optional()?)
}

/// A refresh token by its digest.
///
/// # Errors
/// When the database cannot be read.
pub fn token(db: &mut Db, digest: &str) -> StoreResult<Option<RefreshToken>> {
    Ok(refresh_tokens::table.find(digest).get_result(db).optional()?)
}

/// Puts a refresh token in the place of another; the device was used, and holds until `expires_at`.
///
/// # Errors
/// When the database cannot be written.
pub fn replace_token(db: &mut Db, old: &RefreshToken, new: &str, now: Stamp, expires_at: Stamp) -> StoreResult<()> {
    diesel::update(refresh_tokens::table.find(&old.digest))
        .set((refresh_tokens::replaced_at.eq(Some(now)), refresh_tokens::replaced_by.eq(Some(new))))
        .execute(db)?;
    add_token(db, old.sign_in, new, now)?;
    diesel::update(sign_ins::table.find(old.sign_in))
        .set((sign_ins::last_used_at.eq(now), sign_ins::expires_at.eq(expires_at)))
        .execute(db)?;
    Ok(())
}

/// The devices of an account that still hold, the last used first.
///
/// # Errors
/// When the database cannot be read.
pub fn live(db: &mut Db, account: AccountId, now: Stamp) -> StoreResult<Vec<SignIn>> {
    let live = sign_ins::account.eq(account).and(sign_ins::ended_at.is_null()).and(sign_ins::expires_at.gt(now));
    Ok(sign_ins::table
        .filter(live)
        .select(COLUMNS)
        .order((sign_ins::last_used_at.desc(), sign_ins::id.desc()))
        .load(db)?)
}

/// Ends a device; false when it was ended before.
///
/// # Errors
/// When the database cannot be written.
pub fn end(db: &mut Db, id: SignInId, now: Stamp) -> StoreResult<bool> {
    let live = sign_ins::table.filter(sign_ins::id.eq(id).and(sign_ins::ended_at.is_null()));
    Ok(diesel::update(live).set(sign_ins::ended_at.eq(Some(now))).execute(db)? == 1)
}

/// Ends all devices of an account but one; tells how many.
///
/// # Errors
/// When the database cannot be written.
pub fn end_others(db: &mut Db, account: AccountId, kept: Option<SignInId>, now: Stamp) -> StoreResult<usize> {
    let live = sign_ins::account.eq(account).and(sign_ins::ended_at.is_null());
    let mut update = diesel::update(sign_ins::table.filter(live)).set(sign_ins::ended_at.eq(Some(now))).into_boxed();
    if let Some(kept) = kept {
        update = update.filter(sign_ins::id.ne(kept));
    }
    Ok(update.execute(db)?)
}

/// Notes that a device has given a one-time code.
///
/// # Errors
/// When the database cannot be written.
pub fn add_second_factor(db: &mut Db, id: SignInId) -> StoreResult<()> {
    diesel::update(sign_ins::table.find(id)).set(sign_ins::second_factor.eq(true)).execute(db)?;
    Ok(())
}

/// Whether an account was signed in to from a place before.
///
/// # Errors
/// When the database cannot be read.
pub fn knows_place(db: &mut Db, account: AccountId, place: &str) -> StoreResult<bool> {
    let found: i64 = known_places::table
        .filter(known_places::account.eq(account).and(known_places::place.eq(place)))
        .count()
        .get_result(db)?;
    Ok(found == 1)
}

/// Whether it is known of any place that the owner of an account was there.
///
/// # Errors
/// When the database cannot be read.
pub fn knows_any_place(db: &mut Db, account: AccountId) -> StoreResult<bool> {
    let found: i64 = known_places::table.filter(known_places::account.eq(account)).count().get_result(db)?;
    Ok(found > 0)
}

/// Notes that the owner of an account was at a place.
///
/// # Errors
/// When the database cannot be written.
pub fn note_place(db: &mut Db, account: AccountId, place: &str, now: Stamp) -> StoreResult<()> {
    let rows =
        diesel::update(known_places::table.find((account, place))).set(known_places::seen_at.eq(now)).execute(db)?;
    if rows == 0 {
        diesel::insert_into(known_places::table)
            .values(row!(known_places { account: account, place: place, seen_at: now }))
            .execute(db)?;
    }
    Ok(())
}

/// Takes away devices that ended or expired before a time, with their tokens, and places not seen since.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(db: &mut Db, before: Stamp) -> StoreResult<usize> {
    let over = sign_ins::table.filter(sign_ins::expires_at.lt(before).or(sign_ins::ended_at.lt(before)));
    let ids: Vec<SignInId> = over.select(sign_ins::id).limit(1_000).load(db)?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::sign_in.eq_any(&ids))).execute(db)?;
    Ok(diesel::delete(sign_ins::table.filter(sign_ins::id.eq_any(&ids))).execute(db)?)
}
