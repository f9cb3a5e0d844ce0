//! Any state file; see `checks::state`.

#![no_main]

#[path = "../checks/mod.rs"]
mod checks;

// A panic that the filter catches is no find, so panics do not abort here as they do in the other targets.
libfuzzer_sys::fuzz_target!(
    init: std::panic::set_hook(Box::new(|info| {
        if std::env::var_os("SHOW_PANICS").is_some() {
            eprintln!("{info}");
        }
    })),
    |data: &[u8]| checks::state(data)
);
