//! Memory that is asked for before it is needed.
//!
//! Where series are many, none of what is known of the next one is in the cache of the processor, and half of the time
//! of a point is waiting for it, a line of the cache after the other as each is come upon. Asked for while the points
//! before are at work, they come together.
//!
//! Promises: nothing but time depends on it, and it does not wait. It is one instruction for a line of the cache, and none
//! where the processor has none for it.

use prefetch_index::prefetch_index;

/// Bytes that come together.
const LINE: usize = 64;

/// Has a value come.
#[inline]
pub(crate) fn all_of<T: ?Sized>(value: &T) {
    part_of(value, 0, size_of_val(value));
}

/// Has those bytes of a value come that are from `from` to before `to`.
#[inline]
pub(crate) fn part_of<T: ?Sized>(value: &T, from: usize, to: usize) {
    // The crate takes any place of a slice, those beyond it as well: here it is nowhere, and the distance from there.
    const NOWHERE: &[u8] = &[];
    let start = std::ptr::from_ref(value).addr();
    let distance = start.wrapping_sub(NOWHERE.as_ptr().addr());
    for at in places(from, to.min(size_of_val(value))) {
        prefetch_index(NOWHERE, distance.wrapping_add(at));
    }
}

/// A byte of each line that these bytes are in, wherever the lines begin.
#[inline]
fn places(from: usize, to: usize) -> impl Iterator<Item = usize> {
    let last = (from < to).then(|| to - 1);
    (from..to).step_by(LINE).chain(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_of_a_part_is_in_a_line_that_is_asked_for_and_no_other_line_is() {
        for start in 0..LINE {
            for (from, to) in [
                (0, 1),
                (0, 64),
                (0, 65),
                (3, 200),
                (64, 640),
                (7, 7),
                (9, 8),
            ] {
                let lines = |bytes: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
                    let mut lines: Vec<usize> = bytes.map(|at| (start + at) / LINE).collect();
                    lines.dedup();
                    lines
                };
                let asked = lines(&mut places(from, to));
                assert_eq!(
                    asked,
                    lines(&mut (from..to)),
                    "{from}..{to} from {start} on"
                );
            }
        }
    }
}
