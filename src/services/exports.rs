//! Lists to take away: every row of a list of the programme, as CSV or as a workbook.
//!
//! A list is read in pages of its own kind, with the same rights and filters as on the screen, and written as it is
//! read: no more than a page of it is in memory besides the file. No address for mail and nothing that people wrote
//! in their own words leaves the service this way, and no identity number but in one list: agencies enter learning
//! hours into their books by it.

mod figures;
mod lines;
mod records;

use self::figures::{Placed, behind};
use self::lines::Line;
use super::certificates::Entry;
use super::coach_applications::Queued;
use super::monitoring::coaches::Load;
use super::monitoring::stuck::{Place, Stuck};
use super::results::{Pair, Run, WaitingCoachee};
use super::shown::{OfferShown, PairingShown, RequestShown};
use super::{
    Act, ServiceError, ServiceResult, certificates, coach_applications, directory, invitations, monitoring, my_data,
    offers, pairings, requests, results,
};
use crate::domain::{DataRequestStatus, Patience, StuckKind, Verification};
use crate::store::data_requests::DataRequest;
use crate::store::invitations::Invitation;
use crate::store::read_coaches::CoachFilter;
use crate::store::read_runs::{PairFilter, RunFilter};
use crate::store::{
    ApplicationId, CertificateId, DataRequestId, Db, InvitationId, OfferId, PairingId, PersonId, RequestId, RunId,
};
use crate::tabular::{Format, Listing, TableError};

/// Most rows of one file.
pub const MAX_ROWS: i64 = 100_000;
/// Rows read at a time.
const PAGE: i64 = 1_000;

text_enum! {
    /// A list that can be taken away.
    List {
        /// Requests, the newest first.
        Requests = "requests",
        /// Offers, the newest first.
        Offers = "offers",
        /// Pairings, the newest first.
        Pairings = "pairings",
        /// Verified coaches by code.
        Coaches = "coaches",
        /// How much coaches have to do, by code.
        CoachLoad = "coach-load",
        /// What is stuck, the most overdue first.
        Stuck = "stuck",
        /// Certificates that stand, the newest first, for the books of agencies.
        Credit = "credit",
        /// What is asked for and what there is for it, what is short first.
        Demand = "demand",
        /// Where one more coach would help most.
        Recruiting = "recruiting",
        /// Why offers were declined, the most frequent reason first.
        Declines = "declines",
        /// Applications to coach, the oldest first.
        CoachApplications = "coach-applications",
        /// Invitations, the newest first.
        Invitations = "invitations",
        /// What people ask about their data, the oldest first.
        DataRequests = "data-requests",
        /// Matching runs, the newest first.
        Runs = "runs",
        /// The pairs of a run in the order of coachee codes.
        RunPairs = "run-pairs",
        /// The waiting list of a run.
        RunWaiting = "run-waiting",
    }
}

/// A list, which of its rows, and behind which of them.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Requests older than one.
    Requests(requests::Wanted, Option<RequestId>),
    /// Offers older than one.
    Offers(offers::Wanted, Option<OfferId>),
    /// Pairings older than one.
    Pairings(pairings::Wanted, Option<PairingId>),
    /// Verified coaches behind a code.
    Coaches(CoachFilter, Option<PersonId>),
    /// How much coaches have to do, behind a code.
    CoachLoad(monitoring::Wanted, Option<PersonId>),
    /// What is stuck, behind a place.
    Stuck(Patience, monitoring::Wanted, Option<StuckKind>, Option<Place>),
    /// Certificates older than one, of a programme that calls itself so.
    Credit(String, Option<CertificateId>),
    /// Demand against supply, behind a row.
    Demand(monitoring::Wanted, Option<usize>),
    /// Prices of places, behind a row.
    Recruiting(monitoring::Wanted, Option<usize>),
    /// Reasons, behind a row.
    Declines(monitoring::Wanted, Option<usize>),
    /// Applications in a state, younger than one.
    CoachApplications(Option<Verification>, Option<ApplicationId>),
    /// Invitations older than one.
    Invitations(Option<InvitationId>),
    /// Requests about data in a state, younger than one.
    DataRequests(Option<DataRequestStatus>, Option<DataRequestId>),
    /// Runs older than one.
    Runs(Option<RunId>),
    /// Pairs of a run behind a place.
    RunPairs(RunId, PairFilter, Option<i32>),
    /// The waiting list of a run behind a place.
    RunWaiting(RunId, Option<i32>),
}

