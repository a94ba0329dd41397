//! The model as a whole: laws that hold in whole numbers, theory within its error, and what each
//! preset shows.

use super::scenario::{Bottleneck, Scenario};
use super::{Service, Stage};
use crate::{Log, Model, Nanos, SECOND, Valid};

fn start(scenario: Scenario) -> Service {
    Service::start(&Valid::new(scenario).expect("valid"))
}

fn whole(scenario: Scenario) -> Service {
    let mut model = start(scenario);
    model.advance_to(model.ends());
    model
}

fn preset(name: &str) -> Service {
    let preset = Service::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
    whole(preset.scenario)
}

fn metric(model: &Service, name: &str) -> i64 {
    let at = Service::metrics_list().iter().position(|metric| metric.name == name).expect("a metric");
    model.metrics()[at]
}

/// Little's law and the response-time law are identities over a stretch at whose ends nobody is
/// inside: what is inside, summed over time, is the sum of the latencies, to the nanosecond. Here it
/// is checked while visits are under way: those count with what they have taken so far.
#[test]
fn what_is_inside_is_what_was_waited() {
    for preset in Service::presets() {
        let mut model = start(Scenario { duration_ms: 4000, ..preset.scenario });
        let mut log = Log::silent();
        // Whoever was inside when measuring began; their latencies are not counted.
        model.advance_to(SECOND);
        let before: Vec<_> = model.visitors().iter().filter(|v| v.stage != Stage::Away).map(|v| v.since).collect();
        let mut early: u64 = 0;
        let mut failed: u64 = 0;
        let mut inside: Vec<_> = model.visitors().to_vec();
        while model.step(&mut log) {
            for (was, is) in inside.iter().zip(model.visitors()) {
                let gone = was.stage != Stage::Away && (is.stage == Stage::Away || is.since != was.since);
                if gone && was.since < SECOND {
                    early += model.now() - SECOND;
                } else if gone && log.events().iter().any(|event| event.kind == "no-port") {
                    failed += model.now() - was.since;
                }
            }
            inside = model.visitors().to_vec();
            log.clear();
        }
        assert!(before.iter().all(|since| *since <= SECOND));
        let (areas, latencies) = model.areas();
        let under_way = |v: &&super::Visitor| v.stage != Stage::Away;
        let now = model.now();
        let so_far: u64 = model.visitors().iter().filter(under_way).map(|v| now - v.since.max(SECOND)).sum();
        if failed == 0 {
            assert_eq!(areas.inside, latencies + early + so_far, "{}", preset.name);
        } else {
            // An instant may hold a failure and an answer; both are within what was inside.
            assert!(areas.inside >= latencies + early + so_far, "{}", preset.name);
        }
    }
}

/// N = X (R + Z) exactly, with fixed times and nobody waiting at the ends: 8 visitors, 2.25 ms each.
#[test]
fn the_response_time_law_gives_the_latency() {
    for (clients, think_us) in [(1, 0), (4, 0), (8, 5000), (32, 20_000)] {
        let model = whole(Scenario { clients, think_us, duration_ms: 61_000, pool: 4, ..Scenario::default() });
        let all = model.whole();
        // Both sides are cut to whole thousandths and nanoseconds, and some visits are under way at the
        // end: at most `clients` of tens of thousands.
        let by_law = clients as u64 * SECOND * 1000 / all.per_1000_s - think_us as u64 * 1000;
        let count = all.per_1000_s * 60 / 1000;
        let allowed = 2 * all.mean * clients as u64 / count + 1000;
        assert!(by_law.abs_diff(all.mean) <= allowed, "{clients}: {by_law} {}", all.mean);
    }
}

/// Throughput is at its asymptotic bound where times are fixed, below the knee and above it.
#[test]
fn fixed_times_reach_the_bounds() {
    for (clients, workers, think_us) in [(1, 1, 0), (1, 1, 7000), (4, 2, 0), (8, 1, 0), (32, 2, 0), (3, 1, 50_000)] {
        let scenario = Scenario { clients, workers, think_us, pool: 64, other_us: 0, ..Scenario::default() };
        let bound = scenario.bounds().per_1000_s(clients as u64);
        let got = whole(scenario).whole().per_1000_s;
        // One visit more or less in nine seconds.
        assert!(got.abs_diff(bound) <= 1000 / 9 + 1 + bound / 1000, "{clients} {workers}: {got} {bound}");
    }
    for (scenario, bottleneck) in [
        (Scenario::default(), Bottleneck::Workers),
        (Scenario { workers: 16, ..Scenario::default() }, Bottleneck::Cpus),
        (Scenario { workers: 16, backend_us: 20_000, ..Scenario::default() }, Bottleneck::Backend),
        (
            Scenario { workers: 16, backend_us: 20_000, backend_servers: 8, pool: 1, ..Scenario::default() },
            Bottleneck::Pool,
        ),
        (Scenario { workers: 16, proxy: 2, proxy_us: 5000, cpus: 8, ..Scenario::default() }, Bottleneck::Proxy),
    ] {
        assert_eq!(scenario.bounds().bottleneck, bottleneck);
    }
}

