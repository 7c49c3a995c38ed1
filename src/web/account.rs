//! One's own account: its language, what mail it gets, its calendar, and where it is signed in.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use super::layout::{Layout, Page};
use super::sending::fault;
use super::sign_in::{see_other, set};
use super::trouble::Trouble;
use crate::domain::{MailClass, Role};
use crate::error::AppError;
use crate::face::{Callers, Cookie, Form, PageSignedIn, gone_to};
use crate::i18n::Lang;
use crate::services::accounts::{self, Description, Own};
use crate::services::sign_ins::{self, Visitor};
use crate::services::{Act, Context, calendar_feeds, mail_preferences, zones};
use crate::store::{Db, SignInId};

#[derive(Template)]
#[template(path = "pages/account.html")]
struct Account {
    layout: Layout,
    own: Own,
    roles: String,
    /// Whether the reader is a coach; who is none may apply.
    coaches: bool,
    /// Languages to choose from, and whether it is the one.
    languages: Vec<(&'static str, String, bool)>,
    /// Kinds of mail that one may do without, and whether they are sent; none for who is nobody in the records.
    mail: Vec<(String, String, bool)>,
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

#[derive(Template)]
#[template(path = "pages/calendar_feed.html")]
struct Feed {
    layout: Layout,
    address: String,
}

/// Shows the account.
pub(super) async fn show(page: Page, visitor: PageSignedIn) -> Result<HttpResponse, AppError> {
    again(&page, &visitor, None).await
}

async fn again(page: &Page, visitor: &Visitor, trouble: Option<Trouble>) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| {
        let act = Act::of(&caller, now, None);
        let (refused, zone) = (mail_preferences::refused(db, &act)?, zones::of_reader(db, &act, None)?);
        Ok((accounts::own(db, &caller)?, sign_ins::devices(db, &caller, now)?, refused, zone))
    });
    let (own, devices, refused, zone) = found.await?;
    let lang = page.lang();
    let devices = devices.into_iter().map(|device| Device {
        id: device.id,
        here: device.id == visitor.caller.sign_in,
        since: lang.moment_in(device.created_at.time(), zone),
        until: lang.moment_in(device.expires_at.time(), zone),
        label: device.label,
    });
    let roles: Vec<_> = own.grants.iter().map(|grant| lang.tr(&format!("pages.role.{}", grant.role))).collect();
    let classes = if own.person.is_some() { MailClass::ALL } else { &[] };
    let class = |class: &MailClass| {
        (class.to_string(), lang.tr(&format!("pages.account.mail.{class}")).into_owned(), !refused.contains(class))
    };
    let languages = [Lang::Id, Lang::En];
    let shown = Account {
        roles: roles.join(", "),
        coaches: own.grants.iter().any(|grant| grant.role == Role::Coach),
        languages: languages
            .map(|one| (one.code(), one.tr("page.language").into_owned(), own.account.language == one.code()))
            .into(),
        mail: classes.iter().map(class).collect(),
        devices: devices.collect(),
        layout: page.layout(Some(visitor)).with(trouble),
        own,
    };
    page.answer(&shown.layout, &shown)
}

/// Sets the language of the pages and mails.
pub(super) async fn set_language(page: Page, visitor: PageSignedIn, form: Form) -> Result<HttpResponse, AppError> {
    let lang = Lang::of(form.text("language"));
    let caller = visitor.caller.clone();
    let tried = async {
        let lang = lang.ok_or_else(|| fault("language", "pages.fault.language"))?;
        let new = Description { name: None, language: Some(lang.code().to_owned()) };
        let work = move |db: &mut Db, cx: &Context, act: &Act| {
            accounts::describe(db, &caller, &new, act.seen.unwrap_or_default(), cx.now)?;
            Ok("/account?done=language_set".to_owned())
        };
        let mut answer = page.act(&visitor, &form, work).await?;
        set(&mut answer, page.remember(lang.code())?);
        Ok(answer)
    };
    page.or_again(tried, async |trouble| again(&page, &visitor, Some(trouble)).await).await
}

/// Sets what of the mail that one may do without is sent.
pub(super) async fn set_mail(page: Page, visitor: PageSignedIn, form: Form) -> Result<HttpResponse, AppError> {
    let refused: Vec<MailClass> =
        MailClass::ALL.iter().copied().filter(|class| !form.is("mail", class.as_str())).collect();
    let tried = page.act(&visitor, &form, move |db, _, act| {
        mail_preferences::set(db, act, &refused)?;
        Ok("/account?done=mail_set".to_owned())
    });
    page.or_again(tried, async |trouble| again(&page, &visitor, Some(trouble)).await).await
}

/// Gives the calendar a new secret address and shows it, this once. It is no act that counts once, because its answer
/// is a secret that is not kept: sent twice, the second address holds.
pub(super) async fn renew_calendar(page: Page, visitor: PageSignedIn, form: Form) -> Result<HttpResponse, AppError> {
    let (caller, seen) = (visitor.caller.clone(), form.seen());
    let tried = async {
        let secret = calendar_feeds::new_secret();
        let address = format!("{}/calendar/{secret}.ics", page.public.base(&page.request));
        let renew =
            move |db: &mut Db, cx: &Context| calendar_feeds::renew(db, &Act::of(&caller, cx.now, seen), &secret);
        page.desk.write(renew).await?;
        let shown = Feed { layout: page.layout(Some(&visitor)), address };
        page.answer(&shown.layout, &shown)
    };
    page.or_again(tried, async |trouble| again(&page, &visitor, Some(trouble)).await).await
}

/// Ends the secret address of the calendar.
pub(super) async fn end_calendar(page: Page, visitor: PageSignedIn, form: Form) -> Result<HttpResponse, AppError> {
    let tried = page.act(&visitor, &form, |db, _, act| {
        calendar_feeds::revoke(db, act)?;
        Ok("/account?done=calendar_ended".to_owned())
    });
    page.or_again(tried, async |trouble| again(&page, &visitor, Some(trouble)).await).await
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
    set(&mut left, page.public.forget(Cookie::Session)?);
    Ok(left)
}
