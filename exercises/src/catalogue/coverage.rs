//! Where each exercise can be checked: the table of `COVERAGE.md`.

use std::fmt::Write as _;

use super::catalogue;
use crate::judge::shown;
use crate::{Exercise, Scenario};

/// The table as Markdown, in the order of the chapters.
pub fn table() -> String {
    let mut table = String::from(
        "| exercise | kind | on a live machine | on a recorded one | on a simulated one | the model behind it |\n\
         |---|---|---|---|---|---|\n",
    );
    for exercise in catalogue() {
        let Exercise { id, kind, machine, scenario, .. } = exercise;
        let recorded = machine.as_ref().map_or("–".to_owned(), |machine| format!("`{}`", machine.name));
        // The page shows an exercise on its recorded machine where it has one.
        let simulated = if machine.is_none() && shown(exercise) { "yes" } else { "–" };
        let model = scenario.as_ref().map_or("–".to_owned(), model);
        let kind = kind.text().en;
        let live = live(exercise);
        let _ = writeln!(table, "| `{id}` | {kind} | {live} | {recorded} | {simulated} | {model} |");
    }
    let all = catalogue().len();
    let count = |is: fn(&Exercise) -> bool| catalogue().iter().filter(|exercise| is(exercise)).count();
    let root = count(|exercise| exercise.needs.root);
    let recorded = count(|exercise| exercise.machine.is_some());
    let simulated = count(|exercise| exercise.machine.is_none() && shown(exercise));
    let only = count(|exercise| exercise.machine.is_none() && !shown(exercise));
    let _ = writeln!(
        table,
        "\n{all} exercises: {root} want root on a live machine; {recorded} can be done on a recorded machine, \
         {simulated} more on a simulated one; {only} take a Linux machine."
    );
    table
}

fn model(scenario: &Scenario) -> String {
    match scenario {
        Scenario { preset: Some(preset), .. } => format!("`{} {preset}`", scenario.model),
        _ => format!("`{}`", scenario.model),
    }
}

/// What it takes there.
fn live(exercise: &Exercise) -> String {
    let needs = &exercise.needs;
    let mut takes = vec![if needs.root { "as root" } else { "any user" }.to_owned()];
    takes.extend(needs.kernel.as_ref().map(|kernel| format!("kernel {kernel} or later")));
    takes.extend(needs.kernel_before.as_ref().map(|kernel| format!("kernel before {kernel}")));
    takes.extend(needs.nodes.map(|nodes| format!("{nodes} NUMA nodes")));
    takes.extend(needs.rotating_disk.then(|| "a disk that rotates".to_owned()));
    takes.extend(needs.outside_container.then(|| "no container".to_owned()));
    takes.extend(needs.tools.iter().map(|tool| format!("`{tool}`")));
    takes.join(", ")
}
