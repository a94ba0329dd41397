//! From a scenario to what the parts are started with.

use super::disk;
use super::elevator;
use super::params::TUNABLES;
use super::request::Limits;
use super::rules::Rules;
use super::scenario::Scenario;
use crate::Nanos;

/// Requests the device takes at once.
pub fn queue_depth(scenario: &Scenario, kind: disk::Kind) -> u32 {
    if scenario.queue_depth == 0 { kind.depth() } else { scenario.queue_depth.clamp(1, 1024) as u32 }
}

/// Everything that stays the same during a run.
#[derive(Clone, Debug)]
pub struct Setup {
    pub scenario: Scenario,
    pub rules: Rules,
    pub scheduler: elevator::Kind,
    pub disk: disk::Kind,
    pub queue_depth: u32,
    pub nr_requests: u32,
    pub limits: Limits,
    pub fixed: Nanos,
}

impl Setup {
    /// Of a valid scenario.
    pub fn of(scenario: &Scenario) -> Setup {
        let scheduler = scenario.scheduler().expect("a valid scenario has a scheduler");
        let disk = scenario.disk().expect("a valid scenario has a disk");
        let rules = Rules::of(scenario.kernel, scheduler).expect("a valid scenario names a modelled kernel");
        let queue_depth = queue_depth(scenario, disk);
        let nr_requests = match scenario.nr_requests {
            0 => rules.nr_requests(scheduler, disk, queue_depth),
            n => n as u32,
        };
        let max_sectors = scenario.max_sectors_kb as u32 * 2;
        Setup {
            rules,
            scheduler,
            disk,
            queue_depth,
            nr_requests,
            // A segment is a page at least; what a driver can take is enough for the largest request.
            limits: Limits { nomerges: scenario.nomerges as u8, max_sectors, max_segments: max_sectors.max(128) },
            fixed: scenario.fixed_us as u64 * 1000,
            scenario: scenario.clone(),
        }
    }

    /// What the scheduler is started with: only what differs from the default counts as written, so
    /// that a default that depends on the device stays one.
    pub fn elevator(&self) -> elevator::Setup {
        let written = TUNABLES.iter().zip(&self.scenario.iosched).filter(|(param, value)| param.default != **value);
        elevator::Setup {
            kernel: self.scenario.kernel,
            hz: self.scenario.hz as u32,
            rotational: self.disk.rotational(),
            queue_depth: self.queue_depth,
            nr_requests: self.nr_requests,
            sectors: self.disk.capacity(),
            tunables: written.map(|(param, value)| (param.name, *value)).collect(),
        }
    }
}
