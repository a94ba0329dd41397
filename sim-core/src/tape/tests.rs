//! The tape as a whole, on the models there are.

use super::*;
use crate::load_average::{LoadAverage, Scenario, State as TaskState, Task};
use crate::scenario::Valid;
use crate::{MILLISECOND, Model, SECOND, catalogue};

fn tape(scenario: Scenario) -> (Valid<LoadAverage>, Tape) {
    let scenario = Valid::<LoadAverage>::new(scenario).unwrap();
    let tape = Tape::of(Box::new(LoadAverage::start(&scenario)));
    (scenario, tape)
}

fn one_task() -> Scenario {
    Scenario { duration_ms: 20_000, tasks: vec![Task::new(TaskState::Runnable, 0, 12_000)], ..Scenario::default() }
}

fn cpus(state: &dyn State) -> Vec<crate::load_average::CpuView> {
    state.any().downcast_ref::<LoadAverage>().unwrap().cpus()
}

#[test]
fn any_moment_of_any_preset_is_the_same_as_going_there_from_the_start() {
    for preset in LoadAverage::presets() {
        let (scenario, tape) = tape(preset.scenario);
        let ends = tape.ends;
        let mut hand = tape.at(0);
        for part in [0, 1, 7, 13, 29, 64, 3] {
            for t in [ends / 64 * part, tape.next(ends / 64 * part), tape.back(ends / 64 * part)] {
                // The straight way to a moment, without anything kept.
                let mut straight = LoadAverage::start(&scenario);
                straight.advance_to(t);
                tape.reach(&mut hand, t);
                for state in [&*tape.at(t), &*hand] {
                    assert_eq!(state.files(), Model::files(&straight), "{} at {t}", preset.name);
                    assert_eq!(state.metrics(), Model::metrics(&straight), "{} at {t}", preset.name);
                    assert_eq!(cpus(state), straight.cpus(), "{} at {t}", preset.name);
                }
            }
        }
    }
}

#[test]
fn events_are_those_of_a_run_by_steps() {
    for entry in catalogue() {
        for preset in (entry.presets)() {
            let run = entry.run(&preset.scenario).unwrap();
            if run.frames_every > 1 {
                continue;
            }
            let tape = Tape::of((entry.start)(&preset.scenario).unwrap());
            let moments: Vec<_> = run.events.iter().map(|event| Moment { t: event.t_ns, kind: event.kind }).collect();
            let first = tape.between(0, tape.ends).zip(&moments).position(|(got, want)| got != *want);
            let around = |i: usize| i.saturating_sub(1)..(i + 2).min(tape.events()).min(moments.len());
            let got: Vec<_> = tape.between(0, tape.ends).collect();
            assert!(
                first.is_none() && got.len() == moments.len(),
                "{}: with looks in between, {:?} became {:?} ({} events, {})",
                preset.name,
                first.map(|i| &moments[around(i)]),
                first.map(|i| &got[around(i)]),
                moments.len(),
                got.len()
            );
            let events = run.events.len();
            assert_eq!(tape.tell(0..events + 5), run.events, "{}", preset.name);
            for from in [0, 1, events / 3, events / 2, events.saturating_sub(1), events] {
                let until = (from + 40).min(events);
                assert_eq!(tape.tell(from..until), run.events[from..until], "{} from {from}", preset.name);
            }
            if tape.exact {
                let names: Vec<_> = (entry.metrics)().iter().map(|metric| metric.name).collect();
                for frame in &run.frames[1..] {
                    for (metric, name) in names.iter().enumerate() {
                        let value = tape.value(metric, frame.t_ns);
                        assert_eq!(value, frame.metrics[name], "{} {name} {}", preset.name, frame.t_ns);
                    }
                }
            }
        }
    }
}

