//! What kind of anomaly it is, and what the channels found at a point.

/// What kind of anomaly a flagged point, or an event, is. An event is of the kind of highest rank that was
/// found in it, because a stuck sensor may begin with a dip, and a dip with nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Beyond everything seen.
    OutOfRange,
    /// Above what was expected.
    Spike,
    /// Below what was expected.
    Dip,
    /// The mean of the last points is off.
    LevelShift,
    /// The level moves steadily.
    TrendChange,
    /// The steps are larger than they were.
    VarianceChange,
    /// Points are missing.
    Gap,
    /// The value stands still.
    Flatline,
}

impl Kind {
    /// Its name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::Dip => "dip",
            Self::OutOfRange => "out_of_range",
            Self::LevelShift => "level_shift",
            Self::TrendChange => "trend_change",
            Self::VarianceChange => "variance_change",
            Self::Gap => "gap",
            Self::Flatline => "flatline",
        }
    }

    /// Its rank in naming an event; of two of one rank the worse one does.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::OutOfRange => 0,
            Self::Spike | Self::Dip => 1,
            Self::LevelShift => 2,
            Self::TrendChange => 3,
            Self::VarianceChange => 4,
            Self::Gap => 5,
            Self::Flatline => 6,
        }
    }

    /// The score from which it names what is an anomaly anyway.
    #[must_use]
    pub fn names_from(self) -> f32 {
        match self {
            Self::TrendChange => 1.0 / TREND_ALONE,
            Self::VarianceChange => 1.0 / VARIANCE_ALONE,
            _ => 1.0,
        }
    }

    /// Whether it is above or below something.
    #[must_use]
    pub fn has_side(self) -> bool {
        self.rank() <= Self::TrendChange.rank()
    }

    /// Whether it is about how far values are from what was expected.
    #[must_use]
    pub fn has_size(self) -> bool {
        self.rank() <= Self::VarianceChange.rank()
    }

    /// Whether the values themselves are a surprise, so that they must not be learnt as they came.
    #[must_use]
    pub fn is_of_values(self) -> bool {
        self.rank() <= Self::LevelShift.rank()
    }
}

/// Limits beyond which a change of the trend or of the variance is an alarm of its own. What is an anomaly
/// anyway is named by one; alone they would bring a third more false alarms.
pub(super) const TREND_ALONE: f32 = 1.2;
pub(super) const VARIANCE_ALONE: f32 = 1.5;

/// What a channel found at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// Its score; 1 is the limit.
    pub score: f32,
    /// How much: in the unit of the data, but for the change of the variance (times), gap and flatline
    /// (points).
    pub off: f64,
    /// How much is usual, of gap and flatline.
    pub usual: f64,
}

/// Channels that look at more than the point itself.
const CHANNELS: usize = 6;

/// What all channels but that of the point itself found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Findings {
    list: [Option<Finding>; CHANNELS],
    count: u8,
}

impl Findings {
    /// Adds one; a channel adds at most one.
    #[inline]
    pub fn add(&mut self, finding: Finding) {
        if let Some(place) = self.list.get_mut(usize::from(self.count)) {
            *place = Some(finding);
            self.count += 1;
        }
    }

    /// All of them.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list[..usize::from(self.count)].iter().flatten()
    }

    /// Whether the value stands still longer than usual.
    #[must_use]
    #[inline]
    pub fn has_flatline(&self) -> bool {
        self.iter()
            .any(|finding| finding.score > 1.0 && finding.kind == Kind::Flatline)
    }

    /// Whether one of them is beyond its limit and about the values.
    #[must_use]
    #[inline]
    pub fn has_surprise(&self) -> bool {
        self.iter()
            .any(|finding| finding.score > 1.0 && finding.kind.is_of_values())
    }
}
