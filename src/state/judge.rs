//! What is kept of a judge.

use crate::judge::Judge;
use crate::judge::budget::Allowance;
use crate::judge::channels::Channels;
use crate::judge::day::Day;
use crate::judge::episode::Episode;
use crate::judge::gaps::Gaps;
use crate::judge::governor::Governor;
use crate::judge::grain::Grain;
use crate::judge::kind::{Finding, Kind};
use crate::judge::leaps::Leaps;
use crate::judge::level::Level;
use crate::judge::moves::Moves;
use crate::judge::pareto::Pareto;
use crate::judge::range::Range;
use crate::judge::recent::Recent;
use crate::judge::runs::{Longest, Runs};
use crate::judge::scale::{Saved, Scale, Short};
use crate::judge::season::Season;
use crate::judge::slope::Slope;
use crate::judge::tail::Tail;
use crate::judge::unrest::Unrest;
use crate::judge::usual::Usual;
use crate::judge::verdict::Verdict;

use super::kept::{Kept, kept, kept_choice};

kept!(JudgeV1 of Judge {
    day: DayV1,
    slot: u8,
    points: u32,
    recent: RecentV1,
    scale: ScaleV1,
    error: f32,
    usual: Option<UsualV1>,
    tail: TailV1,
    level: LevelV1,
    range: RangeV1,
    moves: MovesV1,
    leaps: LeapsV1,
    channels: ChannelsV1,
    governor: GovernorV1,
    episode: EpisodeV1,
} where Judge::is_sound);

kept!(DayV1 of Day { slots: u8, lag: i64 });

kept!(RecentV1 of Recent {
    raw: Vec<f64>,
    next: u8,
    held: u8,
    cleaned: Vec<f64>,
} where |recent| usize::from(recent.next) < recent.raw.len() && usize::from(recent.held) <= recent.raw.len());

kept!(ScaleV1 of Scale {
    fast: f32,
    slow: f32,
    points: u16,
    slots: Option<Vec<u16>>,
    sum: f32,
    count: u16,
});

impl Kept for Short {
    type Record = u16;

    fn keep(&self) -> u16 {
        self.0
    }

    fn restore(record: u16) -> Option<Self> {
        Some(Self(record))
    }
}

kept!(SavedV1 of Saved { fast: f32, slow: f32 });

kept!(UsualV1 of Usual {
    season: SeasonV1,
    since: i64,
    left: Option<Vec<f64>>,
    scale: ScaleV1,
    error: f32,
});

kept!(SeasonV1 of Season {
    origin: f64,
    means: Vec<f32>,
    days: Vec<u8>,
    sum: f32,
    count: u16,
} where |season| season.means.len() == season.days.len());

kept!(TailV1 of Tail {
    counts: Vec<u16>,
    prior: u16,
    points: u16,
    refit_at: u16,
    limit: f32,
    budget: f32,
    threshold: f32,
    above: f32,
    pareto: ParetoV1,
} where Tail::is_sound);

kept!(ParetoV1 of Pareto {
    shape: f32,
    size: f32,
    at: (u8, u8),
} where Pareto::is_on_grid);

kept!(LevelV1 of Level {
    slow: f64,
    points: u16,
    recent: Vec<f32>,
    count: u8,
    scale: ScaleV1,
    tail: TailV1,
});

kept!(RangeV1 of Range { low: f64, high: f64 });

kept!(MovesV1 of Moves {
    last: f64,
    before: f64,
    straight: u8,
    ordinary: u8,
    count: u16,
    points: u16,
    typical: f32,
    still: f32,
    is_at_rest: bool,
    other: f64,
    calm: u8,
    flicker: u8,
    octaves: Vec<u16>,
    edge: f32,
});

kept!(LeapsV1 of Leaps { forgotten: f32, real: f32, is_given_up: bool });

kept!(GovernorV1 of Governor { share: f64 });

kept!(EpisodeV1 of Episode {
    is_open: bool,
    quiet: u8,
    surprises: u32,
    streak: u32,
    burden: f32,
    ln_size: f32,
    saved: Option<Vec<SavedV1>>,
    former: Option<(f64, u32)>,
});

kept!(ChannelsV1 of Channels {
    runs: RunsV1,
    gaps: GapsV1,
    unrest: UnrestV1,
    slope: SlopeV1,
    left: Vec<u8>,
});

kept!(RunsV1 of Runs {
    run: u32,
    flagged: u32,
    is_known: bool,
    longest: f32,
    points: f32,
    repeats: f32,
});

impl Kept for Longest {
    type Record = f32;

    fn keep(&self) -> f32 {
        self.0
    }

    fn restore(record: f32) -> Option<Self> {
        Some(Self(record))
    }
}

kept!(GapsV1 of Gaps { longest: f32, steps: f32, missing: f32 });

kept!(UnrestV1 of Unrest {
    last: f64,
    now: f32,
    slow: f32,
    deviation: f32,
    points: u16,
    due: u8,
    looks: u16,
    flagged: u32,
    tail: TailV1,
});

kept!(SlopeV1 of Slope {
    means: Vec<f32>,
    origin: f64,
    sum: f32,
    count: u8,
    held: u8,
    off: f32,
    flagged: u32,
    scale: f32,
    looks: u16,
    tail: TailV1,
} where |slope| usize::from(slope.held) <= slope.means.len());

kept!(VerdictV1 of Verdict {
    y: f64,
    expected: f64,
    lower: Option<f64>,
    upper: Option<f64>,
    score: f64,
    cause: FindingV1,
    named: Option<FindingV1>,
    beyond: Option<f64>,
    ln_p: f64,
    grain: GrainV1,
    allowance: AllowanceV1,
    is_leap: bool,
});

kept!(FindingV1 of Finding { kind: u8, score: f32, off: f64, usual: f64 });

kept!(GrainV1 of Grain { coarse: f64, fine: f64 });

kept!(AllowanceV1 of Allowance { budget: f64, in_force: f64, least: f64 });

kept_choice!(Kind {
    0 = OutOfRange,
    1 = Spike,
    2 = Dip,
    3 = LevelShift,
    4 = TrendChange,
    5 = VarianceChange,
    6 = Gap,
    7 = Flatline,
});