/// The exact solution of M/M/c with N visitors (the machine-repairman model): throughput and the mean
/// time in the system, both in units of the service time.
fn closed(n: u32, c: u32, think: f64) -> (f64, f64) {
    let mut weights = vec![1.0_f64];
    for k in 1..=n {
        let rate = f64::from(n - k + 1) / think / f64::from(k.min(c));
        weights.push(weights[k as usize - 1] * rate);
    }
    let all: f64 = weights.iter().sum();
    let busy: f64 = weights.iter().enumerate().map(|(k, w)| (k as f64).min(f64::from(c)) * w / all).sum();
    let inside: f64 = weights.iter().enumerate().map(|(k, w)| k as f64 * w / all).sum();
    (busy, inside / busy)
}

/// Erlang C: the mean time in M/M/c with an endless source, in units of the service time.
fn erlang_c(c: u32, load: f64) -> f64 {
    let c_f = f64::from(c);
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..c {
        term *= load / f64::from(k);
        sum += term;
    }
    let last = term * load / c_f * c_f / (c_f - load);
    let waits = last / (sum + last);
    1.0 + waits / (c_f - load)
}

fn markov(clients: i64, workers: i64, think_us: i64, seed: i64) -> Scenario {
    Scenario {
        clients,
        workers,
        cpus: workers,
        think_us,
        think_spread: 1,
        cpu_us: 10_000,
        cpu_spread: 1,
        other_us: 0,
        connect_us: 0,
        backend_us: 0,
        pool: 64,
        duration_ms: 121_000,
        // All at once would be a crowd that takes long to disperse.
        ramp_ms: think_us / 1000 / clients,
        seed,
        ..Scenario::default()
    }
}

/// Mean time in the system, its standard error, and throughput, from ten runs of other seeds.
fn sampled(clients: i64, workers: i64, think_us: i64) -> (f64, f64, f64) {
    let runs: Vec<_> = (1..=10).map(|seed| whole(markov(clients, workers, think_us, seed)).whole()).collect();
    let times: Vec<_> = runs.iter().map(|run| run.mean as f64 / 10_000_000.0).collect();
    let mean = times.iter().sum::<f64>() / 10.0;
    let variance = times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / 9.0;
    let rate = runs.iter().map(|run| run.per_1000_s as f64 / 1000.0 * 0.01).sum::<f64>() / 10.0;
    (mean, (variance / 10.0).sqrt(), rate)
}

#[test]
fn exponential_times_agree_with_queueing_theory() {
    for (clients, workers, think_us) in [(10, 1, 90_000), (30, 2, 190_000), (12, 4, 20_000), (5, 1, 0)] {
        let (mean, error, rate) = sampled(clients, workers, think_us);
        let think = think_us as f64 / 10_000.0;
        let (busy, time) = if think_us == 0 { (1.0, 5.0) } else { closed(clients as u32, workers as u32, think) };
        assert!((mean - time).abs() <= 4.0 * error + 0.002, "{clients} {workers}: {mean} ± {error}, theory {time}");
        assert!((rate - busy).abs() / busy <= 0.02, "{clients} {workers}: {rate} {busy}");
    }
}

/// With many visitors who think long, arrivals are nearly independent, and the formula for an endless
/// source holds; what the end of the source makes is known from the exact solution.
#[test]
fn many_visitors_come_near_to_erlang() {
    for (workers, think_us) in [(1, 4_200_000), (2, 1_700_000), (4, 800_000)] {
        let (mean, error, rate) = sampled(256, workers, think_us);
        let (_, exact) = closed(256, workers as u32, think_us as f64 / 10_000.0);
        let erlang = erlang_c(workers as u32, rate);
        let end_of_source = (exact - erlang).abs();
        assert!(end_of_source / erlang < 0.05, "{workers}: {exact} {erlang}");
        assert!((mean - erlang).abs() <= 4.0 * error + end_of_source, "{workers}: {mean} ± {error}, Erlang {erlang}");
    }
}

