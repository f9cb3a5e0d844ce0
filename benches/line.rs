//! The way in: framing, and reading a line, on one brew line and on one wide line of an agent.
//!
//! Throughput is in bytes; InfluxData's own parser is beside ours for scale.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use brewcast::line::frame::{Frame, Framer};
use brewcast::line::{fields, key, trim};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const BREW: &str = "temperature,brew=haze_v5 temperature=18.8 1596653152918531000\n";
const WIDE: &str = "cpu,cpu=cpu0,dc=eu-west-1,host=web-0042,os=linux,rack=r7,role=frontend \
    usage_guest=0,usage_idle=93.12345678901234,usage_iowait=0.1020408163265306,usage_irq=0,\
    usage_nice=0.3061224489795918,usage_softirq=0.2040816326530612,usage_steal=0,\
    usage_system=1.836734693877551,usage_user=4.427550102040816,n=17i 1596653152918531000\n";

fn frame(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    for (name, line) in [("brew", BREW), ("wide", WIDE)] {
        let block = line.repeat(64 * 1024 / line.len());
        group.throughput(Throughput::Bytes(block.len() as u64));
        let mut framer = Framer::new(1 << 24);
        group.bench_function(name, |b| {
            b.iter(|| {
                framer.room()[..block.len()].copy_from_slice(block.as_bytes());
                framer.fill(block.len());
                let mut lines = 0;
                while let Some(Frame::Record(record)) = framer.next_frame(false) {
                    lines += black_box(record).content.len();
                }
                lines
            });
        });
    }
}

fn parse(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    for (name, line) in [("brew", BREW), ("wide", WIDE)] {
        let line = line.trim_end();
        group.throughput(Throughput::Bytes(line.len() as u64));
        let mut found = Vec::new();
        group.bench_function(name, |b| {
            b.iter(|| {
                let line = trim(black_box(line.as_bytes()));
                let end = key::series_end(line).unwrap();
                fields::parse(line, end, &mut found).unwrap()
            });
        });
        group.bench_function(format!("{name}, influxdb_line_protocol"), |b| {
            b.iter(|| influxdb_line_protocol::parse_lines(black_box(line)).count());
        });
    }
}

criterion_group!(benches, frame, parse);
criterion_main!(benches);
