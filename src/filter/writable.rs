//! What can be written so that every database takes it, as the authority on the grammar says.

use crate::line::{grammar, key};
use crate::output::{Names, Template};

/// Whether all our records of a series can be written: the tags are the same in each, and looked at in the first.
pub(super) fn is_writable(
    names: &Names,
    series: &key::Series<'_>,
    templates: &[&Template],
) -> bool {
    let bare = key::Series {
        measurement: series.measurement,
        tags: Vec::new(),
    };
    let bare = Names::new(&bare).0;
    templates.iter().enumerate().all(|(index, template)| {
        let names = if index == 0 { names } else { &bare };
        let mut sample = Vec::new();
        names.write(&mut sample, template, b"v", None);
        sample.extend_from_slice(b" v=1 1");
        grammar::accepts(&sample)
    })
}

/// Whether a field key can stand as the value of our `field` tag.
pub(super) fn is_writable_field(field: &[u8]) -> bool {
    grammar::accepts(&[b"m,field=", field, b" v=1 1"].concat())
}
