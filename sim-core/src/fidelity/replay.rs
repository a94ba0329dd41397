//! Replaying recorded traces: the ones inside this binary, or a folder in the same layout.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use super::TraceReport;
use crate::{
    Text, buddy_allocator, commit, cpu_shares, dirty_writeback, io_scheduler, load_average, numa_policy, process_life,
    reclaim, service, tcp_keepalive, tcp_life, tcp_rto,
};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/golden");

/// Largest file of a trace once unpacked.
const MAX_FILE: u64 = 256 << 20;

/// What a file that is stored compressed is told by, and what unpacks it. Where the same file is there
/// twice, the first of these counts, and plain text before both.
type Unpack = fn(&[u8]) -> Box<dyn Read + '_>;
const PACKED: [(&str, Unpack); 2] = [
    // Half the size of gzip; what the binary carries.
    (".br", |bytes| Box::new(brotli::Decompressor::new(bytes, 4096))),
    (".gz", |bytes| Box::new(flate2::read::GzDecoder::new(bytes))),
];

/// Files of recorded traces by `folder/name` (`loadavg/A.json`), as stored (plain, brotli or gzip).
#[derive(Debug, Default)]
pub struct GoldenFiles(BTreeMap<String, Vec<u8>>);

/// A trace that cannot be read: which file, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenError {
    /// The file, as `folder/name`.
    pub file: String,
    /// What is wrong and what was expected.
    pub what: String,
}

impl fmt::Display for GoldenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

impl std::error::Error for GoldenError {}

/// The traces inside this binary.
pub fn embedded() -> GoldenFiles {
    let mut files = GoldenFiles::default();
    for file in EMBEDDED.dirs().flat_map(|dir| dir.files()) {
        files.0.insert(file.path().to_string_lossy().into_owned(), file.contents().to_vec());
    }
    files
}

impl<B: Into<Vec<u8>>> FromIterator<(String, B)> for GoldenFiles {
    /// Files by `folder/name`, as texts or as they are stored.
    fn from_iter<I: IntoIterator<Item = (String, B)>>(files: I) -> GoldenFiles {
        GoldenFiles(files.into_iter().map(|(name, content)| (name, content.into())).collect())
    }
}

impl GoldenFiles {
    /// The traces under a folder: one folder a model, as `loadavg/`.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read.
    pub fn from_dir(dir: &Path) -> Result<GoldenFiles, GoldenError> {
        let fail = |path: &Path, error: std::io::Error| GoldenError {
            file: path.display().to_string(),
            what: error.to_string(),
        };
        let mut files = GoldenFiles::default();
        for folder in std::fs::read_dir(dir).map_err(|e| fail(dir, e))? {
            let folder = folder.map_err(|e| fail(dir, e))?.path();
            if !folder.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(&folder).map_err(|e| fail(&folder, e))? {
                let path = file.map_err(|e| fail(&folder, e))?.path();
                if path.is_file() {
                    let name = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().into_owned();
                    files.0.insert(name, std::fs::read(&path).map_err(|e| fail(&path, e))?);
                }
            }
        }
        Ok(files)
    }

    /// The files of one trace alone.
    pub fn only(&self, folder: &str, trace: &str) -> GoldenFiles {
        let begins = format!("{folder}/{trace}.");
        let files = self.0.iter().filter(|(name, _)| name.starts_with(&begins));
        GoldenFiles(files.map(|(name, bytes)| (name.clone(), bytes.clone())).collect())
    }

    /// Adds a file, or replaces it; `name` is `folder/name`.
    pub fn insert(&mut self, name: &str, text: impl Into<Vec<u8>>) {
        for (ending, _) in PACKED {
            self.0.remove(&format!("{name}{ending}"));
        }
        self.0.insert(name.to_owned(), text.into());
    }

    /// The same with one file replaced or added: `loadavg/A.json`.
    pub fn with(mut self, name: &str, text: &str) -> GoldenFiles {
        self.insert(name, text);
        self
    }

    /// The text of a file, found plain or with `.br` or `.gz`.
    ///
    /// # Errors
    /// It is missing or cannot be unpacked.
    pub fn text(&self, name: &str) -> Result<String, GoldenError> {
        let fail = |file: &str, what: String| GoldenError { file: file.to_owned(), what };
        if let Some(bytes) = self.0.get(name) {
            return String::from_utf8(bytes.clone()).map_err(|_| fail(name, "is not UTF-8 text".into()));
        }
        for (ending, unpack) in PACKED {
            let packed = format!("{name}{ending}");
            if let Some(bytes) = self.0.get(&packed) {
                let mut text = String::new();
                let read = unpack(bytes).take(MAX_FILE).read_to_string(&mut text);
                return read.map(|_| text).map_err(|error| fail(&packed, format!("cannot be unpacked: {error}")));
            }
        }
        Err(fail(name, "is missing (looked for it plain, as .br and as .gz)".into()))
    }
}

