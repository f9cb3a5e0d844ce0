//! Whether a sensor is stuck: the same value longer than it ever was.
//!
//! `score = min((run - 1) ln r / ln p, run / (3 longest))`, `r` being the share of points that repeat the one
//! before, and `longest` the longest run that was no surprise, slowly forgotten, at least [`LEAST`] / 3. The one
//! is how improbable the run is if repeats come by chance, the other what the series itself has done: an
//! idle night is long and no news. What stays stuck is known after a while, and what surprised twice is none
//! the third time.

/// Points of a run that is never news.
const LEAST: f32 = 15.0;
/// How many times the longest run a new one must be.
const TIMES: f32 = 3.0;
/// Share of the longest run that is forgotten with a point.
const FORGOTTEN: f32 = 1e-5;
/// Points at which what is counted is halved.
const MEMORY: f32 = 5_000.0;

/// The runs of one series.
#[derive(Clone, Debug)]
pub struct Runs {
    pub(crate) run: u32,     // points of the present one
    pub(crate) flagged: u32, // of them
    pub(crate) is_known: bool,
    pub(crate) longest: Longest,
    pub(crate) points: f32,
    pub(crate) repeats: f32,
}

/// The longest of something that was no surprise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Longest(pub(crate) f32);

impl Longest {
    /// The most that is no news.
    #[inline]
    pub(super) fn limit(self) -> f32 {
        (TIMES * self.0).max(LEAST)
    }

    /// How many limits `count` is.
    #[inline]
    pub(super) fn limits(self, count: f32) -> f32 {
        count / self.limit()
    }

    pub(super) fn usual(self) -> f64 {
        self.0.into()
    }

    pub(super) fn forget(&mut self, share: f32) {
        self.0 *= 1.0 - share.min(1.0);
    }

    /// Takes one in. What surprises twice with the same length is known.
    pub(super) fn learn(&mut self, count: f32, is_surprise: bool) {
        let once = 0.5 * count / TIMES;
        let is_first = is_surprise && self.0 < 0.8 * once;
        self.0 = self.0.max(if is_first { once } else { count });
    }
}

impl Runs {
    /// After one value.
    #[must_use]
    pub fn start() -> Self {
        Self {
            run: 1,
            flagged: 0,
            is_known: true, // nobody has seen it begin
            longest: Longest::default(),
            points: 0.0,
            repeats: 0.0,
        }
    }

    /// Points of the present run.
    #[must_use]
    pub fn run(&self) -> u32 {
        self.run
    }

    /// The longest run that was no surprise.
    #[must_use]
    pub fn usual(&self) -> f64 {
        self.longest.usual().max(1.0)
    }

    /// Takes in whether a point repeats the one before; the score of the run so far at the budget `p`.
    /// After `adopt_after` surprises a run is known; so is one that has begun while nothing was judged.
    #[inline]
    pub fn observe(&mut self, is_repeat: bool, p: f64, adopt_after: u32, is_judged: bool) -> f32 {
        if !is_repeat {
            self.end();
            (self.run, self.is_known) = (1, !is_judged);
            return 0.0;
        }
        self.run = self.run.saturating_add(1);
        let limits = self.longest.limits(self.run as f32);
        if limits <= 1.0 || self.flagged >= adopt_after || self.is_known {
            return limits.min(0.99);
        }
        let share = f64::from((self.repeats + 0.5) / (self.points + 1.0));
        let rarity = f64::from(self.run - 1) * share.ln() / p.ln();
        limits.min(rarity as f32)
    }

    /// Whether the present run is a surprise.
    pub fn flag(&mut self, is_surprise: bool) {
        self.flagged = self.flagged.saturating_add(is_surprise.into());
    }

    fn end(&mut self) {
        let run = self.run as f32;
        self.longest.forget(FORGOTTEN * run);
        self.longest.learn(run, self.flagged > 0);
        if self.flagged == 0 {
            self.points += run;
            self.repeats += run - 1.0;
            if self.points > MEMORY {
                (self.points, self.repeats) = (0.5 * self.points, 0.5 * self.repeats);
            }
        }
        self.flagged = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest score of a run of `length` points after these.
    fn score(runs: &mut Runs, length: u32) -> f32 {
        let mut most = 0.0_f32;
        for i in 0..length {
            let score = runs.observe(i > 0, 1e-4, 120, true);
            runs.flag(score > 1.0);
            most = most.max(score);
        }
        most
    }

    #[test]
    fn a_value_that_never_stood_still_is_stuck_after_fifteen_points() {
        let mut runs = Runs::start();
        assert!(score(&mut runs, 1) < 1.0);
        (0..500).for_each(|_| assert!(score(&mut runs, 1) < 1.0));
        assert!(score(&mut runs.clone(), 15) <= 1.0);
        assert!(score(&mut runs.clone(), 17) > 1.0);
    }

    #[test]
    fn nights_are_no_news_and_a_stuck_week_is_once() {
        let mut runs = Runs::start();
        score(&mut runs, 1);
        for day in 0..20 {
            let night = score(&mut runs, 480);
            assert_eq!(night > 1.0, day < 2, "{day}: {night}");
            (0..960).for_each(|_| assert!(score(&mut runs, 1) < 1.0));
        }
        assert!(score(&mut runs, 2_000) > 1.0);
    }

    #[test]
    fn what_stays_stuck_is_known_after_a_while() {
        let mut runs = Runs::start();
        (0..500).for_each(|_| _ = score(&mut runs, 1));
        score(&mut runs, 16 + 120);
        (0..10_000).for_each(|_| assert!(runs.observe(true, 1e-4, 120, true) <= 1.0));
    }

    #[test]
    fn what_never_moved_is_not_stuck() {
        let mut runs = Runs::start();
        (0..10_000).for_each(|_| assert!(runs.observe(true, 1e-4, 120, true) <= 1.0));
    }

    #[test]
    fn a_reading_that_mostly_stands_still_may_do_so() {
        let mut runs = Runs::start();
        let mut word = 1_u64;
        for i in 0..100_000 {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let is_repeat = (word >> 33) % 100 < 95;
            let score = runs.observe(is_repeat, 1e-5, 120, true);
            assert!(score <= 1.0 || i < 2_000, "{i}: {score}");
        }
    }
}
