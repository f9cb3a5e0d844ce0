//! A real Telegraf with brewcast in it, in a temporary folder.
//!
//! What it is: the set-up that the end-to-end tests share: the parts of a `telegraf.conf`, a run with a time
//! limit, and the sorting of what arrived into original lines and records of ours.
//!
//! It promises: no fixed ports, nothing outside the folder, and no process left behind: Telegraf is ended by
//! its pid, and its children end with their stdin. A test ends with [`Ended::assert_understood`], because
//! a line that Telegraf cannot parse is only a line in its log.
//!
//! * `TELEGRAF_BIN` names the Telegraf binary; without it the tests say so and pass. It needs the plugins
//!   `inputs.execd`, `inputs.file`, `inputs.tail`, `processors.execd`, `aggregators.basicstats`,
//!   `outputs.file`, `parsers.influx` and `serializers.influx`.
//! * `BREWCAST_UNDER_TEST` names an installed brewcast to be tested in place of the one just built; its
//!   `metric-replayer` is the one in the same folder.
//!
//! It does not look for `file already closed` in the log: that line also ends runs that lost nothing.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tempfile::TempDir;

/// No run takes longer, or it hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A temporary folder, and the binaries.
#[derive(Debug)]
pub(crate) struct Scene {
    folder: TempDir,
    telegraf: PathBuf,
}

/// A Telegraf that has ended.
pub(crate) struct Ended {
    /// Of Telegraf.
    pub(crate) status: ExitStatus,
    /// What it printed (`--test`).
    pub(crate) stdout: String,
    /// Its log.
    pub(crate) log: String,
}

/// A Telegraf that runs; killed when dropped.
pub(crate) struct Running<'scene> {
    scene: &'scene Scene,
    child: Child,
    ended: Receiver<()>,
}

impl Scene {
    /// `None`, and a word on stderr, when there is no Telegraf to test with.
    pub(crate) fn new() -> Option<Scene> {
        let Some(telegraf) = env::var_os("TELEGRAF_BIN") else {
            // Not by `eprintln!`: the test runner would keep that to itself.
            let test = thread::current().name().unwrap_or("a test").to_owned();
            writeln!(
                std::io::stderr(),
                "SKIPPED: TELEGRAF_BIN is not set: {test} needs a Telegraf binary"
            )
            .ok();
            return None;
        };
        let folder = TempDir::new().unwrap();
        Some(Scene {
            folder,
            telegraf: telegraf.into(),
        })
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Reads a file of the folder; one that is not there yet is empty.
    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.path(name)).unwrap_or_default()).unwrap()
    }

    /// What arrived at the output.
    pub(crate) fn arrived(&self) -> String {
        self.read("out.lp")
    }

    /// Writes `telegraf.conf`.
    pub(crate) fn configure(&self, parts: &[&str]) {
        self.write("telegraf.conf", &parts.join("\n"));
    }

    /// `[[inputs.file]]` over `in.lp`, which it reads once.
    pub(crate) fn file_input(&self) -> String {
        format!(
            "[[inputs.file]]\n  files = ['{}']\n  data_format = 'influx'\n",
            self.shown("in.lp")
        )
    }

    /// `[[inputs.execd]]` that replays `in.lp`.
    pub(crate) fn replay_input(&self) -> String {
        let replayer = binary("metric-replayer", env!("CARGO_BIN_EXE_metric-replayer"));
        format!(
            "[[inputs.execd]]\n  command = ['{}', '-filename', '{}']\n  data_format = 'influx'\n",
            replayer.display(),
            self.shown("in.lp")
        )
    }

    /// `[[inputs.tail]]` over `in.lp`, which goes on where it was after a reload.
    pub(crate) fn tail_input(&self) -> String {
        format!(
            "[[inputs.tail]]\n  files = ['{}']\n  initial_read_offset = 'saved-or-beginning'\n  \
             path_tag = ''\n  data_format = 'influx'\n",
            self.shown("in.lp")
        )
    }

    /// `[[processors.execd]]` with brewcast, as our sample has it; `keys` are further lines of the table.
    pub(crate) fn brewcast(&self, arguments: &[&str], keys: &str) -> String {
        let program = binary("brewcast", env!("CARGO_BIN_EXE_brewcast"));
        let mut command = format!("'{}'", program.display());
        for argument in arguments {
            command += &format!(", '{argument}'");
        }
        format!(
            "[[processors.execd]]\n  command = [{command}]\n  restart_delay = '1s'\n  \
             influx_uint_support = true\n  influx_sort_fields = true\n{keys}"
        )
    }

    /// The same with a `tee` before it, which keeps a file of what Telegraf gives; with a state, saved every second.
    pub(crate) fn brewcast_behind_tee(&self, given: &str) -> String {
        let program = binary("brewcast", env!("CARGO_BIN_EXE_brewcast"));
        let state = format!("[state]\npath = '{}'\nevery = '1s'\n", self.shown("state"));
        self.write("brewcast.toml", &state);
        let [given, config] = [given, "brewcast.toml"].map(|name| self.shown(name));
        let program = program.display();
        format!(
            "[[processors.execd]]\n  \
             command = ['sh', '-c', 'tee -a \"$0\" | exec \"$1\" --config \"$2\"', '{given}', '{program}', '{config}']\n  \
             restart_delay = '1s'\n  influx_uint_support = true\n  influx_sort_fields = true\n"
        )
    }

    /// `[[outputs.file]]` to `out.lp`.
    pub(crate) fn file_output(&self) -> String {
        format!(
            "[[outputs.file]]\n  files = ['{}']\n  data_format = 'influx'\n  \
             influx_sort_fields = true\n  influx_uint_support = true\n",
            self.shown("out.lp")
        )
    }

    /// Runs Telegraf to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end(LIMIT)
    }

    /// Starts Telegraf.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running<'_> {
        self.start_with(arguments, &[])
    }

    /// Starts Telegraf with these variables in its environment.
    pub(crate) fn start_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Running<'_> {
        let file = |name| Stdio::from(File::create(self.path(name)).unwrap());
        let child = Command::new(&self.telegraf)
            .arg("--config")
            .arg(self.path("telegraf.conf"))
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("log"))
            .spawn()
            .expect("TELEGRAF_BIN starts");
        let (sender, ended) = mpsc::channel();
        let pid = pid(&child);
        thread::spawn(move || {
            waitid(
                WaitId::Pid(pid),
                WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
            )
            .ok();
            sender.send(()).ok();
        });
        Running {
            scene: self,
            child,
            ended,
        }
    }

    fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

