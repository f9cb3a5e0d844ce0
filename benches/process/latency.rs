//! One line into an idle pipe, its verdict out.

use std::io::{Read, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::loads::Random;

/// Points that are timed, behind a warm-up of the series.
const POINTS: i64 = 20_000;
const WARMUP: i64 = 40;

/// The times from a line in to its verdict out, ascending. One series, every minute for two weeks of its
/// time, so that its paths, the tests for its seasons and their arrival are among them.
pub fn one_by_one(program: &str) -> Vec<Duration> {
    let mut child = Command::new(program)
        .args(["--verdicts", "all", "--report-every", "0s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut random = Random(5);
    let mut room = vec![0; 1 << 16];
    let mut times = Vec::new();
    for point in 0..WARMUP + POINTS {
        let day = (point as f64 * std::f64::consts::TAU / 1_440.0).sin();
        let value = 20.0 + 5.0 * day + f64::from(random.step()) / 10.0;
        let time = (1_600_000_000 + 60 * point) * 1_000_000_000;
        let line = format!("m,host=a v={value:.2} {time}\n");
        let start = Instant::now();
        stdin.write_all(line.as_bytes()).unwrap();
        let mut read = 0;
        while read < line.len() || point >= WARMUP && !has_verdict(&room[..read]) {
            let more = stdout.read(&mut room[read..]).unwrap();
            assert!(more > 0, "it ended");
            read += more;
        }
        if point >= WARMUP {
            times.push(start.elapsed());
        }
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
    times.sort_unstable();
    times
}

fn has_verdict(output: &[u8]) -> bool {
    output.ends_with(b"\n") && memchr::memmem::find(output, b"m_anomaly,").is_some()
}
