//! What each model adds to the frame that all simulators share: data, and two functions about the
//! reader's machine. No code of the frame knows a model; a new one is a file here and a line in
//! `parts!`.
//!
//! A page fetches only the models it shows. Everything that nothing but a `part_…` reaches is cut out of
//! the module when it is built, into a file of its own (`book/builder/tool/parts`); the loader fetches the
//! files of a widget's models and calls their `part_…` before it mounts the widget.

mod buddy_allocator;
mod commit;
mod cpu_shares;
mod dirty_writeback;
mod editor;
mod io_scheduler;
mod load_average;
mod numa_policy;
mod process_life;
mod reclaim;
mod service;
mod tcp_keepalive;
mod tcp_life;
mod tcp_rto;

pub use editor::{Column, Holds, List, Part};

use std::cell::RefCell;

use sim_core::{Entry, Json, KernelVersion, Text};
use sim_figures::{Drawing, Drawn};
use wasm_bindgen::prelude::*;

use crate::live::{Facts, Sample};

/// What a model adds in order to have a widget. Scenarios are [`Json`] with every field written out,
/// as [`Entry::complete`] gives them.
pub struct Simulator {
    /// [`sim_core::Model::NAME`].
    pub model: &'static str,
    /// Kernel versions worth choosing between, oldest first, each with what changed in it; a version
    /// between two of them is described as the older one. The scenario holds its choice as text in
    /// the field `kernel`. Empty where no version matters: then there is no such control.
    pub kernels: &'static [(KernelVersion, Text)],
    /// What a reader calls each kind of event; a kind that is not here is shown by its own name.
    pub kinds: &'static [(&'static str, Text)],
    /// Controls for what [`sim_core::Model::params`] does not cover: lists, starting values.
    pub editor: &'static [Part],
    /// Name of the metric a reader is asked to predict: one of [`sim_figures::Drawn::lines`], in the
    /// chart's scale.
    pub guessed: &'static str,
    /// The metrics that the machine was seen to have, by name, from a look at it; those that cannot
    /// be told are left out.
    pub measured: fn(&Sample) -> Vec<(&'static str, i64)>,
    /// Takes over what is known of the reader's machine; what the model does not allow is refused
    /// afterwards like any other value.
    pub adopt: fn(&mut Json, &Facts),
}

/// A version for [`Simulator::kernels`], with what changed in it.
const fn kernel(major: u16, minor: u16, patch: u16, ko: &'static str, en: &'static str) -> (KernelVersion, Text) {
    (KernelVersion::new(major, minor, patch), Text::fixed(ko, en))
}

/// Takes over the kernel, the tick rate and those sysctls of `net.ipv4` that are known.
fn adopt_sysctls(scenario: &mut Json, facts: &Facts, names: &[&str]) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    if let Some(hz) = facts.hz {
        scenario.replace("hz", hz.into());
    }
    for name in names {
        let path = format!("/proc/sys/net/ipv4/{name}");
        let text = facts.files.iter().find(|(known, _)| *known == path).map(|(_, text)| text.trim());
        if let Some(value) = text.and_then(|text| text.parse::<i64>().ok()) {
            scenario.replace(name, value.into());
        }
    }
}

/// A model as the frame sees it: what it does, how it is drawn, what its widget adds.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The model.
    pub entry: &'static Entry,
    /// Its drawings.
    pub drawing: &'static Drawing,
    /// Its widget.
    pub widget: &'static Simulator,
}

/// Writes for each model the function by which its part of the module comes into the page.
macro_rules! parts {
    ($($part:ident: $model:ty, $widget:expr;)*) => {
        $(
            /// The model is there from now on.
            #[wasm_bindgen]
            pub fn $part() {
                KINDS.with_borrow_mut(|kinds| kinds.push(Kind::of::<$model>(&$widget)));
            }
        )*

        /// The models, in the order of the chapters.
        #[cfg(any(test, not(target_arch = "wasm32")))]
        const ALL: &[fn() -> Kind] = &[$(|| Kind::of::<$model>(&$widget)),*];
    };
}

parts! {
    part_process_life: sim_core::process_life::ProcessLife, process_life::SIMULATOR;
    part_commit: sim_core::commit::Commit, commit::SIMULATOR;
    part_cpu_shares: sim_core::cpu_shares::CpuShares, cpu_shares::SIMULATOR;
    part_load_average: sim_core::load_average::LoadAverage, load_average::SIMULATOR;
    part_memory_map: sim_core::memory_map::MemoryMap, reclaim::MAP;
    part_buddy_allocator: sim_core::buddy_allocator::BuddyAllocator, buddy_allocator::SIMULATOR;
    part_reclaim: sim_core::reclaim::Reclaim, reclaim::SIMULATOR;
    part_numa_policy: sim_core::numa_policy::NumaPolicy, numa_policy::SIMULATOR;
    part_tcp_life: sim_core::tcp_life::TcpLife, tcp_life::SIMULATOR;
    part_tcp_keepalive: sim_core::tcp_keepalive::TcpKeepalive, tcp_keepalive::SIMULATOR;
    part_tcp_rto: sim_core::tcp_rto::TcpRto, tcp_rto::SIMULATOR;
    part_dirty_writeback: sim_core::dirty_writeback::DirtyWriteback, dirty_writeback::SIMULATOR;
    part_io_scheduler: sim_core::io_scheduler::IoScheduler, io_scheduler::SIMULATOR;
    part_service: sim_core::service::Service, service::SIMULATOR;
}

