//! Pages for people: server-rendered, readable without JavaScript, in both languages.

mod assets;
mod certificates;
mod charts;
mod home;
mod layout;
mod rows;
mod run;

use actix_web::web::ServiceConfig;

pub use assets::Site;

/// The pages and what they load.
pub fn routes(config: &mut ServiceConfig) {
    config.service(certificates::form).service(certificates::show);
    config.service(home::home).service(run::show).service(assets::stylesheet).service(assets::icon);
}
