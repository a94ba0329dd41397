//! mq-deadline: every call that asked for a request was recorded, with what it returned.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::parse::{Event, Matcher, What};
use super::{Recording, count, place, spend};
use crate::fidelity::Tally;
use crate::io_scheduler::elevator::{Elevator, Place};
use crate::io_scheduler::request::{Limits, Request, Sector};
use crate::{Nanos, SECOND};

/// Calls that have to agree again before a lost row is taken for the cause of a difference.
const AGREE_AGAIN: usize = 16;
/// How many events back such a row is looked for.
const LOOK_BACK: usize = 64;

/// Compares the outcome of every call.
pub fn replay(recording: &Recording, tally: &mut Tally) {
    let events = &recording.events;
    let unfinished = completes_without_finish(events);
    let (end, lost) = match lost_row(recording) {
        Some((end, why)) => (end, Some(why)),
        None => (events.len(), None),
    };
    let walked = walk(recording, &unfinished, end, None);
    let unrecorded = walked.first_difference().and_then(|at| unrecorded_call(recording, &unfinished, end, at));
    let kept = if unrecorded.is_some() { walked.first_difference() } else { None };
    let mut compared = 0_u64;
    for call in walked.calls.iter().filter(|call| kept.is_none_or(|kept| call.at < kept)) {
        tally.same(&place(&events[call.at]), &text(call.got), &text(call.want));
        compared += 1;
    }
    if walked.no_merge {
        tally.same("merge", "none", "one");
    }
    let calls = count(events, What::Dispatch);
    tally.note(format!("{compared} of {calls} dispatch calls, {} insertions", count(events, What::Insert)));
    if !unfinished.is_empty() {
        tally.note(format!("{} finish rows missing, their complete rows taken instead", unfinished.len()));
    }
    if walked.foreign > 0 {
        tally.note(format!("{} requests nobody asked for, taken as of no class", walked.foreign));
    }
    if let Some(why) = unrecorded.or(walked.stopped).or(lost) {
        tally.stop(why);
    }
}

/// A recorded call: the event, what the model gave, what the kernel gave.
struct Call {
    at: usize,
    got: Option<Sector>,
    want: Option<Sector>,
}

/// What came of following a recording.
#[derive(Default)]
struct Walked {
    calls: Vec<Call>,
    foreign: usize,
    /// A recorded merge that the model would not make.
    no_merge: bool,
    stopped: Option<String>,
    /// What a call that was not recorded would have given.
    extra: Option<Option<Sector>>,
}

impl Walked {
    fn first_difference(&self) -> Option<usize> {
        self.calls.iter().find(|call| call.got != call.want).map(|call| call.at)
    }
}

fn text(sector: Option<Sector>) -> String {
    sector.map_or_else(|| "nothing".to_owned(), |sector| sector.to_string())
}

/// Follows the first `end` events; with `extra`, one call more is made after that event.
fn walk(recording: &Recording, unfinished: &BTreeSet<usize>, end: usize, extra: Option<usize>) -> Walked {
    let tick = SECOND / Nanos::from(recording.setup.hz);
    let mut scheduler = recording.kind.start(&recording.setup);
    let mut matcher = Matcher::new(&recording.asked);
    let mut live: BTreeMap<Sector, VecDeque<Request>> = BTreeMap::new();
    let mut absorbed: BTreeSet<Sector> = BTreeSet::new();
    let mut now = 0;
    let mut walked = Walked::default();
    for (i, event) in recording.events[..end].iter().enumerate() {
        let sector = event.sector.unwrap_or(0);
        if matches!(event.what, What::Insert | What::Dispatch) {
            let Some(jiffies) = event.jiffies else {
                walked.stopped = Some(format!("{} has no jiffies, which decide about deadlines", place(event)));
                break;
            };
            now = jiffies * tick;
        }
        match event.what {
            What::Insert => {
                let request = matcher.take(event);
                live.entry(sector).or_default().push_back(request);
                scheduler.insert(now, request, Place::Sorted);
            }
            What::Merge if absorbed.remove(&sector) => {}
            What::Merge => {
                let bio = matcher.take(event);
                let Some(merged) = scheduler.merge(now, &bio, &Limits::default()) else {
                    walked.no_merge = true;
                    walked.stopped =
                        Some(format!("{} was merged, and the model finds nothing to merge it with", place(event)));
                    break;
                };
                live.entry(merged.request.sector).or_default().push_back(merged.request);
                let gone = merged.absorbed.iter().filter_map(|id| recording.asked.get(*id as usize));
                absorbed.extend(gone.map(|asked| asked.sector));
            }
            What::Dispatch => {
                let got = scheduler.dispatch(now).map(|request| request.sector);
                walked.calls.push(Call { at: i, got, want: event.sector });
            }
            What::Finish => finish(&mut scheduler, &mut live, now, sector),
            What::Complete if unfinished.contains(&i) => finish(&mut scheduler, &mut live, now, sector),
            What::Complete | What::Issue => {}
        }
        if extra == Some(i) {
            walked.extra = Some(scheduler.dispatch(now).map(|request| request.sector));
        }
    }
    walked.foreign = matcher.foreign;
    walked
}

