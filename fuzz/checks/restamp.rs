//! What `restamp` does to a recording, without its clock and its file.

use std::io::{self, Read};

use brewcast::line::stamp::Stamp;
use brewcast::records::{Item, Records, write_stamped};

/// The stream in pieces of a few bytes.
struct Pieces<'a> {
    rest: &'a [u8],
    block: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.block.min(room.len()).min(self.rest.len());
        let (piece, rest) = self.rest.split_at(len);
        room[..len].copy_from_slice(piece);
        self.rest = rest;
        Ok(len)
    }
}

/// For all bytes, times and block cuts: the items are the stream; a record that gets another time is
/// the same record with that time, and nothing else of it changes; it can be given its own time back.
pub fn restamp(data: &[u8]) {
    let [cut, rest @ ..] = data else {
        return;
    };
    let Some((time, rest)) = rest.split_first_chunk() else {
        return;
    };
    let stream = super::text(rest);
    let time = i64::from_le_bytes(*time);
    let whole = stamped(&stream, usize::MAX, time);
    assert_eq!(
        stamped(&stream, 1 + usize::from(*cut), time),
        whole,
        "blocks change the output"
    );
}

fn stamped(stream: &[u8], block: usize, time: i64) -> Vec<u8> {
    let mut records = Records::new(Pieces {
        rest: stream,
        block,
    });
    let mut out = Vec::new();
    let mut rest = stream;
    while records.read().expect("memory can be read") {
        while let Some(item) = records.next_item() {
            let (Item::Record { bytes, .. }
            | Item::Bad { bytes, .. }
            | Item::Overlong { bytes, .. }
            | Item::Piece(bytes)) = &item;
            rest = rest.strip_prefix(*bytes).expect("what comes next");
            match &item {
                Item::Record { bytes, stamp, .. } => {
                    let from = out.len();
                    write_stamped(&mut out, bytes, stamp, time).expect("there is memory");
                    assert_is_only_restamped(&out[from..], bytes, stamp, time);
                }
                Item::Bad { .. } => rest = rest.strip_prefix(b"\n").unwrap_or(rest),
                Item::Overlong { .. } | Item::Piece(_) => {}
            }
        }
    }
    assert!(rest.is_empty(), "{rest:?} was never handed out");
    out
}

fn assert_is_only_restamped(new: &[u8], old: &[u8], stamp: &Stamp, time: i64) {
    let mut records = Records::new(new);
    let mut found = Vec::new();
    while records.read().expect("memory can be read") {
        while let Some(item) = records.next_item() {
            let Item::Record { bytes, stamp, .. } = item else {
                panic!("{new:?} is no record, {old:?} was");
            };
            found.push((bytes.to_vec(), stamp));
        }
    }
    let [(bytes, again)] = &found[..] else {
        panic!("{old:?} became {} records", found.len());
    };
    assert_eq!(bytes, new, "all of it is the record");
    match (stamp, again) {
        (Stamp::None, Stamp::None) => assert_eq!(new, old),
        (Stamp::At(_, before), Stamp::At(_, after)) => {
            assert_eq!(*after, time);
            let mut back = Vec::new();
            write_stamped(&mut back, new, again, *before).expect("there is memory");
            // A time may be written in more than one way (007), but what is around it is the same.
            assert_eq!(without(&back, again), without(old, stamp));
        }
        (Stamp::Missing(at), Stamp::At(place, after)) => {
            assert_eq!(*after, time);
            assert_eq!(&new[place.end..], &old[*at..]);
            assert_eq!(new[..place.start].strip_suffix(b" "), Some(&old[..*at]));
        }
        _ => panic!("{stamp:?} became {again:?} in {new:?}"),
    }
}

/// What stands before and behind the timestamp.
fn without(bytes: &[u8], stamp: &Stamp) -> (Vec<u8>, Vec<u8>) {
    let Stamp::At(place, _) = stamp else {
        panic!("there is a timestamp");
    };
    let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let behind = bytes[place.start..].iter().skip_while(|byte| digits(byte));
    (bytes[..place.start].to_vec(), behind.copied().collect())
}