#[test]
fn a_run_and_a_track_agree() {
    for entry in catalogue() {
        for preset in (entry.presets)() {
            let run = entry.run(&preset.scenario).unwrap();
            let mut taping = Taping::new((entry.start)(&preset.scenario).unwrap(), 0);
            while taping.step() {}
            let own = taping.finish();
            if run.frames_every > 1 || !own.exact {
                continue;
            }
            let names: Vec<_> = (entry.metrics)().iter().map(|metric| metric.name).collect();
            let mut taken = Curves::new(names.len());
            for frame in &run.frames {
                taken.push(frame.t_ns, &names.iter().map(|name| frame.metrics[name]).collect::<Vec<_>>());
            }
            assert_eq!(own.metrics, taken.finish(), "{}", preset.name);
            assert_eq!(own.ends, run.frames.last().unwrap().t_ns);
        }
    }
}

#[test]
fn stepping_forward_and_back_visits_the_same_moments() {
    let (_, tape) = tape(one_task());
    let mut there = vec![0];
    while *there.last().unwrap() < tape.ends {
        there.push(tape.next(*there.last().unwrap()));
    }
    let mut back = vec![tape.ends];
    while *back.last().unwrap() > 0 {
        back.push(tape.back(*back.last().unwrap()));
    }
    back.reverse();
    assert_eq!(there, back);
    assert!(there.contains(&(5004 * MILLISECOND)) && there.contains(&(5044 * MILLISECOND)), "{there:?}");
}

#[test]
fn one_can_jump_to_a_kind_and_between_events() {
    let (_, tape) = tape(one_task());
    let update = 5044 * MILLISECOND;
    for (got, want) in [
        (tape.next_of(&["update"], 0), Some(update)),
        (tape.next_of(&["update"], update), Some(update + 5004 * MILLISECOND)),
        (tape.next_of(&["update", "end"], update + 5004 * MILLISECOND), Some(12 * SECOND)),
        (tape.back_to(&["update"], update), None),
        (tape.back_to(&["sample"], update), Some(5004 * MILLISECOND)),
        (tape.next_of(&["catch-up"], 0), None),
        (tape.next_of(&["end"], 0), Some(12 * SECOND)),
    ] {
        assert_eq!(got, want);
    }
    assert_eq!(tape.back(update + 1), update, "between events, back is the event just passed");
    assert_eq!((tape.next(tape.ends), tape.back(0)), (tape.ends, 0));
    assert_eq!(tape.kinds(), ["start", "sample", "update", "end"]);
    assert_eq!((tape.passed(0), tape.passed(update)), (1, 3), "the task starts at the very beginning");
}

#[test]
fn no_moment_is_far_from_a_checkpoint() {
    for preset in LoadAverage::presets() {
        let (_, tape) = tape(preset.scenario);
        let stride = tape.ends / LOOKS;
        for pair in tape.checkpoints.windows(2) {
            let (from, to) = (pair[0].state.now(), pair[1].state.now());
            let apart = tape.passed(to) - tape.passed(from);
            assert!(to - from <= stride + 1 && apart <= EVENTS_APART + 16, "{}", preset.name);
        }
    }
}

/// Something happens every microsecond, a thousand times a millisecond: what a million events cost.
#[derive(Clone)]
struct Ticker {
    now: Nanos,
    sum: u64,
    /// What a model with tables of its own would hold.
    tables: Vec<u64>,
}

impl Ticker {
    const EVENTS: u64 = 1_000_000;
    const KINDS: [&'static str; 3] = ["tick", "tock", "hour"];

    fn start() -> Box<dyn State> {
        Box::new(Ticker { now: 0, sum: 0, tables: vec![0; 512] })
    }

    fn kind(t: Nanos) -> &'static str {
        Self::KINDS[if t.is_multiple_of(100_000_000) { 2 } else { (t / 1000 % 2) as usize }]
    }

    fn sum(t: Nanos) -> i64 {
        let n = t / 1000;
        (n * (n + 1) / 2 % 1_000_003) as i64
    }
}

impl State for Ticker {
    fn boxed(&self) -> Box<dyn State> {
        Box::new(self.clone())
    }

