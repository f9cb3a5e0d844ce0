//! Generated load: the same bytes every time, as agents write them.

use std::fmt::Write as _;

const SECOND: i64 = 1_000_000_000;
const START: i64 = 1_600_000_000;

/// Lines, and what they are to the program that reads them.
pub struct Load {
    /// What is said of it.
    pub name: &'static str,
    /// The lines.
    pub text: Vec<u8>,
    /// Numbers in them.
    pub values: usize,
    /// Series in them.
    pub series: usize,
}

impl Load {
    /// Lines in it.
    pub fn lines(&self) -> usize {
        memchr::memchr_iter(b'\n', &self.text).count()
    }
}

/// A generator of numbers that are the same on every machine (Knuth's MMIX).
pub struct Random(pub u64);

impl Random {
    /// The next three bits.
    pub fn bits(&mut self) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 61) as usize
    }

    /// A step of a reading that mostly stands still.
    pub fn step(&mut self) -> i32 {
        [0, 0, 0, 0, 1, -1, 2, -2][self.bits()]
    }
}

/// Thermometers in tenths of a degree, every ten seconds, all in turn.
pub fn brews(name: &'static str, series: usize, rounds: usize) -> Load {
    let mut random = Random(7);
    let mut tenths = vec![200; series];
    let mut text = String::with_capacity(80 * series * rounds);
    for round in 0..rounds as i64 {
        let time = (START + 10 * round) * SECOND;
        for (index, tenths) in tenths.iter_mut().enumerate() {
            *tenths += random.step();
            let (host, value) = (index % 50, f64::from(*tenths) / 10.0);
            writeln!(
                text,
                "temperature,brew=haze_{index},host=h{host} temperature={value:.1} {time}"
            )
            .unwrap();
        }
    }
    Load {
        name,
        text: text.into(),
        values: series * rounds,
        series,
    }
}

/// Readings every five minutes with a day and a week in them, or without.
pub fn weeks(name: &'static str, series: usize, weeks: usize, has_seasons: bool) -> Load {
    let mut random = Random(11);
    let mut wander = vec![0_i32; series];
    let rounds = weeks * 2_016;
    let mut text = String::with_capacity(64 * series * rounds);
    for round in 0..rounds {
        let time = (START + 300 * round as i64) * SECOND;
        let day = (round as f64 * std::f64::consts::TAU / 288.0).sin();
        let weekend = if round / 288 % 7 < 2 { -15.0 } else { 0.0 };
        let season = if has_seasons {
            20.0 * day + weekend
        } else {
            0.0
        };
        for (index, wander) in wander.iter_mut().enumerate() {
            *wander = (*wander + random.step()).clamp(-60, 60);
            let value = 60.0 + season + f64::from(*wander) / 10.0 + random.bits() as f64 / 100.0;
            writeln!(text, "cpu,host=h{index} usage={value:.2} {time}").unwrap();
        }
    }
    Load {
        name,
        text: text.into(),
        values: series * rounds,
        series,
    }
}

/// What Telegraf's cpu, disk and net inputs say of some hosts every ten seconds: six tags and ten fields
/// a line, of which those of net are counters.
pub fn agents(name: &'static str, hosts: usize, rounds: usize) -> Load {
    let mut random = Random(13);
    let mut counters = vec![1_000_000_u64; 10 * hosts];
    let mut levels = vec![500_i32; 20 * hosts];
    let mut text = String::with_capacity(400 * 3 * hosts * rounds);
    for round in 0..rounds as i64 {
        let time = (START + 10 * round) * SECOND;
        for host in 0..hosts {
            let tags = format!("dc=eu-west-1,host=web-{host:04},os=linux,rack=r7,role=frontend");
            for (measurement, tag, base) in [("cpu", "cpu=cpu0", 0), ("disk", "path=/var", 10)] {
                write!(text, "{measurement},{tag},{tags} ").unwrap();
                for field in 0..10 {
                    let level = &mut levels[20 * host + base + field];
                    *level = (*level + random.step()).clamp(0, 1_000);
                    let value = f64::from(*level) / 10.0 + random.bits() as f64 / 1_000.0;
                    let comma = if field > 0 { "," } else { "" };
                    write!(text, "{comma}usage_{field}={value}").unwrap();
                }
                writeln!(text, " {time}").unwrap();
            }
            write!(text, "net,interface=eth0,{tags} ").unwrap();
            for field in 0..10 {
                let counter = &mut counters[10 * host + field];
                *counter += 1_000 + 37 * random.bits() as u64;
                let comma = if field > 0 { "," } else { "" };
                write!(text, "{comma}bytes_{field}={counter}i").unwrap();
            }
            writeln!(text, " {time}").unwrap();
        }
    }
    Load {
        name,
        text: text.into(),
        values: 30 * hosts * rounds,
        series: 30 * hosts,
    }
}
