//! The state file as bytes: a magic word, then parts with their length and checksum, then an empty one.
//!
//! ```text
//! "brewcast state 1\n"   { length u32 | CRC-32 u32 | bytes } ...   0 u32 | 0 u32
//! ```
//! Numbers are little-endian. A part whose checksum is wrong is passed over; a length that cannot be, or an end
//! without the empty part, ends the reading there. What was read before counts.

use std::io::{self, ErrorKind, Read, Write};

/// What a state file begins with.
const MAGIC: &[u8; 17] = b"brewcast state 1\n";
/// Longest part.
const PART_BYTES_MAX: u32 = 256 << 20;
/// Bytes by which room is made for a part, so that a length that is a lie costs nothing.
const GROWTH: u64 = 1 << 20;

/// What became of a place in the file.
#[derive(Debug)]
pub enum Read1 {
    /// The bytes of a part.
    Part(Vec<u8>),
    /// A part whose checksum is wrong.
    Damaged,
    /// The end, as it should be.
    End,
    /// The end, before it should be.
    CutOff,
}

/// Begins a file.
///
/// # Errors
/// When it cannot be written.
pub fn begin(out: &mut impl Write) -> io::Result<()> {
    out.write_all(MAGIC)
}

/// Writes a part.
///
/// # Errors
/// When it cannot be written, or is too long.
pub fn write(out: &mut impl Write, part: &[u8]) -> io::Result<()> {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    if length > PART_BYTES_MAX {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "a part above 256 MiB",
        ));
    }
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&crc32fast::hash(part).to_le_bytes())?;
    out.write_all(part)
}

/// Ends a file.
///
/// # Errors
/// When it cannot be written.
pub fn end(out: &mut impl Write) -> io::Result<()> {
    write(out, &[])
}

/// Reads what a file begins with; whether it is a state file.
///
/// # Errors
/// When it cannot be read.
pub fn is_state(input: &mut impl Read) -> io::Result<bool> {
    let mut magic = [0; MAGIC.len()];
    match input.read_exact(&mut magic) {
        Ok(()) => Ok(magic == *MAGIC),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads the next part.
///
/// # Errors
/// When the file cannot be read.
pub fn read(input: &mut impl Read) -> io::Result<Read1> {
    let mut head = [0; 8];
    match input.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Read1::CutOff),
        Err(error) => return Err(error),
    }
    let [a, b, c, d, e, f, g, h] = head;
    let (length, sum) = (
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    );
    if length > PART_BYTES_MAX {
        return Ok(Read1::CutOff);
    }
    if length == 0 {
        return Ok(if sum == 0 { Read1::End } else { Read1::Damaged });
    }
    let mut part = Vec::new();
    let mut left = u64::from(length);
    while left > 0 {
        let piece = left.min(GROWTH);
        let read = input.by_ref().take(piece).read_to_end(&mut part)? as u64;
        if read < piece {
            return Ok(Read1::CutOff);
        }
        left -= piece;
    }
    Ok(if crc32fast::hash(&part) == sum {
        Read1::Part(part)
    } else {
        Read1::Damaged
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(parts: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        begin(&mut out).unwrap();
        parts.iter().for_each(|part| write(&mut out, part).unwrap());
        end(&mut out).unwrap();
        out
    }

    /// The parts that can be read, how many are damaged, and whether it ends as it should.
    fn parts(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize, bool)> {
        let mut input = bytes;
        if !is_state(&mut input).unwrap() {
            return None;
        }
        let (mut whole, mut damaged) = (Vec::new(), 0);
        loop {
            match read(&mut input).unwrap() {
                Read1::Part(part) => whole.push(part),
                Read1::Damaged => damaged += 1,
                Read1::End => return Some((whole, damaged, true)),
                Read1::CutOff => return Some((whole, damaged, false)),
            }
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let long = vec![7; 3 << 20];
        let (read, damaged, is_whole) = parts(&file(&[b"one", &long])).unwrap();
        assert_eq!(
            (read, damaged, is_whole),
            (vec![b"one".to_vec(), long], 0, true)
        );
    }

    /// For every byte that is another one, and every length it is cut off at: what is read is right.
    #[test]
    fn damage_costs_what_it_hits_and_what_is_behind_a_lost_length() {
        let good = file(&[b"first", b"second", b"third"]);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            if let Some((read, damaged, is_whole)) = parts(&bad) {
                assert!(read.len() < 3 || !is_whole, "{at}");
                assert!(damaged > 0 || !is_whole, "{at}");
                let is_known =
                    |part: &Vec<u8>| [&b"first"[..], b"second", b"third"].contains(&&**part);
                assert!(read.iter().all(is_known), "{at}");
            } else {
                assert!(at < MAGIC.len());
            }
            assert!(parts(&good[..at]).is_none_or(|(_, _, is_whole)| !is_whole));
        }
    }
}
