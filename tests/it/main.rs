//! Integration tests: one binary, so that it is linked once.

mod engine;
mod scan;
mod support;
