//! The files of a recording.

use std::collections::{BTreeMap, VecDeque};

use serde::Deserialize;

use crate::fidelity::Row;
use crate::io_scheduler::request::{IoClass, IoPrio, Op, Request, RequestId, Sector};
use crate::{Nanos, SECOND};

/// What is in `RUN.json`.
#[derive(Deserialize)]
pub struct Head {
    /// `uname -r`.
    pub kernel: String,
    /// `queue/scheduler`.
    pub scheduler: String,
    /// Files of the queue (`nr_requests`), of the scheduler (`iosched.fifo_batch`) and of the
    /// device (`nullb.hw_queue_depth`), as text.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// A request as the workload asked for it.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    /// r, w, d or f.
    pub op: String,
    /// First sector.
    pub sector: Sector,
    /// Sectors.
    pub nsect: u32,
    /// Class: 0 none, 1 RT, 2 BE, 3 IDLE.
    #[serde(default)]
    pub prio: u64,
    /// When it was submitted, in µs since the workload began.
    #[serde(default)]
    pub submit_us: f64,
}

impl Asked {
    fn request(&self, id: RequestId) -> Request {
        Request {
            id,
            op: op(&self.op).unwrap_or_default(),
            // Written past the page cache: somebody waits for it.
            sync: true,
            sector: self.sector,
            sectors: self.nsect,
            segments: 1,
            prio: IoPrio { class: IoClass::from_number(self.prio).unwrap_or_default(), level: 4 },
            ..Request::default()
        }
    }
}

/// The operation of a letter, as blktrace writes it in either case; flags may follow.
pub fn op(text: &str) -> Option<Op> {
    match text.bytes().next()?.to_ascii_lowercase() {
        b'r' => Some(Op::Read),
        b'w' => Some(Op::Write),
        b'd' => Some(Op::Discard),
        b'f' => Some(Op::Flush),
        _ => None,
    }
}

/// What a row of `events.csv` records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// `block_rq_insert`.
    Insert,
    /// `dd_dispatch_request` returned; without a sector, nothing.
    Dispatch,
    /// `block_rq_issue`.
    Issue,
    /// `block_rq_complete`.
    Complete,
    /// `dd_finish_request`.
    Finish,
    /// `block_rq_merge` or a bio's merge.
    Merge,
}

impl What {
    const NAMES: [(&'static str, What); 6] = [
        ("insert", What::Insert),
        ("dispatch", What::Dispatch),
        ("issue", What::Issue),
        ("complete", What::Complete),
        ("finish", What::Finish),
        ("merge", What::Merge),
    ];

    /// The word in the file.
    pub fn name(self) -> &'static str {
        What::NAMES.iter().find(|(_, what)| *what == self).map_or("", |(name, _)| name)
    }
}

/// A row of `events.csv`.
#[derive(Clone, Debug)]
pub struct Event {
    /// Line in the file.
    pub line: usize,
    /// CLOCK_MONOTONIC.
    pub t: Nanos,
    /// What happened.
    pub what: What,
    /// The operation, where the row has one.
    pub op: Option<Op>,
    /// The first sector, where the row has one.
    pub sector: Option<Sector>,
    /// Sectors, where the row has them.
    pub nsect: Option<u32>,
    /// `jiffies`, where the row has them.
    pub jiffies: Option<u64>,
}

fn optional<T: std::str::FromStr>(row: &Row<'_>, column: &str) -> Result<Option<T>, String> {
    let text: String = row.get(column)?;
    if text.is_empty() { Ok(None) } else { row.get(column).map(Some) }
}

impl Event {
    /// Reads a row.
    pub fn read(row: &Row<'_>) -> Result<Event, String> {
        let name: String = row.get("event")?;
        let what = What::NAMES.iter().find(|(known, _)| *known == name).map(|(_, what)| *what);
        let letter: String = row.get("op")?;
        let op = match letter.as_str() {
            "" => None,
            letter => Some(op(letter).ok_or_else(|| format!("op = {letter:?}: expected r, w, d or f"))?),
        };
        let event = Event {
            line: row.line(),
            t: seconds(&row.get::<String>("t_s")?)?,
            what: what.ok_or_else(|| format!("event = {name:?} is not known"))?,
            op,
            sector: optional(row, "sector")?,
            nsect: optional(row, "nsect")?,
            jiffies: optional(row, "jiffies")?,
        };
        if event.sector.is_none() && event.what != What::Dispatch {
            return Err(format!("{name} needs a sector"));
        }
        if event.jiffies.is_some_and(|jiffies| jiffies > 1 << 40) {
            return Err("jiffies: at most 2^40".into());
        }
        Ok(event)
    }
}

/// Decimal seconds as nanoseconds; at most 9 digits behind the point count.
fn seconds(text: &str) -> Result<Nanos, String> {
    let bad = || format!("t_s = {text:?}: expected seconds below 10^9");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || !digits(whole) || !digits(part) {
        return Err(bad());
    }
    let whole: Nanos = whole.parse().map_err(|_| bad())?;
    let nanos: String = part.chars().chain("000000000".chars()).take(9).collect();
    Ok(whole * SECOND + nanos.parse::<Nanos>().map_err(|_| bad())?)
}

/// Ticks a second, from the two clocks of the recording; 250 where it has only one.
pub fn hz(events: &[Event]) -> u32 {
    let mut clocked = events.iter().filter_map(|event| Some((event.t, event.jiffies?)));
    let (Some(first), Some(last)) = (clocked.next(), clocked.next_back()) else { return 250 };
    let (ns, ticks) = (last.0.saturating_sub(first.0), last.1.saturating_sub(first.1));
    if ns < SECOND / 10 {
        return 250;
    }
    let measured = (u128::from(ticks) * u128::from(SECOND) / u128::from(ns)) as i128;
    [100_u32, 250, 300, 1000].into_iter().min_by_key(|hz| (i128::from(*hz) - measured).abs()).unwrap_or(250)
}

/// Finds the request behind a row: the first asked for that has its operation, sector and length
/// and was not inserted yet.
pub struct Matcher<'a> {
    asked: &'a [Asked],
    open: BTreeMap<(Op, Sector, u32), VecDeque<usize>>,
    /// Rows without a request: the work of others.
    pub foreign: usize,
    next: RequestId,
}

impl<'a> Matcher<'a> {
    /// Everything is still to come.
    pub fn new(asked: &'a [Asked]) -> Matcher<'a> {
        let mut open: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
        for (i, asked) in asked.iter().enumerate() {
            open.entry((op(&asked.op).unwrap_or_default(), asked.sector, asked.nsect)).or_default().push_back(i);
        }
        Matcher { asked, open, foreign: 0, next: asked.len() as RequestId }
    }

    /// The request of an insertion (its id is its number among those asked for).
    pub fn take(&mut self, event: &Event) -> Request {
        let key = (event.op.unwrap_or_default(), event.sector.unwrap_or(0), event.nsect.unwrap_or(0));
        let mut request = match self.open.get_mut(&key).and_then(VecDeque::pop_front) {
            Some(i) => self.asked[i].request(i as RequestId),
            None => {
                self.foreign += 1;
                self.next += 1;
                let (op, sector, sectors) = key;
                Request { id: self.next, op, sync: true, sector, sectors, segments: 1, ..Request::default() }
            }
        };
        request.start = event.t;
        request
    }
}
