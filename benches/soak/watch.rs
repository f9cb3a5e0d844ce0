//! What is seen of a program in a soak: its lines, their latency, its memory and its time.

use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub const HEADING: &str = "seconds,lines_in,lines_out,records,rss_kib,peak_kib,cpu_s,series,series_forgotten,latency_p50_ms,latency_p99_ms,latency_max_ms";

/// What came out.
#[derive(Default)]
pub struct Seen {
    passed: AtomicU64,
    records: AtomicU64,
    latencies: Mutex<Vec<Duration>>, // since the last row
    report: Mutex<String>,           // the last `brewcast` record
}

impl Seen {
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// A counter of the last `brewcast` record; 0 before there is one.
    pub fn counter(&self, name: &str) -> u64 {
        let report = self.report.lock().unwrap();
        let found = report.split([',', ' ']).find_map(|part| {
            let value = part.strip_prefix(name)?.strip_prefix('=')?;
            value.trim_end_matches('i').parse().ok()
        });
        found.unwrap_or(0)
    }

    pub fn counters(&self) -> String {
        let names = [
            "series",
            "series_forgotten",
            "points_judged",
            "flags",
            "state_saves",
            "state_failures",
            "panics",
        ];
        let shown = names.map(|name| format!("{name} {}", self.counter(name)));
        shown.join(", ")
    }
}

/// Reads everything to its end.
pub fn read(mut stdout: impl Read, start: Instant, seen: &Seen) {
    let mut room = vec![0; 1 << 18];
    let mut rest = Vec::new(); // of a line that is not whole
    loop {
        let read = stdout.read(&mut room).unwrap();
        if read == 0 {
            assert!(rest.is_empty(), "the output ends inside a line");
            return;
        }
        rest.extend_from_slice(&room[..read]);
        let end = rest
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let (mut passed, mut records) = (0, 0);
        for line in rest[..end].split_inclusive(|&byte| byte == b'\n') {
            if line.starts_with(b"soak,") {
                passed += 1;
            } else if let Some(written) = line.strip_prefix(b"probe s=\"") {
                passed += 1;
                let digits: Vec<u8> = written
                    .iter()
                    .copied()
                    .take_while(u8::is_ascii_digit)
                    .collect();
                let nanos: u64 = std::str::from_utf8(&digits).unwrap().parse().unwrap();
                let latency = start.elapsed().saturating_sub(Duration::from_nanos(nanos));
                seen.latencies.lock().unwrap().push(latency);
            } else {
                records += 1;
                if line.starts_with(b"brewcast,") {
                    *seen.report.lock().unwrap() = String::from_utf8_lossy(line).into_owned();
                }
            }
        }
        seen.passed.fetch_add(passed, Ordering::Relaxed);
        seen.records.fetch_add(records, Ordering::Relaxed);
        rest.drain(..end);
    }
}

/// Looks at the process.
pub struct Watch {
    about: String,
    memory: Vec<u64>,
}

impl Watch {
    pub fn new(id: u32) -> Self {
        Self {
            about: format!("/proc/{id}"),
            memory: Vec::new(),
        }
    }

    /// One line of the CSV.
    pub fn row(&mut self, at: Duration, sent: u64, seen: &Seen) -> String {
        let mut latencies = std::mem::take(&mut *seen.latencies.lock().unwrap());
        latencies.sort_unstable();
        let share = |share: f64| {
            let at = (latencies.len().saturating_sub(1) as f64 * share) as usize;
            latencies
                .get(at)
                .map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        let (rss, peak) = (self.kib("VmRSS:"), self.kib("VmHWM:"));
        self.memory.push(rss);
        format!(
            "{:.1},{sent},{},{},{rss},{peak},{:.2},{},{},{:.3},{:.3},{:.3}",
            at.as_secs_f64(),
            seen.passed(),
            seen.records.load(Ordering::Relaxed),
            self.cpu_s(),
            seen.counter("series"),
            seen.counter("series_forgotten"),
            share(0.5),
            share(0.99),
            share(1.0),
        )
    }

    /// The most memory of the first half and of the second one, KiB.
    pub fn peaks(&self) -> (u64, u64) {
        let (first, second) = self.memory.split_at(self.memory.len() / 2);
        let most = |half: &[u64]| half.iter().copied().max().unwrap_or(0);
        (most(first), most(second))
    }

    fn kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("{}/status", self.about)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
        kib.unwrap_or(0)
    }

    /// User and system time, from ticks of 10 ms.
    fn cpu_s(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("{}/stat", self.about)).unwrap_or_default();
        let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = behind_name.split_whitespace().skip(11).take(2);
        ticks
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum::<f64>()
            / 100.0
    }
}
