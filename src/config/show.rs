//! `brewcast check`: the settings in force, as TOML that loads again.

use std::fmt::Write as _;

use crate::model::forecaster::Kind;
use crate::series::Etas;

use super::{Origin, Settings, keys};

const SECOND: i64 = 1_000_000_000;
/// Cadences for which the budget of a point is shown.
const CADENCES: [(&str, i64); 5] = [
    ("1s", 1),
    ("10s", 10),
    ("1m", 60),
    ("5m", 300),
    ("1h", 3_600),
];
/// Bytes that a series takes, measured with 400 to 20,000 series of one field: without a season, with a
/// day and a week in points finer than an hour, and of `ets` beside its window.
const PLAIN_BYTES: usize = 6_500;
const SEASONAL_BYTES: usize = 14_500;
const ETS_BYTES: usize = 3_700;

impl Settings {
    /// Every setting with where it comes from, and what follows from them.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let mut open = "";
        for key in keys::KEYS {
            let Some(shown) = self.shown.iter().find(|shown| shown.path == key.path) else {
                continue;
            };
            let Some((table, name)) = key.path.split_once('.') else {
                continue;
            };
            if table != open {
                let gap = if open.is_empty() { "" } else { "\n" };
                _ = writeln!(out, "{gap}[{table}]");
                open = table;
            }
            let origin = match &shown.origin {
                Origin::Default => String::new(),
                Origin::File(line) => format!("  # file, line {line}"),
                Origin::CommandLine => "  # command line".to_owned(),
            };
            _ = writeln!(out, "{name} = {}{origin}", shown.text);
        }
        _ = writeln!(
            out,
            "\n# Budget of one point: the probability of a flag on data that go on as they were"
        );
        for (name, seconds) in CADENCES {
            let p0 = self.raw.rules.rule.false_alarms.per_point(seconds * SECOND);
            _ = writeln!(out, "#   a point every {name}: {p0:.1e}");
        }
        let series = self.raw.max_series;
        _ = writeln!(out, "# Memory at {series} series: {}", self.memory());
        out
    }

    /// About how much memory all series take.
    fn memory(&self) -> String {
        let etas = Etas::bytes(self.raw.rules.thresholds.len());
        let all = |bytes: usize| self.raw.max_series.saturating_mul(bytes + etas) >> 20;
        if self.raw.rules.model.kind == Kind::Ets {
            let window = self.raw.rules.window.steps(SECOND, 2) as usize;
            return format!("about {} MiB", all(ETS_BYTES + 4 * window));
        }
        format!(
            "about {} MiB, {} MiB if all have a day and a week",
            all(PLAIN_BYTES),
            all(SEASONAL_BYTES)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::load;

    #[test]
    fn the_settings_shown_load_again_as_the_same() {
        let text = "[forecast]\nhorizon = \"1h\"\nevery=\"10m\"\n[detect]\nfalse_alarms = \"2/day\"\nmin_deviation = 1\n";
        let shown = load(Some(("f", text)), &[("output.verdicts", "all".to_owned())]).to_toml();
        let again = load(Some(("g", &shown)), &[]);
        assert_eq!(again.faults, []);
        let without_origins = |text: &str| -> Vec<String> {
            text.lines()
                .map(|line| line.split("  #").next().unwrap_or("").to_owned())
                .collect()
        };
        assert_eq!(without_origins(&again.to_toml()), without_origins(&shown));
        assert!(
            shown.contains("horizon = \"1h\"  # file, line 2"),
            "{shown}"
        );
        assert!(
            shown.contains("verdicts = \"all\"  # command line"),
            "{shown}"
        );
        assert!(
            shown.contains("# Memory at 100000 series: about 619 MiB, 1382 MiB if"),
            "{shown}"
        );
    }
}
