//! Writes a made-up recording of two brews with misread digits: the readings as line protocol, and on request a
//! label for every misread and a list of every wrong reading.
//!
//! The output is a pure function of the arguments; `brew.rs` says what it looks like. A name ending in `.gz` is
//! compressed, without a time of its own, and `-` is standard output. Nothing is paced: all lines come at once.

mod brew;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use flate2::{Compression, GzBuilder};

use crate::brew::{Recipe, record};

/// Generate two brews at 1 s and 0.1 degrees, with misread digits and a label for each of them
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    recipe: Recipe,
    /// Where the readings go
    #[arg(long, value_name = "FILE", default_value = "-")]
    temps_out: PathBuf,
    /// Where the labels go, if anywhere
    #[arg(long, value_name = "FILE")]
    labels_out: Option<PathBuf>,
    /// Where the list of wrong readings goes, if anywhere
    #[arg(long, value_name = "FILE")]
    points_out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let recording = record(&arguments.recipe);
    write(&arguments.temps_out, &recording.temps())?;
    if let Some(path) = &arguments.labels_out {
        write(path, &recording.labels())?;
    }
    if let Some(path) = &arguments.points_out {
        write(path, &recording.points())?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    if path == Path::new("-") {
        return match io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).context("writing standard output")
            }
            _ => Ok(()), // whoever reads may stop when it has enough
        };
    }
    let bytes = match path.extension() {
        Some(extension) if extension == "gz" => compressed(text)?,
        _ => text.as_bytes().to_vec(),
    };
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

/// The same text gives the same bytes: no time, no name and no operating system in the header.
fn compressed(text: &str) -> Result<Vec<u8>> {
    let builder = GzBuilder::new().mtime(0).operating_system(255);
    let mut gz = builder.write(Vec::new(), Compression::best());
    gz.write_all(text.as_bytes()).context("compressing")?;
    gz.finish().context("compressing")
}
