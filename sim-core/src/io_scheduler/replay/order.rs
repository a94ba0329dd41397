//! none, kyber and BFQ: the calls were not recorded, only what the device got and when.
//!
//! The block layer takes a request from the scheduler when one is inserted or finished, and once
//! more after each that it could send: that one waits for a tag
//! (`block/blk-mq-sched.c: __blk_mq_do_dispatch_sched`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::calls::submitted;
use super::parse::{Asked, Event, Matcher, What, op};
use super::{Recording, count, place, spend};
use crate::fidelity::Tally;
use crate::io_scheduler::elevator::{Elevator, Kind, Place, Scheduler};
use crate::io_scheduler::request::{IoPrio, Limits, Op, Request, Sector};
use crate::{Nanos, Text};

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
    let (end, lost) = match lost_row(recording) {
        Some((end, why)) => (end, Some(why)),
        None => (recording.events.len(), None),
    };
    for event in &recording.events[..end] {
        run.timers(event.t);
        let sector = event.sector.unwrap_or(0);
        match event.what {
            What::Insert => {
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
                run.fill(event.t);
                let got = run.held.pop_front();
                let text = got.map_or_else(|| "nothing".to_owned(), |r| words(r.op, r.sector, r.sectors));
                compared += 1;
                if text != issued(event) {
                    differ += 1;
                    first.get_or_insert_with(|| format!("{}: model {text}", place(event)));
                }
                if !bfq {
                    tally.same(&place(event), &text, &issued(event));
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
    if let Some(why) = lost {
        tally.stop(why);
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
        tally.measured_in(Text::fixed("‰", " ‰"));
        tally.share("requests in another order, per 1000", differ, compared, BFQ_TOLERANCE);
    }
}

/// A row that must have been there and is not: how many events can still be relied on, and why no
/// more. What was issued must have been inserted, and what was completed must have been issued.
fn lost_row(recording: &Recording) -> Option<(usize, String)> {
    let mut waiting: BTreeMap<Sector, u64> = BTreeMap::new();
    let mut device: BTreeMap<Sector, u64> = BTreeMap::new();
    for (i, event) in recording.events.iter().enumerate() {
        let sector = event.sector.unwrap_or(0);
        match event.what {
            What::Insert | What::Merge => *waiting.entry(sector).or_default() += 1,
            What::Issue => {
                if !spend(&mut waiting, sector) {
                    let why =
                        format!("{} was issued, but its insert row is missing: the probe hit was lost", place(event));
                    return Some((submitted(recording, sector, i), why));
                }
                *device.entry(sector).or_default() += 1;
            }
            What::Complete if waiting.contains_key(&sector) && !spend(&mut device, sector) => {
                // It was issued after its insertion; no later row can be relied on.
                let inserted = recording.events[..i]
                    .iter()
                    .rposition(|event| event.what == What::Insert && event.sector == Some(sector))
                    .map_or(0, |at| at + 1);
                let why = format!(
                    "{} was completed, but its issue row is missing: the probe hit was lost somewhere after line {}",
                    place(event),
                    recording.events[inserted.saturating_sub(1)].line
                );
                return Some((inserted, why));
            }
            _ => {}
        }
    }
    None
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
                let got = scheduler.dispatch(event.t);
                let got = got.map_or_else(|| "nothing".to_owned(), |r| words(r.op, r.sector, r.sectors));
                tally.same(&place(event), &got, &issued(event));
                listed += 1;
            }
            What::Issue => {
                let got = direct.next().map_or_else(
                    || "nothing".to_owned(),
                    |asked| words(op(&asked.op).unwrap_or_default(), asked.sector, asked.nsect),
                );
                tally.same(&place(event), &got, &issued(event));
                passed += 1;
            }
            _ => {}
        }
    }
    tally.note(format!("{passed} requests issued in the order asked for, {listed} from the list"));
}

/// A request as the rows of a recording have it.
fn words(op: Op, sector: Sector, sectors: u32) -> String {
    format!("{} {sector} + {sectors}", op.letter())
}

fn issued(event: &Event) -> String {
    words(event.op.unwrap_or_default(), event.sector.unwrap_or(0), event.nsect.unwrap_or(0))
}
