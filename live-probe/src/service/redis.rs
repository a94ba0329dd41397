//! The counter: one command of Redis over TCP, on a new connection for each visit or from a pool.
//!
//! A client library would hide what the chapter is about, which connection is opened when.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long Redis may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// `INCR visits` as Redis wants it written.
const COMMAND: &[u8] = b"*2\r\n$4\r\nINCR\r\n$6\r\nvisits\r\n";

/// The way to the counter.
#[derive(Debug)]
pub struct Counter {
    address: SocketAddr,
    /// Most connections that are kept; 0 for a new one each time.
    pool: u32,
    kept: Mutex<Kept>,
    given_back: Condvar,
    opened: AtomicU64,
}

/// Connections of a pool.
#[derive(Debug, Default)]
struct Kept {
    idle: Vec<Connection>,
    /// All there are, idle or in use.
    open: u32,
}

type Connection = BufReader<TcpStream>;

impl Counter {
    /// A counter behind `address` with a pool of so many connections; with 0 each visit opens its
    /// own and closes it.
    pub fn new(address: SocketAddr, pool: u32) -> Counter {
        let (kept, given_back) = (Mutex::default(), Condvar::new());
        Counter { address, pool, kept, given_back, opened: AtomicU64::new(0) }
    }

    /// Connections opened so far.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Counts a visit; how many there were.
    ///
    /// # Errors
    /// No connection came about, or Redis answered something else.
    pub fn count(&self) -> io::Result<u64> {
        if self.pool == 0 {
            return ask(&mut self.open()?);
        }
        let mut connection = self.take()?;
        let counted = ask(&mut connection);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match counted {
            Ok(_) => kept.idle.push(connection),
            Err(_) => kept.open -= 1,
        }
        drop(kept);
        self.given_back.notify_one();
        counted
    }

    /// A connection that is idle, or a new one, or whichever is given back first.
    fn take(&self) -> io::Result<Connection> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = kept.idle.pop() {
                return Ok(connection);
            }
            if kept.open < self.pool {
                kept.open += 1;
                break;
            }
            kept = self.given_back.wait(kept).unwrap_or_else(PoisonError::into_inner);
        }
        drop(kept);
        self.open().inspect_err(|_| {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).open -= 1;
            self.given_back.notify_one();
        })
    }

    fn open(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(BufReader::with_capacity(64, stream))
    }
}

fn ask(connection: &mut Connection) -> io::Result<u64> {
    connection.get_mut().write_all(COMMAND)?;
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let counted = line.strip_prefix(':').and_then(|rest| rest.trim_end().parse().ok());
    counted.ok_or_else(|| io::Error::other(format!("Redis answered {line:?}")))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;

    use super::*;

    /// Answers as many connections as come, each until it is closed.
    fn redis() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let visits = Arc::new(AtomicU64::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let visits = Arc::clone(&visits);
                std::thread::spawn(move || {
                    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    let mut stream = stream;
                    while let Some(Ok(_)) = lines.by_ref().nth(4) {
                        let n = visits.fetch_add(1, Ordering::Relaxed) + 1;
                        stream.write_all(format!(":{n}\r\n").as_bytes()).unwrap();
                    }
                });
            }
        });
        address
    }

    #[test]
    fn a_pool_opens_what_is_used_at_once_and_no_more() {
        let address = redis();
        for (pool, at_once, most) in [(0, 1, 20), (4, 1, 1), (2, 4, 2), (8, 3, 3)] {
            let counter = Counter::new(address, pool);
            std::thread::scope(|scope| {
                for _ in 0..at_once {
                    scope.spawn(|| {
                        (0..20).for_each(|_| {
                            counter.count().unwrap();
                        })
                    });
                }
            });
            let opened = counter.opened();
            assert!(opened <= most && opened >= 1 && (pool > 0 || opened == 20), "{pool}: {opened}");
        }
    }

    #[test]
    fn what_fails_gives_its_place_back() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let counter = Counter::new(nobody, 1);
        for _ in 0..3 {
            assert!(counter.count().is_err());
        }
        assert_eq!(counter.opened(), 0);
    }
}
