//! What letters about pairings say: how they begin, and what came of them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::meetings::Asked;
use super::{Draft, USUAL_ZONE};
use crate::domain::{Notice, PairingStatus, Side, Zone};
use crate::i18n::Lang;
use crate::mail::Facts;
use crate::services::session_plans::USUAL_MINUTES;
use crate::services::slots::{self, Rules};
use crate::services::{ServiceError, ServiceResult};
use crate::store::certificates::Certificate;
use crate::store::types::Stamp;
use crate::store::{Db, PairingId, StoreError, letters, pairings};

/// Letters about a pairing.
pub(super) const OF_PAIRINGS: [Notice; 11] = [
    Notice::PairingStarted,
    Notice::CoachChanged,
    Notice::AgreementSigned,
    Notice::PairingCompleted,
    Notice::CoachThanked,
    Notice::CertificateIssued,
    Notice::CertificateWithdrawn,
    Notice::PairingEnded,
    Notice::SessionPlanProposed,
    Notice::PairQuiet,
    Notice::HelpAsked,
];
/// Letters that name times for a first meeting.
const OF_BEGINNINGS: [Notice; 2] = [Notice::PairingStarted, Notice::CoachChanged];
/// Letters about what came of a pairing.
const OF_RESULTS: [Notice; 3] = [Notice::PairingCompleted, Notice::CoachThanked, Notice::CertificateIssued];
/// How many free times are named.
const TIMES: usize = 3;

/// What letters about pairings are made of.
pub(super) struct Pairs {
    certificates: HashMap<Uuid, Certificate>,
    times: HashMap<Uuid, Vec<DateTime<Utc>>>,
}

impl Pairs {
    /// Reads it.
    pub(super) fn load(
        db: &mut Db,
        hours: &Rules,
        about: &dyn Fn(&[Notice]) -> Vec<Uuid>,
        now: Stamp,
    ) -> ServiceResult<Self> {
        let mut times = HashMap::new();
        for id in about(&OF_BEGINNINGS) {
            // Both of a pair are told in the same batch as a rule.
            if let Entry::Vacant(missing) = times.entry(id) {
                missing.insert(first_times(db, hours, id.into(), now)?);
            }
        }
        Ok(Self { certificates: letters::certificates(db, &about(&OF_RESULTS))?, times })
    }

    /// A letter about a pairing, with the address and the zone of the other person.
    pub(super) fn of_pairing(
        &self,
        asked: &Asked,
        contact: Option<&str>,
        other_zone: Option<Zone>,
        facts: Facts,
    ) -> Result<Facts, Draft> {
        let lang = asked.lang;
        let certificate = self.certificates.get(&asked.data.about);
        match asked.notice {
            notice if OF_BEGINNINGS.contains(&notice) => {
                if asked.matter.pairing != Some(PairingStatus::Active) {
                    return Err(Draft::Overtaken("the pairing is over"));
                }
                let zone = facts.zone.unwrap_or(USUAL_ZONE);
                let times = self.times.get(&asked.data.about).map(Vec::as_slice).unwrap_or_default();
                let label = lang.tr("mail.detail.free");
                let items = times.iter().map(|at| (label.to_string(), lang.meeting(*at, zone, other_zone)));
                Ok(Facts { contact: contact.map(str::to_owned), items: items.collect(), ..facts })
            }
            Notice::PairingCompleted => {
                let items = certificate.filter(|_| asked.side == Side::Coach).map(|found| result(lang, found));
                Ok(Facts { certificate: asked.data.certificate, items: items.into_iter().collect(), ..facts })
            }
            Notice::CoachThanked => {
                let nothing = || (lang.tr("mail.detail.result").into(), lang.tr("mail.certificate.no_session").into());
                Ok(Facts { items: vec![certificate.map_or_else(nothing, |found| result(lang, found))], ..facts })
            }
            Notice::CertificateIssued => {
                let found = certificate.ok_or(Draft::Overtaken("the certificate was withdrawn"))?;
                Ok(Facts { code: Some(found.code.0.0.clone()), items: vec![result(lang, found)], ..facts })
            }
            _ => Ok(facts),
        }
    }
}

/// Times at which a pair can first meet. What is not there any more must not hold up the other letters.
fn first_times(db: &mut Db, hours: &Rules, id: PairingId, now: Stamp) -> ServiceResult<Vec<DateTime<Utc>>> {
    let found = pairings::get(db, id).map_err(ServiceError::from);
    let times = found.and_then(|pairing| slots::soonest(db, hours, &pairing, now.time(), USUAL_MINUTES, TIMES));
    match times {
        Err(ServiceError::Store(StoreError::NotFound)) => Ok(Vec::new()),
        times => times,
    }
}

/// What came of a pairing, in words.
fn result(lang: Lang, certificate: &Certificate) -> (String, String) {
    let (sessions, jp) = (certificate.sessions.to_string(), certificate.jp.to_string());
    let said = lang.fill("mail.certificate.result", &[("sessions", &sessions), ("jp", &jp)]);
    (lang.tr("mail.detail.result").into_owned(), said)
}
