//! Short series, such as years, quarters and months have: cut and added up from those of the M4
//! competition. OWA beside Naive2 on the same points.

use brewcast::tools::score;

use crate::data::{Frequency, M4, M4Series};
use crate::m4::Origin;
use crate::stream::{Contestant, HOUR};
use crate::table::{Table, mean, number};

const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 8_766 * HOUR;

/// How short series are made of long ones.
struct Kind {
    name: &'static str,
    of: Frequency,
    sum: usize, // values of the original to one of these
    season_length: usize,
    step_ns: i64, // as if they were these
    horizon: usize,
    lengths: [usize; 3],
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "weeks",
        of: Frequency::Weekly,
        sum: 1,
        season_length: 1,
        step_ns: 7 * DAY,
        horizon: 13,
        lengths: [20, 40, 80],
    },
    Kind {
        name: "years of half years",
        of: Frequency::Weekly,
        sum: 26,
        season_length: 1,
        step_ns: YEAR,
        horizon: 6,
        lengths: [14, 20, 30],
    },
    Kind {
        name: "quarters",
        of: Frequency::Weekly,
        sum: 13,
        season_length: 4,
        step_ns: YEAR / 4,
        horizon: 8,
        lengths: [16, 28, 48],
    },
    Kind {
        name: "months of four weeks",
        of: Frequency::Weekly,
        sum: 4,
        season_length: 12,
        step_ns: YEAR / 12,
        horizon: 18,
        lengths: [48, 72, 110],
    },
    Kind {
        name: "quarters with a season (6 h)",
        of: Frequency::Hourly,
        sum: 6,
        season_length: 4,
        step_ns: YEAR / 4,
        horizon: 8,
        lengths: [16, 28, 48],
    },
    Kind {
        name: "months with a season (2 h)",
        of: Frequency::Hourly,
        sum: 2,
        season_length: 12,
        step_ns: YEAR / 12,
        horizon: 18,
        lengths: [48, 72, 110],
    },
];

/// The table, from both sets of series.
pub(crate) fn tables(
    sets: &[M4],
    contestants: &dyn Fn(usize) -> Vec<Contestant>,
    phases: u32,
) -> Vec<Table> {
    let mut table = Table::new(
        "short series: OWA, coverage",
        &[
            "", "", "20 or so", "cover", "more", "cover", "most", "cover",
        ],
    );
    for kind in &KINDS {
        let Some(set) = sets.iter().find(|set| set.name == format!("{:?}", kind.of)) else {
            continue;
        };
        for contestant in contestants(kind.season_length) {
            let mut cells = vec![kind.name.to_owned(), contestant.name.clone()];
            for length in kind.lengths {
                let short = kind.shorten(set, length);
                let runs: Vec<Origin> = contestant
                    .phases(phases, 1)
                    .map(|phase| run(&short, &contestant, phase))
                    .collect();
                cells.push(number(
                    mean(&runs.iter().map(Origin::owa).collect::<Vec<_>>()),
                    3,
                ));
                cells.push(number(
                    mean(
                        &runs
                            .iter()
                            .map(|run| run.intervals.realised_coverage())
                            .collect::<Vec<_>>(),
                    ),
                    3,
                ));
            }
            table.row(cells);
        }
    }
    vec![table]
}

fn run(set: &M4, contestant: &Contestant, phase: u32) -> Origin {
    let mut origin = Origin::new();
    for series in &set.series {
        let mut stream = contestant.start(set.horizon as u32, set.step_ns, phase);
        series.training.iter().for_each(|&y| stream.learn(y));
        let mut path = Vec::new();
        stream.forecast(set.horizon as u32, &mut path);
        let scale = score::mase_scale(&series.training, set.season_length);
        if scale > 0.0 {
            origin.add(set, &series.training, &series.test, &path, scale);
        }
    }
    origin
}

impl Kind {
    /// The last `length` values before the last horizon of each series that is long enough.
    fn shorten(&self, set: &M4, length: usize) -> M4 {
        let shorten = |series: &M4Series| {
            let all: Vec<f64> = series
                .training
                .iter()
                .chain(&series.test)
                .copied()
                .collect();
            let sums: Vec<f64> = all
                .rchunks_exact(self.sum)
                .rev()
                .map(|values| values.iter().sum())
                .collect();
            let from = sums.len().checked_sub(length + self.horizon)?;
            let (training, test) = sums[from..].split_at(length);
            Some(M4Series {
                training: training.to_vec(),
                test: test.to_vec(),
            })
        };
        M4 {
            series: set.series.iter().filter_map(shorten).collect(),
            horizon: self.horizon,
            season_length: self.season_length,
            step_ns: self.step_ns,
            ..*set
        }
    }
}
