//! The simulated machine a question is about: another one for each seed.

use exercises::{Content, Exercise, FixtureMachine, Frame, Host, Kind, Recording};
use sim_core::{Text, text};

/// Most lines of a file that are shown.
const LINES: usize = 8;

/// What a reader sees of it before answering.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What machine it is.
    pub head: Text,
    /// Its files.
    pub files: Vec<(String, String)>,
}

/// Whether an exercise can be asked about a simulated machine: its own fixture is solved on one.
pub fn can_be_asked(exercise: &Exercise) -> bool {
    let simulated = |machine: &FixtureMachine| matches!(machine, FixtureMachine::Simulated(_));
    exercise.kind != Kind::Act
        && exercise.fixtures.iter().any(|fixture| {
            fixture.name == "solved" && simulated(&fixture.machine) && fixture.run.as_ref().is_none_or(simulated)
        })
}

/// The machine of a seed: kernel, CPUs and what it did before differ.
fn host(seed: u32) -> Host {
    let pick = |shift: u32, of: u32| (seed >> shift) % of;
    let load = [0, 215, 900, 2048, 3100][pick(4, 5) as usize];
    Host {
        cpus: [1, 2, 4, 8][pick(0, 4) as usize],
        kernel: ["6.1", "6.6", "6.12", "5.15"][pick(8, 4) as usize].to_owned(),
        avenrun: [load, load * 3 / 4, load / 2],
        seed: u64::from(seed) | 1,
        ..Host::default()
    }
}

/// The machine now, and what was recorded while the exercise's workload ran on it.
///
/// # Errors
/// There is no such machine.
pub fn recorded(exercise: &Exercise, seed: u32) -> Result<(Recording, Option<Recording>), Text> {
    let host = host(seed);
    let run = exercise.workload.is_some().then(|| host.run(exercise)).transpose()?;
    Ok((host.rest()?, run))
}

/// What is told before the answer: for a prediction the machine before the load, otherwise also in
/// the midst of it.
///
/// # Errors
/// There is no such machine.
pub fn shown(exercise: &Exercise, seed: u32) -> Result<Shown, Text> {
    let host = host(seed);
    let (now, run) = recorded(exercise, seed)?;
    let (kernel, cpus) = (&host.kernel, host.cpus);
    let frames: Vec<(&str, &Frame)> = match &run {
        Some(run) => {
            let (from, until) = run.ran.as_ref().map_or((0, 0), |ran| (ran.from_ns, ran.until_ns));
            let last_by = |t| run.frames.iter().rev().find(|frame| frame.t_ns <= t);
            let before = last_by(from).or(run.frames.first());
            // What a prediction is about is not shown before it is made.
            let during = last_by(from.midpoint(until)).filter(|_| exercise.kind != Kind::Predict);
            let mark = if during.is_some() { "(1) " } else { "" };
            before.map(|frame| (mark, frame)).into_iter().chain(during.map(|frame| ("(2) ", frame))).collect()
        }
        None => now.frames.first().map(|frame| ("", frame)).into_iter().collect(),
    };
    let reads = exercise.reads();
    let mut files = Vec::new();
    for (mark, frame) in frames {
        for (path, content) in &frame.files {
            if let (Content::Text(text), true) = (content, reads.contains(path)) {
                let short: Vec<_> = text.lines().take(LINES).collect();
                files.push((format!("{mark}{path}"), short.join("\n")));
            }
        }
    }
    let head = if files.iter().any(|(path, _)| path.starts_with("(2)")) {
        text!(
            ko: "시뮬레이션한 컴퓨터: 커널 {kernel}, CPU {cpus}개. (1) 부하 전, (2) 부하 중",
            en: "A simulated machine: kernel {kernel}, {cpus} CPU(s). (1) before the load, (2) during it"
        )
    } else {
        text!(
            ko: "시뮬레이션한 컴퓨터: 커널 {kernel}, CPU {cpus}개. 부하가 시작하기 직전",
            en: "A simulated machine: kernel {kernel}, {cpus} CPU(s), just before the load"
        )
    };
    Ok(Shown { head, files })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_a_machine_for_every_seed() {
        let asked: Vec<_> = exercises::catalogue().iter().filter(|exercise| can_be_asked(exercise)).collect();
        assert!(!asked.is_empty());
        for exercise in asked {
            let shown: Vec<_> = (0..6u32).map(|n| shown(exercise, n.wrapping_mul(0x9E37_79B9)).unwrap()).collect();
            assert!(shown.iter().all(|shown| !shown.files.is_empty()), "{}", exercise.id);
            assert!(shown.windows(2).any(|pair| pair[0].files != pair[1].files), "{}: seeds differ", exercise.id);
        }
    }
}
