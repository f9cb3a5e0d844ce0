//! Arbitrary records through our scanners and InfluxData's parser; see `checks::scanner`.

#![no_main]

#[path = "../checks/mod.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::scanner(data));
