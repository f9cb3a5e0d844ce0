//! Measures whether the judge keeps its budget and finds what it should: calibration on stationary
//! sources, small cases with a known answer, anomalies of each kind at each size.
//!
//! ```text
//! cargo run --release --example detection_study -- calibration
//! ```
//! Streams go straight to a series with the default settings, without line protocol. The tables are a pure
//! function of the arguments, but for times.

mod calibration;
mod cases;
mod cost;
mod kinds;
#[allow(dead_code, reason = "the other study asks for more of it")]
#[path = "../forecast_study/noise.rs"]
mod noise;
mod run;
mod sources;
#[allow(dead_code, reason = "the other study asks for more of it")]
#[path = "../forecast_study/table.rs"]
mod table;

use std::io::{self, Write};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measure the judge: budgets kept, anomalies found, cost
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
    /// Flags and events over the budget on eight stationary sources
    Calibration {
        /// Points of each stream
        #[arg(long, default_value_t = 1_000_000)]
        points: usize,
        /// Seeds that are averaged
        #[arg(long, default_value_t = 5)]
        seeds: u64,
    },
    /// Bursts, shifts, constants, counters: small cases with a known answer
    Cases,
    /// Anomalies of each kind, by size and noise: found, and named right
    Kinds {
        /// Anomalies of each sort
        #[arg(long, default_value_t = 100)]
        replications: u64,
    },
    /// What a verdict costs, and what the judge of a series takes
    Cost,
}

fn main() -> Result<()> {
    let Arguments { what, seed } = Arguments::parse();
    let tables = match what {
        What::Calibration { points, seeds } => calibration::tables(points, seeds, seed),
        What::Cases => cases::tables(seed),
        What::Kinds { replications } => kinds::tables(replications, seed),
        What::Cost => cost::tables(seed),
    };
    let mut out = io::stdout().lock();
    for table in tables {
        writeln!(out, "{table}")?;
    }
    Ok(())
}
