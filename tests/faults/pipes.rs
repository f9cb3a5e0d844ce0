//! Pipes that break, fill up, or give a byte at a time; and signals at the wrong moment.

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustix::io::ioctl_fionread;
use rustix::pipe::fcntl_setpipe_size;
use rustix::process::{Signal, kill_process};
use tempfile::TempDir;

use super::common::faulted::{Loaded, assert_passed};
use super::common::program::{line, lines, run};

const ALL: &[&str] = &["--verdicts", "all", "--report-every", "0s"];

/// Lines of twenty series, with verdicts and forecasts to come.
fn load(rounds: i64) -> String {
    let mut input = String::new();
    for n in 0..rounds {
        (0..20).for_each(|series| input += &line(&format!("m,s=s{series}"), n));
    }
    input
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let input = load(2_000);
    for moment in 0..20 {
        let mut loaded = Loaded::start(ALL);
        let mut stdin = loaded.stdin.take().unwrap();
        let fed = input.clone();
        let feeder = thread::spawn(move || drop(stdin.write_all(fed.as_bytes())));
        let mut out = vec![0; 1 + 20_000 * moment];
        loaded.stdout.read_exact(&mut out).unwrap();
        let left = loaded.hang_up();
        feeder.join().unwrap();
        assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
    }
}

/// SIGHUP and SIGINT do nothing but interrupt whatever call it is in; those that write the state too.
#[test]
fn signals_that_interrupt_every_call_cost_nothing() {
    let input = load(3_000);
    let folder = TempDir::new().unwrap();
    let [undisturbed, disturbed] =
        ["a", "b"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let expected = run(
        &[ALL, &["--state", &undisturbed]].concat(),
        input.as_bytes(),
    )
    .stdout;
    let mut loaded = Loaded::start(&[ALL, &["--state", &disturbed]].concat());
    let mut stdin = loaded.stdin.take().unwrap();
    let head = line("m,s=s0", 0);
    stdin.write_all(head.as_bytes()).unwrap();
    let mut out = vec![0; head.len()];
    loaded.stdout.read_exact(&mut out).unwrap(); // its handlers are set
    let pid = loaded.pid();
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let sender = thread::spawn(move || {
        let mut sent = 0;
        while !over.load(Ordering::Relaxed) {
            for signal in [Signal::HUP, Signal::INT] {
                kill_process(pid, signal).unwrap();
                sent += 1;
            }
            thread::sleep(Duration::from_micros(50));
        }
        sent
    });
    let fed = input[head.len()..].to_owned();
    let feeder = thread::spawn(move || {
        for piece in fed.as_bytes().chunks(1_000) {
            stdin.write_all(piece).unwrap();
        }
        stdin
    });
    let mut room = vec![0; 1 << 12];
    while out.len() < expected.len() {
        let read = loaded.read(&mut room);
        assert_ne!(read, 0);
        out.extend_from_slice(&room[..read]);
    }
    drop(feeder.join().unwrap()); // the state is written now, with signals still coming
    while !fs::exists(&disturbed).unwrap() {
        thread::yield_now();
    }
    is_over.store(true, Ordering::Relaxed);
    let sent = sender.join().unwrap();
    let left = loaded.end(out, 0);
    let size = |path: &str| fs::metadata(path).unwrap().len();
    assert_eq!(size(&disturbed), size(&undisturbed));
    assert!(sent > 100, "{sent} signals");
    assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
    assert_eq!(left.out, expected);
}

/// The smallest pipe there is, and pieces of a few bytes on both sides.
#[test]
fn short_reads_and_short_writes_change_no_byte() {
    let input = load(60);
    let expected = run(ALL, input.as_bytes()).stdout;
    for seed in 0..3 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut loaded = Loaded::start(ALL);
        let mut stdin = loaded.stdin.take().unwrap();
        let head = line("m,s=s0", 0);
        stdin.write_all(head.as_bytes()).unwrap();
        let mut out = vec![0; head.len()];
        loaded.stdout.read_exact(&mut out).unwrap();
        // It has made its own pipe larger; now it is empty, and made small again.
        assert_eq!(fcntl_setpipe_size(&loaded.stdout, 4_096).unwrap(), 4_096);
        let fed = input[head.len()..].to_owned();
        let mut feeding = rng.clone();
        let feeder = thread::spawn(move || {
            let mut rest = fed.as_bytes();
            while !rest.is_empty() {
                let (piece, more) = rest.split_at(feeding.random_range(1..=rest.len().min(200)));
                stdin.write_all(piece).unwrap();
                rest = more;
            }
            stdin
        });
        while out.len() < expected.len() {
            let mut room = vec![0; rng.random_range(1..200)];
            let read = loaded.read(&mut room);
            assert_ne!(read, 0);
            out.extend_from_slice(&room[..read]);
        }
        drop(feeder.join().unwrap());
        let left = loaded.end(out, 0);
        assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
        assert_eq!(left.out, expected, "seed {seed}");
    }
}

