//! Input that would take all the memory there is, if it were let.
//!
//! The limits of memory are some twice of what was measured: they are there to tell bounded from unbounded.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::thread;

use tempfile::TempDir;

use super::common::faulted::{Left, Loaded};
use super::common::program::{START_S, line, lines};

const MIB: u64 = 1 << 10; // in KiB, as the kernel counts

fn pass_with(config: &str, input: &str) -> Left {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("brewcast.toml");
    fs::write(&path, config).unwrap();
    let loaded = Loaded::start(&["--config", path.to_str().unwrap()]);
    let left = loaded.pass(input.as_bytes().to_vec());
    left.assert_passed(input.as_bytes());
    left
}

#[test]
fn a_line_of_1_gib_is_streamed_through_in_bounded_memory() {
    const PIECES: u64 = 1 << 14;
    let mut loaded = Loaded::start(&[]);
    let mut stdin = loaded.stdin.take().unwrap();
    let feeder = thread::spawn(move || {
        stdin.write_all(b"m,s=1 s=\"").unwrap();
        for _ in 0..PIECES {
            stdin.write_all(&[b'x'; 1 << 16]).unwrap();
        }
        stdin.write_all(b"\",v=1 1\n").unwrap();
        stdin.write_all(lines("m,s=1", 40).as_bytes()).unwrap();
        stdin
    });
    let last = line("m,s=1", 39);
    let mut room = vec![0; 1 << 16];
    let (mut xs, mut rest) = (0, Vec::new());
    while !rest
        .windows(last.len())
        .any(|bytes| bytes == last.as_bytes())
    {
        let read = loaded.read(&mut room);
        assert_ne!(read, 0);
        let is_x = |byte: &&u8| **byte == b'x';
        xs += room[..read].iter().filter(is_x).count() as u64;
        rest.extend(room[..read].iter().filter(|byte| !is_x(byte)));
    }
    let peak_kib = loaded.peak_kib();
    drop(feeder.join().unwrap());
    let left = loaded.end(rest, peak_kib);
    assert_eq!(xs, PIECES << 16);
    assert!(left.out.starts_with(b"m,s=1 s=\"\",v=1 1\nm,s=1 v="));
    assert_eq!(
        (
            left.counter("lines_overlong"),
            left.counter("points_judged")
        ),
        (1, 10)
    );
    assert!(peak_kib < 100 * MIB, "{peak_kib} KiB");
    assert_eq!(left.stderr.lines().count(), 1, "{}", left.stderr);
}

#[test]
fn lines_of_100_000_fields_pass_in_bounded_memory() {
    let mut input = String::new();
    for n in 0..10 {
        let fields: Vec<String> = (0..100_000).map(|field| format!("f{field}={n}")).collect();
        writeln!(input, "m {} {}000000000", fields.join(","), START_S + n).unwrap();
    }
    let left = pass_with("", &input);
    assert_eq!(left.counter("points_wide"), 10 * (100_000 - 1_024));
    assert!(left.peak_kib < 64 * MIB, "{} KiB", left.peak_kib);
}

#[test]
fn the_shortest_fields_in_the_longest_line_take_little_memory() {
    let fields = "a=1,".repeat(4_000_000);
    let input = format!("m {fields}a=1 {START_S}000000000\n");
    let left = pass_with("", &input);
    assert_eq!(left.counter("points"), 4_000_001);
    assert!(left.peak_kib < 100 * MIB, "{} KiB", left.peak_kib);
}

#[test]
fn tag_values_of_1_mib_pass_in_bounded_memory() {
    let mut input = String::new();
    for n in 0..40 {
        let long = "x".repeat(1 << 20);
        writeln!(input, "m,t={n}{long} v=1 {START_S}000000000").unwrap();
        input += &line("m,t=1", n);
    }
    let left = pass_with("", &input);
    assert_eq!(
        (left.counter("series"), left.counter("keys_unwritable")),
        (1, 40)
    );
    assert!(left.peak_kib < 64 * MIB, "{} KiB", left.peak_kib);
}

#[test]
fn a_cardinality_bomb_passes_in_bounded_memory() {
    let mut input = lines("good", 30);
    for n in 0..300_000 {
        writeln!(input, "m,request={n:016x} v={n} {START_S}000000000").unwrap();
    }
    (30..40).for_each(|n| input += &line("good", n));
    let left = pass_with("[limits]\nmax_series = 1000\n", &input);
    assert_eq!(
        (left.counter("series"), left.counter("points_refused")),
        (1_000, 300_001 - 1_000)
    );
    assert_eq!(left.counter("points_judged"), 10, "who was there goes on");
    assert!(left.peak_kib < 64 * MIB, "{} KiB", left.peak_kib);
}

#[test]
fn a_bomb_of_long_names_passes_in_bounded_memory() {
    let mut input = String::new();
    for n in 0..2_000 {
        writeln!(input, "m,request={n:060000} v={n} {START_S}000000000").unwrap();
        writeln!(input, "n {n:060000}=\"x\",v=1 {START_S}000000000").unwrap();
    }
    let left = pass_with("[limits]\nmax_series = 10000\n", &input);
    assert!(left.counter("points_refused") > 1_000);
    assert!(left.peak_kib < 128 * MIB, "{} KiB", left.peak_kib);
}

#[test]
fn a_bomb_of_fields_that_are_never_modelled_passes_in_bounded_memory() {
    let mut input = String::new();
    for n in 0..2_000 {
        let fields: Vec<String> = (0..500).map(|field| format!("x{field}={n}")).collect();
        writeln!(input, "m,s={n} {} {START_S}000000000", fields.join(",")).unwrap();
    }
    let settings = "[select]\nexclude_fields = [\"x*\"]\n[limits]\nmax_series = 1000\n";
    let left = pass_with(settings, &input);
    assert_eq!(left.counter("points_unmodelled"), 1_000_000);
    assert!(left.peak_kib < 64 * MIB, "{} KiB", left.peak_kib);
}

#[test]
fn a_bomb_of_measurements_that_carry_strings_passes_in_bounded_memory() {
    let mut input = String::new();
    for n in 0..300_000 {
        writeln!(input, "log{n:016x} s=\"x\" {START_S}000000000").unwrap();
    }
    let left = pass_with("[limits]\nmax_series = 1000\n", &input);
    assert_eq!(left.counter("lines"), 300_001);
    assert!(left.peak_kib < 64 * MIB, "{} KiB", left.peak_kib);
}
