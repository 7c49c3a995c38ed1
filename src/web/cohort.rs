//! A cohort, to whoever runs it: its name and days, who may ask, and the policy it follows.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;
use chrono::NaiveDate;

use super::layout::{Layout, Page};
use super::policy_form::{Pick, PolicyFields, policy};
use super::sending::fault;
use super::trouble::{Given, Trouble};
use super::views::{agency, agency_called};
use crate::domain::{AgencyCode, ProvinceCode, Reference, Tier};
use crate::error::AppError;
use crate::face::{Form, PageAdmin, encoded};
use crate::i18n::Names;
use crate::services::cohorts::{self, Changes, Listed};
use crate::services::sign_ins::Visitor;
use crate::services::{Act, Context, directory};
use crate::store::Db;

#[derive(Template)]
#[template(path = "pages/cohort.html")]
struct CohortPage<'a> {
    layout: Layout,
    given: Given<'a>,
    address: String,
    code: String,
    title: String,
    version: i32,
    called: String,
    opens_on: String,
    closes_on: String,
    /// Agencies named; none to choose where the cohort is that of the admin's agency.
    agencies: Vec<Pick>,
    /// The name of the agency that the cohort is for, to its admin.
    own: Option<String>,
    tiers: Vec<Pick>,
    provinces: Vec<Pick>,
    policy: PolicyFields,
}

/// Shows a cohort as it is.
pub(super) async fn show(page: Page, admin: PageAdmin, code: Path<String>) -> Result<HttpResponse, AppError> {
    again(&page, &admin, code.into_inner(), None, Given(None)).await
}

async fn again(
    page: &Page,
    visitor: &Visitor,
    code: String,
    trouble: Option<Trouble>,
    given: Given<'_>,
) -> Result<HttpResponse, AppError> {
    let caller = visitor.caller.clone();
    let found = page.desk.read(move |db, now| {
        let listed = cohorts::to_change(db, &Act::of(&caller, now, None), &code)?;
        Ok((listed, directory::reference(db)?))
    });
    let (listed, reference) = found.await?;
    let own = visitor.caller.agency();
    let shown = CohortPage::of(&listed, &reference, own, page.layout(Some(visitor)).with(trouble), given);
    page.answer(&shown.layout, &shown)
}

impl<'a> CohortPage<'a> {
    fn of(listed: &Listed, reference: &Reference, own: Option<&AgencyCode>, layout: Layout, given: Given<'a>) -> Self {
        let Listed { cohort, terms, .. } = listed;
        let names = Names { lang: layout.lang, reference };
        let admission = &terms.admission;
        let pick = |field: &str, value: &str, name: String, chosen: bool| Pick {
            chosen: given.is_or(field, value, chosen),
            value: value.to_owned(),
            name,
        };
        let day = |field: &str, day: Option<NaiveDate>| {
            given.or(field, &day.map(|day| day.to_string()).unwrap_or_default()).to_owned()
        };
        let agencies = admission.agencies.iter().filter(|_| own.is_none());
        let provinces = reference.provinces().iter();
        Self {
            address: address(&cohort.code),
            code: cohort.code.clone(),
            title: cohort.name.clone(),
            version: terms.version,
            called: given.or("name", &cohort.name).to_owned(),
            opens_on: day("opens_on", cohort.opens_on),
            closes_on: day("closes_on", cohort.closes_on),
            agencies: agencies
                .map(|code| pick("agencies", code.as_str(), agency(code.as_str(), names), true))
                .collect(),
            own: own.map(|code| agency(code.as_str(), names)),
            tiers: Tier::ALL
                .iter()
                .map(|tier| pick("tiers", tier.as_str(), names.tier(*tier), admission.tiers.contains(tier)))
                .collect(),
            provinces: provinces
                .map(|one| {
                    let name = names.province(one.code.as_str());
                    pick("provinces", one.code.as_str(), name, admission.provinces.contains(&one.code))
                })
                .collect(),
            policy: PolicyFields::of(&terms.policy, given, layout.lang),
            given,
            layout,
        }
    }

    /// Whether something is wrong in the part that is shown when asked for.
    fn is_wrong_within(&self) -> bool {
        WITHIN.iter().any(|field| self.layout.fault(field).is_some())
    }
}

/// Fields of the policy that are shown when asked for.
const WITHIN: [&str; 9] = [
    "weight_coverage",
    "weight_credibility",
    "weight_choices",
    "weight_reach",
    "weight_cross_agency",
    "weight_load",
    "priority",
    "in_person_within",
    "reserve",
];

/// The page of a cohort.
pub(super) fn address(code: &str) -> String {
    format!("/cohorts/{}", encoded(code))
}

/// What was filled in about a day; empty: none.
pub(super) fn day(form: &Form, field: &str) -> Result<Option<NaiveDate>, AppError> {
    match form.filled(field) {
        Some(text) => text.parse().map(Some).map_err(|_| fault(field, "pages.fault.date")),
        None => Ok(None),
    }
}

/// Changes a cohort.
pub(super) async fn change(
    page: Page,
    admin: PageAdmin,
    code: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let code = code.into_inner();
    let tried = async {
        let reference = page.desk.read(|db, _| Ok(directory::reference(db)?)).await?;
        let changes = changes(&form, &reference, admin.caller.agency().is_some())?;
        let changed = code.clone();
        let work = move |db: &mut Db, _: &Context, act: &Act| {
            cohorts::change(db, act, &changed, &changes)?;
            Ok("/cohorts?done=cohort_changed".to_owned())
        };
        page.act(&admin, &form, work).await
    };
    let again = async |trouble| again(&page, &admin, code.clone(), Some(trouble), Given(Some(&form))).await;
    page.or_again(tried, again).await
}

/// What was filled in. An admin of an agency does not choose agencies: the cohort is the agency's.
fn changes(form: &Form, reference: &Reference, of_agency: bool) -> Result<Changes, AppError> {
    let agencies: Result<BTreeSet<AgencyCode>, _> = form.all("agencies").map(str::parse).collect();
    let mut agencies = agencies.map_err(|_| fault("agencies", "pages.fault.agencies"))?;
    if let Some(name) = form.filled("agency") {
        agencies.insert(agency_called("agency", name.trim(), reference)?);
    }
    let tiers: Result<BTreeSet<Tier>, _> = form.all("tiers").map(str::parse).collect();
    let provinces: Result<BTreeSet<ProvinceCode>, _> = form.all("provinces").map(str::parse).collect();
    Ok(Changes {
        name: Some(form.text("name").to_owned()),
        opens_on: Some(day(form, "opens_on")?),
        closes_on: Some(day(form, "closes_on")?),
        agencies: (!of_agency).then_some(agencies),
        tiers: Some(tiers.map_err(|_| fault("tiers", "error.field.tiers"))?),
        provinces: Some(provinces.map_err(|_| fault("provinces", "error.field.provinces"))?),
        policy: Some(policy(form)?),
    })
}
