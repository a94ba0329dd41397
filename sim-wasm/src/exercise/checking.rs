//! Where it is checked, and what can be looked at there.

use std::rc::Rc;

use exercises::Judgement;
use sim_core::{Json, Text, decimal, text};
use yew::html::Scope;
use yew::{Html, html};

use super::live_run::{self, Event};
use super::memory::Place;
use super::simulated::{Second, Sight, Simulation, evidence_first, telling};
use super::state::{Msg, State};
use super::{Widget, button, command, prose, words};
use crate::live::{Probe, not_understood};
use crate::page;

/// Asks whether a probe serves the page, and what it may do.
pub fn connect(link: &Scope<Widget>) {
    let link = link.clone();
    page::spawn(async move {
        if let Some(probe) = Probe::connect().await {
            let health = probe.health().await.unwrap_or_default();
            link.send_message(Msg::Found(probe, health["workloads"].as_bool() == Some(true)));
        }
    });
}

/// Asks what the machine is.
pub fn ask_facts(probe: &Probe, link: &Scope<Widget>) {
    let (probe, link) = (probe.clone(), link.clone());
    page::spawn(async move { link.send_message(Msg::Facts(probe.facts().await)) });
}

/// Asks what the terminal knows of an exercise. Without an answer the page goes on with its own.
pub fn ask_progress(probe: &Probe, exercise: &str, link: &Scope<Widget>) {
    let (probe, exercise, link) = (probe.clone(), Rc::<str>::from(exercise), link.clone());
    page::spawn(async move {
        if let Ok(known) = probe.progress(&exercise, None).await {
            link.send_message(Msg::Known(known));
        }
    });
}

/// Tells the terminal what the page knows.
pub fn tell_progress(probe: &Probe, exercise: &str, told: Json) {
    let (probe, exercise) = (probe.clone(), Rc::<str>::from(exercise));
    page::spawn(async move {
        // A probe that has stopped is told so where it matters: when it is asked to judge.
        let _ = probe.progress(&exercise, Some(told)).await;
    });
}

/// Asks the probe for its judgement.
pub fn ask_probe(probe: &Probe, exercise: &str, prediction: Option<String>, link: &Scope<Widget>) {
    let (probe, exercise, link) = (probe.clone(), Rc::<str>::from(exercise), link.clone());
    page::spawn(async move {
        let answer = probe.judge(&exercise, prediction.as_deref()).await;
        link.send_message(Msg::Judged(answer.and_then(|json| read_judgement(&json))));
    });
}

fn read_judgement(json: &str) -> Result<Box<Judgement>, Text> {
    exercises::page::read(json).map(Box::new).ok_or_else(not_understood)
}

/// What can be looked at before committing: the files as they are now.
pub fn before(state: &State) -> Html {
    let (name, files) = match (state.place(), &state.simulation, &state.facts) {
        (Place::Live, _, Some(facts)) => {
            let reads = state.exercise.reads();
            let known = facts.files.iter().filter(|(path, _)| reads.contains(path));
            let files = telling(known.cloned().collect());
            let (kernel, cpus) = (&facts.kernel, facts.cpus);
            let s = if cpus == 1 { "" } else { "s" };
            (
                text!(ko: "이 컴퓨터: 커널 {kernel}, CPU {cpus}개", en: "This machine: kernel {kernel}, {cpus} CPU{s}"),
                files,
            )
        }
        (Place::Simulated, Ok(simulation), _) => (simulation.describe(), simulation.before(&state.exercise)),
        _ => return Html::default(),
    };
    let file = |Sight { command, text }: &Sight| {
        html! {
            <pre class="exercise-file" tabindex="0"><code><span class="exercise-prompt">{state.say(command)}</span>{"\n"}{text}</code></pre>
        }
    };
    html! {
        <details class="exercise-before" open={state.memory.prediction.is_none()}>
            <summary>{state.say(&words::BEFORE)}</summary>
            <p>{state.say(&name)}</p>
            {for files.iter().map(file)}
            if evidence_first(&state.exercise) && state.place() == Place::Simulated {
                {state.simulation.as_ref().map_or_else(|_| Html::default(), |simulation| seconds(state, simulation))}
            }
            if state.memory.prediction.is_none() { {notice(state)} }
        </details>
    }
}

