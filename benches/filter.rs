//! The whole filter, bytes to bytes: on the recording, and on 1,000 series.
//!
//! Throughput is in points. The recording is that of `BREW_RECORDING`, else the one in `data/`. The
//! resident memory after the runs is printed at the end.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use std::fmt::Write as _;
use std::io::Read;

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
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("VmHWM: unknown");
    eprintln!("peak resident memory of this bench, input included: {peak}");
}

criterion_group!(benches, filter);
criterion_main!(benches);