/// A call that returned nothing leaves no other row behind, and yet it can end a batch. Whether
/// one such call before event `at` explains that the model and the recording differ there: it
/// returns nothing, and with it all calls up to there and a number after it agree.
fn unrecorded_call(recording: &Recording, unfinished: &BTreeSet<usize>, end: usize, at: usize) -> Option<String> {
    let explains = |after: &usize| {
        let walked = walk(recording, unfinished, end, Some(*after));
        let mut later = walked.calls.iter().skip_while(|call| call.at < at);
        walked.extra == Some(None)
            && walked.first_difference().is_none_or(|first| first > at)
            && later.by_ref().take(AGREE_AGAIN).all(|call| call.got == call.want)
    };
    let after = (at.saturating_sub(LOOK_BACK)..at).rev().find(explains)?;
    let events = &recording.events;
    Some(format!(
        "{}: the model and the recording part here, and agree again if the probe hit of a call that returned nothing \
         was lost behind line {}",
        place(&events[at]),
        events[after].line
    ))
}

fn finish(scheduler: &mut impl Elevator, live: &mut BTreeMap<Sector, VecDeque<Request>>, now: Nanos, sector: Sector) {
    // What was never inserted bypassed the scheduler, which does not count it either.
    if let Some(request) = live.get_mut(&sector).and_then(VecDeque::pop_front) {
        scheduler.finished(now, &request);
    }
}

/// Indices of complete rows whose finish row was lost.
fn completes_without_finish(events: &[Event]) -> BTreeSet<usize> {
    let mut open: BTreeMap<Sector, VecDeque<usize>> = BTreeMap::new();
    for (i, event) in events.iter().enumerate() {
        let Some(sector) = event.sector else { continue };
        match event.what {
            What::Complete => open.entry(sector).or_default().push_back(i),
            What::Finish => {
                open.get_mut(&sector).and_then(VecDeque::pop_front);
            }
            _ => {}
        }
    }
    open.into_values().flatten().collect()
}

/// A row that must have been there and is not: how many events can still be relied on, and why no
/// more. A lost call or insertion changes what the scheduler chooses from, and nothing says when.
fn lost_row(recording: &Recording) -> Option<(usize, String)> {
    let events = &recording.events;
    let mut waiting: BTreeMap<Sector, u64> = BTreeMap::new();
    let mut dispatched: BTreeMap<Sector, u64> = BTreeMap::new();
    let mut last_call = 0;
    for (i, event) in events.iter().enumerate() {
        let Some(sector) = event.sector else {
            last_call = i + 1;
            continue;
        };
        match event.what {
            What::Insert | What::Merge => *waiting.entry(sector).or_default() += 1,
            What::Dispatch => {
                if !spend(&mut waiting, sector) {
                    let end = submitted(recording, sector, i);
                    return Some((
                        end,
                        format!(
                            "{} was dispatched, but its insert row is missing: the probe hit was lost",
                            place(event)
                        ),
                    ));
                }
                *dispatched.entry(sector).or_default() += 1;
                last_call = i + 1;
            }
            What::Issue if waiting.contains_key(&sector) && !spend(&mut dispatched, sector) => {
                let why = format!(
                    "{} was issued, but no dispatch row returned it: the probe hit was lost somewhere after line {}",
                    place(event),
                    events[last_call.saturating_sub(1)].line
                );
                return Some((last_call, why));
            }
            _ => {}
        }
    }
    None
}

/// The number of events before a request whose insertion is missing was submitted.
pub fn submitted(recording: &Recording, sector: Sector, dispatched: usize) -> usize {
    let ns = |us: f64| (us.max(0.0) * 1000.0) as Nanos;
    let events = &recording.events[..dispatched];
    let first = events.iter().find(|event| event.what == What::Insert);
    let asked = |sector| recording.asked.iter().find(|asked| asked.sector == sector).map(|asked| ns(asked.submit_us));
    let began = first.and_then(|event| Some(event.t.saturating_sub(asked(event.sector?)?)));
    match (began, asked(sector)) {
        (Some(began), Some(submit)) => events.partition_point(|event| event.t < began + submit),
        // Nothing says when it came: nothing can be relied on.
        _ => 0,
    }
}
