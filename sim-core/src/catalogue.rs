//! The models of the workbook, for whoever picks one by name.
//!
//! An [`Entry`] is a model with its type erased. A scenario travels as [`Json`], a state as
//! `Box<dyn `[`State`]`>`, so that whatever is done with any model (a widget, a command, a figure) is
//! compiled once. A new model is one line in [`catalogue`].

use crate::fidelity::Contract;
use crate::model::Preset;
use crate::run::{Frame, Run, Running};
use crate::scenario::{Param, Problem, Problems, Valid, parse};
use crate::state::State;
use crate::token::{Token, TokenError};
use crate::{
    Json, Log, Metric, Model, Nanos, Packet, Text, buddy_allocator, commit, cpu_shares, dirty_writeback, io_scheduler,
    load_average, memory_map, numa_policy, process_life, reclaim, service, tcp_keepalive, tcp_life, tcp_rto,
};

/// A state at time zero, or every problem of its scenario.
pub type Started = Result<Box<dyn State>, Vec<Problem>>;

/// A model with its types erased: what a command line or a page needs to list and run it.
pub struct Entry {
    /// [`Model::NAME`].
    pub name: &'static str,
    /// [`Model::RECORDED_AS`].
    pub recorded_as: &'static str,
    /// [`Model::VERSION`].
    pub version: u32,
    /// [`Model::CAPTURES`].
    pub captures: bool,
    /// [`Model::title`].
    pub title: fn() -> Text,
    /// [`Model::contract`].
    pub contract: fn() -> Contract,
    /// [`Model::params`].
    pub params: fn() -> &'static [Param],
    /// [`Model::metrics_list`].
    pub metrics: fn() -> &'static [Metric],
    /// [`Model::presets`], the scenarios with every field written out; the first is the default.
    pub presets: fn() -> Vec<Preset<Json>>,
    /// The scenario with every field written out: what is left out takes its default, fields nobody
    /// knows are gone. Values out of range stay as they are; a value of another type is replaced.
    pub complete: fn(&Json) -> Json,
    /// Every problem of a scenario; a field is named by its path, `tasks[2].count`. Empty means that
    /// it can start.
    pub problems: fn(&Json) -> Vec<Problem>,
    /// The state at time zero, or every problem of the scenario.
    pub start: fn(&Json) -> Started,
    /// The token that opens the scenario at a cursor, or every problem of the scenario.
    pub token: fn(&Json, Nanos) -> Result<String, Vec<Problem>>,
    /// The state at time zero of a token's scenario.
    pub start_token: fn(&str) -> Result<Box<dyn State>, TokenError>,
    /// The scenario of a token, every field written out, and its cursor.
    pub open: fn(&str) -> Result<(Json, Nanos), TokenError>,
}