thread_local! {
    /// The models that are there; outside a page, all of them.
    static KINDS: RefCell<Vec<Kind>> = RefCell::new({
        #[cfg(any(test, not(target_arch = "wasm32")))]
        let kinds = ALL.iter().map(|kind| kind()).collect();
        #[cfg(not(any(test, not(target_arch = "wasm32"))))]
        let kinds = Vec::new();
        kinds
    });
}

impl Kind {
    fn of<M: Drawn>(widget: &'static Simulator) -> Kind {
        Kind { entry: const { &Entry::of::<M>() }, drawing: const { &Drawing::of::<M>() }, widget }
    }

    /// The model of that name, if it is there.
    pub fn find(name: &str) -> Option<Kind> {
        KINDS.with_borrow(|kinds| kinds.iter().find(|kind| kind.widget.model == name).copied())
    }

    /// Any model that is there.
    pub fn any() -> Option<Kind> {
        KINDS.with_borrow(|kinds| kinds.first().copied())
    }

    /// What a reader calls a kind of event.
    pub fn event(self, kind: &str) -> Text {
        let named = self.widget.kinds.iter().find(|(known, _)| *known == kind);
        named.map_or_else(|| Text::verbatim(kind), |(_, name)| name.clone())
    }

    /// A metric's place in the list of metrics.
    pub fn metric(self, name: &str) -> Option<usize> {
        (self.entry.metrics)().iter().position(|metric| metric.name == name)
    }

    /// The metric a reader is asked to predict, as an index into the list of metrics.
    pub fn guessed(self) -> usize {
        self.metric(self.widget.guessed).unwrap_or(0)
    }

    /// The kernel of a scenario.
    pub fn kernel(self, scenario: &Json) -> Option<KernelVersion> {
        scenario["kernel"].as_str()?.parse().ok()
    }

    /// Puts a value at a path where a scenario has one, along with the fields that follow it.
    /// An unknown path changes nothing.
    pub fn put(self, scenario: &mut Json, path: &str, value: Json) {
        let Some(place) = scenario.at_mut(path) else { return };
        let before = std::mem::replace(place, value.clone());
        // What lasted to the end still does; while a new end is being typed it may be nothing yet.
        if value.as_i64().is_some_and(|value| value > 0) {
            self.widget.editor.iter().for_each(|part| part.follow(scenario, path, &before, &value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_widget_is_of_a_model_that_is_drawn() {
        let (ours, all) = (ALL.iter().map(|kind| kind().widget.model), sim_core::catalogue().iter().map(|e| e.name));
        assert_eq!(ours.collect::<Vec<_>>(), all.collect::<Vec<_>>(), "a part for each model");
        for kind in ALL.iter().map(|kind| kind()) {
            let simulator = kind.widget;
            assert_eq!([kind.entry.name, kind.drawing.name], [simulator.model; 2]);
            assert!(kind.metric(simulator.guessed).is_some(), "{}", simulator.model);
            let lines = (kind.drawing.lines)();
            assert!(lines.iter().any(|line| line.metric == kind.guessed()), "{}", simulator.model);
            assert!(simulator.kernels.is_sorted_by_key(|(kernel, _)| *kernel), "{}", simulator.model);
        }
    }

    /// Every control of every widget shows a field that scenarios have.
    #[test]
    fn every_control_has_its_field() {
        for kind in ALL.iter().map(|kind| kind()) {
            let simulator = kind.widget;
            for preset in (kind.entry.presets)() {
                assert_eq!((kind.entry.complete)(&preset.scenario), preset.scenario, "{}", preset.name);
                for param in (kind.entry.params)() {
                    assert!(preset.scenario.at(param.name).is_some(), "{} {}", preset.name, param.name);
                }
                for part in simulator.editor {
                    part.check(&preset.scenario).unwrap_or_else(|path| panic!("{}: {path}", preset.name));
                }
                for (kernel, _) in simulator.kernels {
                    let mut scenario = preset.scenario.clone();
                    kind.put(&mut scenario, "kernel", kernel.to_string().as_str().into());
                    assert_eq!((kind.entry.problems)(&scenario), [], "{} on {kernel}", preset.name);
                }
            }
        }
    }

    /// A new entry of any list can be run in any preset.
    #[test]
    fn a_new_entry_has_nothing_wrong_with_it() {
        for kind in ALL.iter().map(|kind| kind()) {
            let simulator = kind.widget;
            for list in simulator.editor.iter().filter_map(Part::list) {
                for preset in (kind.entry.presets)() {
                    let mut scenario = preset.scenario.clone();
                    *scenario.at_mut(list.path).expect("the list") = Json::List(Vec::new());
                    list.add(kind.entry, &mut scenario);
                    list.add(kind.entry, &mut scenario);
                    let entries = scenario.at(list.path).and_then(Json::as_list).expect("a list");
                    // Lists in an entry may depend on its place, as a node's distances do.
                    let scalars = |entry: &Json| {
                        let fields = entry.fields().iter().filter(|(_, value)| value.as_list().is_none());
                        fields.cloned().collect::<Vec<_>>()
                    };
                    assert_eq!(entries.len(), 2, "{}", preset.name);
                    assert_eq!(scalars(&entries[0]), scalars(&entries[1]), "{}", preset.name);
                    let about = |field: &str| field.starts_with(list.path);
                    let problems = (kind.entry.problems)(&scenario);
                    assert!(problems.iter().all(|problem| !about(&problem.field)), "{} {problems:?}", preset.name);
                    list.remove(&mut scenario, 1);
                    list.remove(&mut scenario, 7);
                    assert_eq!(scenario.at(list.path).and_then(Json::as_list).map(<[Json]>::len), Some(1));
                }
            }
        }
    }
}
