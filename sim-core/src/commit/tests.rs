//! The model as a whole: what its presets show, and what holds of every run.

use proptest::prelude::*;

use super::{Commit, Kind, Op, Scenario, Start, State, Step, presets};
use crate::fidelity::{embedded, replay_all};
use crate::model::{Model, Preset};
use crate::process_life::Program;
use crate::scenario::Valid;
use crate::{Log, MILLISECOND, SECOND, Token};

fn at(scenario: Scenario, ms: u64) -> Commit {
    let mut model = Commit::start(&Valid::new(scenario).unwrap());
    model.advance_to(ms * MILLISECOND);
    model
}

fn metric(model: &Commit, name: &str) -> i64 {
    let i = Commit::metrics_list().iter().position(|metric| metric.name == name).unwrap();
    model.metrics()[i] / Commit::metrics_list()[i].scale
}

fn preset(name: &str) -> Preset<Scenario> {
    presets::presets().into_iter().find(|preset| preset.name == name).unwrap()
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = presets::presets()
        .into_iter()
        .map(|preset| {
            let model = at(preset.scenario.clone(), preset.cursor / MILLISECOND);
            let numbers: Vec<_> = Commit::metrics_list()
                .iter()
                .zip(model.metrics())
                .filter(|(_, value)| *value != 0)
                .map(|(metric, value)| format!("{}={}", metric.name, value / metric.scale))
                .collect();
            let all = model.engine().processes().iter();
            let states: Vec<_> = all.map(|p| format!("{} {:?}", p.program.comm(), p.state)).collect();
            (preset.name, numbers.join(" "), states.join(", "))
        })
        .collect();
    insta::assert_debug_snapshot!(shown);
}

/// The figures in the sentences under the presets.
#[test]
fn insights_are_true() {
    let of = |name: &str, ms: u64| at(preset(name).scenario, ms);
    let states = |model: &Commit| model.engine().processes().iter().map(|p| p.state).collect::<Vec<_>>();

    let steps = [999, 3999, 9000].map(|ms| of("promise-is-no-memory", ms));
    assert_eq!(metric(&steps[1], "committed") - metric(&steps[0], "committed"), 6144);
    assert_eq!(metric(&steps[1], "mem_free"), metric(&steps[0], "mem_free"));
    let used = metric(&steps[2], "used") - metric(&steps[1], "used");
    assert_eq!((used, metric(&steps[2], "committed")), (2048, metric(&steps[1], "committed")));

    for mode in ["redis-fork-mode-0", "redis-fork-mode-1"] {
        let (before, after) = (of(mode, 2999), of(mode, 7000));
        assert_eq!((metric(&after, "refused"), metric(&after, "committed") / 100), (0, 109), "{mode}");
        assert_eq!(metric(&after, "used") - metric(&before, "used"), 512, "{mode}");
    }
    let strict = of("redis-fork-mode-2", 5000);
    assert_eq!((metric(&strict, "refused"), metric(&strict, "commit_limit")), (1, 7372));
    assert_eq!((metric(&strict, "mem_free") / 100, states(&strict)[1]), (15, State::Waiting));
    let old = of("redis-fork-rhel7", 5000);
    assert_eq!((metric(&old, "refused"), states(&old)[1]), (1, State::Waiting));

    let pieces = of("one-large-request", 9000);
    assert_eq!((metric(&pieces, "refused"), pieces.engine().promised(0) / 256), (1, 12_288));
    let limit = of("strict-limit", 9000);
    assert_eq!((metric(&limit, "refused"), metric(&limit, "commit_limit")), (4, 5632));

    use State::{Alive, Killed};
    for (name, want) in [
        ("promise-not-kept", [Killed, Alive, Alive]),
        ("oom-protected", [Alive, Killed, Alive]),
        ("oom-preferred", [Alive, Alive, Killed]),
        ("swap-buys-time", [Alive; 3]),
    ] {
        let model = of(name, 10_000);
        assert_eq!((states(&model), metric(&model, "panicked")), (want.to_vec(), 0), "{name}");
    }
    assert!(metric(&of("swap-buys-time", 9000), "swapped") > 500);
    let panic = of("nothing-left-to-kill", 10_000);
    assert_eq!((metric(&panic, "panicked"), metric(&panic, "oom_kill")), (1, 0));
}

#[test]
fn recorded_machines_did_the_same() {
    let (reports, _) = replay_all(&embedded());
    let reports: Vec<_> = reports.into_iter().filter(|report| report.model == "commit").collect();
    assert_eq!(reports.len(), 8);
    for report in reports {
        assert!(report.pass, "{report:#?}");
    }
}

#[test]
fn bad_scenarios_are_refused_whole() {
    let json = r#"{"overcommit_memory":3,"kernel":"2.6.32","processes":[{"oom_score_adj":-1001},{"root":2,"x":1}],
        "steps":[{"op":"dance"},{"op":"mmap","mib":0},{"op":"fork","who":1,"child":1},{"who":2,"for_ms":-1}]}"#;
    let problems = Valid::<Commit>::from_json(json).unwrap_err();
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "processes[1].x",
            "steps[0].op",
            "overcommit_memory",
            "kernel",
            "processes[0].oom_score_adj",
            "processes[1].root",
            "steps[1].mib",
            "steps[2].child",
            "steps[3].who",
            "steps[3].for_ms"
        ]
    );
    for preset in presets::presets() {
        let json = Commit::write_scenario(&preset.scenario);
        assert_eq!(*Valid::<Commit>::of_json(&json).unwrap(), preset.scenario, "{}", preset.name);
    }
}

