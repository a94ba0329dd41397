//! The model as a whole: what its presets show, and what holds of every run.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Op, ProcessLife, Program, Scenario, Signal, Step, presets};
use crate::fidelity::{embedded, replay_all};
use crate::model::{Model, Preset};
use crate::run::run;
use crate::scenario::Valid;
use crate::{Lang, Log, MILLISECOND, SECOND, Token};

fn at(scenario: Scenario, ms: u64) -> ProcessLife {
    let mut model = ProcessLife::start(&Valid::new(scenario).unwrap());
    model.advance_to(ms * MILLISECOND);
    model
}

fn metric(model: &ProcessLife, name: &str) -> i64 {
    let i = ProcessLife::metrics_list().iter().position(|metric| metric.name == name).unwrap();
    model.metrics()[i]
}

fn preset(name: &str) -> Preset<Scenario> {
    presets::presets().into_iter().find(|preset| preset.name == name).unwrap()
}

/// Name in the script, PID, parent and letter of every process but PID 1.
fn tree(model: &ProcessLife) -> Vec<(i64, i64, i64, char)> {
    let all = model.engine().processes().values().filter(|process| process.pid != 1);
    all.map(|process| (process.name, process.pid, process.ppid, process.letter())).collect()
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = presets::presets()
        .into_iter()
        .map(|preset| {
            let model = at(preset.scenario.clone(), preset.cursor / MILLISECOND);
            let numbers: Vec<_> = ProcessLife::metrics_list()
                .iter()
                .zip(model.metrics())
                .filter(|(_, value)| *value != 0)
                .map(|(metric, value)| format!("{}={value}", metric.name))
                .collect();
            let tree = tree(&model).into_iter().take(8).map(|told| format!("{told:?}")).collect::<Vec<_>>().join(" ");
            (preset.name, numbers.join(" "), tree)
        })
        .collect();
    insta::assert_debug_snapshot!(shown);
}

