//! Loads the line protocol corpus, what Telegraf says to it, and our listed deviations.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use brewcast::line::number::Value;
use flate2::read::GzDecoder;
use serde::Deserialize;

use super::checks::point::{Point, last_of_each};

/// One text of the corpus, and what both references make of it.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) key: String,
    pub(crate) text: Vec<u8>,
    pub(crate) default_time: i64,
    /// Nanoseconds per unit.
    pub(crate) precision: i64,
    /// What the text is by the union of both; `None`: both reject it. Times are in ns.
    pub(crate) points: Option<Vec<Point>>,
}

/// A deviation from the union that we keep.
#[derive(Debug, Deserialize)]
pub(crate) struct Exception {
    pub(crate) key: String,
    pub(crate) text: Text,
    /// `accepts` or `rejects`.
    pub(crate) brewcast: String,
    pub(crate) why: String,
}

/// Bytes in JSON: a string where they are text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    Plain(String),
    Binary { binary: String },
}

#[derive(Deserialize)]
struct Corpus {
    decode: BTreeMap<String, Decode>,
}

#[derive(Deserialize)]
struct Decode {
    input: Input,
    output: Output,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    text: Text,
    default_time: i64,
    precision: String,
}

#[derive(Deserialize)]
struct Output {
    error: Option<String>,
    #[serde(default)]
    result: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    time: i64,
    name: Text,
    #[serde(default)]
    tags: Vec<Pair<Text>>,
    fields: Vec<Pair<BTreeMap<String, serde_json::Value>>>,
}

#[derive(Deserialize)]
struct Pair<V> {
    key: Text,
    value: V,
}

#[derive(Deserialize)]
struct Deviation {
    key: String,
    telegraf: String,
    #[serde(default)]
    metrics: Vec<Metric>,
}

/// One text of which Telegraf's verdict is known.
#[derive(Debug, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) accept: bool,
    pub(crate) why: String,
    text: Option<String>,
    base64: Option<String>,
}

/// Where the corpus is; `None`, said on stderr, when it is not there.
pub(crate) fn corpus_folder() -> Option<PathBuf> {
    let folder = root().join("../shared/bench/data/line-protocol");
    if folder.join("corpus.json.gz").exists() {
        return Some(folder);
    }
    let place = folder.join("corpus.json.gz");
    // Past the capture of the test harness, so that nobody believes it was tested.
    let mut stderr = std::io::stderr();
    writeln!(
        stderr,
        "SKIPPED: the line protocol corpus is not there: {}",
        place.display()
    )
    .unwrap();
    None
}

/// All decode cases.
pub(crate) fn cases(folder: &Path) -> Vec<Case> {
    let mut text = String::new();
    GzDecoder::new(File::open(folder.join("corpus.json.gz")).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let corpus: Corpus = serde_json::from_str(&text).unwrap();
    let mut telegraf = deviations();
    let cases: Vec<Case> = corpus
        .decode
        .into_iter()
        .map(|(key, case)| {
            let by_corpus = case.output.error.is_none().then_some(case.output.result);
            let by_telegraf = telegraf.remove(&key).filter(|is| is.telegraf == "accepts");
            let metrics = by_corpus.or(by_telegraf.map(|is| is.metrics));
            Case {
                text: case.input.text.bytes(),
                default_time: case.input.default_time,
                precision: nanos_per(&case.input.precision),
                points: metrics.map(|metrics| metrics.into_iter().map(Metric::point).collect()),
                key,
            }
        })
        .collect();
    assert!(telegraf.is_empty(), "deviations of unknown cases");
    cases
}

/// The deviations that we keep, by key.
pub(crate) fn exceptions() -> BTreeMap<String, Exception> {
    let list: Vec<Exception> = json("tests/data/corpus_exceptions.json");
    list.into_iter().map(|is| (is.key.clone(), is)).collect()
}

/// The texts of `telegraf_exceptions.json`.
pub(crate) fn verdicts(folder: &Path) -> Vec<(Vec<u8>, Verdict)> {
    #[derive(Deserialize)]
    struct File {
        parse: Vec<Verdict>,
    }
    let text = std::fs::read_to_string(folder.join("telegraf_exceptions.json")).unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    file.parse
        .into_iter()
        .map(|is| {
            let plain = is.text.clone().map(String::into_bytes);
            let bytes = plain.or_else(|| is.base64.as_deref().map(from_base64));
            (bytes.expect("a text"), is)
        })
        .collect()
}

fn deviations() -> BTreeMap<String, Deviation> {
    let list: Vec<Deviation> = json("tests/data/corpus_deviations.json");
    list.into_iter().map(|is| (is.key.clone(), is)).collect()
}

fn json<T: serde::de::DeserializeOwned>(path: &str) -> T {
    serde_json::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Metric {
    fn point(self) -> Point {
        let tags = self.tags.into_iter();
        let fields = self.fields.into_iter();
        Point {
            measurement: self.name.bytes(),
            tags: last_of_each(tags.map(|tag| (tag.key.bytes(), tag.value.bytes()))),
            fields: last_of_each(fields.map(|field| (field.key.bytes(), value(&field.value)))),
            time: Some(self.time),
        }
    }
}

fn value(value: &BTreeMap<String, serde_json::Value>) -> Value {
    let (kind, value) = value.first_key_value().expect("a value");
    match kind.as_str() {
        "float" | "int" | "uint" => Value::Number(value.as_f64().expect("a number")),
        _ => Value::Other,
    }
}

impl Text {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Plain(text) => text.clone().into_bytes(),
            Self::Binary { binary } => from_base64(binary),
        }
    }
}

fn nanos_per(precision: &str) -> i64 {
    match precision {
        "1ns" => 1,
        "1µs" => 1_000,
        "1ms" => 1_000_000,
        "1s" => 1_000_000_000,
        other => panic!("unknown precision {other}"),
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().take_while(|&byte| byte != b'=') {
        let digit = digits.iter().position(|&digit| digit == byte);
        bits = bits << 6 | digit.expect("base64") as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}
