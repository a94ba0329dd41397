//! How much one run of the server gives away, in one table.

use std::time::Duration;

/// Bounds on everything a client can make the server hold or do.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections served at once; a browser opens at most six to one address.
    pub connections: usize,
    /// Connections over the limit that are still told so, at once; the rest are dropped unread.
    pub refusals: usize,
    /// Bytes of a request line with its headers.
    pub head_bytes: usize,
    /// Headers of a request.
    pub head_count: usize,
    /// From the moment a connection waits for a request until its headers are all there. The same
    /// bound closes a connection that is kept alive and idle.
    pub head_time: Duration,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// From the headers until the body is all there.
    pub body_time: Duration,
    /// How long a client may leave bytes unread before its connection is closed.
    pub write_stall: Duration,
    /// Requests admitted a second, all clients together, once [`Limits::burst`] is spent.
    pub requests_per_second: u32,
    /// Requests admitted at once; a page with its assets takes about forty.
    pub burst: u32,
    /// Event streams open at once.
    pub streams: usize,
    /// Event streams of one session (or of all pages that listen for reloads).
    pub streams_each: usize,
    /// How long an event stream lives; the page then opens another.
    pub stream_time: Duration,
    /// Silence after which a comment is sent on a stream, so that a dead client is noticed.
    pub stream_keep_alive: Duration,
    /// Sessions and unused launch addresses kept; the oldest gives way.
    pub sessions: usize,
    /// Checks of the machine running at once.
    pub judges: usize,
    /// How long one check of the machine may take.
    pub judge_time: Duration,
    /// How long a workload goes on without an event stream of the session that started it.
    pub reader_gone: Duration,
    /// How long the end of the server waits for responses that are on their way.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 64,
            refusals: 16,
            head_bytes: 16 * 1024,
            head_count: 64,
            head_time: Duration::from_secs(10),
            body_bytes: 16 * 1024,
            body_time: Duration::from_secs(5),
            write_stall: Duration::from_secs(20),
            requests_per_second: 100,
            burst: 600,
            streams: 16,
            streams_each: 4,
            stream_time: Duration::from_secs(60 * 60),
            stream_keep_alive: Duration::from_secs(15),
            sessions: 16,
            judges: 2,
            judge_time: Duration::from_secs(20),
            reader_gone: Duration::from_secs(10),
            drain: Duration::from_secs(3),
        }
    }
}

/// A bucket of tokens that fills at a steady rate: the bound on requests.
#[derive(Debug)]
pub struct Bucket {
    rate: f64,
    burst: f64,
    level: f64,
    at: std::time::Instant,
}

impl Bucket {
    /// A full bucket.
    pub fn new(rate: u32, burst: u32) -> Bucket {
        Bucket {
            rate: f64::from(rate),
            burst: f64::from(burst),
            level: f64::from(burst),
            at: std::time::Instant::now(),
        }
    }

    /// Takes one, unless the bucket is empty at `now`.
    pub fn take(&mut self, now: std::time::Instant) -> bool {
        let grown = now.saturating_duration_since(self.at).as_secs_f64() * self.rate;
        self.level = (self.level + grown).min(self.burst);
        self.at = now;
        let enough = self.level >= 1.0;
        if enough {
            self.level -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(10, 3);
        let start = std::time::Instant::now();
        assert_eq!([0, 0, 0, 0].map(|_| bucket.take(start)), [true, true, true, false]);
        assert!(bucket.take(start + Duration::from_millis(110)), "a tenth of a second gives one");
        assert!(!bucket.take(start + Duration::from_millis(120)));
        let rested = start + Duration::from_secs(60);
        assert_eq!([0, 0, 0, 0].map(|_| bucket.take(rested)), [true, true, true, false], "never more than the burst");
    }
}
