//! A series on its way, a point a minute, and what is said about it.

use std::collections::BTreeMap;

use brewcast::config;
use brewcast::judge::Verdict;
use brewcast::precision::Precision;
use brewcast::series::event::{Change, Events};
use brewcast::series::{Rules, Series, Step};

pub(crate) const MINUTE: i64 = 60_000_000_000;
const START: i64 = 1_704_067_200_000_000_000; // Monday, 2024-01-01

/// Scores that are counted, to compare them with how often they should be.
pub(crate) const SCORES: [f64; 2] = [1.25, 1.5];

/// One series and its events.
pub(crate) struct Run {
    series: Series,
    rules: Rules,
    events: Events,
    time: i64,
    pub(crate) flags: u32,
    pub(crate) opened: u32,
    pub(crate) kinds: BTreeMap<&'static str, u32>, // that events opened with
    pub(crate) expected: f64,                      // flags, by the budgets in force
    pub(crate) beyond: [(u32, f64); 2],            // points above SCORES, and expected there
}

/// What was said about a point.
pub(crate) struct Said {
    pub(crate) verdict: Option<Verdict>,
    pub(crate) has_opened: bool,
    /// What the event is called with this point, if it is told.
    pub(crate) kind: Option<&'static str>,
}

impl Run {
    /// With this budget of a point.
    pub(crate) fn new(per_point: f64) -> Self {
        let overrides = [("detect.false_alarms", per_point.to_string())];
        let settings = config::load(None, &overrides);
        assert!(settings.faults.is_empty(), "{:?}", settings.faults);
        let options = settings.options("host", Precision::Ns, false);
        let rules = options.policies.rest().rules.clone();
        Self {
            series: Series::new(START, 0),
            rules,
            events: Events::default(),
            time: START,
            flags: 0,
            opened: 0,
            kinds: BTreeMap::new(),
            expected: 0.0,
            beyond: [(0, 0.0); 2],
        }
    }

    /// The next point.
    pub(crate) fn observe(&mut self, y: f64) -> Said {
        let step = self.series.observe(self.time, y, &self.rules);
        let time = self.time;
        self.time += MINUTE;
        let Step::Judged {
            verdict, adopted, ..
        } = step
        else {
            return Said {
                verdict: None,
                has_opened: false,
                kind: None,
            };
        };
        self.flags += u32::from(verdict.is_anomaly());
        self.expected += verdict.allowance.budget;
        for ((points, expected), score) in self.beyond.iter_mut().zip(SCORES) {
            *points += u32::from(verdict.score > score);
            *expected += verdict.allowance.budget.powf(score);
        }
        let change = self.events.observe(time, &verdict, adopted);
        let has_opened = change.is_some_and(|(change, _)| change == Change::Opened);
        self.opened += u32::from(has_opened);
        if has_opened {
            *self
                .kinds
                .entry(verdict.as_named().cause.kind.name())
                .or_default() += 1;
        }
        Said {
            verdict: Some(verdict),
            has_opened,
            kind: change.map(|(_, event)| event.named.cause.kind.name()),
        }
    }

    /// So many points are missing.
    pub(crate) fn pass(&mut self, steps: i64) {
        self.time += steps * MINUTE;
    }
}
