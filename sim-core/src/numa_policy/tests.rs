//! The model as a whole: what its presets show, and what holds of every run.

use proptest::prelude::*;

use super::memory::{Memory, NodeSize, Settings, asks};
use super::place::{Order, place};
use super::process::Phase;
use super::zonelist::Topology;
use super::{Kind, Mask, Node, NumaPolicy, Policy, Rules, Scenario, Sharing, Task, presets};
use crate::fidelity::{embedded, replay_all};
use crate::model::{Model, Preset};
use crate::run::run;
use crate::scenario::Valid;
use crate::{Lang, Log, MILLISECOND, SECOND, Token};

fn valid(scenario: Scenario) -> Valid<NumaPolicy> {
    Valid::new(scenario.complete()).unwrap()
}

fn at(scenario: Scenario, ms: u64) -> NumaPolicy {
    let mut model = NumaPolicy::start(&valid(scenario));
    model.advance_to(ms * MILLISECOND);
    model
}

fn metric(model: &NumaPolicy, name: &str) -> i64 {
    let i = NumaPolicy::metrics_list().iter().position(|metric| metric.name == name).unwrap();
    model.metrics()[i]
}

fn preset(name: &str) -> Preset<Scenario> {
    presets::presets().into_iter().find(|preset| preset.name == name).unwrap()
}

/// A preset at its cursor.
fn shown(name: &str) -> NumaPolicy {
    let preset = preset(name);
    at(preset.scenario, preset.cursor / MILLISECOND)
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = presets::presets()
        .into_iter()
        .map(|preset| {
            let model = at(preset.scenario.clone(), preset.cursor / MILLISECOND);
            let numbers: Vec<_> = NumaPolicy::metrics_list()
                .iter()
                .zip(model.metrics())
                .filter(|(_, value)| *value != 0)
                .map(|(metric, value)| format!("{}={value}", metric.name))
                .collect();
            let maps = model.files().into_iter().find(|(path, _)| path.ends_with("numa_maps"));
            (preset.name, numbers.join(" "), maps.map_or(String::new(), |(_, text)| text))
        })
        .collect();
    insta::assert_debug_snapshot!(shown);
}

/// The figures in the sentences under the presets.
#[test]
fn insights_are_true() {
    let gib = |pages: i64| (pages * 10 / (1 << 18)) as f64 / 10.0;
    let latencies = |model: &NumaPolicy| model.engine().rates[0].iter().map(|rate| rate.latency_ns).collect::<Vec<_>>();

    let model = shown("database-larger-than-a-node");
    // 1072042 pages are 4.09 GiB.
    assert_eq!((model.task_pages(1) * 100 / (1 << 18), metric(&model, "node0_free")), (408, 91));
    assert_eq!(((1000 - metric(&model, "local_share") + 5) / 10, latencies(&model)), (20, vec![108; 8]));

    let model = shown("database-interleaved");
    assert_eq!((metric(&model, "node0_free"), metric(&model, "node1_free")), (6144, 6144));
    assert_eq!(latencies(&model), [135; 8]);

    let model = shown("many-small-processes");
    assert_eq!((metric(&model, "local_share"), metric(&model, "processes")), (1000, 16));

    let throughput = |scenario: Scenario| metric(&at(scenario, 9000), "throughput") / 100;
    let scan = preset("bandwidth-bound-scan").scenario;
    let weighted = preset("bandwidth-bound-scan-weighted").scenario;
    let mut even = scan.clone();
    even.tasks[0] = even.tasks[0].clone().under(Policy::Interleave, [0, 1]);
    assert_eq!([throughput(scan), throughput(weighted), throughput(even)], [1024, 1328, 664]);

    let model = shown("first-touch");
    assert_eq!((model.task_pages(0), model.task_pages(1)), (8 << 18, 0));
    let local: Vec<_> = model.engine().rates[0].iter().map(|rate| rate.local_per_ms > 0).collect();
    assert_eq!(local, [[true; 8], [false; 8]].concat());
    assert_eq!(metric(&shown("first-touch-by-each"), "local_share"), 1000);

    let model = at(preset("bind-and-oom").scenario, 4000);
    assert_eq!((metric(&model, "oom_kill"), metric(&model, "node0_free")), (1, 16_384));
    assert_eq!(metric(&model, "numa_hit") * 10 / (1 << 18), 159);

    // Where pages lie, seen from who reads them.
    for (name, want) in [
        ("first-touch", (4 << 18, 4 << 18)),
        ("first-touch-by-each", (8 << 18, 0)),
        ("interleave-evenly", (2 << 18, 6 << 18)),
        ("database-interleaved", (10 << 18, 10 << 18)),
        ("bandwidth-bound-scan-weighted", (6 << 18, 2 << 18)),
    ] {
        let model = shown(name);
        assert_eq!(model.local_and_remote(), want, "{name}");
        let traffic: u64 = model.traffic().iter().flatten().sum();
        let (local, remote) = model.throughput();
        assert!(traffic.abs_diff(local + remote) < 64, "{name}: {traffic} {local} {remote}");
    }

    let model = shown("interleave-evenly");
    assert_eq!((0..4).map(|node| model.task_pages(node)).collect::<Vec<_>>(), [524_288; 4]);
    assert_eq!(metric(&model, "local_share"), 250);

    let (on, off) = (shown("zone-reclaim-trade"), shown("zone-reclaim-off"));
    let cache = |model: &NumaPolicy| model.engine().memory.sum(1, |zone| zone.cache);
    assert_eq!((gib((12 << 18) - cache(&on)), metric(&on, "local_share")), (4.0, 1000));
    assert_eq!((cache(&off), (metric(&off, "local_share") + 5) / 10), (12 << 18, 50));
    assert_eq!(metric(&on, "node0_free"), 16_384);

    let model = shown("balancing-follows-the-thread");
    assert_eq!((model.task_pages(0), model.task_pages(1), metric(&model, "local_share")), (0, 1 << 18, 1000));
}

