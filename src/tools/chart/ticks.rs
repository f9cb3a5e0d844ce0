//! Round times for an axis, in UTC, and how they are written.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;
/// Distances between ticks, ns. All but the last few go evenly into a day.
const DISTANCES: [i128; 30] = [
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    60 * SECOND,
    120 * SECOND,
    300 * SECOND,
    600 * SECOND,
    900 * SECOND,
    1_800 * SECOND,
    3_600 * SECOND,
    7_200 * SECOND,
    10_800 * SECOND,
    21_600 * SECOND,
    43_200 * SECOND,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    91 * DAY,
    365 * DAY,
];

/// Times between `from` and `to`, at most `most` of them, and their text.
#[must_use]
pub fn ticks(from: i64, to: i64, most: usize) -> Vec<(i64, String)> {
    let length = i128::from(to) - i128::from(from);
    let most = i128::try_from(most.max(1)).unwrap_or(1);
    let fits = |distance: &i128| length / distance < most;
    let distance = DISTANCES.into_iter().find(fits);
    let distance = distance.unwrap_or(length / most + 1);
    let mut all = Vec::new();
    let mut time = i128::from(from).div_euclid(distance) * distance;
    while time <= i128::from(to) {
        if let Ok(time) = i64::try_from(time)
            && time >= from
        {
            all.push((time, label(time, distance, all.is_empty())));
        }
        time += distance;
    }
    all
}

/// A time as far as ticks of this distance need it; the first one and each midnight with the date.
fn label(time: i64, distance: i128, is_first: bool) -> String {
    let is_midnight = i128::from(time).rem_euclid(DAY) == 0;
    match distance {
        DAY.. => written(time, "%Y-%m-%d"),
        _ if is_midnight || is_first => written(time, "%m-%d %H:%M"),
        ..SECOND => written(time, "%H:%M:%S%.f"),
        SECOND..60_000_000_000 => written(time, "%H:%M:%S"),
        _ => written(time, "%H:%M"),
    }
}

/// A time in full, to the second.
#[must_use]
pub fn full(time: i64) -> String {
    written(time, "%Y-%m-%d %H:%M:%S")
}

fn written(time: i64, format: &str) -> String {
    match Timestamp::from_nanosecond(time.into()) {
        Ok(stamp) => stamp.to_zoned(TimeZone::UTC).strftime(format).to_string(),
        Err(_) => time.to_string(),
    }
}

/// A time as it is typed: `2020-08-05T18:50:00Z`.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<i64, String> {
    let stamp: Timestamp = text
        .parse()
        .map_err(|_| format!("{text}: write a time as 2020-08-05T18:50:00Z"))?;
    i64::try_from(stamp.as_nanosecond()).map_err(|_| format!("{text}: out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_not_too_many() {
        let from = parse("2020-08-05T18:45:52Z").unwrap();
        let to = parse("2020-08-05T22:04:11Z").unwrap();
        let all = ticks(from, to, 8);
        let labels: Vec<&str> = all.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "08-05 19:00",
                "19:30",
                "20:00",
                "20:30",
                "21:00",
                "21:30",
                "22:00"
            ]
        );
        for (from, to) in [(0, 1), (0, i64::MAX), (i64::MIN, i64::MAX), (-5, 7)] {
            assert!(ticks(from, to, 8).len() <= 9, "{from} {to}");
        }
    }

    #[test]
    fn a_time_is_read_as_it_is_meant_or_refused() {
        assert_eq!(parse("1970-01-01T00:00:01Z"), Ok(1_000_000_000));
        assert_eq!(parse("1970-01-01T02:00:00+02:00"), Ok(0));
        for wrong in ["", "yesterday", "2020-08-05", "9999-01-01T00:00:00Z"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
