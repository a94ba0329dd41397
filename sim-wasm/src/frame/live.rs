//! The reader's machine over the simulated one.

use sim_core::{MILLISECOND, Nanos, Text};
use sim_figures::{Points, ticks};
use yew::html::Scope;
use yew::{Html, html};

use super::form::button;
use super::state::State;
use super::{Frame, Msg};
use crate::live::{Facts, Probe, Sample, Stream};
use crate::{page, words};

/// How often the machine is looked at, ms.
const INTERVAL_MS: u32 = 1000;

/// What a widget knows of the reader's machine.
#[derive(Default)]
pub struct LiveState {
    probe: Option<Probe>,
    stream: Option<Stream>,
    /// The probe's clock at time zero of the curves, ms.
    zero_ms: Option<f64>,
    curves: Vec<Vec<(Nanos, i64)>>,
    last: Option<Sample>,
    /// Whether the cursor moves with the machine's time.
    pub follow: bool,
}

/// What happens between a widget and the probe.
pub enum Live {
    /// A probe serves the page.
    Found(Probe),
    Start,
    Stop,
    Sample(Result<Sample, Text>),
    /// Ask for what the machine is.
    Adopt,
    Facts(Result<Facts, Text>),
}

impl LiveState {
    /// The machine's curves, one a metric.
    pub fn curves(&self) -> Vec<Points> {
        self.curves.iter().map(|curve| curve.as_slice().into()).collect()
    }

    fn take(&mut self, sample: &Sample, measured: Vec<(usize, i64)>, ends: Nanos) -> Nanos {
        let zero = *self.zero_ms.get_or_insert(sample.t_ms);
        let t = ((sample.t_ms - zero).max(0.0) * MILLISECOND as f64) as Nanos;
        for (metric, value) in measured {
            if self.curves.len() <= metric {
                self.curves.resize_with(metric + 1, Vec::new);
            }
            // The newest always has its place: a machine that is watched for longer than the run
            // moves out on the left.
            let curve = &mut self.curves[metric];
            curve.push((t, value));
        }
        if t > ends {
            self.shift(t - ends);
        }
        t.min(ends)
    }

    fn shift(&mut self, by: Nanos) {
        self.zero_ms = self.zero_ms.map(|zero| zero + by as f64 / MILLISECOND as f64);
        for curve in &mut self.curves {
            curve.retain(|(t, _)| *t >= by);
            curve.iter_mut().for_each(|(t, _)| *t -= by);
        }
    }
}

/// Asks whether a probe serves the page.
pub fn connect(link: &Scope<Frame>) {
    let link = link.clone();
    page::spawn(async move {
        if let Some(probe) = Probe::connect().await {
            link.send_message(Msg::Live(Live::Found(probe)));
        }
    });
}

/// Does it; whether there is something to draw.
pub fn update(state: &mut State, link: &Scope<Frame>, live: Live) -> bool {
    match live {
        Live::Found(probe) => state.live.probe = Some(probe),
        Live::Start => {
            let Some(probe) = state.live.probe.clone() else { return false };
            let link = link.clone();
            let stream = probe.samples(INTERVAL_MS, move |sample| link.send_message(Msg::Live(Live::Sample(sample))));
            state.live = LiveState { probe: Some(probe), stream: Some(stream), follow: true, ..LiveState::default() };
            state.playing = None;
            state.notice = None;
        }
        Live::Stop => {
            state.live.stream = None;
            state.live.follow = false;
        }
        Live::Sample(Ok(sample)) if state.live.stream.is_some() => {
            let measured = measured(state, &sample);
            let t = state.live.take(&sample, measured, state.run.tape.ends);
            state.live.last = Some(sample);
            if state.live.follow && state.playing.is_none() && !state.hidden() {
                state.seek(t);
            }
        }
        Live::Sample(Ok(_)) => return false,
        Live::Sample(Err(why)) => {
            state.live.stream = None;
            state.notice = Some(why);
        }
        Live::Adopt => {
            let Some(probe) = state.live.probe.clone() else { return false };
            let link = link.clone();
            page::spawn(async move { link.send_message(Msg::Live(Live::Facts(probe.facts().await))) });
            return false;
        }
        Live::Facts(Ok(facts)) => {
            let mut scenario = state.draft.clone();
            (state.kind.widget.adopt)(&mut scenario, &facts);
            state.load(scenario, 0);
            state.notice = state.problems.is_empty().then_some(words::LIVE_ADOPTED.clone());
        }
        Live::Facts(Err(why)) => state.notice = Some(why),
    }
    true
}

/// Draws the panel.
pub fn view(state: &State, link: &Scope<Frame>) -> Html {
    let live = &state.live;
    if live.probe.is_none() {
        return html! {<>
            <p>{state.say(&words::LIVE_NONE)}</p>
            <pre tabindex="0"><code>{"live-probe serve"}</code></pre>
        </>};
    }
    let act =
        |name, label, make: fn() -> Live| button(name, state.say(label), link.callback(move |_| Msg::Live(make())));
    let running = live.stream.is_some();
    html! {<>
        <p>{state.say(&words::LIVE_HELP)}</p>
        <div class="sim-row">
            if running {
                {act("live-stop", &words::LIVE_STOP, || Live::Stop)}
            } else {
                {act("live-start", &words::LIVE_START, || Live::Start)}
            }
            {act("live-adopt", &words::LIVE_ADOPT, || Live::Adopt)}
        </div>
        <p data-testid="live-now" data-samples={live.curves.first().map_or(0, Vec::len).to_string()}>
            {match (&live.last, running) {
                (Some(sample), _) => seen(state, sample),
                (None, true) => state.say(&words::LIVE_WAITING).to_owned(),
                (None, false) => String::new(),
            }}
        </p>
    </>}
}

/// The metrics of a sample by their places in the list of metrics.
fn measured(state: &State, sample: &Sample) -> Vec<(usize, i64)> {
    let measured = (state.kind.widget.measured)(sample).into_iter();
    measured.filter_map(|(name, value)| Some((state.kind.metric(name)?, value))).collect()
}

/// The last sample in words, with what it cost.
fn seen(state: &State, sample: &Sample) -> String {
    let measured = measured(state, sample).into_iter().map(|(metric, value)| {
        let metric = state.metric(metric);
        format!("{} {}", state.say(&metric.label), ticks::decimal(value, metric.scale, 2))
    });
    let cost = ticks::decimal(sample.cost_us as i64, 1, 0);
    let cost = match state.lang {
        sim_core::Lang::Ko => format!("한 번 읽는 데 {cost} µs"),
        sim_core::Lang::En => format!("{cost} µs a look"),
    };
    measured.chain([cost]).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use sim_core::SECOND;

    use super::*;

    #[test]
    fn a_machine_watched_for_longer_than_the_run_moves_out_on_the_left() {
        let mut live = LiveState::default();
        let sample = |s: f64| Sample { t_ms: 5000.0 + s * 1000.0, cost_us: 0.0, avenrun: [0; 3], files: Vec::new() };
        for (s, want, kept) in [(0.0, 0, 1), (1.0, 1, 2), (4.0, 4, 3), (6.0, 4, 2), (7.0, 4, 3)] {
            let t = live.take(&sample(s), vec![(0, s as i64)], 4 * SECOND);
            assert_eq!((t / SECOND, live.curves[0].len()), (want, kept), "{s} {:?}", live.curves);
            assert_eq!(live.curves[0].last(), Some(&(want * SECOND, s as i64)));
        }
    }
}