/// Draws the choice of a machine and the button that reveals.
pub fn view(state: &State, link: &Scope<Widget>) -> Html {
    let place = state.place();
    let option = |this: Place, label: &Text| {
        let id = state.id(if this == Place::Live { "place-live" } else { "place-simulated" });
        html! {
            <div class="exercise-choice">
                <input id={id.clone()} type="radio" name={state.id("place")} checked={place == this}
                    disabled={state.run.is_some() || state.working} onchange={link.callback(move |_| Msg::Place(this))} />
                <label for={id}>{state.say(label)}</label>
            </div>
        }
    };
    html! {
        <div class="exercise-check" id={state.id("check")} tabindex="-1">
            <fieldset>
                <legend>{state.say(&words::WHERE)}</legend>
                {option(Place::Live, &words::LIVE)}
                {option(Place::Simulated, &words::SIMULATED)}
            </fieldset>
            if place == Place::Live { {live(state, link)} } else { {simulated(state, link)} }
            {notice(state)}
        </div>
    }
}

fn notice(state: &State) -> Html {
    let notice = if state.working { Some(&words::WORKING) } else { state.notice.as_ref() };
    html! { <p class="exercise-notice" role="status">{notice.map(|notice| prose::line(state.say(notice)))}</p> }
}

fn live(state: &State, link: &Scope<Widget>) -> Html {
    if state.probe.is_none() {
        return html! {<>
            <p>{state.say(&words::NO_PROBE)}</p>
            {command("live-probe serve".to_owned())}
            <p>{state.say(&words::NO_LINUX)}</p>
        </>};
    }
    if let Some(run) = &state.run {
        return live_run::view(state, run, link);
    }
    let check = |label| button("check", state.say(label), link.callback(|_| Msg::Check));
    let label = if state.outcome.is_some() { &words::CHECK_AGAIN } else { &words::CHECK };
    let Some(workload) = &state.exercise.workload else { return check(label) };
    let cpus = state.facts.as_ref().map_or(1, |facts| u32::try_from(facts.cpus).unwrap_or(1));
    html! {<>
        if state.allowed {
            <p>{live_run::plan(workload, cpus, state.lang)}</p>
            {button("run", state.say(&words::RUN_HERE), link.callback(|_| Msg::Run(Event::Start)))}
        } else {
            <p>{state.say(&words::RUN_IN_TERMINAL)}</p>
            {command(format!("live-probe run {}", state.exercise.id))}
        }
        {check(label)}
    </>}
}

fn simulated(state: &State, link: &Scope<Widget>) -> Html {
    // The same answer on the same simulated machine is judged the same way.
    if state.outcome.is_some() {
        return Html::default();
    }
    let label = if state.exercise.workload.is_some() { &words::RUN_SIMULATED } else { &words::CHECK };
    html! {<>
        if state.probe.is_none() {
            <p class="exercise-muted">{state.say(&words::NO_LINUX)}</p>
        }
        <button type="button" class="exercise-button exercise-primary" data-act="check"
            onclick={link.callback(|_| Msg::Check)}>{state.say(label)}</button>
    </>}
}

/// The machine while the workload runs, as `vmstat` would show it.
pub fn seconds(state: &State, simulation: &Simulation) -> Html {
    let rows = simulation.seconds();
    if rows.is_empty() {
        return Html::default();
    }
    let row = |second: &Second| {
        html! {
            <tr>
                <th scope="row">{second.t_s}</th><td>{second.running}</td><td>{second.blocked}</td>
                <td>{decimal::fixed(second.busy_pct, 0)}</td>
                <td>{format!("{}.{:02}", second.load / 100, second.load % 100)}</td>
            </tr>
        }
    };
    html! {
        <table class="exercise-seconds">
            <caption>{state.say(&words::SECONDS)}</caption>
            <thead><tr>
                <th scope="col">{state.say(&words::SECOND)}</th><th scope="col">{"r"}</th><th scope="col">{"b"}</th>
                <th scope="col">{state.say(&words::BUSY)}</th><th scope="col">{state.say(&words::LOAD_NOW)}</th>
            </tr></thead>
            <tbody>{for rows.iter().map(row)}</tbody>
        </table>
    }
}
