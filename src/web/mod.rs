//! Pages for people: server-rendered, readable without JavaScript, in both languages.
//!
//! [`PAGES`] is the table of all addresses. A page by GET shows and changes nothing; a form is sent by
//! POST and answered with where to go next (303), or with the same page and what is wrong on it (422).

mod account;
mod action_items;
mod admin_home;
mod applications;
mod assessments;
mod assets;
mod brought;
mod certificates;
mod charts;
mod coach_home;
mod coach_profile;
mod coachee_home;
mod cohort;
mod cohort_ask;
mod cohorts;
mod coming;
mod completion;
mod email_changes;
mod goals;
mod help;
mod holidays;
mod home;
mod hours;
mod invitations;
mod jobs;
mod layout;
mod learning;
mod offers;
mod pairings;
mod passwords;
mod policy_form;
mod preparation;
mod profile;
mod questions;
mod rating;
mod requests;
mod rows;
mod run;
mod run_orders;
mod sending;
mod session_cancellations;
mod session_times;
mod sessions;
mod shortlist;
mod sign_in;
mod sign_up_claims;
mod sign_ups;
mod stuck;
mod superiors;
mod tokens;
mod trouble;
mod undelivered;
mod unsubscribe;
mod verifications;
mod views;
mod work;

use actix_web::web::{self, ServiceConfig};

pub use assets::Site;

macro_rules! verb {
    (GET) => {
        web::get()
    };
    (POST) => {
        web::post()
    };
}

macro_rules! pages {
    ($($method:ident $path:literal => $handler:path),+ $(,)?) => {
        /// Every page and every form: its method and its address.
        pub const PAGES: &[(&str, &str)] = &[$((stringify!($method), $path)),+];

        /// The pages and what they load. Of two addresses that fit, the first is taken.
        pub fn routes(config: &mut ServiceConfig) {
            config$(.route($path, verb!($method).to($handler)))+;
        }
    };
}

