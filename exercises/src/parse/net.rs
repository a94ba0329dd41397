//! The network: counters, interfaces and sockets.

use super::{Fields, Unreadable, refuse};

/// `/proc/net/sockstat` as pairs named `TCP.tw` (`net/ipv4/proc.c: sockstat_seq_show`).
///
/// # Errors
/// No line is of the form `TCP: inuse 1 …`.
pub fn sockstat(path: &str, text: &str) -> Result<Fields, Unreadable> {
    let mut fields = Fields::new(path);
    for (i, line) in text.lines().enumerate() {
        let Some((group, rest)) = line.split_once(':') else { continue };
        let words: Vec<_> = rest.split_ascii_whitespace().collect();
        for pair in words.chunks_exact(2) {
            fields.put(&format!("{group}.{}", pair[0]), pair[1], i);
        }
    }
    fields.some(text, "TCP: inuse 1 orphan 0 tw 0 alloc 2 mem 1")
}

/// `/proc/net/netstat` and `/proc/net/snmp` as pairs named `TcpExt.TCPTimeouts`
/// (`net/ipv4/proc.c: netstat_seq_show`): a line of names, then a line of figures.
///
/// # Errors
/// A group whose two lines do not fit each other.
pub fn paired(path: &str, text: &str) -> Result<Fields, Unreadable> {
    const SHAPE: &str = "TcpExt: names, and on the next line TcpExt: as many figures";
    let mut fields = Fields::new(path);
    let lines: Vec<_> = text.lines().collect();
    for (i, pair) in lines.chunks(2).enumerate() {
        let [names, figures] = pair else { return Err(refuse(path, i * 2, SHAPE, pair.first().unwrap_or(&""))) };
        let (group, names) = names.split_once(':').ok_or_else(|| refuse(path, i * 2, SHAPE, names))?;
        let (again, values) = figures.split_once(':').ok_or_else(|| refuse(path, i * 2 + 1, SHAPE, figures))?;
        let (names, values): (Vec<_>, Vec<_>) =
            (names.split_ascii_whitespace().collect(), values.split_ascii_whitespace().collect());
        if group != again || names.len() != values.len() {
            return Err(refuse(path, i * 2 + 1, SHAPE, figures));
        }
        for (name, value) in names.iter().zip(values) {
            fields.put(&format!("{group}.{name}"), value, i * 2 + 1);
        }
    }
    fields.some(text, SHAPE)
}

/// The counters of an interface (`net/core/net-procfs.c: dev_seq_printf_stats`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Sixteen counters: eight of receiving, eight of sending.
    pub counters: Vec<u64>,
}

impl Interface {
    /// Names of [`Interface::counters`].
    pub const NAMES: [&'static str; 16] = [
        "rx_bytes",
        "rx_packets",
        "rx_errors",
        "rx_dropped",
        "rx_fifo",
        "rx_frame",
        "rx_compressed",
        "multicast",
        "tx_bytes",
        "tx_packets",
        "tx_errors",
        "tx_dropped",
        "tx_fifo",
        "collisions",
        "carrier",
        "tx_compressed",
    ];

    /// A counter by name.
    pub fn counter(&self, name: &str) -> Option<u64> {
        self.counters.get(Self::NAMES.iter().position(|counter| *counter == name)?).copied()
    }
}

/// `/proc/net/dev`.
///
/// # Errors
/// The first line behind the two of the heading that is of another form.
pub fn interfaces(path: &str, text: &str) -> Result<Vec<Interface>, Unreadable> {
    const SHAPE: &str = "eth0: and 16 counters";
    let parse = |line: &str| {
        let (name, rest) = line.trim_start().split_once(':')?;
        let counters: Option<Vec<u64>> = rest.split_ascii_whitespace().take(64).map(|word| word.parse().ok()).collect();
        let counters = counters.filter(|counters| counters.len() >= 16)?;
        Some(Interface { name: name.to_owned(), counters })
    };
    let lines = text.lines().enumerate().skip(2).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(i, line)| parse(line).ok_or_else(|| refuse(path, i, SHAPE, line))).collect()
}

/// A TCP socket, a line of `@sockets/tcp`. See `machine` for the shape of that file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// `ESTAB`, `TIME-WAIT`, `LISTEN`, …, as `ss` calls it.
    pub state: String,
    /// Local address and port, `127.0.0.1:5000`.
    pub local: String,
    /// Remote address and port.
    pub remote: String,
    /// What the line says about it, by name: `timer`, `expires_ms`, `rto_us`, …
    pub fields: Fields,
}

impl Socket {
    /// The port of an address.
    pub fn port(address: &str) -> Option<u16> {
        address.rsplit_once(':')?.1.parse().ok()
    }
}

/// `@sockets/tcp`.
///
/// # Errors
/// The first line behind the heading that is of another form.
pub fn sockets(path: &str, text: &str) -> Result<Vec<Socket>, Unreadable> {
    const SHAPE: &str = "state local remote name=value …";
    let line = |(i, line): (usize, &str)| {
        let mut words = line.split_ascii_whitespace();
        let (Some(state), Some(local), Some(remote)) = (words.next(), words.next(), words.next()) else {
            return Err(refuse(path, i, SHAPE, line));
        };
        let mut fields = Fields::new(path);
        for word in words {
            let (name, value) = word.split_once('=').ok_or_else(|| refuse(path, i, SHAPE, line))?;
            fields.put(name, value, i);
        }
        Ok(Socket { state: state.to_owned(), local: local.to_owned(), remote: remote.to_owned(), fields })
    };
    text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_counters_are_read_by_name() {
        let sockstat = sockstat("s", "sockets: used 26\nTCP: inuse 4 orphan 0 tw 9 alloc 5 mem 238\n").unwrap();
        assert_eq!((sockstat.number("TCP.tw"), sockstat.number("sockets.used")), (Ok(Some(9.0)), Ok(Some(26.0))));
        let text = "TcpExt: SyncookiesSent TW\nTcpExt: 0 7\nIpExt: InOctets\nIpExt: 123\n";
        let netstat = paired("n", text).unwrap();
        assert_eq!((netstat.number("TcpExt.TW"), netstat.number("TcpExt.None")), (Ok(Some(7.0)), Ok(None)));
        for (text, line) in [("TcpExt: A B\nTcpExt: 1\n", 2), ("TcpExt: A\n", 1), ("A: B\nC: 1\n", 2), ("x\ny\n", 1)] {
            let error = paired("n", text).unwrap_err().text();
            assert!(error.en.starts_with(&format!("Line {line} of n")), "{text:?}: {}", error.en);
        }
    }

    #[test]
    fn interfaces_and_sockets_have_names() {
        let heading = "Inter-|   Receive\n face |bytes\n";
        let text = format!("{heading}  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        let found = interfaces("d", &text).unwrap();
        assert_eq!((found[0].counter("rx_bytes"), found[0].counter("tx_packets")), (Some(1), Some(10)));
        let text = "state local remote\nESTAB [::1]:22 10.0.0.1:5000 timer=keepalive expires_ms=4940 rto_us=204000\n";
        let found = sockets("@sockets/tcp", text).unwrap();
        assert_eq!((Socket::port(&found[0].local), Socket::port(&found[0].remote)), (Some(22), Some(5000)));
        assert_eq!(found[0].fields.number("expires_ms"), Ok(Some(4940.0)));
        assert!(sockets("@sockets/tcp", "state\nESTAB a\n").is_err());
    }
}
