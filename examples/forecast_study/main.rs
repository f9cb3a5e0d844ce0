//! Measures how well, how honestly and at what price the forecaster forecasts: the tables behind the
//! choices of the model.
//!
//! ```text
//! cargo run --release --example forecast_study -- m4 Hourly --phases 5
//! ```
//! Streams go straight to the forecaster, without line protocol. The tables are a pure function of the
//! arguments and the recordings, but for times. Recordings are read from `../shared/bench/data` or the
//! folder that `BREWCAST_BENCH` names; without them what needs them says so and is left out.

mod brew;
mod cost;
mod data;
mod dirty;
mod engine;
mod generators;
mod long;
mod m4;
mod noise;
mod seasons;
mod short;
mod stream;
mod synth;
mod table;

use std::io::{self, Write};
use std::process;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::data::{Frequency, M4};
use crate::stream::Contestant;
use crate::synth::Draw;
use crate::table::Table;

/// Measure the forecaster: error, coverage, cost
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Seed of everything that is made up
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum What {
    /// M4 series: OWA, MSIS, coverage, seasons found, weights
    M4 {
        /// Both unless one is named
        frequency: Option<Frequency>,
        /// Phases of the forecaster's turns that are tried
        #[arg(long, default_value_t = 5)]
        phases: u32,
    },
    /// M4 series with holes, moved points and spikes in their training part
    Dirty {
        /// Both unless one is named
        frequency: Option<Frequency>,
        /// Phases of the forecaster's turns that are tried
        #[arg(long, default_value_t = 3)]
        phases: u32,
    },
    /// The two brews, one step and 40 steps ahead
    Brew {
        /// Phases of the forecaster's turns that are tried
        #[arg(long, default_value_t = 4)]
        phases: u32,
    },
    /// Made-up series beside the best naive forecast
    Synth {
        /// Series of each kind
        #[arg(long, default_value_t = 8)]
        replications: u64,
        /// Add a constant that makes every value at least 20
        #[arg(long)]
        lifted: bool,
    },
    /// Short series, as years, quarters and months have
    Short {
        /// Phases of the forecaster's turns that are tried
        #[arg(long, default_value_t = 3)]
        phases: u32,
    },
    /// Seasons found, and found where there are none
    Seasons {
        /// Series of each kind
        #[arg(long, default_value_t = 300)]
        streams: u64,
    },
    /// Weeks of data finer than an hour, with a day and a week
    Long {
        /// Leave out streams with less than this many seconds between points
        #[arg(long, default_value_t = 1.0)]
        finest: f64,
    },
    /// Time and memory
    Cost,
    /// All of these, one after another
    All,
}

fn main() -> Result<()> {
    let Arguments { what, seed } = Arguments::parse();
    if !matches!(what, What::All) {
        return run(what, seed);
    }
    for what in [
        "m4", "dirty", "short", "brew", "synth", "seasons", "long", "cost",
    ] {
        run(Arguments::try_parse_from(["", what])?.what, seed)?;
    }
    Ok(())
}

fn run(what: What, seed: u64) -> Result<()> {
    match what {
        What::M4 { frequency, phases } => {
            for set in sets(frequency)? {
                show(&m4::tables(&set, &m4_contestants(&set), phases))?;
            }
        }
        What::Dirty { frequency, phases } => {
            for set in sets(frequency)? {
                show(&dirty::tables(&set, &m4_contestants(&set), phases, seed))?;
            }
        }
        What::Brew { phases } => match data::brews()? {
            Some(brews) => show(&brew::tables(&brews, &brew_contestants(), phases))?,
            None => say_what_is_missing("brews")?,
        },
        What::Synth {
            replications,
            lifted,
        } => {
            let draw = Draw {
                seed,
                replications,
                lifted,
            };
            show(&synth::tables(&engine::brewcast(), draw))?;
        }
        What::Short { phases } => {
            let contestants = |season_length: usize| {
                let mut all = vec![Contestant::naive("last value", 1)];
                if season_length > 1 {
                    all.push(Contestant::naive("seasonal naive", season_length));
                }
                all.push(engine::brewcast());
                all.push(engine::brewcast().given([0, 0]));
                all
            };
            show(&short::tables(&sets(None)?, &contestants, phases))?;
        }
        What::Seasons { streams } => show(&seasons::tables(&engine::brewcast(), seed, streams))?,
        What::Long { finest } => show(&long::tables(&engine::brewcast(), seed, finest))?,
        What::Cost => show(&cost::tables(engine::brewcast, seed))?,
        What::All => {}
    }
    Ok(())
}

/// The series of the frequency named, else of both; none where there are none.
fn sets(named: Option<Frequency>) -> Result<Vec<M4>> {
    let both = vec![Frequency::Hourly, Frequency::Weekly];
    let mut sets = Vec::new();
    for frequency in named.map_or(both, |one| vec![one]) {
        match M4::load(frequency)? {
            Some(set) => sets.push(set),
            None => say_what_is_missing("M4 series")?,
        }
    }
    Ok(sets)
}

fn m4_contestants(set: &M4) -> Vec<Contestant> {
    let mut contestants = vec![Contestant::naive("last value", 1)];
    for season_length in set.seasons.into_iter().filter(|&length| 1 < length) {
        let name = format!("seasonal naive {season_length}");
        contestants.push(Contestant::naive(name, season_length as usize));
    }
    contestants.push(engine::brewcast());
    contestants.push(engine::brewcast().given(set.seasons));
    contestants
}

fn brew_contestants() -> Vec<Contestant> {
    vec![Contestant::naive("last value", 1), engine::brewcast()]
}

fn show(tables: &[Table]) -> Result<()> {
    tables.iter().try_for_each(|table| say(&table.to_string()))
}

fn say_what_is_missing(what: &str) -> Result<()> {
    let place = "neither BREWCAST_BENCH nor ../shared/bench/data is a folder";
    say(&format!("left out: no {what}: {place}\n"))
}

fn say(text: &str) -> Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0), // enough was read
        written => Ok(written?),
    }
}
