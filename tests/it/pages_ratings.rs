//! What coaching has brought, at the pages, on both engines: how coachees and their superiors rate, and what is shown
//! of it when a pairing is completed.

use chrono::TimeDelta;
use coachnet::domain::Role;
use coachnet::services::disclosures::ACTION;
use coachnet::store::audit;

use crate::support::browser::{Browser, form_of};
use crate::support::programme::Programme;
use crate::support::world::World;
use crate::support::{TestDb, on_both_engines};

on_both_engines!(
    a_coachee_rates_themself,
    a_superior_rates_their_people_alone,
    a_completed_pairing_shows_what_it_brought
);

const SUPERIOR: &str =
    "UPDATE coachee_profiles SET superior_code = 'e1' WHERE person = (SELECT id FROM persons WHERE code = 'e0')";

struct Stage<'a> {
    world: &'a World,
    programme: Programme,
}

impl<'a> Stage<'a> {
    fn new(world: &'a World) -> Self {
        world.hands.turn(TimeDelta::minutes(10));
        let programme = Programme::beside(&world.store, 3, 2, 2);
        programme.tamper(SUPERIOR);
        Self { world, programme }
    }

    /// Somebody, who has signed in just now.
    fn browser(&self, role: Role, at: usize) -> Browser<'a> {
        let (person, name) = match role {
            Role::Coach => (self.programme.coaches[at], format!("c{at}")),
            _ => (self.programme.coachees[at], format!("e{at}")),
        };
        let known = format!("{name}{}@contoh.test", self.world.hands.stamp().time().timestamp());
        let account = match self.world.store.read(|db| coachnet::store::accounts::of_person(db, person)) {
            Ok(Some(account)) => account,
            _ => self.world.account_of(&known, &[(role, None)], Some(person)),
        };
        self.world.browser(account, false, &format!("203.0.113.{at}"))
    }
}

fn is_whole(browser: &Browser, path: &str) {
    for lang in ["en", "id"] {
        let page = browser.page(&format!("{path}?lang={lang}"));
        assert!(page.contains(&format!("<html lang=\"{lang}\">")), "{path}");
        assert!(!page.contains(">pages.") && !page.contains("%{"), "{path} {lang}: a text is missing: {page}");
    }
}

fn a_coachee_rates_themself(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world);
    let coachee = stage.browser(Role::Coachee, 0);
    let page = "/profile/assessment";
    assert!(coachee.page("/profile").contains(&format!("href=\"{page}\"")));
    let shown = coachee.page(page);
    let (first, others) = shown.split_once("<details").expect("other competencies are folded away");
    assert!(first.contains("level-M.03") && !first.contains("level-M.05"), "what the request is about: {first}");
    assert!(others.contains("level-M.05"), "{others}");
    let reference = world.store.read(coachnet::services::directory::reference).unwrap();
    for level in reference.level_meanings().iter().filter(|one| one.competency.as_str() == "M.03") {
        assert!(shown.contains(&level.meaning_id), "{}: {shown}", level.meaning_id);
    }
    let nothing = coachee.fills(page, page, &[]);
    assert!(nothing.status == 422 && nothing.body.contains("href=\"#levels\""), "{}", nothing.body);
    let wrong = coachee.fills(page, page, &[("level-M.01", "2"), ("level-M.03", "6")]);
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#level-M.03\""), "{}", wrong.body);
    assert_eq!(form_of(&wrong.body, page).field("level-M.01"), "2", "what was chosen stays");
    let rated = coachee.sends(&form_of(&wrong.body, page).with(&[("level-M.03", "3")]));
    assert_eq!(rated.header("location"), "/profile?done=rated", "{}", rated.body);
    assert_eq!(stage.programme.audited("assessment.given"), 1);
    // On the same day the form begins with what was said, since a second rating takes its place.
    let form = coachee.form(page, page);
    assert_eq!((form.field("level-M.01"), form.field("level-M.03")), ("2", "3"));
    is_whole(&coachee, page);
    stage.programme.must_be_well();
}

