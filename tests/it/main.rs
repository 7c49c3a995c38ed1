//! The integration tests: one binary, a module for each matter.
//!
//! Tests that need a database are written once and run on both engines, each test
//! on a database of its own: see [`support`].

mod arrows;
mod assign;
mod check;
mod config;
mod engine;
mod http_api;
mod http_contract;
mod http_pages;
mod http_process;
mod http_protocol;
mod import;
mod match_cohort;
mod runs;
mod scan;
mod store_errors;
mod store_migrations;
mod store_people;
mod store_records;
mod store_reference;
mod store_runs;
mod store_writes;
mod support;
mod synthesize;
