//! Whether points were missing, and longer than they ever were.
//!
//! Said when the next point has come, because a filter hears nothing before. As of runs ([`super::runs`]):
//! `score = min(g ln r / ln p, g / (3 longest))` for `g` missing points in a row, `r` being the share that is
//! missing, and the longest gap that was no surprise. Up to fifteen are never news: that is a restart.

use super::runs::Longest;

/// Share of the longest gap that is forgotten with a point.
const FORGOTTEN: f32 = 1e-5;
/// Points at which what is counted is halved.
const MEMORY: f32 = 100_000.0;

/// The gaps of one series.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gaps {
    pub(crate) longest: Longest,
    pub(crate) steps: f32,
    pub(crate) missing: f32,
}

impl Gaps {
    /// The longest gap that was no surprise.
    #[must_use]
    pub fn usual(&self) -> f64 {
        self.longest.usual()
    }

    /// Takes in a point before which so many are missing; its score at the budget `p`.
    #[inline]
    pub fn observe(&mut self, missing: u32, p: f64, is_judged: bool) -> f32 {
        self.steps += 1.0;
        self.longest.forget(FORGOTTEN);
        if missing == 0 {
            return 0.0;
        }
        let gap = missing as f32;
        let share = f64::from((self.missing + 0.5) / (self.steps + 1.0));
        let rarity = f64::from(missing) * share.ln() / p.ln();
        let score = self.longest.limits(gap).min(rarity as f32);
        self.longest.learn(gap, is_judged && score > 1.0);
        self.steps += gap;
        self.missing += gap;
        if self.steps > MEMORY {
            (self.steps, self.missing) = (0.5 * self.steps, 0.5 * self.missing);
        }
        score
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(gaps: &mut Gaps, count: u32) {
        (0..count).for_each(|_| assert!(gaps.observe(0, 1e-4, true) <= 0.0));
    }

    #[test]
    fn an_hour_is_news_and_a_restart_is_none() {
        let mut gaps = Gaps::default();
        points(&mut gaps, 2_000);
        assert!(gaps.clone().observe(15, 1e-4, true) <= 1.0);
        assert!(gaps.clone().observe(60, 1e-4, true) > 1.0);
    }

    #[test]
    fn what_is_silent_every_night_is_news_twice() {
        let mut gaps = Gaps::default();
        for night in 0..20 {
            points(&mut gaps, 960);
            let score = gaps.observe(480, 1e-4, true);
            assert_eq!(score > 1.0, night < 2, "{night}: {score}");
        }
    }

    #[test]
    fn what_comes_now_and_then_has_no_gaps() {
        let mut gaps = Gaps::default();
        let mut word = 1_u64;
        for i in 0..50_000 {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let missing = ((word >> 33) % 10) as u32;
            let score = gaps.observe(missing, 1e-5, true);
            assert!(score <= 1.0, "{i}: {score}");
        }
    }
}
