//! When a model is fitted anew, and what changes then: parameters, seasons, form.
//!
//! Fits come at ages that double and at most every eight rings, when a season joins and half as much
//! later. The components stay what they are, because they know more than the ring does; only when there
//! are new seasons or the form changes are they started anew at the beginning of the ring and led
//! through it.
//!
//! A fit goes through 2,000 points at most, a hundred times for each member and form; the rest of a longer
//! ring is gone through a few times. With two members and two forms that is .1 ms without a season, 1 ms
//! with one of 24 steps, 5 ms with 1,440, .1 s with 86,400.
//!
//! Additive or multiplicative is decided by the same errors that the parameters are fitted by, in the
//! unit of the data. A series is multiplicative only beside a season, while all values of the ring are
//! positive, and if it is neither a counter's increments nor to have a straight line for a trend.

use super::fit::{self, Criterion, Shape};
use super::form::Form;
use super::interval::Sum;
use super::season::Season;
use super::seasonal::Seasonal;
use super::start;
use super::state::{Params, State};
use super::stream::{Ets, Member, Trend};

/// Rings between two fits once a series is old; before that, whenever its age has doubled.
const REFIT_RINGS: u32 = 8;

/// Share of the steps of two periods that must have had values before a season joins.
const SEEN: f64 = 0.75;

/// What a mean absolute error in sample is multiplied by to get a standard deviation out of sample:
/// sqrt(pi / 2) for a normal error, times the price of the fit.
const FITTED: f64 = 1.2533 * 1.1;
/// The same where the points that the slots are medians of are judged by them: two departures leave half
/// of the variance, and the next one has that of three halves; less, because not all of an innovation
/// is that of the slot.
const STARTED: f64 = 1.2533 * 1.4;

/// Points that a variance in sample counts for, at most: it gives way to the errors that follow.
const POINTS_IN_SAMPLE: f64 = 30.0;

/// What a member would become.
struct Fitted {
    start: Seasonal,
    params: Params,
    loss: f64, // the criterion, in the unit of the data
}

impl Ets {
    /// Values before the first fit: a median of eight innovations tells little about three parameters.
    pub(super) const FIRST_FIT: u32 = 16;

    pub(super) fn refit_when_due(&mut self) {
        let has = self.members[0].state.lengths();
        if has != self.lengths && self.seen() != has {
            self.refit(self.seen());
            self.refit_in = (self.age / 2).max(Self::FIRST_FIT);
            return;
        }
        self.refit_in = self.refit_in.saturating_sub(1);
        if self.refit_in == 0 {
            self.refit(has);
            let rings = u32::try_from(self.capacity).unwrap_or(u32::MAX);
            self.refit_in = self.age.min(REFIT_RINGS.saturating_mul(rings));
        }
    }

    /// The seasons of which two periods have been seen; one that the model has remains.
    fn seen(&self) -> [usize; 2] {
        let has = self.members[0].state.lengths();
        std::array::from_fn(|i| {
            let two = fit::START_PERIODS * self.lengths[i];
            let is_seen = self.ring.len() >= two && f64::from(self.known) >= SEEN * two as f64;
            if has[i] > 0 || is_seen {
                self.lengths[i]
            } else {
                0
            }
        })
    }

    fn refit(&mut self, lengths: [usize; 2]) {
        let mut window = Vec::new();
        self.ring.copy_to(&mut window);
        let known = window.iter().filter(|y| !y.is_nan()).count();
        let longest = lengths[0].max(lengths[1]);
        if (known as f64) < SEEN * (fit::START_PERIODS * longest) as f64 {
            return;
        }
        let is_positive = window.iter().all(|y| *y > 0.0 || y.is_nan());
        let may_multiply = longest > 0 && self.sum == Sum::Value && self.trend != Trend::Linear;
        let (mut form, mut fitted) = (Form::Additive, self.fit(&window, Form::Additive, lengths));
        if may_multiply && is_positive {
            let other = self.fit(&window, Form::Multiplicative, lengths);
            if least(&other) < least(&fitted) {
                (form, fitted) = (Form::Multiplicative, other);
            }
        }
        let is_new = form != self.form || lengths != self.members[0].state.lengths();
        for (member, fitted) in self.members.iter_mut().zip(&fitted) {
            member.params = fitted.params;
        }
        if is_new {
            self.form = form;
            self.start_anew(&window, fitted);
        }
    }

    fn fit(&self, window: &[f64], form: Form, lengths: [usize; 2]) -> Vec<Fitted> {
        let scaled: Vec<f64> = window.iter().map(|&y| form.apply(y)).collect();
        let criterion = Criterion::of(lengths, window.len());
        let error = |z: f64, f: f64| (form.invert(z) - form.invert(f)).abs();
        let fit = |member: &Member| {
            let usual = member.shape.usual(lengths);
            let is_same = form == self.form && lengths == member.state.lengths();
            let from = if is_same { member.params } else { usual };
            let damping = (member.shape != Shape::Level).then_some(from.phi);
            let start = start::start(&scaled, lengths, damping);
            let params = fit::fit(&scaled, start.clone(), member.shape, from);
            let loss = fit::run(&scaled, &mut start.clone(), &params, criterion, error);
            Fitted {
                start,
                params,
                loss,
            }
        };
        self.members.iter().map(fit).collect()
    }

    /// Leads the members through the window from its beginning, and takes their errors there for what
    /// is known about them.
    fn start_anew(&mut self, window: &[f64], fitted: Vec<Fitted>) {
        let scaled: Vec<f64> = window.iter().map(|&y| self.form.apply(y)).collect();
        let lengths = fitted[0].start.lengths();
        let criterion = Criterion {
            from: Criterion::of(lengths, window.len()).from,
            ..Criterion::ONE_STEP
        };
        let error = |z: f64, f: f64| (z - f).abs();
        for (member, fitted) in self.members.iter_mut().zip(fitted) {
            member.state = fitted.start;
            member.loss = fit::run(&scaled, &mut member.state, &member.params, criterion, error);
        }
        self.choose();
        let is_apart = criterion.from >= fit::START_PERIODS * lengths[0].max(lengths[1]);
        let sigma = if is_apart { FITTED } else { STARTED } * self.speaker().loss;
        self.variance = sigma * sigma;
        self.points = POINTS_IN_SAMPLE.min(window.len().saturating_sub(criterion.from) as f64);
    }

    /// A value that has no logarithm has come: what were factors become the additions that they make
    /// at the present level.
    pub(super) fn leave_logarithms(&mut self) {
        let form = std::mem::replace(&mut self.form, Form::Additive);
        let level = form.invert(self.state().line.level);
        for member in &mut self.members {
            let line = member.state.line;
            let level = form.invert(line.level);
            let added = |z: f64| form.invert(line.level + z) - level;
            member.state = Seasonal {
                line: State {
                    level,
                    trend: added(line.trend),
                },
                seasons: member
                    .state
                    .seasons
                    .each_ref()
                    .map(|season| Season::new(season.slots().map(added).collect())),
            };
            member.loss *= level;
        }
        self.variance *= level * level;
    }
}

fn least(fitted: &[Fitted]) -> f64 {
    let losses = fitted.iter().map(|fitted| fitted.loss);
    losses.fold(f64::INFINITY, f64::min)
}
