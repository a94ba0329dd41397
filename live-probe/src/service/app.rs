//! The service: one thread speaks HTTP with everybody, worker threads do the work, one visit each at
//! a time, in the order of arrival.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, oneshot};

use super::redis::Counter;

/// Most connections at once.
const MOST_CONNECTIONS: usize = 512;
/// Most visits that wait for a worker.
const MOST_WAITING: usize = 4096;

/// What can be tuned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Worker threads.
    pub workers: u32,
    /// Connections to Redis that are kept; 0: a new one for each visit.
    pub pool: u32,
    /// Whether a client's connection stays open for its next visit.
    pub keepalive: bool,
    /// CPU time of a visit, µs.
    pub cpu_us: u32,
}

/// What the service counted of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Visits that were counted.
    pub visits: u64,
    /// Visits that could not be counted.
    pub failed: u64,
    /// Those of them for which no local port was left (`EADDRNOTAVAIL`).
    pub no_port: u64,
    /// When that first happened, ms after the start.
    pub first_no_port_ms: Option<u64>,
    /// Connections of clients that were accepted.
    pub accepted: u64,
    /// Connections to Redis that were opened.
    pub opened: u64,
    /// CPU time of the workers, µs.
    pub cpu_us: u64,
}

type Answer = io::Result<u64>;

/// What workers share.
struct Office {
    settings: Settings,
    counter: Counter,
    waiting: Mutex<VecDeque<oneshot::Sender<Answer>>>,
    arrived: Condvar,
    closed: AtomicBool,
    begun: Instant,
    stats: Mutex<Stats>,
    accepted: AtomicU64,
}

/// Serves until `closing` is done. The listener may have been bound long before.
///
/// # Errors
/// The listener cannot be used, or no thread is to be had.
pub async fn serve(
    listener: TcpListener,
    redis: SocketAddr,
    settings: Settings,
    closing: impl Future<Output = ()>,
) -> io::Result<Stats> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let office = Arc::new(Office {
        settings,
        counter: Counter::new(redis, settings.pool),
        waiting: Mutex::default(),
        arrived: Condvar::new(),
        closed: AtomicBool::new(false),
        begun: Instant::now(),
        stats: Mutex::default(),
        accepted: AtomicU64::new(0),
    });
    let mut workers = Vec::new();
    for _ in 0..settings.workers {
        let office = Arc::clone(&office);
        workers.push(std::thread::Builder::new().name("probe-worker".to_owned()).spawn(move || office.work())?);
    }
    tokio::select! {
        () = accept(listener, Arc::clone(&office)) => {}
        () = closing => {}
    }
    office.closed.store(true, Ordering::Relaxed);
    office.arrived.notify_all();
    for worker in workers {
        let _ = worker.join();
    }
    Ok(office.stats())
}

async fn accept(listener: tokio::net::TcpListener, office: Arc<Office>) {
    let router = Router::new().route("/", get(visited)).route("/stats", get(counted)).with_state(Arc::clone(&office));
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        office.accepted.fetch_add(1, Ordering::Relaxed);
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let keepalive = office.settings.keepalive;
        tokio::spawn(async move {
            let served = http1::Builder::new().keep_alive(keepalive).serve_connection(TokioIo::new(stream), service);
            // What goes wrong on a connection is its client's to notice.
            let _ = served.await;
            drop(place);
        });
    }
}

async fn visited(State(office): State<Arc<Office>>) -> (StatusCode, String) {
    let (answer, answered) = oneshot::channel();
    if !office.enter(answer) {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many wait\n".to_owned());
    }
    match answered.await {
        Ok(Ok(visits)) => (StatusCode::OK, format!("{visits} visits\n")),
        Ok(Err(error)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "closing\n".to_owned()),
    }
}

async fn counted(State(office): State<Arc<Office>>) -> axum::Json<Stats> {
    axum::Json(office.stats())
}

impl Office {
    /// Puts a visit at the end of the queue; false if the queue is full.
    fn enter(&self, answer: oneshot::Sender<Answer>) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST_WAITING {
            return false;
        }
        waiting.push_back(answer);
        drop(waiting);
        self.arrived.notify_one();
        true
    }

    /// The visit that has waited longest; nothing once the office is closed.
    fn next(&self) -> Option<oneshot::Sender<Answer>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.closed.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(answer) = waiting.pop_front() {
                return Some(answer);
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) {
        while let Some(answer) = self.next() {
            let before = cpu_time();
            compute(Duration::from_micros(self.settings.cpu_us.into()));
            let counted = self.counter.count();
            let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
            stats.cpu_us += cpu_time().saturating_sub(before).as_micros() as u64;
            match &counted {
                Ok(_) => stats.visits += 1,
                Err(error) => {
                    stats.failed += 1;
                    if error.kind() == io::ErrorKind::AddrNotAvailable {
                        stats.no_port += 1;
                        stats.first_no_port_ms.get_or_insert(self.begun.elapsed().as_millis() as u64);
                    }
                }
            }
            drop(stats);
            // Whoever asked may have left.
            let _ = answer.send(counted);
        }
    }

    fn stats(&self) -> Stats {
        let stats = *self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        Stats { accepted: self.accepted.load(Ordering::Relaxed), opened: self.counter.opened(), ..stats }
    }
}

/// CPU time this thread has used.
fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// Uses up that much CPU time, however long it takes: with a CPU to itself as long as that.
fn compute(cpu: Duration) {
    let end = cpu_time() + cpu;
    // To ask for the time is a system call; most of the time is to be the program's own.
    while cpu_time() < end {
        for i in 0..2048_u32 {
            std::hint::black_box(i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computing_takes_cpu_time() {
        let before = cpu_time();
        compute(Duration::from_millis(5));
        let took = cpu_time() - before;
        assert!((5..50).contains(&took.as_millis()), "{took:?}");
        let before = cpu_time();
        compute(Duration::ZERO);
        assert!(cpu_time() - before < Duration::from_millis(5));
    }
}
