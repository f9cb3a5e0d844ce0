//! What all records of a series have in common: measurement and tags, ready to be written.
//!
//! Names come in escaped and go out the same way, byte for byte. Two things are added: our `field`
//! tag (also `source_measurement`, where a template has no place for the measurement, and `threshold`,
//! where a record is about one), and a source tag that has the name of one of our columns becomes `source_<key>`, because InfluxDB 3 refuses a
//! table in which a tag and a field share a name, and a whole batch can fail with it.

use crate::line::key::Series;

/// Every column that any record of ours has: tags and fields.
const COLUMNS: &[&str] = &[
    "active",
    "anomaly_score",
    "concurrent",
    "concurrent_share",
    "crossing",
    "duration_s",
    "end_ns",
    "eta_lower_s",
    "eta_s",
    "eta_upper_s",
    "event_id",
    "expected",
    "field",
    "is_anomaly",
    "issued_at",
    "kind",
    "peak_score",
    "peak_value",
    "probability",
    "reason",
    "residual",
    "source_measurement",
    "start_ns",
    "state",
    "step",
    "threshold",
    "time",
    "y",
    "yhat",
    "yhat_lower",
    "yhat_upper",
];

const FIELD: &[u8] = b"field";
const SOURCE: &[u8] = b"source_measurement";
const THRESHOLD: &[u8] = b"threshold";

/// The name of a kind of record: `{measurement}_anomaly`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    before: Vec<u8>,
    after: Vec<u8>,
    takes_measurement: bool,
}

impl Template {
    /// Reads a template; the text around `{measurement}` must need no escapes.
    ///
    /// # Errors
    /// In words, when no measurement could have this name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !b",=\\\"{}".contains(&byte);
        let (before, after) = text.split_once("{measurement}").unwrap_or((text, ""));
        if text.is_empty() || !before.bytes().chain(after.bytes()).all(plain) {
            return Err("use letters, digits, _, . or - around {measurement}".to_owned());
        }
        if text == "{measurement}" {
            return Err(
                "add something to {measurement}, or our records look like yours".to_owned(),
            );
        }
        if before.starts_with('#') {
            return Err("a line that begins with # is a comment".to_owned());
        }
        Ok(Self {
            before: before.into(),
            after: after.into(),
            takes_measurement: text.contains("{measurement}"),
        })
    }

    /// Whether a measurement (as written) may be one of this template's.
    #[must_use]
    pub fn matches(&self, measurement: &[u8]) -> bool {
        if !self.takes_measurement {
            return measurement == self.before;
        }
        measurement.len() > self.before.len() + self.after.len()
            && measurement.starts_with(&self.before)
            && measurement.ends_with(&self.after)
    }
}

/// Measurement and tags of a series, as its records have them.
#[derive(Clone, Debug)]
pub struct Names {
    text: Box<[u8]>, // measurement, then ",key=value" sorted by key
    tags: u32,       // where the tags start
    field: u32,      // where our `field` tag goes
    source: u32,     // where `source_measurement` goes
    threshold: u32,  // where `threshold` goes
}

impl Names {
    /// The names of a series, and the tag keys that had to be renamed.
    #[must_use]
    pub fn new<'a>(series: &Series<'a>) -> (Self, Vec<&'a [u8]>) {
        let mut renamed = Vec::new();
        let mut tags: Vec<(Vec<u8>, &[u8])> = Vec::with_capacity(series.tags.len());
        for &(key, value) in &series.tags {
            let mut name = key.to_vec();
            let taken = |name: &[u8]| COLUMNS.iter().any(|column| column.as_bytes() == name);
            while taken(&name)
                || (name != key && series.tags.iter().any(|(other, _)| *other == name))
            {
                name.splice(..0, b"source_".iter().copied());
            }
            if name != key {
                renamed.push(key);
            }
            tags.push((name, value));
        }
        tags.sort();
        let mut text = series.measurement.to_vec();
        let start = text.len();
        let mut places = [start; 3]; // of our tags
        for (key, value) in &tags {
            text.push(b',');
            text.extend_from_slice(key);
            text.push(b'=');
            text.extend_from_slice(value);
            for (place, ours) in places.iter_mut().zip([FIELD, SOURCE, THRESHOLD]) {
                if key.as_slice() < ours {
                    *place = text.len();
                }
            }
        }
        let [field, source, threshold] = places;
        let at = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        let names = Self {
            tags: at(start),
            field: at(field),
            source: at(source),
            threshold: at(threshold),
            text: text.into(),
        };
        (names, renamed)
    }

    /// Writes measurement and tags of a record; `threshold`, if it is about one, in a form that
    /// needs no escapes.
    pub fn write(&self, out: &mut Vec<u8>, name: &Template, field: &[u8], threshold: Option<&str>) {
        let [tags, at, source, behind] =
            [self.tags, self.field, self.source, self.threshold].map(|place| place as usize);
        out.extend_from_slice(&name.before);
        if name.takes_measurement {
            out.extend_from_slice(&self.text[..tags]);
        }
        out.extend_from_slice(&name.after);
        out.extend_from_slice(&self.text[tags..at]);
        out.extend_from_slice(b",field=");
        out.extend_from_slice(field);
        out.extend_from_slice(&self.text[at..source]);
        if !name.takes_measurement {
            out.extend_from_slice(b",source_measurement=");
            write_as_tag_value(out, &self.text[..tags]);
        }
        out.extend_from_slice(&self.text[source..behind]);
        if let Some(threshold) = threshold {
            out.extend_from_slice(b",threshold=");
            out.extend_from_slice(threshold.as_bytes());
        }
        out.extend_from_slice(&self.text[behind..]);
    }
}