    fn now(&self) -> Nanos {
        self.now
    }

    fn ends(&self) -> Nanos {
        Self::EVENTS * 1000
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        let next = (self.now / 1000 + 1) * 1000;
        if next > to {
            self.now = self.now.max(to);
            return false;
        }
        self.now = next;
        self.sum += next / 1000;
        log.push(next, Self::kind(next), || crate::text!(ko: "{next}", en: "at {next}"));
        true
    }

    fn metrics(&self) -> Vec<i64> {
        vec![(self.sum % 1_000_003) as i64]
    }

    fn files(&self) -> crate::Files {
        crate::Files::new()
    }

    fn footprint(&self) -> usize {
        size_of::<Self>() + self.tables.len() * 8
    }

    fn any(&self) -> &dyn std::any::Any {
        self
    }
}

#[test]
fn a_run_of_a_million_events_can_be_scrubbed_in_bounded_memory() {
    let mut taping = Taping::new(Ticker::start(), LOOKS);
    let mut most = 0;
    while taping.step() {
        most = most.max(taping.checkpoints.len());
    }
    assert_eq!(taping.thousandths(), 1000);
    let tape = taping.finish();
    assert!(most <= MAX_CHECKPOINTS && tape.checkpoints() >= MAX_CHECKPOINTS / 4, "{most} {}", tape.checkpoints());
    assert_eq!(tape.events(), Ticker::EVENTS as usize);
    assert!(!tape.exact && tape.metrics[0].len() <= MAX_POINTS);
    let farthest = tape.checkpoints.windows(2).map(|pair| pair[1].done - pair[0].done).max().unwrap();
    assert!(farthest <= 2 * Ticker::EVENTS as usize / (MAX_CHECKPOINTS / 2), "{farthest}");

    let mut hand = tape.at(0);
    for i in 0..400_u64 {
        let t = i * 7919 % 1000 * 1_000_000 + i;
        tape.reach(&mut hand, t);
        let done = t / 1000 * 1000;
        for state in [&*hand, &*tape.at(t)] {
            assert_eq!((state.now(), state.metrics()[0]), (t, Ticker::sum(t)));
        }
        assert_eq!((tape.passed(t), tape.next(t)), ((t / 1000) as usize, (done + 1000).min(tape.ends)));
        assert_eq!(tape.back(done + 1), done);
    }
    assert_eq!(tape.next_of(&["hour"], 1), Some(100_000_000));
    assert_eq!(tape.back_to(&["hour"], 899_999_999), Some(800_000_000));
    let told = tape.tell(654_321..654_361);
    assert_eq!(told.len(), 40);
    for (i, event) in told.iter().enumerate() {
        let t = (654_322 + i as u64) * 1000;
        assert_eq!((event.t_ns, event.kind, &*event.why.en), (t, Ticker::kind(t), &*format!("at {t}")));
    }
}

#[test]
fn large_states_are_kept_less_often() {
    struct Large(Ticker);
    impl State for Large {
        fn boxed(&self) -> Box<dyn State> {
            Box::new(Large(self.0.clone()))
        }
        fn now(&self) -> Nanos {
            self.0.now()
        }
        fn ends(&self) -> Nanos {
            self.0.ends() / 100
        }
        fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
            let to = to.min(self.ends());
            self.0.advance(to, log)
        }
        fn metrics(&self) -> Vec<i64> {
            self.0.metrics()
        }
        fn files(&self) -> crate::Files {
            self.0.files()
        }
        fn footprint(&self) -> usize {
            2 << 20
        }
        fn any(&self) -> &dyn std::any::Any {
            self
        }
    }
    let tape = Tape::of(Box::new(Large(Ticker { now: 0, sum: 0, tables: Vec::new() })));
    assert!((16..=32).contains(&tape.checkpoints()), "{}", tape.checkpoints());
    assert_eq!(tape.at(5_000_500).metrics(), [Ticker::sum(5_000_500)]);
}
