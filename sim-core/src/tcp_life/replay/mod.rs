//! Recordings of a live kernel held against the model. Each trace is one JSON document whose `kind`
//! says what was recorded; `golden/README.md` describes them.

mod ports;
mod runs;
mod timers;
mod wire;

use serde::Deserialize;

use super::scenario::Scenario;
use super::{Rules, TcpLife};
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::scenario::Valid;
use crate::{KernelVersion, Text};

/// What is in `RUN.json`.
#[derive(Deserialize)]
struct Head {
    kernel: String,
    #[serde(flatten)]
    recorded: Recorded,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Recorded {
    Ports { sessions: Vec<ports::Session> },
    Expiry(timers::Expiry),
    FinTimeout { hz: u64, cases: Vec<timers::FinTimeout> },
    Reuse { low: i64, high: i64, cases: Vec<runs::Reuse> },
    Buckets { cases: Vec<runs::Buckets> },
    Restart { cases: Vec<runs::Restart>, syn: Vec<runs::Syn> },
    Wire { cases: Vec<wire::Case> },
}

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let kernel: KernelVersion =
        head.kernel.parse().map_err(|_| trace.error("json", format!("kernel {:?} is not a release", head.kernel)))?;
    let rules = Rules::of(kernel).map_err(|why| trace.error("json", why.en.into_owned()))?;
    let mut tally = Tally::new(&head.kernel, 0.0);
    let base = Scenario { kernel, ..Scenario::default() };
    let done = match &head.recorded {
        Recorded::Ports { sessions } => ports::replay(rules, sessions, &mut tally),
        Recorded::Expiry(expiry) => {
            in_ms(&mut tally);
            timers::expiry(&base, expiry, &mut tally)
        }
        Recorded::FinTimeout { hz, cases } => {
            in_ms(&mut tally);
            timers::fin_timeout(&base, *hz, cases, &mut tally)
        }
        Recorded::Reuse { low, high, cases } => runs::reuse(&base, (*low, *high), cases, &mut tally),
        Recorded::Buckets { cases } => runs::buckets(&base, cases, &mut tally),
        Recorded::Restart { cases, syn } => runs::restart(&base, cases, syn, &mut tally),
        Recorded::Wire { cases } => wire::replay(&base, cases, &mut tally),
    };
    done.map_err(|what| trace.error("json", what))?;
    Ok(tally)
}

fn in_ms(tally: &mut Tally) {
    tally.measured_in(Text::fixed("ms", " ms"));
}

/// Checks what a recording says its settings were.
fn valid(scenario: Scenario) -> Result<Valid<TcpLife>, String> {
    Valid::new(scenario).map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(|problem| problem.text().en.into_owned()).collect();
        problems.join("; ")
    })
}

/// A number of the model by its name.
fn metric(model: &TcpLife, name: &str) -> f64 {
    use crate::Model;
    let place = TcpLife::metrics_list().iter().position(|metric| metric.name == name);
    place.and_then(|place| model.metrics().get(place).copied()).unwrap_or(-1) as f64
}
