//! How this program was started, and how it is started again: the process may be that of an interpreter.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

static STARTED: OnceLock<(Vec<OsString>, Option<PathBuf>)> = OnceLock::new();

/// Remembers the command line, and the program that starts another such command if it is not that of this process. The first counts.
pub fn begin(words: Vec<OsString>, starter: Option<PathBuf>) {
    let _ = STARTED.set((words, starter));
}

/// The words of the command line, the first of which is the program; none where the library is embedded.
pub fn words() -> &'static [OsString] {
    STARTED.get().map_or(&[], |(words, _)| words)
}

/// The program that runs a command.
pub fn path() -> PathBuf {
    let starter = STARTED.get().and_then(|(_, starter)| starter.clone());
    starter.or_else(|| std::env::current_exe().ok()).unwrap_or_else(|| PathBuf::from("ckn"))
}
