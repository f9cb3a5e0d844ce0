//! The recordings to measure on: M4 series and brews, from the folder that `BREWCAST_BENCH` names, else
//! `../shared/bench/data` beside the package.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use brewcast::records;

use crate::stream::HOUR;

/// The folder with the recordings, if it is there.
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/bench/data");
    let folder = std::env::var_os("BREWCAST_BENCH").map_or_else(|| beside.into(), PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// One series of the M4 competition.
pub(crate) struct M4Series {
    pub(crate) training: Vec<f64>,
    /// What came after it, as long as the horizon.
    pub(crate) test: Vec<f64>,
}

/// The series of one frequency.
pub(crate) struct M4 {
    pub(crate) name: &'static str,
    pub(crate) series: Vec<M4Series>,
    pub(crate) horizon: usize,
    /// The competition's, in steps: for scales and Naive2.
    pub(crate) season_length: usize,
    pub(crate) step_ns: i64,
    /// The seasons that such data have, in steps.
    pub(crate) seasons: [u32; 2],
    /// Distance of the phases that are tried.
    pub(crate) phase_stride: u32,
}

/// A frequency of the competition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "PascalCase")]
pub(crate) enum Frequency {
    Hourly,
    Weekly,
}

impl M4 {
    /// Reads training and test part; `None` without the folder.
    pub(crate) fn load(frequency: Frequency) -> Result<Option<Self>> {
        let Some(folder) = folder() else {
            return Ok(None);
        };
        let (name, horizon, season_length, step_ns, seasons, phase_stride) = match frequency {
            Frequency::Hourly => ("Hourly", 48, 24, HOUR, [24, 168], 4),
            Frequency::Weekly => ("Weekly", 13, 1, 168 * HOUR, [52, 0], 1),
        };
        let part = |part| -> Result<Vec<(String, Vec<f64>)>> {
            let text = read(&format!("m4/{name}-{part}.csv.gz"), &folder)?;
            text.lines().skip(1).map(row).collect()
        };
        let mut later: BTreeMap<_, _> = part("test")?.into_iter().collect();
        let series = part("train")?.into_iter().filter_map(|(id, training)| {
            let mut test = later.remove(&id)?;
            test.truncate(horizon);
            Some(M4Series { training, test })
        });
        Ok(Some(Self {
            name,
            series: series.collect(),
            horizon,
            season_length,
            step_ns,
            seasons,
            phase_stride,
        }))
    }
}

/// The name and the values of one series: cells in quotes, empty ones at the end.
fn row(line: &str) -> Result<(String, Vec<f64>)> {
    let mut cells = line.split(',').map(|cell| cell.trim().trim_matches('"'));
    let id = cells.next().unwrap_or_default().to_owned();
    let values = cells.filter(|cell| !cell.is_empty() && *cell != "NA");
    let values = values.map(|cell| cell.parse().with_context(|| format!("{id}: {cell:?}")));
    Ok((id.clone(), values.collect::<Result<_>>()?))
}

/// One fermentation: temperatures in degrees Celsius, one a second.
pub(crate) struct Brew {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
    /// Whether a row lies inside a label, a neutral one included.
    pub(crate) labelled: Vec<bool>,
}

/// The brews in the order of the recording; `None` without the folder.
pub(crate) fn brews() -> Result<Option<Vec<Brew>>> {
    let Some(folder) = folder() else {
        return Ok(None);
    };
    let mut brews: Vec<Brew> = Vec::new();
    for line in read("brew/temps.txt.gz", &folder)?.lines() {
        let (series, rest) = line.split_once(' ').context("no fields")?;
        let name = series.rsplit('=').next().unwrap_or_default();
        let value = rest.split(['=', ' ']).nth(1).context("no value")?;
        if brews.last().is_none_or(|brew| brew.name != name) {
            brews.push(Brew {
                name: name.to_owned(),
                values: Vec::new(),
                labelled: Vec::new(),
            });
        }
        if let Some(brew) = brews.last_mut() {
            brew.values.push(value.parse()?);
            brew.labelled.push(false);
        }
    }
    for line in read("brew/labels.csv", &folder)?.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [name, first, last, ..] = cells[..] else {
            bail!("labels.csv: {line}");
        };
        let (first, last) = (first.parse::<usize>()?, last.parse::<usize>()?);
        for brew in brews.iter_mut().filter(|brew| brew.name == name) {
            let last = last.min(brew.labelled.len() - 1);
            brew.labelled[first..=last].fill(true);
        }
    }
    Ok(Some(brews))
}

/// The text of a file, decompressed where it is.
fn read(name: &str, folder: &Path) -> Result<String> {
    let path = folder.join(name);
    let mut text = String::new();
    records::open(&path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .with_context(|| path.display().to_string())?;
    Ok(text)
}
