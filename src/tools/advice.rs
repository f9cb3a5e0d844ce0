//! What a series asks to have set, and why.
//!
//! Said only where there is enough to go by. It is a suggestion: whether an event was a fault of the data or of
//! the settings, only those who know the data can tell. Suggestions that are alike over many series are one.

use super::backtest::numbers::{decimals, duration, grouped, percent, rounded, significant};
use super::backtest::report::Series;

/// What a suggestion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A rarer budget.
    Budget,
    /// A size below which nothing matters.
    Deviation,
    /// A season to be named.
    Season,
    /// No forecast but the last value.
    Naive,
    /// Intervals that do not hold what they promise.
    Intervals,
    /// The time between points.
    Cadence,
}

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it is about.
    pub rule: Rule,
    /// The setting; none where it is not settings that help.
    pub setting: Option<String>,
    /// One sentence or two.
    pub why: String,
}

/// A suggestion for one series, or for several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The suggestion; for several series its sentence is without figures.
    pub advice: Advice,
    /// The places of the series, from 0.
    pub series: Vec<usize>,
}

/// How a suggestion of a size begins.
const MIN_DEVIATION: &str = "min_deviation = ";
/// Series from which suggestions that are alike are told once.
const ALIKE_MIN: usize = 3;
/// Points compared, from which a share or a ratio says something.
const POINTS_MIN: u64 = 500;
/// Forecasts, as well.
const ORIGINS_MIN: u32 = 30;
/// How much more than the error of another forecast is worth a word.
const WORSE: f64 = 1.05;
/// How far coverage may be below what was asked for.
const COVERAGE_OFF: f64 = 0.05;
/// Events from which they are many, and how many times what is allowed.
const EVENTS_MIN: u64 = 5;
const TOO_MANY: f64 = 3.0;
/// Share of missing points from which the time between points is in doubt.
const MISSING: f64 = 0.2;

/// All that a series asks for, the most telling first.
#[must_use]
pub fn of(series: &Series) -> Vec<Advice> {
    let all = [
        too_many_events(series),
        poor_forecast(series),
        narrow_intervals(series),
        missing_points(series),
    ];
    all.into_iter().flatten().collect()
}

/// What all of them ask for, each once; in the order of the series.
#[must_use]
pub fn of_all(all: &[&Series]) -> Vec<Group> {
    let mut groups: Vec<Vec<(usize, Advice)>> = Vec::new();
    for (at, series) in all.iter().enumerate() {
        for advice in of(series) {
            let alike = groups.iter_mut().find(|group| group[0].1.is_like(&advice));
            match alike {
                Some(group) => group.push((at, advice)),
                None => groups.push(vec![(at, advice)]),
            }
        }
    }
    let single = |(at, advice)| Group {
        advice,
        series: vec![at],
    };
    let told = groups.into_iter().flat_map(|group| {
        if group.len() < ALIKE_MIN {
            group.into_iter().map(single).collect()
        } else {
            vec![together(group)]
        }
    });
    told.collect()
}

/// One for all of these.
fn together(group: Vec<(usize, Advice)>) -> Group {
    let series = group.iter().map(|(at, _)| *at).collect();
    let rule = group[0].1.rule;
    let settings = group
        .iter()
        .filter_map(|(_, advice)| advice.setting.as_deref());
    let sizes = settings.filter_map(|setting| setting.strip_prefix(MIN_DEVIATION)?.parse().ok());
    let mut sizes: Vec<f64> = sizes.collect();
    sizes.sort_by(f64::total_cmp);
    let setting = match sizes[..] {
        [least, .., most] => Some(format!(
            "{MIN_DEVIATION}{} to {}",
            shortest(least),
            shortest(most)
        )),
        _ => group[0].1.setting.clone(),
    };
    let why = rule.why().to_owned();
    Group {
        advice: Advice { rule, setting, why },
        series,
    }
}

impl Advice {
    /// Whether it says the same of another series.
    fn is_like(&self, other: &Self) -> bool {
        let has_value = matches!(self.rule, Rule::Deviation);
        self.rule == other.rule && (has_value || self.setting == other.setting)
    }
}

