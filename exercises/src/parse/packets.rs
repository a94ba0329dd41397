//! Packets as `tcpdump -nn` prints them.

use super::{Unreadable, refuse};

/// A TCP packet: a line of `@capture/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When it was seen, µs from the midnight before the first one.
    pub at_us: u64,
    /// Address and port of the sender, as tcpdump writes them: `10.0.0.11.43322`.
    pub from: String,
    /// Address and port of the receiver.
    pub to: String,
    /// Letters of its flags: `S` (SYN), `F` (FIN), `R` (RST), `P` (PUSH), `.` (ACK).
    pub flags: String,
    /// Its first sequence number, where it uses any up; relative but for those of a SYN.
    pub seq: Option<u64>,
    /// Bytes of data.
    pub length: u64,
}

impl Packet {
    /// Whether it has a flag.
    pub fn is(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    /// Whether it uses up sequence numbers, so that it is sent again when it is lost.
    pub fn counts(&self) -> bool {
        self.length > 0 || self.is('S') || self.is('F')
    }
}

/// The TCP packets of a capture, in the order of their times.
///
/// # Errors
/// The first line about a TCP packet that is of another form, or that there is none.
pub fn packets(path: &str, text: &str) -> Result<Vec<Packet>, Unreadable> {
    const SHAPE: &str = "12:00:00.000000 IP 10.0.0.1.1024 > 10.0.0.2.80: Flags [S], seq 1, …, length 0";
    const DAY_US: u64 = 24 * 3600 * 1_000_000;
    let mut found: Vec<Packet> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if !line.contains(" Flags [") {
            continue;
        }
        let mut packet = packet(line).ok_or_else(|| refuse(path, i, SHAPE, line))?;
        // The clock shows no date.
        let before = found.last().map_or(0, |packet| packet.at_us);
        while packet.at_us < before {
            packet.at_us = packet.at_us.saturating_add(DAY_US);
        }
        found.push(packet);
    }
    if found.is_empty() {
        return Err(refuse(path, 0, SHAPE, text.lines().next().unwrap_or_default()));
    }
    Ok(found)
}

fn packet(line: &str) -> Option<Packet> {
    let (head, rest) = line.split_once(": Flags [")?;
    let mut words = head.split_ascii_whitespace();
    let at_us = clock(words.next()?)?;
    let (_, from, _, to) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let (flags, rest) = rest.split_once(']')?;
    let part = |name: &str| rest.split(", ").find_map(|part| part.strip_prefix(name)?.strip_prefix(' '));
    let number = |text: &str| text.split([':', ' ']).next()?.parse::<u64>().ok();
    let seq = match part("seq") {
        Some(seq) => Some(number(seq)?),
        None => None,
    };
    let length = number(part("length")?)?;
    Some(Packet { at_us, from: from.to_owned(), to: to.to_owned(), flags: flags.to_owned(), seq, length })
}

/// `02:32:47.953868` in µs.
fn clock(text: &str) -> Option<u64> {
    let (whole, micros) = text.split_once('.')?;
    let mut parts = whole.split(':').map(|part| part.parse::<u64>().ok().filter(|part| *part < 60));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let micros = micros.parse::<u64>().ok().filter(|_| micros.len() == 6 && parts.next().is_none())?;
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let text = "listening on t0\n\
            23:59:59.999000 IP 10.0.0.11.43322 > 10.0.3.21.8080: Flags [S], seq 7, win 1, options [mss 1460,nop,wscale 10], length 0\n\
            00:00:00.001000 IP 10.0.3.21.8080 > 10.0.0.11.43322: Flags [P.], seq 1:24, ack 26, win 64, length 23: HTTP: HTTP/1.1 200 OK\n\
            00:00:00.002000 IP 10.0.0.11.43322 > 10.0.3.21.8080: Flags [.], ack 24, win 63, length 0\n";
        let found = packets("@capture/x", text).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[1].at_us - found[0].at_us, 2000);
        assert_eq!((found[1].from.as_str(), found[1].seq, found[1].length), ("10.0.3.21.8080", Some(1), 23));
        let kinds = found.iter().map(|packet| (packet.is('S'), packet.counts())).collect::<Vec<_>>();
        assert_eq!(kinds, [(true, true), (false, true), (false, false)]);
    }

    #[test]
    fn another_form_is_refused_with_its_line() {
        for (text, line) in [
            ("", 1),
            ("nothing\n", 1),
            ("x\n1:2:3 IP a > b: Flags [S], seq 7, length 0\n", 2),
            ("00:00:00.001000 IP a > b: Flags [S], seq x, length 0\n", 1),
            ("00:00:00.001000 IP a > b: Flags [S], seq 7\n", 1),
            ("00:00:00.001000 IP a: Flags [S], seq 7, length 0\n", 1),
        ] {
            let error = packets("@capture/x", text).unwrap_err().text();
            assert!(error.en.starts_with(&format!("Line {line} of @capture/x")), "{text:?}: {}", error.en);
        }
    }
}
