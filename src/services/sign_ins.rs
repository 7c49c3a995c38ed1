//! Signing in and out, staying signed in, and one's devices.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::context::{doc, note, read};
use super::limits::{self, Bucket, CODES, PASSWORDS};
use super::mails;
use super::{Caller, Context, Denial, ServiceError, ServiceResult};
use crate::auth::{Access, Issued, digest, matching_step, random_token, recovery_digest};
use crate::domain::{AccountStatus, MailKind, TicketPurpose};
use crate::store::accounts::{self, Account};
use crate::store::sign_ins::{self, SignIn};
use crate::store::tickets::{self, Ticket};
use crate::store::types::{Stamp, Word};
use crate::store::{AccountId, Db, SignInId, StoreError, TicketId};

/// A device that is not used for so long is signed out, in days.
const IDLE_DAYS: i64 = 30;
/// A browser is signed out after so long unless its owner asked for more, in hours.
const BROWSER_HOURS: i64 = 12;
/// How long a refresh token that was replaced gets the same answer again, in seconds: tabs of a
/// browser refresh at the same moment, and answers get lost.
const GRACE_SECONDS: i64 = 10;
/// How long somebody whose password was right may look for the one-time code, in minutes.
const CODE_MINUTES: i64 = 5;
/// Longest name of a device, in characters.
const LABEL: usize = 80;

/// Somebody tries to sign in.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The address given.
    pub email: &'a str,
    /// The password given.
    pub password: &'a str,
    /// What to call the device.
    pub label: &'a str,
    /// From where.
    pub from: IpAddr,
}

/// What a right password gives: what the device needs, or the wish for a one-time code.
#[derive(Debug)]
pub enum Admitted<T = Tokens> {
    /// Signed in.
    In(T),
    /// Now the one-time code, with this secret.
    CodeWanted {
        /// The secret to give along with the code.
        ticket: String,
        /// Until when.
        expires_at: Stamp,
    },
}

/// What a device needs to stay signed in.
#[derive(Debug)]
pub struct Tokens {
    /// The device.
    pub sign_in: SignInId,
    /// For requests, short-lived.
    pub access: Issued,
    /// For the next tokens, once.
    pub refresh: String,
    /// When the device is signed out unless it asks for new tokens.
    pub expires_at: Stamp,
}

/// A browser that is signed in.
#[derive(Debug)]
pub struct Browser {
    /// The secret of its cookie.
    pub secret: String,
    /// When it is signed out.
    pub expires_at: Stamp,
    /// The language of its account.
    pub language: String,
}

/// How long a browser stays signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stay {
    /// For a working day: the machine may be shared.
    Day,
    /// For a month: the machine is the owner's.
    Month,
}

impl Stay {
    /// Until when, from now.
    fn end(self, now: Stamp) -> Stamp {
        match self {
            Stay::Day => Stamp::new(now.time() + TimeDelta::hours(BROWSER_HOURS)),
            Stay::Month => idle_end(now),
        }
    }
}

/// Who a signed-in browser belongs to, and what its pages say about them.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The caller.
    pub caller: Caller,
    /// The name of the account.
    pub name: String,
}

/// Signs a program in with address and password. An unknown address costs the same time and gets the
/// same answer as a wrong password.
///
/// # Errors
/// [`Denial::WrongCredentials`], or [`Denial::TooMany`].
pub fn sign_in(cx: &Context, attempt: &Attempt) -> ServiceResult<Admitted> {
    admit(cx, attempt, &|db, device| open(db, cx, device))
}

/// Signs a browser in with address and password.
///
/// # Errors
/// As [`sign_in`].
pub fn sign_in_browser(cx: &Context, attempt: &Attempt, stay: Stay) -> ServiceResult<Admitted<Browser>> {
    admit(cx, attempt, &|db, device| open_browser(db, cx, device, stay))
}

/// A device of an account that has shown what it must.
struct Device<'a> {
    account: AccountId,
    label: &'a str,
    second_factor: bool,
    place: &'a str,
}

type Opening<'a, T> = &'a dyn Fn(&mut Db, &Device) -> ServiceResult<T>;

