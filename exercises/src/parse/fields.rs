//! Files of names and values: one pair a line, or one group of pairs a line.

use std::collections::BTreeMap;

use super::{Unreadable, refuse};

/// What stands behind a name, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Everything behind the name, without the spaces around it.
    pub text: String,
    /// Its line, from 0.
    pub line: usize,
}

/// The pairs of a file by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    path: String,
    values: BTreeMap<String, Value>,
}

impl Fields {
    /// Pairs of a file, empty.
    pub fn new(path: &str) -> Fields {
        Fields { path: path.to_owned(), values: BTreeMap::new() }
    }

    /// Lines of the form `Name:   value unit`, as `/proc/meminfo`, `/proc/PID/status` and
    /// `/proc/PID/smaps_rollup` have them. Lines of another form are passed over, but there must be
    /// one of this form.
    ///
    /// # Errors
    /// No line has a colon.
    pub fn colon(path: &str, text: &str) -> Result<Fields, Unreadable> {
        Fields::read(path, text, "Name: value", |line| line.split_once(':'))
    }

    /// Lines of the form `name value`, as `/proc/vmstat` and a node's `numastat` have them.
    ///
    /// # Errors
    /// No line has two words.
    pub fn words(path: &str, text: &str) -> Result<Fields, Unreadable> {
        Fields::read(path, text, "name value", |line| line.trim_start().split_once(char::is_whitespace))
    }

    /// Lines of the form `NAME=value`, as a `uevent` and `/etc/os-release` have them; quotes around a
    /// value are taken off.
    ///
    /// # Errors
    /// No line has an equals sign.
    pub fn equals(path: &str, text: &str) -> Result<Fields, Unreadable> {
        let line = |line: &str| -> Option<(String, String)> {
            let (name, value) = line.split_once('=')?;
            Some((name.to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()))
        };
        let mut fields = Fields::new(path);
        for (i, (name, value)) in text.lines().enumerate().filter_map(|(i, l)| Some((i, line(l)?))) {
            fields.put(name.trim(), &value, i);
        }
        fields.some(text, "NAME=value")
    }

    /// Lines of the form `Node 0 Name:  value kB`, as a node's `meminfo` has them.
    ///
    /// # Errors
    /// No line is of this form.
    pub fn of_node(path: &str, text: &str) -> Result<Fields, Unreadable> {
        Fields::read(path, text, "Node 0 MemTotal: 1 kB", |line| {
            let rest = line.strip_prefix("Node ")?.trim_start();
            let (_, rest) = rest.split_once(' ')?;
            rest.split_once(':')
        })
    }

    /// Lines of the form `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` as pairs named
    /// `some_avg10`. Kernels before 5.13 have only the first line for the CPUs.
    ///
    /// # Errors
    /// No line is of this form.
    pub fn pressure(path: &str, text: &str) -> Result<Fields, Unreadable> {
        let mut fields = Fields::new(path);
        for (i, line) in text.lines().enumerate() {
            let mut words = line.split_ascii_whitespace();
            let Some(kind) = words.next() else { continue };
            for (name, value) in words.filter_map(|word| word.split_once('=')) {
                fields.put(&format!("{kind}_{name}"), value, i);
            }
        }
        fields.some(text, "some avg10=0.00 avg60=0.00 avg300=0.00 total=0")
    }

    fn read<'t>(
        path: &str,
        text: &'t str,
        shape: &'static str,
        pair: impl Fn(&'t str) -> Option<(&'t str, &'t str)>,
    ) -> Result<Fields, Unreadable> {
        let mut fields = Fields::new(path);
        for (i, line) in text.lines().enumerate() {
            if let Some((name, value)) = pair(line) {
                fields.put(name.trim(), value, i);
            }
        }
        fields.some(text, shape)
    }

    /// Refuses a text in which nothing was found.
    pub(super) fn some(self, text: &str, shape: &'static str) -> Result<Fields, Unreadable> {
        if self.values.is_empty() {
            return Err(refuse(&self.path, 0, shape, text.lines().next().unwrap_or_default()));
        }
        Ok(self)
    }

