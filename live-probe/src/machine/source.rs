//! Which machine `--root` names.

use std::io::Read;
use std::path::Path;

use exercises::recording::MAX_RECORDING_BYTES;
use exercises::{Machine, ReadError, Recording, Source};
use sim_core::{Text, text};

use super::LiveMachine;

/// What a machine without a Linux kernel, a Mac for one, has to say. It follows a label or a colon.
pub const NO_KERNEL: Text = Text::fixed(
    "이 컴퓨터에는 리눅스 커널이 없습니다. 책에서 시뮬레이션한 컴퓨터로 하거나, 리눅스에서 capture로 만든 파일을 --root로 지정하십시오.",
    "this machine has no Linux kernel; use the simulated machine in the book, or name a capture of a Linux machine with --root.",
);

/// Why there is nothing to look at: without `--root`, on a machine that has no Linux kernel.
pub fn no_kernel(root: Option<&Path>) -> Option<Text> {
    (root.is_none() && !cfg!(target_os = "linux")).then_some(NO_KERNEL)
}

/// A machine without a Linux kernel: each exercise can be judged, as one that cannot be checked.
pub struct NoKernel;

impl Machine for NoKernel {
    fn read(&self, _: &str) -> Result<String, ReadError> {
        Err(ReadError::Refused(NO_KERNEL))
    }

    fn source(&self) -> Source {
        Source::Live
    }
}

/// The last moment of a recording or capture.
struct Recorded(Recording);

impl Machine for Recorded {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        self.0.last().ok_or(ReadError::NotFound)?.read(path)
    }

    fn source(&self) -> Source {
        self.0.last().map_or(Source::Recorded, |at| at.source())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        self.0.last().ok_or(ReadError::NotFound)?.list(folder)
    }
}

/// The recorded machine that `--machine` names.
///
/// # Errors
/// There is none of that name; says which there are.
pub fn recorded(name: &str) -> Result<Box<dyn Machine + Send + Sync>, Text> {
    match exercises::recorded_machine(name) {
        Some(machine) => {
            let recorded_on = Source::Recorded;
            Ok(Box::new(Recorded(Recording { recorded_on, ..machine.recording.clone() })))
        }
        None => {
            let known = exercises::machines().iter().map(|machine| machine.name).collect::<Vec<_>>().join(", ");
            Err(text!(
                ko: "--machine {name}: 그런 컴퓨터는 없습니다. 있는 것: {known}",
                en: "--machine {name}: there is no such machine. There are: {known}"
            ))
        }
    }
}

/// The machine that `root` names: this one, the files below a directory, or those in a file that
/// `live-probe capture` or `live-probe run` wrote.
///
/// # Errors
/// There is no such directory or file, or the file is not a recording.
pub fn open(root: Option<&Path>) -> Result<Box<dyn Machine + Send + Sync>, Text> {
    if no_kernel(root).is_some() {
        return Ok(Box::new(NoKernel));
    }
    let Some(root) = root else {
        return Ok(Box::new(LiveMachine::here().map_err(|error| unreadable(Path::new("/"), &error))?));
    };
    let kind = std::fs::metadata(root).map_err(|error| unreadable(root, &error))?;
    let shown = root.display();
    if kind.is_dir() {
        return Ok(Box::new(LiveMachine::fixture(root).map_err(|error| unreadable(root, &error))?));
    }
    if !kind.is_file() {
        return Err(text!(
            ko: "--root {shown}: 폴더도 일반 파일도 아닙니다. 폴더나 capture로 만든 파일을 지정하십시오.",
            en: "--root {shown}: neither a directory nor a regular file. Name a directory, or a file made by capture."
        ));
    }
    let mut json = String::new();
    std::fs::File::open(root)
        .and_then(|file| file.take(MAX_RECORDING_BYTES as u64 + 1).read_to_string(&mut json))
        .map_err(|error| unreadable(root, &error))?;
    match Recording::from_json(&json) {
        Ok(recording) => Ok(Box::new(Recorded(recording))),
        Err(exercises::BadRecording(Text { ko, en })) => Err(text!(
            ko: "--root {shown}: {ko} 폴더나 capture로 만든 파일을 지정하십시오.",
            en: "--root {shown}: {en} Name a directory, or a file made by capture."
        )),
    }
}

fn unreadable(root: &Path, error: &std::io::Error) -> Text {
    let shown = root.display();
    text!(
        ko: "--root {shown}: 열 수 없습니다({error}). 있는 폴더나 capture로 만든 파일을 지정하십시오.",
        en: "--root {shown}: cannot be opened ({error}). Name a directory that exists, or a file made by capture."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_a_directory_a_capture_or_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("proc")).unwrap();
        std::fs::write(dir.path().join("proc/loadavg"), "directory").unwrap();
        let mut recording = Recording::new(Source::Live, exercises::Facts::default());
        let content = exercises::Content::Text("capture".into());
        let files = [("/proc/loadavg".to_owned(), content)].into();
        recording.frames.push(exercises::Frame { t_ns: 0, avenrun: None, files });
        std::fs::write(dir.path().join("capture.json"), recording.to_json()).unwrap();
        std::fs::write(dir.path().join("broken.json"), "{\"format_version\": 1").unwrap();
        std::fs::write(dir.path().join("binary"), [0xff, 0xfe]).unwrap();
        for (name, want) in [
            ("", Some("directory")),
            ("capture.json", Some("capture")),
            ("broken.json", None),
            ("binary", None),
            ("missing", None),
        ] {
            let got = open(Some(&dir.path().join(name))).map(|machine| machine.read("/proc/loadavg").unwrap());
            assert_eq!(got.as_deref().ok(), want, "{name:?}: {got:?}");
        }
        let refused = open(Some(Path::new("/dev/null"))).err().unwrap();
        assert!(refused.en.contains("/dev/null"), "{refused:?}");
    }

    #[test]
    fn without_a_kernel_no_exercise_can_be_checked() {
        for exercise in exercises::catalogue() {
            let evidence = exercises::Evidence { prediction: None, now: &NoKernel, run: None };
            let judgement = exercises::judge(exercise, &evidence);
            assert_eq!(judgement.verdict, exercises::Verdict::CannotCheck, "{judgement:?}");
            let Text { ko, en } = &judgement.reason;
            assert!(ko.contains(&*NO_KERNEL.ko) && en.contains(&*NO_KERNEL.en), "{judgement:?}");
        }
    }
}