#[test]
fn every_run_of_a_preset_is_the_same() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let token = Token::new(scenario.clone(), preset.cursor);
        let again = Token::<NumaPolicy>::parse(&token.to_string()).unwrap();
        assert_eq!(again.to_string(), token.to_string(), "{}", preset.name);
        let (one, two) = (run(&scenario), run(&again.scenario));
        assert_eq!(one.to_json(Lang::Ko), two.to_json(Lang::Ko), "{}", preset.name);
        let written = NumaPolicy::write_scenario(&scenario).to_string();
        assert_eq!(Valid::<NumaPolicy>::from_json(&written), Ok(scenario), "{}", preset.name);
    }
}

/// Stopping anywhere changes nothing that comes later.
#[test]
fn the_end_does_not_depend_on_the_way() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let mut by_event = NumaPolicy::start(&scenario);
        let mut log = Log::silent();
        while by_event.step(&mut log) {}
        let mut by_second = NumaPolicy::start(&scenario);
        while by_second.now() < by_second.ends() {
            by_second.advance_to(by_second.now() + 777 * MILLISECOND);
        }
        assert_eq!(by_event.metrics(), by_second.metrics(), "{}", preset.name);
        assert_eq!(by_event.files(), by_second.files(), "{}", preset.name);
    }
}

/// Seen on a kernel: 64 MB touched on node 0, the thread moved to node 1, and one scan later all
/// 16384 pages have followed.
#[test]
fn pages_follow_a_thread_that_moved() {
    let scenario = Scenario {
        kernel: "6.1.176".parse().unwrap(),
        numa_balancing: 1,
        nodes: vec![Node::new(1024, 1); 4],
        tasks: vec![Task { move_ms: 500, move_cpu: 1, ..Task::new(64).until(10_000) }],
        ..Scenario::default()
    };
    let before = at(scenario.clone(), 980);
    assert_eq!((before.task_pages(0), before.engine().vmstat.pte_updates), (16_384, 0));
    let after = at(scenario, 1100);
    let stat = after.engine().vmstat;
    assert_eq!((stat.pte_updates, stat.hint_faults, stat.pages_migrated), (16_384, 16_384, 16_384));
    assert_eq!((after.task_pages(0), after.task_pages(1)), (0, 16_384));
}

