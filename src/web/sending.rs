//! What becomes of a form: it is done, once, and leads on; or its page comes again, with what is wrong on it.

use actix_web::HttpResponse;

use super::layout::Page;
use super::trouble::Trouble;
use crate::error::{AppError, FieldError};
use crate::face::{Form, gone_to};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, ServiceResult};
use crate::store::Db;

/// A field that is wrong, by the key of the sentence that says what would be right.
pub(super) fn fault(field: &str, key: &'static str) -> AppError {
    AppError::Invalid(vec![FieldError::body(format!("/{field}"), key)])
}

impl Page {
    /// Does what a form asks for, once, as its sender, who has seen the version that the form carries. The work says
    /// where to go next.
    pub(super) async fn act(
        &self,
        visitor: &Visitor,
        form: &Form,
        work: impl Fn(&mut Db, &Context, &Act) -> ServiceResult<String> + Send + 'static,
    ) -> Result<HttpResponse, AppError> {
        let (caller, seen) = (visitor.caller.clone(), form.seen());
        let done = self.desk.once(form.once().by(&visitor.caller), move |db, cx| {
            work(db, cx, &Act::of(&caller, cx.now, seen)).map(gone_to)
        });
        done.await
    }

    /// The answer to a form that was tried; where it could not be taken as it was, its page again. What has a page of
    /// its own, such as a thing that is not there, stays what it is.
    pub(super) async fn or_again(
        &self,
        tried: impl Future<Output = Result<HttpResponse, AppError>>,
        again: impl AsyncFnOnce(Trouble) -> Result<HttpResponse, AppError>,
    ) -> Result<HttpResponse, AppError> {
        match tried.await {
            Ok(answer) => Ok(answer),
            Err(error) => again(self.trouble(error)?).await,
        }
    }
}
