//! What the judge said: in words and a shape, three columns, the curve, and why they differ.

use exercises::{Column, Curves, Judgement, Source, Verdict};
use sim_core::load_average::calc::{FIXED_1, print_load};
use sim_core::{MILLISECOND, Nanos, Text};
use sim_figures::{Band, Chart, Pen, Points, Series, Shape, View};
use yew::{AttrValue, Html, html};

use super::memory::Place;
use super::simulated::evidence_first;
use super::state::{Outcome, State};
use super::{checking, prose, words};

/// Draws the outcome, if there is one. What changes is told as a whole.
pub fn view(state: &State) -> Html {
    let told = match &state.outcome {
        None => Html::default(),
        Some(Outcome::Failed(why)) => verdict(state, Verdict::Error, why),
        Some(Outcome::Judged(judgement)) => verdict(state, judgement.verdict, &judgement.reason),
    };
    html! {<>
        <div role="status" aria-live="polite" aria-atomic="true" id={state.id("verdict")} tabindex="-1">{told}</div>
        if let Some(Outcome::Judged(judgement)) = &state.outcome {
            {revealed(state, judgement)}
        }
    </>}
}

fn verdict(state: &State, verdict: Verdict, reason: &Text) -> Html {
    html! {
        <div class="exercise-verdict" data-verdict={verdict.name()}>
            {icon(verdict)}
            <p><strong>{state.say(&verdict.text())}</strong>{" "}{prose::line(state.say(reason))}</p>
        </div>
    }
}

/// A shape of its own for each verdict; the words beside it say the same.
pub fn icon(verdict: Verdict) -> Html {
    let d = match verdict {
        Verdict::Pass => "M4 10.5l4 4 8-9",
        Verdict::Fail => "M10 4v7M10 14.5v.5M3 18h14L10 2z",
        Verdict::CannotCheck => "M3 10h14",
        Verdict::Denied => "M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3",
        Verdict::Inconclusive => "M2 8c2.7-4 5.3-4 8 0s5.3 4 8 0M2 14c2.7-4 5.3-4 8 0s5.3 4 8 0",
        Verdict::Error => "M5 5l10 10M15 5L5 15",
    };
    html! { <svg class="exercise-icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path {d} /></svg> }
}

fn revealed(state: &State, judgement: &Judgement) -> Html {
    let source = judgement.source.unwrap_or(match state.place() {
        Place::Live => Source::Live,
        Place::Simulated => Source::Simulated,
    });
    let simulated = source == Source::Simulated;
    // A command for the terminal is no help to who has none.
    let next = judgement.next.as_ref().filter(|_| !simulated);
    html! {
        <div class="exercise-revealed">
            if let Some(next) = next {
                <p><span class="exercise-muted">{state.say(&words::NEXT)}{": "}</span>{prose::line(state.say(next))}</p>
            }
            if !judgement.columns.is_empty() { {columns(state, judgement, source)} }
            if let Some(curves) = &judgement.curves { {chart(state, curves, source)} }
            if !judgement.details.is_empty() {
                <p class="exercise-heading">{state.say(&words::WHY)}</p>
                <ul>{for judgement.details.iter().map(|why| html! { <li>{prose::line(state.say(why))}</li> })}</ul>
            }
            if simulated && !evidence_first(&state.exercise) {
                {state.simulation.as_ref().map_or_else(|_| Html::default(), |simulation| {
                    let rows = checking::seconds(state, simulation);
                    html! { <details><summary>{state.say(&words::SECONDS)}</summary>{rows}</details> }
                })}
            }
            if !judgement.readings.is_empty() {
                <details>
                    <summary>{state.say(&words::READINGS)}</summary>
                    {for judgement.readings.iter().map(|reading| html! {
                        <pre class="exercise-file" tabindex="0"><code><span class="exercise-prompt">{&reading.path}</span>{"\n"}{state.say(&reading.excerpt)}</code></pre>
                    })}
                </details>
            }
            if let Some(token) = &judgement.token {
                <p><a href={format!("#sim={token}")}>{state.say(&words::OPEN_RUN)}</a></p>
            }
        </div>
    }
}

fn measured_on(source: Source) -> &'static Text {
    match source {
        Source::Live => &words::THIS_MACHINE,
        Source::Recorded => &words::RECORDED_MACHINE,
        Source::Simulated => &words::SIMULATED_MACHINE,
    }
}

