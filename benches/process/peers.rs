//! Peers, where they are installed: the same job as far as they can do it.
//!
//! * river (Python): an execd program with Holt-Winters and a Gaussian score per series.
//! * RRDtool: updates of round-robin archives with Holt-Winters aberrant behaviour detection, over its
//!   own pipe.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use super::child::{self, Taken};
use super::loads::Load;

/// The processor as river's users would write it.
const RIVER: &str = r#"
import sys
from river import anomaly, time_series
series = {}
out = sys.stdout
for line in sys.stdin:
    out.write(line)
    key, fields, stamp = line.rstrip("\n").rsplit(" ", 2)
    for pair in fields.split(","):
        field, value = pair.split("=")
        value = float(value.rstrip("iu"))
        name = key + field
        if name not in series:
            series[name] = (time_series.HoltWinters(alpha=0.3, beta=0.1), anomaly.GaussianScorer(grace_period=30), [0])
        model, scorer, count = series[name]
        count[0] += 1
        yhat = model.forecast(horizon=1)[0] if count[0] > 12 else value
        score = scorer.score_one(None, value - yhat)
        scorer.learn_one(None, value - yhat)
        model.learn_one(value)
        measurement, tags = key.split(",", 1)
        out.write(f"{measurement}_anomaly,field={field},{tags} y={value},yhat={yhat},anomaly_score={score} {stamp}\n")
"#;

/// What river takes, or why there is none.
pub fn river(load: &Load) -> Result<Taken, String> {
    let python = std::env::var("RIVER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let missing =
        format!("MISSING: river; pip install river, and RIVER_PYTHON={python} must find it");
    let found = Command::new(&python)
        .args(["-c", "import river"])
        .stderr(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        return Err(missing);
    }
    child::run(&[&python, "-c", RIVER], load).map_err(|error| error.to_string())
}

/// What RRDtool takes for so many updates of so many series, or why there is none.
pub fn rrdtool(series: usize, rounds: usize) -> Result<(Taken, usize), String> {
    let missing = |_| "MISSING: rrdtool; apt-get install rrdtool".to_owned();
    let folder = std::env::temp_dir().join(format!("brewcast-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let file = |index: usize| folder.join(format!("{index}.rrd"));
    for index in 0..series {
        let created = Command::new("rrdtool")
            .arg("create")
            .arg(file(index))
            .args(["--start", "1599999990", "--step", "10", "DS:t:GAUGE:60:U:U"])
            .args(["RRA:AVERAGE:0.5:1:120", "RRA:HWPREDICT:120:0.1:0.0035:24"])
            .output()
            .map_err(missing)?;
        assert!(created.status.success(), "{created:?}");
    }
    let mut random = super::loads::Random(7);
    let mut tenths = vec![200; series];
    let mut text = String::new();
    for round in 0..rounds {
        for (index, tenths) in tenths.iter_mut().enumerate() {
            *tenths += random.step();
            let (path, time) = (file(index), 1_600_000_000 + 10 * round);
            let value = f64::from(*tenths) / 10.0;
            writeln!(text, "update {} {time}:{value}", path.display()).unwrap();
        }
    }
    let updates = series * rounds;
    let load = Load {
        name: "updates",
        text: text.into(),
        values: updates,
        series,
    };
    let taken = child::run(&["rrdtool", "-"], &load).map_err(|error| error.to_string());
    drop(std::fs::remove_dir_all(folder));
    Ok((taken?, updates))
}
