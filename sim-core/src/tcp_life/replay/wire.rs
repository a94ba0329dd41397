//! The segments of single connections, seen from the server.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::connection::State;
use super::super::scenario::{Close, Host, Leg, Scenario};
use super::super::{HostView, TcpLife};
use super::valid;
use crate::fidelity::Tally;
use crate::{Log, Model, Packet, SECOND};

/// A connection: sender (`c`, `s`), flags as `tcpdump` writes them, numbers counted from the first,
/// bytes, and the MSS of a SYN or 0.
#[derive(Deserialize)]
pub struct Case {
    name: String,
    /// States in `/proc/net/tcp` that were left, and how many, on either side.
    client: BTreeMap<String, u32>,
    server: BTreeMap<String, u32>,
    packets: Vec<(String, String, u32, u32, u32, u16)>,
}

/// A segment in words that do not depend on how long requests and answers are.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    client: bool,
    flags: String,
    /// How many pieces of data, SYN and FIN lie before it, of its own and of the other's.
    seq: usize,
    ack: usize,
    data: bool,
    mss: u16,
}

/// Counts pieces instead of bytes.
#[derive(Default)]
struct Pieces([Vec<u32>; 2]);

impl Pieces {
    /// Notes a segment that takes `len` numbers from `seq` on.
    fn sent(&mut self, client: bool, seq: u32, len: u32) {
        let ends = &mut self.0[usize::from(client)];
        if len > 0 && ends.last().is_none_or(|last| *last < seq.wrapping_add(len)) {
            ends.push(seq.wrapping_add(len));
        }
    }

    fn before(&self, client: bool, number: u32) -> usize {
        self.0[usize::from(client)].iter().filter(|end| **end <= number).count()
    }
}

fn say(pieces: &mut Pieces, client: bool, flags: &str, (seq, ack): (u32, u32), len: u32, mss: u16) -> Said {
    let counted = u32::from(flags.contains('S')) + u32::from(flags.contains('F'));
    let said = Said {
        client,
        flags: flags.to_owned(),
        seq: pieces.before(client, seq),
        ack: if flags.contains('.') { pieces.before(!client, ack) } else { 0 },
        data: len > 0,
        mss,
    };
    pieces.sent(client, seq, len + counted);
    said
}

/// Compares the order, the flags and the numbers of every segment, and the states that are left.
pub fn replay(base: &Scenario, cases: &[Case], tally: &mut Tally) -> Result<(), String> {
    let mut segments = 0;
    for case in cases {
        let Some(leg) = leg(&case.name) else {
            return Err(format!("no connection is called {:?}", case.name));
        };
        let scenario = Scenario { watch: 3, rtt_us: 2, duration_ms: 2000, legs: vec![leg], ..base.clone() };
        let mut model = TcpLife::start(&valid(scenario)?);
        let mut log = Log::capturing();
        while model.now() < SECOND && model.advance(SECOND, &mut log) {
            log.clear();
        }
        model.advance_to(SECOND);
        let packets = log.take_packets();
        let (mut own, mut theirs) = (Pieces::default(), Pieces::default());
        let first = [false, true]
            .map(|client| packets.iter().find(|packet| from_client(packet) == client).map_or(0, |packet| packet.seq));
        for (i, recorded) in case.packets.iter().enumerate() {
            let (from, flags, seq, ack, len, mss) = recorded;
            let want = say(&mut theirs, from == "c", flags, (*seq, *ack), *len, *mss);
            let got = packets.get(i).map(|packet| {
                let client = from_client(packet);
                let numbers = [client, !client].map(|side| first[usize::from(side)]);
                let seq = packet.seq.wrapping_sub(numbers[0]);
                let ack = packet.ack.wrapping_sub(numbers[1]);
                let len = packet.payload.len() as u32;
                say(&mut own, client, &flags_of(packet), (seq, ack), len, packet.mss.unwrap_or(0))
            });
            segments += 1;
            let place = format!("{} segment {i}", case.name);
            tally.same(&place, &format!("{got:?}"), &format!("{:?}", Some(want)));
        }
        tally.number(&format!("{}: segments", case.name), packets.len() as f64, case.packets.len() as f64);
        let hosts = model.hosts();
        for (host, recorded) in [(0, &case.client), (1, &case.server)] {
            let got = hosts.get(host).map(left).unwrap_or_default();
            tally.same(&format!("{}: states left", case.name), &format!("{got:?}"), &format!("{recorded:?}"));
        }
    }
    tally.note(format!("{segments} segments of {} connections", cases.len()));
    Ok(())
}

fn from_client(packet: &Packet) -> bool {
    packet.to.port() == PORT
}

/// Where the server listens.
const PORT: u16 = 8080;

fn flags_of(packet: &Packet) -> String {
    let f = packet.flags;
    let all = [(f.syn, 'S'), (f.ack, '.'), (f.psh, 'P'), (f.fin, 'F'), (f.rst, 'R')];
    all.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect()
}

/// The connection of that name.
fn leg(name: &str) -> Option<Leg> {
    let one = Leg { port: i64::from(PORT), service_ms: 0, ..Leg::new(Host::Client, Host::Server, 1, 1) };
    Some(match name {
        "client" => one,
        "client-three-requests" => Leg { per_s: 10, until_ms: 300, ..one.pooled(1, 3) },
        "client-three-requests-fast" => Leg { per_s: 1500, until_ms: 2, ..one.pooled(1, 3) },
        "server" => one.closed_by(Close::Server),
        "linger0" => one.closed_by(Close::Linger0),
        "unread" => one.closed_by(Close::Unread),
        "leak" => one.closed_by(Close::Leak),
        _ => return None,
    })
}

/// The states that are left, by their numbers in `/proc/net/tcp`.
fn left(host: &HostView) -> BTreeMap<String, u32> {
    let number = |state| match state {
        State::Established => "01",
        State::SynSent => "02",
        State::SynRecv => "03",
        State::FinWait1 => "04",
        State::FinWait2 => "05",
        State::TimeWait => "06",
        State::Closed => "07",
        State::CloseWait => "08",
        State::LastAck => "09",
        State::Closing => "0B",
    };
    let found = State::ALL.into_iter().zip(host.sockets).filter(|(_, n)| *n > 0);
    found.map(|(state, n)| (number(state).to_owned(), n)).collect()
}