    /// Adds a pair; of two of one name the first stays.
    pub fn put(&mut self, name: &str, value: &str, line: usize) {
        if !name.is_empty() && !self.values.contains_key(name) {
            self.values.insert(name.to_owned(), Value { text: value.trim().to_owned(), line });
        }
    }

    /// What stands behind a name.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.text.as_str())
    }

    /// The number behind a name: its first word, without a `%` at its end. Hexadecimal with `0x`.
    ///
    /// # Errors
    /// Something else stands there.
    pub fn number(&self, name: &str) -> Result<Option<f64>, Unreadable> {
        let Some(value) = self.values.get(name) else { return Ok(None) };
        let first = value.text.split_ascii_whitespace().next().unwrap_or_default();
        match number(first.trim_end_matches('%')) {
            Some(number) => Ok(Some(number)),
            None => Err(refuse(&self.path, value.line, "a number", &value.text)),
        }
    }

    /// The unit behind the number, `kB`; empty where there is none.
    pub fn unit(&self, name: &str) -> &str {
        self.word(name).and_then(|text| text.split_ascii_whitespace().nth(1)).unwrap_or_default()
    }

    /// Every name and what stands behind it, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.text.as_str()))
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// A number as the kernel prints one: decimal, with a fraction, negative, or hexadecimal with `0x`.
/// Words that merely sound like numbers (`inf`, `nan`, `1e9`) are none.
pub(crate) fn number(word: &str) -> Option<f64> {
    if let Some(digits) = word.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(|n| n as f64);
    }
    let plain = word.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let digit = word.bytes().any(|b| b.is_ascii_digit());
    if plain && digit { word.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_in_every_form() {
        let meminfo = "MemTotal:       24684084 kB\nHugePages_Total:       0\nActive(anon):  5 kB\nodd line\n";
        let fields = Fields::colon("/proc/meminfo", meminfo).unwrap();
        for (name, want, unit) in [
            ("MemTotal", Some(24_684_084.0), "kB"),
            ("HugePages_Total", Some(0.0), ""),
            ("Active(anon)", Some(5.0), "kB"),
            ("MemAvailable", None, ""),
        ] {
            assert_eq!((fields.number(name), fields.unit(name)), (Ok(want), unit), "{name}");
        }
        let vmstat = Fields::words("/proc/vmstat", "nr_free_pages 5\nbig 18446744073709551615\n").unwrap();
        assert_eq!(vmstat.number("big"), Ok(Some(18_446_744_073_709_551_615.0)));
        let node = Fields::of_node("x", "Node 1 MemTotal:       162240 kB\nNode 1 MemFree: 7 kB\n").unwrap();
        assert_eq!(node.number("MemTotal"), Ok(Some(162_240.0)));
        let old = Fields::pressure("/proc/pressure/cpu", "some avg10=1.50 avg60=0.00 avg300=0.00 total=12\n").unwrap();
        assert_eq!((old.number("some_avg10"), old.number("full_avg10")), (Ok(Some(1.5)), Ok(None)));
        let os = Fields::equals("/etc/os-release", "NAME=\"Debian GNU/Linux\"\nID=debian\n").unwrap();
        assert_eq!((os.word("NAME"), os.word("ID")), (Some("Debian GNU/Linux"), Some("debian")));
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_place() {
        let fields = Fields::colon("/proc/meminfo", "MemTotal: 5 kB\nMemFree: lots\n").unwrap();
        let error = fields.number("MemFree").unwrap_err().text();
        assert_eq!(error.en, "Line 2 of /proc/meminfo cannot be understood: expected `a number`, found `lots`.");
        assert!(Fields::colon("/proc/meminfo", "").is_err());
        for (word, want) in [
            ("12", Some(12.0)),
            ("-1", Some(-1.0)),
            ("0.25", Some(0.25)),
            ("0x10", Some(16.0)),
            ("inf", None),
            ("1e3", None),
            ("", None),
            ("-", None),
            ("1-2", None),
        ] {
            assert_eq!(number(word), want, "{word:?}");
        }
    }
}
