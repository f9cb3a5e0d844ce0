//! The outlines of marks.

use super::palette::Mark;

/// A mark of this radius around the origin.
pub(in crate::tools) fn outline(mark: Mark, r: i32) -> Vec<(i32, i32)> {
    match mark {
        Mark::Up => vec![(0, -r), (r, r), (-r, r)],
        Mark::Down => vec![(0, r), (r, -r), (-r, -r)],
        Mark::Diamond => vec![(0, -r - 1), (r + 1, 0), (0, r + 1), (-r - 1, 0)],
        Mark::Square => {
            let r = r * 4 / 5;
            vec![(-r, -r), (r, -r), (r, r), (-r, r)]
        }
        Mark::Disc => {
            let h = r * 2 / 5;
            vec![
                (-h, -r),
                (h, -r),
                (r, -h),
                (r, h),
                (h, r),
                (-h, r),
                (-r, h),
                (-r, -h),
            ]
        }
    }
}
