//! One's own account: where it is signed in, and how to end that.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use super::layout::{Layout, Page};
use super::sign_in::{see_other, set};
use crate::error::AppError;
use crate::face::{Callers, Cookie, Form, PageSignedIn, gone_to};
use crate::services::accounts::{self, Own};
use crate::services::sign_ins;
use crate::store::SignInId;

#[derive(Template)]
#[template(path = "pages/account.html")]
struct Account {
    layout: Layout,
    own: Own,
    roles: String,
    devices: Vec<Device>,
}

/// A device that is signed in.
struct Device {
    id: SignInId,
    label: String,
    since: String,
    until: String,
    here: bool,
}

/// Shows the account and its devices.
pub(super) async fn show(page: Page, visitor: PageSignedIn) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| Ok((accounts::own(db, &caller)?, sign_ins::devices(db, &caller, now)?)));
    let (own, devices) = found.await?;
    let lang = page.lang();
    let devices = devices.into_iter().map(|device| Device {
        id: device.id,
        here: device.id == visitor.caller.sign_in,
        since: lang.moment(device.created_at.time()),
        until: lang.moment(device.expires_at.time()),
        label: device.label,
    });
    let roles: Vec<_> = own.grants.iter().map(|grant| lang.tr(&format!("pages.role.{}", grant.role))).collect();
    let shown =
        Account { layout: page.layout(Some(&visitor)), roles: roles.join(", "), own, devices: devices.collect() };
    page.answer(&shown.layout, &shown)
}

/// Signs a device out: another, or this one.
pub(super) async fn end(
    page: Page,
    callers: Data<Callers>,
    visitor: PageSignedIn,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id: SignInId = id.parse().map_err(|_| AppError::NotFound)?;
    let caller = visitor.caller.clone();
    let answer = page.desk.once(form.once().by(&visitor.caller), move |db, cx| {
        sign_ins::sign_out(db, &caller, id, cx.now)?;
        Ok(gone_to("/account?done=device_ended"))
    });
    let answer = answer.await?;
    callers.forget(visitor.caller.account, Some(id));
    if id != visitor.caller.sign_in {
        return Ok(answer);
    }
    let mut left = see_other("/sign-in?done=signed_out");
    set(&mut left, page.address.forget(Cookie::Session)?);
    Ok(left)
}
