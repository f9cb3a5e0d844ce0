//! What paths set out from.

use super::outlook::Outlook;
use super::ring::Ring;

/// What paths set out from.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The values so far.
    pub ring: &'a Ring,
    /// What a coarser grid expects.
    pub outlook: Option<&'a Outlook<'a>>,
    /// The last value as it came, in units.
    pub last: f32,
    /// Least and greatest value, in units.
    pub bounds: (f32, f32),
}