/// The figures in the sentences under the presets.
#[test]
fn insights_are_true() {
    let of = |name: &str, ms: u64| at(preset(name).scenario, ms);
    let (before, after) = (of("fork-shares-pages", 2999), of("fork-shares-pages", 4000));
    assert_eq!(metric(&before, "anon_pages"), metric(&after, "anon_pages"));
    assert_eq!(metric(&of("fork-shares-pages", 5000), "copied"), 6144);
    assert_eq!(metric(&of("fork-shares-pages", 5000), "anon_pages") - metric(&after, "anon_pages"), 6144);

    assert_eq!((metric(&of("snapshot", 7000), "copied"), metric(&of("snapshot", 10_000), "copied")), (4096, 4096));
    let grown = metric(&of("snapshot", 7000), "anon_pages") - metric(&of("snapshot", 3500), "anon_pages");
    assert_eq!(
        (grown, metric(&of("snapshot", 10_000), "anon_pages")),
        (4096, metric(&of("snapshot", 2999), "anon_pages"))
    );

    let (forked, wrote) = (of("cow-after-fork", 7999), of("cow-after-fork", 8000));
    assert_eq!((metric(&forked, "copied"), metric(&wrote, "copied")), (0, 96 * 256));
    assert_eq!(metric(&forked, "rss_sum"), metric(&wrote, "rss_sum"));
    let parents = of("vfork-parents", 6000);
    let letters: String = tree(&parents).iter().map(|told| told.3).collect();
    assert_eq!((letters.as_str(), metric(&parents, "avenrun_1") > 0), ("DDDSSS", true));

    for (ms, want) in [(1500, 'S'), (2500, 'Z'), (4500, 'Z')] {
        assert_eq!(tree(&of("zombie", ms))[1].3, want, "{ms}");
    }
    assert_eq!(tree(&of("zombie", 7000)).len(), 1);

    assert_eq!(metric(&of("zombie-goes-with-its-parent", 4999), "zombies"), 5);
    assert_eq!(tree(&of("zombie-goes-with-its-parent", 5000)), []);

    let ignored = of("sigchld-ignored", 5000);
    assert_eq!((metric(&ignored, "zombies"), metric(&ignored, "unwaited")), (1, 3));
    assert_eq!(metric(&of("sigchld-ignored", 8000), "zombies"), 0);

    assert_eq!(tree(&of("orphan", 5000)), [(3, 1002, 1, 'S')]);
    assert_eq!(tree(&of("orphan", 7000)), []);
    assert_eq!(tree(&of("subreaper", 5000)), [(2, 1001, 1, 'S'), (4, 1003, 1001, 'S')]);
    assert_eq!(metric(&of("container-pid-1", 9500), "zombies"), 16);

    let out = of("pids-run-out", 9000);
    // 300 to 511 but for its parent, and the boot's own below 300.
    assert_eq!((metric(&out, "pids"), metric(&out, "zombies")), (212 + 7, 211));
    assert_eq!((metric(&out, "refused"), metric(&of("pids-run-out", 9500), "refused")), (39, 40));

    assert_eq!(tree(&of("uninterruptible", 7999))[0].3, 'D');
    assert!(tree(&of("uninterruptible", 8000)).is_empty());
    assert!(metric(&of("uninterruptible", 7000), "avenrun_1") > 0);
    assert_eq!(tree(&of("killable", 3999))[0].3, 'D');
    assert_eq!(tree(&of("killable", 4000)), [(3, 1002, 1, 'S')]);
    assert_eq!(tree(&of("stopped-and-continued", 5999))[0].3, 'T');
    assert!(tree(&of("stopped-and-continued", 6000)).is_empty());

    let sizes = |ms| {
        let model = of("virt-without-res", ms);
        (metric(&model, "virt_sum"), metric(&model, "rss_sum"))
    };
    let (before, mapped, written) = (sizes(999), sizes(1000), sizes(5000));
    assert_eq!((mapped.0 - before.0, mapped.1 - before.1), (1 << 18, 0));
    assert_eq!((written.0 - mapped.0, written.1 - mapped.1), (0, 16_384));
}

#[test]
fn recorded_processes_did_the_same() {
    let (reports, _) = replay_all(&embedded());
    let reports: Vec<_> = reports.into_iter().filter(|report| report.model == "process-life").collect();
    assert_eq!(reports.len(), 4);
    for report in reports {
        assert!(report.pass, "{report:#?}");
    }
}

#[test]
fn kernels_differ_where_they_say() {
    let with = |kernel: &str, mut scenario: Scenario| {
        scenario.kernel = kernel.parse().unwrap();
        at(scenario, 9900)
    };
    let late = Scenario {
        steps: vec![
            Step { child: 2, ..Step::new(1, 1, Op::Fork) },
            Step { child: 3, ..Step::new(2, 2, Op::Fork) },
            Step { child: 4, ..Step::new(3, 3, Op::Fork) },
            Step::new(4, 2, Op::Subreaper),
            Step::new(5, 3, Op::Exit),
        ],
        ..Scenario::default()
    };
    let adopter = |model: &ProcessLife| tree(model).iter().find(|told| told.0 == 4).map(|told| told.2);
    assert_eq!(adopter(&with("4.10", late.clone())), Some(1));
    assert_eq!(adopter(&with("4.11", late)), Some(1001));
    let idle = |kernel: &str| {
        let files = with(kernel, Scenario { kernel_threads: 3, ..Scenario::default() }).files();
        files["@processes"].lines().filter(|line| line.split(' ').nth(2) == Some("I")).count()
    };
    assert_eq!((idle("4.13"), idle("4.14")), (0, 2));
}

