//! The model as a whole: what each preset shows, and the books that are kept.

use super::Reclaim;
use crate::{Model, Run, SECOND, Valid, run};

fn preset(name: &str) -> Run {
    let preset = Reclaim::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
    run(&Valid::<Reclaim>::new(preset.scenario).expect("valid"))
}

/// The last frames of all presets: whoever changes the rules sees what else changed.
#[test]
fn where_each_preset_ends() {
    let ends = Reclaim::presets().into_iter().map(|p| {
        let run = preset(p.name);
        let last = run.frames.last().expect("a frame");
        (p.name, run.events.len(), last.metrics.clone())
    });
    insta::assert_debug_snapshot!(ends.collect::<Vec<_>>());
}

#[test]
fn no_page_is_lost_or_counted_twice() {
    for p in Reclaim::presets() {
        let valid = Valid::<Reclaim>::new(p.scenario).expect("valid");
        let mut model = Reclaim::start(&valid);
        for t in 0..60 {
            assert_eq!(model.accounted(), model.managed(), "{} at {t} s", p.name);
            model.advance_to(t * SECOND);
        }
    }
}
