//! The framer's promises: see the header of `src/line/frame.rs`.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use brewcast::line::frame::{Frame, Framer};
use proptest::prelude::*;

/// Feeds `stream` in blocks of the given sizes (repeated); all frames as text.
fn frames(stream: &[u8], blocks: &[usize], record_max: usize) -> Vec<String> {
    let mut framer = Framer::new(record_max);
    let mut out = Vec::new();
    let mut at = 0;
    for &block in blocks.iter().cycle() {
        let room = framer.room();
        let n = block.max(1).min(room.len()).min(stream.len() - at);
        room[..n].copy_from_slice(&stream[at..at + n]);
        framer.fill(n);
        at += n;
        collect(&mut framer, at == stream.len(), &mut out);
        if at == stream.len() {
            return out;
        }
    }
    out
}

fn collect(framer: &mut Framer, ended: bool, out: &mut Vec<String>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    while let Some(frame) = framer.next_frame(ended) {
        match frame {
            Frame::Record(record) => {
                let whole = record.content.start..record.next;
                out.push(format!("{}:{}", record.line, text(framer.bytes(whole))));
            }
            Frame::Overlong(record) => {
                out.push(format!("{}:long:", record.line));
                framer.stream_through();
            }
            Frame::Piece { bytes, .. } => {
                let piece = text(framer.bytes(bytes));
                let last = out.last_mut().expect("a piece follows its overlong record");
                last.push_str(&piece);
            }
        }
    }
}

fn records(stream: &str) -> Vec<String> {
    frames(stream.as_bytes(), &[usize::MAX], 1 << 20)
}

#[test]
fn a_newline_inside_a_string_field_does_not_end_the_record() {
    let stream = "m s=\"a\nb\",v=1 1\nm v=2 2\nm s=\"\\\"\n\\\\\"\nlast";
    assert_eq!(
        records(stream),
        [
            "1:m s=\"a\nb\",v=1 1\n",
            "3:m v=2 2\n",
            "4:m s=\"\\\"\n\\\\\"\n",
            "6:last"
        ]
    );
}

#[test]
fn quotes_elsewhere_are_plain_bytes() {
    for line in [
        "m,t=\"a v=1 1",
        "\"m v=1 1",
        "m \"k=1 1",
        "m k\\=\"=1 1",
        "# it=\"s a comment",
        "m v=1 \"",
        "m v=1\" 1",
        "m v=,k=\"",
        "m,t=\"",
    ] {
        let stream = format!("{line}\nm v=2 2\n");
        assert_eq!(
            records(&stream),
            [format!("1:{line}\n"), "2:m v=2 2\n".to_owned()]
        );
    }
}

#[test]
fn a_rejected_joined_record_costs_only_its_first_line() {
    let mut framer = Framer::new(1 << 20);
    let stream = b"m s=\"open 1\nm v=1 1\nm s=\"shut\" 2\n";
    framer.room()[..stream.len()].copy_from_slice(stream);
    framer.fill(stream.len());
    let Some(Frame::Record(joined)) = framer.next_frame(false) else {
        panic!("a record")
    };
    let given_up = framer.reject(&joined);
    assert_eq!(framer.bytes(given_up.content), b"m s=\"open 1");
    let mut rest = Vec::new();
    collect(&mut framer, false, &mut rest);
    assert_eq!(rest, ["2:m v=1 1\n", "3:m s=\"shut\" 2\n"]);
}

#[test]
fn an_overlong_line_that_is_rejected_ends_at_its_newline() {
    let mut framer = Framer::new(8);
    let stream = b"0123456789abcdef\nm v=1\n";
    framer.room()[..stream.len()].copy_from_slice(stream);
    framer.fill(stream.len());
    let Some(Frame::Overlong(long)) = framer.next_frame(false) else {
        panic!("too long")
    };
    assert_eq!(framer.bytes(long.content.clone()), b"01234567");
    framer.reject(&long);
    let mut rest = Vec::new();
    collect(&mut framer, false, &mut rest);
    assert_eq!(rest, ["2:m v=1\n"]);
}

proptest! {
    /// For all byte streams over the bytes that matter, wherever they are cut into blocks and
    /// whatever the record limit, the same frames come out, and together they are the stream.
    #[test]
    fn block_cuts_change_nothing(
        stream in proptest::collection::vec(proptest::sample::select(&b"m=,\\\" \n1#\t"[..]), 0..200),
        blocks in proptest::collection::vec(1_usize..40, 1..20),
        record_max in 1_usize..60,
    ) {
        let whole = frames(&stream, &[usize::MAX], record_max);
        prop_assert_eq!(&frames(&stream, &blocks, record_max), &whole);
        let together: String = whole.iter().map(|frame| {
            let content = frame.split_once(':').map_or("", |(_, content)| content);
            content.strip_prefix("long:").unwrap_or(content)
        }).collect();
        prop_assert_eq!(together.as_bytes(), stream);
    }

    /// For all texts of valid lines, the cuts are those of InfluxData's own `split_lines`.
    #[test]
    fn valid_text_is_cut_as_the_reference_parser_cuts_it(
        lines in proptest::collection::vec("m(,t=[a-c]{1,3})? (v=1i|s=\"[ab ,=\n]{0,5}\")(,w=\"x\ny\")?( [0-9]{1,4})?", 1..8),
    ) {
        let stream = lines.join("\n");
        let ours: Vec<String> = records(&stream).iter()
            .map(|record| record.split_once(':').map_or("", |(_, content)| content))
            .map(|content| content.strip_suffix('\n').unwrap_or(content).to_owned())
            .collect();
        let theirs: Vec<&str> = influxdb_line_protocol::split_lines(&stream).collect();
        prop_assert_eq!(ours, theirs);
    }
}
