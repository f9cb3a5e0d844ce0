//! What a database is to hold after some line protocol was written to it, and what it does hold.
//!
//! A point is its measurement, its tags and its time; a second record of the same point overwrites the
//! fields it has. That is what InfluxDB promises, and what the forecasts count on.

use std::collections::{BTreeMap, BTreeSet};

use influxdb_line_protocol::{FieldValue, parse_lines};

/// A field with its type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Float(f64),
    Integer(i64),
    Unsigned(u64),
    Boolean(bool),
    Text(String),
}

/// Measurement, tags, time in ns.
pub(crate) type Point = (String, BTreeMap<String, String>, i64);

/// The fields of all points.
pub(crate) type Stored = BTreeMap<Point, BTreeMap<String, Value>>;

impl Value {
    /// The name that InfluxDB 1 has for the type.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Float(_) => "float",
            Value::Integer(_) => "integer",
            Value::Unsigned(_) => "unsigned",
            Value::Boolean(_) => "boolean",
            Value::Text(_) => "string",
        }
    }

    /// A number, for what can be one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Value::Float(number) => Some(*number),
            #[allow(clippy::cast_precision_loss, reason = "to be compared roughly")]
            Value::Integer(number) => Some(*number as f64),
            Value::Boolean(flag) => Some(f64::from(u8::from(*flag))),
            _ => None,
        }
    }

    /// Text, for what is text.
    pub(crate) fn text(&self) -> &str {
        match self {
            Value::Text(text) => text,
            _ => "",
        }
    }
}

/// What these lines come to.
pub(crate) fn expected(lines: &str) -> Stored {
    let mut stored = Stored::new();
    for line in parse_lines(lines) {
        let line = line.unwrap();
        let tags = line.series.tag_set.iter().flatten();
        let tags = tags.map(|(key, value)| (key.to_string(), value.to_string()));
        let name = line.series.measurement.to_string();
        let point = (name, tags.collect(), line.timestamp.unwrap());
        let fields = stored.entry(point).or_default();
        for (key, value) in &line.field_set {
            let value = match value {
                FieldValue::F64(number) => Value::Float(*number),
                FieldValue::I64(number) => Value::Integer(*number),
                FieldValue::U64(number) => Value::Unsigned(*number),
                FieldValue::Boolean(flag) => Value::Boolean(*flag),
                FieldValue::String(text) => Value::Text(text.to_string()),
            };
            fields.insert(key.to_string(), value);
        }
    }
    stored
}

/// The points of one measurement.
pub(crate) fn of<'a>(
    stored: &'a Stored,
    measurement: &'a str,
) -> impl Iterator<Item = (&'a Point, &'a BTreeMap<String, Value>)> {
    stored
        .iter()
        .filter(move |(point, _)| point.0 == measurement)
}

/// The measurements.
pub(crate) fn measurements(stored: &Stored) -> BTreeSet<&str> {
    stored.keys().map(|point| point.0.as_str()).collect()
}

/// Says where two differ first, rather than print them whole.
pub(crate) fn assert_same(found: &Stored, expected: &Stored) {
    for (point, fields) in expected {
        assert_eq!(found.get(point), Some(fields), "{point:?}");
    }
    let more = found.keys().find(|point| !expected.contains_key(*point));
    assert_eq!(more, None, "is there as well");
}

/// A new forecast overwrites the old one: of `sent` fewer points are there than were issued, and all fields of a point
/// are of one issue.
pub(crate) fn assert_forecasts_overwrite(stored: &Stored, sent: &str) {
    let issued = sent
        .lines()
        .filter(|line| line.starts_with("temperature_forecast,"));
    let points: Vec<_> = of(stored, "temperature_forecast").collect();
    assert!(points.len() < issued.count(), "nothing was issued twice");
    for (point, fields) in points {
        let (Value::Integer(issued_at), Value::Integer(step)) =
            (&fields["issued_at"], &fields["step"])
        else {
            panic!("{fields:?}")
        };
        assert_eq!(point.2 - issued_at, step * 1_000_000_000, "{point:?}");
    }
}
