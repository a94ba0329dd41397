//! Figures of the buddy allocator.

mod common;
mod extents;

use common::readable;
use extents::extents;
use sim_core::buddy_allocator::{BuddyAllocator, Migratetype, Op, Rule, Scenario, Sequence};
use sim_core::scenario::Valid;
use sim_core::{Lang, Model, SECOND};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["split-and-merge", "one-pinned-page", "free-is-not-allocatable"] {
        for lang in Lang::ALL {
            let figure = static_figure("buddy-allocator", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("buddy-{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// A figure stays small whatever the memory: blocks too small to be seen share a shape.
#[test]
fn a_large_and_fragmented_zone_is_drawn_in_little() {
    let ops = vec![
        Op::alloc(0, 60_000, 0, Migratetype::Movable).every(1),
        Op::alloc(100, 20_000, 1, Migratetype::Unmovable).every(1),
        Op { sequence: Sequence::Shuffled, ..Op::free(200, 0, Rule::Percent, 40).every(1) },
        Op::free(300, 1, Rule::AllButEveryNth, 7).every(1),
    ];
    let scenario = Scenario { zones_mib: [16, 0, 1024, 512], ops, ..Scenario::default() };
    let scenario = Valid::<BuddyAllocator>::new(scenario).expect("a valid scenario");
    let state = BuddyAllocator::state_at(&scenario, SECOND);
    let history = BuddyAllocator::history(&scenario);
    for width in [360, 720] {
        let svg = state.picture(&history, &View { id: "large", width, lang: Lang::En });
        assert!(svg.len() < 120_000, "{width} px: {} bytes", svg.len());
    }
}

/// The picture keeps its height from moment to moment, and no text is cut off.
#[test]
fn the_picture_stays_in_its_place() {
    for lang in Lang::ALL {
        for preset in BuddyAllocator::presets() {
            let scenario = Valid::<BuddyAllocator>::new(preset.scenario).expect("presets are valid");
            let history = BuddyAllocator::history(&scenario);
            for width in [320, 360, 720] {
                let mut heights = Vec::new();
                for t in [0, preset.cursor / 2, preset.cursor, SECOND] {
                    let state = BuddyAllocator::state_at(&scenario, t);
                    let view = View { id: "fit", width, lang };
                    let svg = state.picture(&history, &view);
                    heights
                        .push(svg.split("height=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned));
                    for (left, right, text) in extents(&svg) {
                        let fits = left >= -5 && right <= width as i32 * 10 + 5;
                        assert!(fits, "{} {lang} {width} px at {t}: {text:?} {left}..{right}", preset.name);
                    }
                }
                heights.dedup();
                assert_eq!(heights.len(), 1, "{} {width} px: {heights:?}", preset.name);
            }
        }
    }
}
