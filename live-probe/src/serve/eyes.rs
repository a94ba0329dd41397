//! The machine as the pages see it: facts and samples as JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use exercises::{Machine, ReadError};
use serde::Serialize;
use sim_core::Text;

use super::samples::Look;
use crate::machine::{self, Profile, Sampler};

/// What a sample holds: what the curves of a simulator can be laid over.
pub const SAMPLED: [&str; 5] =
    ["/proc/loadavg", "/proc/stat", "/proc/pressure/cpu", "/proc/vmstat", "/proc/net/sockstat"];
/// What the facts hold beside it: what a simulator takes over from the machine.
const FACTS: &[&str] = &[
    "/proc/loadavg",
    "/proc/stat",
    "/proc/pressure/cpu",
    "/proc/meminfo",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/numa_balancing",
    "/proc/sys/kernel/pid_max",
    "/proc/sys/net/ipv4/ip_local_port_range",
    "/proc/sys/net/ipv4/tcp_fin_timeout",
    "/proc/sys/net/ipv4/tcp_max_tw_buckets",
    "/proc/sys/net/ipv4/tcp_timestamps",
    "/proc/sys/net/ipv4/tcp_tw_recycle",
    "/proc/sys/net/ipv4/tcp_tw_reuse",
    "/proc/sys/net/ipv4/tcp_tw_reuse_delay",
    "/proc/sys/vm/dirty_background_bytes",
    "/proc/sys/vm/dirty_background_ratio",
    "/proc/sys/vm/dirty_bytes",
    "/proc/sys/vm/dirty_expire_centisecs",
    "/proc/sys/vm/dirty_ratio",
    "/proc/sys/vm/dirty_writeback_centisecs",
    "/proc/sys/vm/extfrag_threshold",
    "/proc/sys/vm/percpu_pagelist_high_fraction",
    "/proc/sys/vm/overcommit_kbytes",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/vm/overcommit_ratio",
    "/proc/sys/vm/swappiness",
    "/proc/sys/vm/vfs_cache_pressure",
    "/proc/sys/vm/watermark_boost_factor",
    "/proc/sys/vm/watermark_scale_factor",
    "/proc/sys/vm/zone_reclaim_mode",
    "/sys/devices/system/cpu/online",
];

/// The machine that this server tells about.
#[derive(Clone)]
pub struct Eyes {
    machine: Arc<dyn Machine + Send + Sync>,
    /// Whether it is the one we run on, whose files can be kept open and whose kernel can be asked.
    here: bool,
    /// Why there is nothing to see.
    lacking: Option<Text>,
    began: Instant,
}

/// What does not change from one moment to the next, and the machine at this one.
#[derive(Debug, Serialize)]
pub struct Facts {
    kernel: Option<String>,
    hz: Option<u32>,
    cpus: Option<u32>,
    /// In 1/2048.
    avenrun: Option<[u64; 3]>,
    nr_threads: Option<u64>,
    #[serde(flatten)]
    files: Seen,
}

/// One look.
#[derive(Debug, Serialize)]
struct Sample {
    /// Since the server began.
    t_ms: u64,
    /// What the look itself cost.
    cost_us: f64,
    avenrun: Option<[u64; 3]>,
    #[serde(flatten)]
    files: Seen,
}

/// Files with their texts, and those that could not be read with the reason.
#[derive(Debug, Default, Serialize)]
struct Seen {
    files: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    missing: BTreeMap<String, ReadError>,
}

impl Seen {
    fn add(&mut self, path: &str, read: Result<&str, ReadError>) {
        match read {
            Ok(text) => drop(self.files.insert(path.to_owned(), shorten(path, text))),
            Err(error) => drop(self.missing.insert(path.to_owned(), error)),
        }
    }

    fn of(machine: &dyn Machine, paths: &[&str]) -> Seen {
        let mut seen = Seen::default();
        for path in paths {
            let read = machine.read(path);
            seen.add(path, read.as_deref().map_err(Clone::clone));
        }
        seen
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}

impl Eyes {
    /// Of this machine, or of the one that `--root` names.
    ///
    /// # Errors
    /// The root cannot be opened.
    pub fn open(root: Option<&PathBuf>) -> Result<Eyes, Text> {
        let root = root.map(PathBuf::as_path);
        let machine = machine::open(root)?.into();
        Ok(Eyes { machine, here: root.is_none(), lacking: machine::no_kernel(root), began: Instant::now() })
    }

    /// Of a machine without a Linux kernel.
    #[cfg(test)]
    pub fn without_kernel() -> Eyes {
        Eyes {
            machine: Arc::new(machine::NoKernel),
            here: true,
            lacking: Some(machine::NO_KERNEL),
            began: Instant::now(),
        }
    }

    /// Why there is nothing to see.
    pub fn lacking(&self) -> Option<&Text> {
        self.lacking.as_ref()
    }