/// A measurement as a tag value: there `=` needs an escape.
fn write_as_tag_value(out: &mut Vec<u8>, measurement: &[u8]) {
    let mut escaped = false;
    for &byte in measurement {
        if byte == b'=' && !escaped {
            out.push(b'\\');
        }
        out.push(byte);
        escaped = byte == b'\\' && !escaped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::key;

    fn written(series: &str, template: &str, field: &str) -> (String, usize) {
        let series = key::parse(series.as_bytes()).unwrap();
        let (names, renamed) = Names::new(&series);
        let mut out = Vec::new();
        names.write(
            &mut out,
            &Template::parse(template).unwrap(),
            field.as_bytes(),
            None,
        );
        (String::from_utf8(out).unwrap(), renamed.len())
    }

    #[test]
    fn records_carry_the_source_tags_and_the_field() {
        let head = |series, template| written(series, template, "usage").0;
        assert_eq!(
            head("cpu", "{measurement}_anomaly"),
            "cpu_anomaly,field=usage"
        );
        assert_eq!(
            head("cpu,host=a,dc=b", "{measurement}_anomaly"),
            "cpu_anomaly,dc=b,field=usage,host=a"
        );
        assert_eq!(
            head(r"we\ ird,t=a\,b", "_forecasts.{measurement}"),
            r"_forecasts.we\ ird,field=usage,t=a\,b"
        );
    }

    #[test]
    fn a_template_without_the_measurement_adds_it_as_a_tag() {
        assert_eq!(
            written("c=pu,host=a,zone=z", "anomalies", "usage").0,
            r"anomalies,field=usage,host=a,source_measurement=c\=pu,zone=z"
        );
    }

    #[test]
    fn a_threshold_stands_among_the_tags_in_their_order() {
        for (series, template, wanted) in [
            ("m", "{measurement}_eta", "m_eta,field=v,threshold=18"),
            (
                "m,a=1,thr=2,zone=z",
                "{measurement}_eta",
                "m_eta,a=1,field=v,thr=2,threshold=18,zone=z",
            ),
            (
                "m,threshold=9,t=1,u=2",
                "etas",
                "etas,field=v,source_measurement=m,source_threshold=9,t=1,threshold=18,u=2",
            ),
        ] {
            let (names, _) = Names::new(&key::parse(series.as_bytes()).unwrap());
            let mut out = Vec::new();
            names.write(
                &mut out,
                &Template::parse(template).unwrap(),
                b"v",
                Some("18"),
            );
            assert_eq!(String::from_utf8(out).unwrap(), wanted);
        }
    }

    #[test]
    fn a_tag_with_the_name_of_a_column_is_renamed() {
        assert_eq!(
            written("m,field=x,yhat=2,a=1", "{measurement}_anomaly", "v"),
            (
                "m_anomaly,a=1,field=v,source_field=x,source_yhat=2".to_owned(),
                2
            )
        );
        assert_eq!(
            written("m,field=x,source_field=y", "{measurement}_anomaly", "v").0,
            "m_anomaly,field=v,source_field=y,source_source_field=x"
        );
    }

    #[test]
    fn names_that_no_measurement_can_have_are_refused() {
        for bad in [
            "",
            "{measurement}",
            "a b",
            "a,b",
            "#{measurement}",
            "{x}",
            "a\\",
            "ä",
        ] {
            assert!(Template::parse(bad).is_err(), "{bad:?}");
        }
        let template = Template::parse("{measurement}_anomaly").unwrap();
        assert!(template.matches(b"m_anomaly") && !template.matches(b"_anomaly"));
        assert!(!template.matches(b"m_forecast"));
    }
}
