//! When records went.

use serde::Deserialize;

use super::super::TcpLife;
use super::super::scenario::{Close, Host, Leg, Scenario};
use super::{metric, valid};
use crate::fidelity::Tally;
use crate::{MILLISECOND, Model, Nanos};

/// A timer may run two ticks of 4 ms late, each CPU running its own; the sampler sleeps for 4 ms
/// between looks and shares two CPUs with what it looks at.
const LATE_MS: f64 = 20.0;
/// Connections whose bucket may go a turn of the wheel earlier or later: the moment of `close()` was
/// recorded, not that of the last segment, and one bucket lies at each end of a turn.
const MISCOUNTED: f64 = 1.0;

/// Connections closed one after the other, and how many TIME_WAITs there were.
#[derive(Deserialize)]
pub struct Expiry {
    hz: i64,
    /// Jiffies at the first close.
    jiffies: u64,
    /// When each was closed, µs since the first.
    closes_us: Vec<u64>,
    /// When their number was first seen to be another one, µs since the first close.
    samples: Vec<(u64, u64)>,
}

/// Runs as many connections in the same time, and compares when which number is left.
pub fn expiry(base: &Scenario, recorded: &Expiry, tally: &mut Tally) -> Result<(), String> {
    let (n, last) = (recorded.closes_us.len() as u64, recorded.closes_us.last().copied().unwrap_or(0));
    if n < 2 || last == 0 {
        return Err("closes_us: at least two are needed".to_owned());
    }
    let per_s = ((n - 1) * 1_000_000).div_ceil(last) as i64;
    let until_ms = (n * 1000).div_ceil(per_s.max(1).unsigned_abs()) as i64;
    let leg = Leg { service_ms: 0, ..Leg::new(Host::Client, Host::Server, per_s, until_ms) };
    let scenario = Scenario {
        hz: recorded.hz,
        jiffies: (recorded.jiffies % 4096) as i64,
        rtt_us: 2,
        legs: vec![leg],
        ..base.clone()
    };
    let mut model = TcpLife::start(&valid(scenario)?);
    let most = recorded.samples.iter().map(|sample| sample.1).max().unwrap_or(0);
    let full = recorded.samples.iter().position(|sample| sample.1 == most).unwrap_or(0);
    let falling = &recorded.samples[full..];
    model.advance_to(falling.first().map_or(0, |sample| sample.0 * 1000));
    tally.number("most at once", metric(&model, "time_wait"), most as f64);
    let mut turns = 0;
    for pair in falling.windows(2) {
        let (before, (at_us, left)) = (pair[0].1, pair[1]);
        // Both CPUs run what is due in one turn; what is seen between them is no turn of its own.
        if before > left && falling.iter().any(|(t, later)| *t > at_us && t - at_us < 10_000 && *later < left) {
            continue;
        }
        let place = format!("turn {turns}");
        turns += 1;
        let Some((t, model_left)) = next_drop(&mut model) else {
            tally.check(false, || format!("{place}: nothing goes any more in the model, {left} are left"));
            break;
        };
        tally.number_within(&place, t as f64 / 1e6, at_us as f64 / 1e3, LATE_MS);
        let differ = (model_left - left as f64).abs();
        tally.check(differ <= MISCOUNTED, || format!("{place}: model has {model_left} left, recorded {left}"));
    }
    tally.note(format!("{most} TIME_WAITs gone in {turns} turns of the wheel"));
    Ok(())
}

/// Goes on to where the number of TIME_WAITs falls; nothing where it does not any more.
fn next_drop(model: &mut TcpLife) -> Option<(Nanos, f64)> {
    let before = metric(model, "time_wait");
    let mut log = crate::Log::silent();
    while model.step(&mut log) {
        log.clear();
        let now = metric(model, "time_wait");
        if now < before {
            return Some((model.now(), now));
        }
    }
    None
}

/// An orphaned FIN_WAIT2, looked at until it was gone.
#[derive(Deserialize)]
pub struct FinTimeout {
    tcp_fin_timeout: i64,
    /// Jiffies at its close.
    jiffies: u64,
    /// µs since then; sockets in FIN_WAIT1, FIN_WAIT2 and TIME_WAIT, and the count `tw`.
    samples: Vec<Seen>,
}

type Seen = (u64, u64, u64, u64, u64);

/// The acknowledgment of the model's FIN waits for so long.
const ACKNOWLEDGED: Nanos = 40 * MILLISECOND;

/// Compares when each becomes a bucket, above a minute, and when it is gone.
pub fn fin_timeout(base: &Scenario, hz: u64, cases: &[FinTimeout], tally: &mut Tally) -> Result<(), String> {
    for case in cases {
        let name = format!("tcp_fin_timeout {}", case.tcp_fin_timeout);
        let leg = Leg { service_ms: 0, ..Leg::new(Host::Client, Host::Server, 1, 1) }.closed_by(Close::Leak);
        let scenario = Scenario {
            hz: hz as i64,
            jiffies: ((case.jiffies + 4096).saturating_sub(hz * ACKNOWLEDGED / crate::SECOND) % 4096) as i64,
            tcp_fin_timeout: case.tcp_fin_timeout,
            rtt_us: 2,
            duration_ms: 300_000,
            legs: vec![leg],
            ..base.clone()
        };
        let mut model = TcpLife::start(&valid(scenario)?);
        let ms = |t: Nanos| t.saturating_sub(ACKNOWLEDGED) as f64 / 1e6;
        let seen = |found: &dyn Fn(&Seen) -> bool| {
            case.samples.iter().find(|sample| found(sample)).map(|sample| sample.0 as f64 / 1e3)
        };
        let mut log = crate::Log::silent();
        let mut bucket = None;
        let mut gone = None;
        while gone.is_none() && model.step(&mut log) {
            for event in log.take() {
                match event.kind {
                    "fin-wait2" => bucket = Some(ms(event.t_ns)),
                    "expire" => gone = Some(ms(event.t_ns)),
                    _ => {}
                }
            }
        }
        let compared = [
            ("becomes a record", bucket, seen(&|sample| sample.4 > 0)),
            ("is gone", gone, seen(&|sample| (sample.1, sample.2, sample.3) == (0, 0, 0))),
        ];
        for (what, got, want) in compared {
            match (got, want) {
                (Some(got), Some(want)) => tally.number_within(&format!("{name} {what}"), got, want, LATE_MS),
                _ => tally.check(got.is_none() && want.is_none(), || {
                    format!("{name} {what}: model {got:?}, recorded {want:?}")
                }),
            }
        }
    }
    tally.note(format!("{} orphaned FIN_WAIT2s", cases.len()));
    Ok(())
}
