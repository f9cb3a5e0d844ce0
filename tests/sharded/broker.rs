//! A real Kafka: one node, broker and controller in one, in a temporary folder.
//!
//! What it promises: loopback only, free ports, ready when handed out, ended by its pid when dropped. Its
//! tools have the names that they have in Kafka's own archive, so that the shipped script finds them.
//! Without `KAFKA_HOME` (`.ci/servers` gets it) or Java the test says that it skips.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Pid;
use tempfile::TempDir;

use crate::databases::server::{free_port, needed};
use crate::databases::shipped::{root, said};

/// It is ready by then, or something is wrong with it.
const READY: Duration = Duration::from_secs(60);

/// The tools, and the classes they are in the packages.
const TOOLS: &[(&str, &str)] = &[
    ("kafka-topics.sh", "org.apache.kafka.tools.TopicCommand"),
    (
        "kafka-consumer-groups.sh",
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    ),
];

/// A broker that runs; ended when dropped.
#[derive(Debug)]
pub(crate) struct Kafka {
    child: Child,
    folder: TempDir,
    classes: String,
    /// Where it listens.
    pub(crate) address: String,
}

impl Kafka {
    /// A broker without topics; one that is asked for does not make itself.
    pub(crate) fn new() -> Option<Kafka> {
        let home = needed("KAFKA_HOME")?;
        if Command::new("java").arg("-version").output().is_err() {
            let why = "SKIPPED: there is no java on the PATH, and Kafka needs it";
            writeln!(std::io::stderr(), "{why}").ok(); // not by `eprintln!`, which the runner keeps
            return None;
        }
        let classes = format!("{home}/libs/*");
        let mut log = String::new();
        for _ in 0..3 {
            let folder = TempDir::new().unwrap();
            let address = format!("127.0.0.1:{}", free_port());
            write_settings(folder.path(), &address);
            write_tools(folder.path(), &classes);
            format_storage(folder.path(), &classes);
            let mut kafka = Kafka {
                child: run(folder.path(), &classes),
                folder,
                classes: classes.clone(),
                address,
            };
            if kafka.answers() {
                return Some(kafka);
            }
            log = fs::read_to_string(kafka.folder.path().join("log")).unwrap_or_default();
        }
        panic!("Kafka does not start; its log:\n{log}");
    }

    fn answers(&mut self) -> bool {
        let deadline = Instant::now() + READY;
        while Instant::now() < deadline && self.child.try_wait().unwrap().is_none() {
            if TcpStream::connect(&self.address).is_ok() {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// The PATH on which its tools are found.
    fn path(&self) -> String {
        let tools = self.folder.path().join("bin");
        format!("{}:{}", tools.display(), std::env::var("PATH").unwrap())
    }

    /// Ends it at once, as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Starts it again with what it had on disk, and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        self.child = run(self.folder.path(), &self.classes);
        assert!(self.answers());
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Runs one of its tools; what it says. One that fails is a fault.
    pub(crate) fn tool(&self, name: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.folder.path().join("bin").join(name));
        command.args(["--bootstrap-server", &self.address]);
        let (is_well, said) = said(command.args(arguments));
        assert!(is_well, "{name} {arguments:?}: {said}");
        said
    }

    /// What its topics take on disk.
    pub(crate) fn stored_bytes(&self) -> u64 {
        let segments = fs::read_dir(self.folder.path().join("data"))
            .unwrap()
            .flat_map(|topic| {
                let topic = topic.unwrap();
                let is_ours = topic.file_name().to_string_lossy().starts_with("brewcast-");
                is_ours
                    .then(|| fs::read_dir(topic.path()).unwrap())
                    .into_iter()
                    .flatten()
            });
        let files = segments.map(|file| file.unwrap());
        let logs = files.filter(|file| file.path().extension().is_some_and(|kind| kind == "log"));
        logs.map(|file| file.metadata().unwrap().len()).sum()
    }

    /// Makes the topics of so many shards, with the script that is shipped.
    pub(crate) fn make_topics(&self, shards: usize) {
        self.script("deploy/kafka/topics.sh", &[&shards.to_string(), "1"], "");
    }

    /// Runs a script of ours for a shard; what it says. One that fails is a fault.
    pub(crate) fn script(&self, name: &str, arguments: &[&str], shard: &str) -> String {
        let mut script = Command::new(root().join(name));
        let script = script
            .args(arguments)
            .env("KAFKA", &self.address)
            .env("SHARD", shard)
            .env("PATH", self.path());
        let (is_well, said) = said(script);
        assert!(is_well, "{name}: {said}");
        said
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        self.kill();
    }
}

fn write_settings(folder: &Path, address: &str) {
    let controller = format!("127.0.0.1:{}", free_port());
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@{controller}\n\
         listeners=PLAINTEXT://{address},CONTROLLER://{controller}\n\
         advertised.listeners=PLAINTEXT://{address}\ncontroller.listener.names=CONTROLLER\n\
         inter.broker.listener.name=PLAINTEXT\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n\
         log.dirs={}\nauto.create.topics.enable=false\noffsets.topic.replication.factor=1\n\
         offsets.topic.num.partitions=1\ntransaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\ngroup.initial.rebalance.delay.ms=0\n",
        folder.join("data").display()
    );
    fs::write(folder.join("server.properties"), text).unwrap();
    let text = "log4j.rootLogger=WARN, stderr\nlog4j.appender.stderr=org.apache.log4j.ConsoleAppender\n\
        log4j.appender.stderr.target=System.err\n\
        log4j.appender.stderr.layout=org.apache.log4j.SimpleLayout\n";
    fs::write(folder.join("log4j.properties"), text).unwrap();
}

fn write_tools(folder: &Path, classes: &str) {
    fs::create_dir(folder.join("bin")).unwrap();
    for (name, class) in TOOLS {
        let file = folder.join("bin").join(name);
        let script = format!(
            "#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -Xmx128m {} -cp '{classes}' {class} \"$@\"\n",
            logging(folder)
        );
        fs::write(&file, script).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// The option that names the settings of Java's logging.
fn logging(folder: &Path) -> String {
    format!(
        "-Dlog4j.configuration=file:{}",
        folder.join("log4j.properties").display()
    )
}

fn format_storage(folder: &Path, classes: &str) {
    let mut format = Command::new("java");
    let format = format
        .args([&logging(folder), "-cp", classes])
        .args(["kafka.tools.StorageTool", "format"])
        .args(["-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c"])
        .arg(folder.join("server.properties"));
    let (is_well, told) = said(format);
    assert!(is_well, "{told}");
}

fn run(folder: &Path, classes: &str) -> Child {
    let log = File::create(folder.join("log")).unwrap();
    Command::new("java")
        .args(["-Xmx384m", &logging(folder), "-cp", classes, "kafka.Kafka"])
        .arg(folder.join("server.properties"))
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}
