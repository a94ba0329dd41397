//! The local ports a kernel handed out, one after the other.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::super::Rules;
use super::super::ports::{Ports, perturbed};
use crate::fidelity::Tally;

/// Connections to one destination, with nothing else on the machine.
#[derive(Deserialize)]
pub struct Session {
    low: u16,
    high: u16,
    /// The port of each `connect()`; 0 where it failed; a port that came free, below 0.
    ops: Vec<i64>,
}

/// Follows each session. Where the search begins only the kernel knows: the first port tells it. What
/// is added after each connection is random in part, so several beginnings are possible from then on;
/// the model has to name the recorded port for at least one of them, which they are then narrowed to.
pub fn replay(rules: Rules, sessions: &[Session], tally: &mut Tally) -> Result<(), String> {
    let (mut connects, mut fails, mut only) = (0, 0, 0);
    for (i, session) in sessions.iter().enumerate() {
        if session.low > session.high {
            return Err(format!("session {i}: the range {} to {} is none", session.low, session.high));
        }
        let mut ports = Ports::new(session.low, session.high);
        let mut offsets: BTreeSet<u32> = BTreeSet::new();
        for (at, op) in session.ops.iter().enumerate() {
            let place = format!("session {i} step {at}");
            let port = u16::try_from(op.unsigned_abs()).map_err(|_| format!("{place}: {op} is no port"))?;
            match op {
                0 => {
                    fails += 1;
                    tally.same(&place, if ports.free() == 0 { "fails" } else { "connects" }, "fails");
                }
                1.. => {
                    connects += 1;
                    only += u64::from(offsets.len() == 1);
                    offsets = follow(rules, &ports, &offsets, port, &place, tally);
                    ports.set_free(port, false);
                }
                _ => ports.set_free(port, true),
            }
        }
    }
    tally.note(format!(
        "{connects} ports of {} destinations, {fails} failures; where {only} of the searches began was known",
        sessions.len()
    ));
    Ok(())
}

fn follow(
    rules: Rules,
    ports: &Ports,
    offsets: &BTreeSet<u32>,
    port: u16,
    place: &str,
    tally: &mut Tally,
) -> BTreeSet<u32> {
    let first = u32::from(port.wrapping_sub(ports.low()));
    let begin = BTreeSet::from([first]);
    let known = if offsets.is_empty() { &begin } else { offsets };
    let named: BTreeSet<u16> = known.iter().filter_map(|at| Some(ports.find(*at, rules.parity)?.port)).collect();
    tally.check(named.contains(&port), || format!("{place}: model one of {named:?}, recorded {port}"));
    let from = if named.contains(&port) { known } else { &begin };
    let remaining = (ports.count() & !1).max(1);
    let mut next = BTreeSet::new();
    for at in from {
        let Some(found) = ports.find(*at, rules.parity).filter(|found| found.port == port) else { continue };
        next.extend(
            (0..8).map(|random| (at + perturbed(found.steps, rules.parity, rules.perturb, random)) % remaining),
        );
    }
    next
}
