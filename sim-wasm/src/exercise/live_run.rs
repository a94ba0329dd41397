//! A workload on the reader's own machine: started here, watched until its end, then judged.

use exercises::page::FromJson as _;
use exercises::{Pick, Workload};
use sim_core::load_average::calc::print_load;
use sim_core::{Json, Lang, Text, text};
use yew::html::Scope;
use yew::{Html, html};

use super::state::{Msg, Outcome, State};
use super::{Widget, button, words};
use crate::live::{Sample, Stream};
use crate::page;

/// A workload that runs.
pub struct LiveRun {
    /// The probe ends a workload whose page stops listening; dropping this is what stops.
    _stream: Stream,
    /// Whoever leaves the page need not wait for that.
    _leaving: page::Leaving,
    started: bool,
    elapsed_ms: u64,
    total_ms: u64,
    /// The 1-minute average, in 1/2048.
    load: Option<u64>,
}

/// What happens to it.
pub enum Event {
    Start,
    Started(Result<(), Text>),
    Sample(Result<Sample, Text>),
    /// What the probe says of it.
    Progress(Result<Json, Text>),
    Stop,
}

/// What the probe says of a workload.
#[derive(Debug, PartialEq)]
enum Progress {
    Runs { elapsed_ms: u64 },
    Ended,
    Stopped,
    Failed(Text),
}

fn read_progress(value: &Json, exercise: &str) -> Progress {
    let running = &value["running"];
    if running["exercise"].as_str() == Some(exercise) {
        return Progress::Runs { elapsed_ms: running["progress"]["elapsed_ms"].as_u64().unwrap_or(0) };
    }
    let last = &value["last"];
    match (last["exercise"].as_str() == Some(exercise), last["ended"].as_str()) {
        (true, Some("stopped")) => Progress::Stopped,
        (true, Some("failed")) => {
            let why = Text::from_json(&last["why"]);
            Progress::Failed(why.unwrap_or_else(|| Text::fixed("실행하지 못했습니다.", "It could not be run.")))
        }
        // The judge knows whether the recording is whole.
        _ => Progress::Ended,
    }
}

/// What will happen, before it does.
pub fn plan(workload: &Workload, cpus: u32, lang: Lang) -> String {
    let seconds = workload.total_s();
    let loads = match workload.pick {
        Pick::All => {
            let loads: Vec<_> = workload.loads.iter().map(|load| load.text(cpus).get(lang).to_owned()).collect();
            loads.join(", ")
        }
        Pick::OneInSecret => {
            Text::fixed("무엇을 실행하는지는 알려 주지 않습니다", "what runs is not told").get(lang).to_owned()
        }
    };
    let run = workload.seconds;
    let plan = text!(
        ko: "부하를 {run}초 동안 만듭니다: {loads}. 기록까지 모두 {seconds}초 걸리고, 언제든 멈출 수 있습니다. 페이지를 닫으면 부하도 멈춥니다.",
        en: "Makes load for {run} s: {loads}. With the recording it takes {seconds} s; you can stop it at any time, and it stops when you close the page."
    );
    plan.get(lang).to_owned()
}

/// Does it; whether there is something to draw.
pub fn update(state: &mut State, link: &Scope<Widget>, event: Event) -> bool {
    match event {
        Event::Start => start(state, link),
        Event::Started(Ok(())) => {
            if let Some(run) = &mut state.run {
                run.started = true;
            }
        }
        Event::Started(Err(why)) => end(state, why),
        Event::Sample(Ok(sample)) => {
            let Some(run) = &mut state.run else { return false };
            run.load = Some(sample.avenrun[0]);
            if run.started {
                ask_progress(state, link);
            }
        }
        Event::Sample(Err(why)) => end(state, why),
        Event::Progress(Err(why)) => end(state, why),
        Event::Progress(Ok(value)) => match (read_progress(&value, &state.exercise.id), &mut state.run) {
            (_, None) => return false,
            (Progress::Runs { elapsed_ms }, Some(run)) => run.elapsed_ms = elapsed_ms,
            (Progress::Ended, Some(_)) => {
                state.run = None;
                link.send_message(Msg::Check);
            }
            (Progress::Stopped, Some(_)) => {
                state.run = None;
                state.notice = Some(words::STOPPED.clone());
                state.focus = Some("check");
            }
            (Progress::Failed(why), Some(_)) => end(state, why),
        },
        Event::Stop => {
            let Some(probe) = state.probe.clone() else { return false };
            let (exercise, link) = (state.exercise.id.clone(), link.clone());
            page::spawn(async move {
                if let Err(why) = probe.stop_workload(&exercise).await {
                    link.send_message(Msg::Run(Event::Progress(Err(why))));
                }
            });
            return false;
        }
    }
    true
}

