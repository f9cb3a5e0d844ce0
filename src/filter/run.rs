//! The loop: read a block, handle its lines, write; flush exactly when the next read could block.
//!
//! One thread and nothing that can wait for ever but the pipes themselves. Input and clock come in
//! as arguments, so that the loop is tested without either.

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Filter;
use super::keeper::Keeper;

/// Where bytes come from.
pub trait Input {
    /// Whether a read would not block, waiting for that at most so long. A signal may end the wait
    /// early, which counts as not ready.
    ///
    /// # Errors
    /// When the source is broken.
    fn is_ready(&mut self, at_most: Duration) -> io::Result<bool>;

    /// Reads what is there; 0 at the end of the input.
    ///
    /// # Errors
    /// When the source is broken.
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize>;
}

/// Output is written when so much has collected, also while more input is there.
const WRITE_BYTES: usize = 64 * 1024;
/// Longest wait, so that the filter hears of the time.
const TICK: Duration = Duration::from_secs(60);
/// An agent writes a metric at once, so a quote that is open for so long is most likely a stray one.
const QUOTE_PATIENCE: Duration = Duration::from_secs(1);
/// Time between two pieces of work while nothing comes.
const WORK: Duration = Duration::from_millis(1);
/// After a request to stop the input is still filtered for so long, or to its end. With the wait for
/// a last reader that is less than four seconds.
const STOP_GRACE: Duration = Duration::from_millis(1_500);

/// From the end, or the request to stop, until the state has to be there. Telegraf waits for five seconds.
const SAVE_GRACE: Duration = Duration::from_millis(3_200);

/// Opens the state and takes in what is there; `None` when nothing is to be kept. It is told the time since 1970.
type Open<'a> = Box<dyn FnOnce(&mut Filter, Duration) -> Option<Keeper> + 'a>;

/// What goes on beside the stream.
pub struct Beside<'a> {
    report_every: Duration,
    report_at: Duration,    // wall time
    open: Option<Open<'a>>, // until the first line
    keeper: Option<Keeper>,
}

impl fmt::Debug for Beside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keeper, .. } = self;
        f.debug_struct("Beside").field("keeper", keeper).finish()
    }
}

impl<'a> Beside<'a> {
    /// A `brewcast` record every so often (zero: none), and what opens the state.
    ///
    /// It is opened with the first input. Of the two programs with one state that Telegraf starts beside aggregators
    /// the first to start is the one that waits for aggregates; the first to be fed is the one that is meant.
    #[must_use]
    pub fn new(
        report_every: Duration,
        open: impl FnOnce(&mut Filter, Duration) -> Option<Keeper> + 'a,
    ) -> Self {
        Self {
            report_every,
            report_at: Duration::MAX,
            open: Some(Box::new(open)),
            keeper: None,
        }
    }

    /// What saves the state, if there is one and something came.
    pub fn keeper(&mut self) -> Option<&mut Keeper> {
        self.keeper.as_mut()
    }

    /// Something has come.
    fn begin(&mut self, filter: &mut Filter, time: Duration) {
        if let Some(open) = self.open.take() {
            self.keeper = open(filter, time);
        }
    }

    fn work(&mut self, filter: &mut Filter, time: Duration, out: &mut Vec<u8>) {
        if !self.report_every.is_zero() {
            self.report_at = self.report_at.min(time + self.report_every); // the clock may have been set back
            if self.report_at <= time {
                filter.write_own_record(nanos(time), out);
                self.report_at = time + self.report_every;
            }
        }
        if let Some(keeper) = &mut self.keeper {
            keeper.step(filter, time);
        }
    }

    /// How long there is nothing to do.
    fn rest(&self, time: Duration) -> Duration {
        let keeper = self.keeper.as_ref();
        let rest = keeper.map_or(TICK, |keeper| keeper.rest(time).max(WORK));
        rest.min(self.report_at.saturating_sub(time))
    }

    /// The last things, once all that came has been written.
    fn end(&mut self, filter: &mut Filter, (now, used): (Duration, Duration), out: &mut Vec<u8>) {
        if let Some(keeper) = &mut self.keeper {
            keeper.finish(filter, now, SAVE_GRACE.saturating_sub(used));
        }
        if !self.report_every.is_zero() {
            filter.write_own_record(nanos(now), out);
        }
    }
}

/// Longest step of [`Awake`]: twice the longest wait.
const STEP: Duration = TICK.saturating_mul(2);

