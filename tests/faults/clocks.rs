//! Clocks that lie, and time that stands still.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use brewcast::filter::run::Beside;
use brewcast::filter::run::Input;
use rustix::process::Signal;

use super::common::faulted::{Loaded, assert_passed};
use super::common::filter::filter;
use super::common::program::{START_S, line, lines, value};

const YEAR_S: i64 = 365 * 86_400;

/// `count` lines from the `first` on, with a clock that is `off_s` seconds wrong.
fn wrong(first: i64, count: i64, off_s: i64) -> String {
    (first..first + count)
        .map(|n| format!("m v={} {}000000000\n", value(n), START_S + n + off_s))
        .collect()
}

#[test]
fn a_clock_that_jumps_a_year_and_back_silences_nothing_for_long() {
    let mut input = lines("m", 100);
    input += &wrong(100, 100, YEAR_S);
    input += &wrong(200, 100, 0);
    input += &wrong(300, 100, -YEAR_S);
    input += &wrong(400, 100, 0);
    let left = Loaded::start(&["--verdicts", "all"]).pass(input.clone().into_bytes());
    left.assert_passed(input.as_bytes());
    assert_eq!(left.counter("panics"), 0);
    let judged = left.counter("points_judged");
    assert!(judged > 300, "{judged} of 500 points were judged");
    assert!(left.counter("series_reanchored") >= 2);
}

#[test]
fn points_from_the_future_pass_and_cost_only_their_own_series() {
    let mut input = String::new();
    for n in 0..200 {
        input += &line("good", n);
        for time in [i64::MAX, i64::MAX - n, i64::MIN, i64::MIN + n, 0] {
            writeln!(input, "odd,t=a v={n} {time}").unwrap();
        }
        let far = START_S + n + if n % 50 == 49 { 10 * YEAR_S } else { 0 };
        writeln!(input, "odd,t=b v={n} {far}000000000").unwrap();
    }
    let left = Loaded::start(&["--verdicts", "all"]).pass(input.clone().into_bytes());
    left.assert_passed(input.as_bytes());
    assert_eq!(
        (left.counter("panics"), left.counter("lines_rejected")),
        (0, 0)
    );
    let out = String::from_utf8(left.out).unwrap();
    assert_eq!(out.matches("\ngood_anomaly,").count(), 170);
}

/// Longer than any wait of the program.
#[test]
fn a_program_that_is_stopped_for_eight_seconds_goes_on_where_it_was() {
    let mut loaded = Loaded::start(&["--report-every", "1s"]);
    let mut stdin = loaded.stdin.take().unwrap();
    let input = lines("m,s=1", 100_000);
    let fed = input.clone();
    let feeder = thread::spawn(move || {
        stdin.write_all(fed.as_bytes()).unwrap();
        stdin
    });
    let mut out = vec![0; 1 << 16];
    let read = loaded.read(&mut out);
    out.truncate(read);
    loaded.signal(Signal::STOP);
    while loaded.status("State:") != "T" {
        thread::yield_now();
    }
    thread::sleep(Duration::from_secs(8)); // being stopped is what is tested
    loaded.signal(Signal::CONT);
    let last = line("m,s=1", 99_999);
    let mut room = vec![0; 1 << 16];
    while !out
        .windows(last.len())
        .rev()
        .take(1 << 17)
        .any(|bytes| bytes == last.as_bytes())
    {
        let read = loaded.read(&mut room);
        out.extend_from_slice(&room[..read]);
    }
    drop(feeder.join().unwrap());
    let left = loaded.end(out, 0);
    left.assert_passed(input.as_bytes());
    assert_eq!(left.stderr, "");
}

/// Lines that come in blocks, with a clock that goes on by a second each and is wrong from the middle on.
struct Blocks(VecDeque<String>);

impl Input for Blocks {
    fn is_ready(&mut self, _: Duration) -> io::Result<bool> {
        Ok(true)
    }

    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let block = self.0.pop_front().unwrap_or_default();
        room[..block.len()].copy_from_slice(block.as_bytes());
        Ok(block.len())
    }
}

/// An hour in which nobody read our output, a machine that slept, a clock that was set: to the loop these
/// are one thing.
#[test]
fn a_jump_of_the_machines_clock_forgets_no_series() {
    for jump_s in [3_700, 366 * 86_400] {
        let mut filter = filter("[limits]\nidle = \"1h\"\n");
        let blocks = (0..400).map(|n| line("m", n)).collect();
        let looks = Cell::new(0);
        let now = || {
            looks.set(looks.get() + 1);
            let jump_s = if looks.get() > 200 { jump_s } else { 0 };
            Duration::from_secs(1_700_000_000 + looks.get() + jump_s)
        };
        let (mut out, mut log, stop) = (Vec::new(), Vec::new(), AtomicBool::new(false));
        let every = Duration::ZERO;
        let input = &mut Blocks(blocks);
        brewcast::filter::run(
            &mut filter,
            input,
            &mut out,
            &mut log,
            now,
            &stop,
            &mut Beside::new(every, |_, _| None),
        )
        .unwrap();
        assert_eq!(filter.tally().series_forgotten, 0, "{jump_s} s");
        assert_eq!(filter.tally().points_judged, 370);
        assert_passed(&out, lines("m", 400).as_bytes());
    }
}
