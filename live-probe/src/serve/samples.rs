//! One look at the machine for everybody who wants one.
//!
//! A thread of its own looks, because a kernel file can hang; it starts with the first listener and
//! ends with the last, so a server that nobody watches costs nothing. Listeners with different
//! intervals share the looks that fall together: every look is at a multiple of the interval on one
//! clock, and each listener gets those that are its own.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tokio::sync::mpsc;

use super::streams::event;

/// Shortest and longest interval that a listener may ask for.
pub const INTERVAL: std::ops::RangeInclusive<Duration> = Duration::from_millis(250)..=Duration::from_secs(60);
/// Interval for one that does not say.
pub const USUAL: Duration = Duration::from_secs(1);
/// Looks due within this of each other are one.
const TOGETHER: Duration = Duration::from_millis(10);
/// A newcomer is given the last look if it is this fresh, and otherwise has one of its own.
const FRESH: Duration = Duration::from_millis(200);

/// Looks at the machine and says what it saw, as one line of JSON.
pub type Look = dyn FnMut() -> String + Send;
/// Makes a [`Look`] when somebody begins to watch.
pub type MakeLook = dyn Fn() -> Box<Look> + Send + Sync;

/// The listeners, and the thread while there are any.
pub struct Hub {
    make: Box<MakeLook>,
    epoch: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    running: bool,
    listeners: Vec<Listener>,
    last: Option<(Instant, Bytes)>,
}

struct Listener {
    interval: Duration,
    due: Instant,
    tx: mpsc::Sender<Bytes>,
}

impl Hub {
    /// A hub that is idle.
    pub fn new(make: Box<MakeLook>) -> Hub {
        Hub { make, epoch: Instant::now(), state: Mutex::default(), changed: Condvar::new() }
    }

    /// Begins to listen: one look at once, then one every `interval` (within [`INTERVAL`]) until the
    /// receiver is dropped.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn listen(self: &Arc<Hub>, interval: Duration) -> std::io::Result<mpsc::Receiver<Bytes>> {
        let (tx, rx) = mpsc::channel(4);
        let now = Instant::now();
        let mut state = self.lock();
        let mut due = now;
        if let Some((at, bytes)) = &state.last
            && now.duration_since(*at) < FRESH
        {
            let _ = tx.try_send(bytes.clone());
            due = self.next(now, interval);
        }
        if !state.running {
            let hub = Arc::clone(self);
            std::thread::Builder::new().name("samples".into()).spawn(move || hub.work())?;
            state.running = true;
        }
        state.listeners.push(Listener { interval, due, tx });
        self.changed.notify_one();
        Ok(rx)
    }

    /// The first multiple of `interval` that is not right after `now`.
    fn next(&self, now: Instant, interval: Duration) -> Instant {
        let steps = now.duration_since(self.epoch).as_nanos() / interval.as_nanos() + 1;
        let next = self.epoch + interval * u32::try_from(steps).unwrap_or(u32::MAX);
        if next.duration_since(now) < interval / 4 { next + interval } else { next }
    }

    fn work(&self) {
        let mut look = (self.make)();
        let mut state = self.lock();
        loop {
            state.listeners.retain(|listener| !listener.tx.is_closed());
            let Some(due) = state.listeners.iter().map(|listener| listener.due).min() else {
                state.running = false;
                state.last = None;
                return;
            };
            let now = Instant::now();
            // Waits no longer than a second, so that listeners who left are noticed.
            let wait = due.saturating_duration_since(now).min(Duration::from_secs(1));
            if !wait.is_zero() {
                state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            drop(state);
            let bytes = event("sample", &look());
            state = self.lock();
            let now = Instant::now();
            for listener in state.listeners.iter_mut().filter(|listener| listener.due <= now + TOGETHER) {
                // One that does not keep up misses a look.
                let _ = listener.tx.try_send(bytes.clone());
                listener.due = self.next(now, listener.interval);
            }
            state.last = Some((now, bytes));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A hub that counts its looks and the times it began to look.
    fn counting() -> (Arc<Hub>, Arc<AtomicUsize>, Arc<AtomicUsize>) {
        let (looks, begun) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (count, began) = (Arc::clone(&looks), Arc::clone(&begun));
        let make = move || -> Box<Look> {
            began.fetch_add(1, Ordering::SeqCst);
            let count = Arc::clone(&count);
            Box::new(move || count.fetch_add(1, Ordering::SeqCst).to_string())
        };
        (Arc::new(Hub::new(Box::new(make))), looks, begun)
    }

    /// The number of the look that an event tells of.
    fn number(event: &Bytes) -> usize {
        let text = std::str::from_utf8(event).unwrap();
        text.trim_end().rsplit(' ').next().unwrap().parse().unwrap()
    }

    #[test]
    fn looks_are_shared_and_end_with_the_last_listener() {
        let (hub, looks, begun) = counting();
        let interval = Duration::from_millis(250);
        let mut all: Vec<_> = (0..5).map(|_| hub.listen(interval).unwrap()).collect();
        let mut slow = hub.listen(interval * 2).unwrap();
        let mut heard = Vec::new();
        for rx in &mut all {
            let numbers: Vec<_> = (0..3).map(|_| number(&rx.blocking_recv().unwrap())).collect();
            assert!(numbers.is_sorted_by(|a, b| a < b), "each look once: {numbers:?}");
            heard.extend(numbers);
        }
        let events = heard.len();
        heard.sort_unstable();
        heard.dedup();
        assert!(heard.len() < events, "{events} events of as many looks are not shared");
        assert!((0..3).map(|_| number(&slow.blocking_recv().unwrap())).is_sorted_by(|a, b| a < b));
        drop((all, slow));
        let left = Instant::now();
        while hub.lock().running {
            assert!(left.elapsed() < Duration::from_secs(30), "the thread goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
        let made = looks.load(Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(600));
        assert_eq!(looks.load(Ordering::SeqCst), made, "nobody listens, nobody looks");
        let mut again = hub.listen(interval).unwrap();
        assert!(again.blocking_recv().is_some());
        assert_eq!(begun.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_look_is_due_at_a_multiple_of_its_interval_and_not_at_once() {
        let (hub, ..) = counting();
        for (now_ms, interval_ms, due_ms) in [
            (0, 250, 250),
            (10, 250, 250),
            (180, 250, 250),
            (190, 250, 500),
            (250, 250, 500),
            (10, 500, 500),
            (740, 500, 1000),
        ] {
            let ms = Duration::from_millis;
            let due = hub.next(hub.epoch + ms(now_ms), ms(interval_ms));
            assert_eq!(due.duration_since(hub.epoch), ms(due_ms), "{now_ms} ms, every {interval_ms} ms");
        }
    }

    #[test]
    fn the_first_look_comes_at_once() {
        let (hub, ..) = counting();
        let start = Instant::now();
        let mut rx = hub.listen(Duration::from_secs(60)).unwrap();
        assert_eq!(rx.blocking_recv().unwrap(), "event: sample\ndata: 0\n\n");
        assert!(start.elapsed() < Duration::from_secs(30), "not after the interval");
        let mut second = hub.listen(Duration::from_secs(60)).unwrap();
        let again = number(&second.blocking_recv().unwrap());
        assert!(again == 0 || start.elapsed() >= FRESH, "still fresh");
    }
}
