//! The model as a whole: schedules, and what each preset shows.

use super::scenario::{Loss, Scenario, Start, Write};
use super::{TcpRto, Why};
use crate::model::{Log, Model};
use crate::run::run;
use crate::scenario::Valid;
use crate::{MILLISECOND, Token};

fn valid(scenario: Scenario) -> Valid<TcpRto> {
    Valid::new(scenario).unwrap()
}

fn preset(name: &str) -> Scenario {
    TcpRto::presets().into_iter().find(|preset| preset.name == name).expect("a preset").scenario
}

fn ended(scenario: Scenario) -> TcpRto {
    let mut model = TcpRto::start(&valid(scenario));
    model.advance_to(model.ends());
    model
}

/// When packets were sent again, ms.
fn again(model: &TcpRto) -> Vec<u64> {
    model.shots().filter(|shot| shot.why != Why::First).map(|shot| shot.t / MILLISECOND).collect()
}

fn metric(model: &TcpRto, name: &str) -> i64 {
    model.metrics()[TcpRto::metrics_list().iter().position(|metric| metric.name == name).expect("a metric")]
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = TcpRto::presets()
        .into_iter()
        .map(|preset| {
            let mut model = TcpRto::start(&valid(preset.scenario.clone()));
            model.advance_to(preset.cursor);
            let rto = metric(&model, "rto_us");
            let end = ended(preset.scenario);
            let counts = ["RetransSegs", "TCPTimeouts", "TCPLossProbes", "TCPFastRetrans", "answer_us", "app_timeouts"];
            let last = [metric(&end, "connected_ms"), metric(&end, "gave_up_ms")];
            (preset.name, rto, counts.map(|name| metric(&end, name)), last, again(&end))
        })
        .collect();
    insta::assert_debug_snapshot!(shown);
}

#[test]
fn every_run_of_a_preset_is_the_same_and_does_not_depend_on_the_way() {
    for preset in TcpRto::presets() {
        let scenario = valid(preset.scenario);
        let token = Token::new(scenario.clone(), preset.cursor);
        let again = Token::<TcpRto>::parse(&token.to_string()).unwrap();
        assert_eq!((*again.scenario).clone(), *scenario, "{}", preset.name);
        let (one, two) = (run(&scenario), run(&again.scenario));
        assert_eq!(one.to_json(crate::Lang::Ko), two.to_json(crate::Lang::Ko), "{}", preset.name);
        let mut by_event = TcpRto::start(&scenario);
        while by_event.step(&mut Log::silent()) {}
        let mut by_time = TcpRto::start(&scenario);
        while by_time.now() < by_time.ends() {
            by_time.advance(by_time.now() + 77 * MILLISECOND, &mut Log::silent());
        }
        assert_eq!(by_event.metrics(), by_time.metrics(), "{}", preset.name);
        assert_eq!(by_event.files(), by_time.files(), "{}", preset.name);
    }
}

#[test]
fn syns_go_out_by_the_schedule_of_the_kernel() {
    for (kernel, retries, linear, want, end) in [
        ("2.6.34", 5, 4, vec![3, 9, 21, 45, 93], 189),
        ("6.1", 6, 4, vec![1, 3, 7, 15, 31, 63], 127),
        ("6.4", 3, 4, vec![1, 3, 7], 15),
        ("6.5", 6, 4, vec![1, 2, 3, 4, 5, 7, 11, 19, 35, 67], 131),
        ("6.18", 6, 0, vec![1, 3, 7, 15, 31, 63], 127),
        // The time of two retries, 7 s, is over before their number is.
        ("6.18", 2, 4, vec![1, 2, 3, 4, 5], 7),
        ("6.18", 1, 4, vec![1, 2], 3),
        ("6.18", 3, 4, vec![1, 2, 3, 4, 5, 7, 11], 19),
    ] {
        let scenario = Scenario {
            kernel: kernel.parse().unwrap(),
            tcp_syn_retries: retries,
            tcp_syn_linear_timeouts: linear,
            duration_ms: 200_000,
            ..preset("syn-to-nowhere")
        };
        let model = ended(scenario);
        assert_eq!(again(&model), want.iter().map(|s| s * 1000).collect::<Vec<_>>(), "{kernel} {retries}");
        assert_eq!(metric(&model, "gave_up_ms"), end * 1000, "{kernel} {retries}");
    }
    let model = ended(Scenario { tcp_synack_retries: 2, ..preset("half-open") });
    assert_eq!((again(&model), metric(&model, "gave_up_ms")), (vec![1000, 3000], 7000));
    assert_eq!(metric(&ended(Scenario { start: Start::SynRecv, ..Scenario::default() }), "connected_ms"), 50);
}

/// The first firing of the timer past the limit, counted from the first timeout.
#[test]
fn retries2_is_a_time() {
    for (rtt_us, hz, early, retries2, retransmits, end) in [
        // Initial timeouts of 0.201, 0.204 and 0.3 s.
        (500, 1000, 0, 15, 15, 925_623),
        (500, 250, 0, 15, 15, 928_692),
        (100_000, 250, 0, 15, 15, 993_300),
        (500, 250, 3, 15, 15, 928_896),
        (500, 250, 0, 8, 8, 104_244),
        (500, 250, 0, 5, 5, 12_852),
    ] {
        let scenario = Scenario {
            rtt_us,
            hz,
            tcp_early_retrans: early,
            tcp_retries2: retries2,
            timer_wheel: 0,
            duration_ms: 1_200_000,
            ..preset("gone-for-good")
        };
        let model = ended(scenario);
        let (counted, at) = (metric(&model, "TCPTimeouts"), metric(&model, "gave_up_ms") - 1000);
        assert_eq!((counted, at), (retransmits, end), "{rtt_us} {hz} {early} {retries2}");
    }
}

#[test]
fn a_lone_packet_waits_for_the_probe_and_then_for_the_timeout() {
    for (early, times, want) in [(3, 1, vec![252]), (3, 3, vec![252, 504, 1008]), (0, 3, vec![252, 756, 1764])] {
        let scenario = Scenario {
            rtt_us: 50_000,
            timer_wheel: 0,
            tcp_early_retrans: early,
            duration_ms: 9000,
            writes: vec![Write::at(1000)],
            losses: vec![Loss { segment: 1, times }],
            ..Scenario::default()
        };
        let model = ended(scenario);
        assert_eq!(again(&model).iter().map(|t| t - 1000).collect::<Vec<_>>(), want, "{early} {times}");
        assert_eq!(metric(&model, "answer_us") / 1000, want.last().map_or(0, |last| *last as i64 + 50));
    }
}
