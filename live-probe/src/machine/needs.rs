//! Which exercises a machine opens, and why the others are closed.

use exercises::judge::{instead, lacking};
use exercises::{Exercise, Machine, Source};
use serde::Serialize;
use sim_core::Text;

use super::profile::{Profile, Psi};
use crate::workload::Plan;

/// Whether an exercise can be done on a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// Id of the exercise.
    pub exercise: String,
    /// What it is called.
    pub title: Text,
    /// Whether it can be done.
    pub open: bool,
    /// Why it cannot.
    pub why: Vec<Text>,
    /// What to know when it can.
    pub notes: Vec<Text>,
}

impl Opening {
    /// One that cannot be done, whatever it needs.
    pub fn closed(exercise: &Exercise, why: Text) -> Opening {
        let (exercise, title) = (exercise.id.clone(), exercise.title.clone());
        Opening { exercise, title, open: false, why: vec![why], notes: Vec::new() }
    }
}

/// Holds the needs of an exercise against a machine. Files are tried, not looked up.
pub fn opening(exercise: &Exercise, machine: &dyn Machine, profile: &Profile) -> Opening {
    let lacks = lacking(exercise, machine);
    // What the exercise says about a lack is said once, after all that is missing.
    let otherwise = exercise.needs.otherwise.clone().filter(|_| lacks.iter().any(|lack| lack.explained));
    let mut why: Vec<Text> = lacks.into_iter().map(|lack| lack.what).chain(otherwise).collect();
    let reads = exercise.reads();
    if why.iter().any(|text| text.en.contains("/proc/pressure/")) && profile.psi == Psi::Disabled {
        why.push(Text::fixed(
            "PSI가 꺼져 있습니다. 커널 매개변수 psi=1로 부팅하면 켜집니다.",
            "PSI is switched off; boot with the kernel parameter psi=1.",
        ));
    }
    if exercise.workload.is_some() {
        why.extend(no_workload(exercise, machine, profile));
    }
    let mut notes = Vec::new();
    if !why.is_empty() && exercise.machine.is_some() {
        notes.push(instead(exercise));
    }
    if profile.loadavg_faked.is_some() && reads.iter().any(|path| path == "/proc/loadavg") {
        notes.push(Text::fixed(
            "여기의 /proc/loadavg는 커널의 것이 아니어서, 커널이 가진 값과 다를 수 있습니다",
            "/proc/loadavg here is not the kernel's own and may differ from what the kernel keeps",
        ));
    }
    Opening { exercise: exercise.id.clone(), title: exercise.title.clone(), open: why.is_empty(), why, notes }
}

/// Why the exercise's workload cannot run here.
fn no_workload(exercise: &Exercise, machine: &dyn Machine, profile: &Profile) -> Option<Text> {
    if machine.source() != Source::Live {
        return Some(Text::fixed(
            "부하는 --root 없이 이 컴퓨터에서만 돌릴 수 있습니다",
            "its workload runs only on this machine itself, without --root",
        ));
    }
    Plan::of_exercise(exercise, profile.cpus.unwrap_or(1), 0).err()
}

#[cfg(test)]
mod tests {
    use exercises::{Check, Kind, Load, Needs, Pick, Prediction, ReadError, Workload};

    use super::*;

    struct Only(Vec<&'static str>, Source, u32);

    impl Machine for Only {
        fn read(&self, path: &str) -> Result<String, ReadError> {
            match path {
                "/proc/sys/kernel/osrelease" => Ok("6.18.44\n".into()),
                "/proc/self/status" => Ok(format!("Uid:\t{0}\t{0}\t{0}\t{0}\n", self.2)),
                _ if self.0.contains(&path) => Ok(String::new()),
                _ => Err(ReadError::NotFound),
            }
        }

        fn source(&self) -> Source {
            self.1
        }
    }

    fn exercise(needs: Needs, tasks: u32) -> Exercise {
        let words = || Text::fixed("말", "words");
        let load = Load::BusyLoops { tasks, tasks_per_cpu: 0 };
        let workload =
            Workload { seconds: 60, before_s: 6, after_s: 0, pick: Pick::All, loads: vec![load], records: Vec::new() };
        Exercise {
            format_version: 1,
            id: "ch03-load-average/x".into(),
            order: 1,
            kind: Kind::Observe,
            needs,
            title: words(),
            story: words(),
            question: words(),
            commands: Vec::new(),
            hints: Vec::new(),
            explanation: words(),
            scenario: None,
            machine: None,
            prediction: Prediction::Choice { label: words(), options: Vec::new() },
            workload: (tasks > 0).then_some(workload),
            check: Check::RunningField,
            fixtures: Vec::new(),
        }
    }

    #[test]
    fn closed_exercises_say_every_reason() {
        let all = || vec!["/proc/loadavg", "/proc/pressure/cpu"];
        let needs = |kernel: Option<&str>, files: &[&str], root| Needs {
            kernel: kernel.map(str::to_owned),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            root,
            ..Needs::default()
        };
        for (needs, tasks, files, source, euid, reasons) in [
            (needs(None, &[], false), 1, all(), Source::Live, 1000, vec![]),
            (needs(Some("4.20"), &["/proc/pressure/cpu"], true), 1, all(), Source::Live, 0, vec![]),
            (needs(Some("6.19"), &[], false), 0, all(), Source::Live, 0, vec!["6.19"]),
            (needs(None, &[], true), 0, all(), Source::Live, 1000, vec!["root"]),
            (needs(None, &["/proc/none"], false), 0, vec![], Source::Live, 0, vec!["/proc/none", "/proc/loadavg"]),
            (
                needs(None, &["/proc/pressure/cpu"], false),
                0,
                vec!["/proc/loadavg"],
                Source::Live,
                0,
                vec!["/proc/pressure/cpu", "psi=1"],
            ),
            (needs(None, &[], false), 1, all(), Source::Recorded, 0, vec!["--root"]),
            (needs(None, &[], false), 9, all(), Source::Live, 0, vec!["9"]),
        ] {
            let machine = Only(files, source, euid);
            let mut profile = Profile::of(&Only(Vec::new(), Source::Recorded, euid));
            profile.cpus = Some(2);
            profile.psi = Psi::Disabled;
            let opening = opening(&exercise(needs.clone(), tasks), &machine, &profile);
            assert_eq!(opening.why.len(), reasons.len(), "{needs:?}: {:?}", opening.why);
            assert_eq!(opening.open, reasons.is_empty());
            for (why, reason) in opening.why.iter().zip(reasons) {
                assert!(why.ko.contains(reason) && why.en.contains(reason), "{why:?}: {reason}");
            }
        }
    }
}
