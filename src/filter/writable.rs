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
    /// Whether all our records of a series can be written: measurement and tags are each part of the line by
    /// themselves, and the tags are the same in all records.
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
        is_name
            && templates
                .first()
                .is_none_or(|template| is_taken(names, template))
    }

    /// Forgets it all, so that measurements that come no more are not kept for ever.
    pub(super) fn forget(&mut self) {
        self.measurements.clear();
    }
}

/// Whether a field key can stand as the value of our `field` tag.
pub(super) fn is_writable_field(field: &[u8]) -> bool {
    grammar::accepts(&[b"m,field=", field, b" v=1 1"].concat())
}
