//! Settings, as a file and as typed on the command line.

use brewcast::config;
use brewcast::filter::Filter;
use brewcast::precision::Precision;

/// What settings are made of, so that few bytes get deep.
const TOKENS: &[&str] = &[
    "[select]\n",
    "[model]\n",
    "[forecast]\n",
    "[detect]\n",
    "[[policy]]\n",
    "[output]\n",
    "[limits]\n",
    "[report]\n",
    "measurements = ",
    "fields = ",
    "exclude_fields = ",
    "silence = ",
    "forecaster = ",
    "season = ",
    "trend = ",
    "cadence = ",
    "counter = ",
    "window = ",
    "warmup = ",
    "horizon = ",
    "points = ",
    "every = ",
    "coverage = ",
    "thresholds = ",
    "false_alarms = ",
    "direction = ",
    "min_deviation = ",
    "min_relative_deviation = ",
    "range = ",
    "adopt_after = ",
    "leaps = ",
    "match = ",
    "match.tags.host = ",
    "model = ",
    "verdicts = ",
    "forecasts = ",
    "events = ",
    "passthrough = ",
    "anomaly_name = ",
    "max_series = ",
    "idle = ",
    "line_bytes = ",
    "instance = ",
    "log = ",
    "\n",
    " ",
    ", ",
    "[",
    "]",
    "{ ",
    " }",
    "\"",
    "\"auto\"",
    "\"all\"",
    "\"none\"",
    "\"1m\"",
    "\"24h\"",
    "\"7d\"",
    "\"1/week\"",
    "\"16MiB\"",
    "\"*\"",
    "\"[a\"",
    "\"{measurement}_x\"",
    "measurement = ",
    "field = ",
    "tags = ",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "40",
    "1e400",
    "inf",
    "nan",
    "0.95",
    "18446744073709551615",
    "# note\n",
    "[[processors.execd]]\n",
    "command = ",
    "[agent]\n",
];

/// Keys that the command line has, with what is typed as text behind them.
const TYPED: &[&str] = &[
    "forecast.horizon",
    "forecast.points",
    "forecast.every",
    "model.season",
    "model.cadence",
    "detect.false_alarms",
    "output.verdicts",
    "forecast.thresholds",
    "limits.max_series",
    "limits.line_bytes",
];

const LINE: &[u8] = b"m,t=a v=1 1600000000000000000\n";

/// For all texts: nothing panics; whatever is wrong, a filter with these settings passes a line as it came;
/// settings without faults, printed, load again without faults and print the same.
pub fn config(data: &[u8]) {
    let [typed, rest @ ..] = data else {
        return;
    };
    let text = text(rest);
    let file = Some(("b.toml", text.as_str()));
    let overrides = [(
        TYPED[usize::from(*typed) % TYPED.len()],
        text.lines().next().unwrap_or_default().to_owned(),
    )];
    let overrides = if *typed >= 128 { &overrides[..] } else { &[] };
    let settings = config::load(file, overrides);
    for fault in &settings.faults {
        assert!(!fault.text.trim().is_empty(), "a fault without a word");
    }
    let shown = settings.to_toml();
    if settings.are_usable() {
        let again = config::load(Some(("shown", &shown)), &[]);
        assert!(again.are_usable(), "{:?} in\n{shown}", again.faults);
        assert_eq!(bare(&again.to_toml()), bare(&shown));
    }
    let mut options = settings.options("host", Precision::Ns, false);
    assert_eq!(options.faults.is_empty(), settings.are_usable());
    if options.output.passthrough {
        options.limits.line_bytes = options.limits.line_bytes.min(1 << 20);
        let mut filter = Filter::new(options);
        filter.room()[..LINE.len()].copy_from_slice(LINE);
        filter.fill(LINE.len());
        let mut out = Vec::new();
        while filter.advance(true, &mut out) {}
        assert_eq!(out, LINE);
    }
    for fault in config::telegraf::check("telegraf.conf", &text) {
        assert!(!fault.text.trim().is_empty(), "a fault without a word");
    }
}

/// Settings without where they come from, which is said in comments.
fn bare(shown: &str) -> Vec<&str> {
    let line = |line: &'_ str| line.split(" #").next().unwrap_or_default().trim_end().len();
    shown
        .lines()
        .map(|text| &text[..line(text)])
        .filter(|text| !text.starts_with('#'))
        .collect()
}

/// The text that `data` stands for: an even first byte, itself; an odd one, tokens and, from 0x80 on,
/// letters of ASCII.
fn text(data: &[u8]) -> String {
    let Some((first, rest)) = data.split_first() else {
        return String::new();
    };
    if first % 2 == 0 {
        return String::from_utf8_lossy(rest).into_owned();
    }
    let mut text = String::new();
    for &byte in rest {
        match TOKENS.get(usize::from(byte)) {
            Some(token) => text.push_str(token),
            None => text.push(char::from(byte & 0x7f)),
        }
    }
    text
}