/// A folder of traces, its model, and what replays one of them.
type Replayer = fn(&Trace<'_>) -> Result<Tally, GoldenError>;
const FOLDERS: &[(&str, &str, Replayer)] = &[
    ("process-life", "process-life", process_life::replay),
    ("commit", "commit", commit::replay),
    ("cpu-shares", "cpu-shares", cpu_shares::replay),
    ("loadavg", "load-average", load_average::replay),
    ("buddy", "buddy-allocator", buddy_allocator::replay),
    ("reclaim", "reclaim", reclaim::replay),
    ("numa", "numa-policy", numa_policy::replay),
    ("writeback", "dirty-writeback", dirty_writeback::replay),
    ("iosched", "io-scheduler", io_scheduler::replay),
    ("tcp-life", "tcp-life", tcp_life::replay),
    ("service", "service", service::replay),
    ("tcp-keepalive", "tcp-keepalive", tcp_keepalive::replay),
    ("tcp-rto", "tcp-rto", tcp_rto::replay),
];

/// Replays every trace of a known folder, in the order of names. The second list names the folders
/// that no model of this build replays.
pub fn replay_all(files: &GoldenFiles) -> (Vec<TraceReport>, Vec<String>) {
    let mut traces = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for path in files.0.keys() {
        let Some((folder, name)) = path.split_once('/') else {
            continue;
        };
        let Some(known) = FOLDERS.iter().position(|(known, ..)| *known == folder) else {
            unknown.insert(folder.to_owned());
            continue;
        };
        let plain = PACKED.iter().find_map(|(ending, _)| name.strip_suffix(ending)).unwrap_or(name);
        if let Some(trace) = plain.strip_suffix(".json") {
            traces.insert((known, trace));
        }
    }
    let reports = traces.into_iter().map(|(known, name)| {
        let (folder, model, replay) = FOLDERS[known];
        let trace = Trace { files, folder, name };
        match replay(&trace) {
            Ok(tally) => tally.report(model, name),
            // A trace that cannot be read has not been shown to hold.
            Err(error) => TraceReport { note: error.to_string(), ..Tally::new("?", 0.0).report(model, name) },
        }
    });
    (reports.collect(), unknown.into_iter().collect())
}

/// One recorded trace: the files whose names begin with its own.
pub struct Trace<'a> {
    files: &'a GoldenFiles,
    folder: &'a str,
    name: &'a str,
}

impl Trace<'_> {
    fn path(&self, ending: &str) -> String {
        format!("{}/{}.{ending}", self.folder, self.name)
    }

    /// Something is wrong with a file of this trace.
    pub fn error(&self, ending: &str, what: String) -> GoldenError {
        GoldenError { file: self.path(ending), what }
    }

    /// Whether the name of the trace ends so: `pcp612.full`.
    pub fn is(&self, ending: &str) -> bool {
        self.name.rsplit_once('.').is_some_and(|(_, last)| last == ending)
    }

    /// The text of a file of this trace.
    ///
    /// # Errors
    /// It is missing or cannot be unpacked.
    pub fn text(&self, ending: &str) -> Result<String, GoldenError> {
        self.files.text(&self.path(ending))
    }

    /// A JSON document.
    ///
    /// # Errors
    /// It is missing or of another shape.
    pub fn json<T: DeserializeOwned>(&self, ending: &str) -> Result<T, GoldenError> {
        serde_json::from_str(&self.text(ending)?).map_err(|error| self.error(ending, error.to_string()))
    }

    /// A JSON document a line.
    ///
    /// # Errors
    /// It is missing or a line is of another shape.
    pub fn json_lines<T: DeserializeOwned>(&self, ending: &str) -> Result<Vec<T>, GoldenError> {
        let text = self.text(ending)?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines
            .map(|(i, line)| {
                serde_json::from_str(line).map_err(|error| self.error(ending, format!("line {}: {error}", i + 1)))
            })
            .collect()
    }

    /// A CSV table with a heading; no field holds a comma.
    ///
    /// # Errors
    /// It is missing, or a row does not have what `read` asks for.
    pub fn csv<T>(&self, ending: &str, read: impl Fn(&Row<'_>) -> Result<T, String>) -> Result<Vec<T>, GoldenError> {
        let text = self.text(ending)?;
        let mut lines = text.lines().enumerate();
        let heading: Vec<&str> = lines.next().map_or("", |(_, line)| line).split(',').map(str::trim).collect();
        lines
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(i, line)| {
                let row = Row { heading: &heading, values: line.split(',').map(str::trim).collect(), line: i + 1 };
                read(&row).map_err(|what| self.error(ending, format!("line {}: {what}", i + 1)))
            })
            .collect()
    }
}

/// A row of a CSV table.
pub struct Row<'a> {
    heading: &'a [&'a str],
    values: Vec<&'a str>,
    line: usize,
}

