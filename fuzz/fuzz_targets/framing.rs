//! Arbitrary bytes in arbitrary blocks through the framer; see `checks::framing`.

#![no_main]

#[path = "../checks/mod.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::framing(data));