#[test]
fn the_files_are_the_kernels() {
    let model = at(preset("redis-fork-mode-0").scenario, 7000);
    let files = model.files();
    insta::assert_snapshot!(format!(
        "{}\n{}\n{}\n{}{}",
        files["/proc/meminfo"],
        files["/proc/1002/status"],
        files["/proc/1002/smaps_rollup"],
        files["/proc/1002/oom_score"],
        files["@processes"]
    ));
    assert_eq!(files["/proc/1001/stat"].split_whitespace().count(), 52);
}

fn of<T: Copy + std::fmt::Debug + 'static>(names: &'static [(&'static str, T)]) -> impl Strategy<Value = T> {
    prop::sample::select(names.iter().map(|(_, value)| *value).collect::<Vec<T>>())
}

fn step() -> impl Strategy<Value = Step> {
    (of(&Op::NAMES), of(&Kind::NAMES), (0i64..900, 0i64..400), (0i64..5, 1i64..5), 1i64..500, -1000i64..1001).prop_map(
        |(op, kind, (at_ms, for_ms), (who, apart), mib, adj)| Step {
            at_ms,
            who,
            op,
            kind,
            mib,
            for_ms,
            child: (who + apart) % 5,
            adj,
        },
    )
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let kernels = prop::sample::select(vec!["3.10", "4.16", "4.18", "5.1", "6.1", "6.18"]);
    let policy = (0i64..3, 0i64..150, prop::sample::select(vec![0i64, 0, 300_000]), 0i64..2, 0i64..2);
    let memory = (0i64..600, 0i64..100, 0i64..200, 0i64..100);
    let starts = prop::collection::vec((of(&Program::NAMES), -1000i64..1001, 0i64..2), 5..6);
    (kernels, policy, memory, starts, prop::collection::vec(step(), 0..50)).prop_map(
        |(kernel, (mode, ratio, kbytes, panic, own), (swap, huge, cache, others), starts, steps)| Scenario {
            kernel: kernel.parse().unwrap(),
            duration_ms: 1000,
            overcommit_memory: mode,
            overcommit_ratio: ratio,
            overcommit_kbytes: kbytes,
            panic_on_oom: panic,
            oom_kill_allocating_task: own,
            ram_mib: 1024,
            swap_mib: swap,
            hugetlb_mib: huge * 2,
            cache_mib: cache,
            others_mib: others,
            others_committed_mib: others,
            processes: starts
                .into_iter()
                .map(|(program, oom_score_adj, root)| Start { oom_score_adj, root, ..Start::new(program) })
                .collect(),
            steps,
            ..Scenario::default()
        },
    )
}

/// What holds of every moment.
fn check(model: &Commit, most: u64) {
    let engine = model.engine();
    engine.memory.check().unwrap();
    let machine = engine.machine();
    assert_eq!(engine.committed(), engine.parts());
    if model.scenario().overcommit_memory == 2 {
        // What was promised before the limit was looked at is not the model's to take back.
        assert!(engine.committed() <= model.limit().max(most), "{} of {}", engine.committed(), model.limit());
    }
    // Every page is free, cache, a program's, a table, or set aside.
    let (anon, swapped) = engine.used();
    let used = anon + engine.shmem() + engine.tables() + engine.cache() + machine.hugetlb;
    let others = model.scenario().others_mib as u64 * 256;
    assert_eq!(used + others + machine.free, machine.totalram);
    assert!(swapped <= machine.swap);
    let (mut spaces, mut rss) = (Vec::new(), 0);
    for (who, process) in engine.processes().iter().enumerate() {
        if process.state != State::Alive {
            assert_eq!((engine.rss(who), engine.promised(who)), (0, 0));
        } else {
            assert!(!spaces.contains(&process.space));
            spaces.push(process.space);
            rss += engine.held(who).rss();
        }
    }
    assert!(rss >= anon);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn promises_are_the_sum_of_their_parts_and_no_page_is_lost(scenario in scenario()) {
        let mut model = Commit::start(&Valid::new(scenario).unwrap());
        let (ends, mut log, mut t) = (model.ends(), Log::telling(), 0);
        let most = model.engine().committed();
        check(&model, most);
        while model.advance(ends, &mut log) {
            for event in log.take() {
                prop_assert!(event.t_ns >= t && event.t_ns <= ends);
                t = event.t_ns;
                prop_assert!(!event.why.ko.is_empty() && !event.why.en.is_empty());
            }
            check(&model, most);
        }
        prop_assert_eq!(model.now(), ends);
        model.files();
    }

    #[test]
    fn a_token_opens_the_same_run(scenario in scenario()) {
        let valid = Valid::<Commit>::new(scenario).unwrap();
        let token = Token::<Commit>::new(valid.clone(), 7).to_string();
        let again = Token::<Commit>::parse(&token).unwrap();
        prop_assert_eq!(&again.scenario, &valid);
        let (mut a, mut b) = (Commit::start(&valid), Commit::start(&again.scenario));
        a.advance_to(SECOND / 3);
        a.advance_to(SECOND);
        b.advance_to(SECOND);
        prop_assert_eq!(a.files(), b.files());
    }
}