impl Row<'_> {
    /// Its line in the file, the heading being the first.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The value of a column.
    ///
    /// # Errors
    /// There is no such column, or its value does not parse.
    pub fn get<T: FromStr>(&self, column: &str) -> Result<T, String> {
        let at = self.heading.iter().position(|name| *name == column).ok_or(format!("there is no column {column}"))?;
        let value = self.values.get(at).ok_or(format!("{column} is missing"))?;
        value.parse().map_err(|_| format!("{column} = {value:?} does not parse"))
    }
}

/// Compared values, counted.
#[derive(Debug)]
pub struct Tally {
    kernel: String,
    tolerance: f64,
    unit: Text,
    compared: u64,
    mismatches: u64,
    max_error: f64,
    first: Option<String>,
    notes: Vec<String>,
    stopped: Option<String>,
}

impl Tally {
    /// Nothing compared yet.
    pub fn new(kernel: &str, tolerance: f64) -> Tally {
        let kernel = kernel.to_owned();
        Tally {
            kernel,
            tolerance,
            unit: Text::default(),
            compared: 0,
            mismatches: 0,
            max_error: 0.0,
            first: None,
            notes: Vec::new(),
            stopped: None,
        }
    }

    /// Names what errors and tolerance are measured in, with the space before it.
    pub fn measured_in(&mut self, unit: Text) {
        self.unit = unit;
    }

    /// Compares a number.
    pub fn number(&mut self, place: &str, got: f64, want: f64) {
        let error = (got - want).abs();
        self.compared += 1;
        self.max_error = self.max_error.max(error);
        if error > self.tolerance || error.is_nan() {
            self.mismatch(format!("{place}: model {got}, recorded {want}"));
        }
    }

    /// Compares a number that has a tolerance of its own: a trace can hold several quantities. The
    /// report names the widest.
    pub fn number_within(&mut self, place: &str, got: f64, want: f64, tolerance: f64) {
        self.number_between(place, got, want, (got - tolerance, got + tolerance));
    }

    /// Compares a number that must lie between two bounds, which need not be equally far.
    pub fn number_between(&mut self, place: &str, got: f64, want: f64, (low, high): (f64, f64)) {
        self.tolerance = self.tolerance.max(got - low).max(high - got);
        self.compared += 1;
        self.max_error = self.max_error.max((got - want).abs());
        if !(low..=high).contains(&want) {
            self.mismatch(format!("{place}: model {got}, recorded {want}, allowed {low} to {high}"));
        }
    }

    /// Compares a text, which is the same or is not.
    pub fn same(&mut self, place: &str, got: &str, want: &str) {
        self.compared += 1;
        if got != want {
            self.mismatch(format!("{place}: model {got:?}, recorded {want:?}"));
        }
    }

    /// Compares many values of which a share may differ: `differ` of `compared`, in 1/1000, against
    /// the largest share that still holds. Where it does not, every one that differs counts.
    pub fn share(&mut self, place: &str, differ: u64, compared: u64, tolerance: f64) {
        let share = if compared == 0 { 0.0 } else { differ as f64 * 1000.0 / compared as f64 };
        self.compared += compared;
        self.tolerance = tolerance;
        self.max_error = self.max_error.max(share);
        if share > tolerance {
            self.mismatch(format!("{place}: {share}, allowed {tolerance}"));
            self.mismatches += differ.saturating_sub(1);
        }
    }

    /// Counts a comparison made elsewhere; `what` tells of a difference.
    pub fn check(&mut self, same: bool, what: impl FnOnce() -> String) {
        self.compared += 1;
        if !same {
            self.mismatch(what());
        }
    }

    /// How many differed so far.
    pub fn mismatches(&self) -> u64 {
        self.mismatches
    }

    fn mismatch(&mut self, what: String) {
        self.mismatches += 1;
        self.first.get_or_insert(what);
    }

    /// The recording cannot be followed beyond this place: says where and why. What was compared
    /// counts, but the trace has not been shown to hold.
    pub fn stop(&mut self, why: String) {
        self.stopped.get_or_insert(why);
    }

    /// Says what was compared.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    fn report(mut self, model: &str, trace: &str) -> TraceReport {
        if let Some(first) = self.first.take() {
            self.notes.push(format!("first mismatch: {first}"));
        }
        if let Some(stopped) = &self.stopped {
            self.notes.push(format!("stopped: {stopped}"));
        }
        TraceReport {
            model: model.to_owned(),
            trace: trace.to_owned(),
            kernel: self.kernel,
            compared: self.compared,
            mismatches: self.mismatches,
            max_error: self.max_error,
            tolerance: self.tolerance,
            unit: self.unit,
            pass: self.compared > 0 && self.mismatches == 0 && self.stopped.is_none(),
            note: self.notes.join("; "),
        }
    }
}

#[cfg(test)]
mod tests;
