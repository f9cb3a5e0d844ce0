//! The filter without its process: settings in, bytes in, bytes out.

use brewcast::config;
use brewcast::filter::Filter;
use brewcast::precision::Precision;

/// A filter with these settings (TOML), which have to be faultless.
pub(crate) fn filter(settings: &str) -> Filter {
    let settings = config::load(Some(("test", settings)), &[]);
    assert_eq!(settings.faults, []);
    Filter::new(settings.options("test", Precision::Ns, false))
}

/// Feeds one block and returns what the filter says to it.
pub(crate) fn feed(filter: &mut Filter, mut block: &[u8], ended: bool) -> Vec<u8> {
    let mut out = Vec::new();
    while !block.is_empty() {
        let room = filter.room();
        let len = room.len().min(block.len());
        room[..len].copy_from_slice(&block[..len]);
        filter.fill(len);
        block = &block[len..];
        while filter.advance(false, &mut out) {}
    }
    if ended {
        while filter.advance(true, &mut out) {}
        filter.finish(false, &mut out);
    }
    out
}

/// What the filter makes of a whole input.
pub(crate) fn output(settings: &str, input: &[u8]) -> Vec<u8> {
    feed(&mut filter(settings), input, true)
}
