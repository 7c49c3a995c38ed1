//! The tables as diesel sees them. Column order is that of the migrations, and a
//! test compares both engines against each other.

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    provinces (code) {
        code -> Text,
        name_id -> Text,
        name_en -> Text,
        island_group -> Text,
        zone -> Text,
        tile_col -> SmallInt,
        tile_row -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    regencies (code) {
        code -> Text,
        province -> Text,
        name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    remote_areas (regency, first_day) {
        regency -> Text,
        first_day -> Day,
        last_day -> Nullable<Day>,
        source -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    fields (code) {
        code -> Text,
        name_id -> Text,
        name_en -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    competencies (code) {
        code -> Text,
        name_id -> Text,
        name_en -> Text,
        kind -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    competency_levels (competency, level) {
        competency -> Text,
        level -> SmallInt,
        meaning_id -> Text,
        meaning_en -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    position_tiers (tier) {
        tier -> Text,
        name_id -> Text,
        name_en -> Text,
        default_required -> SmallInt,
        seniority -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    agencies (code) {
        code -> Text,
        name -> Text,
        kind -> Text,
        province -> Nullable<Text>,
        regency -> Nullable<Text>,
        of_reference -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    agency_opt_outs (agency, coach_kind) {
        agency -> Text,
        coach_kind -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    persons (id) {
        id -> Id,
        code -> Text,
        full_name -> Text,
        front_title -> Text,
        back_title -> Text,
        identity_kind -> Nullable<Text>,
        identity_number -> Nullable<Text>,
        email -> Nullable<Text>,
        language -> Text,
        created_at -> Stamp,
        changed_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    person_roles (person, role) {
        person -> Id,
        role -> Text,
        agency -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    coachee_profiles (person) {
        person -> Id,
        agency -> Text,
        unit -> Nullable<Text>,
        superior_code -> Nullable<Text>,
        position -> Text,
        tier -> Text,
        field -> Nullable<Text>,
        regency -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    assessments (id) {
        id -> Id,
        person -> Id,
        method -> Text,
        assessed_on -> Day,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    assessment_levels (assessment, competency) {
        assessment -> Id,
        competency -> Text,
        level -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    requirement_overrides (id) {
        id -> Id,
        scope -> Text,
        tier -> Nullable<Text>,
        agency -> Nullable<Text>,
        position -> Nullable<Text>,
        person_code -> Nullable<Text>,
        competency -> Text,
        level -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    coach_profiles (person) {
        person -> Id,
        source -> Text,
        batch -> Nullable<Integer>,
        year -> Nullable<Integer>,
        certificate_number -> Nullable<Text>,
        verification -> Text,
        agency -> Text,
        unit -> Nullable<Text>,
        superior_code -> Nullable<Text>,
        tier -> Nullable<Text>,
        field -> Nullable<Text>,
        regency -> Text,
        modes -> SmallInt,
        languages -> SmallInt,
        capacity -> Integer,
        load -> Integer,
        accepting -> Bool,
        completed_pairs -> Integer,
        rating -> Nullable<Integer>,
        ratings -> Integer,
        rating_sum -> Integer,
        paused_until -> Nullable<Day>,
        held -> Integer,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    coach_strengths (coach, competency) {
        coach -> Id,
        competency -> Text,
        level -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    coach_regions_served (coach, province) {
        coach -> Id,
        province -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    conflicts_of_interest (coach, agency_code) {
        coach -> Id,
        agency_code -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    coach_wishes (coach, coachee_code) {
        coach -> Id,
        coachee_code -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    earlier_pairs (coachee, coach_code) {
        coachee -> Id,
        coach_code -> Text,
        imported -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    cohorts (id) {
        id -> Id,
        code -> Text,
        name -> Text,
        opens_on -> Nullable<Day>,
        closes_on -> Nullable<Day>,
        created_at -> Stamp,
        ranking_opens_on -> Nullable<Day>,
        ranking_closes_on -> Nullable<Day>,
        policy -> Nullable<Id>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    cohort_admissions (cohort, kind, code) {
        cohort -> Id,
        kind -> Text,
        code -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    policies (id) {
        id -> Id,
        cohort -> Nullable<Id>,
        name -> Text,
        version -> Integer,
        body -> Doc,
        created_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    requests (id) {
        id -> Id,
        cohort -> Id,
        coachee -> Id,
        status -> Text,
        modes -> SmallInt,
        languages -> SmallInt,
        waiting_rounds -> SmallInt,
        created_at -> Stamp,
        changed_at -> Stamp,
        motivation -> Nullable<Text>,
        priority -> Integer,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    request_focus (request, place) {
        request -> Id,
        place -> SmallInt,
        competency -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    request_choices (request, place) {
        request -> Id,
        place -> SmallInt,
        coach_code -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    runs (id) {
        id -> Id,
        cohort -> Id,
        policy -> Id,
        objective -> Text,
        seed -> BigInt,
        as_of -> Day,
        status -> Text,
        input_digest -> Nullable<Text>,
        program_version -> Nullable<Text>,
        coachees -> Nullable<Integer>,
        coaches -> Nullable<Integer>,
        matched -> Nullable<Integer>,
        possible -> Nullable<Integer>,
        total_score -> Nullable<BigInt>,
        upper_bound -> Nullable<BigInt>,
        gap -> Nullable<BigInt>,
        blocking_pairs -> Nullable<BigInt>,
        lambda -> Nullable<BigInt>,
        report -> Nullable<Doc>,
        created_at -> Stamp,
        started_at -> Nullable<Stamp>,
        computed_at -> Nullable<Stamp>,
        published_at -> Nullable<Stamp>,
        discarded_at -> Nullable<Stamp>,
        tries -> SmallInt,
        failure -> Nullable<Text>,
        failure_detail -> Nullable<Text>,
        what_if -> Nullable<Doc>,
        follows -> Nullable<Id>,
        ordered_by -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    proposed_pairs (run, place) {
        run -> Id,
        place -> Integer,
        coachee -> Id,
        coach -> Id,
        score -> SmallInt,
        status -> Text,
        explanation -> Doc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_waiting (run, place) {
        run -> Id,
        place -> Integer,
        coachee -> Id,
        reason -> Doc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_agencies (run, agency) {
        run -> Id,
        agency -> Text,
        coachees -> Integer,
        matched -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_prices (run, coach) {
        run -> Id,
        coach -> Id,
        price -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_progress (run) {
        run -> Id,
        phase -> Text,
        round -> Integer,
        done -> Integer,
        gap -> Nullable<BigInt>,
        seen_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_conditions (run, coachee, coach) {
        run -> Id,
        kind -> Text,
        coachee -> Id,
        coach -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_inputs (run) {
        run -> Id,
        format -> SmallInt,
        digest -> Text,
        size -> BigInt,
        parts -> Integer,
        kept_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_input_parts (run, part) {
        run -> Id,
        part -> Integer,
        bytes -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_what_if_pairs (run, place) {
        run -> Id,
        place -> Integer,
        coachee -> Id,
        coach_code -> Text,
        score -> SmallInt,
        explanation -> Doc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    run_what_if_prices (run, coach_code) {
        run -> Id,
        coach_code -> Text,
        price -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    ranking_wishes (cohort, coach, coachee) {
        cohort -> Id,
        coach -> Id,
        coachee -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    audit (id) {
        id -> Id,
        at -> Stamp,
        actor -> Text,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Nullable<Id>,
        changes -> Doc,
        sequence -> Nullable<BigInt>,
        digest -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    audit_head (only_row) {
        only_row -> SmallInt,
        sequence -> BigInt,
        digest -> Text,
        sealed_at -> Nullable<Stamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    identity_numbers (person) {
        person -> Id,
        kind -> Text,
        sealed -> Text,
        blind_index -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    sealing_keys (id) {
        id -> Text,
        mark -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    accounts (id) {
        id -> Id,
        person -> Nullable<Id>,
        email -> Text,
        name -> Text,
        language -> Text,
        status -> Text,
        password_hash -> Text,
        totp_secret -> Nullable<Text>,
        totp_confirmed_at -> Nullable<Stamp>,
        totp_last_step -> Nullable<BigInt>,
        version -> Integer,
        created_at -> Stamp,
        changed_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    account_roles (account, role) {
        account -> Id,
        role -> Text,
        agency -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    recovery_codes (account, code_digest) {
        account -> Id,
        code_digest -> Text,
        used_at -> Nullable<Stamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    sign_ins (id) {
        id -> Id,
        account -> Id,
        label -> Text,
        second_factor -> Bool,
        created_at -> Stamp,
        last_used_at -> Stamp,
        expires_at -> Stamp,
        ended_at -> Nullable<Stamp>,
        cookie_digest -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    refresh_tokens (digest) {
        digest -> Text,
        sign_in -> Id,
        created_at -> Stamp,
        replaced_at -> Nullable<Stamp>,
        replaced_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    known_places (account, place) {
        account -> Id,
        place -> Text,
        seen_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    rate_limits (bucket) {
        bucket -> Text,
        free_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    tickets (id) {
        id -> Id,
        purpose -> Text,
        account -> Nullable<Id>,
        digest -> Text,
        data -> Doc,
        created_at -> Stamp,
        expires_at -> Stamp,
        used_at -> Nullable<Stamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    email_changes (id) {
        id -> Id,
        account -> Id,
        new_email -> Text,
        old_digest -> Text,
        new_digest -> Text,
        old_confirmed_at -> Nullable<Stamp>,
        new_confirmed_at -> Nullable<Stamp>,
        created_at -> Stamp,
        expires_at -> Stamp,
        ended_at -> Nullable<Stamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    invitations (id) {
        id -> Id,
        email -> Text,
        name -> Text,
        language -> Text,
        role -> Text,
        agency -> Nullable<Text>,
        person -> Nullable<Id>,
        status -> Text,
        digest -> Text,
        invited_by -> Id,
        created_at -> Stamp,
        expires_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    sign_up_claims (id) {
        id -> Id,
        person -> Id,
        email -> Text,
        language -> Text,
        status -> Text,
        decided_by -> Nullable<Id>,
        decided_at -> Nullable<Stamp>,
        created_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    coach_applications (id) {
        id -> Id,
        account -> Id,
        source -> Text,
        batch -> Nullable<Integer>,
        year -> Nullable<Integer>,
        certificate_number -> Nullable<Text>,
        agency -> Text,
        regency -> Text,
        motivation -> Text,
        status -> Text,
        reason -> Nullable<Text>,
        coach -> Nullable<Id>,
        decided_by -> Nullable<Id>,
        decided_at -> Nullable<Stamp>,
        created_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    offers (id) {
        id -> Id,
        request -> Id,
        coach -> Id,
        origin -> Text,
        place -> Nullable<SmallInt>,
        run -> Nullable<Id>,
        status -> Text,
        asked_at -> Stamp,
        deadline -> Stamp,
        answered_at -> Nullable<Stamp>,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    pairings (id) {
        id -> Id,
        offer -> Id,
        cohort -> Id,
        coachee -> Id,
        coach -> Id,
        rematch_of -> Nullable<Id>,
        status -> Text,
        goals -> Nullable<Text>,
        sessions -> Nullable<SmallInt>,
        confidential -> Nullable<Bool>,
        coachee_signed_at -> Nullable<Stamp>,
        coach_signed_at -> Nullable<Stamp>,
        end_reason -> Nullable<Text>,
        end_note -> Nullable<Text>,
        no_fault -> Nullable<Bool>,
        started_at -> Stamp,
        ended_at -> Nullable<Stamp>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    questions (id) {
        id -> Id,
        request -> Id,
        coach -> Id,
        asked_by -> Text,
        question -> Text,
        asked_at -> Stamp,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Stamp>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    evaluations (pairing, given_by) {
        pairing -> Id,
        given_by -> Text,
        rating -> SmallInt,
        comment -> Nullable<Text>,
        given_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    outbox (id) {
        id -> Id,
        kind -> Text,
        person -> Nullable<Id>,
        address -> Nullable<Text>,
        language -> Nullable<Text>,
        data -> Doc,
        status -> Text,
        not_before -> Stamp,
        created_at -> Stamp,
        tries -> SmallInt,
        claim -> Nullable<Id>,
        lease_until -> Nullable<Stamp>,
        last_answer -> Nullable<Text>,
        settled_at -> Nullable<Stamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    idempotency_keys (owner, key) {
        owner -> Text,
        key -> Text,
        request_digest -> Text,
        answer -> Doc,
        created_at -> Stamp,
        expires_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    coach_changes (coach) {
        coach -> Id,
        changed -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    holidays (day) {
        day -> Day,
        kind -> Text,
        name_id -> Text,
        name_en -> Text,
        estimated -> Bool,
        of_reference -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    availability_rules (coach, weekday, from_minute) {
        coach -> Id,
        weekday -> SmallInt,
        from_minute -> SmallInt,
        to_minute -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    availability_exceptions (id) {
        id -> Id,
        coach -> Id,
        first_day -> Day,
        last_day -> Day,
        from_minute -> Nullable<SmallInt>,
        to_minute -> Nullable<SmallInt>,
        open -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    sessions (id) {
        id -> Id,
        pairing -> Id,
        number -> SmallInt,
        status -> Text,
        starts_at -> Stamp,
        minutes -> SmallInt,
        mode -> Text,
        place -> Nullable<Text>,
        proposed_by -> Text,
        sequence -> Integer,
        coachee_says -> Nullable<Text>,
        coach_says -> Nullable<Text>,
        cancelled_by -> Nullable<Text>,
        cancel_note -> Nullable<Text>,
        created_at -> Stamp,
        changed_at -> Stamp,
        version -> Integer,
        claimed_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    bookings (person, quarter) {
        person -> Id,
        quarter -> BigInt,
        session -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    session_notes (id) {
        id -> Id,
        session -> Id,
        owner -> Nullable<Text>,
        sealed -> Text,
        changed_by -> Text,
        changed_at -> Stamp,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    goals (id) {
        id -> Id,
        pairing -> Id,
        competency -> Nullable<Text>,
        goal -> Text,
        reality -> Nullable<Text>,
        options -> Nullable<Text>,
        will -> Nullable<Text>,
        status -> Text,
        created_by -> Text,
        created_at -> Stamp,
        changed_at -> Stamp,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    action_items (id) {
        id -> Id,
        pairing -> Id,
        session -> Nullable<Id>,
        owner -> Text,
        what -> Text,
        due_on -> Nullable<Day>,
        done_at -> Nullable<Stamp>,
        created_by -> Text,
        created_at -> Stamp,
        changed_at -> Stamp,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    pairing_resources (id) {
        id -> Id,
        pairing -> Id,
        title -> Text,
        url -> Text,
        added_by -> Text,
        added_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    session_feedback (session, given_by) {
        session -> Id,
        given_by -> Text,
        progress -> SmallInt,
        preparation -> SmallInt,
        trust -> SmallInt,
        comment -> Nullable<Text>,
        given_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    credit_rules (first_day) {
        first_day -> Day,
        jp_per_session -> SmallInt,
        sessions_per_month -> SmallInt,
        yearly_target -> SmallInt,
        source -> Text,
        changed_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    completion_certificates (id) {
        id -> Id,
        pairing -> Id,
        number -> Text,
        code -> Text,
        name -> Text,
        sessions -> SmallInt,
        jp -> SmallInt,
        first_on -> Day,
        last_on -> Day,
        issued_at -> Stamp,
        withdrawn_at -> Nullable<Stamp>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    account_mail_refusals (account, class) {
        account -> Id,
        class -> Text,
        refused_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    mail_refusals (person, class) {
        person -> Id,
        class -> Text,
        refused_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    calendar_feeds (person) {
        person -> Id,
        digest -> Text,
        created_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    job_states (job) {
        job -> Text,
        noted_at -> Stamp,
        well_at -> Nullable<Stamp>,
        failing_since -> Nullable<Stamp>,
        failures -> Integer,
        failure -> Nullable<Text>,
        done -> BigInt,
        millis -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    consents (id) {
        id -> Id,
        account -> Id,
        purpose -> Text,
        version -> Integer,
        given -> Bool,
        at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    data_requests (id) {
        id -> Id,
        account -> Id,
        kind -> Text,
        status -> Text,
        wish -> Nullable<Text>,
        reason -> Nullable<Text>,
        answer -> Nullable<Text>,
        due_at -> Nullable<Stamp>,
        decided_by -> Nullable<Id>,
        decided_at -> Nullable<Stamp>,
        created_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::sql::*;

    notices_given (kind, person, about, mark) {
        kind -> Text,
        person -> Id,
        about -> Id,
        mark -> Text,
        given_at -> Stamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    provinces,
    regencies,
    remote_areas,
    fields,
    competencies,
    competency_levels,
    position_tiers,
    agencies,
    agency_opt_outs,
    persons,
    person_roles,
    coachee_profiles,
    assessments,
    assessment_levels,
    requirement_overrides,
    coach_profiles,
    coach_strengths,
    coach_regions_served,
    conflicts_of_interest,
    coach_wishes,
    earlier_pairs,
    cohorts,
    cohort_admissions,
    policies,
    requests,
    request_focus,
    request_choices,
    runs,
    proposed_pairs,
    run_waiting,
    run_agencies,
    run_prices,
    run_progress,
    run_conditions,
    run_inputs,
    run_input_parts,
    run_what_if_pairs,
    run_what_if_prices,
    ranking_wishes,
    audit,
    audit_head,
    identity_numbers,
    sealing_keys,
    consents,
    data_requests,
    accounts,
    account_roles,
    recovery_codes,
    sign_ins,
    refresh_tokens,
    known_places,
    rate_limits,
    tickets,
    email_changes,
    invitations,
    sign_up_claims,
    coach_applications,
    outbox,
    idempotency_keys,
    offers,
    pairings,
    questions,
    evaluations,
    coach_changes,
    holidays,
    availability_rules,
    availability_exceptions,
    sessions,
    bookings,
    session_notes,
    goals,
    action_items,
    pairing_resources,
    session_feedback,
    credit_rules,
    completion_certificates,
    mail_refusals,
    account_mail_refusals,
    calendar_feeds,
    notices_given,
);
