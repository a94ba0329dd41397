//! The machine of a reader who has no Linux at hand.

use exercises::parse::{self, LoadAvg, Stat};
use exercises::{Evidence, Exercise, Host, Judgement, Kind, Pick, Recording, judge_with};
use sim_core::{SECOND, Text, text};

use crate::simulators;

/// A simulated machine and what was recorded on it.
pub struct Simulation {
    host: Host,
    rest: Recording,
    run: Option<Recording>,
}

/// What `vmstat` and `uptime` would have shown over a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Second {
    /// Since the load began; negative before, s.
    pub t_s: i64,
    /// Tasks on run queues, without the one that looks (`r`).
    pub running: u64,
    /// Tasks that wait for a disk (`b`).
    pub blocked: u64,
    /// Share of the CPUs' time at work, %.
    pub busy_pct: f64,
    /// The 1-minute average, in hundredths.
    pub load: u64,
}

impl Simulation {
    /// The machine of that number. Number 0 is the one the book talks of; others have another
    /// history and other CPUs, so that a figure seen once is of no use on the next.
    ///
    /// # Errors
    /// Why there is no such machine.
    pub fn new(exercise: &Exercise, number: u64) -> Result<Simulation, Text> {
        let host = host(number);
        if let Some(machine) = exercise.machine.as_ref().filter(|_| exercise.workload.is_none()) {
            return Ok(Simulation { host, rest: machine.recording(), run: None });
        }
        let rest = host.rest()?;
        let run = exercise.workload.is_some().then(|| host.run(exercise)).transpose()?;
        Ok(Simulation { host, rest, run })
    }

    /// What machine it is, in a sentence.
    pub fn describe(&self) -> Text {
        if self.rest.recorded_on == exercises::Source::Recorded {
            return Text::fixed("기록된 컴퓨터", "A recorded machine");
        }
        let Host { kernel, hz, cpus, .. } = &self.host;
        let s = if *cpus == 1 { "" } else { "s" };
        text!(
            ko: "시뮬레이션한 컴퓨터: 커널 {kernel}, CPU {cpus}개, HZ {hz}",
            en: "A simulated machine: kernel {kernel}, {cpus} CPU{s}, HZ {hz}"
        )
    }

    /// Judges what the reader committed to.
    pub fn judge(&self, exercise: &Exercise, prediction: Option<&str>) -> Option<Judgement> {
        let now = self.run.as_ref().unwrap_or(&self.rest).last()?;
        let models = |name: &str| simulators::Kind::find(name).map(|kind| kind.entry);
        Some(judge_with(models, exercise, &Evidence { prediction, now: &now, run: self.run.as_ref() }))
    }

    /// The files of the exercise on the machine at rest: what can be looked at beforehand.
    pub fn before(&self, exercise: &Exercise) -> Vec<Sight> {
        let Some(machine) = self.run.as_ref().unwrap_or(&self.rest).at(0) else { return Vec::new() };
        let read = |path: &str| exercises::Machine::read(&machine, path).ok();
        let paths = exercise.reads().into_iter().flat_map(|path| exercises::expand(&machine, &path));
        let files = paths.filter_map(|path| Some((path.clone(), read(&path)?)));
        telling(files.collect())
    }

    /// The machine second by second while the workload runs, a few rows of it.
    pub fn seconds(&self) -> Vec<Second> {
        let Some(run) = &self.run else { return Vec::new() };
        let Some(ran) = &run.ran else { return Vec::new() };
        let mut rows = Vec::new();
        for i in 1..run.frames.len() {
            let (Some(before), Some(now)) = (run.at(i - 1), run.at(i)) else { continue };
            let (Ok(earlier), Ok(stat)) = (parse::read::<Stat>(&before), parse::read::<Stat>(&now)) else { continue };
            let Ok(load) = parse::read::<LoadAvg>(&now) else { continue };
            rows.push(Second {
                t_s: (run.frames[i].t_ns as i64 - ran.from_ns as i64) / SECOND as i64,
                running: stat.procs_running.saturating_sub(1),
                blocked: stat.procs_blocked,
                busy_pct: stat.busy_pct_since(&earlier).unwrap_or(0.0),
                load: load.hundredths[0],
            });
        }
        // A load on a disk or on memory does not show in run queues, nor in what is averaged of them.
        let calm = |row: &Second| row.running == 0 && row.blocked == 0 && row.load <= rows[0].load;
        if rows.iter().all(calm) {
            return Vec::new();
        }
        // As many rows as fit a phone: the first, the last, and those evenly between.
        let every = rows.len().div_ceil(ROWS).max(1);
        rows.into_iter().step_by(every).collect()
    }
}

