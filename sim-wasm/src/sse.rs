//! Server-sent events read from a `fetch`: `EventSource` cannot send the session's header.

/// Splits a byte stream into events. Bytes come in any pieces, even within a letter.
#[derive(Default)]
pub struct Events {
    rest: Vec<u8>,
}

impl Events {
    /// Takes in bytes and returns the events they complete, each its name and its data.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<(String, String)> {
        self.rest.extend(bytes.iter().filter(|byte| **byte != b'\r'));
        let mut events = Vec::new();
        while let Some(end) = self.rest.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.rest.drain(..end + 2).collect();
            events.extend(read(&String::from_utf8_lossy(&block)));
        }
        events
    }
}

fn read(block: &str) -> Option<(String, String)> {
    let mut name = "message";
    let mut data: Option<String> = None;
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match (field, &mut data) {
            ("event", _) => name = value,
            ("data", None) => data = Some(value.to_owned()),
            ("data", Some(data)) => *data = [data, value].join("\n"),
            // Comments keep the connection alive; ids and retries are the browser's business.
            _ => {}
        }
    }
    Some((name.to_owned(), data?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_whole_however_the_bytes_are_cut() {
        let stream =
            "event: sample\r\ndata: {\"부하\":1}\r\n\r\n: still here\n\nevent: sample\ndata: a\ndata: b\n\ndata: x";
        for size in [1, 2, 3, 7, 1000] {
            let mut events = Events::default();
            let all: Vec<_> = stream.as_bytes().chunks(size).flat_map(|chunk| events.feed(chunk)).collect();
            let want = [("sample", "{\"부하\":1}"), ("sample", "a\nb")];
            assert_eq!(all, want.map(|(name, data)| (name.to_owned(), data.to_owned())), "pieces of {size}");
        }
    }
}
