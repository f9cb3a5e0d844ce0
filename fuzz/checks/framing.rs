//! The framer: cuts change nothing, nothing is lost, a rejected record costs one line.

use brewcast::line::frame::{Frame, Framer};

/// What the framer said, with the bytes it said it about.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Record { line: u64, bytes: Vec<u8> },
    Rejected { line: u64, bytes: Vec<u8> },
    Streamed { line: u64, bytes: Vec<u8> },
}

/// For all bytes, limits and block cuts: the frames are those of the uncut stream; together they
/// are the stream; and of a record that is rejected exactly the first physical line is gone.
pub fn framing(data: &[u8]) {
    let [limit, first, second, rest @ ..] = data else {
        return;
    };
    let mut stream = super::text(rest);
    stream.truncate(2_000);
    let limit = 1 + usize::from(*limit);
    let cuts = [1 + usize::from(*first), 1 + usize::from(*second)];
    for rejects in [false, true] {
        let whole = frames(&stream, &[usize::MAX], limit, rejects);
        assert_is_the_stream(&whole, &stream);
        assert_eq!(
            frames(&stream, &cuts, limit, rejects),
            whole,
            "blocks of {cuts:?}"
        );
    }
}

/// All frames of `stream`, read in blocks of these sizes in turn. With `rejects` some records, by
/// their content, are rejected.
fn frames(stream: &[u8], blocks: &[usize], limit: usize, rejects: bool) -> Vec<Said> {
    let mut framer = Framer::new(limit);
    let mut said = Vec::new();
    let mut at = 0;
    let mut blocks = blocks.iter().cycle();
    loop {
        let room = framer.room();
        let block = *blocks.next().expect("there are blocks");
        let read = block.min(room.len()).min(stream.len() - at);
        room[..read].copy_from_slice(&stream[at..at + read]);
        framer.fill(read);
        at += read;
        let ended = at == stream.len();
        while let Some(frame) = framer.next_frame(ended) {
            let new = answer(&mut framer, frame, rejects, &mut said);
            said.extend(new);
        }
        if ended {
            return said;
        }
    }
}

fn answer(framer: &mut Framer, frame: Frame, rejects: bool, said: &mut [Said]) -> Option<Said> {
    let is_bad =
        |content: &[u8]| rejects && content.iter().fold(1, |sum, byte| sum ^ byte) & 1 == 1;
    match frame {
        Frame::Record(record) | Frame::Overlong(record)
            if is_bad(framer.bytes(record.content.clone())) =>
        {
            let line = record.line;
            let given_up = framer.reject(&record);
            let bytes = framer.bytes(given_up.content).to_vec();
            Some(Said::Rejected { line, bytes })
        }
        Frame::Record(record) => {
            let bytes = framer.bytes(record.content.start..record.next).to_vec();
            let line = record.line;
            Some(Said::Record { line, bytes })
        }
        Frame::Overlong(record) => {
            framer.stream_through();
            let line = record.line;
            let bytes = Vec::new();
            Some(Said::Streamed { line, bytes })
        }
        Frame::Piece { bytes: piece, .. } => {
            let Some(Said::Streamed { bytes, .. }) = said.last_mut() else {
                panic!("a piece follows its overlong record");
            };
            bytes.extend_from_slice(framer.bytes(piece));
            None
        }
    }
}

fn assert_is_the_stream(said: &[Said], stream: &[u8]) {
    let mut rest = stream;
    let mut next_line = 1;
    for said in said {
        let (Said::Record { line, bytes }
        | Said::Rejected { line, bytes }
        | Said::Streamed { line, bytes }) = said;
        assert_eq!(*line, next_line, "the line number of {said:?}");
        assert!(rest.starts_with(bytes), "{said:?} is not what comes next");
        let gone = match said {
            Said::Rejected { .. } => {
                let newline = rest.iter().position(|&byte| byte == b'\n');
                newline.map_or(rest.len(), |at| at + 1)
            }
            _ => bytes.len(),
        };
        next_line += rest[..gone].iter().filter(|&&byte| byte == b'\n').count() as u64;
        rest = &rest[gone..];
    }
    assert!(rest.is_empty(), "{rest:?} was never handed out");
}