    /// What the machine is. May block on a file that hangs.
    pub fn facts(&self) -> Facts {
        let profile = Profile::of(&*self.machine);
        let files = Seen::of(&*self.machine, FACTS);
        let facts = profile.facts();
        Facts {
            kernel: facts.kernel,
            hz: facts.hz,
            cpus: facts.cpus,
            avenrun: if self.here { Some(machine::avenrun()) } else { files.text("/proc/loadavg").and_then(printed) },
            nr_threads: files.text("/proc/loadavg").and_then(threads),
            files,
        }
    }

    /// What the book shows of the machine. May block on a file that hangs.
    pub fn here(&self) -> Vec<exercises::here::Seen> {
        exercises::here::look(&*self.machine)
    }

    /// What looks again and again. To be made and used in a thread that may hang.
    pub fn look(&self) -> Box<Look> {
        let sampler = self.here.then(|| Sampler::new(SAMPLED).ok()).flatten();
        let eyes = self.clone();
        match sampler {
            Some(mut sampler) => Box::new(move || eyes.sampled(&mut sampler)),
            None => Box::new(move || eyes.read()),
        }
    }

    fn sampled(&self, sampler: &mut Sampler) -> String {
        let look = sampler.sample();
        let mut files = Seen::default();
        for (path, read) in look.files() {
            files.add(path, read);
        }
        self.json(look.at, look.cost, Some(look.avenrun), files)
    }

    fn read(&self) -> String {
        let at = Instant::now();
        let files = Seen::of(&*self.machine, &SAMPLED);
        let avenrun = files.text("/proc/loadavg").and_then(printed);
        self.json(at, at.elapsed(), avenrun, files)
    }

    fn json(&self, at: Instant, cost: Duration, avenrun: Option<[u64; 3]>, files: Seen) -> String {
        let t_ms = at.duration_since(self.began).as_millis().try_into().unwrap_or(u64::MAX);
        let cost_us = (cost.as_secs_f64() * 1e7).ceil() / 10.0;
        serde_json::to_string(&Sample { t_ms, cost_us, avenrun, files }).unwrap_or_default()
    }
}

/// Leaves out lines that no page shows and that are most of the file on a large machine.
fn shorten(path: &str, text: &str) -> String {
    if path != "/proc/stat" {
        return text.to_owned();
    }
    let kept = text.split_inclusive('\n').filter(|line| !line.starts_with("intr ") && !line.starts_with("softirq "));
    kept.collect()
}

/// The averages as far as their text tells them; the raw ones of another machine cannot be asked.
fn printed(loadavg: &str) -> Option<[u64; 3]> {
    let mut fields = loadavg.split_whitespace().map(|field| {
        let (whole, cents) = field.split_once('.')?;
        let (whole, cents): (u64, u64) = (whole.parse().ok()?, cents.parse().ok().filter(|cents| *cents < 100)?);
        whole.checked_mul(2048)?.checked_add((cents * 2048 + 50) / 100)
    });
    let mut next = || fields.next()?;
    Some([next()?, next()?, next()?])
}

/// Threads on the machine: what stands after the slash in `/proc/loadavg`.
fn threads(loadavg: &str) -> Option<u64> {
    loadavg.split_whitespace().nth(3)?.split_once('/')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_averages_round_to_the_nearest_raw_ones() {
        for (text, want) in [
            ("0.00 0.01 0.05 1/100 7\n", Some([0, 20, 102])),
            ("12.50 1.00 0.99 1/100 7\n", Some([25_600, 2048, 2028])),
            ("1.0e3 0.00 0.00", None),
            ("0.00 0.00", None),
            ("99999999999999999999.00 0.00 0.00", None),
            ("", None),
        ] {
            assert_eq!(printed(text), want, "{text:?}");
        }
        assert_eq!(threads("0.00 0.01 0.05 1/100 7\n"), Some(100));
        assert_eq!(threads("0.00 0.01"), None);
    }

    #[test]
    fn another_machine_is_read_below_its_root_only() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("proc")).unwrap();
        std::fs::write(dir.path().join("proc/loadavg"), "3.00 2.00 1.00 4/321 99\n").unwrap();
        std::fs::write(dir.path().join("proc/stat"), "cpu  1 2 3\nintr 1 2 3\nctxt 5\nsoftirq 1\n").unwrap();
        let eyes = Eyes::open(Some(&dir.path().to_owned())).unwrap();
        let facts = serde_json::to_value(eyes.facts()).unwrap();
        assert_eq!(facts["avenrun"], serde_json::json!([6144, 4096, 2048]));
        assert_eq!((&facts["nr_threads"], &facts["kernel"]), (&321.into(), &serde_json::Value::Null));
        let sample: serde_json::Value = serde_json::from_str(&eyes.look()()).unwrap();
        assert_eq!(sample["files"]["/proc/stat"], "cpu  1 2 3\nctxt 5\n");
        assert_eq!(sample["missing"]["/proc/pressure/cpu"], "not-found");
        assert!(Eyes::open(Some(&dir.path().join("absent"))).is_err());
    }
}
