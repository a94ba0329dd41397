//! Scenarios that each show one thing.

use super::disk::Kind as Disk;
use super::elevator::Kind as Elevator;
use super::scenario::{Kind, Scenario, Stream};
use crate::model::Preset;
use crate::{KernelVersion, Nanos, Text};

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    vec![preset(
        "merging",
        0,
        Text::fixed("bio 열여섯, 요청 하나", "Sixteen bios, one request"),
        Text::fixed("x", "x"),
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            duration_ms: 40,
            streams: vec![Stream {
                size_kib: 64,
                bio_kib: 4,
                limit: 1,
                depth: 1,
                ..Stream::new(Kind::BufferedWriter, 40)
            }],
            ..Scenario::default()
        }
        .with(Elevator::MqDeadline)
        .on(Disk::Disk7200),
    )]
}