/// Most rows of [`Simulation::seconds`].
const ROWS: usize = 12;

/// Whether what happens during the workload may be seen before the reader has committed: where it
/// is the evidence, not the answer.
pub fn evidence_first(exercise: &Exercise) -> bool {
    matches!(exercise.kind, Kind::Diagnose)
}

/// The number of the first machine: the book's own, but any where a load is picked in secret.
pub fn first_machine(exercise: &Exercise, chance: u64) -> u64 {
    let secret = exercise.workload.as_ref().is_some_and(|workload| workload.pick == Pick::OneInSecret);
    if secret { 1 + chance } else { 0 }
}

fn host(number: u64) -> Host {
    if number == 0 {
        return Host::default();
    }
    // Spread, so that neighbouring numbers differ in everything.
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let one = 60 + mixed % 1900;
    let five = one / 2 + (mixed >> 11) % 400;
    Host {
        cpus: [1, 2, 4, 8][(mixed >> 7) as usize % 4],
        avenrun: [one, five, five / 2 + 40],
        seed: number + 1,
        ..Host::default()
    }
}

/// A file beside a question, or several that are alike: how to show it in a terminal, and what is seen.
#[derive(Debug, PartialEq)]
pub struct Sight {
    /// The command, or a note of what was asked where no command shows it.
    pub command: Text,
    /// What it shows.
    pub text: String,
}

/// Files of one value that are alike are shown together from this many on.
const ALIKE: usize = 3;
/// Lines of a file that are shown; longer ones are live tables of sockets and processes.
const LINES: usize = 400;

/// The files that say something beside a question.
pub fn telling(mut files: Vec<(String, String)>) -> Vec<Sight> {
    // The counters of /proc/stat mean nothing by themselves, and the size of a page is in every head; the
    // judge needs both, the reader not.
    let aside = |path: &str| matches!(path, "/proc/stat" | "@page_size");
    if files.iter().any(|(path, _)| !aside(path)) {
        files.retain(|(path, _)| !aside(path));
    }
    files.sort_by_cached_key(|(path, _)| in_order(path));
    files.dedup_by(|a, b| a.0 == b.0);
    let alike = |a: &(String, String), b: &(String, String)| one_line(a) && one_line(b) && shape(&a.0) == shape(&b.0);
    files
        .chunk_by(alike)
        .flat_map(|group| if group.len() < ALIKE { each(group) } else { vec![together(group)] })
        .collect()
}

fn one_line((_, text): &(String, String)) -> bool {
    text.trim_end().lines().count() <= 1
}

/// A path with its numbers taken out.
fn shape(path: &str) -> Vec<&str> {
    path.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty()).collect()
}

/// Orders `cpu2` before `cpu10`.
fn in_order(path: &str) -> (String, Vec<u64>) {
    let numbers = path.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    (shape(path).join("0"), numbers.collect())
}

fn each(files: &[(String, String)]) -> Vec<Sight> {
    files.iter().map(|(path, text)| Sight { command: command(path), text: excerpt(path, text) }).collect()
}

fn command(path: &str) -> Text {
    match path.strip_prefix('@') {
        Some(name) => text!(ko: "# 커널에 물은 것: {name}", en: "# asked of the kernel: {name}"),
        None => Text::verbatim(format!("$ cat {path}")),
    }
}

/// As `grep` shows the lines of several files: each behind its name.
fn together(files: &[(String, String)]) -> Sight {
    let rows: Vec<_> = files.iter().map(|(path, text)| format!("{path}:{}", text.trim_end())).collect();
    // Where the paths differ stands a star.
    let parts = |path: &str| in_order(path).1;
    let first = parts(&files[0].0);
    let varies = |i: usize| files.iter().any(|(path, _)| parts(path).get(i) != first.get(i));
    let mut pattern = String::new();
    for (i, part) in shape(&files[0].0).iter().enumerate() {
        pattern.push_str(part);
        match first.get(i) {
            Some(_) if varies(i) => pattern.push('*'),
            Some(number) => pattern.push_str(&number.to_string()),
            None => {}
        }
    }
    let command =
        if pattern.starts_with('@') { command(&pattern) } else { Text::verbatim(format!("$ grep . {pattern}")) };
    Sight { command, text: rows.join("\n") }
}

fn excerpt(path: &str, text: &str) -> String {
    let lines: Vec<&str> = match path {
        "/proc/stat" => text.lines().filter(|line| line.starts_with("procs_")).collect(),
        _ => text.lines().collect(),
    };
    let mut kept = lines[..lines.len().min(LINES)].join("\n");
    if lines.len() > LINES {
        kept.push_str("\n…");
    }
    kept
}

