//! M4 series whose training part was damaged: what holes, moved points and spikes cost.
//!
//! The forecast at the official origin is scored against the undamaged test part, with the scale and the
//! Naive2 of the undamaged training part. The damage is a pure function of the seed.

use brewcast::tools::score;

use crate::data::{M4, M4Series};
use crate::m4::Origin;
use crate::noise::Noise;
use crate::stream::{Contestant, Stream};
use crate::table::{Table, spread};

/// What is done to a training part.
pub(crate) struct Damage {
    pub(crate) name: &'static str,
    missing: f64, // share of the points, after the first six and before the last
    hole: usize,  // points in a row, some 150 before the end
    jitter: f64,  // steps that a point comes early or late at most
    spikes: f64,  // share of the points
}

const NONE: Damage = Damage {
    name: "none",
    missing: 0.0,
    hole: 0,
    jitter: 0.0,
    spikes: 0.0,
};
pub(crate) const DAMAGES: [Damage; 6] = [
    NONE,
    Damage {
        name: "10 % missing",
        missing: 0.1,
        ..NONE
    },
    Damage {
        name: "30 % missing",
        missing: 0.3,
        ..NONE
    },
    Damage {
        name: "hole of 30",
        hole: 30,
        ..NONE
    },
    Damage {
        name: "jitter of 20 %",
        jitter: 0.2,
        ..NONE
    },
    Damage {
        name: "2 % spikes",
        spikes: 0.02,
        ..NONE
    },
];

/// Size of a spike upwards, in medians of the step sizes; downwards it is half of that.
const SPIKE: f64 = 15.0;

impl Damage {
    /// What arrives of a training part; `None` is a missing point.
    pub(crate) fn applied(&self, training: &[f64], noise: &mut Noise) -> Vec<Option<f64>> {
        let points = training.len();
        let spike = SPIKE * median_step(training);
        let hole = points - (points / 2).min(150);
        let hole = hole..hole + self.hole.min(points / 8);
        let damaged = (0..points).map(|t| {
            let mut y = training[t];
            if 0 < t && t + 1 < points {
                let off = self.jitter * (2.0 * noise.uniform() - 1.0);
                let neighbour = training[if off < 0.0 { t - 1 } else { t + 1 }];
                y += off.abs() * (neighbour - y);
            }
            if noise.happens(self.spikes) {
                y += spike * if noise.happens(0.5) { 1.0 } else { -0.5 };
                if training[t] > 0.0 {
                    y = y.max(0.1 * training[t]);
                }
            }
            let may_miss = 5 < t && t + 1 < points;
            let is_missing = noise.happens(self.missing) || hole.contains(&t);
            (!(may_miss && is_missing)).then_some(y)
        });
        damaged.collect()
    }
}

fn median_step(values: &[f64]) -> f64 {
    let steps = values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let mut steps: Vec<f64> = steps.collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(0.0).max(1e-9)
}

fn feed(stream: &mut dyn Stream, damaged: &[Option<f64>]) {
    for &arrived in damaged {
        match arrived {
            Some(y) => stream.learn(y),
            None => stream.pass(),
        }
    }
}

fn run(set: &M4, damage: &Damage, contestant: &Contestant, phase: u32, seed: u64) -> Origin {
    let mut origin = Origin::new();
    let mut path = Vec::new();
    for (replication, M4Series { training, test }) in (0..).zip(&set.series) {
        let damaged = damage.applied(training, &mut Noise::new(seed, replication));
        let mut stream = contestant.start(set.horizon as u32, set.step_ns, phase);
        feed(&mut *stream, &damaged);
        stream.forecast(set.horizon as u32, &mut path);
        let scale = score::mase_scale(training, set.season_length);
        origin.add(set, training, test, &path, scale);
    }
    origin
}

pub(crate) fn tables(set: &M4, contestants: &[Contestant], phases: u32, seed: u64) -> Vec<Table> {
    let title = format!(
        "damaged M4 {}: mean (range) over the phases, seed {seed}",
        set.name
    );
    let headings = ["", "", "OWA", "MSIS", "coverage"];
    let mut table = Table::new(title, &headings);
    for damage in &DAMAGES {
        for contestant in contestants {
            let runs: Vec<Origin> = contestant
                .phases(phases, set.phase_stride)
                .map(|phase| run(set, damage, contestant, phase, seed))
                .collect();
            let of = |figure: &dyn Fn(&Origin) -> f64, digits| {
                spread(&runs.iter().map(figure).collect::<Vec<_>>(), digits)
            };
            table.row([
                damage.name.to_owned(),
                contestant.name.clone(),
                of(&|origin| origin.owa(), 3),
                of(&|origin| origin.intervals.msis(), 2),
                of(&|origin| origin.intervals.realised_coverage(), 3),
            ]);
        }
    }
    vec![table]
}
