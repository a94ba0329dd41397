//! What holds in every run, whatever its tasks do.

use proptest::prelude::*;

use super::scenario::{Class, Group, Scenario, Task};
use super::task::Doing;
use super::{CpuShares, Policy};
use crate::model::{Log, Model};
use crate::scenario::Valid;
use crate::{MILLISECOND, SECOND};

const DURATION_MS: i64 = 1500;

fn task() -> impl Strategy<Value = Task> {
    let class = prop::sample::select(vec![
        Class::Normal,
        Class::Normal,
        Class::Normal,
        Class::Batch,
        Class::Idle,
        Class::Fifo,
        Class::Rr,
    ]);
    let sleeping = prop_oneof![Just((0, 0, 0)), (10i64..40_000, 10i64..50_000, 0i64..20_000)];
    let life = (0i64..DURATION_MS, 0i64..DURATION_MS * 2, prop_oneof![Just(0), 1i64..400]);
    (class, -20i64..=19, 1i64..=3, (0i64..2, -1i64..2, 0i64..3), sleeping, life).prop_map(
        |(policy, nice, prio, (cpu, group, session), (run_us, sleep_us, jitter_us), (from, until, cpu_ms))| Task {
            cpu,
            nice,
            policy,
            rt_priority: if policy.realtime() { prio } else { 0 },
            group,
            session,
            from_ms: from / 4,
            until_ms: until.max(from / 4).min(DURATION_MS),
            cpu_ms,
            run_us,
            sleep_us,
            jitter_us,
        },
    )
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let kernel = prop::sample::select(vec!["3.10", "5.15", "6.5", "6.6", "6.12", "6.18"]);
    let group = (1i64..=10_000, prop_oneof![Just(0), 1000i64..150_000], 5000i64..200_000)
        .prop_map(|(cpu_weight, quota_us, period_us)| Group { cpu_weight, quota_us, period_us });
    let machine = (kernel, prop::sample::select(vec![100i64, 250, 300, 1000]), 2i64..9, 0i64..2, -1i64..1_000_000);
    (machine, prop::array::uniform2(group), prop::collection::vec(task(), 0..7), any::<u32>()).prop_map(
        |((kernel, hz, cpus, autogroup, rt), groups, tasks, seed)| Scenario {
            kernel: kernel.parse().expect("a release"),
            hz,
            cpus,
            duration_ms: DURATION_MS,
            sched_autogroup_enabled: autogroup,
            sched_rt_runtime_us: rt,
            seed: i64::from(seed),
            groups: groups.to_vec(),
            tasks,
            ..Scenario::default()
        },
    )
}

/// Queues and entities agree with each other.
fn books(model: &CpuShares) -> Result<(), TestCaseError> {
    let fair = &model.engine.fair;
    for rq in &fair.rqs {
        let all: Vec<usize> = rq.waiting.iter().copied().chain(rq.running(&fair.entities)).collect();
        prop_assert_eq!(all.len() as u64, rq.nr_queued);
        prop_assert_eq!(all.iter().map(|e| fair.entities[*e].load.weight).sum::<u64>(), rq.load);
        prop_assert!(all.iter().all(|e| fair.entities[*e].on_rq));
    }
    for (state, task) in model.engine.tasks.iter().zip(&model.scenario().tasks) {
        let entity = &fair.entities[state.entity];
        if !task.policy.realtime() {
            let queued = state.doing == Doing::Runnable || entity.sched_delayed;
            prop_assert_eq!(entity.on_rq, queued, "{:?}", state.doing);
        }
    }
    Ok(())
}

/// The lags of a queue, weighted, come to nothing but for what rounding took.
fn lags(model: &CpuShares) -> Result<(), TestCaseError> {
    for queue in model.queues() {
        let weights: i128 = queue.entities.iter().map(|entity| i128::from(entity.weight)).sum();
        let lags: Option<i128> =
            queue.entities.iter().map(|entity| Some(i128::from(entity.lag?) * i128::from(entity.weight))).sum();
        if let Some(sum) = lags {
            prop_assert!(-weights < sum && sum <= 0, "{queue:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn time_is_neither_lost_nor_counted_twice(scenario in scenario()) {
        let valid = Valid::<CpuShares>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let mut model = CpuShares::start(&valid);
        let mut before = model.clone();
        while model.step(&mut Log::telling()) {
            books(&model)?;
            lags(&model)?;
            for (i, cpu) in model.engine.cpus.iter().enumerate() {
                let used: u64 = model.engine.tasks.iter().filter(|task| task.cpu == i).map(|task| task.cpu_ns).sum();
                prop_assert_eq!(used + cpu.idle_ns, model.now(), "CPU {}", cpu.id);
            }
            for (task, was) in model.engine.tasks.iter().zip(&before.engine.tasks) {
                prop_assert!(task.cpu_ns >= was.cpu_ns && task.run_delay >= was.run_delay);
                let (entity, old) = (&model.engine.fair.entities[task.entity], &before.engine.fair.entities[was.entity]);
                // Joining a queue is the only way to be moved back, and that only under EEVDF.
                let cfs = matches!(model.policy(), Policy::Cfs { .. });
                if cfs || (task.doing == was.doing && old.on_rq && entity.on_rq && !old.sched_delayed && task.wakeups == was.wakeups && task.woken_at == was.woken_at) {
                    prop_assert!(entity.vruntime >= old.vruntime, "{:?} {:?}", old, entity);
                }
            }
            for (rq, was) in model.engine.fair.rqs.iter().zip(&before.engine.fair.rqs) {
                prop_assert!(rq.min_vruntime >= was.min_vruntime);
            }
            before = model.clone();
        }
        prop_assert_eq!(model.now(), model.ends());
    }

    /// In a period a group has its quota, what its CPUs had left of the one before (a piece of 5 ms
    /// each) and what runs on until the tick (one tick each, paid back later).
    #[test]
    fn a_quota_is_kept(scenario in scenario()) {
        let valid = Valid::<CpuShares>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let tick = SECOND / valid.hz as u64 + 1;
        for (g, group) in valid.groups.iter().enumerate().filter(|(_, group)| group.quota_us > 0) {
            let (quota, period) = (group.quota_us as u64 * 1000, group.period_us as u64 * 1000);
            let mut model = CpuShares::start(&valid);
            let (mut had, mut t) = (0, 0);
            while t < model.ends() {
                t += period;
                model.advance_to(t);
                let fair = valid.tasks.iter().enumerate().filter(|(_, task)| task.group == g as i64 && !task.policy.realtime());
                let now: u64 = fair.map(|(i, _)| model.exec(i)).sum();
                let allowed = quota + 2 * (5 * MILLISECOND + tick);
                prop_assert!(now - had <= allowed, "{} of {allowed} up to {t}", now - had);
                had = now;
            }
        }
    }
}
