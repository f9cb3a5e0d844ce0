//! The whole filter: bytes to bytes in memory, and the built program from pipe to pipe.
//!
//! Throughput is in points. The recording is that of `BREW_RECORDING`, else the one in `data/`. From
//! pipe to pipe one thread of the bench writes and one reads, so that two cores are needed for a
//! figure that is the program's own; its peak resident memory is printed.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use brewcast::config;
use brewcast::filter::Filter;
use brewcast::precision::Precision;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const SECOND: i64 = 1_000_000_000;

fn recording() -> Vec<u8> {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/data/temps.txt.gz");
    let path = std::env::var("BREW_RECORDING").unwrap_or_else(|_| shipped.to_owned());
    let mut bytes = Vec::new();
    brewcast::records::open(path.as_ref())
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// `rounds` points of each of `series` series, one after the other, as an agent writes them.
fn fleet(series: usize, rounds: i64) -> Vec<u8> {
    let mut text = String::new();
    let mut tenths = vec![200_i32; series];
    let mut random = 7_u64;
    for round in 0..rounds {
        for (name, tenths) in tenths.iter_mut().enumerate() {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *tenths += [0, 0, 0, 0, 1, -1, 2, -2][(random >> 61) as usize];
            let (host, value) = (name % 50, f64::from(*tenths) / 10.0);
            let time = 1_600_000_000 * SECOND + round * 10 * SECOND;
            writeln!(
                text,
                "temperature,brew=haze_{name},host=h{host} temperature={value:.1} {time}"
            )
            .unwrap();
        }
    }
    text.into()
}

fn run(filter: &mut Filter, input: &[u8], out: &mut Vec<u8>) -> usize {
    let mut written = 0;
    for block in input.chunks(64 * 1024) {
        filter.room()[..block.len()].copy_from_slice(block);
        filter.fill(block.len());
        while filter.advance(false, out) {}
        written += out.len();
        out.clear();
    }
    written
}

fn filter(c: &mut Criterion) {
    let inputs = [
        ("recording", recording()),
        ("1,000 series", fleet(1_000, 500)),
    ];
    let mut group = c.benchmark_group("filter");
    group.sample_size(10);
    for (name, input) in &inputs {
        group.throughput(Throughput::Elements(
            memchr::memchr_iter(b'\n', input).count() as u64,
        ));
        for verdicts in ["all", "anomalous"] {
            let settings = config::load(None, &[("output.verdicts", verdicts.to_owned())]);
            let options = settings.options("bench", Precision::Ns, false);
            let mut out = Vec::with_capacity(1 << 20);
            group.bench_function(format!("{name}, verdicts {verdicts}"), |b| {
                let fresh = || Filter::new(options.clone());
                b.iter_batched_ref(
                    fresh,
                    |filter| run(filter, input, &mut out),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

/// How long the program takes from the first byte in to the last byte out, and its peak memory.
fn pipe_to_pipe(arguments: &[&str], input: &[u8]) -> (Duration, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_brewcast"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let start = Instant::now();
    let peak = std::thread::scope(|scope| {
        scope.spawn(|| std::io::copy(&mut stdout, &mut std::io::sink()).unwrap());
        stdin.write_all(input).unwrap();
        let status = std::fs::read_to_string(status).unwrap_or_default();
        drop(stdin);
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.unwrap_or(" unknown").trim().to_owned()
    });
    let took = start.elapsed();
    assert!(child.wait().unwrap().success());
    (took, peak)
}

fn program(c: &mut Criterion) {
    let input = fleet(1_000, 500);
    let mut group = c.benchmark_group("pipe to pipe, 1,000 series");
    group.sample_size(10);
    group.throughput(Throughput::Elements(500_000));
    for verdicts in ["all", "anomalous"] {
        let arguments = ["--report-every", "0s", "--verdicts", verdicts];
        let mut peak = String::new();
        group.bench_function(format!("verdicts {verdicts}"), |b| {
            b.iter_custom(|runs| {
                let mut total = Duration::ZERO;
                for _ in 0..runs {
                    let (took, memory) = pipe_to_pipe(&arguments, &input);
                    total += took;
                    peak = memory;
                }
                total
            });
        });
        eprintln!("peak resident memory of the program, verdicts {verdicts}: {peak}");
    }
    group.finish();
}

criterion_group!(benches, filter, program);
criterion_main!(benches);