#[test]
fn bad_scenarios_are_refused_whole() {
    let json = r#"{"pid_max":300,"steps":[{"op":"dance"},{"op":"exit","who":1},{"op":"ignore","signal":"KILL"},
        {"op":"fork","child":1},{"at_ms":99999999,"count":0,"kib":-1,"no":1}]}"#;
    let problems = Valid::<ProcessLife>::from_json(json).unwrap_err();
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "steps[0].op",
            "steps[4].no",
            "pid_max",
            "steps[1].who",
            "steps[2].signal",
            "steps[3].child",
            "steps[4].at_ms",
            "steps[4].count",
            "steps[4].kib"
        ]
    );
    for preset in presets::presets() {
        let json = ProcessLife::write_scenario(&preset.scenario);
        assert_eq!(*Valid::<ProcessLife>::of_json(&json).unwrap(), preset.scenario, "{}", preset.name);
    }
}

#[test]
fn the_files_are_the_kernels() {
    let model = at(preset("zombie").scenario, 5000);
    let files = model.files();
    assert_eq!(files["/proc/1002/status"].lines().nth(1), Some("State:\tZ (zombie)"));
    assert!(!files["/proc/1002/status"].contains("VmRSS"), "a zombie has no memory");
    assert!(files["/proc/1002/stat"].starts_with("1002 (sleep) Z 1001 "));
    assert!(!files.contains_key("/proc/1002/smaps_rollup"));
    let fields = files["/proc/1001/stat"].split_whitespace().count();
    assert_eq!(fields, 52);
    assert_eq!(files["/proc/loadavg"], "0.00 0.00 0.00 1/9 1002\n");
    insta::assert_snapshot!(format!(
        "{}\n{}\n{}",
        files["/proc/1001/status"], files["/proc/1001/smaps_rollup"], files["@processes"]
    ));
}

/// A long chain of parents that wait ends at once, and nothing overflows.
#[test]
fn a_chain_of_waits_unwinds() {
    let deep = 120;
    let mut steps = Vec::new();
    for i in 1..=deep {
        steps.push(Step { child: i + 1, ..Step::new(i, i, Op::Fork) });
    }
    for i in 2..=deep {
        steps.push(Step::new(500, i, Op::Wait));
    }
    steps.push(Step::new(600, deep + 1, Op::Exit));
    let model = at(Scenario { steps, ..Scenario::default() }, 700);
    assert_eq!(metric(&model, "reaped"), 1);
    assert_eq!(metric(&model, "alive"), deep);
}

