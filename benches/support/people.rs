//! The records and requests behind columns that were drawn without them.

use coachnet::domain::records::CoachRecord;
use coachnet::domain::{AgencyCode, Languages, Level, Modes, OptOuts, PersonName, Reference, Tier, Verification};
use coachnet::matching::Cohort;
use coachnet::matching::columns::{Coaches, NO_FIELD, NONE};
use coachnet::matching::live::Request;

/// Completed pairs of each coach: so many that ratings keep most of their spread.
const COMPLETED: u16 = 20;

fn agency(number: u32) -> AgencyCode {
    match format!("A{number}").parse() {
        Ok(code) => code,
        Err(_) => unreachable!("a letter and digits make a code"),
    }
}

fn unit(number: u32) -> Option<String> {
    (number != NONE).then(|| format!("U{number}"))
}

fn tier(seniority: u8) -> Option<Tier> {
    Tier::ALL.iter().copied().find(|tier| tier.seniority() == seniority)
}

/// A coach of the columns as a record.
pub fn coach(reference: &Reference, c: &Coaches, j: usize) -> CoachRecord {
    let level = |levels: &Vec<u8>| Level::new(levels[j]).ok();
    let strengths = reference.competencies().iter().zip(&c.levels);
    let served = reference.provinces().iter().enumerate().filter(|(at, _)| c.served[j] >> at & 1 == 1);
    let conflicts = c.conflicts.iter().filter(|(_, coaches)| coaches.binary_search(&(j as u32)).is_ok());
    CoachRecord {
        code: c.code[j].clone(),
        name: PersonName::default(),
        identity: None,
        email: None,
        source: c.source[j],
        batch: None,
        year: None,
        certificate_number: None,
        verification: if c.verified[j] { Verification::Verified } else { Verification::Pending },
        agency: agency(c.agency[j]),
        unit: unit(c.unit[j]),
        superior: None,
        tier: tier(c.seniority[j]),
        field: (c.field[j] != NO_FIELD).then(|| reference.fields()[usize::from(c.field[j])].code.clone()),
        regency: reference.regencies()[usize::from(c.regency[j])].code.clone(),
        regions_served: served.map(|(_, province)| province.code.clone()).collect(),
        modes: Modes::from_bits(c.modes[j]),
        languages: Languages::from_bits(c.languages[j]),
        capacity: c.capacity[j],
        load: c.capacity[j] - c.free[j],
        accepting: c.accepting[j],
        strengths: strengths.filter_map(|(known, levels)| Some((known.code.clone(), level(levels)?))).collect(),
        conflicts: conflicts.map(|(&number, _)| agency(number)).collect(),
        wishes: Vec::new(),
        completed_pairs: COMPLETED,
        rating: Some(c.shrunk_rating[j]),
    }
}

/// What a coachee of the columns asks for.
pub fn request(cohort: &Cohort, i: usize) -> Request {
    let known = cohort.coachees.get(i);
    let code = |coach: u32| cohort.coaches.code[coach as usize].clone();
    Request {
        focus: known.focus,
        assessed: cohort.coachees.assessed[i],
        tier: tier(known.seniority).unwrap_or(Tier::Pelaksana),
        field: Some(known.field).filter(|&field| field != NO_FIELD),
        regency: known.regency,
        modes: Modes::from_bits(known.modes),
        languages: Languages::from_bits(known.languages),
        agency: agency(known.agency),
        opt_outs: OptOuts::from_bits(known.opt_outs),
        unit: unit(known.unit),
        lottery: known.lottery,
        relations: known.relations.iter().map(|&(coach, relation)| (code(coach), relation)).collect(),
    }
}
