//! The true temperature of a brew, as its display shows it.
//!
//! First a sawtooth: it warms slowly, and cooling throws it back within seconds. Then, with the cooling off, a slow
//! wander. Promises: at most 0.1 degrees from one second to the next, at most 0.8 in a fall, always 15 to 28 degrees.
//! It is no model of a fermentation.

use super::dice::Dice;

/// A brew that warms slowly until the cooling sets in; ranges from which every cycle draws anew.
pub(super) struct Thermostat {
    /// Warming in tenths of a degree a second; < 0.5, so that no step of the display exceeds 0.1.
    pub(super) rate: (f64, f64),
    /// Height of a cycle in tenths of a degree.
    pub(super) height: (i64, i64),
    /// Seconds at the top before the cooling sets in.
    pub(super) top_s: (i64, i64),
}

/// The true temperature of one brew.
pub(super) struct Truth {
    /// Displayed value in tenths of a degree, in [150, 280].
    pub(super) tenths: Vec<i64>,
    /// First and last reading of each fall, in order.
    pub(super) falls: Vec<(usize, usize)>,
    /// Readings of the sawtooth; the rest is the slow part.
    pub(super) sawtooth: usize,
}

/// `len` readings, the first `sawtooth` of them held by the thermostat; after that the temperature climbs to some
/// 23 to 24 degrees and wanders there: a velocity v with v' = v + noise - v / 400 and a pull to the middle.
pub(super) fn temperature(
    thermostat: &Thermostat,
    len: usize,
    sawtooth: usize,
    dice: &mut Dice,
) -> Truth {
    let sawtooth = sawtooth.min(len);
    let mut truth = Truth {
        tenths: Vec::with_capacity(len),
        falls: Vec::new(),
        sawtooth,
    };
    let mut base = dice.whole((182, 190)); // where the next fall ends, in [180, 196]
    let mut level = base as f64;
    while truth.tenths.len() < sawtooth {
        let rate = dice.between(thermostat.rate);
        let top = (base + dice.whole(thermostat.height)) as f64;
        while level < top && truth.tenths.len() < sawtooth {
            level += rate * dice.between((0.7, 1.3));
            truth.tenths.push(displayed(level, dice));
        }
        for _ in 0..dice.whole(thermostat.top_s) {
            truth.tenths.push(displayed(top, dice));
        }
        base = (base + dice.whole((-4, 4))).clamp(180, 196);
        let start = truth.tenths.len();
        let mut fallen = truth.tenths.last().copied().unwrap_or(base);
        while fallen > base && truth.tenths.len() < sawtooth {
            fallen -= dice.whole((1, 8)).min(fallen - base);
            truth.tenths.push(fallen);
        }
        if start < truth.tenths.len().min(sawtooth) {
            truth.falls.push((start, truth.tenths.len() - 1));
        }
        level = fallen as f64;
    }
    truth.tenths.truncate(sawtooth);
    level = truth.tenths.last().map_or(level, |&last| last as f64);
    let (middle, mut velocity) = (dice.between((232.0, 242.0)), 0.0);
    while truth.tenths.len() < len {
        velocity += dice.between((-0.0022, 0.0022)) - velocity / 400.0;
        level += velocity + ((middle - level) / 900.0).clamp(-0.05, 0.05);
        level = level.clamp(150.0, 280.0);
        truth.tenths.push(displayed(level, dice));
    }
    truth
}

/// The display rounds, and chatters between two values when the level lies close to the limit between them.
fn displayed(level: f64, dice: &mut Dice) -> i64 {
    (level + dice.between((-0.08, 0.08)) + 0.5).floor() as i64
}
