//! Small experiments, run again in the model.

use serde::Deserialize;

use super::super::TcpLife;
use super::super::scenario::{Close, Host, Leg, Scenario};
use super::{metric, valid};
use crate::fidelity::Tally;
use crate::{MILLISECOND, Model, SECOND};

/// Two bursts of connections to one destination, each closed by the client, with a pause between.
#[derive(Deserialize)]
pub struct Reuse {
    name: String,
    tcp_tw_reuse: i64,
    tcp_tw_reuse_delay: i64,
    tcp_timestamps: i64,
    loopback: i64,
    /// How many `connect()` each burst tried.
    asks: i64,
    /// When a burst began and ended, ms.
    first_ms: (i64, i64),
    second_ms: (i64, i64),
    /// How many succeeded.
    first: u64,
    second: u64,
    /// What `TWRecycled` grew by.
    recycled: u64,
}

/// Compares how many of each burst succeed.
pub fn reuse(base: &Scenario, range: (i64, i64), cases: &[Reuse], tally: &mut Tally) -> Result<(), String> {
    for case in cases {
        let leg = |(from, until): (i64, i64)| {
            // Failing takes no time; twenty a millisecond is as fast as a leg can ask.
            let lasts = until.saturating_sub(from).max(case.asks / 20 + 1);
            let per_s = case.asks.saturating_mul(1000) / lasts;
            Leg {
                from_ms: from,
                service_ms: 0,
                ..Leg::new(Host::Client, Host::Server, per_s, from.saturating_add(lasts))
            }
        };
        let scenario = Scenario {
            ip_local_port_range_low: range.0,
            ip_local_port_range_high: range.1,
            tcp_tw_reuse: case.tcp_tw_reuse,
            tcp_tw_reuse_delay: case.tcp_tw_reuse_delay,
            tcp_timestamps: case.tcp_timestamps,
            loopback: case.loopback,
            rtt_us: 2,
            duration_ms: 50_000,
            legs: vec![leg(case.first_ms), leg(case.second_ms)],
            ..base.clone()
        };
        let mut model = TcpLife::start(&valid(scenario)?);
        model.advance_to((case.second_ms.0.max(1) as u64 * MILLISECOND) - 1);
        let first = metric(&model, "active_opens");
        tally.number(&format!("{}: first burst", case.name), first, case.first as f64);
        model.advance_to(50 * SECOND);
        let second = metric(&model, "active_opens") - first;
        tally.number(&format!("{}: second burst", case.name), second, case.second as f64);
        tally.number(&format!("{}: TWRecycled", case.name), metric(&model, "tw_recycled"), case.recycled as f64);
    }
    tally.note(format!("{} settings of tcp_tw_reuse", cases.len()));
    Ok(())
}

/// Connections closed where only so many TIME_WAITs are allowed.
#[derive(Deserialize)]
pub struct Buckets {
    limit: i64,
    /// TIME_WAITs before and after.
    before: u64,
    tw: u64,
    closes: i64,
    /// What `TCPTimeWaitOverflow` grew by.
    overflow: u64,
}

/// Compares how many become TIME_WAITs and how many do not.
pub fn buckets(base: &Scenario, cases: &[Buckets], tally: &mut Tally) -> Result<(), String> {
    for case in cases {
        let name = format!("tcp_max_tw_buckets {}", case.limit);
        let leg = Leg { service_ms: 0, ..Leg::new(Host::Client, Host::Server, case.closes, 1000) };
        let scenario = Scenario { tcp_max_tw_buckets: case.limit, rtt_us: 2, legs: vec![leg], ..base.clone() };
        let mut model = TcpLife::start(&valid(scenario)?);
        model.advance_to(2 * SECOND);
        let made = case.tw.saturating_sub(case.before) as f64;
        tally.number(&format!("{name}: TIME_WAITs"), metric(&model, "time_wait"), made);
        tally.number(&format!("{name}: TCPTimeWaitOverflow"), metric(&model, "tw_overflow"), case.overflow as f64);
    }
    tally.note(format!("{} limits", cases.len()));
    Ok(())
}

/// A port bound again after one connection to it was closed.
#[derive(Deserialize)]
pub struct Restart {
    name: String,
    /// Whether the old and the new socket had `SO_REUSEADDR`.
    old: u8,
    new: u8,
    /// Who had closed: `client` or `server`.
    closes: String,
    /// What `bind()` said: 0 or 98.
    errno: u32,
}

/// Connections from one and the same port, each closed by the server first.
#[derive(Deserialize)]
pub struct Syn {
    timestamps: i64,
    /// What each `connect()` said.
    results: Vec<u32>,
}

/// Compares what `bind()` and `connect()` say.
pub fn restart(base: &Scenario, cases: &[Restart], syn: &[Syn], tally: &mut Tally) -> Result<(), String> {
    for case in cases {
        let close = if case.closes == "server" { Close::Server } else { Close::Client };
        let scenario = Scenario {
            restart_ms: 1000,
            so_reuseaddr: if case.new == 0 { 0 } else { 1 + i64::from(case.old != 0) },
            duration_ms: 2000,
            legs: vec![Leg::new(Host::Client, Host::Server, 1, 1).closed_by(close)],
            ..base.clone()
        };
        let mut model = TcpLife::start(&valid(scenario)?);
        model.advance_to(1500 * MILLISECOND);
        let got = if model.listening() { 0.0 } else { 98.0 };
        tally.number(&format!("bind(), SO_REUSEADDR: {}", case.name), got, f64::from(case.errno));
    }
    for case in syn {
        let times = case.results.len() as i64;
        let scenario = Scenario {
            ip_local_port_range_low: 40_000,
            ip_local_port_range_high: 40_000,
            tcp_timestamps: case.timestamps,
            duration_ms: 3000,
            legs: vec![Leg::new(Host::Client, Host::Server, times, 1000).closed_by(Close::Server)],
            ..base.clone()
        };
        let mut model = TcpLife::start(&valid(scenario)?);
        model.advance_to(2 * SECOND);
        let well = case.results.iter().filter(|result| **result == 0).count();
        tally.number(
            &format!("SYN over a TIME_WAIT, timestamps {}", case.timestamps),
            metric(&model, "done"),
            well as f64,
        );
    }
    tally.note(format!("{} binds, {} series of SYNs", cases.len(), syn.len()));
    Ok(())
}
