//! Two grids: the points, and means over longer buckets under them.
//!
//! A week at 10 s is 60,480 points; nothing that keeps them fits into the memory of a series. Seasons of
//! a day and more do not need them: hourly means with lags in hours forecast five-minute data as well as
//! the exact lags did (MAE a day ahead .957 against 1.135). So there are two mixes of one kind: a coarse
//! one on means, with all that is seasonal, and a fine one on the points, which takes the path of the
//! coarse one, interpolated between the centres of the buckets, as regressors and as two candidates.
//!
//! While the coarse grid knows no season it is a bare ring with its search, and the fine mix is alone.

use super::calendar::{CAPACITY, Calendar};
use super::coarse::Coarse;
use super::mix::horizons::JUDGED_MAX;
use super::mix::{Mix, Outlook, Setup};
use super::steps::Steps;

/// Missing steps that are filled one by one; of a longer silence only the last so many.
const FILLED_MAX: u32 = 512;
/// Buckets for which the coarse mix is judged: a day of hours.
const COARSE_HORIZON: u32 = 24;
/// What is left, a bucket later, of the departure of the points from the coarse path.
const DEPARTURE_KEPT: f64 = 0.8;

/// What the grids have to know beside the values.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Time between points, ns, > 0.
    pub step_ns: i64,
    /// Seasons and buckets at that step.
    pub calendar: Calendar,
    /// How far ahead forecasts are judged, steps.
    pub horizon: u32,
    /// Share of the outcomes that intervals are to hold, in (0, 1).
    pub coverage: f32,
    /// Shifts what is done every so many points.
    pub phase: u32,
    /// Whether it is the sum of the values that is forecast.
    pub sums: bool,
    /// Whether only the last value may speak.
    pub naive: bool,
}

/// Fine and coarse mix of one series.
#[derive(Clone, Debug)]
pub struct Grids {
    pub(crate) step_ns: i64,
    pub(crate) time: i64,    // of the last step, ns
    pub(crate) horizon: u32, // steps that the fine mix judges
    pub(crate) sums: bool,   // the sum of the values is what is forecast
    pub(crate) fine: Mix,
    pub(crate) coarse: Option<Box<Coarse>>,
}

