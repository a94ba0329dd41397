//! Whatever connections a reader asks for, no socket is lost, no four values are used twice at a time,
//! and what is on the wire is what TCP would send.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddrV4;

use proptest::prelude::*;
use serde_json::Value;
use sim_core::tcp_life::{Close, Host, Leg, Scenario, TcpLife};
use sim_core::{Log, Model, Packet, Params, Token, Valid};

const OF_LEG: &[&str] = &[
    "from",
    "to",
    "port",
    "caused_by",
    "per_s",
    "from_ms",
    "until_ms",
    "service_ms",
    "pool",
    "requests",
    "idle_ms",
    "close",
    "sources",
    "destinations",
    "unheard_of",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (-2i64..3000).prop_map(Value::from),
        2 => prop::sample::select(vec![0i64, 1, 65_535, 65_536, 20_000, 600_000, i64::MAX, i64::MIN]).prop_map(Value::from),
        1 => prop::sample::select(vec!["6.18", "2.6.31", "client", "proxy", "server", "leak", "both", ""]).prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn scalar() -> impl Strategy<Value = &'static str> {
    let mut names: Vec<&'static str> = Scenario::params().iter().map(|param| param.name).collect();
    names.extend(["kernel", "legs", "model", "model_version", "unheard_of"]);
    prop::sample::select(names)
}

fn leg(closes: &'static [Close]) -> impl Strategy<Value = Leg> {
    let ends = prop::sample::select(vec![
        (Host::Client, Host::Server),
        (Host::Client2, Host::Server),
        (Host::Client, Host::Proxy),
        (Host::Proxy, Host::Server),
        (Host::Server, Host::Client),
    ]);
    let kept = (0i64..4, 1i64..6, prop::sample::select(vec![0i64, 300, 2000]));
    let when = (0i64..3000, 100i64..5000);
    (ends, kept, when, prop::sample::select(closes), 1i64..200, 0i64..120, 1i64..4, 1i64..4).prop_map(
        |((from, to), (pool, requests, idle_ms), (from_ms, lasts), close, per_s, service_ms, sources, destinations)| {
            Leg {
                from_ms,
                service_ms,
                pool,
                requests,
                idle_ms,
                close,
                sources,
                destinations,
                ..Leg::new(from, to, per_s, from_ms + lasts)
            }
        },
    )
}

fn scenario(closes: &'static [Close]) -> impl Strategy<Value = Scenario> {
    let kernels = prop::sample::select(vec!["2.6.32", "3.10", "4.1", "4.10", "4.18", "5.10", "6.12", "6.18"]);
    let ports = (1024i64..60_000, prop::sample::select(vec![0i64, 1, 2, 5, 98, 2000]));
    let sysctls = (0i64..3, 0i64..2, 0i64..2, prop::sample::select(vec![0i64, 3, 131_072]), 1i64..70);
    let rest = (0i64..4, 0i64..2, 0i64..2, prop::sample::select(vec![0i64, 2500]), 0i64..3, 2i64..80_000);
    let legs = prop::collection::vec(leg(closes), 0..4);
    (kernels, ports, sysctls, rest, legs, 0i64..4096).prop_map(
        |(
            kernel,
            (low, more),
            sysctls,
            (watch, loopback, nat, restart_ms, so_reuseaddr, rtt_us),
            mut legs,
            jiffies,
        )| {
            // Whoever gets the requests of the leg before passes them on.
            for i in 1..legs.len() {
                if legs[i - 1].to == legs[i].from && jiffies % 2 == 0 {
                    legs[i] = legs[i].clone().caused_by(i as i64 - 1);
                }
            }
            Scenario {
                kernel: kernel.parse().expect("a release"),
                ip_local_port_range_low: low,
                ip_local_port_range_high: low + more,
                tcp_tw_reuse: sysctls.0,
                tcp_timestamps: sysctls.1,
                tcp_tw_recycle: sysctls.2,
                tcp_max_tw_buckets: sysctls.3,
                tcp_fin_timeout: sysctls.4,
                watch,
                loopback,
                nat,
                restart_ms,
                so_reuseaddr,
                rtt_us,
                jiffies,
                seed: jiffies,
                duration_ms: 75_000,
                legs,
                ..Scenario::default()
            }
        },
    )
}

const ALL: &[Close] =
    &[Close::Client, Close::Server, Close::Both, Close::Linger0, Close::Unread, Close::Leak, Close::Shutdown];
/// Those after which nothing of the old connection is left when its port is free again.
const CLEAN: &[Close] = &[Close::Client, Close::Server, Close::Both, Close::Linger0];

/// Sockets that were made are there or have gone; no table names four values twice.
fn check_books(model: &TcpLife) -> Result<(), TestCaseError> {
    for (_, host) in Host::NAMES {
        let ([full, buckets], gone, made) = model.books(host);
        prop_assert_eq!(full + buckets + gone, made, "{:?}", host);
    }
    let files = model.files();
    let mut seen = BTreeSet::new();
    for line in files["@sockets/tcp"].lines().skip(1) {
        let words: Vec<&str> = line.split(' ').collect();
        let tuple = (words[1], words[2]);
        prop_assert!(seen.insert(tuple), "{:?} twice", tuple);
    }
    let tw: i64 = files["@sockets/tcp"].lines().filter(|line| line.contains("timer=timewait")).count() as i64;
    let sockstat = &files["/proc/net/sockstat"];
    prop_assert!(tw > 1000 || sockstat.contains(&format!(" tw {tw} ")), "{} of {}", tw, sockstat);
    if let Some(strip) = model.strip(40) {
        let [open, held, all] = strip.all;
        prop_assert!(open + held <= all && strip.stretches.iter().flatten().map(|one| one[2]).sum::<u32>() == all);
    }
    Ok(())
}

