//! The stream of a soak: so many points a second, evenly, over series of which some go and others come.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Between two writes.
const BEAT: Duration = Duration::from_millis(10);

pub struct Feed {
    per_beat: u64,
    names: Vec<u64>, // of the series there are
    next: usize,     // whose turn it is
    fresh: u64,      // the next name that nobody had
    churn: f64,      // series that are replaced in a beat
    owed: f64,       // of them, not yet
    noise: u64,
}

impl Feed {
    pub fn new(rate: u64, series: u64, churn: f64) -> Self {
        let beats_per_minute = 60.0 / BEAT.as_secs_f64();
        Self {
            per_beat: (rate as f64 * BEAT.as_secs_f64()).round() as u64,
            names: (0..series).collect(),
            next: 0,
            fresh: series,
            churn: churn * series as f64 / beats_per_minute,
            owed: 0.0,
            noise: 1,
        }
    }

    /// Writes for so long; behind the points of each beat a line that says when it was written.
    pub fn run(
        mut self,
        out: &mut impl Write,
        start: Instant,
        length: Duration,
        sent: &AtomicU64,
    ) -> io::Result<()> {
        let mut text = Vec::new();
        let mut at = start.elapsed();
        while at < length {
            text.clear();
            let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            for _ in 0..self.per_beat {
                self.point(&mut text, nanos.as_nanos());
            }
            self.replace();
            let written = start.elapsed().as_nanos();
            writeln!(text, "probe s=\"{written}\" {}", nanos.as_nanos())?;
            out.write_all(&text)?;
            sent.fetch_add(self.per_beat + 1, Ordering::Relaxed);
            at += BEAT;
            std::thread::sleep(at.saturating_sub(start.elapsed()));
        }
        Ok(())
    }

    /// A level of its own for each series, noise, a slow wave, and now and then a wrong reading.
    fn point(&mut self, text: &mut Vec<u8>, nanos: u128) {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        let name = self.names[self.next];
        let wave = (nanos as f64 / 6e10).sin();
        let noise = (self.noise % 100) as f64 / 50.0;
        let wrong = if self.noise >> 32 & 0xffff == 0 {
            40.0
        } else {
            0.0
        };
        let value = (name % 100) as f64 + 3.0 * wave + noise + wrong;
        writeln!(text, "soak,host=h{name},room=cellar v={value:.2} {nanos}").unwrap();
        self.next = (self.next + 1) % self.names.len();
    }

    fn replace(&mut self) {
        self.owed += self.churn;
        while self.owed >= 1.0 {
            self.owed -= 1.0;
            let at = (self.fresh.wrapping_mul(0x9e37_79b9) % self.names.len() as u64) as usize;
            self.names[at] = self.fresh;
            self.fresh += 1;
        }
    }
}
