//! A made-up recording of two brews whose thermometers are read off a seven-segment display by a camera.
//!
//! [`Recipe`] says what to make, [`record`] makes it, [`Recording`] writes it as text. Promises:
//!
//! * The output is a pure function of the recipe: no clock, no files, and only basic arithmetic and comparisons of
//!   numbers, so the bytes are the same on every machine.
//! * The true temperature depends on the seed and the lengths alone; the rates only decide how it is misread.
//! * One second later the true temperature is at most 0.1 degrees away, and at most 0.8 in a fall. Every fall has a
//!   neutral label (`evaluate` 0), and nothing is misread in it.
//! * A reading is wrong only where a camera would take one digit for another, and every wrong reading lies in exactly
//!   one label that counts (`evaluate` 1).
//!
//! It does not imitate gaps, late points or missing readings, and the tens digit is never misread.

mod dice;
mod labels;
mod misread;
mod temperature;

use std::fmt::Write;

use clap::Args;
use clap::builder::RangedI64ValueParser;

use self::dice::Dice;
pub(crate) use self::labels::Label;
use self::labels::labels;
use self::misread::misread;
use self::temperature::{Thermostat, Truth, temperature};

/// What to make. Temperatures are in tenths of a degree inside, rates are per hour of one brew.
#[derive(Args, Clone, Debug)]
pub(crate) struct Recipe {
    /// Seed of everything random; any whole number from 0 to 2^64 - 1
    #[arg(long, default_value_t = 2)]
    pub(crate) seed: u64,
    /// Time of the first reading in nanoseconds since 1970, 0 to 8e18; the others follow one second apart
    #[arg(long, value_name = "NS", default_value_t = 1_596_653_152_918_531_000, value_parser = time())]
    pub(crate) start: i64,
    /// Readings of haze_v5, the first brew: 0 to 1000000
    #[arg(long, value_name = "N", default_value_t = 1_900, value_parser = length())]
    pub(crate) haze_points: u32,
    /// Readings of bv_1, the second brew: 0 to 1000000
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = length())]
    pub(crate) bv_points: u32,
    /// Readings of bv_1 until its cooling is turned off and the sawtooth ends: 0 to 1000000
    #[arg(long, value_name = "N", default_value_t = 2_300, value_parser = length())]
    pub(crate) bv_sawtooth: u32,
    /// Share of the sawtooth's x.7 that are read x.1 as long as they are shown: 0 (none) to 1 (all)
    #[arg(long, value_name = "SHARE", default_value_t = 0.9, value_parser = share)]
    pub(crate) sevens: f64,
    /// Single misreads of 1 or 2 s, per hour: 0 to 3600
    #[arg(long, value_name = "RATE", default_value_t = 5.0, value_parser = rate)]
    pub(crate) points_per_hour: f64,
    /// Misreads of 3 to 10 s, less where the digit changes, per hour: 0 to 3600
    #[arg(long, value_name = "RATE", default_value_t = 1.0, value_parser = rate)]
    pub(crate) shorts_per_hour: f64,
    /// Misreads that come and go for up to two and a half minutes, per hour: 0 to 3600
    #[arg(long, value_name = "RATE", default_value_t = 7.0, value_parser = rate)]
    pub(crate) flickers_per_hour: f64,
    /// Misreads of half a minute to six minutes, less where the digit changes, per hour: 0 to 3600
    #[arg(long, value_name = "RATE", default_value_t = 2.0, value_parser = rate)]
    pub(crate) longs_per_hour: f64,
    /// What the four rates are multiplied by for haze_v5, whose display was in worse light: 0 to 100
    #[arg(long, value_name = "FACTOR", default_value_t = 2.0, value_parser = factor)]
    pub(crate) haze_factor: f64,
}

fn time() -> RangedI64ValueParser {
    RangedI64ValueParser::new().range(0..=8_000_000_000_000_000_000)
}

fn length() -> RangedI64ValueParser<u32> {
    RangedI64ValueParser::new().range(0..=1_000_000)
}

fn share(text: &str) -> Result<f64, String> {
    number_up_to(1.0, text)
}

fn factor(text: &str) -> Result<f64, String> {
    number_up_to(100.0, text)
}

fn rate(text: &str) -> Result<f64, String> {
    number_up_to(3600.0, text)
}

