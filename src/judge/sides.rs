//! The two expectations of a point, and which of them speaks.
//!
//! The plain one and that of the day: the one with the smaller discounted error speaks. (The smaller
//! surprise of both costs .01 of the F1 and 8 points of NAB.)

/// One expectation of a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// What is expected.
    pub(super) value: f64,
    /// The usual size of its error.
    pub(super) scale: f32,
    /// The same before the surprises that have just been, if there were any.
    pub(super) calm_scale: Option<f32>,
    /// Its discounted absolute error.
    pub(super) error: f32,
}

/// Both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides {
    pub(super) plain: Expected,
    pub(super) daily: Option<Expected>,
    /// What is usual at this time of the day.
    pub(super) usual: Option<f64>,
    /// What levels are measured from: that, or 0 before there is a day; `None` at a time of the day that was
    /// not seen.
    pub(super) base: Option<f64>,
}

impl Sides {
    /// The one that speaks.
    pub(super) fn chosen(&self) -> Expected {
        self.daily
            .filter(|daily| daily.error < self.plain.error)
            .unwrap_or(self.plain)
    }
}