impl Entry {
    /// The entry of a model.
    pub const fn of<M: Model + 'static>() -> Entry {
        Entry {
            name: M::NAME,
            recorded_as: M::RECORDED_AS,
            version: M::VERSION,
            captures: M::CAPTURES,
            title: M::title,
            contract: M::contract,
            params: M::params,
            metrics: M::metrics_list,
            presets: || M::presets().into_iter().map(written::<M>).collect(),
            complete: |json| M::write_scenario(&M::read_scenario(json, &mut Problems::default())),
            problems: |json| Valid::<M>::of_json(json).err().unwrap_or_default(),
            start: |json| Ok(Box::new(M::start(&Valid::<M>::of_json(json)?))),
            token: |json, cursor| Ok(Token::<M>::new(Valid::of_json(json)?, cursor).to_string()),
            start_token: |text| Ok(Box::new(M::start(&Token::<M>::parse(text)?.scenario))),
            open: |text| Token::<M>::parse(text).map(|token| (M::write_scenario(&token.scenario), token.cursor)),
        }
    }

    /// The preset of that name.
    pub fn preset(&self, name: &str) -> Option<Preset<Json>> {
        (self.presets)().into_iter().find(|preset| preset.name == name)
    }

    /// Runs a scenario.
    ///
    /// # Errors
    /// Every problem of the scenario.
    pub fn run(&self, scenario: &Json) -> Result<Run, Vec<Problem>> {
        Running::of(self, scenario).map(Running::whole)
    }

    /// The readable state of a scenario at a moment, whatever a [`Run`] of it has kept.
    ///
    /// # Errors
    /// Every problem of the scenario.
    pub fn at(&self, scenario: &Json, t: Nanos) -> Result<Frame, Vec<Problem>> {
        let mut state = (self.start)(scenario)?;
        state.advance_to(t);
        Ok(Frame::of(&*state, (self.metrics)(), true))
    }

    /// Every packet that a scenario puts on the wire, in order; none where a model has no network.
    ///
    /// # Errors
    /// Every problem of the scenario.
    pub fn packets(&self, scenario: &Json) -> Result<Vec<Packet>, Vec<Problem>> {
        let mut state = (self.start)(scenario)?;
        let (ends, mut log, mut packets) = (state.ends(), Log::capturing(), Vec::new());
        while state.advance(ends, &mut log) {
            packets.append(&mut log.take_packets());
            log.clear();
        }
        Ok(packets)
    }

    /// Runs a preset; `None` when there is none of that name.
    pub fn run_preset(&self, name: &str) -> Option<Run> {
        self.run(&self.preset(name)?.scenario).ok()
    }

    /// Runs a scenario written as JSON.
    ///
    /// # Errors
    /// Every problem of the scenario.
    pub fn run_json(&self, json: &str) -> Result<Run, Vec<Problem>> {
        self.run(&parse(json)?)
    }

    /// Runs a token; the second value is its cursor.
    ///
    /// # Errors
    /// What is wrong with the token.
    pub fn run_token(&self, token: &str) -> Result<(Run, Nanos), TokenError> {
        let (scenario, cursor) = (self.open)(token)?;
        Ok((self.run(&scenario).map_err(TokenError::Scenario)?, cursor))
    }

    /// The same token with its cursor elsewhere.
    ///
    /// # Errors
    /// What is wrong with the token.
    pub fn token_at(&self, token: &str, cursor: Nanos) -> Result<String, TokenError> {
        let (scenario, _) = (self.open)(token)?;
        (self.token)(&scenario, cursor).map_err(TokenError::Scenario)
    }

    /// Runs a token and counts the events of a kind, keeping nothing of the run: what a benchmark
    /// measures.
    ///
    /// # Errors
    /// What is wrong with the token.
    pub fn count_events(&self, token: &str, kind: &str) -> Result<u64, TokenError> {
        let mut state = (self.start_token)(token)?;
        let (ends, mut log, mut count) = (state.ends(), Log::silent(), 0);
        while state.advance(ends, &mut log) {
            count += log.events().iter().filter(|event| event.kind == kind).count() as u64;
            log.clear();
        }
        Ok(count)
    }
}

fn written<M: Model>(preset: Preset<M::Scenario>) -> Preset<Json> {
    let Preset { name, title, insight, scenario, cursor } = preset;
    Preset { name, title, insight, scenario: M::write_scenario(&scenario), cursor }
}

/// Every model, in the order of the chapters.
pub fn catalogue() -> &'static [Entry] {
    // A static: a constant would have every crate that asks compile all models once more.
    static ENTRIES: &[Entry] = &[
        Entry::of::<process_life::ProcessLife>(),
        Entry::of::<commit::Commit>(),
        Entry::of::<cpu_shares::CpuShares>(),
        Entry::of::<load_average::LoadAverage>(),
        Entry::of::<memory_map::MemoryMap>(),
        Entry::of::<buddy_allocator::BuddyAllocator>(),
        Entry::of::<reclaim::Reclaim>(),
        Entry::of::<numa_policy::NumaPolicy>(),
        Entry::of::<tcp_life::TcpLife>(),
        Entry::of::<tcp_keepalive::TcpKeepalive>(),
        Entry::of::<tcp_rto::TcpRto>(),
        Entry::of::<dirty_writeback::DirtyWriteback>(),
        Entry::of::<io_scheduler::IoScheduler>(),
        Entry::of::<service::Service>(),
    ];
    ENTRIES
}

/// The model of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    catalogue().iter().find(|entry| entry.name == name)
}
