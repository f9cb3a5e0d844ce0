//! A program between two pipes, and what it takes.

use std::io::{Read, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::loads::Load;

/// What a program took for a load.
pub struct Taken {
    /// From the first byte in to the last byte out.
    pub wall: Duration,
    /// Processor time of the program itself, s; nothing where the system does not tell.
    pub cpu_s: Option<f64>,
    /// Most memory it held, bytes.
    pub peak: Option<usize>,
    /// The longest time without a byte of output while there was input.
    pub stall: Duration,
}

/// Runs `command` on a load from pipe to pipe. One thread writes, one reads.
pub fn run(command: &[&str], load: &Load) -> std::io::Result<Taken> {
    let (program, arguments) = command.split_first().unwrap();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let about = format!("/proc/{}", child.id());
    let start = Instant::now();
    let (peak, stall) = std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let (mut room, mut last, mut stall) = (vec![0; 1 << 20], start, Duration::ZERO);
            while stdout.read(&mut room).unwrap() > 0 {
                stall = stall.max(last.elapsed());
                last = Instant::now();
            }
            stall
        });
        stdin.write_all(&load.text).unwrap();
        let status = std::fs::read_to_string(format!("{about}/status")).unwrap_or_default();
        drop(stdin);
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: Option<usize> =
            peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
        (kib.map(|kib| 1_024 * kib), reader.join().unwrap())
    });
    let wall = start.elapsed();
    std::thread::sleep(Duration::from_millis(20)); // it has closed its output and is about to end
    let cpu_s = cpu_s(&std::fs::read_to_string(format!("{about}/stat")).unwrap_or_default());
    assert!(child.wait()?.success(), "{command:?} failed");
    Ok(Taken {
        wall,
        cpu_s,
        peak,
        stall,
    })
}

/// User and system time from `/proc/PID/stat`, in ticks of 10 ms.
fn cpu_s(stat: &str) -> Option<f64> {
    let behind_name = stat.rsplit_once(')')?.1;
    let ticks = |at: usize| behind_name.split_whitespace().nth(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}