/// What is whole is a line, also without its newline; what is not is dropped and said.
#[test]
fn an_input_that_ends_anywhere_inside_a_line_costs_at_most_that_line() {
    let first = line("m", 0);
    let last = "m,t=a\\ b v=1.5,s=\"x \\\"y\\\"\nz\",b=true 1700000001000000000";
    for cut in 0..=last.len() {
        let input = format!("{first}{}", &last[..cut]);
        let ran = run(&[], input.as_bytes());
        assert_eq!(ran.code, Some(0));
        assert!(ran.stdout.starts_with(first.as_bytes()), "cut at {cut}");
        let (lines, rejected) = (ran.counter("lines"), ran.counter("lines_rejected"));
        if cut == last.len() {
            assert_eq!((lines, rejected), (2, 0));
        }
        assert!(
            lines + rejected > i64::from(cut > 0),
            "cut at {cut}: all are counted"
        );
        if rejected == 0 && cut > 0 {
            assert!(
                ran.stdout.starts_with((input + "\n").as_bytes()),
                "cut at {cut}"
            );
        } else {
            assert_eq!(
                ran.stderr.lines().count(),
                usize::try_from(rejected).unwrap()
            );
        }
    }
}

/// As Telegraf does it: SIGTERM comes, then the rest and the end of the input.
#[test]
fn sigterm_while_it_writes_loses_nothing_that_has_come() {
    let input = load(1_000);
    let expected = run(ALL, input.as_bytes()).stdout;
    for moment in 0..20 {
        let mut loaded = Loaded::start(ALL);
        let mut stdin = loaded.stdin.take().unwrap();
        let fed = input.clone();
        let feeder = thread::spawn(move || drop(stdin.write_all(fed.as_bytes())));
        let mut out = vec![0; 1 + moment * expected.len() / 25];
        loaded.stdout.read_exact(&mut out).unwrap();
        let start = Instant::now();
        loaded.signal(Signal::TERM);
        let left = loaded.end(out, 0);
        assert!(start.elapsed() < Duration::from_secs(4));
        feeder.join().unwrap();
        assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
        assert_passed(&left.out, input.as_bytes());
        assert_eq!(left.out, expected, "sent at {moment}/25");
    }
}

/// Nobody reads for as long as you like: it waits, in the memory it has, and holds up who feeds it.
#[test]
fn an_output_that_stalls_holds_up_the_input_and_takes_no_memory() {
    let mut loaded = Loaded::start(ALL);
    let mut stdin = loaded.stdin.take().unwrap();
    let input = lines("m,s=1", 300_000);
    let fed = input.clone();
    let feeder = thread::spawn(move || {
        stdin.write_all(fed.as_bytes()).unwrap();
        stdin
    });
    let mut out = vec![0; 1];
    loaded.stdout.read_exact(&mut out).unwrap();
    let is_full = || ioctl_fionread(&loaded.stdout).unwrap() > 1_000_000;
    while !is_full() || loaded.status("State:") != "S" {
        thread::yield_now();
    }
    let written = |loaded: &Loaded| ioctl_fionread(&loaded.stdout).unwrap();
    let (before, peak_kib) = (written(&loaded), loaded.peak_kib());
    thread::sleep(Duration::from_secs(2)); // the stall is what is tested; a longer one is no other
    assert_eq!((written(&loaded), loaded.peak_kib()), (before, peak_kib));
    assert!(!feeder.is_finished(), "the input waits");
    let last = line("m,s=1", 299_999);
    let mut room = vec![0; 1 << 16];
    let all = |out: &[u8]| {
        let end = &out[out.len().saturating_sub(1 << 17)..];
        end.windows(last.len())
            .any(|bytes| bytes == last.as_bytes())
    };
    while !all(&out) {
        let read = loaded.read(&mut room);
        out.extend_from_slice(&room[..read]);
    }
    drop(feeder.join().unwrap());
    let left = loaded.end(out, 0);
    left.assert_passed(input.as_bytes());
    assert_eq!(left.stderr, "");
    assert!(peak_kib < 32 << 10, "{peak_kib} KiB");
}