/// A file of a list.
#[derive(Debug)]
pub struct Export {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many rows it has.
    pub rows: usize,
    /// After which row the next file starts, if there are more rows.
    pub next: Option<String>,
}

/// Writes a list, at most `limit` rows of it.
///
/// # Errors
/// When it is not the programme, or what is wanted is not there.
pub fn export(db: &mut Db, act: &Act, wanted: &Wanted, format: Format, limit: i64) -> ServiceResult<Export> {
    // Coaches may be looked up by many; whoever takes away all of them at once runs the programme or audits it.
    act.watched_agency()?;
    match wanted {
        Wanted::Requests(wanted, after) => {
            let page = |db: &mut Db, after: &Option<_>, limit| requests::all(db, act, wanted, *after, limit);
            write(db, format, limit, after.to_owned(), page, |row: &RequestShown| row.request.id)
        }
        Wanted::Offers(wanted, after) => {
            let page = |db: &mut Db, after: &Option<_>, limit| offers::all(db, act, wanted, *after, limit);
            write(db, format, limit, after.to_owned(), page, |row: &OfferShown| row.offer.id)
        }
        Wanted::Pairings(wanted, after) => {
            let page = |db: &mut Db, after: &Option<_>, limit| pairings::all(db, act, wanted, *after, limit);
            write(db, format, limit, after.to_owned(), page, |row: &PairingShown| row.pairing.id)
        }
        Wanted::Coaches(filter, after) => {
            let page = |db: &mut Db, after: &Option<_>, limit| Ok(directory::coaches(db, filter, *after, limit)?);
            write(db, format, limit, after.to_owned(), page, |row: &directory::Coach| row.person)
        }
        Wanted::CoachLoad(wanted, after) => {
            let page =
                |db: &mut Db, after: &Option<_>, limit| monitoring::coaches::load(db, act, wanted, *after, limit);
            write(db, format, limit, after.to_owned(), page, |row: &Load| row.places.person)
        }
        Wanted::Stuck(patience, wanted, kind, after) => {
            let page = |db: &mut Db, after: &Option<_>, limit| {
                monitoring::stuck::list(db, act, *patience, wanted, *kind, *after, limit)
            };
            write(db, format, limit, after.to_owned(), page, |row: &Stuck| row.place)
        }
        Wanted::Credit(provider, after) => {
            let page = |db: &mut Db, after: &Option<_>, limit| certificates::entries(db, act, provider, *after, limit);
            write(db, format, limit, after.to_owned(), page, |row: &Entry| row.credited.certificate.id)
        }
        Wanted::Demand(wanted, after) => {
            let rows = figures::demand(monitoring::demand::demand(db, act, wanted)?);
            whole(db, format, limit, *after, rows)
        }
        Wanted::Recruiting(wanted, after) => {
            let rows = figures::recruiting(monitoring::recruiting::recruiting(db, act, wanted)?);
            whole(db, format, limit, *after, rows)
        }
        Wanted::Declines(wanted, after) => {
            let rows = monitoring::declines(db, act, wanted)?;
            whole(db, format, limit, *after, rows)
        }
        Wanted::CoachApplications(..) | Wanted::Invitations(_) | Wanted::DataRequests(..) => {
            queue(db, act, wanted, format, limit)
        }
        Wanted::Runs(_) | Wanted::RunPairs(..) | Wanted::RunWaiting(..) => of_runs(db, act, wanted, format, limit),
    }
}

/// Writes figures: few rows, whatever the size of the programme.
fn whole<T: Clone>(db: &mut Db, format: Format, limit: i64, after: Option<usize>, rows: Vec<T>) -> ServiceResult<Export>
where
    Placed<T>: Line,
{
    let page = |_: &mut Db, after: &Option<usize>, limit| Ok(behind(rows.clone(), *after, limit));
    write(db, format, limit, after, page, |row: &Placed<T>| row.place)
}

