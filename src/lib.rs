//! National Coach Network: turns measured competency gaps into good, explained, accepted
//! coaching pairs. The rooms and the order in which they depend on each other are
//! described in `docs/architecture.md`.
#![deny(unsafe_code)]

rust_i18n::i18n!("locales", fallback = "id");

pub mod api;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
#[macro_use]
pub mod domain;
pub mod error;
pub mod face;
pub mod i18n;
pub mod jobs;
pub mod mail;
pub mod matching;
pub mod metrics;
pub mod paper;
pub mod services;
pub mod store;
pub mod synthetic;
pub mod tabular;
pub mod telemetry;
pub mod web;