impl Grids {
    /// Nothing seen.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let setup = Setup {
            horizon: layout.horizon,
            capacity: layout.calendar.capacity,
            coverage: layout.coverage,
            seasons: layout.calendar.fine,
            phase: layout.phase,
            sums: layout.sums,
            naive: layout.naive,
            waits: false,
        };
        let coarse = (!layout.naive)
            .then_some(layout.calendar.coarse)
            .flatten()
            .map(|(bucket_ns, seasons)| {
                let mix = Mix::new(Setup {
                    horizon: COARSE_HORIZON,
                    capacity: CAPACITY,
                    seasons,
                    sums: false,
                    waits: true,
                    ..setup
                });
                Box::new(Coarse::new(bucket_ns, reach(layout, bucket_ns), mix))
            });
        Self {
            step_ns: layout.step_ns,
            time: 0,
            horizon: layout.horizon.min(JUDGED_MAX),
            sums: layout.sums,
            fine: Mix::new(setup),
            coarse,
        }
    }

    /// Takes in the value of the next step, at `time`.
    pub fn learn(&mut self, time: i64, y: f64) {
        let due = self.time.saturating_add(self.step_ns);
        if time <= due.saturating_sub(self.step_ns) {
            self.turn_back(time, due);
        }
        self.roll(time);
        let Self { fine, coarse, .. } = self;
        let outlook = coarse
            .as_deref()
            .and_then(|coarse| coarse.outlook(time.saturating_sub(self.step_ns), self.step_ns));
        fine.learn(y, outlook.as_ref());
        self.time = time;
        self.count(y, true);
    }

    /// Lets `steps` steps pass whose values are missing.
    pub fn pass(&mut self, steps: u32) {
        let skipped = steps.saturating_sub(FILLED_MAX);
        if skipped > 0 {
            self.fine.skip(skipped);
            let ahead = self.step_ns.saturating_mul(skipped.into());
            self.time = self.time.saturating_add(ahead);
        }
        for _ in skipped..steps {
            let time = self.time.saturating_add(self.step_ns);
            self.roll(time);
            let outlook = self.outlook();
            let fill = self.fine.next(outlook.as_ref());
            let Self { fine, coarse, .. } = self;
            let outlook = coarse
                .as_deref()
                .and_then(|coarse| coarse.outlook(self.time, self.step_ns));
            fine.pass(outlook.as_ref());
            self.time = time;
            self.count(fill, false);
        }
    }

    /// What is expected of the next value.
    #[must_use]
    pub fn next(&self) -> f64 {
        self.fine.next(self.outlook().as_ref())
    }

    /// Writes forecast and interval (`yhat`, lower, upper) of each of the next `steps` values, or of
    /// their sum up to there.
    pub fn forecast(&self, steps: u32, out: &mut Vec<[f64; 3]>) {
        self.forecast_at(Steps::up_to(steps), out);
    }

    /// The same of these steps only.
    pub fn forecast_at(&self, wanted: Steps, out: &mut Vec<[f64; 3]>) {
        let steps = wanted.last();
        let far = self.coarse.as_ref().filter(|_| steps > self.horizon);
        let Some((coarse, outlook)) = far.zip(self.outlook()) else {
            self.fine.forecast(wanted, self.outlook().as_ref(), out);
            return;
        };
        let near = Steps::up_to(self.horizon);
        self.fine.forecast(near, Some(&outlook), out);
        let mut path = Vec::new();
        let buckets = 3 + (outlook.at + outlook.per_step * f64::from(steps)) as u32;
        coarse.mix.forecast(Steps::up_to(buckets), None, &mut path);
        path.insert(0, [coarse.means[0]; 3]);
        let means: Vec<f64> = path.iter().map(|[yhat, _, _]| *yhat).collect();
        let outlook = Outlook {
            means: &means,
            ..outlook
        };
        self.go_on(&outlook, &path, steps, out);
        let mut step = 0;
        out.retain(|_| {
            step += 1;
            wanted.has(step)
        });
    }

    /// Goes on to `steps` where the fine mix ends: with the path of the coarse one, and what is left of
    /// the departure from it. `path` begins with the newest complete bucket.
    fn go_on(&self, outlook: &Outlook, path: &[[f64; 3]], steps: u32, out: &mut Vec<[f64; 3]>) {
        let Some(&[mut sum, lower, upper]) = out.last() else {
            return;
        };
        let before = out.len().checked_sub(2).map_or(0.0, |index| out[index][0]);
        let newest = if self.sums { sum - before } else { sum };
        let departure = newest - outlook.level(self.horizon as usize);
        let half = (sum - lower, upper - sum);
        let at = |place: f64, index: usize| {
            let before = place as usize;
            let of = |bucket: usize| path[bucket.min(path.len() - 1)][index];
            of(before) + (of(before + 1) - of(before)) * (place - before as f64)
        };
        let (low, high) = self.fine.range(outlook);
        let (mut below, mut above) = (0.0, 0.0);
        for step in self.horizon + 1..=steps {
            let place = outlook.at + outlook.per_step * f64::from(step);
            let beyond = outlook.per_step * f64::from(step - self.horizon);
            let mean = at(place, 0);
            let yhat = mean + departure * DEPARTURE_KEPT.powf(beyond);
            let yhat = self.fine.within_sign(yhat.max(low).min(high));
            let own = (mean - at(place, 1), at(place, 2) - mean);
            if !self.sums {
                let lower = self.fine.within_sign(yhat - half.0.hypot(own.0));
                out.push([yhat, lower.min(yhat), yhat + half.1.hypot(own.1)]);
                continue;
            }
            // The steps of a bucket share one error; those of other buckets are their own.
            below += own.0 * own.0 / outlook.per_step;
            above += own.1 * own.1 / outlook.per_step;
            sum += yhat;
            let lower = self.fine.within_sign(sum - half.0.hypot(below.sqrt()));
            out.push([sum, lower.min(sum), sum + half.1.hypot(above.sqrt())]);
        }
    }

    /// How many times as wide as one step ahead a forecast is `steps` steps ahead, by the closed form.
    #[must_use]
    pub fn width(&self, steps: u32) -> f64 {
        self.fine.width(steps)
    }

    /// Gives away the coarse grid.
    #[must_use]
    pub fn into_coarse(self) -> Option<Box<Coarse>> {
        self.coarse
    }

    /// Takes the coarse grid of this series at another cadence, where its buckets are the same.
    pub fn take_coarse(&mut self, coarse: Box<Coarse>) {
        if let Some(own) = &mut self.coarse
            && own.bucket_ns == coarse.bucket_ns
        {
            let reach = own.reach;
            *own = coarse;
            own.reach = reach;
        }
    }

    /// The seasons in use, in ns; 0: none.
    #[must_use]
    pub fn seasons(&self) -> [i64; 4] {
        let of = |mix: &Mix, unit: i64| mix.seasons().map(|m| unit * i64::from(m));
        let [a, b] = of(&self.fine, self.step_ns);
        let [c, d] = self
            .coarse
            .as_ref()
            .map_or([0; 2], |coarse| of(&coarse.mix, coarse.bucket_ns));
        [a, b, c, d]
    }

    /// The mix on the points.
    #[must_use]
    pub fn fine(&self) -> &Mix {
        &self.fine
    }

    /// Bytes it takes, what is behind pointers included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let behind = |mix: &Mix| mix.bytes() - size_of::<Mix>();
        let coarse = self.coarse.as_ref().map_or(0, |coarse| {
            size_of::<Coarse>() + behind(&coarse.mix) + 8 * coarse.means.capacity()
        });
        size_of::<Self>() + behind(&self.fine) + coarse
    }

    fn outlook(&self) -> Option<Outlook<'_>> {
        self.coarse.as_ref()?.outlook(self.time, self.step_ns)
    }

    /// Counts a value of the step at `self.time` into its bucket, which is closed when the next step is
    /// in another one.
    fn count(&mut self, y: f64, has_come: bool) {
        let next = self.time.saturating_add(self.step_ns);
        let Some(coarse) = &mut self.coarse else {
            return;
        };
        coarse.sum += y;
        coarse.count += 1;
        coarse.has_points |= has_come;
        if coarse.index(next) > coarse.bucket.unwrap_or(i64::MAX) {
            self.close();
        }
    }

    /// The clock was set back: seasons go on from the place that it has come back to.
    fn turn_back(&mut self, time: i64, due: i64) {
        self.fine.turn_back(due.saturating_sub(time) / self.step_ns);
        if let Some(coarse) = &mut self.coarse
            && let Some(bucket) = coarse.bucket
        {
            let index = coarse.index(time).min(bucket);
            coarse.mix.turn_back(bucket.saturating_sub(index));
            coarse.bucket = Some(index);
        }
    }

    /// Closes what is behind the bucket of `time`.
    fn roll(&mut self, time: i64) {
        let Some(coarse) = &mut self.coarse else {
            return;
        };
        let index = coarse.index(time);
        let Some(bucket) = coarse.bucket else {
            coarse.bucket = Some(index);
            return;
        };
        if index < bucket.saturating_sub(1) {
            // It comes from another cadence, before the clock was set back.
            coarse.mix.turn_back(bucket.saturating_sub(index));
            coarse.bucket = Some(index);
            return;
        }
        if index <= bucket {
            return;
        }
        if coarse.count > 0 {
            self.close();
        }
        if let Some(coarse) = &mut self.coarse {
            coarse.pass_to(index);
        }
    }

    fn close(&mut self) {
        let Some(coarse) = &mut self.coarse else {
            return;
        };
        coarse.close();
        if let Some(fine) = self.fine.grown_mut() {
            match (coarse.means.is_empty(), fine.has_outlook()) {
                (false, false) => fine.begin_outlook(),
                (true, true) => fine.end_outlook(),
                _ => {}
            }
        }
    }
}

/// Buckets that the longest judged path of the points reaches into.
fn reach(layout: &Layout, bucket_ns: i64) -> u32 {
    let horizon = f64::from(layout.horizon.min(JUDGED_MAX));
    (horizon * layout.step_ns as f64 / bucket_ns as f64).ceil() as u32 + 2
}
