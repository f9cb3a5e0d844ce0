//! Which fields of which measurements are modelled.

use globset::{Glob, GlobSet, GlobSetBuilder};

/// Globs over measurement names and field keys, as they are written (escapes included).
/// The default selects nothing.
#[derive(Clone, Debug, Default)]
pub struct Select {
    measurements: GlobSet,
    fields: GlobSet,
    exclude_fields: GlobSet,
}

impl Select {
    /// Selects the fields that match one of `fields` and none of `exclude_fields`, in measurements
    /// that match one of `measurements`.
    ///
    /// # Errors
    /// The first pattern that is no glob, and why.
    pub fn new(
        measurements: &[String],
        fields: &[String],
        exclude_fields: &[String],
    ) -> Result<Self, String> {
        Ok(Self {
            measurements: globs(measurements)?,
            fields: globs(fields)?,
            exclude_fields: globs(exclude_fields)?,
        })
    }

    /// Whether any field of this measurement may be modelled.
    #[must_use]
    pub fn has_measurement(&self, measurement: &[u8]) -> bool {
        self.measurements
            .is_match(&*String::from_utf8_lossy(measurement))
    }

    /// Whether this field is modelled, in a measurement that is.
    #[must_use]
    pub fn has_field(&self, field: &[u8]) -> bool {
        let field = String::from_utf8_lossy(field);
        self.fields.is_match(&*field) && !self.exclude_fields.is_match(&*field)
    }
}

/// Compiles patterns.
///
/// # Errors
/// The first pattern that is no glob, and why.
pub fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| error.to_string())?);
    }
    set.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(|&pattern| pattern.to_owned()).collect()
    }

    #[test]
    fn globs_choose_and_exclude() {
        let select =
            Select::new(&list(&["cpu", "disk*"]), &list(&["*"]), &list(&["*_total"])).unwrap();
        assert!(select.has_measurement(b"diskio") && !select.has_measurement(b"mem"));
        assert!(select.has_field(b"used") && !select.has_field(b"used_total"));
        assert!(Select::new(&list(&["a["]), &[], &[]).is_err());
        let all = Select::new(&list(&["*"]), &list(&["*"]), &[]).unwrap();
        assert!(all.has_measurement(b"a/b.c\\ d\xff") && all.has_field(b""));
    }
}
