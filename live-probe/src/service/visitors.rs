//! Visitors in a closed loop: each comes, waits for the answer, thinks a while and comes again. So
//! there are never more visits under way than visitors, however slow the service gets.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use hdrhistogram::Histogram;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Stats;

/// How long a visitor waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer that is read, bytes.
const LONGEST: usize = 4096;
/// Visits of a round at most, whatever its length.
const MOST: u64 = 2_000_000;
/// Significant digits that latencies keep.
const DIGITS: u8 = 3;

/// Who comes, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// How many visitors.
    pub clients: u32,
    /// Whether each keeps its connection.
    pub keepalive: bool,
    /// How long each thinks between two visits.
    pub think: Duration,
    /// Visits that begin within this are not counted.
    pub settle: Duration,
    /// How long it goes on, with the settling.
    pub length: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Latencies of the visits that were answered well, µs.
    pub latency: Histogram<u64>,
    /// Visits that were not answered well.
    pub failed: u64,
    /// For how long was counted.
    pub counted: Duration,
}

impl Outcome {
    /// Visits answered well in a second.
    pub fn per_s(&self) -> f64 {
        self.latency.len() as f64 / self.counted.as_secs_f64().max(1e-9)
    }

    fn none() -> io::Result<Outcome> {
        // A minute is more than anybody waits.
        let latency = Histogram::new_with_bounds(1, 60_000_000, DIGITS).map_err(io::Error::other)?;
        Ok(Outcome { latency, failed: 0, counted: Duration::ZERO })
    }
}

/// Lets the visitors come.
///
/// # Errors
/// A histogram cannot be made.
pub async fn come(to: SocketAddr, round: Round) -> io::Result<Outcome> {
    let start = Instant::now();
    let from = start + round.settle;
    let until = start + round.length;
    let most = MOST / u64::from(round.clients.max(1));
    let mut visitors = JoinSet::new();
    for _ in 0..round.clients {
        visitors.spawn(visitor(to, round, from, until, most));
    }
    let mut all = Outcome::none()?;
    while let Some(one) = visitors.join_next().await {
        let one = one.map_err(io::Error::other)??;
        all.latency.add(&one.latency).map_err(io::Error::other)?;
        all.failed += one.failed;
    }
    all.counted = start.elapsed().saturating_sub(round.settle);
    Ok(all)
}

async fn visitor(to: SocketAddr, round: Round, from: Instant, until: Instant, most: u64) -> io::Result<Outcome> {
    let mut outcome = Outcome::none()?;
    let mut open = None;
    for _ in 0..most {
        let begun = Instant::now();
        if begun >= until {
            break;
        }
        let visited = timeout(PATIENCE, visit(to, round.keepalive, &mut open)).await;
        let well = matches!(visited, Ok(Ok(true)));
        if !matches!(visited, Ok(Ok(_))) || !round.keepalive {
            open = None;
        }
        match well {
            true if begun >= from => {
                let us = begun.elapsed().as_micros() as u64;
                outcome.latency.saturating_record(us.max(1));
            }
            true => {}
            false => outcome.failed += 1,
        }
        if !well {
            // A service that refuses at once is not to be asked a million times.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if !round.think.is_zero() {
            tokio::time::sleep(round.think).await;
        }
    }
    Ok(outcome)
}

/// One visit on the connection that is open, or on a new one. Whether it was answered well.
async fn visit(to: SocketAddr, keepalive: bool, open: &mut Option<SendRequest<Body>>) -> io::Result<bool> {
    let request = request("/", keepalive)?;
    let sender = match open {
        Some(sender) if !sender.is_closed() => sender,
        _ => open.insert(connect(to).await?),
    };
    sender.ready().await.map_err(io::Error::other)?;
    let (status, _) = answer(sender, request).await?;
    Ok(status == StatusCode::OK)
}

fn request(path: &str, keepalive: bool) -> io::Result<Request<Body>> {
    let request = Request::get(path).header(header::HOST, "localhost");
    let request = if keepalive { request } else { request.header(header::CONNECTION, "close") };
    request.body(Body::empty()).map_err(io::Error::other)
}

async fn connect(to: SocketAddr) -> io::Result<SendRequest<Body>> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    // Its troubles show in the answer.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

async fn answer(sender: &mut SendRequest<Body>, request: Request<Body>) -> io::Result<(StatusCode, Vec<u8>)> {
    let answer = sender.send_request(request).await.map_err(io::Error::other)?;
    let status = answer.status();
    let body = to_bytes(Body::new(answer.into_body()), LONGEST).await.map_err(io::Error::other)?;
    Ok((status, body.to_vec()))
}

/// What a service says of itself.
///
/// # Errors
/// There is none, or it says something else.
pub async fn stats(of: SocketAddr) -> io::Result<Stats> {
    let mut sender = connect(of).await?;
    let (_, body) = answer(&mut sender, request("/stats", false)?).await?;
    serde_json::from_slice(&body).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::super::{Settings, alone, serve};
    use super::*;

    /// Without a Redis every visit fails, and the loop goes on and ends.
    #[test]
    fn a_round_ends_by_itself_and_counts_what_fails() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let to = listener.local_addr().unwrap();
        for keepalive in [true, false] {
            let settings = Settings { workers: 1, pool: 1, keepalive, cpu_us: 0 };
            let round = Round {
                clients: 3,
                keepalive,
                think: Duration::ZERO,
                settle: Duration::ZERO,
                length: Duration::from_millis(200),
            };
            let listener = listener.try_clone().unwrap();
            let (outcome, counted) = alone(async move {
                let (close, closing) = tokio::sync::oneshot::channel::<()>();
                let served = tokio::spawn(serve(listener, nobody, settings, async { drop(closing.await) }));
                let outcome = come(to, round).await?;
                let counted = stats(to).await?;
                drop(close);
                served.await.map_err(io::Error::other)??;
                Ok((outcome, counted))
            })
            .unwrap();
            assert_eq!((outcome.latency.len(), counted.visits), (0, 0));
            assert!(outcome.failed >= 3 && counted.failed >= outcome.failed, "{counted:?}");
            let connections = if keepalive { 4 } else { outcome.failed + 1 };
            assert_eq!(counted.accepted, connections, "{counted:?}");
        }
    }
}