#[test]
fn balancing_leaves_shared_and_bound_memory_where_it_is() {
    let scenario = |task: Task| Scenario { numa_balancing: 1, tasks: vec![task], ..Scenario::default() };
    // Threads of both nodes come to every page: the two-stage filter and the group's faults keep
    // most of it from moving again and again.
    let shared = Task { sharing: Sharing::Shared, ..Task::new(1024).until(60_000).threads(16, 1) };
    let mut long = scenario(shared);
    (long.duration_ms, long.step_ms) = (60_000, 50);
    let early = at(long.clone(), 20_000).engine().vmstat.pages_migrated;
    let late = at(long, 60_000).engine().vmstat;
    assert!(late.hint_faults > 4 * late.pages_migrated, "{late:?}");
    assert!(late.pages_migrated < 4 * early.max(1), "{early} {late:?}");
    let bound = Task { move_ms: 500, move_cpu: 8, ..Task::new(256).until(10_000).under(Policy::Bind, [0]) };
    assert_eq!(at(scenario(bound), 9000).engine().vmstat.pte_updates, 0);
}

#[test]
fn a_file_goes_to_the_page_cache_of_its_reader() {
    let file = |policy, nodes: &[usize]| Scenario {
        tasks: vec![Task { memory: Kind::File, cpu: 8, ..Task::new(1024).until(5000).under(policy, nodes.to_vec()) }],
        ..Scenario::default()
    };
    for (policy, nodes, want) in [
        (Policy::Default, &[][..], [0, 1 << 18]),
        (Policy::Preferred, &[0][..], [1 << 18, 0]),
        (Policy::Interleave, &[0, 1][..], [1 << 17, 1 << 17]),
    ] {
        let model = at(file(policy, nodes), 9000);
        let cache = [0, 1].map(|node| model.engine().memory.sum(node, |zone| zone.cache));
        assert_eq!(cache, want, "{policy:?}");
    }
    // A file larger than memory pushes its own beginning out.
    let mut large = file(Policy::Default, &[]);
    large.tasks[0].mib = 64 * 1024;
    large.tasks[0].touch_mib_s = 1 << 17;
    let model = at(large, 9000);
    assert_eq!(model.engine().processes[0].phase, Phase::Gone);
    assert_eq!(metric(&model, "oom_kill"), 0);
}

#[test]
fn zone_reclaim_takes_what_its_mode_allows() {
    let mut base = preset("zone-reclaim-off").scenario;
    (base.nodes[1].cache_mib, base.nodes[1].mapped_mib, base.nodes[1].dirty_mib) = (4096, 4096, 4096);
    // MiB of cache, mapped and dirty that stay, and whether the multi-generational LRU is in use.
    for (mode, lru_gen, want) in [
        (0, 0, [4096, 4096, 4096]),
        (1, 0, [163, 4096, 4096]),
        (5, 0, [0, 4068, 4096]),
        (7, 0, [0, 4068, 4096]),
        (3, 0, [0, 4096, 4068]),
        (1, 1, [4096, 4096, 4096]),
        (7, 1, [0, 4068, 4096]),
    ] {
        let scenario = Scenario { zone_reclaim_mode: mode, lru_gen, ..base.clone() };
        let model = at(scenario, 9000);
        let left = model.engine().memory.zones.iter().filter(|zone| zone.node == 1);
        let sum = left.fold([0; 3], |sum, zone| [sum[0] + zone.cache, sum[1] + zone.mapped, sum[2] + zone.dirty]);
        assert_eq!(sum.map(|pages| pages / 256), want, "mode {mode}, lru_gen {lru_gen}");
    }
}

#[test]
fn refused_policies_are_told() {
    let scenario = Scenario {
        kernel: "6.1".parse().unwrap(),
        tasks: vec![Task::new(64).until(100).under(Policy::Weighted, [0, 1])],
        ..Scenario::default()
    };
    let run = run(&valid(scenario));
    assert_eq!(run.events.iter().map(|event| event.kind).collect::<Vec<_>>(), ["refused"]);
}

