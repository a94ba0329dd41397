//! noop: a list, as `block/noop-iosched.c` until 4.20.

use std::collections::VecDeque;

use super::view::{Lane, Order, View, Waiting, Why};
use super::{Elevator, Merged, Place};
use crate::io_scheduler::request::{Limits, Request, Side, fits, side};
use crate::{Nanos, Text};

/// First come, first served, whatever the request.
#[derive(Clone, Debug, Default)]
pub struct Noop {
    fifo: VecDeque<Request>,
    why: Why,
}

impl Elevator for Noop {
    fn insert(&mut self, now: Nanos, mut request: Request, place: Place) {
        request.insert = now;
        match place {
            Place::Sorted => self.fifo.push_back(request),
            Place::Head => self.fifo.push_front(request),
        }
    }

    fn merge(&mut self, _now: Nanos, bio: &Request, limits: &Limits) -> Option<Merged> {
        let request = self.fifo.iter_mut().find(|r| side(r, bio) == Some(Side::Back) && fits(r, bio, limits))?;
        request.absorb(bio, Side::Back);
        Some(Merged { side: Side::Back, request: *request, absorbed: Vec::new() })
    }

    fn dispatch(&mut self, _now: Nanos) -> Option<Request> {
        self.why = Why::Oldest;
        self.fifo.pop_front()
    }

    fn finished(&mut self, _now: Nanos, _request: &Request) {}

    fn waiting(&self) -> usize {
        self.fifo.len()
    }

    fn why(&self) -> Why {
        self.why
    }

    fn view(&self, _now: Nanos, most: usize) -> View {
        let waiting = self.fifo.iter().take(most).map(|r| Waiting { request: *r, expires: None }).collect();
        let lane = Lane {
            label: Text::fixed("대기열", "queue"),
            process: None,
            order: Order::Fifo,
            waiting,
            len: self.fifo.len(),
            next: self.fifo.front().map(|r| r.id),
            active: true,
        };
        View { lanes: vec![lane], ..View::default() }
    }
}
