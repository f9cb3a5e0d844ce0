//! Which steps ahead are wanted.
//!
//! Eight of forty steps of a forecast are written as a rule, and what is said of a step does not depend
//! on whether its neighbours are asked for, so that only those are computed.

/// Steps ahead, from 1: every `stride`-th, counted back from the last, which is always one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    last: u32,
    stride: u32,
}

impl Steps {
    /// All of 1, 2, 3 ... `last`.
    #[must_use]
    pub const fn up_to(last: u32) -> Self {
        Self { last, stride: 1 }
    }

    /// `last`, and every `stride`-th (at least 1) before it.
    #[must_use]
    pub fn counted_back(last: u32, stride: u32) -> Self {
        let stride = stride.max(1);
        Self { last, stride }
    }

    /// The last.
    #[must_use]
    pub fn last(self) -> u32 {
        self.last
    }

    /// Whether a step up to the last is one of them.
    #[must_use]
    #[inline]
    pub fn has(self, step: u32) -> bool {
        (self.last - step).is_multiple_of(self.stride)
    }

    /// The steps, ascending.
    pub fn iter(self) -> impl Iterator<Item = u32> + Clone {
        let first = match self.last % self.stride {
            0 => self.stride,
            first => first,
        };
        (first..=self.last).step_by(self.stride as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_counted_back_from_the_last() {
        for (last, stride) in [(40, 5), (41, 5), (39, 5), (3, 5), (7, 1), (0, 3)] {
            let steps = Steps::counted_back(last, stride);
            let expected: Vec<u32> = (1..=last).filter(|&step| steps.has(step)).collect();
            assert_eq!(steps.iter().collect::<Vec<_>>(), expected);
            assert_eq!(expected.last().copied().unwrap_or(0), last);
        }
    }
}
