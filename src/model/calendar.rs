//! Which seasons are looked for at a cadence, and on which grid.
//!
//! | time between points | on the points | on a coarse grid |
//! |---|---|---|
//! | below an hour | an hour, if it is 4 to 80 steps | hourly means: a day, a week |
//! | an hour to a day | a day, a week | |
//! | a day to a week | a week | weekly means: a year |
//! | a week and more | a year | |
//!
//! On every grid a season of another length is found too if it is no longer than a quarter of the ring: 85
//! steps, 60 where there is a coarse grid beside the points, 30 where an hour has no place on them.
//! Seasons that the user names are on the points where three periods fit into the ring, else on a coarse
//! grid of their own making.

use super::mix::Seasons;

const HOUR: i64 = 3_600_000_000_000;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// 365.25 days.
const YEAR: i64 = 8_766 * HOUR;

/// Values kept where seasons of a day and a week are in them.
pub const CAPACITY: u16 = 340;
/// Values kept on the points when there is a coarse grid for the long seasons: where an hour, or a week
/// of days, may be one of theirs, and where not.
const CAPACITY_FINE: u16 = 240;
const CAPACITY_FINEST: u16 = 120;
/// Buckets to a season that has a coarse grid to itself, and to the longer one of two.
const BUCKETS: [i64; 2] = [96, 168];
/// Fewest buckets to a season beside a longer one.
const BUCKETS_MIN: i64 = 4;

/// The seasons as the settings have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// Found from the stream.
    Auto,
    /// None.
    None,
    /// One or two lengths in ns, 0: none.
    Given([i64; 2]),
}

impl Season {
    /// The lengths that are given, in steps; 0: none. Nothing is found here.
    #[must_use]
    pub fn in_steps(self, step_ns: i64) -> [u32; 2] {
        let steps = |length: i64| u32::try_from(in_steps(length, step_ns.max(1))).unwrap_or(0);
        match self {
            Self::Given(lengths) => lengths.map(steps),
            Self::Auto | Self::None => [0; 2],
        }
    }
}

/// Grids and their seasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Seasons on the points, in steps.
    pub fine: Seasons,
    /// Values kept of the points.
    pub capacity: u16,
    /// Length of a bucket in ns, and the seasons in buckets.
    pub coarse: Option<(i64, Seasons)>,
}

impl Calendar {
    /// For points `step_ns` apart (> 0).
    #[must_use]
    pub fn new(season: Season, step_ns: i64) -> Self {
        match season {
            Season::None => Self {
                fine: Seasons::Given([0; 2]),
                capacity: CAPACITY_FINEST,
                coarse: None,
            },
            Season::Auto => Self::auto(step_ns.max(1)),
            Season::Given(lengths) => Self::given(lengths, step_ns.max(1)),
        }
    }

    fn auto(step: i64) -> Self {
        let on = |grid: i64, lengths: [i64; 2], most: i64| {
            let steps = lengths.map(|length| in_steps(length, grid));
            Seasons::Auto(steps.map(|m| if (4..=most).contains(&m) { m as u16 } else { 0 }))
        };
        let most = i64::from(CAPACITY / 2 - 1);
        let (fine, coarse) = match step {
            ..HOUR => (
                on(step, [HOUR, 0], i64::from(CAPACITY_FINE / 3)),
                Some((HOUR, on(HOUR, [DAY, WEEK], most))),
            ),
            HOUR..DAY => (on(step, [DAY, WEEK], most), None),
            DAY..WEEK => (
                on(step, [WEEK, 0], i64::from(CAPACITY_FINE / 3)),
                Some((WEEK, on(WEEK, [YEAR, 0], most))),
            ),
            _ => (on(step, [YEAR, 0], most), None),
        };
        Self {
            fine,
            capacity: match (coarse, fine) {
                (None, _) => CAPACITY,
                (Some(_), Seasons::Auto([0, 0])) => CAPACITY_FINEST,
                (Some(_), _) => CAPACITY_FINE,
            },
            coarse,
        }
    }

