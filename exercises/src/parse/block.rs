//! Disks: `/proc/diskstats` and what `/sys/block` says.

use super::{Unreadable, refuse};

/// The counters of a block device, since boot (`block/genhd.c: diskstats_show`). Kernels before 4.18
/// have the first eleven, 4.18 the discards, 5.5 the flushes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskStats {
    /// Major number.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
    /// Its name, `sda`.
    pub name: String,
    /// The counters in the order of the file: reads, reads merged, sectors read, ms reading, the
    /// same four of writes, in flight, ms busy, weighted ms, the same four of discards, flushes and
    /// ms flushing.
    pub counters: Vec<u64>,
}

/// Names of [`DiskStats::counters`].
const COUNTERS: [&str; 17] = [
    "reads",
    "reads_merged",
    "sectors_read",
    "read_ms",
    "writes",
    "writes_merged",
    "sectors_written",
    "write_ms",
    "in_flight",
    "busy_ms",
    "weighted_ms",
    "discards",
    "discards_merged",
    "sectors_discarded",
    "discard_ms",
    "flushes",
    "flush_ms",
];

impl DiskStats {
    /// A counter by name; nothing for one that this kernel does not have, or that is none.
    pub fn counter(&self, name: &str) -> Option<u64> {
        self.counters.get(COUNTERS.iter().position(|counter| *counter == name)?).copied()
    }

    /// Names of the counters there can be.
    pub const NAMES: [&'static str; 17] = COUNTERS;

    /// `/proc/diskstats`.
    ///
    /// # Errors
    /// The first line that is of another form. Partitions of kernels before 2.6.25 had four
    /// counters; such lines are passed over.
    pub fn parse(path: &str, text: &str) -> Result<Vec<DiskStats>, Unreadable> {
        const SHAPE: &str = "8 0 sda and 11 counters or more";
        let mut disks = Vec::new();
        for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let parse = || {
                let mut words = line.split_ascii_whitespace();
                let (major, minor) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
                let name = words.next()?.to_owned();
                let counters: Option<Vec<u64>> = words.take(64).map(|word| word.parse().ok()).collect();
                Some(DiskStats { major, minor, name, counters: counters? })
            };
            let disk = parse().ok_or_else(|| refuse(path, i, SHAPE, line))?;
            match disk.counters.len() {
                4 => {}
                11.. => disks.push(disk),
                _ => return Err(refuse(path, i, SHAPE, line)),
            }
        }
        Ok(disks)
    }
}

/// What a block device's name tells about its driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// The family, `sd`.
    pub family: &'static str,
    /// Whether hardware (or what a hypervisor passes off as hardware) is behind it.
    pub physical: bool,
}

/// The family of a block device's name: `sda` is of `sd`, `nvme0n1` of `nvme`.
pub fn disk_kind(name: &str) -> Option<Disk> {
    const PHYSICAL: [&str; 6] = ["sd", "hd", "vd", "xvd", "nvme", "mmcblk"];
    const OTHER: [&str; 10] = ["loop", "zram", "ram", "dm-", "md", "nbd", "sr", "fd", "nullb", "pmem"];
    let physical = PHYSICAL.iter().find(|family| {
        let rest = name.strip_prefix(**family).unwrap_or_default();
        let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        match **family {
            "nvme" | "mmcblk" => rest.starts_with(|c: char| c.is_ascii_digit()),
            _ => letters > 0 && rest[letters..].bytes().all(|b| b.is_ascii_digit()),
        }
    });
    if let Some(family) = physical {
        return Some(Disk { family, physical: true });
    }
    let other = OTHER
        .iter()
        .find(|family| name.strip_prefix(**family).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    other.map(|family| Disk { family, physical: false })
}

/// Whether a name is of a partition: `sda1`, `nvme0n1p2`, `mmcblk0p1`, `mmcblk0boot0`.
pub fn is_part_of_disk(name: &str) -> bool {
    let without = name.trim_end_matches(|c: char| c.is_ascii_digit());
    match disk_kind(name).map(|disk| disk.family) {
        Some("nvme" | "mmcblk") => {
            without.ends_with('p') && without.contains(|c: char| c.is_ascii_digit()) || without.ends_with("boot")
        }
        Some("sd" | "hd" | "vd" | "xvd") => without.len() < name.len(),
        _ => false,
    }
}

/// The choice of a file that lists choices, the one in brackets: `none [mq-deadline] kyber`. A file
/// of one word without brackets has chosen it.
pub fn bracketed(text: &str) -> Option<&str> {
    let line = text.lines().next()?.trim();
    match line.split_once('[') {
        Some((_, rest)) => rest.split_once(']').map(|(chosen, _)| chosen).filter(|chosen| !chosen.is_empty()),
        None => Some(line).filter(|line| !line.is_empty() && !line.contains(char::is_whitespace)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_every_age_are_read() {
        let eleven = "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n";
        let fifteen = " 253 0 vda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n";
        let seventeen = " 259 0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n";
        for (text, busy, flushes) in
            [(eleven, Some(10), None), (fifteen, Some(10), None), (seventeen, Some(10), Some(16))]
        {
            let disk = &DiskStats::parse("/proc/diskstats", text).unwrap()[0];
            assert_eq!((disk.counter("busy_ms"), disk.counter("flushes")), (busy, flushes), "{text}");
        }
        let partition = "   8       1 sda1 1 2 3 4\n";
        assert_eq!(DiskStats::parse("/proc/diskstats", &format!("{eleven}{partition}")).unwrap().len(), 1);
        let error = DiskStats::parse("/proc/diskstats", &format!("{eleven}8 0 sdb 1 2\n")).unwrap_err().text();
        assert!(error.en.starts_with("Line 2 of /proc/diskstats"), "{error:?}");
    }

    #[test]
    fn names_tell_the_driver_and_partitions_from_disks() {
        for (name, family, part) in [
            ("sda", Some("sd"), false),
            ("sdaa3", Some("sd"), true),
            ("hdc", Some("hd"), false),
            ("vda1", Some("vd"), true),
            ("xvda", Some("xvd"), false),
            ("nvme0n1", Some("nvme"), false),
            ("nvme0n1p2", Some("nvme"), true),
            ("mmcblk0p1", Some("mmcblk"), true),
            ("mmcblk0", Some("mmcblk"), false),
            ("loop0", Some("loop"), false),
            ("dm-0", Some("dm-"), false),
            ("sr0", Some("sr"), false),
            ("sd", None, false),
            ("", None, false),
        ] {
            assert_eq!((disk_kind(name).map(|disk| disk.family), is_part_of_disk(name)), (family, part), "{name}");
        }
    }

    #[test]
    fn the_choice_is_in_brackets() {
        for (text, want) in [
            ("none [mq-deadline] kyber\n", Some("mq-deadline")),
            ("[none]\n", Some("none")),
            ("none\n", Some("none")),
            ("a b\n", None),
            ("a [", None),
            ("", None),
        ] {
            assert_eq!(bracketed(text), want, "{text:?}");
        }
    }
}
