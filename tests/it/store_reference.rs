//! Reference data in the database.

use coachnet::domain::Reference;
use coachnet::domain::reference::ReferenceParts;
use coachnet::store::{StoreError, agencies, reference};
use coachnet::tabular::reference::shipped_parts;

use crate::support::people::{new_cohort, records};
use crate::support::{TestDb, on_both_engines};

fn shown(parts: ReferenceParts) -> String {
    format!("{:#?}", Reference::new(parts).unwrap())
        .lines()
        // Hash maps print in any order.
        .take_while(|line| !line.starts_with("    regency_index"))
        .collect::<Vec<_>>()
        .join("\n")
}

on_both_engines!(
    what_is_saved_is_loaded,
    a_new_edition_replaces_the_old,
    what_is_in_use_stays,
    an_import_outlives_a_new_edition
);

fn what_is_saved_is_loaded(db: &TestDb) {
    assert!(db.store.read(reference::is_empty).unwrap());
    let parts = shipped_parts().unwrap();
    db.store.write(|db| reference::save(db, &parts)).unwrap();
    assert!(!db.store.read(reference::is_empty).unwrap());
    assert_eq!(shown(db.store.snapshot(reference::load).unwrap()), shown(parts));
}

fn a_new_edition_replaces_the_old(db: &TestDb) {
    let old = shipped_parts().unwrap();
    db.store.write(|db| reference::save(db, &old)).unwrap();
    let mut new = old;
    new.remote_areas.truncate(3);
    new.competencies[0].name_en = "Honesty".into();
    new.fields.pop();
    new.level_meanings.pop();
    db.store.write(|db| reference::save(db, &new)).unwrap();
    assert_eq!(shown(db.store.snapshot(reference::load).unwrap()), shown(new));
}

fn what_is_in_use_stays(db: &TestDb) {
    let mut parts = shipped_parts().unwrap();
    db.store.write(|db| reference::save(db, &parts)).unwrap();
    let before = shown(db.store.snapshot(reference::load).unwrap());
    // Agencies have their seat in the regency.
    let seat = parts.agencies.iter().find_map(|a| a.regency.clone()).unwrap();
    parts.regencies.retain(|r| r.code != seat);
    parts.remote_areas.retain(|a| a.regency != seat);
    let refused = db.store.write(|db| reference::save(db, &parts));
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(shown(db.store.snapshot(reference::load).unwrap()), before);
}

fn an_import_outlives_a_new_edition(db: &TestDb) {
    new_cohort(&db.store);
    let mut changed = shipped_parts().unwrap().agencies.swap_remove(0);
    changed.opt_outs = records().agencies[0].opt_outs;
    let saved = db.store.write(|db| agencies::save(db, std::slice::from_ref(&changed))).unwrap();
    assert_eq!((saved.new, saved.changed, saved.unchanged), (0, 1, 0));
    db.store.write(|db| reference::save(db, &shipped_parts().unwrap())).unwrap();
    assert_eq!(db.store.read(|db| agencies::of_reference(db, false)).unwrap(), [changed]);
}
