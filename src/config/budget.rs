//! `"1/week"`: a rate of false alarms as people write it.

use crate::judge::budget::Budget;

use super::value::Value;

const DAY_NS: f64 = 86_400e9;
/// What a rate may be per. A month and a year are averages of the Gregorian calendar.
const PER: [(&str, f64); 5] = [
    ("hour", DAY_NS / 24.0),
    ("day", DAY_NS),
    ("week", 7.0 * DAY_NS),
    ("month", 30.436_875 * DAY_NS),
    ("year", 365.242_5 * DAY_NS),
];

/// Reads `"N/hour|day|week|month|year"`, or a bare number: a probability per point.
pub(super) fn parse(value: &Value) -> Result<Budget, String> {
    let wrong =
        "write \"1/week\" (or per hour, day, month, year), or a probability per point from 0 to 1";
    if let Value::Integer(_) | Value::Float(_) = value {
        let p = value.number((0.0, 1.0)).map_err(|_| wrong.to_owned())?;
        return if p > 0.0 {
            Ok(Budget::PerPoint(p))
        } else {
            Err(wrong.to_owned())
        };
    }
    let rate = || {
        let (count, unit) = value.text().ok()?.split_once('/')?;
        let count: f64 = count
            .trim()
            .parse()
            .ok()
            .filter(|count: &f64| count.is_finite() && *count > 0.0)?;
        let (_, per_ns) = PER.iter().find(|(name, _)| *name == unit.trim())?;
        Some(Budget::Rate {
            count,
            per_ns: *per_ns,
        })
    };
    rate().ok_or_else(|| wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_probabilities_are_budgets() {
        assert_eq!(
            parse(&Value::typed("2/day")),
            Ok(Budget::Rate {
                count: 2.0,
                per_ns: DAY_NS
            })
        );
        assert_eq!(parse(&Value::typed("0.001")), Ok(Budget::PerPoint(0.001)));
        for wrong in [
            "0/day", "-1/day", "1/decade", "often", "0", "1.5", "inf/day", "true",
        ] {
            assert!(parse(&Value::typed(wrong)).is_err(), "{wrong}");
        }
    }
}