fn a_superior_rates_their_people_alone(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world);
    let superior = stage.browser(Role::Coachee, 1);
    let home = superior.page("/");
    assert!(!home.contains("/assessments"), "the rating in the records is not old: {home}");
    stage.programme.tamper("DELETE FROM assessment_levels WHERE assessment IN (SELECT id FROM assessments WHERE person = (SELECT id FROM persons WHERE code = 'e0'))");
    stage.programme.tamper("DELETE FROM assessments WHERE person = (SELECT id FROM persons WHERE code = 'e0')");
    let home = superior.page("/");
    assert!(home.contains("1 orang menunggu penilaian Anda") && home.contains("href=\"/assessments\""), "{home}");
    let list = superior.page("/assessments");
    assert!(list.contains("href=\"/assessments/e0\"") && list.contains("menunggu penilaian awal"), "{list}");
    assert!(!list.contains("/assessments/e2"), "of others they learn nothing: {list}");
    let page = "/assessments/e0";
    let form = superior.form(page, page);
    assert_eq!(form.field("level-M.01"), "", "nothing is chosen at first");
    let nothing = superior.sends(&form);
    assert!(nothing.status == 422 && nothing.body.contains("href=\"#levels\""), "{}", nothing.body);
    let rated = superior.fills(page, page, &[("level-M.01", "2"), ("level-M.03", "1")]);
    assert_eq!(rated.header("location"), "/assessments?done=rated_other", "{}", rated.body);
    assert!(!superior.page("/").contains("menunggu penilaian Anda"));
    let list = superior.page("/assessments");
    assert!(list.contains("Terakhir dinilai atasan") && !list.contains("menunggu penilaian awal"), "{list}");
    assert_eq!(superior.form(page, page).field("level-M.01"), "2");
    is_whole(&superior, page);
    is_whole(&superior, "/assessments");

    let (coachee, coach) = (stage.browser(Role::Coachee, 0), stage.browser(Role::Coach, 0));
    for (who, code) in
        [(&superior, "e1"), (&superior, "e2"), (&superior, "none"), (&coachee, "e0"), (&coachee, "e1"), (&coach, "e0")]
    {
        let path = format!("/assessments/{code}");
        assert_eq!(who.get(&path).status, 403, "{code}");
        let form = who.form("/account", "/account/language").with(&[("level-M.01", "5")]);
        assert_eq!(who.post(&path, &form.fields).status, 403, "{code}");
    }
    assert!(coachee.page("/assessments").contains("tidak ada coachee yang atasannya Anda"));
    assert_eq!(stage.programme.audited("assessment.given"), 1);
}

fn a_completed_pairing_shows_what_it_brought(db: &TestDb) {
    let world = World::new(db);
    let stage = Stage::new(&world);
    let pairing = stage.programme.pair(0, 0);
    let page = format!("/pairings/{}", pairing.id);
    assert!(!stage.browser(Role::Coachee, 0).page(&page).contains("Yang dicapai"), "not before it is completed");
    world.hands.turn(TimeDelta::days(90));
    stage.programme.pass(chrono::Duration::days(90));
    stage.programme.complete(&pairing).unwrap();
    let coachee = stage.browser(Role::Coachee, 0);
    let shown = coachee.page(&page);
    for text in ["Yang dicapai", "Belum diukur lagi", "Tidak dapat dibandingkan", "href=\"/profile/assessment\""] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let superior = stage.browser(Role::Coachee, 1);
    assert!(superior.page("/assessments").contains("menunggu penilaian akhir"));
    let form = "/assessments/e0";
    assert_eq!(superior.fills(form, form, &[("level-M.03", "3")]).status, 303);
    let own = "/profile/assessment";
    assert_eq!(coachee.fills(own, own, &[("level-M.01", "2")]).status, 303);
    let coach = stage.browser(Role::Coach, 0);
    let account = world.account("pusat@contoh.test", Role::NationalAdmin);
    let admin = world.browser(account, true, "203.0.113.9");
    for reader in [&coachee, &coach, &admin] {
        let shown = reader.page(&page);
        for text in
            ["2 dari 2 tingkat tertutup", "1 dari 2 tingkat tertutup", "Penilaian diri sendiri", "cara yang berbeda"]
        {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        assert!(shown.contains("class=\"w-20\""), "a full bar: {shown}");
    }
    let looks = world.store.read(|db| audit::newest(db, None, 100)).unwrap();
    let looks: Vec<&str> =
        looks.iter().filter(|one| one.action == ACTION).map(|one| one.subject_kind.as_str()).collect();
    assert!(looks.contains(&"outcomes") && looks.contains(&"pairings"), "the look of the admin is noted: {looks:?}");
    is_whole(&coach, &page);
    assert_eq!(superior.get(&page).status, 403);
    assert_eq!(stage.programme.audited("assessment.given"), 2);
}
