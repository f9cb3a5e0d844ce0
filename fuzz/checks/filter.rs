//! The whole filter.

use std::sync::OnceLock;

use brewcast::config;
use brewcast::filter::{Filter, Options, Policies};
use brewcast::output::Verdicts;
use brewcast::precision::Precision;

use super::point;

/// In the measurement of all our records, and in no input that is looked at.
const OURS: &[u8] = b"_zq7";
/// The line behind everything; it must leave whatever stands before it.
const GOOD: &[u8] = b"\nlast_line,t=z v=1,s=\"x\" 1600000000000000000\n";

/// For all bytes, limits and block cuts: nothing panics; the output is whole lines; what is ours
/// in it is line protocol to InfluxData's parser with finite numbers; without what is ours it is
/// what the filter without models writes; and a good line behind it all leaves as it came.
pub fn filter(data: &[u8]) {
    our_lines(data);
}

/// The same; how many lines of ours there were.
pub fn our_lines(data: &[u8]) -> usize {
    let [limit, cut, rest @ ..] = data else {
        return 0;
    };
    let mut stream = super::text(rest);
    if stream.windows(OURS.len()).any(|bytes| bytes == OURS) {
        return 0;
    }
    stream.extend_from_slice(GOOD);
    let mut options = options().clone();
    options.limits.line_bytes = GOOD.len() + 4 * usize::from(*limit);
    options.limits.max_series = 1 + usize::from(limit & 7);
    let out = through(&options, &stream, 1 + 8 * usize::from(*cut));
    let whole = through(&options, &stream, usize::MAX);
    assert_eq!(shown(&out), shown(&whole), "blocks change the output");
    let mut silent = options.policies.rest().clone();
    silent.verdicts = Verdicts::None;
    silent.forecasts = false;
    silent.events = false;
    silent.rules.thresholds.clear();
    options.policies = Policies::new(Vec::new(), silent);
    options.final_forecast = false;
    let plain = through(&options, &stream, usize::MAX);
    assert!(
        plain.ends_with(&GOOD[1..]),
        "the last line is not as it came: {:?}",
        shown(&plain)
    );
    let (ours, passed): (Vec<&[u8]>, Vec<&[u8]>) = out
        .split_inclusive(|&byte| byte == b'\n')
        .partition(|line| line.windows(OURS.len()).any(|bytes| bytes == OURS));
    assert_eq!(
        shown(&passed.concat()),
        shown(&plain),
        "models change what passes"
    );
    ours.iter().for_each(|line| assert_is_clean(line));
    ours.len()
}

fn assert_is_clean(line: &[u8]) {
    let line = line.strip_suffix(b"\n").expect("a whole line");
    let text = std::str::from_utf8(line).expect("our lines are text");
    let mut points = influxdb_line_protocol::parse_lines(text);
    assert!(
        matches!((points.next(), points.next()), (Some(Ok(_)), None)),
        "{text:?}"
    );
    // Our scanner takes no number that is not finite.
    assert!(matches!(point::read(line), Ok(Some(_))), "{text:?}");
    assert_eq!(super::compare(text), None, "{text:?}");
}

fn through(options: &Options, stream: &[u8], block: usize) -> Vec<u8> {
    let mut filter = Filter::new(options.clone());
    let mut out = Vec::new();
    let mut rest = stream;
    loop {
        let room = filter.room();
        let read = block.min(room.len()).min(rest.len());
        room[..read].copy_from_slice(&rest[..read]);
        filter.fill(read);
        rest = &rest[read..];
        while filter.advance(rest.is_empty(), &mut out) {}
        if rest.is_empty() {
            break;
        }
    }
    filter.finish(false, &mut out);
    assert_eq!(filter.tally().panics, 0, "a panic inside a series");
    assert!(
        out.is_empty() || out.ends_with(b"\n"),
        "the output ends inside a line"
    );
    out
}

fn options() -> &'static Options {
    static OPTIONS: OnceLock<Options> = OnceLock::new();
    OPTIONS.get_or_init(|| {
        let set = |key, value: &str| (key, value.to_owned());
        let overrides = [
            set("select.silence", "true"),
            set("output.verdicts", "all"),
            set("forecast.points", "all"),
            set("forecast.horizon", "8"),
            set("forecast.every", "8"),
            set("model.warmup", "20"),
            set("model.window", "40"),
            set("output.anomaly_name", "{measurement}_zq7"),
            set("output.forecast_name", "{measurement}_zq7f"),
            set("output.eta_name", "{measurement}_zq7e"),
            set("output.event_name", "{measurement}_zq7v"),
            set("forecast.thresholds", "[0, 1.5, 20, -1e300]"),
        ];
        let settings = config::load(None, &overrides);
        assert!(settings.are_usable(), "{:?}", settings.faults);
        settings.options("fuzz", Precision::Ns, true)
    })
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
