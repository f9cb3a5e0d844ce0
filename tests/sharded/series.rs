//! Two thousand series as a site has them, and the shard each of them belongs to.
//!
//! Tags are mixed: hosts with processors, hosts with disks (two fields in a line), sensors without a host,
//! measurements without any tag; some names need escapes. The lines are the same on every run, a point every
//! ten seconds, and written such that Telegraf does not change a byte of them. Now and then a value leaps.

use std::fmt::Write as _;

/// Series, a field of a line each.
pub(crate) const SERIES: usize = 2_000;
/// Lines that give a point to each series.
pub(crate) const LINES: usize = 1_700;
/// Time of the first points where nothing else is asked for, in seconds.
pub(crate) const START_S: i64 = 1_700_000_000;
/// Time between the points of a series, in seconds.
pub(crate) const STEP_S: i64 = 10;

/// What a line is about: everything but its values and its time.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// As line protocol has it.
    pub(crate) text: String,
    /// What the routing processor hashes: the same without escapes.
    pub(crate) meant: String,
    fields: &'static [&'static str],
    number: usize, // among all keys
}

impl Key {
    fn new(number: usize, meant: String, fields: &'static [&'static str]) -> Self {
        // Commas and equal signs are those between tags.
        let text = meant.replace(' ', "\\ ");
        Self {
            text,
            meant,
            fields,
            number,
        }
    }

    /// How many series it has.
    pub(crate) fn fields(&self) -> usize {
        self.fields.len()
    }

    /// The shard that has it, by the hash of `producer.conf`: FNV-1a with 32 bits.
    pub(crate) fn shard(&self, shards: u32) -> u32 {
        let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
        self.meant.bytes().fold(2_166_136_261, step) % shards
    }

    /// Its `n`-th line, without a newline.
    fn line(&self, n: i64, start_s: i64) -> String {
        let mut line = self.text.clone();
        for (f, field) in self.fields.iter().enumerate() {
            let separator = if f == 0 { ' ' } else { ',' };
            write!(line, "{separator}{field}={}", value(self.number * 2 + f, n)).unwrap();
        }
        let ns = i64::try_from(self.number).unwrap();
        write!(line, " {}", (start_s + n * STEP_S) * 1_000_000_000 + ns).unwrap();
        line
    }
}

/// All keys; each has at least one field.
pub(crate) fn keys() -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    let mut add = |meant, fields| keys.push(Key::new(keys.len(), meant, fields));
    for n in 0..1_000 {
        let (host, cpu) = (n / 8, n % 8);
        add(format!("cpu,cpu=cpu{cpu},host=web{host:03}"), &["usage"]);
    }
    for n in 0..300 {
        let path = ["/", "/home", "/var/lib/a b"][n % 3];
        let key = format!("disk,host=db{:02},path={path}", n / 3);
        add(key, &["free", "used"]);
    }
    for n in 0..300 {
        let room = ["cellar 1", "cellar 2", "Gärkeller"][n % 3];
        add(format!("temperature,room={room},sensor=s{n}"), &["value"]);
    }
    for n in 0..100 {
        add(format!("site_{n}"), &["v"]);
    }
    keys
}

/// Points `from` to `to` of all series of these keys, round by round.
pub(crate) fn lines(keys: &[Key], from: i64, to: i64, start_s: i64) -> String {
    let mut text = String::new();
    for n in from..to {
        for key in keys {
            text += &key.line(n, start_s);
            text.push('\n');
        }
    }
    text
}

/// A level of its own with a little noise; one point in 997 is far from it, one series in 97 moves for good.
fn value(series: usize, n: i64) -> f64 {
    let n = usize::try_from(n).unwrap();
    let mixed = ((series as u64 + 1) * 1_000_003 + n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut tenths = 200 + (series % 50) * 10 + usize::try_from(mixed >> 60).unwrap();
    if 40 < n && (series * 131 + n * 17).is_multiple_of(997) {
        tenths += 500;
    }
    if series.is_multiple_of(97) && 70 < n {
        tenths += 300;
    }
    f64::from(u32::try_from(tenths).unwrap()) / 10.0
}