/// Each quantity has a line of its own above its figures, so that three columns fit a phone.
fn columns(state: &State, judgement: &Judgement, source: Source) -> Html {
    let mine = if state.predicts() { &words::PREDICTION } else { &words::MY_ANSWER };
    let heads = [mine, &words::SIMULATOR, measured_on(source)];
    let group = |column: &Column| {
        let unit = state.say(&column.unit);
        let cell = |value: &Option<Text>| match value {
            Some(value) => {
                html! { <td>{prose::line(state.say(value))}<small>{prose::unit(unit)}</small></td> }
            }
            None => html! { <td class="exercise-none">{"–"}</td> },
        };
        html! {
            <tbody>
                <tr><th scope="rowgroup" colspan="3">{state.say(&column.label)}</th></tr>
                <tr>{cell(&column.prediction)}{cell(&column.simulated)}{cell(&column.measured)}</tr>
                if let Some(difference) = &column.difference {
                    <tr class="exercise-difference"><td colspan="3">{prose::line(state.say(difference))}</td></tr>
                }
            </tbody>
        }
    };
    html! {
        <table class="exercise-columns">
            <caption>{state.say(&words::COMPARED)}</caption>
            <thead><tr>{for heads.iter().map(|head| html! { <th scope="col">{state.say(head)}</th> })}</tr></thead>
            {for judgement.columns.iter().map(group)}
        </table>
    }
}

fn chart(state: &State, curves: &Curves, source: Source) -> Html {
    let chart = chart_of(curves, source);
    // Drawn for a phone and for a column, like the figures; the style sheet shows the one that fits.
    let draw = |width: u32, suffix: &str| {
        let id = state.id(suffix);
        let svg = chart.svg(&View { id: &id, width, lang: state.lang });
        svg.replacen("class=\"fig fig-chart\"", &format!("class=\"fig fig-{suffix}\""), 1)
    };
    let both = draw(720, "wide") + &draw(320, "narrow");
    html! { <div class="exercise-curves sim-static">{Html::from_html_unchecked(AttrValue::from(both))}</div> }
}

/// The simulated and the measured curve on one clock.
fn chart_of(curves: &Curves, source: Source) -> Chart {
    let ns = |ms: u64| ms * MILLISECOND;
    let points = |list: &[exercises::Point]| -> Points {
        list.iter().map(|point| (ns(point.t_ms), i64::try_from(point.avenrun).unwrap_or(i64::MAX))).collect()
    };
    let last = |list: &[exercises::Point]| list.last().map_or(0, |point| point.t_ms);
    let until: Nanos = ns(last(&curves.simulated).max(last(&curves.measured)).max(curves.until_ms));
    let series = |pen, name: &Text, short: Text, list: &[exercises::Point]| Series {
        pen,
        name: name.clone(),
        short,
        points: points(list),
        shape: Shape::Steps,
        now: None,
    };
    let at = |list: &[exercises::Point]| {
        let after = list.partition_point(|point| point.t_ms <= curves.until_ms);
        after.checked_sub(1).map_or_else(|| "–".to_owned(), |i| print_load(list[i].avenrun))
    };
    let (simulated, measured) = (at(&curves.simulated), at(&curves.measured));
    Chart {
        title: words::CURVES.clone(),
        description: sim_core::text!(
            ko: "부하가 끝난 순간 시뮬레이터 {simulated}, 측정 {measured}.",
            en: "When the load ended, the simulator said {simulated} and the machine {measured}."
        ),
        y_title: words::CURVES.clone(),
        scale: FIXED_1 as i64,
        at_least: FIXED_1 as i64 / 2,
        from: 0,
        until,
        series: vec![
            series(Pen::Live(0), measured_on(source), words::MEASURED.clone(), &curves.measured),
            series(Pen::Series(1), &words::SIMULATOR, Text::fixed("모델", "model"), &curves.simulated),
        ],
        bands: vec![Band { from: ns(curves.from_ms), until: ns(curves.until_ms), label: words::LOAD.clone() }],
        marks: Vec::new(),
        cursor: Some(ns(curves.until_ms)),
        format: |raw| print_load(raw.max(0) as u64),
    }
}

#[cfg(test)]
mod tests {
    use exercises::Point;
    use sim_core::Lang;

    use super::*;

    #[test]
    fn both_curves_are_drawn_and_told() {
        let point = |t_ms, avenrun| Point { t_ms, avenrun };
        let curves = Curves {
            from_ms: 6000,
            until_ms: 66_000,
            simulated: vec![point(0, 215), point(10_000, 400), point(66_000, 1370)],
            measured: vec![point(0, 215), point(11_000, 420), point(65_000, 1400)],
        };
        let svg = chart_of(&curves, Source::Live).svg(&View { id: "x", width: 360, lang: Lang::En });
        for part in ["simulator said 0.67 and the machine 0.68", "f-live", ">model<", ">load<", ">1 min 6 s<"] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        // An empty recording is an empty chart.
        chart_of(&Curves::default(), Source::Simulated).svg(&View { id: "x", width: 720, lang: Lang::Ko });
    }
}
