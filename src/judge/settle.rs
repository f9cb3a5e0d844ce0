//! What a silence leaves behind.
//!
//! During a silence points are learnt as in a warm-up, and nothing is a surprise. When it is over the series goes
//! on from where it is: the slow level, which follows slowly, is moved there if it lags. And since a piece of work
//! may take longer than was thought, the level from before the silence is normal too, for as many points as
//! the silence had: the way back is no alarm.
//!
//! Points that teach nothing leave it where it was, and a series that moves has moved on: then it goes on from
//! where the forecast is, unless that ends in something that was not to be expected.

use super::Judge;
use super::sides::Sides;

/// Points whose median tells the level.
const POINTS: usize = 16;
/// Scales by which the slow level must lag to be moved.
const LAG: f64 = 2.0;

impl Judge {
    /// A silence begins: this is the level to come back to.
    pub fn fall_silent(&mut self) {
        self.episode.allow(self.level.slow(), u32::MAX);
    }

    /// A silence of so many points is over, and the next point is at `time`.
    pub fn settle(&mut self, points: u32, time: i64) {
        self.channels.interrupt();
        let former = self.episode.former();
        self.episode.adopt(None);
        let place = self.day.place(time);
        let sides = self.sides(place, self.floor());
        let Some(base) = sides.base else { return };
        let count = POINTS.min(points as usize);
        let here = self.recent.adopt(count).unwrap_or(self.recent.median());
        let lag = (here - base - self.level.slow()).abs();
        if lag > LAG * f64::from(sides.plain.scale) {
            if let (Some(usual), Some(at)) = (&mut self.usual, sides.usual) {
                usual.adopt(self.recent.cleaned(), at);
            }
            self.level.adopt(here - base);
        }
        if let Some(former) = former {
            self.episode.allow(former, points);
        }
    }

    /// Points that were not looked at have gone by, and `x` is the first behind them, at `time`. There are two
    /// expectations of it: the one from before, and the forecast, unless the last point before was a surprise.
    /// Where `x` is not near the former and nearer to the latter, the latter is taken.
    pub fn resume(&mut self, x: f64, forecast: f64, time: i64) {
        let off = (x - self.expected(time)).abs();
        let is_nearer = (x - forecast).abs() < off; // a forecast that is no number is not
        if is_nearer && off > LAG * self.scale() && !self.episode.is_on() {
            self.move_to(forecast, time);
        }
    }

    /// The point `x` at `time` was no surprise after points that were not looked at: the series is there.
    pub fn arrive(&mut self, x: f64, time: i64) {
        if (x - self.expected(time)).abs() > LAG * self.scale() {
            self.move_to(x, time);
        }
    }

    /// What is expected of a point at `time`.
    #[must_use]
    pub fn expected(&self, time: i64) -> f64 {
        let floor = self.floor();
        self.sides(self.day.place(time), floor).chosen().value
    }

    fn move_to(&mut self, level: f64, time: i64) {
        let sides = self.sides(self.day.place(time), self.floor());
        self.restart_at(level, &sides);
    }

    /// This is the level from now on.
    pub(super) fn restart_at(&mut self, level: f64, sides: &Sides) {
        self.recent.restart(level);
        if let (Some(usual), Some(at)) = (&mut self.usual, sides.usual) {
            usual.adopt(self.recent.cleaned(), at);
        }
        if let Some(base) = sides.base {
            self.level.adopt(level - base);
        }
    }
}
