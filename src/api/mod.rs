//! REST for programs. Routes, what they take and give, and their contract (OpenAPI).
//!
//! The signature of a handler says who may call it: `Admin`, `SignedIn`, … Results of runs show
//! codes instead of persons: no names of coachees, no contact data, no identity numbers.

mod accounts;
mod audit;
mod availability;
mod body;
mod calendar_feed;
mod certificates;
mod coach_applications;
mod coach_offer;
mod coaches;
mod cohorts;
mod competencies;
mod completion;
mod credit;
mod docs;
mod examples;
mod explained;
mod exports;
mod feedback;
mod fields;
mod health;
mod holidays;
mod hours;
mod invitations;
mod jobs;
mod links;
mod mail_preferences;
mod mails;
mod me;
mod monitoring;
mod my_data;
mod my_profile;
mod offers;
mod outcomes;
mod pair_work;
mod pairings;
mod pairs;
mod persons;
mod planning;
mod questions;
mod rankings;
mod regions;
mod requests;
mod respond;
mod run_orders;
mod runs;
mod second_factor;
mod session_notes;
mod session_times;
mod sessions;
mod shortlists;
mod sign_ins;
mod sign_up_claims;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

pub use docs::{contract, document, routes_of_contract, viewer};
pub use my_data::ErasureDays;

/// The routes of version 1, below `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(health::alive).service(health::ready).service(calendar_feed::show).service(
        scope::scope("/api/v1")
            .service(runs::list)
            .service(runs::show)
            .service(pairs::list)
            .service(pairs::show)
            .service(pairs::waiting)
            .service(coaches::list)
            .service(coaches::show)
            .service(competencies::list)
            .service(regions::list)
            .service(sign_ins::sign_in)
            .service(sign_ins::with_code)
            .service(sign_ins::refresh)
            .service(sign_ins::sign_out)
            .service(me::show)
            .service(me::change)
            .service(me::change_password)
            .service(me::change_email)
            .service(me::devices)
            .service(me::sign_out_device)
            .service(mail_preferences::show)
            .service(mail_preferences::set)
            .service(calendar_feed::renew)
            .service(calendar_feed::revoke)
            .service(second_factor::enrol)
            .service(second_factor::confirm)
            .service(second_factor::disable)
            .service(second_factor::renew)
            .service(links::ask_reset)
            .service(links::reset)
            .service(links::confirm_email)
            .service(links::sign_up)
            .service(links::confirm_sign_up)
            .service(accounts::list)
            .service(accounts::give)
            .service(accounts::take)
            .service(accounts::disable)
            .service(accounts::enable)
            .service(accounts::reset_authenticator)
            .service(invitations::invite)
            .service(invitations::list)
            .service(invitations::accept)
            .service(invitations::withdraw)
            .service(sign_up_claims::list)
            .service(sign_up_claims::confirm)
            .service(sign_up_claims::refuse)
            .service(shortlists::show)
            .service(coach_applications::apply)
            .service(coach_applications::confirm)
            .service(coach_applications::apply_again)
            .service(coach_applications::list)
            .service(coach_applications::show)
            .service(coach_applications::verify)
            .service(coach_applications::reject)
            .service(runs::compare)
            .service(run_orders::create)
            .service(run_orders::publish)
            .service(planning::show)
            .service(run_orders::discard)
            .service(audit::list)
            .service(cohorts::list)
            .service(cohorts::create)
            .service(cohorts::show)
            .service(cohorts::change)
            .service(rankings::set_phase)
            .service(rankings::wishes)
            .service(rankings::wish)
            .service(rankings::show)
            .service(rankings::rank)
            .service(my_profile::show)
            .service(requests::own)
            .service(requests::all)
            .service(requests::ask)
            .service(requests::show)
            .service(requests::choose)
            .service(requests::withdraw)
            .service(questions::ask)
            .service(questions::answer)
            .service(offers::own)
            .service(offers::all)
            .service(offers::put)
            .service(offers::show)
            .service(offers::confirm)
            .service(offers::accept)
            .service(offers::decline)
            .service(offers::withdraw)
            .service(sessions::of_pairing)
            .service(sessions::propose)
            .service(session_times::plan)
            .service(session_times::free)
            .service(sessions::own)
            .service(sessions::show)
            .service(sessions::confirm)
            .service(sessions::reschedule)
            .service(sessions::cancel)
            .service(sessions::attend)
            .service(session_notes::show)
            .service(session_notes::write)
            .service(session_notes::remove)
            .service(feedback::show)
            .service(feedback::give)
            .service(pair_work::show)
            .service(pair_work::add_goal)
            .service(pair_work::change_goal)
            .service(pair_work::add_action_item)
            .service(pair_work::change_action_item)
            .service(pair_work::add_resource)
            .service(pair_work::remove_resource)
            .service(coach_offer::show)
            .service(coach_offer::change)
            .service(hours::show)
            .service(hours::set_weekly)
            .service(hours::add_exception)
            .service(hours::remove_exception)
            .service(holidays::list)
            .service(holidays::set)
            .service(certificates::own)
            .service(certificates::print)
            .service(certificates::withdraw)
            .service(certificates::check)
            .service(outcomes::rate_self)
            .service(outcomes::history)
            .service(outcomes::rate_other)
            .service(outcomes::show)
            .service(credit::own)
            .service(credit::rules)
            .service(credit::set_rule)
            .service(credit::remove_rule)
            .service(pairings::own)
            .service(pairings::all)
            .service(pairings::show)
            .service(pairings::sign)
            .service(completion::complete)
            .service(completion::evaluate)
            .service(pairings::end)
            .service(pairings::rematch)
            .service(pairings::reassign)
            .service(availability::show)
            .service(availability::pause)
            .service(availability::resume)
            .service(availability::set_capacity)
            .service(monitoring::funnel)
            .service(monitoring::stuck::list)
            .service(monitoring::coaches::load)
            .service(monitoring::demand::show)
            .service(monitoring::recruiting::show)
            .service(monitoring::times)
            .service(monitoring::declines)
            .service(monitoring::across_agencies)
            .service(monitoring::gaps_closed)
            .service(exports::file)
            .service(jobs::show)
            .service(mails::list)
            .service(mails::retry)
            .service(mails::dismiss)
            .service(my_data::show)
            .service(my_data::readable)
            .service(my_data::consents)
            .service(my_data::consent)
            .service(my_data::own)
            .service(my_data::correct)
            .service(my_data::ask_erasure)
            .service(my_data::withdraw_erasure)
            .service(my_data::queue)
            .service(my_data::answer)
            .service(my_data::erase),
    );
}