impl Rule {
    /// Why, without the figures of a series.
    fn why(self) -> &'static str {
        match self {
            Self::Budget => {
                "far more events than chance gives; this would have opened half of them at most. Look at them first: if \
                 they are real, leave it."
            }
            Self::Deviation => {
                "far more events than chance gives, and no budget tells them apart: the data have faults or leaps. If \
                 small ones do not matter, these are the sizes of the middle one of each."
            }
            Self::Season => {
                "the forecast is farther off than the value one season ago: name the season, so that it need not be found."
            }
            Self::Naive => {
                "the forecast is farther off than the last value: there is no structure in it to know."
            }
            Self::Intervals => {
                "too few of the points are inside the interval: the series change faster than they are learnt. Do not \
                 trust their intervals, nor the probabilities of thresholds."
            }
            Self::Cadence => {
                "many points are missing on the step that was learnt: give the time between points if that is not it."
            }
        }
    }
}

fn too_many_events(series: &Series) -> Option<Advice> {
    let (events, allowed) = (series.events_opened, series.flags_expected);
    if events < EVENTS_MIN || (events as f64) < TOO_MANY * allowed {
        return None;
    }
    let found = format!(
        "{} events where chance alone gives {}",
        grouped(events),
        rounded(allowed)
    );
    let half = series
        .other_budgets
        .iter()
        .find(|other| 2 * other.events <= events && other.allowed < allowed);
    if let Some(other) = half {
        return Some(Advice {
            rule: Rule::Budget,
            setting: Some(format!("false_alarms = \"{}\"", other.budget)),
            why: format!(
                "{found}; this would have opened {}. Look at them first: if they are real, leave it",
                grouped(other.events)
            ) + ".",
        });
    }
    let mut sizes: Vec<f64> = series
        .events
        .iter()
        .map(|event| (event.peak_value - event.expected).abs())
        .collect();
    sizes.sort_by(f64::total_cmp);
    let median = sizes
        .get(sizes.len() / 2)
        .copied()
        .filter(|size| *size > 0.0)?;
    Some(Advice {
        rule: Rule::Deviation,
        setting: Some(format!("{MIN_DEVIATION}{}", shortest(median))),
        why: format!(
            "{found}, and no budget tells them apart: the data have faults or leaps. If small ones do not matter, this is \
             the size of the middle one of them."
        ),
    })
}

fn poor_forecast(series: &Series) -> Option<Advice> {
    let whole = &series.whole;
    let is_known = |points: u64| points >= POINTS_MIN && series.origins >= ORIGINS_MIN;
    let seasonal = &whole.beside.seasonal_naive;
    let mut seasons = series.seasons.iter();
    if is_known(seasonal.points)
        && seasonal.ratio > WORSE
        && seasonal.ratio.is_finite()
        && let Some(season) = seasons.rfind(|season| season.after_points > 0)
    {
        return Some(Advice {
            rule: Rule::Season,
            setting: Some(format!("season = \"{}\"", duration(season.length_s))),
            why: format!(
                "the forecast is {} times as far off as the value one season ago: name the season, so that it need not \
                 be found.",
                decimals(seasonal.ratio)
            ),
        });
    }
    let last = &whole.beside.last_value;
    (is_known(last.points) && last.ratio > WORSE && last.ratio.is_finite()).then(|| Advice {
        rule: Rule::Naive,
        setting: Some("forecaster = \"naive\"".to_owned()),
        why: format!(
            "the forecast is {} times as far off as the last value: there is no structure in it to know.",
            decimals(last.ratio)
        ),
    })
}

fn narrow_intervals(series: &Series) -> Option<Advice> {
    let whole = &series.whole;
    let is_narrow = whole.coverage < series.coverage - COVERAGE_OFF;
    (is_narrow && whole.points >= POINTS_MIN && series.origins >= ORIGINS_MIN).then(|| Advice {
        rule: Rule::Intervals,
        setting: None,
        why: format!(
            "only {} of the points are inside the {} interval: the series changes faster than it is learnt. Do not trust \
             its intervals, nor the probabilities of thresholds.",
            percent(whole.coverage, 1),
            percent(series.coverage, 0)
        ),
    })
}

fn missing_points(series: &Series) -> Option<Advice> {
    let all = series.missing + series.judged;
    let share = series.missing as f64 / all.max(1) as f64;
    (share > MISSING && series.judged >= POINTS_MIN).then(|| Advice {
        rule: Rule::Cadence,
        setting: Some("cadence = …".to_owned()),
        why: format!(
            "{} of the points are missing on a step of {}: give the time between points if that is not it.",
            percent(share, 0),
            duration(series.cadence_s)
        ),
    })
}

/// A number without the zeros that say nothing.
fn shortest(value: f64) -> String {
    let text = significant(value);
    if text.contains('.') && !text.contains('e') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}
