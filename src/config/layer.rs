//! Settings of one reach: those of all series, or those of one policy.

use super::keys::Key;
use super::raw::Raw;
use super::value::Value;

/// Where a setting was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere.
    Default,
    /// In the file, at this line.
    File(usize),
    /// On the command line.
    CommandLine,
}

/// A setting in force, as TOML.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) path: &'static str,
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// Values, each with where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) raw: Raw,
    pub(super) shown: Vec<Shown>,
}

impl Layer {
    /// Nothing is set yet.
    pub(super) fn blank() -> Self {
        Self {
            raw: Raw::blank(),
            shown: Vec::new(),
        }
    }

    /// Sets a value; what to write instead when it does not fit.
    pub(super) fn set(
        &mut self,
        key: &'static Key,
        value: &Value,
        origin: Origin,
    ) -> Result<(), String> {
        (key.set)(&mut self.raw, value)?;
        self.shown.retain(|shown| shown.path != key.path);
        self.shown.push(Shown {
            path: key.path,
            text: value.to_string(),
            origin,
        });
        Ok(())
    }

    /// A setting in force.
    pub(super) fn shown(&self, path: &str) -> Option<&Shown> {
        self.shown.iter().find(|shown| shown.path == path)
    }
}
