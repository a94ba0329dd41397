//! Event streams: how many there are, whose they are, and how each ends.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sim_core::Text;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::limits::Limits;
use super::problem::Problem;
use super::tokens::Session;

/// Whose a stream is: a session's, or (`None`) of a page that only waits for a new build.
type Owner = Option<Session>;

/// The streams that are open.
pub struct Streams {
    limits: Limits,
    owners: Mutex<BTreeMap<Owner, Presence>>,
}

#[derive(Clone, Copy, Debug)]
struct Presence {
    open: usize,
    /// When the number last changed.
    since: Instant,
}

/// The right to one stream; given back when dropped.
pub struct Slot {
    streams: Arc<Streams>,
    owner: Owner,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut owners = self.streams.lock();
        if let Some(presence) = owners.get_mut(&self.owner) {
            *presence = Presence { open: presence.open.saturating_sub(1), since: Instant::now() };
        }
    }
}

impl Streams {
    /// None open.
    pub fn new(limits: Limits) -> Streams {
        Streams { limits, owners: Mutex::default() }
    }

    /// Takes a stream.
    ///
    /// # Errors
    /// There are too many, in all or of this owner.
    pub fn slot(self: &Arc<Streams>, owner: Owner) -> Result<Slot, Problem> {
        let mut owners = self.lock();
        // Owners that left long ago; their number is bounded by this and by the limit on sessions.
        owners.retain(|_, presence| presence.open > 0 || presence.since.elapsed() < 2 * self.limits.reader_gone);
        let all: usize = owners.values().map(|presence| presence.open).sum();
        let own = owners.get(&owner).map_or(0, |presence| presence.open);
        if all >= self.limits.streams || own >= self.limits.streams_each {
            let message = Text::fixed(
                "실시간 연결이 너무 많습니다. 이 워크북을 연 다른 탭을 닫아 주십시오.",
                "Too many live streams. Close other tabs that show this workbook.",
            );
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "streams", message);
            return Err(problem.with(header::RETRY_AFTER, "5"));
        }
        owners.insert(owner, Presence { open: own + 1, since: Instant::now() });
        Ok(Slot { streams: Arc::clone(self), owner })
    }

    /// Since when a session has had no stream; `None` while it has one. A session that never had
    /// one has been without since `otherwise`.
    pub fn absent_since(&self, session: Session, otherwise: Instant) -> Option<Instant> {
        match self.lock().get(&Some(session)) {
            Some(presence) if presence.open > 0 => None,
            Some(presence) => Some(presence.since.max(otherwise)),
            None => Some(otherwise),
        }
    }

    /// Streams open now.
    #[cfg(test)]
    pub fn open(&self) -> usize {
        self.lock().values().map(|presence| presence.open).sum()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Owner, Presence>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One event as it goes over the wire. `data` holds no line break, as JSON never does.
pub fn event(name: &str, data: &str) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}

/// The answer that sends `events` until the client leaves, the server stops, the sender is done or
/// the stream has lived long enough; then says `end` with the reason.
pub fn answer(
    mut events: mpsc::Receiver<Bytes>,
    slot: Slot,
    limits: &Limits,
    mut stop: watch::Receiver<bool>,
) -> Response {
    let (tx, rx) = mpsc::channel::<Bytes>(8);
    let (life, quiet) = (limits.stream_time, limits.stream_keep_alive);
    tokio::spawn(async move {
        let _slot = slot;
        let mut life = std::pin::pin!(sleep(life));
        let mut beat = interval(quiet);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        let why = loop {
            let bytes = tokio::select! {
                bytes = events.recv() => match bytes {
                    Some(bytes) => bytes,
                    None => break "done",
                },
                _ = beat.tick() => Bytes::from_static(b":\n\n"),
                () = &mut life => break "age",
                _ = stop.wait_for(|stop| *stop) => break "shutdown",
                () = tx.closed() => return,
            };
            beat.reset();
            // A client that does not keep up misses events rather than piling them up here.
            match tx.try_send(bytes) {
                Ok(()) | Err(mpsc::error::TrySendError::Full(_)) => {}
                Err(mpsc::error::TrySendError::Closed(_)) => return,
            }
        };
        let _ = tx.try_send(event("end", &format!("{{\"reason\":\"{why}\"}}")));
    });
    let mut response = Response::new(Body::from_stream(Received(rx)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A channel as a stream of bytes.
struct Received(mpsc::Receiver<Bytes>);

impl futures_core::Stream for Received {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|bytes| bytes.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn slots_run_out_for_each_and_for_all_and_come_back() {
        let limits = Limits { streams: 3, streams_each: 2, ..Limits::default() };
        let streams = Arc::new(Streams::new(limits));
        let first = streams.slot(Some(1)).ok().unwrap();
        let _second = streams.slot(Some(1)).ok().unwrap();
        assert_eq!(streams.slot(Some(1)).err().unwrap().code, "streams", "two each");
        let _third = streams.slot(None).ok().unwrap();
        assert_eq!(streams.slot(Some(2)).err().unwrap().code, "streams", "three in all");
        drop(first);
        assert!(streams.slot(Some(2)).is_ok());
    }

    #[test]
    fn a_session_is_absent_from_its_last_stream_on() {
        let streams = Arc::new(Streams::new(Limits::default()));
        let began = Instant::now();
        assert_eq!(streams.absent_since(7, began), Some(began), "never came");
        let slot = streams.slot(Some(7)).ok().unwrap();
        assert_eq!(streams.absent_since(7, began), None);
        std::thread::sleep(Duration::from_millis(5));
        drop(slot);
        assert!(streams.absent_since(7, began).unwrap() > began);
        let later = Instant::now() + Duration::from_secs(1);
        assert_eq!(streams.absent_since(7, later), Some(later), "a later beginning counts");
    }
}
