//! The figures of NUMA placement, one element a line so that a change can be read.

mod common;

use common::readable;
use sim_core::numa_policy::{Mask, Node, NumaPolicy, Policy, Scenario, Task};
use sim_core::scenario::Valid;
use sim_core::{Lang, Model, SECOND};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["database-larger-than-a-node", "interleave-evenly", "bind-and-oom"] {
        for lang in Lang::ALL {
            let figure = static_figure("numa-policy", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// What no preset shows: eight nodes, one without CPUs and one without memory, many CPUs, many
/// processes, a refused policy, every kind of page cache.
fn crowded() -> Scenario {
    let mut nodes =
        vec![Node { cache_mib: 2000, mapped_mib: 500, dirty_mib: 300, used_mib: 900, ..Node::new(8192, 64) }; 6];
    nodes.push(Node::new(4096, 0));
    nodes.push(Node::new(0, 12));
    let tasks = vec![
        Task::new(3000).until(10_000).under(Policy::Interleave, 0..8).threads(40, 11),
        Task { processes: 9, ..Task::new(700).until(10_000).threads(2, 7) },
        Task::new(100).until(10_000).under(Policy::Bind, [7]),
        Task::new(6000).until(10_000).under(Policy::Weighted, [0, 3, 6]),
    ];
    Scenario { nodes, tasks, ..Scenario::default() }.complete()
}

/// Every text inside the drawing, as wide as estimated: nothing is cut off, and the picture does not
/// change its height over a run.
#[test]
fn no_text_leaves_the_drawing() {
    let presets = NumaPolicy::presets().into_iter().map(|preset| (preset.name, preset.scenario));
    for (name, scenario) in presets.chain([("crowded", crowded())]) {
        let scenario = Valid::<NumaPolicy>::new(scenario).expect("valid");
        let history = NumaPolicy::history(&scenario);
        for lang in Lang::ALL {
            for width in [320, 360, 720] {
                let mut heights = Vec::new();
                for t in [0, 1, 3, 9, 10] {
                    let state = NumaPolicy::state_at(&scenario, t * SECOND);
                    let view = View { id: "fit", width, lang };
                    let picture = state.picture(&history, &view);
                    heights.push(attribute(&picture, "viewBox").expect("a view box"));
                    let chart = NumaPolicy::chart(&history, state.now());
                    for svg in [picture, chart.svg(&view)] {
                        for (left, right, text) in extents(&svg) {
                            let fits = left >= -5 && right <= width as i32 * 10 + 5;
                            assert!(fits, "{name} {lang} {width} px at {t}: {text:?} {left}..{right}");
                        }
                    }
                }
                heights.dedup();
                assert_eq!(heights.len(), 1, "{name} {lang} {width}: {heights:?}");
            }
        }
    }
}

#[test]
fn colours_are_the_pages() {
    for preset in NumaPolicy::presets() {
        let figure = static_figure("numa-policy", Source::Preset(preset.name), None, Lang::Ko).expect("a figure");
        for forbidden in ["#", "rgb", "style=", "fill=", "stroke="] {
            assert!(!figure.inline.contains(forbidden), "{}: {forbidden}", preset.name);
        }
    }
    assert!(Mask::ALL.has(7));
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    tag.split(&format!("{name}=\"")).nth(1)?.split('"').next().map(str::to_owned)
}

/// Left and right edge of every text, tenths of a pixel. Groups are moved sideways by their
/// `transform`, texts say where they are within.
fn extents(svg: &str) -> Vec<(i32, i32, String)> {
    let tenths = |text: &str| (text.parse::<f64>().expect("a number") * 10.0) as i32;
    let (mut shifts, mut texts) = (vec![0], Vec::new());
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        if tag.starts_with("g") {
            let moved = attribute(tag, "transform").and_then(|transform| {
                let inner = transform.split('(').nth(1)?.split(')').next()?.to_owned();
                inner.split([' ', ',']).next().map(tenths)
            });
            shifts.push(shifts.last().copied().unwrap_or(0) + moved.unwrap_or(0));
        } else if tag.starts_with("/g") {
            shifts.pop();
        } else if tag.starts_with("text") {
            let x = tenths(&attribute(tag, "x").expect("x")) + shifts.last().copied().unwrap_or(0);
            let class = attribute(tag, "class").expect("a class");
            let size = match class {
                class if class.contains("f-big") => 18,
                class if class.contains("f-sm") => 12,
                class if class.contains("f-xs") => 9,
                _ => 13,
            };
            let width = sim_figures::measure::width(text, size);
            let left = match attribute(tag, "text-anchor").as_deref() {
                Some("middle") => x - width / 2,
                Some("end") => x - width,
                _ => x,
            };
            texts.push((left, left + width, text.to_owned()));
        }
    }
    texts
}
