//! What can be written so that every database takes it, as the authority on the grammar says.
//!
//! It takes its time, and measurements and field keys are few where series are many: what it said of them is kept.

use std::collections::HashMap;

use crate::line::{grammar, key};
use crate::output::{Names, Template};

/// What was said of measurements.
#[derive(Debug, Default)]
pub(super) struct Writable {
    measurements: HashMap<Box<[u8]>, bool>, // in the names of all our records
}

impl Writable {
    /// Whether all our records of a series can be written. Measurement and tags are each a part of the line by
    /// themselves, and the tags are the same in all records; but what stands behind one is not, and a backslash at the
    /// end of a tag would take it in.
    pub(super) fn is_writable(
        &mut self,
        names: &Names,
        series: &key::Series<'_>,
        templates: &[&Template],
    ) -> bool {
        let mut sample = Vec::new();
        let mut is_taken = |names: &Names, template: &Template| {
            sample.clear();
            names.write(&mut sample, template, b"v", None);
            sample.extend_from_slice(b" v=1 1");
            grammar::accepts(&sample)
        };
        let name = series.measurement;
        let known = self.measurements.get(name).copied();
        let is_name = known.unwrap_or_else(|| {
            let (bare, _) = Names::new(&key::Series {
                measurement: name,
                tags: Vec::new(),
            });
            let is_name = templates.iter().all(|template| is_taken(&bare, template));
            self.measurements.insert(name.into(), is_name);
            is_name
        });
        let takes_in_more = |(_, value): &(&[u8], &[u8])| value.ends_with(b"\\");
        is_name
            && !series.tags.iter().any(takes_in_more)
            && templates
                .first()
                .is_none_or(|template| is_taken(names, template))
    }

    /// Forgets it all, now and then, so that measurements that come no more are not kept for ever.
    pub(super) fn forget(&mut self) {
        self.measurements.clear();
    }
}

/// Whether a field key can stand as the value of our `field` tag.
pub(super) fn is_writable_field(field: &[u8]) -> bool {
    grammar::accepts(&[b"m,field=", field, b" v=1 1"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_writable(writable: &mut Writable, spelling: &[u8]) -> bool {
        let series = key::parse(spelling).unwrap();
        let (names, _) = Names::new(&series);
        let templates =
            ["anomalies", "{measurement}_forecast"].map(|text| Template::parse(text).unwrap());
        writable.is_writable(&names, &series, &[&templates[0], &templates[1]])
    }

    #[test]
    fn a_series_is_writable_in_all_names_or_not_at_all() {
        let mut writable = Writable::default();
        for _ in 0..2 {
            assert!(is_writable(&mut writable, br"m,host=a"));
            assert!(is_writable(&mut writable, br"m,host=a\ b"));
            assert!(!is_writable(&mut writable, b"m,host=a\xff"));
            assert!(!is_writable(&mut writable, br"m,host=a\"));
            assert!(!is_writable(&mut writable, b"m\0,host=a"));
            assert!(!is_writable(&mut writable, b"m\xff,host=a"));
        }
        assert_eq!(writable.measurements.len(), 3, "each is asked about once");
        writable.forget();
        assert!(!is_writable(&mut writable, b"m\0,host=a") && is_writable(&mut writable, b"m"));
    }
}
