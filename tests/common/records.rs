//! Records of ours as numbers, read by InfluxData's own parser.

use influxdb_line_protocol::{FieldValue, ParsedLine, parse_lines};

/// One `_anomaly` record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) time: i64,
    pub(crate) y: f64,
    pub(crate) yhat: f64,
    pub(crate) lower: Option<f64>,
    pub(crate) upper: Option<f64>,
    pub(crate) residual: f64,
    pub(crate) score: f64,
    pub(crate) is_anomaly: bool,
    pub(crate) kind: String, // empty: not flagged
}

/// One `_forecast` record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ahead {
    pub(crate) time: i64,
    pub(crate) step: i64,
    pub(crate) issued_at: i64,
    pub(crate) yhat: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

/// One `_eta` record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Eta {
    pub(crate) time: i64,
    pub(crate) threshold: String,
    pub(crate) state: String,
    pub(crate) crossing: String,
    pub(crate) lower: Option<f64>,
    pub(crate) eta: Option<f64>,
    pub(crate) upper: Option<f64>,
    pub(crate) probability: Option<f64>,
}

/// Whether the line is one that the default settings write about a series.
pub(crate) fn is_ours(line: &str) -> bool {
    let measurement = line.split([',', ' ']).next().unwrap();
    line.contains(",field=")
        && ["_anomaly", "_forecast", "_event", "_eta"]
            .iter()
            .any(|kind| measurement.ends_with(kind))
}

/// All `_anomaly` records.
pub(crate) fn verdicts(output: &[u8]) -> Vec<Verdict> {
    let read = |fields: Fields<'_>, time| Verdict {
        time,
        y: fields.float("y").unwrap(),
        yhat: fields.float("yhat").unwrap(),
        lower: fields.float("yhat_lower"),
        upper: fields.float("yhat_upper"),
        residual: fields.float("residual").unwrap(),
        score: fields.float("anomaly_score").unwrap(),
        is_anomaly: matches!(fields.get("is_anomaly"), Some(FieldValue::Boolean(true))),
        kind: match fields.get("kind") {
            Some(FieldValue::String(kind)) => kind.to_string(),
            _ => String::new(),
        },
    };
    records(output, "_anomaly", read)
}

/// All `_forecast` records.
pub(crate) fn forecasts(output: &[u8]) -> Vec<Ahead> {
    let read = |fields: Fields<'_>, time| Ahead {
        time,
        step: fields.int("step"),
        issued_at: fields.int("issued_at"),
        yhat: fields.float("yhat").unwrap(),
        lower: fields.float("yhat_lower").unwrap(),
        upper: fields.float("yhat_upper").unwrap(),
    };
    records(output, "_forecast", read)
}

/// All `_eta` records.
pub(crate) fn etas(output: &[u8]) -> Vec<Eta> {
    let read = |fields: Fields<'_>, time| Eta {
        time,
        threshold: fields.0.tag_value("threshold").unwrap().to_string(),
        state: fields.text("state"),
        crossing: fields.text("crossing"),
        lower: fields.float("eta_lower_s"),
        eta: fields.float("eta_s"),
        upper: fields.float("eta_upper_s"),
        probability: fields.float("probability"),
    };
    records(output, "_eta", read)
}

struct Fields<'a>(ParsedLine<'a>);

impl Fields<'_> {
    fn get(&self, key: &str) -> Option<&FieldValue<'_>> {
        self.0.field_value(key)
    }

    fn float(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            FieldValue::F64(number) => Some(*number),
            other => panic!("{key} is {other:?}"),
        }
    }

    fn text(&self, key: &str) -> String {
        match self.get(key) {
            Some(FieldValue::String(text)) => text.to_string(),
            other => panic!("{key} is {other:?}"),
        }
    }

    fn int(&self, key: &str) -> i64 {
        match self.get(key) {
            Some(FieldValue::I64(number)) => *number,
            other => panic!("{key} is {other:?}"),
        }
    }
}

fn records<T>(output: &[u8], kind: &str, read: impl Fn(Fields<'_>, i64) -> T) -> Vec<T> {
    let text = std::str::from_utf8(output).unwrap();
    let mut found = Vec::new();
    for line in text.lines().filter(|line| is_ours(line)) {
        let parsed = parse_lines(line).next().unwrap().expect(line);
        if parsed.series.measurement.ends_with(kind) {
            let time = parsed.timestamp.unwrap();
            found.push(read(Fields(parsed), time));
        }
    }
    found
}