#[test]
fn recorded_kernels_agree() {
    let (reports, _) = replay_all(&embedded());
    let ours: Vec<_> = reports.iter().filter(|report| report.model == "numa-policy").collect();
    assert_eq!(ours.len(), 2);
    for report in ours {
        assert!(report.pass && report.compared > 100_000, "{report:?}");
    }
}

#[test]
fn a_recording_that_differs_is_noticed() {
    for (file, from, to, trace, note) in [
        ("numa/N1.json", "Node 1: 1 2 0 3", "Node 1: 1 0 2 3", "N1", "fallback order: model"),
        ("numa/N1.json", "6.1.0", "2.6.32", "N1", "numa/N1.json: only kernels from 3.10"),
        (
            "numa/N1.json",
            "\"distance\": [",
            "\"distance\": [[10],",
            "N1",
            "numa/N1.json: node_mib has 4 values, expected 5",
        ),
        ("numa/N4.jsonl", "[[0,2000]]", "[[0,1999],[1,1]]", "N4", "default_cpu0 page 1999 node: model 0"),
        ("numa/N4.jsonl", "bind:1-2 anon", "bind:1,2 anon", "N4", "bind_two numa_maps"),
        ("numa/N4.jsonl", "[[0,47696],[1,24393]]", "[[0,44000],[1,28089]]", "N4", "spill_default_cpu0 page 44000 node"),
        (
            "numa/N4.jsonl",
            "[[0,47696],[1,24393]]",
            "[[0,54000],[1,18089]]",
            "N4",
            "spill_default_cpu0 first spilled page",
        ),
        ("numa/N4.jsonl", "[[0,47696],[1,24393]]", "[[0,47696],[2,24393]]", "N4", "node of the first spilled page"),
        ("numa/N4.jsonl", "\"numa_hit\":3620", "\"numa_hit\":3660", "N4", "default_cpu0 node 0"),
        (
            "numa/N4.jsonl",
            "\"touched\":27300,\"killed_by\":9",
            "\"touched\":60000,\"killed_by\":0",
            "N4",
            "bind_overflow_oom outcome",
        ),
        ("numa/N4.jsonl", "\"errno\":22", "\"errno\":12", "N4", "bind_empty rc, errno"),
        (
            "numa/N4.jsonl",
            "\"policy\":\"bind\"",
            "\"policy\":\"tied\"",
            "N4",
            "numa/N4.jsonl: bind_last: policy \"tied\" is not known",
        ),
        ("numa/N4.zoneinfo", "low      356", "low      9356", "N4", "first spilled page"),
        ("numa/N4.zoneinfo", "Node 0, zone", "Node 9, zone", "N4", "numa/N4.zoneinfo: has a node 9"),
    ] {
        let mut files = embedded();
        let text = files.text(file).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        files.insert(file, text.replacen(from, to, 1));
        let (reports, _) = replay_all(&files);
        let report = reports.iter().find(|report| report.trace == trace).unwrap();
        assert!(!report.pass && report.note.contains(note), "{file} {from}: {}", report.note);
    }
}

fn sizes(pages: &[i64]) -> Vec<NodeSize> {
    let size = |pages: &i64| NodeSize { pages: *pages, used: 0, cache: pages / 4, mapped: 0, dirty: pages / 16 };
    pages.iter().map(size).collect()
}

fn flat(nodes: usize) -> Vec<Vec<i64>> {
    Scenario { nodes: vec![Node::new(64, 1); nodes], ..Scenario::default() }.complete().distance()
}

