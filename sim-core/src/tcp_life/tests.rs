//! The model as a whole: what its presets show, and what holds of every run.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use super::connection::State;
use super::scenario::{Close, Host, Leg, Scenario};
use super::{TcpLife, presets};
use crate::model::{Log, Model, Preset};
use crate::scenario::Valid;
use crate::{MILLISECOND, Packet, SECOND, Token};

fn valid(scenario: Scenario) -> Valid<TcpLife> {
    Valid::new(scenario).unwrap()
}

fn at(scenario: &Scenario, t: u64) -> TcpLife {
    let mut model = TcpLife::start(&valid(scenario.clone()));
    model.advance_to(t);
    model
}

fn metric(model: &TcpLife, name: &str) -> i64 {
    let place = TcpLife::metrics_list().iter().position(|metric| metric.name == name);
    model.metrics()[place.expect(name)]
}

/// Every number that is not 0.
fn numbers(model: &TcpLife) -> String {
    let all = TcpLife::metrics_list().iter().zip(model.metrics()).filter(|(_, value)| *value != 0);
    all.map(|(metric, value)| format!("{} {value}", metric.name)).collect::<Vec<_>>().join(", ")
}

/// What happened first of each kind, and how often.
fn kinds(preset: &Preset<Scenario>) -> String {
    let mut model = TcpLife::start(&valid(preset.scenario.clone()));
    let (mut log, mut first) = (Log::silent(), BTreeMap::new());
    while model.step(&mut log) {
        for event in log.take() {
            first.entry(event.kind).or_insert((event.t_ns / MILLISECOND, 0)).1 += 1;
        }
    }
    first.iter().map(|(kind, (at, n))| format!("{kind} {at} ms x{n}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = presets::presets()
        .iter()
        .map(|preset| (preset.name, numbers(&at(&preset.scenario, preset.cursor)), kinds(preset)))
        .collect();
    insta::assert_debug_snapshot!(shown);
}

#[test]
fn every_run_of_a_preset_is_the_same() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let token = Token::new(scenario.clone(), preset.cursor);
        let again = Token::<TcpLife>::parse(&token.to_string()).unwrap();
        assert_eq!((*again.scenario).clone(), *scenario, "{}", preset.name);
        let (one, two) = (at(&scenario, preset.cursor), at(&again.scenario, preset.cursor));
        assert_eq!((one.metrics(), one.files()), (two.metrics(), two.files()), "{}", preset.name);
    }
}

/// Stopping anywhere changes nothing that comes later, and neither does a capture.
#[test]
fn the_end_does_not_depend_on_the_way() {
    for preset in presets::presets() {
        // Beyond the moments the presets speak of nothing new happens.
        let duration_ms = preset.scenario.duration_ms.min(35_000);
        let legs = preset.scenario.legs.into_iter();
        let legs = legs.map(|leg| Leg {
            until_ms: leg.until_ms.min(duration_ms),
            idle_ms: leg.idle_ms.min(duration_ms),
            ..leg
        });
        let scenario = valid(Scenario { duration_ms, legs: legs.collect(), ..preset.scenario });
        let mut by_event = TcpLife::start(&scenario);
        let mut capturing = Log::capturing();
        while by_event.step(&mut capturing) {
            capturing.take_packets();
            capturing.clear();
        }
        let mut by_second = TcpLife::start(&scenario);
        while by_second.now() < by_second.ends() {
            by_second.advance(by_second.now() + 777 * MILLISECOND, &mut Log::silent());
        }
        assert_eq!(by_event.metrics(), by_second.metrics(), "{}", preset.name);
        assert_eq!(by_event.files(), by_second.files(), "{}", preset.name);
    }
}

/// Ten connections, all through after five seconds, each closed in its way.
fn ten(close: Close) -> Scenario {
    let leg = Leg::new(Host::Client, Host::Server, 10, 1000).closed_by(close);
    Scenario { duration_ms: 200_000, legs: vec![leg], ..Scenario::default() }
}

#[test]
fn each_way_to_close_leaves_its_states() {
    use State::{CloseWait, FinWait2, TimeWait};
    let none: &[(State, u32)] = &[];
    for (close, client, server, long_after) in [
        (Close::Client, [(TimeWait, 10)].as_slice(), none, none),
        (Close::Server, none, &[(TimeWait, 10)], none),
        (Close::Both, &[(TimeWait, 10)], &[(TimeWait, 10)], none),
        (Close::Linger0, none, none, none),
        (Close::Unread, none, none, none),
        (Close::Leak, &[(FinWait2, 10)], &[(CloseWait, 10)], none),
        (Close::Shutdown, &[(FinWait2, 10)], &[(CloseWait, 10)], &[(FinWait2, 10)]),
    ] {
        let states = |model: &TcpLife, host: usize| {
            let sockets = model.hosts()[host].sockets;
            State::ALL.into_iter().zip(sockets).filter(|(_, n)| *n > 0).collect::<Vec<_>>()
        };
        let soon = at(&ten(close), 5 * SECOND);
        assert_eq!((states(&soon, 0).as_slice(), states(&soon, 1).as_slice()), (client, server), "{close:?}");
        assert_eq!(states(&at(&ten(close), 199 * SECOND), 0), long_after, "{close:?}");
        assert_eq!(metric(&soon, "done"), 10, "{close:?}");
    }
}

/// Every segment of a run, by connection in the order of time.
fn packets(scenario: &Scenario) -> BTreeMap<[SocketAddrV4; 2], Vec<Packet>> {
    let mut model = TcpLife::start(&valid(scenario.clone()));
    let mut log = Log::capturing();
    let mut by_connection: BTreeMap<_, Vec<Packet>> = BTreeMap::new();
    while model.step(&mut log) {
        log.clear();
    }
    for packet in log.take_packets() {
        by_connection.entry([packet.from.min(packet.to), packet.from.max(packet.to)]).or_default().push(packet);
    }
    by_connection
}

