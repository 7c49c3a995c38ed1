//! Synthetic people, and databases with some of them in.

use chrono::NaiveDate;
use coachnet::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, CohortRecords, RequirementRecord, RequirementScope,
};
use coachnet::domain::{
    AgencyKind, AssessmentMethod, CoachKind, CoachSource, Identity, IdentityKind, Language, Languages, Level, Modes,
    OptOuts, PersonCode, PersonName, Tier, Verification,
};
use coachnet::store::cohorts::Cohort;
use coachnet::store::types::Stamp;
use coachnet::store::{CohortId, Store, cohorts, reference};
use coachnet::tabular::reference::shipped_parts;

/// A day in the middle of the story.
pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day")
}

/// A moment of that day.
pub fn moment() -> Stamp {
    Stamp::new(day().and_hms_micro_opt(3, 4, 5, 678_901).expect("a time").and_utc())
}

/// The shipped reference data and an empty cohort.
pub fn new_cohort(store: &Store) -> CohortId {
    let cohort = Cohort {
        id: CohortId::new(),
        code: "2026-b".into(),
        name: "Angkatan 2026 B".into(),
        opens_on: Some(day()),
        closes_on: None,
        created_at: moment(),
    };
    store
        .write(|db| {
            reference::save(db, &shipped_parts().expect("shipped data"))?;
            cohorts::create(db, &cohort)
        })
        .expect("a cohort");
    cohort.id
}

/// A code.
pub fn code(text: &str) -> PersonCode {
    text.parse().expect("a code")
}

fn level(number: u8) -> Level {
    Level::new(number).expect("a level")
}

fn nip(serial: u32) -> Identity {
    let number = format!("198503122010011{serial:03}");
    Identity::parse(IdentityKind::Nip, &number, day()).expect("a number nobody has")
}

/// A coachee of a regency in Papua.
pub fn coachee(text: &str) -> CoacheeRecord {
    CoacheeRecord {
        code: code(text),
        name: PersonName { full: format!("Coachee {text}"), front_title: "Dr.".into(), back_title: "S.E.".into() },
        identity: None,
        email: Some(format!("{text}@contoh.test")),
        agency: "PROV-91".parse().expect("a code"),
        unit: Some("Dinas Kesehatan".into()),
        superior: None,
        position: "Kepala Seksi".into(),
        tier: Tier::Pengawas,
        field: Some("kesehatan".parse().expect("a code")),
        regency: "91.03".parse().expect("a code"),
        modes: Modes::BOTH,
        languages: Languages::NONE.with(Language::Indonesian),
        focus: vec!["M.03".parse().expect("a code"), "M.01".parse().expect("a code")],
        choices: vec![code("z-coach"), code("a-coach")],
        earlier: vec![],
        waiting_rounds: 1,
    }
}

/// A coach from the capital.
pub fn coach(text: &str) -> CoachRecord {
    CoachRecord {
        code: code(text),
        name: PersonName { full: format!("Coach {text}"), ..PersonName::default() },
        identity: None,
        email: None,
        source: CoachSource::Pkn2,
        batch: Some(12),
        year: Some(2021),
        certificate_number: Some(format!("PKN2/{text}")),
        verification: Verification::Verified,
        agency: "KEM-01".parse().expect("a code"),
        unit: None,
        superior: Some(code("somebody-else")),
        tier: Some(Tier::JptPratama),
        field: None,
        regency: "31.71".parse().expect("a code"),
        regions_served: vec!["91".parse().expect("a code"), "31".parse().expect("a code")],
        modes: Modes::BOTH,
        languages: Languages::NONE.with(Language::Indonesian).with(Language::English),
        capacity: 4,
        load: 1,
        accepting: true,
        strengths: vec![("M.03".parse().expect("a code"), level(5)), ("M.01".parse().expect("a code"), level(4))],
        conflicts: vec!["PT-9".parse().expect("a code")],
        wishes: vec![code("not-there-yet"), code("c-2")],
        completed_pairs: 3,
        rating: Some(455),
    }
}

/// An assessment of somebody.
pub fn assessment(text: &str, method: AssessmentMethod) -> AssessmentRecord {
    let levels = [("M.03", 2), ("M.01", 3), ("M.02", 1)];
    AssessmentRecord {
        coachee: code(text),
        method,
        assessed_on: day(),
        levels: levels.map(|(competency, n)| (competency.parse().expect("a code"), level(n))).into_iter().collect(),
    }
}

/// A cohort with something in every column, its rows in no order, and codes that
/// Indonesians would sort in another way than a computer.
pub fn records() -> CohortRecords {
    let codes = ["b-3", "C-10", "a 7", "Ç-1", "c-2", "B-4", "_x", "9"];
    let mut coachees: Vec<CoacheeRecord> = codes.map(coachee).to_vec();
    coachees[0].identity = Some(nip(901));
    coachees[0].earlier = vec![code("z-coach"), code("gone-long-ago"), code("Z-coach")];
    coachees[1].superior = Some(code("c-2"));
    coachees[2].focus.clear();
    coachees[2].choices.clear();
    coachees[2].unit = None;
    coachees[2].field = None;
    coachees[2].email = None;
    let mut coaches = ["z-coach", "A-coach", "a-coach"].map(coach).to_vec();
    coaches[1].identity = Some(nip(902));
    coaches[1].source = CoachSource::Corporate;
    coaches[1].agency = "PT-1".parse().expect("a code");
    coaches[1].tier = None;
    coaches[1].batch = None;
    coaches[1].year = None;
    coaches[1].certificate_number = None;
    coaches[2].rating = None;
    coaches[2].strengths.clear();
    let company = AgencyRecord {
        code: "PT-1".parse().expect("a code"),
        name: "PT Contoh Sejahtera".into(),
        kind: AgencyKind::Company,
        province: Some("31".parse().expect("a code")),
        regency: Some("31.71".parse().expect("a code")),
        opt_outs: OptOuts::NONE.with(CoachKind::Internal).with(CoachKind::Corporate),
    };
    let required = |scope, n| RequirementRecord {
        scope,
        levels: vec![("M.02".parse().expect("a code"), level(n)), ("M.01".parse().expect("a code"), level(5))],
    };
    CohortRecords {
        agencies: vec![company],
        coachees,
        assessments: vec![
            assessment("c-2", AssessmentMethod::Superior),
            assessment("C-10", AssessmentMethod::AssessmentCentre),
            assessment("c-2", AssessmentMethod::SelfAssessment),
        ],
        requirements: vec![
            required(RequirementScope::Person(code("c-2")), 4),
            required(RequirementScope::Position("PROV-91".parse().expect("a code"), "Kepala Seksi".into()), 3),
            required(RequirementScope::Tier(Tier::Pengawas), 2),
        ],
        coaches,
    }
}
