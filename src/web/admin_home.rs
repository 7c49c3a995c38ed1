//! What an admin finds at home: what stands still, who waits to be checked, and how far coachees have come.

use super::charts::bar;
use crate::domain::{ClaimStatus, Patience, StuckKind, Verification};
use crate::i18n::Lang;
use crate::services::disclosures::Look;
use crate::services::monitoring::stuck::{self, Stuck};
use crate::services::monitoring::{self, Stages, Wanted};
use crate::services::{
    Act, Caller, Context, Right, ServiceResult, coach_applications, dead_letters, jobs, sign_up_claims,
};

/// Stuck things shown at home; the rest has a page of its own.
const SHOWN: usize = 5;
/// Most that are counted: beyond it, `50+` says enough.
const COUNTED: usize = 50;

/// What is read for an admin.
pub(super) struct AdminHome {
    stages: Stages,
    stuck: Vec<Stuck>,
    applications: usize,
    /// Who says that they are a coachee of whom the records have no address.
    claims: usize,
    /// Mails given up; none: not for this admin.
    dead: Option<usize>,
    /// Kinds of work in the background that need a look; none: not for this admin.
    jobs: Option<usize>,
}

impl AdminHome {
    pub(super) fn read(cx: &Context, caller: &Caller, patience: Patience) -> ServiceResult<Self> {
        let act = Act::of(caller, cx.now, None);
        let (wanted, most) = (Wanted::default(), COUNTED as i64 + 1);
        let found = cx.store.snapshot(|db| {
            let applications = coach_applications::list(db, caller, Some(Verification::Pending), None, most)?.len();
            let claims = sign_up_claims::list(db, caller, Some(ClaimStatus::Pending), None, most)?.len();
            let stuck = stuck::list(db, &act, patience, &wanted, None, None, most)?;
            Ok::<_, crate::services::ServiceError>(Self {
                stages: monitoring::funnel(db, &act, &wanted)?.stages,
                stuck,
                applications,
                claims,
                dead: None,
                jobs: None,
            })
        })?;
        Look::at(caller, "stuck").note(cx, found.stuck.len().min(SHOWN))?;
        let is_national = caller.check(Right::NationalAdmin).is_ok();
        if !is_national {
            return Ok(found);
        }
        let (dead, (jobs, _)) = cx.store.snapshot(|db| {
            let dead = dead_letters::list(db, None, most)?.len();
            Ok::<_, crate::services::ServiceError>((dead, jobs::overview(db, &act)?))
        })?;
        Ok(Self { dead: Some(dead), jobs: Some(jobs.iter().filter(|one| one.is_wrong()).count()), ..found })
    }
}

/// The same in words.
pub(super) struct AdminView {
    /// What asks for something, where it is done, and what the link says; none: all is well.
    pub tasks: Vec<(String, &'static str, String)>,
    /// Name, number and the class of the bar.
    pub stages: Vec<(String, String, String)>,
    pub stuck: Vec<StuckRow>,
    /// Whether there is more to see.
    pub more: bool,
}

/// Something that is stuck.
pub(super) struct StuckRow {
    pub address: String,
    pub who: String,
    pub state: String,
    pub step: String,
}

impl StuckRow {
    pub(super) fn of(item: &Stuck, lang: Lang) -> Self {
        let place = match item.kind {
            StuckKind::RequestUnasked => "requests",
            StuckKind::ProposalUnanswered | StuckKind::OfferUnanswered => "offers",
            StuckKind::AgreementUnsigned | StuckKind::PairQuiet | StuckKind::PairingUnfinished => "pairings",
        };
        let coach = item.coach.as_ref().map(|code| format!(" – {code}")).unwrap_or_default();
        Self {
            address: format!("/{place}/{}", item.id),
            who: format!("{}{coach}", item.coachee),
            state: lang.fill(&format!("monitoring.stuck.{}", item.kind), &[("days", &lang.number(item.days))]),
            step: lang.tr(&format!("monitoring.step.{}", item.kind.next_step())).into_owned(),
        }
    }
}

/// A number, or that there are more than are counted.
fn counted(number: usize, lang: Lang) -> String {
    let shown = lang.number(i64::try_from(number.min(COUNTED)).unwrap_or_default());
    if number > COUNTED { format!("{shown}+") } else { shown }
}

impl AdminView {
    pub(super) fn of(found: &AdminHome, lang: Lang) -> Self {
        let task = |key: &str, number: usize, address: &'static str| {
            let text = lang.fill(&format!("pages.admin.task.{key}"), &[("count", &counted(number, lang))]);
            (number > 0).then(|| (text, address, lang.tr(&format!("pages.admin.task.{key}_action")).into_owned()))
        };
        let tasks = [
            task("stuck", found.stuck.len(), "/stuck"),
            task("applications", found.applications, "/applications"),
            task("claims", found.claims, "/sign-up-claims"),
            task("mail", found.dead.unwrap_or(0), "/mail"),
            task("jobs", found.jobs.unwrap_or(0), "/jobs"),
        ];
        let Stages { asked, offered, accepted, active, completed } = found.stages;
        let stages = [
            ("asked", asked),
            ("offered", offered),
            ("accepted", accepted),
            ("active", active),
            ("completed", completed),
        ];
        let stage = |(key, number): (&str, i64)| {
            (lang.tr(&format!("pages.admin.stage.{key}")).into_owned(), lang.number(number), bar(number, asked.max(1)))
        };
        Self {
            tasks: tasks.into_iter().flatten().collect(),
            stages: stages.map(stage).into(),
            stuck: found.stuck.iter().take(SHOWN).map(|item| StuckRow::of(item, lang)).collect(),
            more: found.stuck.len() > SHOWN,
        }
    }
}
