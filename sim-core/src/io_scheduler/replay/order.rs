//! none, kyber and BFQ: the calls were not recorded, only what the device got and when.
//!
//! The block layer takes a request from the scheduler when one is inserted or finished, and once
//! more after each that it could send: that one waits for a tag
//! (`block/blk-mq-sched.c: __blk_mq_do_dispatch_sched`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::parse::{Asked, Event, Matcher, What};
use super::{Recording, count, place};
use crate::Nanos;
use crate::fidelity::Tally;
use crate::io_scheduler::elevator::{Elevator, Kind, Place, Scheduler};
use crate::io_scheduler::request::{IoPrio, Limits, Request, Sector};

/// Share of requests in 1/1000 that BFQ may send in another order.
const BFQ_TOLERANCE: f64 = 50.0;

/// A scheduler under replay.
struct Run {
    scheduler: Scheduler,
    /// Taken from the scheduler and not yet issued.
    held: VecDeque<Request>,
    /// In the device, by first sector.
    device: BTreeMap<Sector, VecDeque<Request>>,
}

impl Run {
    /// Runs the timers that are due before something happens.
    fn timers(&mut self, now: Nanos) {
        // A timer that arms itself again and again at one instant would be a bug: bounded.
        for _ in 0..64 {
            match self.scheduler.next_timer() {
                Some(at) if at <= now => {
                    self.scheduler.timer(at);
                    self.fill(at);
                }
                _ => break,
            }
        }
    }

    /// Takes a request from the scheduler unless one waits for a tag already.
    fn fill(&mut self, now: Nanos) {
        if self.held.is_empty() {
            self.held.extend(self.scheduler.dispatch(now));
        }
    }
}

/// Compares the order in which the device got the requests.
pub fn replay(recording: &Recording, tally: &mut Tally) {
    let bfq = recording.kind == Kind::Bfq;
    let mut run =
        Run { scheduler: recording.kind.start(&recording.setup), held: VecDeque::new(), device: BTreeMap::new() };
    let mut matcher = Matcher::new(&recording.asked);
    let (mut compared, mut differ) = (0_u64, 0_u64);
    let mut first = None;
    let mut waiting: BTreeMap<Sector, u64> = BTreeMap::new();
    for event in &recording.events {
        run.timers(event.t);
        let sector = event.sector.unwrap_or(0);
        match event.what {
            What::Insert => {
                *waiting.entry(sector).or_default() += 1;
                let mut request = matcher.take(event);
                if bfq {
                    // The priorities asked for go with the requests; BFQ looks at the process's,
                    // which set none.
                    request.prio = IoPrio::default();
                }
                run.scheduler.insert(event.t, request, Place::Sorted);
                run.fill(event.t);
            }
            What::Merge => {
                let bio = matcher.take(event);
                let merged = run.scheduler.merge(event.t, &bio, &Limits::default()).is_some();
                tally.same(&place(event), if merged { "merge" } else { "no merge" }, "merge");
                if !merged {
                    tally.stop(format!("{} was merged, and the model finds nothing to merge it with", place(event)));
                    break;
                }
            }
            What::Issue => {
                let known = waiting.get_mut(&sector).filter(|left| **left > 0);
                let Some(left) = known else {
                    tally.stop(format!("{} was issued, but its insert row is missing", place(event)));
                    break;
                };
                *left -= 1;
                run.fill(event.t);
                let got = run.held.pop_front();
                let same = got.is_some_and(|request| request.sector == sector);
                let text = got.map_or_else(|| "nothing".to_owned(), |request| request.sector.to_string());
                compared += 1;
                if !same {
                    differ += 1;
                    first.get_or_insert_with(|| format!("{}: model {text}", place(event)));
                }
                if !bfq {
                    tally.same(&place(event), &text, &sector.to_string());
                }
                if let Some(mut request) = got {
                    request.issue = event.t;
                    run.device.entry(request.sector).or_default().push_back(request);
                }
                run.fill(event.t);
            }
            What::Complete => {
                if let Some(request) = run.device.get_mut(&sector).and_then(VecDeque::pop_front) {
                    run.scheduler.finished(event.t, &request);
                }
                run.fill(event.t);
            }
            What::Dispatch | What::Finish => {}
        }
    }
    tally.note(format!("{compared} of {} requests in the order of the device", count(&recording.events, What::Issue)));
    if matcher.foreign > 0 {
        tally.note(format!("{} requests nobody asked for", matcher.foreign));
    }
    if bfq {
        let agreed = compared - differ;
        let share = (agreed * 10_000).checked_div(compared).unwrap_or(0);
        tally.note(format!("agreement {}.{:02} % ({agreed} of {compared})", share / 100, share % 100));
        if let Some(first) = first {
            tally.note(format!("first difference: {first}"));
        }
        tally.share("requests in another order, per 1000", differ, compared, BFQ_TOLERANCE);
    }
}

/// none: what went past the list goes in the order in which it was asked for; what had to wait, in
/// the order in which it was inserted.
pub fn replay_none(recording: &Recording, tally: &mut Tally) {
    let events = &recording.events;
    let mut inserts: BTreeMap<Sector, u64> = BTreeMap::new();
    let inserted: BTreeSet<Sector> =
        events.iter().filter(|event| event.what == What::Insert).filter_map(|event| event.sector).collect();
    let mut scheduler = recording.kind.start(&recording.setup);
    let mut matcher = Matcher::new(&recording.asked);
    let mut asked: Vec<&Asked> = recording.asked.iter().filter(|asked| !inserted.contains(&asked.sector)).collect();
    asked.sort_by(|a, b| a.submit_us.total_cmp(&b.submit_us));
    let mut direct = asked.into_iter();
    let (mut listed, mut passed) = (0_u64, 0_u64);
    for event in events {
        let sector = event.sector.unwrap_or(0);
        match event.what {
            What::Insert => {
                *inserts.entry(sector).or_default() += 1;
                scheduler.insert(event.t, matcher.take(event), Place::Sorted);
            }
            What::Issue if inserted.contains(&sector) => {
                match inserts.get_mut(&sector).filter(|left| **left > 0) {
                    Some(left) => *left -= 1,
                    None => {
                        tally.stop(format!("{} was issued before it was inserted", place(event)));
                        break;
                    }
                }
                let got = scheduler.dispatch(event.t).map_or(0, |request| request.sector);
                tally.same(&place(event), &got.to_string(), &sector.to_string());
                listed += 1;
            }
            What::Issue => {
                let got = direct.next().map_or_else(|| "nothing".to_owned(), asked_text);
                tally.same(&place(event), &got, &issued_text(event));
                passed += 1;
            }
            _ => {}
        }
    }
    tally.note(format!("{passed} requests issued in the order asked for, {listed} from the list"));
}

fn asked_text(asked: &Asked) -> String {
    format!("{} {}", asked.sector, asked.nsect)
}

fn issued_text(event: &Event) -> String {
    format!("{} {}", event.sector.unwrap_or(0), event.nsect.unwrap_or(0))
}
