//! What a camera reads off the display: mostly what is shown, at times another digit.
//!
//! A misread follows from the digit that is shown, so its size does too. Promises: at most one digit of a reading is
//! wrong, the tens digit never, and nothing in a fall.

use super::Recipe;
use super::dice::Dice;
use super::temperature::Truth;

/// A misread that finds no digit to befall within this time does not happen.
const WAIT_MAX_S: usize = 3600;

/// A digit that the camera takes for another one, in seven segments a (top) to g (middle).
struct Fault {
    /// Tenths of a degree that the digit stands for: 1 or 10.
    place: i64,
    /// Digits that it befalls; never `to` itself.
    from: &'static [i64],
    to: i64,
    /// How often it is drawn; the weights add up to 100.
    weight: i64,
}

/// Either a reflection lights segments that are dark (0, 1, 2, 3, 9 look like 8, 5 like 9) or lit ones are not seen
/// (7 without its top, 0 without its left side, top and bottom look like 1).
const FAULTS: [Fault; 5] = [
    Fault {
        place: 1,
        from: &[0, 1, 2],
        to: 8,
        weight: 62,
    },
    Fault {
        place: 1,
        from: &[7],
        to: 1,
        weight: 16,
    },
    Fault {
        place: 10,
        from: &[0, 1, 2, 3, 9],
        to: 8,
        weight: 14,
    },
    Fault {
        place: 10,
        from: &[0],
        to: 1,
        weight: 4,
    },
    Fault {
        place: 10,
        from: &[5],
        to: 9,
        weight: 4,
    },
];

impl Fault {
    fn draw(dice: &mut Dice) -> &'static Fault {
        let mut ticket = dice.whole((0, 99));
        let drawn = FAULTS.iter().find(|fault| {
            ticket -= fault.weight;
            ticket < 0
        });
        drawn.unwrap_or(&FAULTS[0])
    }

    /// What the camera reads, if the fault befalls the digit that is shown.
    fn read(&self, tenths: i64) -> Option<i64> {
        let digit = tenths / self.place % 10;
        self.from
            .contains(&digit)
            .then(|| tenths + (self.to - digit) * self.place)
    }
}

/// What the camera reads. The sevens of the sawtooth come first, then the four kinds of misread: each begins by
/// chance and waits until a digit that it can befall is shown. When another digit is shown, or a fall begins, a
/// flicker rests and the others end.
pub(super) fn misread(truth: &Truth, recipe: &Recipe, factor: f64, dice: &mut Dice) -> Vec<i64> {
    let shown = &truth.tenths;
    let mut read = shown.clone();
    let mut falling = vec![false; shown.len()];
    for &(start, end) in &truth.falls {
        falling[start..=end].fill(true);
    }
    let mut first = 0;
    for dwell in shown[..truth.sawtooth].chunk_by(|a, b| a == b) {
        let dwell = first..first + dwell.len();
        first = dwell.end;
        if shown[dwell.start] % 10 == 7 && dice.unit() < recipe.sevens {
            dwell
                .filter(|&i| !falling[i])
                .for_each(|i| read[i] = shown[i] - 6);
        }
    }
    let kinds = [
        (recipe.points_per_hour, (1, 2), false),
        (recipe.shorts_per_hour, (3, 10), false),
        (recipe.flickers_per_hour, (4, 150), true),
        (recipe.longs_per_hour, (30, 360), false),
    ];
    for (rate, seconds, flickers) in kinds {
        for begin in 0..shown.len() {
            if dice.unit() >= rate * factor / 3600.0 {
                continue;
            }
            let fault = Fault::draw(dice);
            let befalls = |i: usize| fault.read(shown[i]).filter(|_| !falling[i]);
            let mut wait = (begin..shown.len()).take(WAIT_MAX_S);
            let Some(begin) = wait.find(|&i| befalls(i).is_some() && read[i] == shown[i]) else {
                continue;
            };
            let end = (begin + dice.mostly_small(seconds) as usize).min(shown.len());
            let mut switch = if flickers { begin } else { end };
            let mut wrong = !flickers;
            for (i, read) in (begin..).zip(&mut read[begin..end]) {
                if i == switch {
                    wrong = !wrong;
                    switch += dice.mostly_small(if wrong { (1, 6) } else { (1, 9) }) as usize;
                }
                match befalls(i) {
                    Some(value) if wrong => *read = value,
                    None if !flickers => break,
                    _ => {}
                }
            }
        }
    }
    read
}
