//! What the fuzz targets hold against any bytes; `tests/fuzz_seeds.rs` replays the seeds through
//! the same functions in the normal test run.
//!
//! The input of a check is a few bytes that choose (cuts, limits) and a text. The text is raw, or,
//! when its first byte is odd, a row of tokens (see [`text`]), so that few bytes get deep.

#![allow(dead_code, unused_imports, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod config;
mod filter;
mod framing;
pub mod point;
mod restamp;
mod scanner;
mod state;

pub use config::config;
pub use filter::{filter, our_lines};
pub use framing::framing;
pub use restamp::restamp;
pub use scanner::{KnownFault, compare, scanner};
pub use state::state;

use std::io::Write;

/// What line protocol is made of, and what breaks it.
const TOKENS: &[&[u8]] = &[
    b"m",
    b",",
    b" ",
    b"=",
    b"\"",
    b"\\",
    b"\n",
    b"\r\n",
    b"\t",
    b"\x0b",
    b"\x0c",
    b"\r",
    b"#",
    b"\0",
    b"\xff",
    b",t=a",
    b",field=v",
    b" v=",
    b",w=",
    b"1",
    b"-",
    b".5",
    b"e9",
    b"1e308",
    b"1e400",
    b"9223372036854775807",
    b"i",
    b"u",
    b"true",
    b"\"a b\"",
    b"\"a\nb\"",
    b"\\\"",
    b"\\ ",
    b"\\,",
    b"\\=",
    b"\\\\",
    b" 1600000000000000000",
    b" v=1 1\n",
    b"m,t=a v=1,w=2i 1\n",
    b"brewcast",
    b"brewcast_silence",
    b",yhat=a",
    b"\xc3\xa9",
    b" v=\"",
    b"\" 1\n",
    b"= ",
    b"m s=\"open\n",
    b" -1\n",
];

/// A text grows no further than this and one run.
const TEXT_BYTES_MAX: usize = 8_000;

/// The text that `data` stands for.
///
/// An even first byte: the rest as it is. An odd one: bytes below 0x30 are tokens, 0xf0 and above
/// with the two bytes behind them are runs of lines of one series, which get a model warm, and the
/// others are themselves.
pub fn text(data: &[u8]) -> Vec<u8> {
    let Some((first, rest)) = data.split_first() else {
        return Vec::new();
    };
    if first % 2 == 0 {
        return rest.to_vec();
    }
    let mut out = Vec::new();
    let mut time: i64 = 1_600_000_000_000_000_000;
    let mut bytes = rest.iter().copied();
    while let Some(byte) = bytes.next()
        && out.len() < TEXT_BYTES_MAX
    {
        match byte {
            0xf0.. => {
                let count = bytes.next().unwrap_or(40);
                let shape = bytes.next().unwrap_or(0);
                run(&mut out, byte & 3, count, shape, &mut time);
            }
            byte => match TOKENS.get(usize::from(byte)) {
                Some(token) => out.extend_from_slice(token),
                None => out.push(byte),
            },
        }
    }
    out
}

/// `count` lines of series `series`, a second or so apart; the shape says how the values go.
fn run(out: &mut Vec<u8>, series: u8, count: u8, shape: u8, time: &mut i64) {
    let scale = [1.0, 1e-300, 1e300, 0.0, 1e9, -1e15, 0.1, f64::MAX][usize::from(shape >> 5)];
    let step = [1_000_000_000, 1, 60_000_000_000, -1_000_000_000][usize::from(shape >> 3 & 3)];
    for i in 0..count {
        *time = time.saturating_add(step);
        let wave = match shape & 7 {
            0 => 1.0,
            1 => f64::from(i) / 255.0,
            2 => f64::from(i % 7) / 7.0,
            3 => f64::from(i & 1),
            4 => f64::from(i.wrapping_mul(73) >> 3) / 32.0,
            5 => (f64::from(i) / 8.0).sin(),
            6 => f64::from(u8::from(i % 50 == 49)),
            _ => -f64::from(i) / 255.0,
        };
        writeln!(out, "s{series},t=a v={:e} {time}", wave * scale).expect("memory is there");
    }
}