#[test]
fn a_port_is_back_after_a_minute_and_never_before() {
    let model = preset("ports-run-out");
    let (answered, failed) = (metric(&model, "answered"), metric(&model, "failed"));
    // 2000 in the first minute, and those that came back in the rest of the run.
    assert!(answered > 2000 && answered <= 4000 && failed > 0, "{answered} {failed}");
    assert!(metric(&model, "time_wait") <= 2000);
    let mut early = start(Service::presets().into_iter().find(|p| p.name == "ports-run-out").unwrap().scenario);
    early.advance_to(60 * SECOND);
    assert_eq!(metric(&early, "answered"), 2000);
    let pool = preset("a-pool");
    assert_eq!([metric(&pool, "failed"), metric(&pool, "time_wait"), metric(&pool, "opened")], [0, 0, 1]);
}

#[test]
fn a_full_queue_drops_and_the_schedule_is_the_kernels() {
    for (kernel, gaps) in [("6.12", [1, 1, 1]), ("5.10", [1, 2, 4]), ("2.6.32", [3, 6, 12])] {
        // Two visitors are let in, the third is dropped again and again.
        let scenario = Scenario {
            kernel: kernel.parse().unwrap(),
            clients: 4,
            keepalive: 0,
            backlog: 1,
            cpu_us: 1_000_000,
            duration_ms: 30_000,
            ..Scenario::default()
        };
        let mut model = start(scenario);
        let (mut log, mut drops) = (Log::silent(), Vec::new());
        while drops.len() < 4 && model.step(&mut log) {
            drops.extend(log.events().iter().filter(|event| event.kind == "drop").map(|event| event.t_ns));
            log.clear();
        }
        let seconds: Vec<_> = drops.windows(2).map(|pair| (pair[1] - pair[0]) / SECOND).collect();
        assert!(seconds.first().is_none_or(|first| *first <= gaps[0]), "{kernel} {seconds:?}");
        assert!(!drops.is_empty(), "{kernel}");
    }
}

/// A run of a preset is short enough for every moment of it to be printed.
#[test]
fn presets_keep_every_moment() {
    for preset in Service::presets() {
        let run = crate::run(&Valid::<Service>::new(preset.scenario).expect("valid"));
        assert_eq!(run.frames_every, 1, "{}", preset.name);
    }
}

/// What each preset speaks of, in the units of its metrics.
#[test]
fn presets_show_what_they_say() {
    let mut table = String::new();
    for preset in Service::presets() {
        let model = whole(preset.scenario);
        let all = model.whole();
        let bounds = model.bounds();
        table += &format!(
            "{}: {} /s, mean {} us, p50 {}, p99 {}, cpu {}, workers {}, failed {}, dropped {}, opened {}, tw {}; bound {} /s, knee {}\n",
            preset.name,
            all.per_1000_s / 1000,
            all.mean / 1000,
            all.p50 / 1000,
            all.p99 / 1000,
            all.cpu,
            all.workers,
            metric(&model, "failed"),
            model.overflows(),
            metric(&model, "opened"),
            model.time_waits(),
            bounds.per_1000_s(model.scenario().clients as u64) / 1000,
            bounds.knee_1000(),
        );
    }
    insta::assert_snapshot!(table);
}

#[test]
fn stepping_by_event_and_by_time_come_to_the_same() {
    for preset in Service::presets() {
        let scenario = Scenario { duration_ms: 3000, ..preset.scenario };
        let mut by_event = start(scenario.clone());
        let mut log = Log::telling();
        let mut last: Nanos = 0;
        while by_event.step(&mut log) {
            assert!(by_event.now() >= last && !log.events().is_empty());
            assert!(log.events().iter().all(|e| e.t_ns == by_event.now() && !e.why.ko.is_empty()));
            last = by_event.now();
            log.clear();
        }
        let mut by_time = start(scenario);
        while by_time.now() < by_time.ends() {
            by_time.advance(by_time.now() + 777_777, &mut Log::silent());
        }
        assert_eq!(by_event.metrics(), by_time.metrics(), "{}", preset.name);
        assert_eq!(by_event.files(), by_time.files(), "{}", preset.name);
    }
}
