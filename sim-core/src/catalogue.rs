//! The models of the workbook, for whoever picks one by name.

use crate::fidelity::Contract;
use crate::run::{Run, run};
use crate::scenario::{Problem, Valid};
use crate::token::{Token, TokenError};
use crate::{Log, Metric, Model, Nanos, Text, io_scheduler, load_average};

/// A model with its types erased: what a command line or a page needs to list and run it.
pub struct Entry {
    /// [`Model::NAME`].
    pub name: &'static str,
    /// [`Model::VERSION`].
    pub version: u32,
    /// [`Model::title`].
    pub title: fn() -> Text,
    /// [`Model::contract`].
    pub contract: fn() -> Contract,
    /// [`Model::metrics_list`].
    pub metrics: fn() -> &'static [Metric],
    /// Name, title and insight of each preset; the first is the default.
    pub presets: fn() -> Vec<(&'static str, Text, Text)>,
    /// Where a preset first puts the cursor; `None` when there is none of that name.
    pub preset_cursor: fn(&str) -> Option<Nanos>,
    /// Runs a preset; `None` when there is none of that name.
    pub run_preset: fn(&str) -> Option<Run>,
    /// Runs a scenario written as JSON.
    pub run_json: fn(&str) -> Result<Run, Vec<Problem>>,
    /// Runs a token; the second value is its cursor.
    pub run_token: fn(&str) -> Result<(Run, Nanos), TokenError>,
    /// The same token with its cursor elsewhere.
    pub token_at: fn(&str, Nanos) -> Result<String, TokenError>,
    /// Runs a token and counts the events of a kind, keeping nothing of the run: what a benchmark
    /// measures.
    pub count_events: fn(&str, &str) -> Result<u64, TokenError>,
}

impl Entry {
    const fn of<M: Model + 'static>() -> Entry {
        Entry {
            name: M::NAME,
            version: M::VERSION,
            title: M::title,
            contract: M::contract,
            metrics: M::metrics_list,
            presets: || M::presets().into_iter().map(|p| (p.name, p.title, p.insight)).collect(),
            preset_cursor: |name| M::presets().into_iter().find(|p| p.name == name).map(|p| p.cursor),
            run_preset: |name| {
                let preset = M::presets().into_iter().find(|preset| preset.name == name)?;
                Valid::<M>::new(preset.scenario).ok().map(|scenario| run(&scenario))
            },
            run_json: |json| Valid::<M>::from_json(json).map(|scenario| run(&scenario)),
            run_token: |text| Token::<M>::parse(text).map(|token| (run(&token.scenario), token.cursor)),
            count_events: |text, kind| Token::<M>::parse(text).map(|token| count_events(&token.scenario, kind)),
            token_at: |text, cursor| Token::<M>::parse(text).map(|token| Token { cursor, ..token }.to_string()),
        }
    }
}

fn count_events<M: Model>(scenario: &Valid<M>, kind: &str) -> u64 {
    let mut model = M::start(scenario);
    let mut log = Log::silent();
    let mut count = 0;
    while model.step(&mut log) {
        count += log.events().iter().filter(|event| event.kind == kind).count() as u64;
        log.clear();
    }
    count
}

/// Every model, in the order of the chapters.
pub fn catalogue() -> &'static [Entry] {
    const ENTRIES: &[Entry] = &[Entry::of::<load_average::LoadAverage>(), Entry::of::<io_scheduler::IoScheduler>()];
    ENTRIES
}

/// The model of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    catalogue().iter().find(|entry| entry.name == name)
}