    fn given(mut lengths: [i64; 2], step: i64) -> Self {
        lengths.sort_unstable();
        // Nothing can be known of a season shorter than two points.
        let lengths = lengths.map(|length| {
            if in_steps(length, step) < 2 {
                0
            } else {
                length
            }
        });
        let fits = |length: &i64| (2..=i64::from(CAPACITY) / 3).contains(&in_steps(*length, step));
        let two_fit = lengths[0] > 0
            && fits(&lengths[0])
            && in_steps(lengths[1], step) < i64::from(CAPACITY) / 2;
        let on_points: Vec<i64> = if two_fit {
            lengths.to_vec()
        } else {
            lengths.into_iter().filter(fits).collect()
        };
        let mut on_buckets: Vec<i64> = lengths
            .into_iter()
            .filter(|length| *length > 0 && !on_points.contains(length))
            .collect();
        let bucket_for = |longest: i64, count: usize| (longest / BUCKETS[count - 1]).max(step);
        if let [short, long] = on_buckets[..]
            && in_steps(short, bucket_for(long, 2)) < BUCKETS_MIN
        {
            on_buckets.remove(0); // no grid has room for both
        }
        let coarse = on_buckets.last().map(|&longest| {
            let bucket = bucket_for(longest, on_buckets.len());
            (bucket, Seasons::Given(pair(&on_buckets, bucket)))
        });
        Self {
            fine: Seasons::Given(pair(&on_points, step)),
            capacity: CAPACITY,
            coarse,
        }
    }
}

/// One or two lengths in steps of a grid.
fn pair(lengths: &[i64], grid: i64) -> [u16; 2] {
    let steps = |index: usize| {
        let length = lengths.get(index).copied().unwrap_or(0);
        u16::try_from(in_steps(length, grid)).unwrap_or(0)
    };
    [steps(0), steps(1)]
}

fn in_steps(length: i64, grid: i64) -> i64 {
    length.saturating_add(grid / 2) / grid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cadence_has_its_grids() {
        let of = |step| Calendar::new(Season::Auto, step);
        let minute = of(60_000_000_000);
        assert_eq!(minute.fine, Seasons::Auto([60, 0]));
        assert_eq!(minute.coarse, Some((HOUR, Seasons::Auto([24, 168]))));
        assert_eq!(of(1_000_000_000).fine, Seasons::Auto([0, 0]));
        assert_eq!(of(HOUR).fine, Seasons::Auto([24, 168]));
        assert_eq!(of(HOUR).coarse, None);
        assert_eq!(of(6 * HOUR).fine, Seasons::Auto([4, 28]));
        assert_eq!(of(DAY).fine, Seasons::Auto([7, 0]));
        assert_eq!(of(DAY).coarse, Some((WEEK, Seasons::Auto([52, 0]))));
        assert_eq!(of(WEEK).fine, Seasons::Auto([52, 0]));
        assert_eq!(of(YEAR / 12).fine, Seasons::Auto([12, 0]));
        assert_eq!(of(YEAR / 4).fine, Seasons::Auto([4, 0]));
        assert_eq!(of(1).fine, Seasons::Auto([0, 0]));
        assert_eq!(of(i64::MAX / 4).fine, Seasons::Auto([0, 0]));
    }

    #[test]
    fn a_season_that_is_given_is_on_the_points_where_it_fits() {
        let of = |lengths, step| Calendar::new(Season::Given(lengths), step);
        let hourly = of([WEEK, DAY], HOUR);
        assert_eq!(hourly.fine, Seasons::Given([24, 168]));
        assert_eq!(hourly.coarse, None);
        let day = of([DAY, 0], 10_000_000_000);
        assert_eq!(day.fine, Seasons::Given([0, 0]));
        assert_eq!(day.coarse, Some((DAY / 96, Seasons::Given([96, 0]))));
        let both = of([DAY, WEEK], 60_000_000_000);
        assert_eq!(both.coarse, Some((HOUR, Seasons::Given([24, 168]))));
        for (lengths, step, fine, coarse) in [
            ([DAY / 1440, DAY], DAY / 144, 0, 96),
            ([DAY, 365 * DAY], DAY, 0, 96),
            ([DAY, WEEK], DAY, 7, 0),
            ([HOUR, 365 * DAY], DAY / 17_280, 0, 96),
        ] {
            let one = of(lengths, step);
            assert_eq!(one.fine, Seasons::Given([fine, 0]));
            let buckets = one
                .coarse
                .map_or(Seasons::Given([0; 2]), |(_, seasons)| seasons);
            assert_eq!(buckets, Seasons::Given([coarse, 0]));
        }
        let hour_and_day = of([HOUR, DAY], 60_000_000_000);
        assert_eq!(hour_and_day.fine, Seasons::Given([60, 0]));
        assert_eq!(
            hour_and_day.coarse,
            Some((DAY / 96, Seasons::Given([96, 0])))
        );
    }
}
