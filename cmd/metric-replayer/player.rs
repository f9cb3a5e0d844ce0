//! Plays a recording: every record leaves when it is due, and nothing waits unwritten.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant, SystemTime};

use brewcast::line::stamp::Stamp;
use brewcast::precision::Precision;
use brewcast::records::{self, Item, Records};
use brewcast::report::{self, Rejects, Severity};

use crate::hold::{Hold, Wait};
use crate::pace::{Pace, Speed};
use crate::rounds::Rounds;

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With the last record.
    Played,
    /// Before it: stdin has been closed, or nobody reads stdout.
    Released,
}

/// The clock that fits the pace, in nanoseconds.
#[derive(Debug)]
enum Clock {
    /// Time of day: what timestamps are compared with.
    Wall,
    /// Time since the start, deaf to the clock being set: what a speed is measured with.
    Steady(Instant),
}

impl Clock {
    fn now_ns(&self) -> i128 {
        match self {
            Self::Steady(start) => start.elapsed().as_nanos() as i128,
            Self::Wall => match SystemTime::UNIX_EPOCH.elapsed() {
                Ok(since) => since.as_nanos() as i128,
                Err(before) => -(before.duration().as_nanos() as i128),
            },
        }
    }
}

/// Plays one recording, once or in rounds.
#[derive(Debug)]
pub(crate) struct Player {
    out: BufWriter<File>,
    hold: Hold,
    pace: Pace,
    clock: Clock,
    precision: Precision,
    rounds: Rounds,
    round: u64, // from 1
    dropped: Rejects,
    records: u64,        // written, all rounds together
    records_before: u64, // the present round
    mid_line: bool,
}

impl Player {
    /// A player that writes to `stdout`; with a speed, its time starts with the first record.
    pub(crate) fn new(
        stdout: File,
        hold: Hold,
        speed: Option<Speed>,
        precision: Precision,
    ) -> Self {
        Self {
            out: BufWriter::with_capacity(64 * 1024, stdout),
            hold,
            pace: Pace::new(speed),
            clock: speed.map_or(Clock::Wall, |_| Clock::Steady(Instant::now())),
            precision,
            rounds: Rounds::new(1_000_000_000 / precision.unit_ns()),
            round: 1,
            dropped: Rejects::default(),
            records: 0,
            records_before: 0,
            mid_line: false,
        }
    }

    /// How many records have been written.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// Plays the recording from its beginning to its end. Everything is flushed afterwards.
    ///
    /// # Errors
    /// Those of `recording` and of stdout; a broken pipe when nobody reads that any more.
    pub(crate) fn play(&mut self, recording: impl Read) -> io::Result<End> {
        let mut records = Records::new(recording);
        while records.read()? {
            while let Some(item) = records.next_item() {
                if self.item(&item)? == End::Released {
                    return Ok(End::Released);
                }
            }
            self.out.flush()?;
        }
        if self.mid_line {
            // Telegraf would hold a line without its end back until we end.
            self.write(b"\n")?;
        }
        self.out.flush()?;
        if self.round == 1
            && let Some(text) = self.dropped.sum_up()
        {
            report::write(&mut io::stderr(), Severity::Warning, &text);
        }
        Ok(End::Played)
    }

    /// Moves on to the next round, or says how the playing ends.
    ///
    /// # Errors
    /// When stdin and stdout cannot be watched.
    pub(crate) fn go_on(&mut self) -> io::Result<ControlFlow<End>> {
        let now = match self.pace {
            Pace::Absolute => {
                let now = self.clock.now_ns() / i128::from(self.precision.unit_ns());
                i64::try_from(now).ok()
            }
            Pace::Relative { .. } => None,
        };
        let was_empty = self.records == self.records_before;
        if was_empty || !self.rounds.go_on(now) {
            let text = "there is no next round: no timestamps, or none that would fit";
            report::write(&mut io::stderr(), Severity::Warning, text);
            return Ok(ControlFlow::Break(End::Played));
        }
        self.round += 1;
        self.records_before = self.records;
        Ok(match self.hold.wait(self.out.get_ref(), Duration::ZERO)? {
            Wait::Over => ControlFlow::Continue(()),
            Wait::Released => ControlFlow::Break(End::Released),
        })
    }

    /// Waits until we are not needed any more.
    ///
    /// # Errors
    /// When stdin and stdout cannot be watched.
    pub(crate) fn stay(&mut self) -> io::Result<()> {
        self.hold.wait_for_release(self.out.get_ref())
    }

    fn item(&mut self, item: &Item<'_>) -> io::Result<End> {
        match item {
            Item::Record { bytes, stamp, .. } => return self.record(bytes, stamp),
            Item::Piece(bytes) => self.write(bytes)?,
            Item::Bad { .. } | Item::Overlong { .. } if self.round > 1 => {}
            Item::Bad {
                bytes,
                reason,
                line,
            } => {
                if let Some(text) = self.dropped.describe(*line, reason, bytes) {
                    report::write(&mut io::stderr(), Severity::Warning, &text);
                }
            }
            Item::Overlong { line, .. } => {
                let text =
                    format!("line {line} is longer than 16 MiB: it leaves at once, as it is");
                report::write(&mut io::stderr(), Severity::Warning, &text);
            }
        }
        Ok(End::Played)
    }

    /// Writes a record when it is due.
    fn record(&mut self, bytes: &[u8], stamp: &Stamp) -> io::Result<End> {
        let Stamp::At(_, recorded) = *stamp else {
            self.records += u64::from(*stamp != Stamp::None);
            self.write(bytes)?;
            return Ok(End::Played);
        };
        if self.round == 1 {
            self.note_stamp(bytes, recorded);
        }
        let time = self.rounds.moved(recorded);
        let time_ns = i128::from(time) * i128::from(self.precision.unit_ns());
        if self.wait_until(time_ns)? == Wait::Released {
            return Ok(End::Released);
        }
        self.records += 1;
        if time == recorded {
            self.write(bytes)?; // as it was written, leading zeros and all
        } else {
            records::write_stamped(&mut self.out, bytes, stamp, time)?;
            self.mid_line = !bytes.ends_with(b"\n");
        }
        Ok(End::Played)
    }

    fn note_stamp(&mut self, bytes: &[u8], stamp: i64) {
        if self.rounds.is_new()
            && let Some(doubt) = self.precision.doubt(stamp)
        {
            report::write(&mut io::stderr(), Severity::Warning, &doubt);
        }
        self.rounds.note(bytes, stamp);
    }

    /// Returns when it is `time_ns`; before it waits, everything is flushed.
    fn wait_until(&mut self, time_ns: i128) -> io::Result<Wait> {
        loop {
            let wait = self.pace.wait(time_ns, self.clock.now_ns());
            if wait.is_zero() {
                return Ok(Wait::Over);
            }
            self.out.flush()?;
            if self.hold.wait(self.out.get_ref(), wait)? == Wait::Released {
                return Ok(Wait::Released);
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.mid_line = !bytes.ends_with(b"\n");
        self.out.write_all(bytes)
    }
}
