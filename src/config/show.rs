//! `brewcast check`: the settings in force, as TOML that loads again.

use std::fmt::Write as _;

use crate::model::forecaster::Kind;
use crate::series::{Etas, Rules};

use super::layer::Shown;
use super::policy::Section;
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
/// Bytes that a series takes, the most that was measured with 400 to 20,000 series of one field: without a season,
/// with a day and a week in points finer than an hour, and of `ets` beside its window.
const PLAIN_BYTES: usize = 10_000;
const SEASONAL_BYTES: usize = 15_300;
const ETS_BYTES: usize = 4_450;

impl Settings {
    /// Every setting with where it comes from, and what follows from them.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let mut open = "";
        for key in keys::KEYS {
            let Some(shown) = self.common.shown(key.path) else {
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
            _ = writeln!(out, "{name} = {}{}", shown.text, origin(&shown.origin));
        }
        for section in &self.policies {
            write_policy(&mut out, section);
        }
        _ = writeln!(
            out,
            "\n# Budget of one point: the probability of a flag on data that go on as they were"
        );
        let common = &self.common.raw;
        for (name, seconds) in CADENCES {
            let p0 = common.rules.rule.false_alarms.per_point(seconds * SECOND);
            _ = writeln!(out, "#   a point every {name}: {p0:.1e}");
        }
        self.write_budgets(&mut out);
        let series = common.max_series;
        _ = writeln!(out, "# Memory at {series} series: {}", self.memory());
        out
    }

    /// The budgets of policies that have their own.
    fn write_budgets(&self, out: &mut String) {
        for (number, section) in (1..).zip(&self.policies) {
            let is_budget = |shown: &Shown| shown.path == "detect.false_alarms";
            if !section.shown.iter().any(is_budget) {
                continue;
            }
            let budget = &section.policy.rules.rule.false_alarms;
            let shown = CADENCES.map(|(name, seconds)| {
                let p0 = budget.per_point(seconds * SECOND);
                format!("{name}: {p0:.1e}")
            });
            _ = writeln!(out, "#   policy {number}: {}", shown.join(", "));
        }
    }

    /// About how much memory all series take at most, whichever policy they have.
    fn memory(&self) -> String {
        let policies = self.policies.iter().map(|section| &section.policy.rules);
        let all = policies.chain([&self.common.raw.rules]).map(bytes);
        let most = |a: [usize; 2], b: [usize; 2]| [a[0].max(b[0]), a[1].max(b[1])];
        let [plain, seasonal] = all
            .fold([0; 2], most)
            .map(|bytes| self.common.raw.max_series.saturating_mul(bytes) >> 20);
        if plain == seasonal {
            return format!("about {plain} MiB");
        }
        format!("about {plain} MiB, {seasonal} MiB if all have a day and a week")
    }
}

/// Bytes of a series: without a season, and with a day and a week.
fn bytes(rules: &Rules) -> [usize; 2] {
    let etas = Etas::bytes(rules.thresholds.len());
    if rules.model.kind == Kind::Ets {
        let window = rules.window.steps(SECOND, 2) as usize;
        return [ETS_BYTES + 4 * window + etas; 2];
    }
    [PLAIN_BYTES + etas, SEASONAL_BYTES + etas]
}

fn write_policy(out: &mut String, section: &Section) {
    _ = writeln!(out, "\n[[policy]]  # file, line {}", section.line);
    if let Some(text) = &section.match_text {
        _ = writeln!(out, "match = {text}");
    }
    if !section.policy.is_modelled {
        _ = writeln!(out, "model = false");
    }
    for shown in &section.shown {
        if let Some((_, name)) = shown.path.split_once('.') {
            _ = writeln!(out, "{name} = {}{}", shown.text, origin(&shown.origin));
        }
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Default => String::new(),
        Origin::File(line) => format!("  # file, line {line}"),
        Origin::CommandLine => "  # command line".to_owned(),
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
            shown.contains("# Memory at 100000 series: about 953 MiB, 1459 MiB if"),
            "{shown}"
        );
    }

    #[test]
    fn policies_shown_load_again_as_the_same() {
        let text = "[forecast]\nhorizon = 4\n[[policy]]\nmatch = { measurement = \"disk*\", tags = { \"a b\" = \"x\\\\y\", host = \"db*\" } }\n\
                    horizon = 60\nrange = [-inf, 25]\n[[policy]]\nmatch.field = \"idle\"\nmodel = false\n[[policy]]\nfalse_alarms = \"1/day\"\n";
        let settings = load(Some(("f", text)), &[]);
        assert_eq!(settings.faults, []);
        let shown = settings.to_toml();
        for part in [
            "[[policy]]  # file, line 3\nmatch = { measurement = \"disk*\", tags = { \"a b\" = ",
            "\nhorizon = 60  # file, line 5\npoints = 8\nevery = 24\nrange = [-inf, 25]  # file, line 6\n",
            "\nmatch = { field = \"idle\" }\nmodel = false\n",
            "\n[[policy]]  # file, line 10\nfalse_alarms = \"1/day\"  # file, line 11\n",
            "\n#   policy 3: 1s: 1.2e-5, ",
        ] {
            assert!(shown.contains(part), "{part}\n{shown}");
        }
        let again = load(Some(("g", &shown)), &[]);
        assert_eq!(again.faults, []);
        let options = |settings: &super::Settings| {
            let options = settings.options("h", crate::precision::Precision::Ns, false);
            format!("{:?}", options.policies)
        };
        assert_eq!(options(&again), options(&settings));
    }
}