fn start(state: &mut State, link: &Scope<Widget>) {
    let Some(probe) = state.probe.clone() else { return };
    let total_ms = state.exercise.workload.as_ref().map_or(0, |workload| u64::from(workload.total_s()) * 1000);
    let samples = link.clone();
    let stream = probe.samples(1000, move |sample| samples.send_message(Msg::Run(Event::Sample(sample))));
    let (leaver, left) = (probe.clone(), state.exercise.id.clone());
    let leaving = page::Leaving::new(move || {
        let (leaver, left) = (leaver.clone(), left.clone());
        page::spawn(async move { drop(leaver.stop_workload(&left).await) });
    });
    state.run =
        Some(LiveRun { _stream: stream, _leaving: leaving, started: false, elapsed_ms: 0, total_ms, load: None });
    state.outcome = None;
    state.notice = None;
    state.focus = Some("check");
    let (exercise, link) = (state.exercise.id.clone(), link.clone());
    page::spawn(async move {
        let started = probe.start_workload(&exercise).await.map(drop);
        link.send_message(Msg::Run(Event::Started(started)));
    });
}

fn ask_progress(state: &State, link: &Scope<Widget>) {
    let Some(probe) = state.probe.clone() else { return };
    let link = link.clone();
    page::spawn(async move { link.send_message(Msg::Run(Event::Progress(probe.workload().await))) });
}

fn end(state: &mut State, why: Text) {
    if state.run.take().is_some() {
        state.outcome = Some(Outcome::Failed(why));
    }
}

/// Draws how far it is.
pub fn view(state: &State, run: &LiveRun, link: &Scope<Widget>) -> Html {
    let (elapsed, total) = (run.elapsed_ms / 1000, run.total_ms / 1000);
    let told = text!(ko: "{elapsed}초 / {total}초", en: "{elapsed} s of {total} s");
    let load = run.load.map(|raw| {
        let load = print_load(raw);
        text!(ko: "1분 평균 {load}", en: "1-minute average {load}")
    });
    html! {
        <div class="exercise-run">
            <label for={state.id("run")}>{state.say(&words::RUNNING)}</label>
            <progress id={state.id("run")} max={run.total_ms.to_string()} value={run.elapsed_ms.min(run.total_ms).to_string()} />
            <span class="exercise-figures">{state.say(&told)}</span>
            <span class="exercise-figures">{load.as_ref().map(|load| state.say(load).to_owned())}</span>
            {button("stop", state.say(&words::STOP), link.callback(|_| Msg::Run(Event::Stop)))}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! json {
        ($($json:tt)+) => { Json::parse(&serde_json::json!($($json)+).to_string()).unwrap() };
    }

    #[test]
    fn what_the_probe_says_is_understood() {
        let failed =
            json!({"running": null, "last": {"exercise": "a/b", "ended": "failed", "why": {"ko": "ㄱ", "en": "why"}}});
        for (value, want) in [
            (
                json!({"running": {"exercise": "a/b", "progress": {"elapsed_ms": 1500, "total_ms": 66000}}, "last": null}),
                Progress::Runs { elapsed_ms: 1500 },
            ),
            (json!({"running": null, "last": {"exercise": "a/b", "ended": "as-planned"}}), Progress::Ended),
            (json!({"running": null, "last": {"exercise": "a/b", "ended": "stopped"}}), Progress::Stopped),
            (
                json!({"running": {"exercise": "a/c", "progress": null}, "last": {"exercise": "a/b", "ended": "as-planned"}}),
                Progress::Ended,
            ),
            (json!({"running": null, "last": null}), Progress::Ended),
            (failed, Progress::Failed(Text::fixed("ㄱ", "why"))),
        ] {
            assert_eq!(read_progress(&value, "a/b"), want, "{value}");
        }
    }
}
