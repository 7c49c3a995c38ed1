//! What is written is read back equal.

use proptest::prelude::*;

use super::*;
use crate::domain::records::{
    AgencyRecord, AssessmentRecord, CoachRecord, CoacheeRecord, RequirementRecord, RequirementScope,
};
use crate::domain::reference::{Competency, Field, LevelMeaning, PositionTier, Province, Regency, RemoteArea};
use crate::domain::{
    AgencyKind, AssessmentMethod, CoachSource, CompetencyCode, Identity, Languages, Level, Modes, OptOuts, PersonCode,
    PersonName, Tier, Verification,
};

fn written<T: Record>(records: &[T]) -> String {
    let mut out = Vec::new();
    write::<T, _>(records, &REFERENCE, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Texts people write, and texts that hurt: quotes, line breaks, formulas, delimiters, apostrophes, any script.
fn text(max: usize) -> impl Strategy<Value = String> {
    let parts = prop_oneof!["\\PC{1,12}", "['=+@\t\r\n\",;|-]{1,4}", "[A-Za-z ']{1,12}"];
    proptest::collection::vec(parts, 1..6)
        .prop_map(move |parts| parts.concat().trim().chars().take(max).collect::<String>().trim().to_owned())
        .prop_filter("a text that says something", |text| !text.is_empty() && !text.starts_with('#'))
}

fn code() -> impl Strategy<Value = PersonCode> {
    "['=+@A-Z-][A-Za-z0-9 ,;\"'=.é-]{0,12}[A-Z]".prop_map(|text| PersonCode::new(&text).unwrap())
}

fn maybe<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(strategy)
}

fn levels() -> impl Strategy<Value = Vec<(CompetencyCode, Level)>> {
    proptest::collection::vec(0_u8..=5, REFERENCE.competencies().len())
        .prop_filter("at least one", |levels| levels.iter().any(|&level| level > 0))
        .prop_map(|levels| {
            let competencies = REFERENCE.competencies().iter().map(|c| c.code.clone());
            competencies.zip(levels).filter_map(|(code, level)| Some((code, Level::new(level).ok()?))).collect()
        })
}

fn name() -> impl Strategy<Value = PersonName> {
    (text(150), maybe(text(60)), maybe(text(60))).prop_map(|(full, front, back)| PersonName {
        full,
        front_title: front.unwrap_or_default(),
        back_title: back.unwrap_or_default(),
    })
}

fn identity() -> impl Strategy<Value = Option<Identity>> {
    let numbers = vec!["198609262015051901", "199001012021211903", "3171010101900001"];
    maybe(proptest::sample::select(numbers).prop_map(|number| {
        let kind = if number.len() == 16 { Some(crate::domain::IdentityKind::Nik) } else { None };
        match kind {
            Some(kind) => Identity::parse(kind, number, today()).unwrap(),
            None => Identity::parse_civil_servant(number, today()).unwrap(),
        }
    }))
}

fn languages() -> impl Strategy<Value = Languages> {
    (1_u8..=255).prop_map(Languages::from_bits)
}

fn modes() -> impl Strategy<Value = Modes> {
    (1_u8..=3).prop_map(Modes::from_bits)
}

fn codes() -> impl Strategy<Value = Vec<PersonCode>> {
    proptest::collection::btree_set(code(), 0..=3).prop_map(|codes| codes.into_iter().collect())
}

fn coachee() -> impl Strategy<Value = CoacheeRecord> {
    let person = (code(), name(), identity(), maybe(text(200)), maybe(code()), text(200));
    let place = (0..REFERENCE.regencies().len(), 0..REFERENCE.fields().len(), 0..Tier::ALL.len(), modes(), languages());
    let focus = proptest::sample::subsequence(REFERENCE.competencies().to_vec(), 0..=3);
    (person, place, focus, codes(), codes(), 0_u8..=255).prop_map(|(person, place, focus, choices, earlier, rounds)| {
        let (code, name, identity, unit, superior, position) = person;
        let (regency, field, tier, modes, languages) = place;
        CoacheeRecord {
            code,
            name,
            identity,
            email: (rounds % 2 == 0).then(|| "a+b@lan.go.id".to_owned()),
            agency: REFERENCE.agencies()[regency].code.clone(),
            unit,
            superior,
            position,
            tier: Tier::ALL[tier],
            field: (rounds % 3 > 0).then(|| REFERENCE.fields()[field].code.clone()),
            regency: REFERENCE.regencies()[regency].code.clone(),
            modes,
            languages,
            focus: focus.into_iter().map(|competency| competency.code).collect(),
            choices,
            earlier,
            waiting_rounds: rounds,
        }
    })
}

fn coach() -> impl Strategy<Value = CoachRecord> {
    let coachee = coachee();
    let numbers =
        (maybe(1_u16..=65535), maybe(1990_u16..=2026), 0_u16..=1000, 0_u16..=1000, 0_u16..=65535, maybe(100_u16..=500));
    let choices = (0_usize..3, 0_usize..3, any::<bool>());
    let served = proptest::sample::subsequence(REFERENCE.provinces().to_vec(), 0..=4);
    (coachee, numbers, choices, served, maybe(text(100)), maybe(levels())).prop_map(
        |(coachee, numbers, choices, served, certificate_number, strengths)| {
            let (batch, year, capacity, load, completed_pairs, rating) = numbers;
            CoachRecord {
                code: coachee.code,
                name: coachee.name,
                identity: coachee.identity,
                email: coachee.email,
                source: CoachSource::ALL[choices.0],
                batch,
                year,
                certificate_number,
                verification: Verification::ALL[choices.1],
                conflicts: vec![coachee.agency.clone()],
                agency: coachee.agency,
                unit: coachee.unit,
                superior: coachee.superior,
                tier: Some(coachee.tier),
                field: coachee.field,
                regency: coachee.regency,
                regions_served: served
                    .into_iter()
                    .map(|p| p.code)
                    .collect::<std::collections::BTreeSet<_>>()
                    .into_iter()
                    .collect(),
                modes: coachee.modes,
                languages: coachee.languages,
                capacity,
                load: load.min(capacity),
                accepting: choices.2,
                strengths: strengths.unwrap_or_default(),
                wishes: coachee.earlier,
                completed_pairs,
                rating,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn coachees(coachee in coachee()) {
        let text = written(std::slice::from_ref(&coachee));
        prop_assert_eq!(read_good::<CoacheeRecord>(&text), [coachee]);
    }

    #[test]
    fn coaches(coach in coach()) {
        let text = written(std::slice::from_ref(&coach));
        prop_assert_eq!(read_good::<CoachRecord>(&text), [coach]);
    }

    #[test]
    fn assessments(coachee in code(), method in 0_usize..3, day in 0_u32..9000, levels in levels()) {
        let assessed_on = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + chrono::Days::new(day.into());
        let record = AssessmentRecord {
            coachee,
            method: AssessmentMethod::ALL[method],
            assessed_on,
            levels: levels.into_iter().collect(),
        };
        prop_assert_eq!(read_good::<AssessmentRecord>(&written(std::slice::from_ref(&record))), [record]);
    }

    #[test]
    fn requirements(person in code(), position in text(200), tier in 0_usize..14, levels in levels()) {
        let agency = REFERENCE.agencies()[tier].code.clone();
        let scopes = [
            RequirementScope::Tier(Tier::ALL[tier]),
            RequirementScope::Position(agency, position),
            RequirementScope::Person(person),
        ];
        let records = scopes.map(|scope| RequirementRecord { scope, levels: levels.clone() });
        prop_assert_eq!(read_good::<RequirementRecord>(&written(&records)), records);
    }

    #[test]
    fn agencies(code in "['=+@A-Z-]{1,3}[A-Z]", name in text(200), kind in 0_usize..8, province in 0_usize..38) {
        let record = AgencyRecord {
            code: code.parse().unwrap(),
            name,
            kind: AgencyKind::ALL[kind],
            province: Some(REFERENCE.provinces()[province].code.clone()),
            regency: (kind > 3).then(|| REFERENCE.regencies()[province].code.clone()),
            opt_outs: crate::domain::CoachKind::ALL.iter().take(kind % 4).copied().fold(OptOuts::NONE, OptOuts::with),
        };
        prop_assert_eq!(read_good::<AgencyRecord>(&written(std::slice::from_ref(&record))), [record]);
    }

    #[test]
    fn no_cell_is_a_formula(coachee in coachee()) {
        let text = written(&[coachee]);
        for record in csv::Reader::from_reader(text.as_bytes()).records() {
            for cell in record.unwrap().iter() {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            }
        }
    }
}

#[test]
fn reference_tables() {
    fn same<T: Record + PartialEq + std::fmt::Debug>(records: &[T]) {
        assert!(!records.is_empty());
        assert_eq!(read_good::<T>(&written(records)), records);
    }
    same::<Province>(REFERENCE.provinces());
    same::<Regency>(REFERENCE.regencies());
    same::<RemoteArea>(REFERENCE.remote_areas());
    same::<Competency>(REFERENCE.competencies());
    same::<LevelMeaning>(REFERENCE.level_meanings());
    same::<PositionTier>(REFERENCE.tiers());
    same::<Field>(REFERENCE.fields());
    same::<AgencyRecord>(REFERENCE.agencies());
}
