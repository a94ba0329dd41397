//! Local ports towards the backend: a connection takes one, and after it was closed its TIME_WAIT
//! keeps it for a minute (`include/net/tcp.h: TCP_TIMEWAIT_LEN`).

use std::collections::VecDeque;

use crate::{MILLISECOND, Nanos, SECOND};

/// How long a port stays taken after its connection was closed here first.
pub const TIMEWAIT_LEN: Nanos = 60 * SECOND;
/// Ports come back in steps of this, as the kernel's timers far away fire in steps too.
const STEP: Nanos = 250 * MILLISECOND;

/// The ports of one source towards one destination.
#[derive(Clone, Debug)]
pub struct Ports {
    /// How many there are.
    all: u64,
    /// Taken by connections that are open.
    open: u64,
    /// Taken by TIME_WAITs: when they end, and how many.
    waiting: VecDeque<(Nanos, u64)>,
    tw: u64,
}

impl Ports {
    pub fn new(all: u64) -> Ports {
        Ports { all, open: 0, waiting: VecDeque::new(), tw: 0 }
    }

    /// Sockets in TIME_WAIT.
    pub fn time_waits(&self) -> u64 {
        self.tw
    }

    /// Connections that are open.
    pub fn open(&self) -> u64 {
        self.open
    }

    /// Lets those go whose minute is over; how many.
    pub fn expire(&mut self, now: Nanos) -> u64 {
        let mut gone = 0;
        while let Some((_, n)) = self.waiting.pop_front_if(|(end, _)| *end <= now) {
            gone += n;
        }
        self.tw -= gone;
        gone
    }

    /// Takes a port for a new connection; false when none is left (`EADDRNOTAVAIL`).
    pub fn take(&mut self) -> bool {
        let free = self.open + self.tw < self.all;
        self.open += u64::from(free);
        free
    }

    /// The connection is closed from this side.
    pub fn close(&mut self, now: Nanos) {
        let end = (now + TIMEWAIT_LEN).next_multiple_of(STEP);
        self.open -= 1;
        self.tw += 1;
        match self.waiting.back_mut() {
            Some((last, n)) if *last == end => *n += 1,
            _ => self.waiting.push_back((end, 1)),
        }
    }

    /// When the next ones come back.
    pub fn next(&self) -> Option<Nanos> {
        self.waiting.front().map(|(end, _)| *end)
    }

    pub fn footprint(&self) -> usize {
        self.waiting.capacity() * size_of::<(Nanos, u64)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_comes_back_after_a_minute() {
        let mut ports = Ports::new(2);
        assert!(ports.take() && ports.take() && !ports.take());
        ports.close(SECOND);
        ports.close(SECOND + MILLISECOND);
        assert!(!ports.take());
        assert_eq!((ports.time_waits(), ports.next()), (2, Some(61 * SECOND)));
        assert_eq!(ports.expire(61 * SECOND - 1), 0);
        assert_eq!(ports.expire(61 * SECOND), 1);
        assert!(ports.take() && !ports.take());
        assert_eq!(ports.expire(62 * SECOND), 1);
        assert_eq!((ports.time_waits(), ports.open(), ports.next()), (0, 1, None));
    }
}