fn admit<T>(cx: &Context, attempt: &Attempt, open: Opening<T>) -> ServiceResult<Admitted<T>> {
    let email = attempt.email.trim().to_ascii_lowercase();
    let place = place(cx, attempt.from);
    let (for_account, here) = (format!("account {email}"), format!("account {email} from {place}"));
    let anywhere = [Bucket(PASSWORDS, &for_account), Bucket(PASSWORDS, &place)];
    // Where the owner has been before, tries are counted apart: who guesses from elsewhere does not
    // lock the owner out.
    let known = [Bucket(PASSWORDS, &here)];
    let (account, buckets) = cx.store.write(|db| {
        let account = accounts::by_email(db, &email)?;
        let id = account.as_ref().map_or(Uuid::nil().into(), |account| account.id);
        let buckets: &[Bucket] = if sign_ins::knows_place(db, id, &place)? { &known } else { &anywhere };
        limits::take(db, cx, buckets)?;
        Ok::<_, ServiceError>((account, buckets))
    })?;
    let right = cx.auth.passwords.verify(attempt.password, account.as_ref().map(|one| one.password_hash.as_str()));
    let usable = account.filter(|account| right && account.status.0 == AccountStatus::Active);
    let account = usable.ok_or(Denial::WrongCredentials)?;
    let stronger =
        (!cx.auth.passwords.is_current(&account.password_hash)).then(|| cx.auth.passwords.hash(attempt.password));
    cx.store.write(|db| {
        limits::give_back(db, cx, buckets)?;
        if let Some(hash) = &stronger {
            accounts::set_password(db, account.id, hash, cx.now)?;
        }
        if account.totp_confirmed_at.is_some() {
            return ask_for_code(db, cx, &account, attempt.label);
        }
        let device = Device { account: account.id, label: attempt.label, second_factor: false, place: &place };
        open(db, &device).map(Admitted::In)
    })
}

/// Where an attempt comes from: a mark of the address; of IPv6, of the network of its subscriber.
fn place(cx: &Context, address: IpAddr) -> String {
    cx.auth.vault.fingerprint(&format!("place {}", network(address)))
}

/// The network address of a subscriber; of IPv6, that of the network, in which there are as many as one likes.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}

fn ask_for_code<T>(db: &mut Db, cx: &Context, account: &Account, label: &str) -> ServiceResult<Admitted<T>> {
    let secret = random_token();
    let expires_at = Stamp::new(cx.now.time() + TimeDelta::minutes(CODE_MINUTES));
    let ticket = Ticket {
        id: TicketId::new(),
        purpose: Word(TicketPurpose::Code),
        account: Some(account.id),
        digest: digest(&secret),
        data: doc(&label)?,
        created_at: cx.now,
        expires_at,
        used_at: None,
    };
    tickets::create(db, &ticket)?;
    Ok(Admitted::CodeWanted { ticket: secret, expires_at })
}

/// Signs a program in with a one-time code or a recovery code, after the password was right.
///
/// # Errors
/// [`Denial::LinkOver`] when the password is too long ago, [`Denial::WrongCode`], or [`Denial::TooMany`].
pub fn with_code(cx: &Context, ticket: &str, code: &str, from: IpAddr) -> ServiceResult<Tokens> {
    admit_with_code(cx, ticket, code, from, &|db, device| open(db, cx, device))
}

/// The same for a browser.
///
/// # Errors
/// As [`with_code`].
pub fn browser_with_code(cx: &Context, ticket: &str, code: &str, from: IpAddr, stay: Stay) -> ServiceResult<Browser> {
    admit_with_code(cx, ticket, code, from, &|db, device| open_browser(db, cx, device, stay))
}

fn admit_with_code<T>(cx: &Context, ticket: &str, code: &str, from: IpAddr, open: Opening<T>) -> ServiceResult<T> {
    let place = place(cx, from);
    let opened = cx.store.write(|db| {
        let Some(ticket) = tickets::good(db, TicketPurpose::Code, &digest(ticket), cx.now)? else {
            return Err(Denial::LinkOver.into());
        };
        let id = ticket.account.ok_or(StoreError::NotFound)?;
        let account = accounts::get(db, id)?;
        if account.status.0 != AccountStatus::Active {
            return Err(Denial::LinkOver.into());
        }
        if !try_code(db, cx, &account, code)? {
            return Ok(None);
        }
        tickets::take(db, ticket.id, cx.now)?;
        let label: String = read(&ticket.data)?;
        open(db, &Device { account: id, label: &label, second_factor: true, place: &place }).map(Some)
    })?;
    opened.ok_or_else(|| Denial::WrongCode.into())
}

/// Uses up a one-time code or a recovery code. The try counts even when it is wrong, so the caller
/// must let the transaction end well.
pub(super) fn try_code(db: &mut Db, cx: &Context, account: &Account, code: &str) -> ServiceResult<bool> {
    let bucket = [Bucket(CODES, &account.id.to_string())];
    limits::take(db, cx, &bucket)?;
    let right = match step_of(cx, account, code)? {
        Some(step) => accounts::use_step(db, account.id, step)?,
        None => accounts::use_recovery_code(db, account.id, &recovery_digest(code), cx.now)?,
    };
    if right {
        limits::give_back(db, cx, &bucket)?;
        renew_seal(db, cx, account)?;
    }
    Ok(right)
}

