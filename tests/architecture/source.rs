//! Reads the sources of the package for `tests/architecture.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One source file without its test parts.
pub(crate) struct Source {
    /// Relative to the package, with `/`.
    pub(crate) path: String,
    pub(crate) lines: usize,
    /// Line numbers from 1, and code; comments are empty.
    pub(crate) code: Vec<(usize, String)>,
}

/// All sources under src/ and cmd/.
pub(crate) fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&root().join("src"), &mut paths);
    collect(&root().join("cmd"), &mut paths);
    assert!(paths.len() > 40, "the sources are not where they should be");
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Relies on rustfmt: an item ends at the `}` or `;` that stands as far in as it begins.
fn read(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let mut code = Vec::new();
    let mut test_item: Option<usize> = None; // how far in it stands
    for (line, text) in (1..).zip(text.lines()) {
        let inside = indent(text).len();
        if let Some(at) = test_item {
            if inside == at && (text.ends_with('}') || text.ends_with(';')) {
                test_item = None;
            }
        } else if text.trim() == "#[cfg(test)]" {
            test_item = Some(inside);
        } else {
            let is_comment = text.trim_start().starts_with("//");
            let text = if is_comment { "" } else { text };
            code.push((line, text.to_owned()));
        }
    }
    let relative = path.strip_prefix(root()).unwrap();
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    Source {
        path: parts.join("/"),
        lines: text.lines().count(),
        code,
    }
}

pub(crate) fn tracked_files() -> Option<Vec<String>> {
    let listed = Command::new("git")
        .arg("ls-files")
        .current_dir(root())
        .output()
        .ok()?;
    let text = String::from_utf8(listed.stdout).ok()?;
    let files: Vec<String> = text.lines().map(str::to_owned).collect();
    (listed.status.success() && !files.is_empty()).then_some(files)
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn indent(code: &str) -> &str {
    &code[..code.len() - code.trim_start().len()]
}
