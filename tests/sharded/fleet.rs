//! Telegrafs around a broker: one that sends, and shards, each with the files of `deploy/kafka` as they are
//! shipped. Programs and folders are those of the test.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::broker::Kafka;
use crate::common::telegraf_agent::{LIMIT, ONCE, Running, Scene, agent};
use crate::databases::shipped::in_place;

pub(crate) const PRODUCER: &str = include_str!("../../deploy/kafka/producer.conf");
pub(crate) const SHARD: &str = include_str!("../../deploy/kafka/shard.conf");

/// Ends what is sent. It goes to every shard, and nothing of ours comes after it, so that whoever has it has
/// all that was sent before. Telegraf does not change a byte of it.
pub(crate) fn mark(n: usize) -> String {
    format!(
        "brewcast_silence,mark=m{n} duration=\"0s\" {}",
        1_700_000_000_000_000_000 + n
    )
}

/// A Telegraf that sends `in.lp` and what is appended to it, over so many shards.
pub(crate) fn producer(shards: usize) -> Option<Scene> {
    let scene = Scene::new()?;
    scene.write("in.lp", "");
    let routing = PRODUCER.replace("shards = 3\n", &format!("shards = {shards}\n"));
    assert!(routing.contains(&format!("shards = {shards}\n")));
    scene.configure(&[&agent(ONCE), &scene.tail_input(), &routing]);
    Some(scene)
}

/// A Telegraf that writes what was measured, past the shards.
pub(crate) fn writer() -> Option<Scene> {
    const WRITER: &str = include_str!("../../deploy/kafka/writer.conf");
    let scene = Scene::new()?;
    scene.configure(&[WRITER, &scene.file_output()]);
    Some(scene)
}

/// Ends a Telegraf, and gives its log a look.
pub(crate) fn stop(running: Running<'_>) {
    running.signal(Signal::TERM);
    running.end(LIMIT).assert_understood();
}

/// What one brewcast makes of these lines, in a Telegraf that reads them from a file. It has a state file
/// as the shards have: without one it would close the events that are open at the end.
pub(crate) fn alone(input: &str, settings: &str) -> Option<String> {
    let scene = Scene::new()?;
    scene.write("in.lp", input);
    scene.write("brewcast.toml", settings);
    let path = |name| scene.path(name).display().to_string();
    let (settings, state) = (path("brewcast.toml"), path("one.state"));
    scene.configure(&[
        &agent(ONCE),
        &scene.file_input(),
        &scene.brewcast(&["--config", &settings, "--state", &state], ""),
        &scene.file_output(),
    ]);
    scene.run(&["--once"]).assert_understood();
    Some(scene.arrived())
}

/// A shard: its folder outlives its Telegraf.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) scene: Scene,
    pub(crate) name: String,
}

impl Shard {
    /// The `i`-th, with these settings of brewcast.
    pub(crate) fn new(i: usize, settings: &str) -> Option<Shard> {
        let scene = Scene::new()?;
        let text = in_place(&scene, SHARD, settings);
        let folder = scene.path("").display().to_string();
        let text = text.replace("/var/lib/telegraf/brewcast/", &folder);
        scene.configure(&[&text, &scene.file_output()]);
        let name = format!("brewcast-{i}");
        Some(Shard { scene, name })
    }

    /// Starts it.
    pub(crate) fn start(&self, kafka: &Kafka) -> Running<'_> {
        let variables = [("KAFKA", kafka.address.as_str()), ("SHARD", &self.name)];
        self.scene.start_with(&[], &variables)
    }

    /// Waits until the line has arrived at its output as one of the last.
    pub(crate) fn until_arrived(&self, line: &str) {
        let deadline = Instant::now() + LIMIT;
        while !tail(&self.scene).contains(line) {
            assert!(
                Instant::now() < deadline,
                "{}: {line} does not arrive; the log:\n{}",
                self.name,
                self.scene.read("log")
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The end of what has arrived: all of it is too much to look at again and again.
fn tail(scene: &Scene) -> String {
    const BYTES: u64 = 64 * 1024;
    let Ok(mut file) = File::open(scene.path("out.lp")) else {
        return String::new();
    };
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))
        .unwrap();
    let mut end = Vec::new();
    file.read_to_end(&mut end).unwrap();
    String::from_utf8_lossy(&end).into_owned()
}
