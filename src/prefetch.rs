//! Memory that is asked for before it is needed.
//!
//! Where series are many, none of what is known of the next one is in the cache of the processor, and half of the time
//! of a point is waiting for it, a line of the cache after the other as each is come upon. Asked for while the points
//! before are at work, they come together.
//!
//! Promises: nothing but time depends on it. To ask is an instruction or two for a line of the cache, and none on
//! processors other than x86 and 64-bit Arm.

use prefetch_index::prefetch_index;

/// Bytes that come together.
const LINE: usize = 64;

/// Asks for a value.
#[inline]
pub(crate) fn all_of<T: ?Sized>(value: &T) {
    part_of(value, 0, size_of_val(value));
}

/// Asks for those bytes of a value that are from `from` to before `to`.
#[inline]
pub(crate) fn part_of<T: ?Sized>(value: &T, from: usize, to: usize) {
    // The crate takes any place of a slice, those beyond it as well: here it is nowhere, and the distance from there.
    let nowhere: &[u8] = &[];
    let start = std::ptr::from_ref(value).addr();
    let distance = start.wrapping_sub(nowhere.as_ptr().addr());
    for at in places(from, to.min(size_of_val(value))) {
        prefetch_index(nowhere, distance.wrapping_add(at));
    }
}

/// A byte of each line that these bytes are in, wherever the lines begin; of the last one there may be two.
#[inline]
fn places(from: usize, to: usize) -> impl Iterator<Item = usize> {
    let last = (from < to).then(|| to - 1);
    (from..to).step_by(LINE).chain(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_a_part_is_asked_for_and_no_other_is() {
        const PARTS: [(usize, usize); 7] = [
            (0, 1),
            (0, 64),
            (0, 65),
            (3, 200),
            (64, 640),
            (7, 7),
            (9, 8),
        ];
        for start in 0..LINE {
            for (from, to) in PARTS {
                let lines = |bytes: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
                    let mut lines: Vec<usize> = bytes.map(|at| (start + at) / LINE).collect();
                    lines.dedup();
                    lines
                };
                let asked: Vec<usize> = places(from, to).collect();
                assert!(asked.len() <= to.saturating_sub(from).div_ceil(LINE) + 1);
                assert_eq!(
                    lines(&mut asked.into_iter()),
                    lines(&mut (from..to)),
                    "{from}..{to} from {start} on"
                );
            }
        }
    }
}
