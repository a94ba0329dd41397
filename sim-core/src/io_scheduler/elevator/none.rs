//! none: blk-mq without a scheduler (`block/blk-mq.c`).

use std::collections::{BTreeMap, VecDeque};

use super::view::{Lane, Order, View, Waiting, Why};
use super::{Elevator, Merged, Place};
use crate::io_scheduler::request::{Limits, Request, side};
use crate::{Nanos, text};

/// How many of the newest requests a bio is compared with (`blk_bio_list_merge`).
pub const NEWEST: usize = 8;

/// A list for each CPU, taken from in turn (`blk_mq_dequeue_from_ctx`).
#[derive(Clone, Debug, Default)]
pub struct None {
    /// Inserted at the head, or given back by the driver (`hctx->dispatch`).
    head: VecDeque<Request>,
    queues: BTreeMap<u32, VecDeque<Request>>,
    /// The CPU after which the turn goes on.
    last_cpu: Option<u32>,
    why: Why,
}

/// Merges a bio into one of the newest requests of a list, which never makes two requests one.
/// The first that has its kind and touches it decides, whether or not it still fits.
pub fn merge_newest<'a>(
    newest: impl Iterator<Item = &'a mut Request>,
    bio: &Request,
    limits: &Limits,
) -> Option<Merged> {
    if limits.nomerges >= 1 || !bio.is_mergeable() {
        return Option::None;
    }
    for request in newest.take(NEWEST) {
        if let Some(at) = side(request, bio) {
            if !crate::io_scheduler::request::fits(request, bio, limits) {
                return Option::None;
            }
            request.absorb(bio, at);
            return Some(Merged { side: at, request: *request, absorbed: Vec::new() });
        }
    }
    Option::None
}

impl None {
    /// The CPU whose turn it is.
    fn turn(&self) -> Option<u32> {
        let after = self.last_cpu.map_or(0, |cpu| cpu.saturating_add(1));
        let mut waiting = self.queues.range(after..).chain(self.queues.range(..after));
        waiting.find(|(_, queue)| !queue.is_empty()).map(|(cpu, _)| *cpu)
    }
}

impl Elevator for None {
    fn insert(&mut self, now: Nanos, mut request: Request, place: Place) {
        request.insert = now;
        match place {
            Place::Sorted => self.queues.entry(request.cpu).or_default().push_back(request),
            Place::Head => self.head.push_front(request),
        }
    }

    fn merge(&mut self, _now: Nanos, bio: &Request, limits: &Limits) -> Option<Merged> {
        merge_newest(self.queues.get_mut(&bio.cpu)?.iter_mut().rev(), bio, limits)
    }

    fn dispatch(&mut self, _now: Nanos) -> Option<Request> {
        if let Some(request) = self.head.pop_front() {
            self.why = Why::Head;
            return Some(request);
        }
        let cpu = self.turn()?;
        self.last_cpu = Some(cpu);
        self.why = Why::Oldest;
        self.queues.get_mut(&cpu)?.pop_front()
    }

    fn finished(&mut self, _now: Nanos, _request: &Request) {}

    fn waiting(&self) -> usize {
        self.head.len() + self.queues.values().map(VecDeque::len).sum::<usize>()
    }

    fn why(&self) -> Why {
        self.why
    }

    fn view(&self, _now: Nanos, most: usize) -> View {
        let turn = self.turn();
        let lane = |(cpu, queue): (&u32, &VecDeque<Request>)| Lane {
            label: text!(ko: "CPU {cpu} 대기열", en: "queue of CPU {cpu}"),
            process: Option::None,
            order: Order::Fifo,
            waiting: queue.iter().take(most).map(|r| Waiting { request: *r, expires: Option::None }).collect(),
            len: queue.len(),
            next: queue.front().map(|r| r.id),
            active: turn == Some(*cpu),
        };
        View { lanes: self.queues.iter().map(lane).collect(), ..View::default() }
    }
}
