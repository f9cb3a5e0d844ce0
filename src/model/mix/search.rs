//! When seasons are looked for, and what is taken for one.
//!
//! A calendar length is a season when its dip ([`super::dip`]) is deep enough in two tests in a row; the
//! shortest that passes is the first, a multiple of at least four of it may be the second. Tests are
//! spaced geometrically, so that they cost less and less a point: after a tenth of the age, 24 at least
//! and a ring's length at most. Where there is no calendar season, every fourth test looks for one of any
//! length.

use super::dip;

/// Least points between tests where no calendar season is shorter, and most until a first finding is
/// tested again.
const GAP_MIN: u32 = 24;
const AGAIN: u32 = 48;
/// Share of the age between tests.
const GAP_SHARE: u32 = 10;
/// Share of its limit below which a first season is found in one test.
const SURE: f32 = 0.6;
/// How far above its limit a second season is still put to the vote.
const SOFT: f32 = 0.2;

/// Which seasons there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seasons {
    /// They are found: of calendar lengths in steps (0: none), or of any.
    Auto([u16; 2]),
    /// These, in steps, from as soon as there are enough values; 0: none.
    Given([u16; 2]),
}

impl Seasons {
    /// The shortest season that there may be, or [`GAP_MIN`].
    fn shortest(self) -> u32 {
        let (Self::Auto(steps) | Self::Given(steps)) = self;
        let shortest = steps.into_iter().filter(|&m| m > 0).min();
        shortest.map_or(GAP_MIN, u32::from).min(GAP_MIN)
    }
}

/// What a test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing new.
    Nothing,
    /// These are the seasons now.
    Found([u16; 2]),
}

/// The search for the seasons of one stream.
#[derive(Clone, Debug)]
pub struct Search {
    pub(crate) seasons: Seasons,
    pub(crate) due: u32, // points; MAX: never again
    pub(crate) before: [u16; 2],
    pub(crate) tests: u8, // wrapping
    pub(crate) unknown: u16,
}

impl Search {
    /// No test yet. `phase` shifts the tests, so that series which started together do not test
    /// together.
    #[must_use]
    pub fn new(seasons: Seasons, phase: u32) -> Self {
        let never = seasons == Seasons::Given([0, 0]);
        Self {
            seasons,
            due: if never {
                u32::MAX
            } else {
                3 * seasons.shortest() + phase % seasons.shortest()
            },
            before: [0; 2],
            tests: 0,
            unknown: 0,
        }
    }

    /// Whether a test is due after so many points.
    #[must_use]
    #[inline]
    pub fn is_due(&self, points: u32) -> bool {
        points >= self.due
    }

    /// Tests the values of the ring, oldest first, after `points` points of the stream. A second season
    /// that is nearly deep enough is put to the vote: whether forecasts with these seasons are better.
    pub fn test(
        &mut self,
        points: u32,
        values: &[f32],
        known: [u16; 2],
        capacity: usize,
        vote: impl Fn([u16; 2]) -> bool,
    ) -> Finding {
        match self.seasons {
            Seasons::Given(given) => self.wait_for(given, points, (values.len(), capacity), known),
            Seasons::Auto(_) if known[1] > 0 => {
                self.due = u32::MAX;
                Finding::Nothing
            }
            Seasons::Auto(calendar) => {
                self.tests = self.tests.wrapping_add(1);
                let clipped = clip(values);
                let now = Self::seasons_of(&clipped, calendar, known, vote);
                self.weigh(now, calendar, (points, capacity), (&clipped, known))
            }
        }
    }

    fn wait_for(
        &mut self,
        given: [u16; 2],
        points: u32,
        (held, capacity): (usize, usize),
        known: [u16; 2],
    ) -> Finding {
        let [first, second] = given.map(usize::from);
        self.due = points.saturating_add(self.seasons.shortest());
        if held < (3 * first).min(capacity) {
            return Finding::Nothing;
        }
        let has_second = second > 0 && held >= 2 * second + 2;
        let now = [given[0], if has_second { given[1] } else { 0 }];
        if now == given {
            self.due = u32::MAX;
        }
        if now == known {
            return Finding::Nothing;
        }
        Finding::Found(now)
    }

    /// What to make of the seasons of one test: they have to be found twice.
    fn weigh(
        &mut self,
        (now, is_sure): ([u16; 2], bool),
        calendar: [u16; 2],
        (points, capacity): (u32, usize),
        (values, known): (&[f32], [u16; 2]),
    ) -> Finding {
        let gap = (points / GAP_SHARE).clamp(self.seasons.shortest(), capacity as u32);
        let is_new = now != known;
        let is_again = is_new && (is_sure || self.before == now || now == [self.before[0], 0]);
        self.before = now;
        let wait = if is_new && !is_again {
            AGAIN.min(gap)
        } else {
            gap
        };
        self.due = points.saturating_add(wait);
        if is_again {
            if now[1] > 0 || calendar.iter().all(|&m| m <= now[0]) {
                self.due = u32::MAX;
            }
            return Finding::Found(now);
        }
        if now == [0, 0] {
            return self.look_for_any(values);
        }
        Finding::Nothing
    }

    /// The seasons as one test sees them, and whether one is enough.
    fn seasons_of(
        values: &[f32],
        calendar: [u16; 2],
        known: [u16; 2],
        vote: impl Fn([u16; 2]) -> bool,
    ) -> ([u16; 2], bool) {
        let n = values.len();
        let mut found = known;
        let mut is_sure = false;
        if found[0] == 0 {
            for m in calendar
                .into_iter()
                .filter(|&m| n >= 3 * usize::from(m).max(2))
            {
                let depth = dip::first(values, m.into());
                let limit = dip::first_limit(n, m.into());
                if depth < limit {
                    found[0] = m;
                    is_sure = depth < SURE * limit;
                    break;
                }
            }
        }
        if found[0] == 0 || found[1] > 0 {
            return (found, is_sure);
        }
        for m in calendar {
            let (first, long) = (usize::from(found[0]), usize::from(m));
            if long < 4 * first || n < 2 * long + 2 {
                continue;
            }
            let depth = dip::second(values, first, long);
            let limit = dip::second_limit(n, long);
            let is_soft = depth < limit + SOFT && known[0] > 0;
            if depth < limit || (is_soft && vote([found[0], m])) {
                found[1] = m;
            }
        }
        (found, is_sure && found[1] == 0)
    }

    /// Every fourth test without a calendar season.
    fn look_for_any(&mut self, values: &[f32]) -> Finding {
        if !self.tests.is_multiple_of(4) {
            return Finding::Nothing;
        }
        let found = dip::deepest(values) as u16;
        let before = std::mem::replace(&mut self.unknown, found);
        if found == 0 || f32::from(found.abs_diff(before)) > 0.03 * f32::from(found) {
            return Finding::Nothing;
        }
        self.due = u32::MAX;
        Finding::Found([found, 0])
    }
}

/// The values within their 1 % and 99 % points: single misreads do not decide.
fn clip(values: &[f32]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    let n = sorted.len();
    let low = *sorted.select_nth_unstable_by(n / 100, f32::total_cmp).1;
    let high = *sorted
        .select_nth_unstable_by(n - 1 - n / 100, f32::total_cmp)
        .1;
    values.iter().map(|z| z.clamp(low, high)).collect()
}
