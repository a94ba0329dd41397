//! The model as a whole: schedules, and what each preset shows.

use super::scenario::{Scenario, Send};
use super::{Kind, TcpKeepalive};
use crate::model::{Log, Model};
use crate::run::run;
use crate::scenario::Valid;
use crate::{MILLISECOND, Token};

fn valid(scenario: Scenario) -> Valid<TcpKeepalive> {
    Valid::new(scenario).unwrap()
}

fn ended(scenario: Scenario) -> TcpKeepalive {
    let mut model = TcpKeepalive::start(&valid(scenario));
    model.advance_to(model.ends());
    model
}

fn metric(model: &TcpKeepalive, name: &str) -> i64 {
    model.metrics()[TcpKeepalive::metrics_list().iter().position(|metric| metric.name == name).expect("a metric")]
}

fn probes(model: &TcpKeepalive) -> Vec<u64> {
    model.shots().filter(|shot| shot.kind == Kind::Probe).map(|shot| shot.t / MILLISECOND).collect()
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = TcpKeepalive::presets()
        .into_iter()
        .map(|preset| {
            let end = ended(preset.scenario);
            let names = ["TCPKeepAlive", "RetransSegs", "remembered", "ended_ms", "ended_by", "blind_ms"];
            (preset.name, probes(&end), names.map(|name| (name, metric(&end, name))))
        })
        .collect();
    insta::assert_debug_snapshot!(shown);
}

#[test]
fn every_run_of_a_preset_is_the_same_and_does_not_depend_on_the_way() {
    for preset in TcpKeepalive::presets() {
        let scenario = valid(preset.scenario);
        let token = Token::new(scenario.clone(), preset.cursor);
        let again = Token::<TcpKeepalive>::parse(&token.to_string()).unwrap();
        assert_eq!((*again.scenario).clone(), *scenario, "{}", preset.name);
        let (one, two) = (run(&scenario), run(&again.scenario));
        assert_eq!(one.to_json(crate::Lang::Ko), two.to_json(crate::Lang::Ko), "{}", preset.name);
        let mut by_event = TcpKeepalive::start(&scenario);
        while by_event.step(&mut Log::silent()) {}
        let mut by_time = TcpKeepalive::start(&scenario);
        while by_time.now() < by_time.ends() {
            by_time.advance(by_time.now() + 777 * MILLISECOND, &mut Log::silent());
        }
        assert_eq!(by_event.metrics(), by_time.metrics(), "{}", preset.name);
        assert_eq!(by_event.files(), by_time.files(), "{}", preset.name);
    }
}

/// The rules of the table: t=5, i=2, n=3, with a user timeout of so many ms.
#[test]
fn a_silent_peer_is_given_up_by_count_or_by_time() {
    for (user_timeout_ms, want, at) in [
        (0, vec![5, 7, 9], 11),
        (7000, vec![5], 7),
        (3000, vec![5], 7),
        (9000, vec![5, 7], 9),
        (20_000, vec![5, 7, 9, 11, 13, 15, 17, 19], 21),
    ] {
        let scenario = Scenario {
            tcp_keepalive_time: 5,
            tcp_keepalive_intvl: 2,
            tcp_keepalive_probes: 3,
            user_timeout_ms,
            timer_wheel: 0,
            vanish_ms: 0,
            ..Scenario::default()
        };
        let model = ended(scenario);
        let seconds: Vec<_> = probes(&model).iter().map(|t| t / 1000).collect();
        assert_eq!((seconds, metric(&model, "ended_ms")), (want, at * 1000), "{user_timeout_ms}");
    }
}

#[test]
fn the_files_say_which_timer_it_is() {
    let base = Scenario { tcp_keepalive_time: 5, tcp_keepalive_intvl: 2, timer_wheel: 0, ..Scenario::default() };
    let busy = Scenario { vanish_ms: 0, sends: vec![Send::at(100)], ..base.clone() };
    let off = Scenario { so_keepalive: 0, ..base.clone() };
    for (scenario, ms, column, timer) in [
        (base, 60, " 02:000001EE ", "timer=keepalive expires_ms=4940 retrans=0"),
        (busy, 150, " 01:0000000F ", "timer=on expires_ms=154 retrans=0"),
        (off, 60, " 00:00000000 ", "timer=off expires_ms=0 retrans=0"),
    ] {
        let mut model = TcpKeepalive::start(&valid(scenario));
        model.advance_to(ms * MILLISECOND);
        let files = model.files();
        assert!(files["/proc/net/tcp"].contains(column), "{}", files["/proc/net/tcp"]);
        assert!(files["@sockets/tcp"].contains(timer), "{}", files["@sockets/tcp"]);
        assert!(files["/proc/net/tcp"].lines().all(|line| line.len() == 149));
        assert!(files["/proc/net/tcp"].contains("0B00000A:AFDE 1E00000A:1628 01 "));
    }
}
