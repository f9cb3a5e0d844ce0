//! Disks that are full, read-only or in the way: the state is not written then, and the metrics pass.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::common::faulted::assert_passed;
use super::common::program::{Ran, START_S, line, run, value};

/// The lines `from..until` of one series.
fn lines(from: i64, until: i64) -> String {
    (from..until).map(|n| line("m,s=1", n)).collect()
}

fn run_with_state(state: &Path, input: &str) -> Ran {
    let ran = run(&["--state", state.to_str().unwrap()], input.as_bytes());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_passed(&ran.stdout, input.as_bytes());
    ran
}

fn assert_said_once(ran: &Ran, what: &str) {
    assert!(ran.stderr.starts_with("E! state "), "{}", ran.stderr);
    assert!(ran.stderr.contains(what), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
}

#[test]
fn a_state_that_cannot_be_written_is_said_and_counted_and_the_one_before_is_kept() {
    type Obstacle = fn(&Path) -> std::io::Result<()>;
    let no_space: Obstacle = |draft| symlink("/dev/full", draft);
    let in_the_way: Obstacle = |draft| fs::create_dir(draft);
    for (obstacle, what) in [(no_space, "No space left"), (in_the_way, "Is a directory")] {
        let folder = TempDir::new().unwrap();
        let state = folder.path().join("state");
        let draft = state.with_extension("tmp");
        assert_eq!(run_with_state(&state, &lines(0, 200)).stderr, "");
        let before = fs::read(&state).unwrap();
        obstacle(&draft).unwrap();
        let ran = run_with_state(&state, &lines(200, 230));
        assert_said_once(&ran, what);
        let counted = (ran.counter("state_failures"), ran.counter("state_saves"));
        assert_eq!(counted, (1, 0));
        assert_eq!(fs::read(&state).unwrap(), before, "the old one stands");
        if draft.is_dir() {
            fs::remove_dir(&draft).unwrap();
        }
        let ran = run_with_state(&state, &lines(230, 240));
        assert_eq!(ran.stderr, "");
        assert_eq!(ran.counter("series_restored"), 1);
        assert_eq!(ran.counter("points_judged"), 10);
        assert_ne!(fs::read(&state).unwrap(), before, "the next one is new");
    }
}

/// A folder with what went in and came out of the program under `mount`, which only its children see.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// A tmpfs of 64 KiB; `None`, and that is said, where it may not be mounted.
    fn new() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("disk")).unwrap();
        let disk = Self { folder };
        let is_there = disk.does("true");
        if !is_there {
            let why = "SKIPPED: no file system can be mounted here: a full disk is not tried";
            writeln!(std::io::stderr(), "{why}").ok();
        }
        is_there.then_some(disk)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Does a script in the folder, with the disk mounted at `disk` and the program as `$1`.
    fn does(&self, script: &str) -> bool {
        let mounted = format!("mount -t tmpfs -o size=64k tmpfs disk && {script}");
        let done = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-euc", &mounted, "sh"])
            .arg(env!("CARGO_BIN_EXE_brewcast"))
            .current_dir(self.folder.path())
            .output();
        done.is_ok_and(|done| done.status.success())
    }

    fn ran(&self, name: &str) -> Ran {
        let read = |end: &str| fs::read(self.path(&format!("{name}.{end}"))).unwrap();
        Ran {
            stdout: read("out"),
            stderr: String::from_utf8(read("err")).unwrap(),
            code: Some(0),
        }
    }
}

#[test]
fn a_disk_that_is_full_costs_no_metric_and_not_the_state_that_is_there() {
    let Some(disk) = SmallDisk::new() else { return };
    let mut many = lines(200, 230);
    for n in 0..100 {
        for series in 0..60 {
            let time = START_S + n;
            writeln!(many, "x,s={series} v={} {time}000000000", value(n + series)).unwrap();
        }
    }
    let inputs = [
        ("one", lines(0, 200)),
        ("many", many),
        ("again", lines(230, 240)),
    ];
    for (name, input) in &inputs {
        fs::write(disk.path(&format!("{name}.in")), input).unwrap();
    }
    let run = |name| format!("\"$1\" --state disk/state < {name}.in > {name}.out 2> {name}.err");
    let script = [
        run("one"),
        "cp disk/state before".to_owned(),
        run("many"),
        "cmp disk/state before".to_owned(),
        "test ! -e disk/state.tmp".to_owned(),
        run("again"),
        "! cmp -s disk/state before".to_owned(),
    ];
    assert!(disk.does(&script.join("\n")));
    for (name, input) in &inputs {
        assert_passed(&disk.ran(name).stdout, input.as_bytes());
    }
    assert_eq!(disk.ran("one").stderr, "");
    assert_said_once(&disk.ran("many"), "No space left");
    assert_eq!(disk.ran("many").counter("state_failures"), 1);
    let again = disk.ran("again");
    assert_eq!(
        (again.stderr.as_str(), again.counter("points_judged")),
        ("", 10)
    );
}

#[test]
fn a_read_only_disk_costs_no_metric_and_is_said_once() {
    let Some(disk) = SmallDisk::new() else { return };
    let input = lines(0, 200);
    fs::write(disk.path("one.in"), &input).unwrap();
    let script = "mount -o remount,ro disk
        \"$1\" --state disk/state < one.in > one.out 2> one.err
        test ! -e disk/state";
    assert!(disk.does(script));
    assert_passed(&disk.ran("one").stdout, input.as_bytes());
    assert_said_once(&disk.ran("one"), "Read-only file system");
}