/// Seals the secret of an authenticator with the present key, so that an old key goes out of use.
fn renew_seal(db: &mut Db, cx: &Context, account: &Account) -> ServiceResult<()> {
    let Some(sealed) = account.totp_secret.as_deref().filter(|sealed| !cx.auth.vault.is_current(sealed)) else {
        return Ok(());
    };
    let secret = unsealed(cx, account.id, sealed)?;
    let place = super::second_factor::place(account.id);
    Ok(accounts::reseal_totp(db, account.id, &cx.auth.vault.seal(&secret, &place))?)
}

fn unsealed(cx: &Context, account: AccountId, sealed: &str) -> ServiceResult<Vec<u8>> {
    let secret = cx.auth.vault.open(sealed, &super::second_factor::place(account));
    secret.map_err(|why| ServiceError::Internal(format!("account {account}: {why}")))
}

/// The step of a right one-time code.
pub(super) fn step_of(cx: &Context, account: &Account, code: &str) -> ServiceResult<Option<i64>> {
    let Some(sealed) = &account.totp_secret else { return Ok(None) };
    let secret = unsealed(cx, account.id, sealed)?;
    Ok(matching_step(&secret, code, account.totp_last_step, cx.now.time()))
}

/// Opens a program for an account and gives it its first tokens.
fn open(db: &mut Db, cx: &Context, device: &Device) -> ServiceResult<Tokens> {
    let refresh = random_token();
    let sign_in = device.sign_in(cx.now, idle_end(cx.now));
    sign_ins::create(db, &sign_in, &digest(&refresh))?;
    opened(db, cx, &sign_in, device)?;
    tokens(cx, &sign_in, refresh)
}

/// Opens a browser for an account.
fn open_browser(db: &mut Db, cx: &Context, device: &Device, stay: Stay) -> ServiceResult<Browser> {
    let secret = random_token();
    let sign_in = device.sign_in(cx.now, stay.end(cx.now));
    sign_ins::create_browser(db, &sign_in, &digest(&secret))?;
    opened(db, cx, &sign_in, device)?;
    let language = accounts::get(db, device.account)?.language;
    Ok(Browser { secret, expires_at: sign_in.expires_at, language })
}

impl Device<'_> {
    fn sign_in(&self, now: Stamp, expires_at: Stamp) -> SignIn {
        SignIn {
            id: SignInId::new(),
            account: self.account,
            label: self.label.chars().filter(|c| !c.is_control()).take(LABEL).collect(),
            second_factor: self.second_factor,
            created_at: now,
            last_used_at: now,
            expires_at,
            ended_at: None,
        }
    }
}

fn opened(db: &mut Db, cx: &Context, sign_in: &SignIn, device: &Device) -> ServiceResult<()> {
    let (account, place) = (device.account, device.place);
    if !sign_ins::knows_place(db, account, place)? && sign_ins::knows_any_place(db, account)? {
        tell_of_new_place(db, cx, sign_in)?;
    }
    sign_ins::note_place(db, account, place, cx.now)?;
    let facts = json!({ "second_factor": device.second_factor });
    note(db, device.account, "sign_in.opened", ("sign_in", sign_in.id.uuid()), &facts, cx.now)
}

/// Lets the owner of an account know that somebody signed in from where nobody did before: when, and on which device.
fn tell_of_new_place(db: &mut Db, cx: &Context, sign_in: &SignIn) -> ServiceResult<()> {
    let account = accounts::get(db, sign_in.account)?;
    let data = json!({
        "name": account.name.to_string(),
        "at": sign_in.created_at,
        "device": sign_in.label,
    });
    mails::send(db, MailKind::NewDevice, &account.email.0, &account.language, &data, cx.now)
}

/// The owner of an account was here: passwords tried from here are counted apart from now on.
pub(super) fn know_place(db: &mut Db, cx: &Context, account: AccountId, from: IpAddr) -> ServiceResult<()> {
    Ok(sign_ins::note_place(db, account, &place(cx, from), cx.now)?)
}

fn idle_end(now: Stamp) -> Stamp {
    Stamp::new(now.time() + TimeDelta::days(IDLE_DAYS))
}

fn tokens(cx: &Context, sign_in: &SignIn, refresh: String) -> ServiceResult<Tokens> {
    let access = cx.auth.tokens.issue(sign_in.account.uuid(), sign_in.id.uuid(), cx.now.time());
    let access = access.map_err(|why| ServiceError::Internal(why.to_string()))?;
    Ok(Tokens { sign_in: sign_in.id, access, refresh, expires_at: sign_in.expires_at })
}