/// The time that went by while lines could arrive.
///
/// What a clock says that was set a year ahead, or after a night in which we were stopped or nobody read our
/// output, is no reason to take every series for idle.
#[derive(Debug)]
pub struct Awake {
    last: Duration,
    awake: Duration,
}

impl Awake {
    /// From this time on.
    #[must_use]
    pub fn since(time: Duration) -> Self {
        Self {
            last: time,
            awake: time,
        }
    }

    /// The same in seconds at this time of the clock.
    pub fn at(&mut self, time: Duration) -> u64 {
        self.awake += time.saturating_sub(self.last).min(STEP);
        self.last = time;
        self.awake.as_secs()
    }
}

/// Runs the filter until the input ends, or for [`STOP_GRACE`] after `stop` was set.
///
/// `now` is the time since 1970.
///
/// # Errors
/// When reading or writing fails; a broken output pipe is the caller's to judge.
pub fn run(
    filter: &mut Filter,
    input: &mut impl Input,
    output: &mut impl Write,
    log: &mut impl Write,
    now: impl Fn() -> Duration,
    stop: &AtomicBool,
    beside: &mut Beside<'_>,
) -> io::Result<()> {
    let mut out = Vec::with_capacity(2 * WRITE_BYTES);
    let mut stop_at = Duration::MAX;
    let mut awake = Awake::since(now());
    let mut open_quote = None; // its line, and since when
    let ended = loop {
        let time = now();
        filter.tick(awake.at(time), &mut out);
        beside.work(filter, time, &mut out);
        write_log(filter, log);
        if stop.load(Ordering::Relaxed) && stop_at == Duration::MAX {
            stop_at = time + STOP_GRACE;
        }
        if stop_at != Duration::MAX {
            stop_at = stop_at.min(time + STOP_GRACE);
        }
        if stop_at <= time {
            break false; // what is left is a piece of a line: half a number, half a time
        }
        open_quote = match (filter.open_quote(), open_quote) {
            (Some(line), Some((same, since))) if line == same => {
                if time.saturating_sub(since) >= QUOTE_PATIENCE {
                    filter.give_up_open_quote();
                    advance(filter, false, &mut out, output)?;
                }
                Some((line, since))
            }
            (line, _) => line.map(|line| (line, time)),
        };
        if !input.is_ready(Duration::ZERO)? {
            flush(&mut out, output)?;
            let mut wait = beside.rest(time).min(stop_at.saturating_sub(time));
            if open_quote.is_some() {
                wait = wait.min(QUOTE_PATIENCE);
            }
            if !input.is_ready(wait)? {
                continue;
            }
        }
        let read = input.read(filter.room())?;
        if read == 0 {
            break true;
        }
        beside.begin(filter, time);
        filter.fill(read);
        advance(filter, false, &mut out, output)?;
    };
    advance(filter, ended, &mut out, output)?;
    filter.finish(beside.keeper.is_some(), &mut out);
    flush(&mut out, output)?;
    let since_stop = if stop_at == Duration::MAX {
        Duration::ZERO
    } else {
        (now() + STOP_GRACE).saturating_sub(stop_at)
    };
    beside.end(filter, (now(), since_stop), &mut out);
    write_log(filter, log);
    flush(&mut out, output)
}

fn advance(
    filter: &mut Filter,
    ended: bool,
    out: &mut Vec<u8>,
    output: &mut impl Write,
) -> io::Result<()> {
    while filter.advance(ended, out) {
        if out.len() >= WRITE_BYTES {
            output.write_all(out)?;
            out.clear();
        }
    }
    Ok(())
}

fn flush(out: &mut Vec<u8>, output: &mut impl Write) -> io::Result<()> {
    if !out.is_empty() {
        output.write_all(out)?;
        out.clear();
    }
    output.flush()
}

/// Writes the log; one that can't be written must not stop the metrics.
fn write_log(filter: &mut Filter, log: &mut impl Write) {
    if !filter.log().is_empty() {
        let lines = filter.log().take();
        drop(log.write_all(lines.as_bytes()));
    }
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_makes_no_series_idle() {
        const YEAR_S: u64 = 365 * 86_400;
        let at = |awake: &mut Awake, seconds| awake.at(Duration::from_secs(seconds)) - 1_000;
        let mut awake = Awake::since(Duration::from_secs(1_000));
        assert_eq!(at(&mut awake, 1_060), 60);
        assert_eq!(at(&mut awake, YEAR_S), 180, "ahead");
        assert_eq!(at(&mut awake, YEAR_S + 60), 240);
        assert_eq!(at(&mut awake, 1_100), 240, "and back");
        assert_eq!(at(&mut awake, 1_130), 270);
    }
}
