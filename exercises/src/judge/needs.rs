//! What a machine lacks for an exercise to be checked on it.

use sim_core::{KernelVersion, Text, text};

use super::Stop;
use super::scene::Scene;
use crate::expression::Given;
use crate::parse::{self, Fields};
use crate::quantity::{self, Lack};
use crate::{Exercise, Machine, Needs, ReadError, Verdict};

/// Stops where the machine cannot show what the exercise is about. Everything is found out by trying.
pub fn lacks(exercise: &Exercise, machine: &dyn Machine) -> Result<(), Stop> {
    match all(exercise, machine).into_iter().next() {
        Some((verdict, reason)) => Err(Stop::new(verdict, reason).then(instead(exercise))),
        None => Ok(()),
    }
}

/// Everything a machine lacks: the verdict it leads to, and why. What the exercise says about a lack is
/// said with the first of them.
pub fn all(exercise: &Exercise, machine: &dyn Machine) -> Vec<(Verdict, Text)> {
    let mut lacks = Vec::new();
    let needs = &exercise.needs;
    lacks.extend(files(exercise, machine));
    if lacks.is_empty() {
        lacks.extend(quantities(exercise, machine));
    }
    lacks.extend(kernel(needs, machine));
    lacks.extend(root(needs, machine));
    lacks.extend(hardware(needs, machine));
    lacks.extend(needs.tools.iter().filter_map(|tool| {
        let lack = quantity::find(&format!("tool[{tool}]"), machine).err()?;
        // A machine that was recorded without a word about programs is looked at all the same.
        (machine.source() == crate::Source::Live).then(|| (lack.verdict(), lack.text()))
    }));
    lacks
}

/// Where else the exercise can be done.
pub fn instead(exercise: &Exercise) -> Text {
    let id = &exercise.id;
    match exercise.machine.as_ref().map(|machine| &machine.name) {
        Some(name) => text!(
            ko: "`live-probe show {id} --machine {name}`으로 기록된 컴퓨터에서 살펴보고, `live-probe check {id} --machine {name}`으로 확인하십시오. 책에서도 그 컴퓨터로 할 수 있습니다.",
            en: "Look at a recorded machine instead with `live-probe show {id} --machine {name}`, and check with `live-probe check {id} --machine {name}`. The book has it too."
        ),
        None => Text::fixed(
            "책에서 이 연습 문제를 열면 시뮬레이션한 컴퓨터로 할 수 있습니다.",
            "Open this exercise in the book: there a simulated machine can show it.",
        ),
    }
}

/// A lack with what the exercise says about it.
fn because(needs: &Needs, what: Text) -> Text {
    let Text { ko, en } = what;
    match &needs.otherwise {
        Some(Text { ko: more_ko, en: more_en }) => text!(ko: "{ko} {more_ko}", en: "{en} {more_en}"),
        None => Text { ko, en },
    }
}

/// Files that must be readable: those the exercise names, and those an older rule reads.
fn files(exercise: &Exercise, machine: &dyn Machine) -> Option<(Verdict, Text)> {
    let mut paths: Vec<&str> = exercise.needs.files.iter().map(String::as_str).collect();
    paths.extend(exercise.check.reads());
    paths.iter().find_map(|path| {
        let error = machine.read(path).err()?;
        Some(match &error {
            // Who refuses to look has said why.
            ReadError::Refused(_) => (error.verdict(), error.text(path)),
            // The operating system's own refusal (psi=0 gives one) is a lack too.
            ReadError::Other(_) => (Verdict::CannotCheck, because(&exercise.needs, error.text(path))),
            _ => (error.verdict(), because(&exercise.needs, error.text(path))),
        })
    })
}

/// Quantities that must be there: all that the rule asks for by name.
fn quantities(exercise: &Exercise, machine: &dyn Machine) -> Option<(Verdict, Text)> {
    exercise.check.required().into_iter().find_map(|name| {
        let lack = quantity::find(name, machine).err()?;
        let said = match &lack {
            Lack::File(parse::Unreadable::Read { error: ReadError::Refused(_), .. }) => lack.text(),
            _ if lack.verdict() == Verdict::Error => lack.text(),
            _ => because(&exercise.needs, lack.text()),
        };
        Some((lack.verdict(), said))
    })
}

fn kernel(needs: &Needs, machine: &dyn Machine) -> Option<(Verdict, Text)> {
    let release = machine.read("/proc/sys/kernel/osrelease").ok()?;
    let kernel: KernelVersion = release.trim().parse().ok()?;
    let version = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<KernelVersion>().ok());
    if let Some(oldest) = version(&needs.kernel).filter(|oldest| kernel < *oldest) {
        let said = text!(
            ko: "커널 {oldest} 이상이 필요한데 이 컴퓨터의 커널은 {kernel}입니다.",
            en: "It takes kernel {oldest} or later; this machine runs {kernel}."
        );
        return Some((Verdict::CannotCheck, because(needs, said)));
    }
    let first = version(&needs.kernel_before).filter(|first| kernel >= *first)?;
    let said = text!(
        ko: "커널 {first}보다 오래된 것이 필요한데 이 컴퓨터의 커널은 {kernel}입니다.",
        en: "It takes a kernel before {first}; this machine runs {kernel}."
    );
    Some((Verdict::CannotCheck, because(needs, said)))
}

/// Whether who looks is root, as the machine itself says; a machine that does not say is believed.
fn root(needs: &Needs, machine: &dyn Machine) -> Option<(Verdict, Text)> {
    const PATH: &str = "/proc/self/status";
    if !needs.root {
        return None;
    }
    let status = Fields::colon(PATH, &machine.read(PATH).ok()?).ok()?;
    let id = status.word("Uid")?.split_ascii_whitespace().nth(1)?.to_owned();
    (id != "0").then(|| {
        let said = Text::fixed(
            "root 권한이 필요합니다. `sudo live-probe`로 다시 하십시오.",
            "It needs root: try again with `sudo live-probe`.",
        );
        (Verdict::Denied, because(needs, said))
    })
}

fn hardware(needs: &Needs, machine: &dyn Machine) -> Vec<(Verdict, Text)> {
    let mut lacks = Vec::new();
    let mut cannot = |said: Text| lacks.push((Verdict::CannotCheck, because(needs, said)));
    if let Some(wanted) = needs.nodes {
        match quantity::find("numa.nodes", machine).map(|nodes| nodes.as_number().unwrap_or(0.0)) {
            Ok(nodes) if nodes >= f64::from(wanted) => {}
            Ok(nodes) => cannot(text!(
                ko: "NUMA 노드가 {wanted}개 이상 필요한데 이 컴퓨터에는 {nodes}개 있습니다.",
                en: "It takes {wanted} NUMA nodes or more; this machine has {nodes}."
            )),
            Err(lack) => cannot(lack.text()),
        }
    }
    if needs.outside_container
        && let Some(engine) = parse::container(machine)
    {
        cannot(text!(
            ko: "컨테이너({engine}) 안에서는 확인할 수 없습니다. 호스트에서 하십시오.",
            en: "It cannot be checked inside a container ({engine}); do it on the host."
        ));
    }
    if needs.rotating_disk
        && let Err(lack) = quantity::find("disk[rotating].name", machine)
    {
        cannot(lack.text());
    }
    let given = Given::new();
    for condition in &needs.that {
        match Scene::now(machine, &given).holds(&condition.holds) {
            Ok(true) => {}
            Ok(false) => cannot(condition.says.clone()),
            Err(trouble) => {
                let stop = Stop::from(trouble);
                lacks.push((stop.verdict, because(needs, stop.reason)));
                break;
            }
        }
    }
    lacks
}
