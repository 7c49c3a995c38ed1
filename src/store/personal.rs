//! What is held about a person, table by table: what they are given when they ask for it, and what becomes of it
//! when they are erased. The list below decides about every column of text; a test compares it with the schema, so
//! that a new column without a decision does not go unseen.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{AccountId, Db, PersonId, StoreError, StoreResult};

/// What becomes of a column when its person is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays: words of the program, codes of places and things, numbers.
    Stays,
    /// It is emptied.
    Emptied,
    /// Something that says nothing takes its place, where there is something.
    Replaced(&'static str),
    /// The pseudonym takes its place.
    Pseudonym,
}

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text, or a number.
    Plain,
    /// A point in time.
    Time,
    /// Yes or no.
    Flag,
    /// Not given to the person: a secret, or a copy of what stands elsewhere.
    Hidden,
    /// Sealed where it lies; whoever has the keys opens it for the person. The id of the row comes with it.
    Sealed,
}

/// A column and what is decided about it.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The name.
    pub name: &'static str,
    /// How it is read.
    pub form: Form,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasing {
    /// They go.
    Delete,
    /// They stay, and their columns have fates.
    Change,
    /// They stay as they are: no column says anything about anybody.
    Leave,
}

/// A table with rows of persons.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The name.
    pub name: &'static str,
    /// Which rows are a person's, in SQL; `$person` and `$account` stand for the ids, `$email` and `$recorded` for
    /// the addresses of account and records, `has(column, text)` for a text in another.
    pub rows: &'static str,
    /// Which of them the person is given, where that is not all: what others said and may still keep to themselves.
    pub given: Option<&'static str>,
    /// What becomes of them.
    pub erasing: Erasing,
    /// All columns of text, and those others that the person is given.
    pub columns: &'static [Column],
}

const fn text(name: &'static str, fate: Fate) -> Column {
    Column { name, form: Form::Plain, fate }
}

const fn word(name: &'static str) -> Column {
    text(name, Fate::Stays)
}

const fn time(name: &'static str) -> Column {
    Column { name, form: Form::Time, fate: Fate::Stays }
}

const fn flag(name: &'static str) -> Column {
    Column { name, form: Form::Flag, fate: Fate::Stays }
}

const fn hidden(name: &'static str, fate: Fate) -> Column {
    Column { name, form: Form::Hidden, fate }
}

const fn sealed(name: &'static str) -> Column {
    Column { name, form: Form::Sealed, fate: Fate::Stays }
}

const fn of(name: &'static str, rows: &'static str, erasing: Erasing, columns: &'static [Column]) -> Table {
    Table { name, rows, given: None, erasing, columns }
}

impl Table {
    const fn giving(self, given: &'static str) -> Self {
        Self { given: Some(given), ..self }
    }
}

/// What stands where something was.
pub const GONE: &str = "(dihapus)";

use Erasing::{Change, Delete, Leave};
use Fate::{Emptied, Pseudonym, Replaced, Stays};

/// Mail to the person; what they wrote to others for help says who those are.
const TO_THEM: &str = "person = $person OR address = $email OR address = $recorded \
    OR address IN (SELECT new_email FROM email_changes WHERE account = $account) \
    OR address IN (SELECT email FROM invitations WHERE person = $person) \
    OR address IN (SELECT email FROM sign_up_claims WHERE person = $person)";

/// The own word about a pairing, and the other side's once both have spoken.
const SAID: &str = "(given_by = 'coachee' AND pairing IN (SELECT id FROM pairings WHERE coachee = $person)) \
    OR (given_by = 'coach' AND pairing IN (SELECT id FROM pairings WHERE coach = $person)) \
    OR (pairing IN (SELECT id FROM pairings WHERE coachee = $person OR coach = $person) \
        AND 2 = (SELECT count(*) FROM evaluations both_sides WHERE both_sides.pairing = evaluations.pairing))";

const MY_PAIRINGS: &str = "pairing IN (SELECT id FROM pairings WHERE coachee = $person OR coach = $person)";

const MY_SESSIONS: &str = "session IN (SELECT sessions.id FROM sessions JOIN pairings ON pairings.id = sessions.pairing \
    WHERE pairings.coachee = $person OR pairings.coach = $person)";

