//! A soak: a steady stream through the program for as long as you like, and what it does to memory and
//! latency, as one line of CSV every few seconds.
//!
//! `cargo bench --bench soak -- --minutes 30 --csv soak.csv`; without arguments a short one. A share of the
//! series goes away every minute and others come (`--churn`), so that series are forgotten as fast as
//! they are met and memory has to stay flat. The state is kept, and saved every minute. Latency is that of a line
//! among the others, written to a pipe and read from one: waiting behind the lines before it included.
//! `-- --draw soak.csv` makes a picture of it, `soak.svg`.
//!
//! It ends with status 1 when a line was lost or a series was dropped by a fault.

#![allow(missing_docs, missing_debug_implementations, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "feed.rs"]
mod feed;
#[path = "picture.rs"]
mod picture;
#[path = "watch.rs"]
mod watch;

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;

use watch::{Seen, Watch};

const SETTINGS: &str = "[limits]\nmax_series = 100000\nidle = \"1m\"\n[report]\nevery = \"5s\"\n";

#[derive(Parser)]
struct Arguments {
    /// How long
    #[arg(long, default_value_t = 0.25)]
    minutes: f64,
    /// Points a second
    #[arg(long, default_value_t = 50_000)]
    rate: u64,
    /// Series at any time
    #[arg(long, default_value_t = 20_000)]
    series: u64,
    /// Share of the series that is replaced by others every minute
    #[arg(long, default_value_t = 0.02)]
    churn: f64,
    /// Seconds between two lines of the CSV
    #[arg(long, default_value_t = 5)]
    every: u64,
    /// Where the CSV goes; stdout otherwise
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Draw this CSV to a file of the same name that ends in .svg, and do nothing else
    #[arg(long)]
    draw: Option<PathBuf>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(csv) = &arguments.draw {
        let svg = picture::draw(&std::fs::read_to_string(csv).unwrap());
        std::fs::write(csv.with_extension("svg"), svg).unwrap();
        return ExitCode::SUCCESS;
    }
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("brewcast.toml");
    std::fs::write(&settings, SETTINGS).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_brewcast"))
        .arg("--config")
        .arg(&settings)
        .arg("--state")
        .arg(folder.path().join("state"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut csv: Box<dyn Write> = match &arguments.csv {
        Some(path) => Box::new(File::create(path).unwrap()),
        None => Box::new(io::stdout()),
    };
    let (start, sent, seen) = (Instant::now(), AtomicU64::new(0), Seen::default());
    let length = Duration::from_secs_f64(60.0 * arguments.minutes);
    let watch = std::thread::scope(|scope| {
        scope.spawn(|| watch::read(stdout, start, &seen));
        scope.spawn(|| {
            let feed = feed::Feed::new(arguments.rate, arguments.series, arguments.churn);
            feed.run(&mut stdin, start, length, &sent).unwrap();
            drop(stdin);
        });
        let mut watch = Watch::new(child.id());
        writeln!(csv, "{}", watch::HEADING).unwrap();
        let every = Duration::from_secs(arguments.every);
        let mut at = every;
        while at <= length {
            std::thread::sleep(at.saturating_sub(start.elapsed()));
            let row = watch.row(start.elapsed(), sent.load(Ordering::Relaxed), &seen);
            writeln!(csv, "{row}").unwrap();
            csv.flush().unwrap();
            at += every;
        }
        watch
    });
    let is_well = child.wait().unwrap().success();
    let (sent, passed) = (sent.load(Ordering::Relaxed), seen.passed());
    let (middle, end) = watch.peaks();
    println!("{sent} lines in, {passed} lines out; {}", seen.counters());
    println!("most memory: {middle} KiB to the middle, {end} KiB after it");
    if is_well && sent == passed && seen.counter("panics") == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
