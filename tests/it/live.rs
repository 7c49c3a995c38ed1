//! A pool whose coaches change answers at every moment as if it were freshly built.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use coachnet::domain::records::{CoachRecord, CohortRecords};
use coachnet::domain::{Mode, Modes, PersonCode, Policy};
use coachnet::matching::Cohort;
use coachnet::matching::live::{Change, CoachPool, Listed, OVERLAY_BOUND, PoolError, Request};
use coachnet::matching::lottery::{mix, ticket};
use coachnet::matching::scan::Scanner;
use proptest::prelude::*;

use crate::engine::reference;
use crate::support::cohorts::{random_cohort, today};

const SEED: u64 = 5;
const COACHEES: usize = 10;
/// Coaches who are ever heard of.
const COACHES: usize = 40;

fn pool<'a>(coaches: impl IntoIterator<Item = &'a CoachRecord>) -> CoachPool {
    CoachPool::new(reference(), Policy::default(), SEED, coaches).unwrap()
}

fn build(records: &CohortRecords) -> Cohort {
    Cohort::build(records, &reference(), &Policy::default(), today(), SEED).unwrap()
}

/// The `k` best coaches of a coachee by the plain definition.
fn plain(cohort: &Cohort, coachee: usize, k: usize) -> Vec<Listed> {
    let scanner = Scanner::new(cohort);
    let query = scanner.query(coachee);
    let scored = (0..cohort.coaches.len() as u32).filter_map(|j| Some((j, cohort.plain_score(coachee, j)?)));
    let mut all: Vec<_> = scored.map(|(coach, score)| query.candidate(coach, score)).collect();
    all.sort_by(|a, b| b.cmp(a));
    let listed = |coach: u32, score| Listed { coach: cohort.coaches.code[coach as usize].clone(), score };
    all.into_iter().take(k).map(|candidate| listed(candidate.coach(), candidate.score())).collect()
}

/// Coaches by code; the last one counts.
fn by_code<'a>(coaches: impl IntoIterator<Item = &'a CoachRecord>) -> BTreeMap<PersonCode, CoachRecord> {
    coaches.into_iter().map(|coach| (coach.code.clone(), coach.clone())).collect()
}

fn code(text: &str) -> PersonCode {
    text.parse().unwrap()
}

/// A pool and, beside it, what its coaches should be.
struct Story {
    pool: CoachPool,
    records: CohortRecords,
    coaches: BTreeMap<PersonCode, CoachRecord>,
}

impl Story {
    fn begin(seed: u64, coaches: usize) -> Self {
        let mut records = random_cohort(seed, COACHEES, COACHES);
        records.coaches.truncate(coaches);
        Self { pool: pool(&records.coaches), coaches: by_code(&records.coaches), records }
    }

    /// Does one of the things that happen, chosen by two numbers.
    fn step(&mut self, kind: u8, seed: u64) {
        let at = (seed % COACHES as u64) as usize;
        let known = self.coaches.keys().nth(at % self.coaches.len().max(1)).cloned();
        match (kind % 8, known) {
            (0, Some(coach)) => {
                let (capacity, load) = ((seed >> 8) as u16 % 4, (seed >> 16) as u16 % 4);
                self.pool.apply(&[Change::Places { coach: &coach, capacity, load }]).unwrap();
                let record = self.coaches.get_mut(&coach).unwrap();
                (record.capacity, record.load) = (capacity, load);
            }
            (1, Some(coach)) => {
                let accepting = seed >> 8 & 1 == 0;
                self.pool.apply(&[Change::Accepting { coach: &coach, accepting }]).unwrap();
                self.coaches.get_mut(&coach).unwrap().accepting = accepting;
            }
            (2, Some(coach)) => {
                self.pool.apply(&[Change::Remove(&coach)]).unwrap();
                self.coaches.remove(&coach);
            }
            (3, _) => self.pool.rebuild(),
            (4, Some(coach)) => {
                // A batch that fails at its end changes nothing, and one that does not, all.
                let new = random_cohort(seed, COACHEES, COACHES).coaches.swap_remove(at);
                let nobody = code("nobody");
                let pause = Change::Accepting { coach: &coach, accepting: false };
                let failed = self.pool.apply(&[Change::Put(&new), pause, Change::Remove(&nobody)]);
                assert_eq!(failed, Err(PoolError::NoSuchCoach(nobody)));
                let full = Change::Places { coach: &new.code, capacity: 2, load: 2 };
                self.pool.apply(&[Change::Remove(&coach), Change::Put(&new), full]).unwrap();
                self.coaches.remove(&coach);
                self.coaches.insert(new.code.clone(), CoachRecord { capacity: 2, load: 2, ..new });
            }
            _ => {
                let record = random_cohort(seed, COACHEES, COACHES).coaches.swap_remove(at);
                self.pool.apply(&[Change::Put(&record)]).unwrap();
                self.coaches.insert(record.code.clone(), record);
            }
        }
    }