/// The own word after a session.
const SAID_AFTER: &str = "(given_by = 'coachee' AND session IN (SELECT sessions.id FROM sessions \
        JOIN pairings ON pairings.id = sessions.pairing WHERE pairings.coachee = $person)) \
    OR (given_by = 'coach' AND session IN (SELECT sessions.id FROM sessions \
        JOIN pairings ON pairings.id = sessions.pairing WHERE pairings.coach = $person))";

/// The own notes, and those that both share. The other's own stays theirs, sealed.
const MY_NOTES: &str = "(owner IS NULL AND session IN (SELECT sessions.id FROM sessions \
        JOIN pairings ON pairings.id = sessions.pairing WHERE pairings.coachee = $person OR pairings.coach = $person)) \
    OR (owner = 'coachee' AND session IN (SELECT sessions.id FROM sessions \
        JOIN pairings ON pairings.id = sessions.pairing WHERE pairings.coachee = $person)) \
    OR (owner = 'coach' AND session IN (SELECT sessions.id FROM sessions \
        JOIN pairings ON pairings.id = sessions.pairing WHERE pairings.coach = $person))";

const MY_REQUESTS: &str = "request IN (SELECT id FROM requests WHERE coachee = $person)";

/// Tables with rows of persons, those that others refer to behind those that refer to them. A new table is a line
/// here, or in [`NOBODYS`].
#[rustfmt::skip]
pub const TABLES: &[Table] = &[
    of("refresh_tokens", "sign_in IN (SELECT id FROM sign_ins WHERE account = $account)", Delete, &[hidden("digest", Stays), hidden("replaced_by", Stays)]),
    of("sign_ins", "account = $account", Delete, &[word("label"), hidden("cookie_digest", Stays), flag("second_factor"), time("created_at"), time("last_used_at"), time("ended_at")]),
    of("recovery_codes", "account = $account", Delete, &[hidden("code_digest", Stays), time("used_at")]),
    of("known_places", "account = $account", Delete, &[hidden("place", Stays), time("seen_at")]),
    of("tickets", "account = $account OR has(data, $email) OR has(data, $recorded) OR has(data, $person_text)", Delete, &[word("purpose"), hidden("digest", Stays), hidden("data", Stays), time("created_at")]),
    of("outbox", "person = $person OR address = $email OR address = $recorded OR address IN (SELECT new_email FROM email_changes WHERE account = $account) OR address IN (SELECT email FROM invitations WHERE person = $person) OR address IN (SELECT email FROM sign_up_claims WHERE person = $person) OR has(data, $person_text)", Delete, &[word("kind"), word("address"), word("language"), word("status"), hidden("data", Stays), hidden("last_answer", Stays), time("created_at"), time("settled_at")]).giving(TO_THEM),
    of("email_changes", "account = $account", Delete, &[word("new_email"), hidden("old_digest", Stays), hidden("new_digest", Stays), time("created_at"), time("ended_at")]),
    of("invitations", "person = $person OR email = $email OR email = $recorded", Delete, &[word("email"), word("name"), word("language"), word("role"), word("agency"), word("status"), hidden("digest", Stays), time("created_at")]),
    of("sign_up_claims", "person = $person OR email = $email OR email = $recorded", Delete, &[word("email"), word("language"), word("status"), time("created_at"), time("decided_at")]),
    of("coach_applications", "account = $account OR coach = $person", Delete, &[word("source"), word("batch"), word("year"), word("certificate_number"), word("agency"), word("regency"), word("motivation"), word("status"), word("reason"), time("created_at"), time("decided_at")]),
    of("idempotency_keys", "owner = $account_text OR has(answer, $email) OR has(answer, $recorded) OR has(answer, $code)", Delete, &[hidden("owner", Stays), hidden("key", Stays), hidden("request_digest", Stays), hidden("answer", Stays), time("created_at")]),
    of("data_requests", "account = $account", Change, &[word("kind"), word("status"), text("wish", Emptied), text("reason", Emptied), text("answer", Emptied), time("due_at"), time("decided_at"), time("created_at")]),
    of("consents", "account = $account", Leave, &[word("purpose"), word("version"), flag("given"), time("at")]),
    of("notices_given", "person = $person", Delete, &[word("kind"), hidden("mark", Stays), time("given_at")]),
    of("calendar_feeds", "person = $person", Delete, &[hidden("digest", Stays), time("created_at")]),
    of("account_mail_refusals", "account = $account", Delete, &[word("class"), time("refused_at")]),
    of("mail_refusals", "person = $person", Delete, &[word("class"), time("refused_at")]),
    of("completion_certificates", "pairing IN (SELECT id FROM pairings WHERE coachee = $person)", Change, &[word("number"), word("code"), text("name", Replaced(GONE)), word("sessions"), word("jp"), word("first_on"), word("last_on"), time("issued_at"), time("withdrawn_at"), text("withdrawn_reason", Replaced(GONE))]),
    of("session_feedback", MY_SESSIONS, Change, &[word("given_by"), word("progress"), word("preparation"), word("trust"), text("comment", Emptied), time("given_at")]).giving(SAID_AFTER),
    of("session_notes", MY_NOTES, Delete, &[word("owner"), sealed("sealed"), word("changed_by"), time("changed_at")]),
    of("action_items", MY_PAIRINGS, Change, &[word("owner"), text("what", Replaced(GONE)), word("due_on"), time("done_at"), word("created_by"), time("created_at")]),
    of("goals", MY_PAIRINGS, Change, &[word("competency"), text("goal", Replaced(GONE)), text("reality", Emptied), text("options", Emptied), text("will", Emptied), word("status"), word("created_by"), time("created_at")]),
    of("pairing_resources", MY_PAIRINGS, Delete, &[word("title"), word("url"), word("added_by"), time("added_at")]),
    of("sessions", MY_PAIRINGS, Change, &[word("number"), word("status"), time("starts_at"), word("minutes"), word("mode"), text("place", Emptied), word("proposed_by"), word("coachee_says"), word("coach_says"), word("claimed_by"), word("cancelled_by"), text("cancel_note", Emptied)]),
    of("evaluations", "pairing IN (SELECT id FROM pairings WHERE coachee = $person OR coach = $person)", Change, &[word("given_by"), word("rating"), text("comment", Emptied), time("given_at")]).giving(SAID),
    of("pairings", "coachee = $person OR coach = $person", Change, &[word("status"), word("agency"), text("goals", Replaced(GONE)), word("sessions"), flag("confidential"), word("end_reason"), text("end_note", Emptied), time("started_at"), time("ended_at")]),
    of("questions", "coach = $person OR request IN (SELECT id FROM requests WHERE coachee = $person)", Change, &[word("asked_by"), text("question", Replaced(GONE)), text("answer", Replaced(GONE)), time("asked_at"), time("answered_at")]),
    of("offers", "coach = $person OR request IN (SELECT id FROM requests WHERE coachee = $person)", Change, &[word("origin"), word("status"), word("agency"), word("reason"), text("note", Emptied), time("asked_at"), time("answered_at")]),
    of("request_focus", MY_REQUESTS, Leave, &[word("place"), word("competency")]),
    of("request_choices", MY_REQUESTS, Delete, &[word("place"), word("coach_code")]),
    of("requests", "coachee = $person", Change, &[word("status"), word("agency"), text("motivation", Emptied), time("created_at"), time("changed_at")]),
    of("assessment_levels", "assessment IN (SELECT id FROM assessments WHERE person = $person)", Delete, &[word("competency"), word("level")]),
    of("assessments", "person = $person", Delete, &[word("method"), word("assessed_on")]),
    of("requirement_overrides", "person_code = $code", Delete, &[word("scope"), word("tier"), word("agency"), word("position"), word("person_code"), word("competency"), word("level")]),
    of("earlier_pairs", "coachee = $person OR coach_code = $code", Delete, &[word("coach_code"), flag("imported")]),
    of("coach_wishes", "coach = $person OR coachee_code = $code", Delete, &[word("coachee_code")]),
    of("ranking_wishes", "coach = $person OR coachee = $person", Delete, &[]),
    of("availability_exceptions", "coach = $person", Delete, &[word("first_day"), word("last_day"), word("from_minute"), word("to_minute"), flag("open")]),
    of("availability_rules", "coach = $person", Delete, &[word("weekday"), word("from_minute"), word("to_minute")]),
    of("conflicts_of_interest", "coach = $person", Delete, &[word("agency_code")]),
    of("coach_regions_served", "coach = $person", Delete, &[word("province")]),
    of("coach_strengths", "coach = $person", Delete, &[word("competency"), word("level")]),
    of("coach_profiles", "person = $person", Change, &[word("source"), text("batch", Emptied), text("year", Emptied), text("certificate_number", Emptied), text("verification", Replaced("rejected")), word("agency"), text("unit", Emptied), text("superior_code", Emptied), word("tier"), word("field"), word("regency"), word("province"), word("capacity"), flag("accepting"), word("paused_until"), word("completed_pairs"), word("rating"), word("ratings")]),
    of("coachee_profiles", "person = $person", Change, &[word("agency"), text("unit", Emptied), text("superior_code", Emptied), text("position", Replaced(GONE)), word("tier"), word("field"), word("regency")]),
    of("identity_numbers", "person = $person", Delete, &[word("kind"), hidden("sealed", Stays), hidden("blind_index", Stays)]),
    of("person_roles", "person = $person", Delete, &[word("role"), word("agency")]),
    of("account_roles", "account = $account", Delete, &[word("role"), word("agency")]),
    of("accounts", "id = $account", Change, &[text("email", Pseudonym), text("name", Replaced(GONE)), word("language"), word("status"), hidden("password_hash", Replaced("-")), hidden("totp_secret", Emptied), hidden("totp_confirmed_at", Emptied), time("created_at"), time("changed_at")]),
    of("persons", "id = $person", Change, &[text("code", Pseudonym), text("full_name", Replaced(GONE)), text("front_title", Replaced("")), text("back_title", Replaced("")), hidden("identity_kind", Emptied), hidden("identity_number", Emptied), text("email", Emptied), word("language"), time("created_at"), time("changed_at")]),
];

