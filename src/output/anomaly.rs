//! The `_anomaly` record: one judged point.

use crate::judge::{Kind, Verdict, slope};

use super::record::Record;
use super::{Names, Options};

/// Writes the verdict on the point at `nanos`; false when a number was not finite.
///
/// `cadence` (ns) turns the improbability of a flagged point into a time.
pub fn write(
    out: &mut Vec<u8>,
    options: &Options,
    names: &Names,
    field: &[u8],
    nanos: i64,
    verdict: &Verdict,
    cadence: i64,
) -> bool {
    let mut record = Record::begin(out, &options.anomaly_name, names, field);
    record
        .float("y", verdict.y)
        .float("yhat", verdict.expected)
        .maybe_float("yhat_lower", verdict.lower)
        .maybe_float("yhat_upper", verdict.upper)
        .float("residual", verdict.residual())
        .float("anomaly_score", verdict.score)
        .bool("is_anomaly", verdict.is_anomaly());
    if verdict.is_anomaly() {
        record
            .text("kind", verdict.cause.kind.name())
            .text("reason", &sentence(verdict, cadence));
    }
    record.end(nanos, options.precision)
}

/// One sentence: what came, what was expected, and how rare that is.
pub(crate) fn sentence(verdict: &Verdict, cadence: i64) -> String {
    let band = match (verdict.lower, verdict.upper) {
        (Some(lower), Some(upper)) => format!(" [{lower}, {upper}]"),
        (Some(lower), None) => format!(" [at least {lower}]"),
        (None, Some(upper)) => format!(" [at most {upper}]"),
        (None, None) => String::new(),
    };
    let rarity = return_period(verdict.ln_p, cadence);
    let cause = &verdict.cause;
    let side = if cause.off > 0.0 { "above" } else { "below" };
    let (y, expected, off) = (verdict.y, verdict.expected, cause.off.abs());
    if let Some(end) = verdict.beyond {
        let most = if y > end { "most" } else { "least" };
        return format!("{y} where at {most} {end} is allowed; {expected}{band} was expected");
    }
    match cause.kind {
        Kind::Spike | Kind::Dip => {
            format!("{y} where {expected}{band} was expected; {rarity} for this series")
        }
        Kind::LevelShift => {
            format!("the last points are {off} {side} the level before; {rarity} for this series")
        }
        Kind::OutOfRange => {
            format!("{y} is {off} {side} everything seen; {expected}{band} was expected")
        }
        Kind::TrendChange => {
            let way = if cause.off > 0.0 { "risen" } else { "fallen" };
            let window = slope::WINDOW;
            format!(
                "the level has {way} steadily by {off} in {window} points; {rarity} for this series"
            )
        }
        Kind::VarianceChange => {
            format!("the last steps are {off:.1} times as large as usual; {rarity} for this series")
        }
        Kind::Flatline => {
            let usual = cause.usual.round();
            format!(
                "{y} came {off} times in a row, at most {usual} times before; {rarity} for this series"
            )
        }
        Kind::Gap => {
            let usual = cause.usual.round();
            format!("{off} points were missing, at most {usual} before; {rarity} for this series")
        }
    }
}

/// How often something of probability `exp(ln_p)` per point comes by chance, in words; `cadence` in ns.
#[must_use]
pub fn return_period(ln_p: f64, cadence: i64) -> String {
    const UNITS: [(f64, &str); 7] = [
        (365.25 * 86_400.0, "year"),
        (30.44 * 86_400.0, "month"),
        (7.0 * 86_400.0, "week"),
        (86_400.0, "day"),
        (3_600.0, "hour"),
        (60.0, "minute"),
        (1.0, "second"),
    ];
    let seconds = (cadence.max(1) as f64 / 1e9).ln() - ln_p;
    if seconds > (1_000.0 * UNITS[0].0).ln() {
        return "less than once in 1000 years".to_owned();
    }
    let seconds = seconds.exp();
    let fits = |&&(unit, _): &&(f64, &str)| seconds >= 1.5 * unit;
    let (unit, name) = UNITS.iter().find(fits).unwrap_or(&UNITS[6]);
    match (seconds / unit).round() {
        count if count > 1.0 => format!("about once in {count} {name}s"),
        _ => format!("about once a {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_periods_are_in_words() {
        let minute = 60_000_000_000;
        for (p, words) in [
            (1e-4, "about once in 7 days"),
            (1e-5, "about once in 2 months"),
            (1e-6, "about once in 2 years"),
            (0.5, "about once in 2 minutes"),
            (1e-12, "less than once in 1000 years"),
        ] {
            assert_eq!(return_period(f64::ln(p), minute), words);
        }
        assert_eq!(return_period(-1e9, 1), "less than once in 1000 years");
        assert_eq!(return_period(0.0, 0), "about once a second");
    }
}
