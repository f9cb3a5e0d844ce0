//! The real Telegraf with a processor in it: brewcast in turns with `cat` in the same place.
//!
//! Telegraf reads a file once, sends every line through the processor, and writes what comes back to nowhere. What
//! it takes for a file of one line, to start and to end, is taken off. The program that `TELEGRAF_BIN` names is used;
//! without one that is said.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::loads::Load;

/// Runs of each, in turns.
const RUNS: usize = 5;
/// Brewcast as most have it in front of everything: flags only.
const FLAGS_ONLY: &str =
    "[output]\nforecasts = false\nverdicts = \"anomalous\"\n[report]\nevery = \"0s\"\n";

/// The median time for a load with `cat` and with brewcast, start and end taken off; or why there is none.
pub fn beside_cat(program: &str, load: &Load) -> Result<[Duration; 2], String> {
    let telegraf = std::env::var("TELEGRAF_BIN")
        .map_err(|_| "MISSING: Telegraf; TELEGRAF_BIN must name one (.ci/servers has it)")?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let at = |name: &str| folder.path().join(name).to_str().unwrap_or("").to_owned();
    let one = load.text.split_inclusive(|&byte| byte == b'\n').next();
    let settings = at("brewcast.toml");
    let files: [(String, &[u8]); 3] = [
        (at("load.lp"), &load.text),
        (at("one.lp"), one.unwrap_or_default()),
        (settings.clone(), FLAGS_ONLY.as_bytes()),
    ];
    for (path, text) in &files {
        fs::write(path, text).map_err(|error| error.to_string())?;
    }
    let commands = [
        "\"cat\"".to_owned(),
        format!("{program:?}, \"--config\", {settings:?}"),
    ];
    let mut taken = [Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        for (command, taken) in commands.iter().zip(&mut taken) {
            let [whole, start] = [&files[0].0, &files[1].0].map(|file| {
                let config = at("telegraf.conf");
                fs::write(&config, configuration(file, command)).map_err(|e| e.to_string())?;
                once(&telegraf, Path::new(&config))
            });
            taken.push(whole?.saturating_sub(start?));
        }
    }
    Ok(taken.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    }))
}

fn configuration(file: &str, command: &str) -> String {
    format!(
        "[agent]\nflush_interval = \"10s\"\nmetric_batch_size = 10000\nmetric_buffer_limit = 3000000\n\
         omit_hostname = true\nquiet = true\nskip_processors_after_aggregators = true\n\
         [[inputs.file]]\nfiles = [{file:?}]\ndata_format = \"influx\"\n\
         [[processors.execd]]\ncommand = [{command}]\n\
         [[outputs.file]]\nfiles = [\"/dev/null\"]\ndata_format = \"influx\"\n"
    )
}

fn once(telegraf: &str, config: &Path) -> Result<Duration, String> {
    let start = Instant::now();
    let status = Command::new(telegraf)
        .arg("--config")
        .arg(config)
        .arg("--once")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("{telegraf}: {error}"))?;
    if status.success() {
        Ok(start.elapsed())
    } else {
        Err(format!("{telegraf} ended with {status}"))
    }
}