impl Running<'_> {
    /// Sends Telegraf a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(pid(&self.child), signal).expect("Telegraf runs");
    }

    /// Telegraf itself.
    pub(crate) fn pid(&self) -> Pid {
        pid(&self.child)
    }

    /// The children, and theirs, that are brewcast.
    pub(crate) fn brewcasts(&self) -> Vec<Pid> {
        let status = |pid: i32| fs::read_to_string(format!("/proc/{pid}/status")).ok();
        let word = |status: &str, name: &str| -> Option<String> {
            let line = status.lines().find(|line| line.starts_with(name))?;
            Some(line.split_whitespace().nth(1)?.to_owned())
        };
        let parent = |pid: i32| word(&status(pid)?, "PPid:")?.parse::<i32>().ok();
        let own = i32::try_from(self.child.id()).unwrap();
        let is_within = |pid: i32| {
            std::iter::successors(Some(pid), |&pid| parent(pid).filter(|&pid| pid > 1))
                .any(|pid| pid == own)
        };
        fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
            .filter(|&pid| {
                let name = status(pid).and_then(|status| word(&status, "Name:"));
                name.as_deref() == Some("brewcast") && is_within(pid)
            })
            .filter_map(Pid::from_raw)
            .collect()
    }

    /// Looks every few milliseconds whether the files of the scene have come to say what is wanted.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&Scene) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !wanted(self.scene) {
            assert!(
                Instant::now() < deadline,
                "{what}: not within {LIMIT:?}; the log:\n{}",
                self.scene.read("log")
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the end; it is a fault when that takes longer than the limit.
    pub(crate) fn end(mut self, limit: Duration) -> Ended {
        let in_time = self.ended.recv_timeout(limit).is_ok();
        if !in_time {
            self.child.kill().ok();
        }
        let status = self.child.wait().unwrap();
        let log = self.scene.read("log");
        assert!(
            in_time,
            "Telegraf ran for more than {limit:?}; its log:\n{log}"
        );
        Ended {
            status,
            stdout: self.scene.read("stdout"),
            log,
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.child.kill().ok(); // nothing, when it has been waited for
        self.child.wait().ok();
    }
}

impl Ended {
    /// Telegraf ended well and could parse every line that it got.
    pub(crate) fn assert_understood(&self) {
        assert!(self.status.success(), "{}\n{}", self.status, self.log);
        assert!(!self.log.contains("parse error"), "{}", self.log);
    }

    /// How many children Telegraf started.
    pub(crate) fn children(&self) -> usize {
        children(&self.log)
    }
}

/// How many children a log tells of.
pub(crate) fn children(log: &str) -> usize {
    log.matches("[processors.execd] Starting process").count()
}

/// The agent's table: it gathers at once and then no more for an hour, never drops for lack of room, and
/// keeps the nanoseconds of a timestamp (`inputs.file` would round them to the second).
pub(crate) fn agent(keys: &str) -> String {
    format!(
        "[agent]\n  interval = '1h'\n  round_interval = false\n  precision = '1ns'\n  \
         flush_interval = '100ms'\n  omit_hostname = true\n  metric_batch_size = 1000\n  \
         metric_buffer_limit = 2000000\n{keys}"
    )
}

/// Each processor runs once, whatever aggregators there are.
pub(crate) const ONCE: &str = "  skip_processors_after_aggregators = true\n";

/// Whether a line is a record of ours.
pub(crate) fn is_ours(line: &str) -> bool {
    let head = line.split(' ').next().unwrap_or_default();
    let (measurement, tags) = head.split_once(',').unwrap_or((head, ""));
    let suffixed = ["_anomaly", "_forecast", "_event", "_eta"]
        .iter()
        .any(|suffix| measurement.ends_with(suffix));
    measurement == "brewcast" || (suffixed && tags.split(',').any(|tag| tag.starts_with("field=")))
}

/// The lines that are not ours.
pub(crate) fn originals(arrived: &str) -> Vec<&str> {
    arrived.lines().filter(|line| !is_ours(line)).collect()
}

/// Says where two lists of lines part, rather than print them whole.
pub(crate) fn assert_same_lines(arrived: &[&str], sent: &[String]) {
    if let Some(at) = arrived
        .iter()
        .zip(sent)
        .position(|(left, right)| left != right)
    {
        panic!(
            "line {at}: {} arrived in place of {}",
            arrived[at], sent[at]
        );
    }
    assert_eq!(arrived.len(), sent.len(), "lines arrived and lines sent");
}

fn binary(name: &str, built: &str) -> PathBuf {
    match env::var_os("BREWCAST_UNDER_TEST") {
        Some(brewcast) => Path::new(&brewcast).with_file_name(name),
        None => built.into(),
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
}