/// What one end of a connection has sent so far.
#[derive(Default)]
struct Sent {
    next: Option<u32>,
    acked: Option<u32>,
    stamp: Option<u32>,
}

/// Every number follows from what was sent and received before.
fn check_wire(packets: &[Packet]) -> Result<(), TestCaseError> {
    let mut ends: BTreeMap<(SocketAddrV4, SocketAddrV4), Sent> = BTreeMap::new();
    let mut last = 0;
    for packet in packets {
        prop_assert!(packet.t_ns >= last, "time goes back");
        last = packet.t_ns;
        let (way, back) = ((packet.from, packet.to), (packet.to, packet.from));
        if packet.flags.syn && !packet.flags.ack {
            let repeated = ends.get(&way).is_some_and(|sent| sent.next == Some(packet.seq.wrapping_add(1)));
            if !repeated {
                ends.remove(&back);
                ends.insert(way, Sent::default());
            } else if let Some(sent) = ends.get_mut(&way) {
                sent.next = None;
            }
        }
        let theirs = ends.get(&back).and_then(|sent| sent.next);
        let sent = ends.entry(way).or_default();
        prop_assert!(sent.next.is_none_or(|next| next == packet.seq), "{:?}: {:?}", sent.next, packet);
        let counted = u32::from(packet.flags.syn) + u32::from(packet.flags.fin);
        sent.next = Some(packet.seq.wrapping_add(packet.payload.len() as u32).wrapping_add(counted));
        prop_assert!(packet.mss.is_some() == packet.flags.syn);
        prop_assert!(packet.flags.ack || (packet.ack == 0 && packet.flags.syn));
        if packet.flags.ack {
            // Acknowledged is what was sent, and never less than before.
            let ahead = |a: u32, b: u32| a.wrapping_sub(b).cast_signed();
            prop_assert!(theirs.is_none_or(|theirs| ahead(theirs, packet.ack) >= 0), "{:?}", packet);
            prop_assert!(sent.acked.is_none_or(|acked| ahead(packet.ack, acked) >= 0), "{:?}", packet);
            sent.acked = Some(packet.ack);
        }
        if let Some((stamp, _)) = packet.timestamps {
            prop_assert!(sent.stamp.is_none_or(|known| stamp.wrapping_sub(known).cast_signed() >= 0));
            sent.stamp = Some(stamp);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 64 } else { 400 }))]

    #[test]
    fn a_bent_preset_starts_or_is_refused_field_by_field(
        preset in 0..TcpLife::presets().len(),
        scalars in prop::collection::vec((scalar(), value()), 0..3),
        of_leg in prop::collection::vec((prop::sample::select(OF_LEG), value()), 0..4),
    ) {
        let written = TcpLife::write_scenario(&TcpLife::presets()[preset].scenario).to_string();
        let mut json: Value = serde_json::from_str(&written).expect("JSON");
        for (field, value) in of_leg {
            json["legs"][0][field] = value;
        }
        for (field, value) in scalars {
            json[field] = value;
        }
        match Valid::<TcpLife>::from_json(&json.to_string()) {
            Err(problems) => common::refused_field_by_field(&problems)?,
            Ok(scenario) => {
                prop_assert_eq!(TcpLife::problems(&scenario).len(), 0);
                let mut model = TcpLife::start(&scenario);
                let mut log = Log::telling();
                for _ in 0..500 {
                    if !model.step(&mut log) {
                        break;
                    }
                    prop_assert!(log.events().iter().all(|event| !event.why.ko.is_empty()));
                    log.clear();
                }
                check_books(&model)?;
            }
        }
    }

    #[test]
    fn no_socket_is_lost_and_no_tuple_used_twice(scenario in scenario(ALL)) {
        let written = TcpLife::write_scenario(&scenario).to_string();
        let valid = Valid::<TcpLife>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let read = Valid::<TcpLife>::from_json(&written);
        prop_assert_eq!(read.as_ref(), Ok(&valid));
        let token = Token::<TcpLife>::new(valid.clone(), 0).to_string();
        prop_assert_eq!(Token::<TcpLife>::parse(&token).map(|token| token.scenario), Ok(valid.clone()));
        let mut model = TcpLife::start(&valid);
        let mut log = Log::silent();
        let (mut before, mut steps) = (0, 0);
        while model.step(&mut log) {
            prop_assert!(before <= model.now() && model.now() <= model.ends());
            (before, steps) = (model.now(), steps + 1);
            log.clear();
            if steps % 97 == 0 {
                check_books(&model)?;
            }
        }
        check_books(&model)?;
        let numbers: BTreeMap<&str, i64> =
            TcpLife::metrics_list().iter().map(|metric| metric.name).zip(model.metrics()).collect();
        prop_assert!(numbers["done"] + numbers["failed"] <= numbers["requests"], "{:?}", numbers);
    }

    #[test]
    fn what_is_on_the_wire_is_what_tcp_would_send(scenario in scenario(CLEAN)) {
        // A restart cuts into whatever is under way; that is not what this is about.
        let scenario = Scenario { restart_ms: 0, nat: 0, ..scenario };
        let valid = Valid::<TcpLife>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let mut model = TcpLife::start(&valid);
        let mut log = Log::capturing();
        let mut packets = Vec::new();
        while model.step(&mut log) {
            packets.append(&mut log.take_packets());
            log.clear();
        }
        check_wire(&packets)?;
    }
}