/// New tokens for a refresh token, which is of no more use afterwards. One that is used again later
/// was stolen, from or by the device: the device is signed out.
///
/// # Errors
/// [`Denial::Unauthorized`] when the token is no longer good.
pub fn refresh(cx: &Context, token: &str) -> ServiceResult<Tokens> {
    let renewed = cx.store.write(|db| renew(db, cx, token))?;
    let (sign_in, next) = renewed.ok_or(Denial::Unauthorized)?;
    tokens(cx, &sign_in, next)
}

fn renew(db: &mut Db, cx: &Context, token: &str) -> ServiceResult<Option<(SignIn, String)>> {
    let Some(old) = sign_ins::token(db, &digest(token))? else { return Ok(None) };
    let Some(sign_in) = sign_ins::find(db, old.sign_in)?.filter(|sign_in| sign_in.is_live(cx.now)) else {
        return Ok(None);
    };
    if accounts::get(db, sign_in.account)?.status.0 != AccountStatus::Active {
        return Ok(None);
    }
    let mut successors = cx.auth.vault.successors(token);
    match (old.replaced_at, &old.replaced_by) {
        (Some(at), Some(by)) if cx.now.time() - at.time() <= TimeDelta::seconds(GRACE_SECONDS) => {
            let again = successors.find(|next| digest(next) == *by);
            Ok(again.map(|next| (sign_in, next)))
        }
        (Some(_), _) => {
            sign_ins::end(db, sign_in.id, cx.now)?;
            let subject = ("sign_in", sign_in.id.uuid());
            note(db, sign_in.account, "sign_in.token_reused", subject, &json!({}), cx.now)?;
            tracing::warn!(sign_in = %sign_in.id, "a refresh token was used twice; the device is signed out");
            Ok(None)
        }
        (None, _) => {
            let next = successors.next().ok_or_else(|| ServiceError::Internal("no key".into()))?;
            let expires_at = idle_end(cx.now);
            sign_ins::replace_token(db, &old, &digest(&next), cx.now, expires_at)?;
            Ok(Some((SignIn { expires_at, ..sign_in }, next)))
        }
    }
}

/// Who a good access token belongs to, as things stand now.
///
/// # Errors
/// [`Denial::Unauthorized`] when the device is signed out or the account is closed.
pub fn caller(db: &mut Db, access: &Access, now: Stamp) -> ServiceResult<Caller> {
    let sign_in = sign_ins::find(db, access.sign_in.into())?;
    let sign_in = sign_in.filter(|one| one.account.uuid() == access.account);
    visitor_of(db, sign_in, now).map(|visitor| visitor.caller)
}

/// Who a browser with this secret in its cookie belongs to, as things stand now.
///
/// # Errors
/// [`Denial::Unauthorized`] when it is signed out, or the account is closed.
pub fn visitor(db: &mut Db, secret: &str, now: Stamp) -> ServiceResult<Visitor> {
    let sign_in = sign_ins::browser(db, &digest(secret))?;
    visitor_of(db, sign_in, now)
}

fn visitor_of(db: &mut Db, sign_in: Option<SignIn>, now: Stamp) -> ServiceResult<Visitor> {
    let sign_in = sign_in.filter(|one| one.is_live(now)).ok_or(Denial::Unauthorized)?;
    let account = accounts::get(db, sign_in.account)?;
    if account.status.0 != AccountStatus::Active {
        return Err(Denial::Unauthorized.into());
    }
    let caller = Caller {
        account: account.id,
        sign_in: sign_in.id,
        person: account.person,
        grants: accounts::roles(db, account.id)?,
        second_factor: sign_in.second_factor,
    };
    Ok(Visitor { caller, name: account.name.0.to_string() })
}

/// The caller's devices, the last used first.
///
/// # Errors
/// Those of the store.
pub fn devices(db: &mut Db, caller: &Caller, now: Stamp) -> ServiceResult<Vec<SignIn>> {
    Ok(sign_ins::live(db, caller.account, now)?)
}

/// Signs a device of the caller's out: this one, or another.
///
/// # Errors
/// [`StoreError::NotFound`] when the caller has no such device.
pub fn sign_out(db: &mut Db, caller: &Caller, id: SignInId, now: Stamp) -> ServiceResult<()> {
    let own = sign_ins::find(db, id)?.filter(|sign_in| sign_in.account == caller.account && sign_in.is_live(now));
    let own = own.ok_or(StoreError::NotFound)?;
    sign_ins::end(db, own.id, now)?;
    note(db, caller.account, "sign_in.ended", ("sign_in", own.id.uuid()), &json!({}), now)
}
