//! The model as a whole: what its presets show.

use super::scenario::Scenario;
use super::{CpuShares, presets};
use crate::model::{Model, Preset};
use crate::scenario::Valid;

fn valid(scenario: Scenario) -> Valid<CpuShares> {
    Valid::new(scenario).unwrap()
}

/// The figures at the cursor of a preset, those that are zero left out.
fn at_cursor(preset: &Preset<Scenario>) -> String {
    let mut model = CpuShares::start(&valid(preset.scenario.clone()));
    model.advance_to(preset.cursor);
    let shown = CpuShares::metrics_list().iter().zip(model.metrics()).filter(|(_, value)| *value != 0);
    shown.map(|(metric, value)| format!("{} {value}/{}", metric.name, metric.scale)).collect::<Vec<_>>().join(", ")
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = presets::presets().iter().map(|preset| (preset.name, at_cursor(preset))).collect();
    insta::assert_debug_snapshot!(shown);
}