    fn check(&mut self) {
        self.records.coaches = self.coaches.values().cloned().collect();
        let (mut cohort, snapshot) = (build(&self.records), self.pool.snapshot());
        let fresh_ratings = cohort.coaches.shrunk_rating.clone();
        let c = &mut cohort.coaches;
        for j in 0..c.len() {
            let pairs = if c.rating[j] == 0 { 0 } else { u32::from(c.completed[j]) };
            let sum = pairs * u32::from(c.rating[j]) + 5 * u32::from(snapshot.mean_rating());
            c.shrunk_rating[j] = (sum / (pairs + 5)) as u16;
        }
        for coachee in &self.records.coachees {
            let i = cohort.coachees.code.binary_search(&coachee.code).unwrap();
            let request = Request::of(coachee, &cohort).unwrap();
            for k in [0, 1, 4, 100] {
                assert_eq!(snapshot.shortlist(&request, k), plain(&cohort, i, k), "{} best of {}", k, coachee.code);
            }
            for (j, coach) in (0u32..).zip(&cohort.coaches.code) {
                assert_eq!(snapshot.explain(&request, coach), Some(cohort.explain(i, j)));
                assert_eq!(snapshot.broken_rules(&request, coach), Some(cohort.broken_rules(i, j)));
            }
            assert_eq!(snapshot.explain(&request, &code("nobody")), None);
        }
        // Right after a rebuild nothing at all is different from a fresh build.
        self.pool.rebuild();
        cohort.coaches.shrunk_rating = fresh_ratings;
        for coachee in &self.records.coachees {
            let i = cohort.coachees.code.binary_search(&coachee.code).unwrap();
            let request = Request::of(coachee, &cohort).unwrap();
            assert_eq!(self.pool.shortlist(&request, 10), plain(&cohort, i, 10), "rebuilt, for {}", coachee.code);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens to the coaches in whatever order, a shortlist is that of a fresh build.
    #[test]
    fn a_changed_pool_is_a_fresh_one(
        seed: u64,
        coaches in prop::sample::select(vec![0, 1, 25]),
        chapters in prop::collection::vec(prop::collection::vec(any::<(u8, u64)>(), 0..30), 1..4),
    ) {
        let mut story = Story::begin(seed, coaches);
        for chapter in chapters {
            chapter.into_iter().for_each(|(kind, seed)| story.step(kind, seed));
            story.check();
        }
    }
}

/// Two coaches whom neither score nor tie-break tells apart are told apart by region and code,
/// wherever in the pool they stand.
#[test]
fn ties_beyond_the_tie_break_are_those_of_a_scan() {
    let mut records = random_cohort(1, 1, 1);
    let coachee = &mut records.coachees[0];
    (coachee.choices, coachee.earlier, coachee.superior) = (Vec::new(), Vec::new(), None);
    (coachee.modes, coachee.focus) = (Modes::BOTH, Vec::new());
    let lottery = ticket(SEED, coachee.code.as_str());
    let tie = |code: &str| mix(lottery, ticket(SEED, code)) >> 40;
    let mut seen = BTreeMap::new();
    let pairs = (0..40_000).map(|n| format!("K{n}")).filter_map(|code| {
        let twin = seen.insert(tie(&code), code.clone())?;
        Some([twin, code])
    });
    let template = CoachRecord {
        agency: "KEM-02".parse().unwrap(),
        modes: Modes::NONE.with(Mode::Online),
        regency: "11.01".parse().unwrap(),
        ..willing(&records)
    };
    let mut told_apart = 0;
    for twins in pairs {
        for regencies in [["11.01", "11.01"], ["11.01", "11.02"], ["11.02", "11.01"]] {
            let coaches: Vec<CoachRecord> = twins
                .iter()
                .zip(regencies)
                .map(|(twin, regency)| CoachRecord {
                    code: code(twin),
                    regency: regency.parse().unwrap(),
                    ..template.clone()
                })
                .collect();
            records.coaches = coaches.clone();
            let cohort = build(&records);
            let expected = plain(&cohort, 0, 2);
            assert_eq!(expected[0].score, expected[1].score);
            let request = Request::of(&records.coachees[0], &cohort).unwrap();
            for changed in [&coaches[..0], &coaches[..1], &coaches[1..], &coaches[..]] {
                let pool = pool(&coaches);
                pool.apply(&changed.iter().map(Change::Put).collect::<Vec<_>>()).unwrap();
                for k in [1, 2] {
                    assert_eq!(pool.shortlist(&request, k), expected[..k]);
                }
            }
            told_apart += 1;
        }
    }
    assert!(told_apart > 9, "only {told_apart} ties: the test no longer sees what it is about");
}

/// A coach whom no rule keeps from anybody.
fn willing(records: &CohortRecords) -> CoachRecord {
    use coachnet::domain::{CoachSource, Language, Languages, Level, Tier, Verification};
    let languages = Language::ALL.iter().fold(Languages::NONE, |all, &language| all.with(language));
    let competencies = reference();
    CoachRecord {
        source: CoachSource::Pkn1,
        verification: Verification::Verified,
        unit: None,
        superior: None,
        tier: Some(Tier::JptUtama),
        modes: Modes::BOTH,
        languages,
        capacity: 3,
        load: 1,
        accepting: true,
        strengths: competencies.competencies().iter().map(|c| (c.code.clone(), Level::new(5).unwrap())).collect(),
        conflicts: Vec::new(),
        wishes: Vec::new(),
        ..records.coaches[0].clone()
    }
}

#[test]
fn a_pool_says_what_is_wrong() {
    let mut coaches = random_cohort(3, 1, 3).coaches;
    let pool = pool(&coaches);
    let nobody = code("nobody");
    for change in [
        Change::Places { coach: &nobody, capacity: 1, load: 0 },
        Change::Accepting { coach: &nobody, accepting: true },
        Change::Remove(&nobody),
    ] {
        let said = pool.apply(&[change]).unwrap_err().to_string();
        assert_eq!(said, "coach nobody is not in the pool: put the whole record first");
    }
    coaches[1].regency = "99.99".parse().unwrap();
    let unknown = pool.apply(&[Change::Put(&coaches[1])]).unwrap_err().to_string();
    assert_eq!(unknown, format!("{}: regency 99.99 is not in the reference data", coaches[1].code));
    coaches[1] = coaches[2].clone();
    let twice = CoachPool::new(reference(), Policy::default(), SEED, &coaches).err().unwrap().to_string();
    assert_eq!(twice, format!("coach {} occurs twice: a coach has one record", coaches[1].code));
}

#[test]
fn a_rebuild_is_due_when_much_has_changed() {
    let coach = CoachRecord { rating: None, ..willing(&random_cohort(3, 1, 1)) };
    let crowd: Vec<CoachRecord> =
        (0..=OVERLAY_BOUND).map(|n| CoachRecord { code: code(&format!("K{n}")), ..coach.clone() }).collect();
    let pool = pool([]);
    let put = |coaches: &[CoachRecord]| pool.apply(&coaches.iter().map(Change::Put).collect::<Vec<_>>()).unwrap();
    put(&crowd[..OVERLAY_BOUND]);
    assert!(!pool.is_rebuild_due());
    put(&crowd[OVERLAY_BOUND..]);
    assert!(pool.is_rebuild_due());
    pool.rebuild();
    assert!(!pool.is_rebuild_due());
}

#[test]
fn a_rebuild_is_due_when_the_mean_rating_has_moved() {
    let coach = CoachRecord { rating: None, completed_pairs: 3, ..willing(&random_cohort(3, 1, 1)) };
    let pool = pool([&coach]);
    assert_eq!(pool.snapshot().mean_rating(), 400);
    let rate = |rating| pool.apply(&[Change::Put(&CoachRecord { rating: Some(rating), ..coach.clone() })]).unwrap();
    rate(404);
    assert!(!pool.is_rebuild_due());
    rate(395);
    assert!(pool.is_rebuild_due());
    assert_eq!(pool.snapshot().mean_rating(), 400);
    pool.rebuild();
    assert!(!pool.is_rebuild_due());
    assert_eq!(pool.snapshot().mean_rating(), 395);
}

/// Coaches without ratings and without words about coachees, so that an answer depends on
/// neither the moment of a rebuild nor on anything but the coaches.
fn plain_coaches(seed: u64) -> Vec<CoachRecord> {
    let mut coaches = random_cohort(seed, COACHEES, COACHES).coaches;
    for coach in &mut coaches {
        (coach.rating, coach.superior) = (None, None);
        coach.wishes.clear();
    }
    coaches
}

/// Every answer, given while others change coaches and rebuild the pool, is that of a state
/// that was there between question and answer; answers of one snapshot are of one state.
#[test]
fn readers_see_whole_states_while_others_change_and_rebuild() {
    const CHANGES: usize = 200;
    let mut records = random_cohort(11, COACHEES, COACHES);
    records.coaches = plain_coaches(0);
    let mut coaches: BTreeMap<PersonCode, CoachRecord> = by_code(&records.coaches);
    let pool = pool(&records.coaches);
    let drawn: Vec<CoachRecord> = (1..=CHANGES).map(|n| plain_coaches(n as u64).swap_remove(n * 7 % COACHES)).collect();
    // Relations to whoever is ever there, so that they are known to every state.
    let everybody = by_code(records.coaches.iter().chain(&drawn)).into_values().collect();
    let everybody = build(&CohortRecords { coaches: everybody, ..records.clone() });
    let requests: Vec<Request> =
        records.coachees.iter().map(|coachee| Request::of(coachee, &everybody).unwrap()).collect();
    let answers = |records: &CohortRecords| -> Vec<Vec<Listed>> {
        let cohort = build(records);
        let place = |code| cohort.coachees.code.binary_search(code).unwrap();
        records.coachees.iter().map(|coachee| plain(&cohort, place(&coachee.code), 4)).collect()
    };
    let mut states = vec![answers(&records)];
    let mut changes = Vec::new();
    for (n, new) in drawn.iter().enumerate() {
        // Every third time somebody leaves who has just come.
        let leaver = (n % 3 == 2).then(|| &drawn[n - 2].code).filter(|code| coaches.contains_key(*code));
        changes.push(leaver.map_or(Change::Put(new), Change::Remove));
        match leaver {
            Some(code) => coaches.remove(code),
            None => coaches.insert(new.code.clone(), new.clone()),
        };
        records.coaches = coaches.values().cloned().collect();
        states.push(answers(&records));
    }

    let (begun, done, rebuilds, over) =
        (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let rebuilder = scope.spawn(|| {
            while !over.load(SeqCst) {
                pool.rebuild();
                rebuilds.fetch_add(1, SeqCst);
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut answers = 0;
                while !over.load(SeqCst) || answers == 0 {
                    let first = done.load(SeqCst);
                    let snapshot = pool.snapshot();
                    let last = begun.load(SeqCst);
                    let answer: Vec<_> = requests.iter().map(|request| snapshot.shortlist(request, 4)).collect();
                    assert!(states[first..=last].contains(&answer), "no state from {first} to {last} answers so");
                    answers += 1;
                }
            });
        }
        for change in &changes {
            begun.fetch_add(1, SeqCst);
            pool.apply(&[*change]).unwrap();
            let done = done.fetch_add(1, SeqCst) + 1;
            // Every few changes a rebuild ends, so that each rebuild meets a few.
            while done.is_multiple_of(8) && rebuilds.load(SeqCst) < done / 8 && !rebuilder.is_finished() {
                std::thread::yield_now();
            }
        }
        over.store(true, SeqCst);
    });
    let last: Vec<_> = requests.iter().map(|request| pool.shortlist(request, 4)).collect();
    assert_eq!(&last, states.last().unwrap());
}

/// Of several who change coaches at the same time, nobody's change is lost.
#[test]
fn changes_of_many_threads_are_all_kept() {
    let mut records = random_cohort(12, COACHEES, COACHES);
    let changes: Vec<CoachRecord> = (0..3).flat_map(plain_coaches).collect();
    records.coaches = plain_coaches(9);
    let pool = pool(&records.coaches);
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let own = changes.iter().enumerate().filter(move |(n, _)| n % COACHES % 3 == thread);
            let pool = &pool;
            scope.spawn(move || {
                for (n, change) in own {
                    pool.apply(&[Change::Put(change)]).unwrap();
                    if n % 4 == 0 {
                        pool.rebuild();
                    }
                }
            });
        }
    });
    records.coaches = by_code(records.coaches.iter().chain(&changes)).into_values().collect();
    let cohort = build(&records);
    for coachee in &records.coachees {
        let i = cohort.coachees.code.binary_search(&coachee.code).unwrap();
        let request = Request::of(coachee, &cohort).unwrap();
        assert_eq!(pool.shortlist(&request, 50), plain(&cohort, i, 50), "{}", coachee.code);
    }
}