#[test]
fn a_watched_host_sees_whole_connections_whoever_it_is() {
    for watch in [0, 3] {
        for close in Close::NAMES.map(|(_, close)| close) {
            let seen = packets(&Scenario { watch, ..ten(close) });
            assert_eq!(seen.len(), 10, "{close:?}");
            for packets in seen.values() {
                let flags = packets.iter().map(|packet| {
                    let f = packet.flags;
                    [(f.syn, 'S'), (f.fin, 'F'), (f.rst, 'R'), (f.ack, '.')]
                        .iter()
                        .filter(|(on, _)| *on)
                        .map(|(_, c)| *c)
                        .collect()
                });
                let flags: Vec<String> = flags.collect();
                assert_eq!(flags[..3], ["S", "S.", "."], "{close:?} {flags:?}");
                assert!(packets.is_sorted_by_key(|packet| packet.t_ns));
                assert_eq!(packets.iter().map(|packet| packet.payload.len()).filter(|n| *n > 0).count(), 2);
            }
        }
    }
}

#[test]
fn a_tuple_that_comes_again_is_accepted_over_the_servers_time_wait() {
    // One local port: the server closes first, so the client's is free again at once.
    let scenario = Scenario { ip_local_port_range_low: 40_000, ip_local_port_range_high: 40_000, ..ten(Close::Server) };
    let model = at(&scenario, 5 * SECOND);
    assert_eq!((metric(&model, "done"), metric(&model, "no_port")), (10, 0));
    assert_eq!(model.hosts()[1].sockets[State::TimeWait as usize], 1);
    // The client closes first: nine find no port.
    let scenario = Scenario { ip_local_port_range_low: 40_000, ip_local_port_range_high: 40_000, ..ten(Close::Client) };
    let model = at(&scenario, 5 * SECOND);
    assert_eq!((metric(&model, "done"), metric(&model, "no_port")), (1, 9));
}

#[test]
fn reuse_needs_the_sysctl_timestamps_and_time() {
    // A hundred ports; two hundred connections at once, and two hundred more 2.2 s later.
    let leg = |from_ms| Leg { from_ms, ..Leg::new(Host::Client, Host::Server, 2000, from_ms + 100) };
    let base = Scenario {
        ip_local_port_range_low: 40_000,
        ip_local_port_range_high: 40_099,
        duration_ms: 10_000,
        legs: vec![leg(0), leg(2300)],
        ..Scenario::default()
    };
    for (kernel, tcp_tw_reuse, tcp_timestamps, loopback, want) in [
        ("6.18", 0, 1, 0, 100),
        ("6.18", 2, 1, 0, 100),
        ("6.18", 1, 1, 0, 200),
        ("6.18", 1, 0, 0, 100),
        ("6.18", 2, 1, 1, 200),
        ("6.12", 1, 1, 0, 200),
        ("4.18", 2, 1, 0, 200),
        ("3.10", 1, 1, 0, 200),
    ] {
        let kernel = kernel.parse().unwrap();
        let model = at(&Scenario { kernel, tcp_tw_reuse, tcp_timestamps, loopback, ..base.clone() }, 5 * SECOND);
        assert_eq!(metric(&model, "active_opens"), want, "{kernel} {tcp_tw_reuse} {tcp_timestamps} {loopback}");
    }
    let soon = Scenario { legs: vec![leg(0), leg(500)], tcp_tw_reuse: 1, ..base };
    assert_eq!(metric(&at(&soon, 5 * SECOND), "active_opens"), 100);
    let short = Scenario { tcp_tw_reuse_delay: 200, ..soon };
    assert_eq!(metric(&at(&short, 5 * SECOND), "active_opens"), 200);
}

#[test]
fn more_destinations_have_more_ports() {
    for (destinations, sources, want) in [(1, 1, 100), (4, 1, 400), (1, 3, 300), (2, 2, 400)] {
        let leg = Leg { destinations, sources, ..Leg::new(Host::Client, Host::Server, 1000, 1000) };
        let scenario = Scenario {
            ip_local_port_range_low: 40_000,
            ip_local_port_range_high: 40_099,
            legs: vec![leg],
            ..Scenario::default()
        };
        let model = at(&scenario, 5 * SECOND);
        assert_eq!(metric(&model, "active_opens"), want, "{destinations} {sources}");
    }
}

#[test]
fn an_idle_connection_is_closed_by_the_server() {
    let leg = Leg { idle_ms: 3000, ..Leg::new(Host::Client, Host::Server, 10, 1000).pooled(8, 100) };
    let scenario = Scenario { watch: 3, legs: vec![leg], ..Scenario::default() };
    for (t, established, time_wait) in [(2, 1, 0), (5, 0, 1)] {
        let model = at(&scenario, t * SECOND);
        let found = (metric(&model, "established"), metric(&model, "time_wait"));
        assert_eq!(found, (established, time_wait), "{t} s");
    }
}

#[test]
fn a_restart_needs_the_option_on_both_sides() {
    let base = Scenario {
        restart_ms: 10_000,
        legs: vec![Leg { service_ms: 200, ..Leg::new(Host::Client, Host::Server, 20, 120_000).pooled(8, 100_000) }],
        ..Scenario::default()
    };
    for (so_reuseaddr, after_1_s, after_70_s) in [(0, false, true), (1, false, true), (2, true, true)] {
        let scenario = Scenario { so_reuseaddr, ..base.clone() };
        let listening = [11, 80].map(|t| at(&scenario, t * SECOND).listening());
        assert_eq!(listening, [after_1_s, after_70_s], "{so_reuseaddr}");
    }
}
