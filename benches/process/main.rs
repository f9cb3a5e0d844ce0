//! The program as a whole, from pipe to pipe: rate, memory, stalls and latency, beside `cat`, beside
//! reading alone and beside peers that are installed. All in one run on one machine.
//!
//! `cargo bench --bench process`, or one part of it: `-- rate`, `memory`, `stall`, `latency`, `telegraf`,
//! `peers`.
//! Two threads of the bench write and read, so that two processors are needed for a figure that is the
//! program's own; points per second of its own processor time need none.

#![allow(missing_docs, missing_debug_implementations, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "child.rs"]
mod child;
#[path = "latency.rs"]
mod latency;
#[path = "loads.rs"]
mod loads;
#[path = "peers.rs"]
mod peers;
#[path = "telegraf.rs"]
mod telegraf;

use child::Taken;
use loads::Load;

const PROGRAM: &str = env!("CARGO_BIN_EXE_brewcast");

/// A setting that passes everything and models nothing: reading, looking up and writing alone.
const READ_ONLY: &str = "[select]\nmeasurements = [\"nothing\"]\n[report]\nevery = \"0s\"\n";
/// Room for a million series.
const MANY: &str = "[limits]\nmax_series = 1000000\n[report]\nevery = \"0s\"\n";

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--"))
        .collect();
    let wants = |part: &str| asked.is_empty() || asked.iter().any(|asked| asked == part);
    let folder = std::env::temp_dir();
    let config = |name: &str, text: &str| {
        let path = folder.join(format!("brewcast-bench-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (read_only, many) = (config("read", READ_ONLY), config("many", MANY));
    if wants("rate") {
        rate(&read_only, &many);
    }
    if wants("memory") {
        memory();
    }
    if wants("stall") {
        stall();
    }
    if wants("latency") {
        latency();
    }
    if wants("telegraf") {
        telegraf();
    }
    if wants("peers") {
        peers();
    }
    drop((std::fs::remove_file(read_only), std::fs::remove_file(many)));
}

fn heading(title: &str) {
    println!("\n{title}");
    println!(
        "{:<34} {:>9} {:>11} {:>11} {:>9} {:>8}",
        "", "wall", "values/s", "per cpu s", "peak", "of cat"
    );
}

fn row(name: &str, load: &Load, taken: &Taken, cat: Option<&Taken>) {
    let (values, wall) = (load.values as f64, taken.wall.as_secs_f64());
    let per_cpu = taken.cpu_s.map_or(0.0, |cpu_s| values / cpu_s.max(0.01));
    let peak = taken.peak.unwrap_or(0) as f64 / 1_048_576.0;
    let of_cat = cat.map_or(1.0, |cat| cat.wall.as_secs_f64() / wall);
    println!(
        "{name:<34} {wall:>7.2} s {:>9.3} M {:>9.3} M {peak:>5.0} MiB {of_cat:>8.3}",
        values / wall / 1e6,
        per_cpu / 1e6,
    );
}

fn rate(read_only: &str, many: &str) {
    let quiet = ["--report-every", "0s", "--verdicts"];
    let with = |verdicts| [&[PROGRAM][..], &quiet, &[verdicts]].concat();
    let loads: [fn() -> Load; 3] = [
        || loads::brews("1,000 thermometers, 2,000 points each", 1_000, 2_000),
        || {
            loads::agents(
                "Telegraf lines of 6 tags and 10 fields, 3,000 series",
                100,
                1_000,
            )
        },
        || loads::brews("1,000,000 series, 3 points each", 1_000_000, 3),
    ];
    for (index, load) in loads.into_iter().enumerate() {
        let load = load();
        heading(&format!("{}: {} lines", load.name, load.lines()));
        let cat = child::run(&["cat"], &load).unwrap();
        row("cat", &load, &cat, Some(&cat));
        let commands = match index {
            2 => vec![("brewcast", vec![PROGRAM, "--config", many])],
            _ => vec![
                (
                    "brewcast, reading alone",
                    vec![PROGRAM, "--config", read_only],
                ),
                ("brewcast, verdicts = \"anomalous\"", with("anomalous")),
                ("brewcast, verdicts = \"all\"", with("all")),
            ],
        };
        for (name, command) in commands {
            row(
                name,
                &load,
                &child::run(&command, &load).unwrap(),
                Some(&cat),
            );
        }
    }
}

fn memory() {
    println!("\nbytes per series, all in");
    let command = [PROGRAM, "--report-every", "0s", "--verdicts", "anomalous"];
    let peak = |load: &Load| child::run(&command, load).unwrap().peak.unwrap_or(0);
    let few = peak(&loads::weeks("few", 1, 1, false));
    for load in [
        loads::brews("six hours of ten seconds, no season", 1_000, 2_160),
        loads::weeks("two weeks of five minutes, no season", 1_000, 2, false),
        loads::weeks("two weeks of five minutes, day and week", 1_000, 2, true),
    ] {
        let each = peak(&load).saturating_sub(few) / load.series;
        println!("{:<40} {each:>7} bytes", load.name);
    }
}

fn stall() {
    let load = loads::brews("100,000 series that begin together", 100_000, 45);
    heading(load.name);
    let command = [PROGRAM, "--report-every", "0s", "--verdicts", "anomalous"];
    let taken = child::run(&command, &load).unwrap();
    row("brewcast", &load, &taken, None);
    println!(
        "longest time without output: {:.0} ms",
        taken.stall.as_secs_f64() * 1e3
    );
}

fn latency() {
    let times = latency::one_by_one(PROGRAM);
    println!(
        "\none line into an idle pipe, its verdict out, {} times",
        times.len()
    );
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("most", 1.0)] {
        let at = ((times.len() - 1) as f64 * share) as usize;
        println!("{name:<6} {:>8.1} us", times[at].as_secs_f64() * 1e6);
    }
}

fn telegraf() {
    println!("\nin Telegraf, flags only, beside cat in the same place; medians of runs in turns");
    let one = "1 field a line, 1,000 series";
    let ten = "10 fields a line, 3,000 series";
    for load in [loads::brews(one, 1_000, 500), loads::agents(ten, 100, 300)] {
        match telegraf::beside_cat(PROGRAM, &load) {
            Ok([cat, own]) => println!(
                "{:<34} cat {:>9.0} lines/s, brewcast {:>9.0} lines/s, of cat {:.3}",
                load.name,
                load.lines() as f64 / cat.as_secs_f64(),
                load.lines() as f64 / own.as_secs_f64(),
                cat.as_secs_f64() / own.as_secs_f64(),
            ),
            Err(why) => println!("{why}"),
        }
    }
}

fn peers() {
    let load = loads::brews("peers: 100 thermometers, 300 points each", 100, 300);
    heading(load.name);
    let command = [PROGRAM, "--report-every", "0s", "--verdicts", "all"];
    row(
        "brewcast, verdicts = \"all\"",
        &load,
        &child::run(&command, &load).unwrap(),
        None,
    );
    match peers::river(&load) {
        Ok(taken) => row("river, HoltWinters + Gaussian", &load, &taken, None),
        Err(why) => println!("{why}"),
    }
    match peers::rrdtool(100, 300) {
        Ok((taken, updates)) => {
            let load = Load {
                values: updates,
                ..load
            };
            row("rrdtool, updates with HWPREDICT", &load, &taken, None);
        }
        Err(why) => println!("{why}"),
    }
}