fn policy() -> impl Strategy<Value = Policy> {
    prop::sample::select(Policy::NAMES.map(|(_, policy)| policy).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 64 } else { 512 }))]

    /// Placing many pages at once is placing them one after the other.
    #[test]
    fn at_once_is_one_by_one(
        policy in policy(),
        nodes in prop::collection::vec(200i64..6000, 1..5),
        bits in 1u64..16,
        weights in prop::collection::vec(1u64..5, 4),
        index in prop_oneof![0u64..100, (1u64 << 32) - 2000..(1 << 32) + 2000],
        n in 1i64..12_000,
        kernel in prop::sample::select(vec!["6.1", "6.12"]),
        mode in prop::sample::select(vec![0i64, 1, 7]),
        cpu in 0usize..4,
    ) {
        let count = nodes.len();
        let rules = Rules::of("6.12".parse().unwrap()).unwrap();
        let rules = Rules { short_index: kernel == "6.1", ..rules };
        let mask = Mask::of((0..count).filter(|node| bits >> node & 1 == 1));
        let mask = if mask.is_empty() { Mask::of([0]) } else { mask };
        let topology = Topology { distance: flat(count), has_cpu: vec![true; count], has_memory: vec![true; count] };
        let settings = Settings { zone_reclaim_mode: mode, min_free_kbytes: 512, watermark_scale_factor: 10, lru_gen: false };
        let order = Order { rules, policy, mask, weights: &weights, cpu: cpu % count };
        let mut one = Memory::new(rules, topology, &sizes(&nodes), settings);
        let mut all = one.clone();
        let mut held = [vec![0; one.zones.len()], vec![0; one.zones.len()]];
        let placed = place(&mut all, &order, index, n, &mut |zone, pages| held[0][zone] += pages);
        let mut singly = 0;
        while singly < n {
            if place(&mut one, &order, index + singly as u64, 1, &mut |zone, pages| held[1][zone] += pages) == 0 {
                break;
            }
            singly += 1;
        }
        prop_assert_eq!(placed, singly);
        prop_assert_eq!(&held[0], &held[1]);
        prop_assert_eq!(&all.counters, &one.counters);
        // Nothing is lost: what was taken is what is gone.
        let free = |memory: &Memory| memory.zones.iter().map(|z| z.free + z.cache + z.mapped + z.dirty).sum::<i64>();
        prop_assert_eq!(free(&all) + placed, nodes.iter().sum::<i64>());
        let counted: u64 = all.counters.iter().map(|c| c.numa_hit + c.numa_miss).sum();
        prop_assert_eq!(counted, placed as u64);
        let asked: u64 = all.counters.iter().map(|c| c.numa_hit + c.numa_foreign).sum();
        prop_assert_eq!(asked, placed as u64);
        prop_assert!(all.zones.iter().all(|zone| zone.free >= 0));
        prop_assert!(asks(policy, mask, 0, 0).0.mask != Mask::NONE);
    }

    /// Every page of the machine is free, cache, used or somebody's, at every moment of every run.
    #[test]
    fn no_page_is_lost_or_counted_twice(
        sizes in prop::collection::vec((64i64..2048, 0i64..4, 0i64..100, 0i64..100), 1..5),
        tasks in prop::collection::vec((policy(), 0i64..4, 1i64..3000, 0i64..3, 1i64..4, any::<bool>(), any::<bool>()), 0..5),
        mode in prop::sample::select(vec![0i64, 1, 3, 5, 7]),
        balancing in 0i64..2,
        kernel in prop::sample::select(vec!["3.10", "5.10", "6.1", "7.3"]),
    ) {
        let nodes: Vec<Node> = sizes
            .iter()
            .enumerate()
            .map(|(i, (mib, cpus, cache, used))| Node {
                cache_mib: mib * cache / 250,
                used_mib: mib * used / 250,
                ..Node::new(*mib, if i == 0 { 2 } else { *cpus })
            })
            .collect();
        let count = nodes.len() as i64;
        let tasks: Vec<Task> = tasks
            .into_iter()
            .map(|(policy, node, mib, at, threads, shared, file)| Task {
                mask: (0..count).map(|n| i64::from(n == node % count)).collect(),
                policy,
                from_ms: at * 300,
                memory: if file { Kind::File } else { Kind::Anonymous },
                sharing: if shared { Sharing::Shared } else { Sharing::Private },
                move_ms: at * 500,
                move_cpu: 1,
                pinned: at % 2,
                ..Task::new(mib).until(1000 + at * 1000).threads(threads, 1)
            })
            .collect();
        let scenario = Scenario {
            kernel: kernel.parse().unwrap(),
            zone_reclaim_mode: mode,
            numa_balancing: balancing,
            duration_ms: 4000,
            nodes,
            tasks,
            ..Scenario::default()
        };
        let used: i64 = scenario.nodes.iter().map(|node| node.used_mib * 256).sum();
        let total: i64 = scenario.nodes.iter().map(|node| node.memory_mib * 256).sum();
        let mut model = NumaPolicy::start(&valid(scenario));
        let mut log = Log::telling();
        while model.now() < model.ends() {
            let to = model.now() + SECOND / 5;
            model.advance(to, &mut log);
            let memory = &model.engine().memory;
            let here = |node| memory.sum(node, |z| z.free + z.cache + z.mapped + z.dirty) + model.task_pages(node);
            prop_assert_eq!((0..memory.nodes()).map(here).sum::<i64>() + used, total);
            prop_assert!(memory.zones.iter().all(|z| z.free >= 0 && z.cache >= 0));
            let sum = |what: fn(&super::memory::Counters) -> u64| memory.counters.iter().map(what).sum::<u64>();
            prop_assert_eq!(sum(|c| c.numa_hit) + sum(|c| c.numa_miss), sum(|c| c.local_node) + sum(|c| c.other_node));
            prop_assert_eq!(sum(|c| c.numa_miss), sum(|c| c.numa_foreign));
        }
        prop_assert!(log.events().windows(2).all(|pair| pair[0].t_ns <= pair[1].t_ns));
    }

    /// Files of a trace that hold anything are replayed or refused.
    #[test]
    fn any_trace_is_replayed_or_refused(
        text in "(\\{|\\}|\\[|\\]|\"[a-z_]{1,9}\":|[0-9]{1,20}|,|-|\n|\\PC){0,80}",
        ending in prop::sample::select(vec!["json", "jsonl", "zoneinfo"]),
        cut in 0usize..3000,
    ) {
        let name = format!("numa/N4.{ending}");
        let whole = embedded().text(&name).unwrap();
        let head: String = whole.chars().take(cut).collect();
        for broken in [text.clone(), head + &text] {
            let (reports, _) = replay_all(&only_n4(&name, &broken));
            prop_assert_eq!(reports.len(), 1);
        }
    }

    /// Numbers of a trace that are anything.
    #[test]
    fn bent_traces_never_panic(at in 0usize..400, number in prop_oneof![Just("-1"), Just("0"), Just("99999999999"), Just("9223372036854775807")], ending in prop::sample::select(vec!["json", "jsonl", "zoneinfo"])) {
        let name = format!("numa/N4.{ending}");
        let whole = embedded().text(&name).unwrap();
        // The first lines are enough, and short.
        let whole: String = if ending == "jsonl" { whole.lines().take(7).collect::<Vec<_>>().join("\n") } else { whole };
        let starts: Vec<usize> = whole
            .char_indices()
            .filter(|(i, c)| c.is_ascii_digit() && !whole[..*i].ends_with(|c: char| c.is_ascii_digit()))
            .map(|(i, _)| i)
            .collect();
        let start = starts[at % starts.len()];
        let end = whole[start..].find(|c: char| !c.is_ascii_digit()).map_or(whole.len(), |n| start + n);
        let bent = format!("{}{number}{}", &whole[..start], &whole[end..]);
        let (reports, _) = replay_all(&only_n4(&name, &bent));
        prop_assert_eq!(reports.len(), 1);
    }
}

/// One trace alone, with one of its files replaced.
fn only_n4(name: &str, text: &str) -> crate::fidelity::GoldenFiles {
    let all = embedded();
    let mut files = crate::fidelity::GoldenFiles::default();
    for ending in ["json", "jsonl", "zoneinfo"] {
        let file = format!("numa/N4.{ending}");
        let whole = all.text(&file).unwrap();
        // The long scenarios say nothing new here.
        let short: String =
            if ending == "jsonl" { whole.lines().take(7).collect::<Vec<_>>().join("\n") } else { whole };
        files.insert(&file, short);
    }
    files.insert(name, text);
    files
}