/// Tables that say nothing about a person, or name one by an id or a keyed digest alone: the log of what happened,
/// runs with codes (see [`CODES`]), reference data, what is counted.
pub const NOBODYS: &[&str] = &[
    "agencies",
    "agency_opt_outs",
    "audit",
    "audit_head",
    "bookings",
    "coach_changes",
    "cohort_admissions",
    "cohorts",
    "competencies",
    "competency_levels",
    "credit_rules",
    "fields",
    "holidays",
    "job_states",
    "policies",
    "position_tiers",
    "proposed_pairs",
    "provinces",
    "rate_limits",
    "regencies",
    "remote_areas",
    "run_agencies",
    "run_conditions",
    "run_input_parts",
    "run_inputs",
    "run_prices",
    "run_progress",
    "run_waiting",
    "run_what_if_pairs",
    "run_what_if_prices",
    "runs",
    "sealing_keys",
];

/// Columns of others that may name a person by code: the pseudonym takes its place. A code may be a number of staff.
pub const CODES: &[(&str, &str)] =
    &[("coachee_profiles", "superior_code"), ("coach_profiles", "superior_code"), ("request_choices", "coach_code")];

/// Documents in which codes stand. They stand in what was kept of the input of runs, too, which is no text.
pub const CODES_IN_DOCUMENTS: &[(&str, &str)] = &[
    ("proposed_pairs", "explanation"),
    ("run_waiting", "reason"),
    ("run_what_if_pairs", "explanation"),
    ("runs", "failure_detail"),
    ("runs", "report"),
];

