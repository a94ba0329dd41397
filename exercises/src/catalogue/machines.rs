//! Machines that were recorded once, for readers whose own does not fit, and for fixtures.
//!
//! A machine is a file of `machines/`: what it is called, where it comes from (a capture, a guest, or a
//! composition by hand from documented formats, which it says), and its files word for word.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use sim_core::{Text, text};

use crate::files::MACHINES;
use crate::recording::Content;
use crate::{Exercise, Facts, Frame, Machine, ReadError, Recording, Source, StandIn, expand};

/// A machine of `machines/`.
pub struct RecordedMachine {
    /// What `--machine` calls it.
    pub name: &'static str,
    /// What a reader calls it.
    pub title: Text,
    /// Where its files come from.
    pub source: Text,
    /// Its files.
    pub recording: Recording,
}

/// A file of `machines/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Text,
    source: Text,
    files: BTreeMap<String, String>,
    #[serde(default)]
    denied: Vec<String>,
}

/// Every recorded machine, by name.
pub fn machines() -> &'static [RecordedMachine] {
    static ALL: LazyLock<Vec<RecordedMachine>> =
        LazyLock::new(|| MACHINES.iter().filter_map(|(name, json)| read(name, json).ok()).collect());
    &ALL
}

/// The recorded machine of that name.
pub fn machine(name: &str) -> Option<&'static RecordedMachine> {
    machines().iter().find(|machine| machine.name == name)
}

fn read(name: &'static str, json: &str) -> Result<RecordedMachine, serde_json::Error> {
    let File { title, source, files, denied } = serde_json::from_str(json)?;
    let kernel = files.get("/proc/sys/kernel/osrelease").map(|release| release.trim().to_owned());
    let mut recording = Recording::new(Source::Live, Facts { kernel, ..Facts::default() });
    let mut files: BTreeMap<_, _> = files.into_iter().map(|(path, text)| (path, Content::Text(text))).collect();
    files.extend(denied.into_iter().map(|path| (path, Content::Error(ReadError::Denied))));
    recording.frames.push(Frame { t_ns: 0, avenrun: None, files });
    Ok(RecordedMachine { name, title, source, recording })
}

/// Fills in, of the machine an exercise names, what the exercise reads: what a page carries.
pub(super) fn fill(exercise: &mut Exercise) {
    let reads = exercise.reads();
    let Some(stand_in) = &mut exercise.machine else { return };
    let Some(at) = machine(&stand_in.name).and_then(|machine| machine.recording.last()) else { return };
    let paths = reads.iter().flat_map(|path| expand(&at, path));
    stand_in.files = paths.filter_map(|path| Some((path.clone(), at.read(&path).ok()?))).collect();
}

/// The machine that a fixture names, with its own files in place of the recorded ones. An empty text
/// takes a file away.
pub(super) fn patched(stand_in: &StandIn) -> Result<Recording, Text> {
    let name = &stand_in.name;
    let known = || machines().iter().map(|machine| machine.name).collect::<Vec<_>>().join(", ");
    let found = machine(name).ok_or_else(|| {
        let known = known();
        text!(ko: "`{name}`이라는 컴퓨터는 없습니다. 있는 것: {known}", en: "there is no machine `{name}`; there are {known}")
    })?;
    let mut recording = found.recording.clone();
    if let Some(frame) = recording.frames.first_mut() {
        for (path, text) in &stand_in.files {
            match text.as_str() {
                "" => drop(frame.files.remove(path)),
                text => drop(frame.files.insert(path.clone(), Content::Text(text.to_owned()))),
            }
        }
    }
    recording.recorded_on = Source::Recorded;
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_machine_is_whole_and_says_where_it_comes_from() {
        assert_eq!(
            machines().len(),
            MACHINES.len(),
            "{:?}",
            MACHINES.iter().map(|(name, json)| read(name, json).err())
        );
        for machine in machines() {
            assert_eq!(machine.recording.problem(), None, "{}", machine.name);
            let Text { ko, en } = &machine.source;
            assert!(!ko.is_empty() && !en.is_empty() && !machine.title.ko.is_empty(), "{}", machine.name);
            assert!(machine.recording.facts.kernel.is_some(), "{} has no kernel release", machine.name);
            let frame = &machine.recording.frames[0];
            let odd = frame.files.keys().find(|path| !path.starts_with('/') && !path.starts_with('@'));
            assert_eq!(odd, None, "{}", machine.name);
        }
    }
}