#[cfg(test)]
mod tests {
    use exercises::{Verdict, find};

    use super::*;

    #[test]
    fn the_first_machine_is_the_books_own_unless_there_is_a_secret() {
        for exercise in exercises::catalogue() {
            let secret = exercise.workload.as_ref().is_some_and(|workload| workload.pick == Pick::OneInSecret);
            assert_eq!(first_machine(exercise, 41), if secret { 42 } else { 0 }, "{}", exercise.id);
        }
    }

    #[test]
    fn every_exercise_can_be_done_on_every_simulated_machine() {
        for exercise in exercises::catalogue() {
            for number in [0, 1, 2, 3, 99] {
                let simulation = Simulation::new(exercise, number).expect("a machine");
                let judgement = simulation.judge(exercise, None).expect("a judgement");
                if exercise.machine.is_none() && !exercises::shown(exercise) {
                    // What no model shows is not judged, and says that it takes Linux.
                    let told = judgement.next.as_ref().is_some_and(|next| next.en.contains("on a Linux machine"));
                    let waits = judgement.verdict == Verdict::Fail;
                    assert!(waits || judgement.verdict == Verdict::CannotCheck && told, "{}", exercise.id);
                    continue;
                }
                assert_eq!(judgement.verdict, Verdict::Fail, "{} on machine {number}: {judgement:?}", exercise.id);
                assert!(!simulation.before(exercise).is_empty(), "{}: nothing to look at", exercise.id);
                let seconds = simulation.seconds();
                // The table is of the run queue: of a load that is on no queue there is none.
                let queued = [
                    "uninterruptible",
                    "fourth-field",
                    "load-after-a-minute",
                    "time-to-calm",
                    "load-from-sleepers",
                    "vmstat-r-and-b",
                    "cpu-or-io",
                    "pressure-stall",
                ];
                assert_eq!(!seconds.is_empty(), queued.contains(&exercise.slug()), "{}", exercise.id);
                assert!(seconds.len() <= ROWS, "{}: {}", exercise.id, seconds.len());
            }
        }
    }

    #[test]
    fn another_machine_gives_another_figure() {
        let exercise = find("ch03-load-average/load-after-a-minute").expect("the first exercise");
        let measured = |number| {
            let judgement = Simulation::new(exercise, number).expect("a machine").judge(exercise, Some("0.67"));
            judgement.expect("a judgement").columns[0].measured.clone().expect("a figure").en
        };
        assert_eq!(measured(0), "0.67");
        let others: Vec<_> = (1..6).map(measured).collect();
        assert!(others.iter().all(|other| *other != "0.67"), "{others:?}");
    }

    #[test]
    fn a_file_is_quoted_as_far_as_it_matters() {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let stat = file("/proc/stat", "cpu  1 2 3 4\ncpu0 1 2 3 4\nintr 9 9 9\nprocs_running 1\nprocs_blocked 0\n");
        let load = file("/proc/loadavg", "0.00 0.01 0.05 1/90 7\n");
        let long = file("/proc/zoneinfo", &"a line\n".repeat(LINES + 1));
        let core =
            |cpu: u32, id: u32| file(&format!("/sys/devices/system/cpu/cpu{cpu}/topology/core_id"), &format!("{id}\n"));
        for (files, want) in [
            (vec![stat.clone()], vec![("$ cat /proc/stat", "procs_running 1\nprocs_blocked 0")]),
            (
                vec![stat.clone(), load.clone(), file("@page_size", "4096\n"), load.clone()],
                vec![("$ cat /proc/loadavg", "0.00 0.01 0.05 1/90 7")],
            ),
            (
                vec![core(10, 5), core(2, 1), core(0, 0)],
                vec![(
                    "$ grep . /sys/devices/system/cpu/cpu*/topology/core_id",
                    "/sys/devices/system/cpu/cpu0/topology/core_id:0\n/sys/devices/system/cpu/cpu2/topology/core_id:1\n\
                     /sys/devices/system/cpu/cpu10/topology/core_id:5",
                )],
            ),
            (
                vec![file("@nic/eno1/ring", "rx 256\ntx 256\n")],
                vec![("# asked of the kernel: nic/eno1/ring", "rx 256\ntx 256")],
            ),
        ] {
            let sights = telling(files);
            let shown: Vec<_> = sights.iter().map(|sight| (&*sight.command.en, &*sight.text)).collect();
            assert_eq!(shown, want);
        }
        let sights = telling(vec![long]);
        assert!(sights[0].text.ends_with("a line\n…") && sights[0].text.lines().count() == LINES + 1);
    }
}