fn number_up_to(max: f64, text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..=max).contains(&number) => Ok(number),
        _ => Err(format!("not a number from 0 to {max}")),
    }
}

/// One line of the recording: what the display showed and what the camera made of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) time_ns: i64,
    /// True temperature in tenths of a degree, as displayed.
    pub(crate) truth: i64,
    /// The reading in tenths of a degree; differs from `truth` where it is misread.
    pub(crate) read: i64,
}

/// One brew: its readings in the order of time and its labels in the order of their starts.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) brew: &'static str,
    pub(crate) readings: Vec<Reading>,
    pub(crate) labels: Vec<Label>,
}

/// The brews, one after the other in time.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) series: Vec<Series>,
}

impl Recording {
    /// The recording as line protocol, a line for each reading.
    pub(crate) fn temps(&self) -> String {
        let mut text = String::new();
        for (brew, _, reading) in self.readings() {
            let (value, time) = (degrees(reading.read), reading.time_ns);
            let _ = writeln!(text, "temperature,brew={brew} temperature={value} {time}");
        }
        text
    }

    /// A line for each label.
    pub(crate) fn labels(&self) -> String {
        let mut text = String::from(
            "series,start_index,end_index,start_time_ns,end_time_ns,kind,evaluate,n_excursions,magnitude,note\n",
        );
        for series in &self.series {
            for l in &series.labels {
                let (from, to) = (
                    series.readings[l.start].time_ns,
                    series.readings[l.end].time_ns,
                );
                let (brew, counts, magnitude) =
                    (series.brew, u8::from(l.counts), degrees(l.magnitude));
                let _ = writeln!(
                    text,
                    "{brew},{},{},{from},{to},{},{counts},{},{magnitude},{}",
                    l.start, l.end, l.kind, l.excursions, l.note
                );
            }
        }
        text
    }

    /// A line for each wrong reading.
    pub(crate) fn points(&self) -> String {
        let mut text = String::from("series,index,time_ns,value\n");
        for (brew, index, reading) in self.readings().filter(|(_, _, r)| r.read != r.truth) {
            let _ = writeln!(
                text,
                "{brew},{index},{},{}",
                reading.time_ns,
                degrees(reading.read)
            );
        }
        text
    }

    fn readings(&self) -> impl Iterator<Item = (&'static str, usize, &Reading)> {
        self.series
            .iter()
            .flat_map(|s| s.readings.iter().enumerate().map(|(i, r)| (s.brew, i, r)))
    }
}

/// Tenths of a degree, >= 0, with exactly one decimal.
fn degrees(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Makes the recording: haze_v5, and bv_1 from the second on at which haze_v5 ends.
pub(crate) fn record(recipe: &Recipe) -> Recording {
    let haze = Thermostat {
        rate: (0.04, 0.11),
        height: (10, 22),
        top_s: (1, 10),
    };
    let bv = Thermostat {
        rate: (0.10, 0.22),
        height: (9, 14),
        top_s: (4, 16),
    };
    let (haze_len, bv_len) = (recipe.haze_points as usize, recipe.bv_points as usize);
    let rng = |stream| Dice::new(recipe.seed, stream);
    let haze_truth = temperature(&haze, haze_len, haze_len, &mut rng(0));
    let bv_truth = temperature(&bv, bv_len, recipe.bv_sawtooth as usize, &mut rng(1));
    let haze_read = misread(&haze_truth, recipe, recipe.haze_factor, &mut rng(2));
    let bv_read = misread(&bv_truth, recipe, 1.0, &mut rng(3));
    let bv_start = recipe.start + i64::from(recipe.haze_points) * 1_000_000_000;
    Recording {
        series: vec![
            series("haze_v5", recipe.start, &haze_truth, &haze_read),
            series("bv_1", bv_start, &bv_truth, &bv_read),
        ],
    }
}

/// Puts truth, readings and labels of one brew together.
fn series(brew: &'static str, start: i64, truth: &Truth, read: &[i64]) -> Series {
    let pairs = truth.tenths.iter().zip(read);
    let times = (0..).map(|second| start + second * 1_000_000_000);
    let readings: Vec<_> = times
        .zip(pairs)
        .map(|(time_ns, (&truth, &read))| Reading {
            time_ns,
            truth,
            read,
        })
        .collect();
    let labels = labels(&readings, &truth.falls);
    Series {
        brew,
        readings,
        labels,
    }
}
