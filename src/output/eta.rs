//! The `_eta` record: a threshold that a forecast crosses, or no longer does.
//!
//! Its time is that of the point after which the forecast was issued; its durations count from
//! there and stand only in what approaches: `eta_s` always, a limit that is not there lies beyond
//! the horizon. The probability is absent where no forecast was asked.

use crate::judge::grain::Grain;
use crate::series::eta::{Eta, State};
use crate::series::reach::Crossing;

use super::record::Record;
use super::{Names, Options};

/// Writes what there is to say after the point at `nanos`; how many records were written.
///
/// Durations are rounded to a thousandth of `cadence` (ns): the forecast has one value a step.
pub fn write(
    out: &mut Vec<u8>,
    options: &Options,
    names: &Names,
    field: &[u8],
    nanos: i64,
    etas: &[Eta],
    cadence: i64,
) -> usize {
    let grain = Grain::of(cadence.max(1) as f64 / 1e9);
    let rounded = |seconds: Option<f64>| seconds.map(|seconds| grain.limit(seconds));
    let mut written = 0;
    for eta in etas {
        let threshold = shown(eta.threshold);
        let mut record = Record::begin_threshold(out, &options.eta_name, names, field, &threshold);
        record
            .text("state", state(eta.state))
            .text("crossing", crossing(eta.crossing));
        if let Some(reach) = &eta.reach {
            if eta.state == State::Approaching {
                record
                    .maybe_float("eta_s", rounded(reach.expected))
                    .maybe_float("eta_lower_s", rounded(reach.earliest))
                    .maybe_float("eta_upper_s", rounded(reach.latest));
            }
            record.float("probability", reach.probability);
        }
        written += usize::from(record.end(nanos, options.precision));
    }
    written
}

fn state(state: State) -> &'static str {
    match state {
        State::Approaching => "approaching",
        State::Cleared => "cleared",
        State::Crossed => "crossed",
    }
}

fn crossing(crossing: Crossing) -> &'static str {
    match crossing {
        Crossing::Above => "above",
        Crossing::Below => "below",
    }
}

/// A threshold as a tag value: the shortest decimal that reads back as the same number, `18` for
/// 18.0 however it was written in the settings.
fn shown(threshold: f64) -> String {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format(threshold);
    text.strip_suffix(".0").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_shown_in_one_way() {
        for (threshold, text) in [
            (18.0, "18"),
            (-22.50, "-22.5"),
            (0.0, "0"),
            (0.1, "0.1"),
            (1e9, "1000000000"),
            (1e300, "1e+300"),
        ] {
            assert_eq!(shown(threshold), text);
        }
    }
}