/// Writes a queue of those who run the programme: not of those who only watch it.
fn queue(db: &mut Db, act: &Act, wanted: &Wanted, format: Format, limit: i64) -> ServiceResult<Export> {
    let caller = act.admin()?;
    match wanted {
        Wanted::CoachApplications(status, after) => {
            let page =
                |db: &mut Db, after: &Option<_>, limit| coach_applications::list(db, caller, *status, *after, limit);
            write(db, format, limit, *after, page, |row: &Queued| row.application.id)
        }
        Wanted::Invitations(after) => {
            let page = |db: &mut Db, after: &Option<_>, limit| invitations::list(db, caller, *after, limit);
            write(db, format, limit, *after, page, |row: &Invitation| row.id)
        }
        Wanted::DataRequests(status, after) => {
            let page = |db: &mut Db, after: &Option<_>, limit| my_data::queue(db, caller, *status, *after, limit);
            write(db, format, limit, *after, page, |row: &DataRequest| row.id)
        }
        _ => Err(ServiceError::Internal("no queue".into())),
    }
}

/// Writes runs, or what one of them found; of an agency's admin, those of the agency's own cohorts.
fn of_runs(db: &mut Db, act: &Act, wanted: &Wanted, format: Format, limit: i64) -> ServiceResult<Export> {
    let agency = act.watched_agency()?;
    let agency = agency.as_ref();
    match wanted {
        Wanted::Runs(after) => {
            let filter = RunFilter { agency, ..RunFilter::default() };
            let page = |db: &mut Db, after: &Option<_>, limit| Ok(results::runs(db, &filter, *after, limit)?);
            write(db, format, limit, *after, page, |row: &Run| row.id)
        }
        Wanted::RunPairs(run, filter, after) => {
            let run = results::run_of_agency(db, agency, *run)?;
            let reference = directory::reference(db)?;
            let page = |db: &mut Db, after: &Option<_>, limit| {
                Ok(results::pairs(db, &run, &reference, filter, *after, limit)?)
            };
            write(db, format, limit, *after, page, |row: &Pair| row.place)
        }
        Wanted::RunWaiting(run, after) => {
            let run = results::run_of_agency(db, agency, *run)?;
            let reference = directory::reference(db)?;
            let page =
                |db: &mut Db, after: &Option<_>, limit| Ok(results::waiting(db, &run, &reference, *after, limit)?);
            write(db, format, limit, *after, page, |row: &WaitingCoachee| row.place)
        }
        _ => Err(ServiceError::Internal("no list of a run".into())),
    }
}

/// Writes the rows that `page` gives, page by page, each page behind the key of the last row.
fn write<T: Line, K: ToString>(
    db: &mut Db,
    format: Format,
    limit: i64,
    mut after: Option<K>,
    page: impl Fn(&mut Db, &Option<K>, i64) -> ServiceResult<Vec<T>>,
    key: impl Fn(&T) -> K,
) -> ServiceResult<Export> {
    let mut file = Listing::new(format, T::COLUMNS).map_err(unwritten)?;
    let (mut left, mut written) = (limit, 0);
    loop {
        let size = left.min(PAGE);
        let mut rows = page(db, &after, size + 1)?;
        let more = rows.len() > usize::try_from(size).unwrap_or(usize::MAX);
        if more {
            rows.pop();
        }
        for row in &rows {
            let cells = row.cells();
            file.row(cells.iter().map(AsRef::as_ref)).map_err(unwritten)?;
        }
        left -= size;
        written += rows.len();
        after = if more { rows.last().map(&key) } else { None };
        if after.is_none() || left == 0 {
            let next = after.map(|after| after.to_string());
            return Ok(Export { bytes: file.finish().map_err(unwritten)?, rows: written, next });
        }
    }
}

fn unwritten(why: TableError) -> ServiceError {
    ServiceError::Internal(why.to_string())
}