fn of<T: Copy + std::fmt::Debug + 'static>(names: &'static [(&'static str, T)]) -> impl Strategy<Value = T> {
    prop::sample::select(names.iter().map(|(_, value)| *value).collect::<Vec<T>>())
}

fn step() -> impl Strategy<Value = Step> {
    let what = (of(&Op::NAMES), of(&Signal::NAMES), of(&Program::NAMES));
    let when = (0i64..900, 1i64..6, 0i64..80, 0i64..300);
    (what, when, (1i64..9, 2i64..9), (0i64..3000, 0i64..3000)).prop_map(
        |((op, signal, program), (at_ms, count, every_ms, for_ms), (who, child), (kib, from_kib))| {
            let mut step =
                Step { at_ms, count, every_ms, who, op, child, signal, for_ms, code: 3, kib, from_kib, program };
            // What a scenario may not hold.
            if op == Op::Exit {
                step.who = who.max(2);
            }
            if matches!(op, Op::Ignore | Op::Default) && matches!(signal, Signal::Kill | Signal::Stop) {
                step.signal = Signal::Chld;
            }
            step
        },
    )
}

fn scenario() -> impl Strategy<Value = Scenario> {
    // Forks come first, and more often: without processes nothing happens.
    let forks = prop::collection::vec((1i64..9, 2i64..9, 1i64..4), 1..12);
    let machine = (301i64..330, 20i64..60, 0i64..2, 0i64..5, prop::sample::select(vec!["3.10", "4.9", "4.18", "6.18"]));
    (forks, prop::collection::vec(step(), 0..60), machine).prop_map(
        |(forks, steps, (pid_max, threads_max, init_reaps, kernel_threads, kernel))| {
            let forks = forks.into_iter().enumerate();
            let forks =
                forks.map(|(i, (who, child, count))| Step { child, count, ..Step::new(i as i64, who, Op::Fork) });
            Scenario {
                kernel: kernel.parse().unwrap(),
                duration_ms: 1000,
                pid_max,
                threads_max,
                last_pid: 280,
                kernel_threads,
                init_reaps,
                steps: forks.chain(steps).collect(),
            }
        },
    )
}

/// What holds of every moment.
fn check(model: &ProcessLife) {
    let engine = model.engine();
    engine.memory.check().unwrap();
    let all = engine.processes();
    let mut pids = BTreeSet::new();
    for (pid, process) in all {
        assert_eq!(*pid, process.pid);
        assert!(pids.insert(*pid), "PID {pid} twice");
        for tid in &process.threads {
            assert!(pids.insert(*tid), "TID {tid} twice");
        }
        if *pid != 1 {
            let parent = &all[&process.ppid];
            assert!(parent.alive(), "{pid} has the dead parent {}", process.ppid);
            assert_eq!(parent.children.iter().filter(|child| *child == pid).count(), 1, "{pid} among the children");
        }
        let init = process.ppid == 1 && model.scenario().init_reaps != 0;
        assert!(process.alive() || !init, "PID 1 waits for all it has");
    }
    assert!(pids.iter().all(|pid| (1..model.scenario().pid_max).contains(pid)));
    let kernel = model.scenario().kernel_threads;
    assert_eq!(engine.pids_taken(), pids.len() as i64 + kernel);
    assert_eq!(engine.nr_threads(), pids.len() as i64 + kernel);
    assert!(engine.nr_threads() <= model.scenario().threads_max);
    // Every page of RAM is somebody's: proportional shares add up to it, but for rounding.
    let (mut spaces, mut shares, mut held) = (BTreeSet::new(), 0, 0);
    for process in all.values().filter(|process| process.alive()) {
        if spaces.insert(process.space) {
            let of = engine.memory.held(process.space);
            shares += of.pss_kb();
            held += of.rss();
        }
    }
    let used = engine.memory.used().0;
    assert!(
        held >= used && shares <= used * 4 && shares + 2 * spaces.len() as u64 >= used * 4,
        "{held} {shares} {used}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_process_and_no_page_is_lost(scenario in scenario()) {
        let mut model = ProcessLife::start(&Valid::new(scenario).unwrap());
        let (ends, mut log, mut t) = (model.ends(), Log::telling(), 0);
        check(&model);
        while model.advance(ends, &mut log) {
            for event in log.take() {
                prop_assert!(event.t_ns >= t && event.t_ns <= ends);
                t = event.t_ns;
                prop_assert!(!event.why.ko.is_empty() && !event.why.en.is_empty());
            }
            check(&model);
        }
        prop_assert_eq!(model.now(), ends);
        model.files();
    }

    #[test]
    fn a_token_opens_the_same_run(scenario in scenario()) {
        let valid = Valid::<ProcessLife>::new(scenario).unwrap();
        let token = Token::<ProcessLife>::new(valid.clone(), 7).to_string();
        let again = Token::<ProcessLife>::parse(&token).unwrap();
        prop_assert_eq!(&again.scenario, &valid);
        let (mut a, mut b) = (ProcessLife::start(&valid), ProcessLife::start(&again.scenario));
        a.advance_to(SECOND / 3);
        a.advance_to(SECOND);
        b.advance_to(SECOND);
        prop_assert_eq!(a.metrics(), b.metrics());
        prop_assert_eq!(a.files(), b.files());
    }
}

#[test]
fn sentences_are_in_both_languages() {
    for preset in presets::presets() {
        let whole = run(&Valid::<ProcessLife>::new(preset.scenario).unwrap());
        for event in &whole.events {
            for lang in Lang::ALL {
                assert!(!event.why.get(lang).contains("{"), "{}: {:?}", preset.name, event.why);
            }
        }
    }
}
