//! The coarse grid: means over buckets, and what they are expected to be.
//!
//! A bucket is closed with its last point, or when a point of a later one comes; buckets without a point are
//! missing steps of the mix. After each the path of the next ones is renewed, which the points look out on.

use super::calendar::CAPACITY;
use super::mix::{Mix, Outlook};

/// Means over buckets, and the mix on them once a season has been found.
#[derive(Clone, Debug)]
pub struct Coarse {
    pub(crate) bucket_ns: i64,
    pub(crate) bucket: Option<i64>, // time / bucket_ns of the one that is being filled
    pub(crate) sum: f64,
    pub(crate) count: u32,
    pub(crate) has_points: bool,
    pub(crate) reach: u32, // buckets of the path that the points look out on
    pub(crate) means: Vec<f64>, // of the newest complete bucket and those expected after it; empty without season
    pub(crate) mix: Mix,
}

impl Coarse {
    /// Nothing seen, on buckets of this length; the path reaches `reach` of them ahead.
    pub(super) fn new(bucket_ns: i64, reach: u32, mix: Mix) -> Self {
        Self {
            bucket_ns,
            bucket: None,
            sum: 0.0,
            count: 0,
            has_points: false,
            reach,
            means: Vec::new(),
            mix,
        }
    }

    /// The bucket that a time is in.
    pub(super) fn index(&self, time: i64) -> i64 {
        time.div_euclid(self.bucket_ns)
    }

    /// The outlook of the points from the one at `time` on; none without a season.
    pub(super) fn outlook(&self, time: i64, step_ns: i64) -> Option<Outlook<'_>> {
        let bucket = self.bucket.filter(|_| self.means.len() > 1)?;
        let bucket_ns = self.bucket_ns as f64;
        let into = (time - bucket.saturating_mul(self.bucket_ns)) as f64;
        Some(Outlook {
            means: &self.means,
            at: into / bucket_ns + 0.5,
            per_step: step_ns as f64 / bucket_ns,
        })
    }

    /// The bucket is complete; the next one begins.
    pub(super) fn close(&mut self) {
        let mean = self.sum / f64::from(self.count.max(1));
        if self.has_points {
            self.mix.learn(mean, None);
        } else {
            self.mix.pass(None);
        }
        self.next_bucket();
        self.look_out();
    }

    /// Renews the path from the newest bucket on, as the mix has taken it: a misread is not in there.
    fn look_out(&mut self) {
        self.means.clear();
        let Some(newest) = self.mix.newest().filter(|_| self.mix.seasons()[0] > 0) else {
            return; // none yet, or it began anew
        };
        self.means.push(newest);
        self.means.extend(self.mix.expectations(self.reach));
    }

    fn next_bucket(&mut self) {
        self.bucket = self.bucket.map(|bucket| bucket.saturating_add(1));
        (self.sum, self.count, self.has_points) = (0.0, 0, false);
    }

    /// Lets the buckets before `index` pass.
    pub(super) fn pass_to(&mut self, index: i64) {
        let missing = index.saturating_sub(self.bucket.unwrap_or(index));
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let skipped = missing.saturating_sub(2 * u32::from(CAPACITY));
        self.mix.skip(skipped);
        for _ in skipped..missing {
            self.mix.pass(None);
        }
        self.bucket = Some(index);
        if missing > 0 {
            self.look_out();
        }
    }
}
