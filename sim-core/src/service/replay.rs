//! The real service of the book, measured under load, held against the model.
//!
//! A recording says how the service was set and, for each number of clients, what was measured. The
//! run with one client, in which nobody waits, says what a visit takes outside its worker; everything
//! else is the model's prediction.

use serde::Deserialize;

use super::{Scenario, Service};
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::{Model, Text, Valid};

/// How far throughput and median may be off, %. The recorded figures are medians of five runs on a
/// machine with other work, mostly within 10 % of their own median; the model's lack of a
/// scheduler adds to it.
const TOLERANCE: f64 = 15.0;
/// What a Redis on the same machine takes for a visit, µs. It is part of what the run with one client
/// took outside the worker; with a pool it matters little how that is divided.
const BACKEND_US: i64 = 50;

/// What is in `RUN.json`.
#[derive(Deserialize)]
struct Head {
    kernel: String,
    cpus: i64,
    workers: i64,
    pool: i64,
    cpu_us: i64,
}

/// What was measured with so many clients.
struct Row {
    clients: i64,
    per_s: f64,
    p50_us: f64,
}

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let kernel =
        head.kernel.parse().map_err(|_| trace.error("json", format!("kernel {:?} is not a release", head.kernel)))?;
    let rows = trace.csv("runs.csv", |row| {
        Ok(Row { clients: row.get("clients")?, per_s: row.get("per_s")?, p50_us: row.get("p50_us")? })
    })?;
    let alone = rows.iter().find(|row| row.clients == 1);
    let alone = alone.ok_or_else(|| trace.error("runs.csv", "has no run with one client".into()))?;
    let other_us = (alone.p50_us as i64).saturating_sub(head.cpu_us).saturating_sub(BACKEND_US).max(0);
    let mut tally = Tally::new(&head.kernel, TOLERANCE);
    tally.measured_in(Text::fixed(" %", " %"));
    for row in &rows {
        let scenario = Scenario {
            kernel,
            clients: row.clients,
            cpus: head.cpus,
            workers: head.workers,
            pool: head.pool,
            cpu_us: head.cpu_us,
            other_us,
            backend_us: BACKEND_US,
            ..Scenario::default()
        };
        let valid = Valid::<Service>::new(scenario).map_err(|problems| {
            let why: Vec<_> = problems.iter().map(|problem| problem.text().en.into_owned()).collect();
            trace.error("json", why.join("; "))
        })?;
        let mut model = Service::start(&valid);
        model.advance_to(model.ends());
        let all = model.whole();
        let clients = row.clients;
        let mut compare = |what: &str, got: f64, want: f64| {
            tally.number(&format!("{clients} clients, {what}, in % of what was measured"), got / want * 100.0, 100.0);
        };
        compare("throughput", all.per_1000_s as f64 / 1000.0, row.per_s);
        compare("median", all.p50 as f64 / 1000.0, row.p50_us);
    }
    tally.note(format!("throughput and median latency with {} numbers of clients", rows.len()));
    Ok(tally)
}
