//! What every I/O scheduler is, seen from the block layer.

use crate::Nanos;

use super::request::{Limits, Request, RequestId, Side};

mod bfq;
mod cfq;
mod deadline;
mod kind;
mod kyber;
mod merge;
mod none;
mod noop;
mod store;
#[cfg(test)]
mod tests;
mod ticks;
mod tunables;
mod view;

pub use kind::{Kind, Scheduler, Setup};
pub use view::{Idling, Lane, Order, View, Waiting, Why};

/// Where [`Elevator::insert`] puts a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where the scheduler's own rule says.
    Sorted,
    /// Before everything else: requeued requests, and flushes.
    Head,
}

/// A bio became part of a waiting request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// On which side of it.
    pub side: Side,
    /// The request, as it is now.
    pub request: Request,
    /// The neighbours that became part of it as well (`attempt_back_merge`,
    /// `attempt_front_merge`): they no longer wait, and their bios end with `request`.
    pub absorbed: Vec<RequestId>,
}

/// An I/O scheduler (`struct elevator_type`).
///
/// The caller owns time: it calls [`Elevator::dispatch`] whenever the device could take a request,
/// after every insert, completion and [`Elevator::timer`]. Every request that went in comes out of
/// `dispatch` once, or is named by a [`Merged::absorbed`].
pub trait Elevator {
    /// Adds a request (blktrace I).
    fn insert(&mut self, now: Nanos, request: Request, place: Place);

    /// Tries to merge a bio into a waiting request (`elv_merge` and the scheduler's own hook,
    /// then `attempt_back_merge` or `attempt_front_merge`).
    fn merge(&mut self, now: Nanos, bio: &Request, limits: &Limits) -> Option<Merged>;

    /// Tries to merge a request that comes from a plug into a waiting one, before it is inserted
    /// (`elv_attempt_insert_merge`): back merges only. When it did, the request is not inserted.
    fn merge_insert(&mut self, _now: Nanos, _request: &Request, _limits: &Limits) -> Option<Merged> {
        None
    }

    /// The request the device gets next (blktrace D). `None` with [`Elevator::has_work`] means
    /// that it waits for something: look at [`Elevator::next_timer`].
    fn dispatch(&mut self, now: Nanos) -> Option<Request>;

    /// The device has finished a request that was dispatched (blktrace C).
    fn finished(&mut self, now: Nanos, request: &Request);

    /// When [`Elevator::timer`] wants to be called, should nothing happen before: an idle slice
    /// ends, or a controller looks at its samples. It may lie in the past: then at once.
    fn next_timer(&self) -> Option<Nanos> {
        None
    }

    /// Runs the timers that are due, and then expects a [`Elevator::dispatch`].
    fn timer(&mut self, _now: Nanos) {}

    /// Whether requests wait (`elevator_ops.has_work`).
    fn has_work(&self) -> bool {
        self.waiting() > 0
    }

    /// How many requests wait.
    fn waiting(&self) -> usize;

    /// Of `nr_requests`, how many such a request may find taken and still be allocated
    /// (`limit_depth`: `async_depth`, BFQ's word depths).
    fn depth_limit(&self, _request: &Request, nr_requests: u32) -> u32 {
        nr_requests
    }

    /// Why the last dispatched request was chosen.
    fn why(&self) -> Why;

    /// What it chooses from, at most `most` requests a lane.
    fn view(&self, now: Nanos, most: usize) -> View;

    /// The files below `iosched/`, by name, as the kernel prints them.
    fn sysfs(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}
