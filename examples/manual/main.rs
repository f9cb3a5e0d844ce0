//! Writes the man pages and the shell completions of the three programs into a folder.
//!
//! ```sh
//! cargo run --example manual -- target/manual
//! ```
//!
//! They are made of the command lines as the programs have them, so that they can't be out of date. What is
//! beside the options (exit status, files) is said here.

#![allow(
    dead_code,
    reason = "of the programs only their command lines are used"
)]

#[path = "../../cmd/brewcast/args.rs"]
mod args;
#[path = "../../cmd/brewcast/backtest.rs"]
mod backtest;
#[path = "../../cmd/brewcast/inspect.rs"]
mod inspect;
#[path = "../../cmd/metric-replayer/pace.rs"]
mod pace;
#[path = "../../cmd/brewcast/plot.rs"]
mod plot;
#[path = "../../cmd/metric-replayer/args.rs"]
mod replayer;
#[path = "../../cmd/restamp/args.rs"]
mod restamp;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use brewcast::report::Severity;
use clap::{Command, CommandFactory};
use clap_complete::Shell;

const BREWCAST: &str = "\
EXIT STATUS: 0 done; 1 a pipe broke in another way than by being closed, check has warnings, or backtest, \
plot or inspect found nothing; 2 the command line or, with --strict, the configuration is wrong.

FILES: /etc/telegraf/brewcast.toml, the settings, all of them with their defaults. Not in telegraf.d: \
Telegraf would read it as its own.";
const RESTAMP: &str =
    "EXIT STATUS: 0 done; 1 the recording cannot be read; 2 the command line is wrong.";
const REPLAYER: &str = "EXIT STATUS: 0 stdin was closed; 1 the recording cannot be read; 2 the command line \
is wrong. After the last line it stays until stdin is closed, because Telegraf starts a child that ends \
again.";

fn main() -> io::Result<()> {
    let folder = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .unwrap_or_else(|| "target/manual".into()),
    );
    let programs = [
        args::Args::command()
            .name("brewcast")
            .after_long_help(BREWCAST),
        restamp::Args::command().after_long_help(RESTAMP),
        replayer::Args::command().after_long_help(REPLAYER),
    ];
    programs
        .into_iter()
        .try_for_each(|program| write(program, &folder))
}

fn write(program: Command, folder: &Path) -> io::Result<()> {
    let (pages, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&pages)?;
    fs::create_dir_all(&completions)?;
    let name = program.get_name().to_owned();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut program.clone(), &name, &completions)?;
    }
    // The commands are listed in the page itself; pages about `help` would say nothing.
    clap_mangen::generate_to(program.disable_help_subcommand(true), &pages)
}

/// What the backtest says while it runs: never, here.
fn say(_severity: Severity, _text: &str) {}
