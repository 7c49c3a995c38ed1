//! The integration tests: one binary, a module for each matter.
//!
//! Tests that need a database are written once and run on both engines, each test
//! on a database of its own: see [`support`].

mod accounts_admin;
mod accounts_limits;
mod accounts_links;
mod accounts_sign_in;
mod arrows;
mod assign;
mod audit_chain;
mod candidates;
mod check;
mod config;
mod doctor;
mod engine;
mod engine_shapes;
mod http_api;
mod http_contract;
mod http_pages;
mod http_process;
mod http_protocol;
mod idempotency;
mod identity_vault;
mod import;
mod live;
mod machine;
mod mail_delivery;
mod mail_faults;
mod mail_process;
mod mail_secure;
mod mail_words;
mod match_cohort;
mod matrix;
mod monitoring;
mod monitoring_exports;
mod offers;
mod pairings;
mod personal_data;
mod personal_reads;
mod publish;
mod races;
mod runs;
mod runs_http;
mod scan;
mod shortlist;
mod shortlist_http;
mod store_errors;
mod store_migrations;
mod store_people;
mod store_records;
mod store_reference;
mod store_runs;
mod store_writes;
mod support;
mod synthesize;
mod workflow_http;