/// Somebody, by all that they are known by.
#[derive(Debug, Clone, Default)]
pub struct Somebody {
    /// The account.
    pub account: Option<AccountId>,
    /// Its address.
    pub email: Option<String>,
    /// The person of the records.
    pub person: Option<PersonId>,
    /// The address of the records.
    pub recorded: Option<String>,
    /// The code.
    pub code: Option<String>,
}

/// Finds out what an account, or a person of the records, is known by.
///
/// # Errors
/// [`NotFound`](StoreError::NotFound), or when the database cannot be read.
pub fn somebody(db: &mut Db, account: AccountId) -> StoreResult<Somebody> {
    use super::schema::{accounts, persons};
    let (email, person): (String, Option<PersonId>) =
        accounts::table.find(account).select((accounts::email, accounts::person)).get_result(db)?;
    let recorded: Option<(String, Option<String>)> = match person {
        Some(person) => Some(persons::table.find(person).select((persons::code, persons::email)).get_result(db)?),
        None => None,
    };
    let (code, recorded) = recorded.map_or((None, None), |(code, recorded)| (Some(code), recorded));
    Ok(Somebody { account: Some(account), email: Some(email), person, recorded, code })
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The rows of a table that are somebody's, each as a JSON object of what they are given.
///
/// # Errors
/// When the database cannot be read.
pub fn rows(db: &mut Db, table: &Table, who: &Somebody) -> StoreResult<Vec<String>> {
    let given = table.columns.iter().filter(|column| column.form != Form::Hidden);
    let mut pairs: Vec<String> =
        given.map(|column| format!("'{}', {}", column.name, read(db, column.name, column.form))).collect();
    if table.columns.iter().any(|column| column.form == Form::Sealed) {
        pairs.push(match db {
            Db::Pg(_) => "'id', CAST(id AS TEXT)".to_owned(),
            Db::Sqlite(_) => "'id', lower(hex(id))".to_owned(),
        });
    }
    let build = if matches!(db, Db::Pg(_)) { "json_build_object" } else { "json_object" };
    let sql = format!(
        "SELECT CAST({build}({}) AS TEXT) AS line FROM {} WHERE {}",
        pairs.join(", "),
        table.name,
        mine(db, table.given.unwrap_or(table.rows), who)
    );
    let lines: Vec<Line> = diesel::sql_query(sql).load(db)?;
    Ok(lines.into_iter().map(|line| line.line).collect())
}

fn read(db: &Db, name: &str, form: Form) -> String {
    let quoted = format!("\"{name}\"");
    match (db, form) {
        (Db::Pg(_), Form::Time) => format!("to_char({quoted} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"),
        (Db::Sqlite(_), Form::Time) => format!("strftime('%Y-%m-%dT%H:%M:%SZ', {quoted} / 1000000, 'unixepoch')"),
        (_, Form::Flag) => format!("CASE WHEN {quoted} IS NULL THEN NULL WHEN {quoted} THEN 'yes' ELSE 'no' END"),
        _ => format!("CAST({quoted} AS TEXT)"),
    }
}

/// Puts a text into a column of the rows that are somebody's; says how many there are. For tests, which look for it
/// afterwards.
///
/// # Errors
/// When the database does not take it there.
pub fn overwrite(db: &mut Db, table: &Table, column: &str, text: &str, who: &Somebody) -> StoreResult<usize> {
    let (mine, text) = (mine(db, table.rows, who), literal(text));
    let sql = format!("UPDATE {} SET \"{column}\" = {text} WHERE {mine}", table.name);
    Ok(diesel::sql_query(sql).execute(db)?)
}

/// Carries out what is decided about every table, and puts the pseudonym where others name the person by code.
/// What goes on (offers, pairings) is to be ended before.
///
/// # Errors
/// When the database cannot be written.
pub fn erase(db: &mut Db, who: &Somebody, pseudonym: &str) -> StoreResult<()> {
    forget_answers(db, who)?;
    for table in TABLES {
        let mine = mine(db, table.rows, who);
        match table.erasing {
            Delete => execute(db, &format!("DELETE FROM {} WHERE {mine}", table.name))?,
            Leave => {}
            Change => {
                let changes: Vec<String> =
                    table.columns.iter().filter_map(|column| change(column, pseudonym)).collect();
                execute(db, &format!("UPDATE {} SET {} WHERE {mine}", table.name, changes.join(", ")))?;
            }
        }
    }
    let Some(code) = &who.code else { return Ok(()) };
    for (table, column) in CODES {
        let (old, new) = (literal(code), literal(pseudonym));
        execute(db, &format!("UPDATE {table} SET {column} = {new} WHERE {column} = {old}"))?;
    }
    for (table, column) in CODES_IN_DOCUMENTS {
        replace_in_documents(db, table, column, code, pseudonym)?;
    }
    Ok(())
}

/// Answers that were kept for a second try, to whomever, about something of the person.
fn forget_answers(db: &mut Db, who: &Somebody) -> StoreResult<()> {
    let own = [
        "SELECT id FROM requests WHERE coachee = $person",
        "SELECT id FROM offers WHERE coach = $person OR request IN (SELECT id FROM requests WHERE coachee = $person)",
        "SELECT id FROM pairings WHERE coachee = $person OR coach = $person",
        "SELECT id FROM coach_applications WHERE account = $account",
        "SELECT id FROM invitations WHERE person = $person OR email = $email OR email = $recorded",
        "SELECT id FROM sign_up_claims WHERE person = $person OR email = $email OR email = $recorded",
        "SELECT id FROM data_requests WHERE account = $account",
    ];
    for query in own {
        let mine = mine(db, query, who);
        let sql = match db {
            Db::Pg(_) => format!(
                "DELETE FROM idempotency_keys WHERE EXISTS (SELECT 1 FROM ({mine}) own \
                 WHERE strpos(CAST(answer AS TEXT), CAST(own.id AS TEXT)) > 0)"
            ),
            // Ids are written as texts with four strokes in answers.
            Db::Sqlite(_) => format!(
                "DELETE FROM idempotency_keys WHERE EXISTS (SELECT 1 FROM ({mine}) own \
                 WHERE instr(replace(answer, '-', ''), lower(hex(own.id))) > 0)"
            ),
        };
        execute(db, &sql)?;
    }
    Ok(())
}

fn change(column: &Column, pseudonym: &str) -> Option<String> {
    let name = column.name;
    match column.fate {
        Stays => None,
        Emptied => Some(format!("\"{name}\" = NULL")),
        Replaced(by) => Some(format!("\"{name}\" = CASE WHEN \"{name}\" IS NULL THEN NULL ELSE {} END", literal(by))),
        Pseudonym if name == "email" => {
            Some(format!("\"{name}\" = {}", literal(&format!("{pseudonym}@dihapus.invalid"))))
        }
        Pseudonym => Some(format!("\"{name}\" = {}", literal(pseudonym))),
    }
}

fn replace_in_documents(db: &mut Db, table: &str, column: &str, old: &str, new: &str) -> StoreResult<()> {
    let (old, new) = (literal(&quoted(old)), literal(&quoted(new)));
    let sql = match db {
        Db::Pg(_) => format!(
            "UPDATE {table} SET {column} = CAST(replace(CAST({column} AS TEXT), {old}, {new}) AS JSON) \
             WHERE strpos(CAST({column} AS TEXT), {old}) > 0"
        ),
        Db::Sqlite(_) => {
            format!("UPDATE {table} SET {column} = replace({column}, {old}, {new}) WHERE instr({column}, {old}) > 0")
        }
    };
    execute(db, &sql)
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn execute(db: &mut Db, sql: &str) -> StoreResult<()> {
    diesel::sql_query(sql).execute(db).map_err(StoreError::from)?;
    Ok(())
}

/// The words of the list in those of the engine.
fn mine(db: &Db, rows: &str, who: &Somebody) -> String {
    let id = |id: Option<uuid::Uuid>| match (db, id) {
        (_, None) => "NULL".to_owned(),
        (Db::Pg(_), Some(id)) => format!("CAST('{id}' AS UUID)"),
        (Db::Sqlite(_), Some(id)) => format!("x'{}'", id.simple()),
    };
    let text = |text: Option<String>| text.map_or_else(|| "CAST(NULL AS TEXT)".to_owned(), |text| literal(&text));
    let account = who.account.map(AccountId::uuid);
    let person = who.person.map(PersonId::uuid);
    let value = |word: &str| match word {
        "account" => id(account),
        "person" => id(person),
        "account_text" => text(account.map(|id| id.to_string())),
        "person_text" => text(person.map(|id| id.to_string())),
        "email" => text(who.email.clone()),
        "recorded" => text(who.recorded.clone()),
        _ => text(who.code.clone()),
    };
    let found = |column: &str| match db {
        Db::Pg(_) => format!("0 < strpos(CAST({column} AS TEXT),"),
        Db::Sqlite(_) => format!("0 < instr({column},"),
    };
    let rows = rows.replace("has(data,", &found("data")).replace("has(answer,", &found("answer"));
    // In one pass: what people are called is not looked through for words.
    let mut parts = rows.split('$');
    let mut sql = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(part.len());
        let (word, rest) = part.split_at(end);
        sql.push_str(&value(word));
        sql.push_str(rest);
    }
    sql
}

/// A text in SQL. To both engines a backslash is itself.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