pages! {
    GET "/" => home::show,
    GET "/runs/new" => run_orders::show_new,
    POST "/runs" => run_orders::order,
    GET "/runs/{id}" => run::show,
    GET "/runs/{id}/publication" => run_orders::show_publication,
    POST "/runs/{id}/publication" => run_orders::publish,
    GET "/runs/{id}/discard" => run_orders::show_discard,
    POST "/runs/{id}/discard" => run_orders::discard,
    GET "/runs/{id}/comparison" => run_orders::compare,
    GET "/assets/site.css" => assets::stylesheet,
    GET "/assets/icon.svg" => assets::icon,

    GET "/sign-in" => sign_in::show,
    POST "/sign-in" => sign_in::enter,
    GET "/sign-in/code" => sign_in::show_code,
    POST "/sign-in/code" => sign_in::enter_code,
    POST "/sign-out" => sign_in::leave,
    GET "/account" => account::show,
    POST "/account/devices/{id}" => account::end,
    POST "/account/language" => account::set_language,
    POST "/account/mail" => account::set_mail,
    POST "/account/calendar" => account::renew_calendar,
    POST "/account/calendar/end" => account::end_calendar,

    GET "/invitations/{token}" => invitations::show,
    POST "/invitations/{token}" => invitations::accept,
    GET "/password-resets" => passwords::show,
    POST "/password-resets" => passwords::ask,
    GET "/password-resets/{token}" => passwords::show_reset,
    POST "/password-resets/{token}" => passwords::reset,
    GET "/sign-ups" => sign_ups::show,
    POST "/sign-ups" => sign_ups::ask,
    GET "/sign-ups/{token}" => sign_ups::show_confirmation,
    POST "/sign-ups/{token}" => sign_ups::confirm,
    GET "/coach-applications" => applications::show,
    POST "/coach-applications" => applications::apply,
    GET "/coach-applications/{token}" => applications::show_confirmation,
    POST "/coach-applications/{token}" => applications::confirm,
    GET "/email-changes/{token}" => email_changes::show,
    POST "/email-changes/{token}" => email_changes::confirm,

    POST "/availability" => home::set_availability,
    GET "/offers/{id}" => offers::show,
    POST "/offers/{id}/answer" => offers::answer,
    POST "/offers/{id}/confirmation" => offers::confirm,
    POST "/offers/{id}/question" => questions::ask,
    GET "/questions/{id}" => questions::show,
    POST "/questions/{id}" => questions::answer,

    GET "/hours" => hours::show,
    POST "/hours" => hours::set_weekly,
    POST "/hours/exceptions" => hours::add_exception,
    POST "/hours/exceptions/{id}" => hours::remove_exception,
    GET "/coach-profile" => coach_profile::show,
    POST "/coach-profile" => coach_profile::change,
    POST "/coach-profile/capacity" => coach_profile::set_capacity,

    GET "/profile" => profile::show,
    GET "/profile/assessment" => assessments::show,
    POST "/profile/assessment" => assessments::rate,
    GET "/assessments" => superiors::list,
    GET "/assessments/{code}" => superiors::show,
    POST "/assessments/{code}" => superiors::rate,
    GET "/learning" => learning::show,
    GET "/learning/certificates/{id}" => learning::print,
    GET "/requests/new" => cohort_ask::show,
    POST "/requests/new" => cohort_ask::ask,
    GET "/requests/{id}" => requests::show,
    GET "/requests/{id}/coaches" => shortlist::show,
    GET "/requests/{id}/choices" => shortlist::check,
    POST "/requests/{id}/choices" => shortlist::choose,
    GET "/requests/{id}/questions" => questions::show_new,
    POST "/requests/{id}/questions" => questions::ask_coach,
    GET "/requests/{id}/withdrawal" => requests::show_withdrawal,
    POST "/requests/{id}/withdrawal" => requests::withdraw,

    GET "/pairings/{id}" => pairings::show,
    POST "/pairings/{id}/agreement" => pairings::sign,
    GET "/pairings/{id}/completion" => completion::show,
    POST "/pairings/{id}/completion" => completion::complete,
    GET "/pairings/{id}/end" => pairings::show_end,
    POST "/pairings/{id}/end" => pairings::end,
    POST "/pairings/{id}/rematch" => pairings::rematch,

    GET "/pairings/{id}/help" => help::show,
    POST "/pairings/{id}/help" => help::ask,
    GET "/pairings/{id}/work" => work::show,
    POST "/pairings/{id}/goals" => work::add_goal,
    POST "/pairings/{id}/action-items" => work::add_item,
    POST "/pairings/{id}/action-items/done" => work::tick,
    POST "/pairings/{id}/resources" => work::add_resource,
    POST "/pairings/{id}/resources/removal" => work::remove_resource,
    GET "/goals/{id}" => goals::show,
    POST "/goals/{id}" => goals::change,
    GET "/action-items/{id}" => action_items::show,
    POST "/action-items/{id}" => action_items::change,

    GET "/pairings/{id}/sessions/new" => session_times::show_new,
    POST "/pairings/{id}/sessions" => session_times::propose,
    POST "/pairings/{id}/plan" => session_times::plan,
    GET "/sessions/{id}" => sessions::show,
    POST "/sessions/{id}/confirmation" => sessions::confirm,
    GET "/sessions/{id}/time" => session_times::show_move,
    POST "/sessions/{id}/time" => session_times::reschedule,
    GET "/sessions/{id}/cancellation" => session_cancellations::show,
    POST "/sessions/{id}/cancellation" => session_cancellations::cancel,
    POST "/sessions/{id}/attendance" => sessions::attend,
    POST "/sessions/{id}/feedback" => sessions::give_feedback,
    POST "/sessions/{id}/notes" => sessions::write_note,

    GET "/stuck" => stuck::show,
    GET "/applications" => verifications::list,
    GET "/applications/{id}" => verifications::show,
    POST "/applications/{id}" => verifications::decide,
    GET "/sign-up-claims" => sign_up_claims::show,
    POST "/sign-up-claims/{id}" => sign_up_claims::decide,
    GET "/cohorts" => cohorts::show,
    POST "/cohorts" => cohorts::create,
    GET "/cohorts/{code}" => cohort::show,
    POST "/cohorts/{code}" => cohort::change,
    GET "/holidays" => holidays::show,
    POST "/holidays" => holidays::set,
    GET "/mail" => undelivered::show,
    POST "/mail" => undelivered::retry,
    POST "/mail/dismiss" => undelivered::dismiss,
    GET "/jobs" => jobs::show,

    GET "/certificates" => certificates::form,
    GET "/certificates/{code}" => certificates::show,
    GET "/u/{token}" => unsubscribe::ask,
    POST "/u/{token}" => unsubscribe::stop,
}
