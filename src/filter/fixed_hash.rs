//! A hash that is the same on every machine and in every version: FNV-1a, 64 bits (Fowler, Noll & Vo;
//! RFC 9923).
//!
//! For what must not change from run to run: the turns that series take. Not for tables, which strangers
//! could fill on purpose.

/// The hash of nothing, to begin with.
pub(super) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// Goes on from `hash` with these bytes.
pub(super) fn with(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_published_values() {
        assert_eq!(with(START, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(with(START, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(with(START, b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(with(with(START, b"foo"), b"bar"), with(START, b"foobar"));
    }
}
