//! What changed from kernel to kernel, schedulers aside.

use super::disk;
use super::elevator::Kind;
use crate::{KernelVersion, Text, text};

/// First kernel that is modelled: that of RHEL 6. Its anticipatory scheduler, dropped in 2.6.33, is not.
pub const OLDEST: KernelVersion = KernelVersion::new(2, 6, 32);
/// Last kernel with the single-queue block layer.
const MQ_ONLY: KernelVersion = KernelVersion::new(5, 0, 0);

/// How requests are held back so that they can merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plugging {
    /// Until 2.6.38 the queue itself is plugged when it was empty: until 4 requests wait, someone
    /// waits for one, or 3 ms have passed.
    Queue,
    /// Since 2.6.39 each task holds its own back.
    Task {
        /// It lets go at so many requests (`BLK_MAX_REQUEST_COUNT`).
        most: usize,
        /// It lets go when the last of them has so many sectors (`BLK_PLUG_FLUSH_SIZE`); 0 for
        /// never.
        large: u32,
        /// Whether a bio is only tried on the last one (since 5.16), not on all.
        last_only: bool,
    },
}

/// The rules of one kernel for one scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The single-queue block layer.
    pub legacy: bool,
    /// How requests are held back.
    pub plugging: Plugging,
    /// Numbers in a line of `/proc/diskstats` after the name.
    pub diskstats: usize,
    /// Whether `/proc/diskstats` counts in ns and only when something begins or ends (5.0).
    pub exact_times: bool,
    /// Whether `queue/scheduler` says `none` first.
    pub none_first: bool,
}

impl Rules {
    /// The rules of a kernel.
    ///
    /// # Errors
    /// Why the version, or the scheduler in it, is not there.
    pub fn of(kernel: KernelVersion, scheduler: Kind) -> Result<Rules, Text> {
        if !modelled(kernel) {
            return Err(Text::fixed(
                "2.6.32부터 7.x까지의 커널만 모델링했습니다",
                "only kernels from 2.6.32 to 7.x are modelled",
            ));
        }
        if !scheduler.is_in(kernel) {
            let (name, (first, end)) = (scheduler.name(), scheduler.kernels());
            let there = available(kernel).into_iter().map(Kind::name).collect::<Vec<_>>().join(", ");
            return Err(text!(
                ko: "{name}은(는) {first}부터 {end} 전까지의 커널에만 있습니다. {kernel}에 있는 스케줄러: {there}",
                en: "{name} is in kernels from {first} until before {end}; {kernel} has {there}"
            ));
        }
        let v = |major, minor| KernelVersion::new(major, minor, 0);
        let plugging = match kernel {
            k if k < KernelVersion::new(2, 6, 39) => Plugging::Queue,
            k if k < v(4, 9) => Plugging::Task { most: 16, large: 0, last_only: false },
            k if k < v(5, 16) => Plugging::Task { most: 16, large: 256, last_only: false },
            _ => Plugging::Task { most: 32, large: 256, last_only: true },
        };
        let diskstats = match kernel {
            k if k < v(4, 18) => 11,
            k if k < v(5, 5) => 15,
            _ => 17,
        };
        Ok(Rules {
            legacy: scheduler.is_legacy(),
            plugging,
            diskstats,
            exact_times: kernel >= MQ_ONLY,
            // Last in what 6.1 printed, first in what 6.12 did.
            none_first: kernel >= v(6, 2),
        })
    }

    /// `queue/nr_requests` when nobody sets it, for a device of `queue_depth`: 128 each for what is
    /// waited for and what is not until 4.20; with a scheduler of blk-mq twice the tags there are,
    /// at most 256; without one the tags.
    pub fn nr_requests(&self, scheduler: Kind, disk: disk::Kind, queue_depth: u32) -> u32 {
        // A SATA port has 32 tags even where the disk is told to take one at a time.
        let tags = if disk == disk::Kind::Fixed { queue_depth } else { queue_depth.max(disk.tags()) };
        match scheduler {
            _ if self.legacy => 128,
            Kind::None => tags,
            _ => 2 * tags.min(128),
        }
    }
}

/// Whether a kernel is modelled at all.
pub fn modelled(kernel: KernelVersion) -> bool {
    kernel >= OLDEST && kernel < KernelVersion::new(8, 0, 0)
}

/// The schedulers a kernel has, in the order of the workbook. A device has those of the block layer
/// its driver uses.
pub fn available(kernel: KernelVersion) -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| modelled(kernel) && kind.is_in(kernel)).collect()
}

/// The text of `queue/scheduler` (`elv_iosched_show`): the one in use in brackets, those of the
/// same block layer beside it.
pub fn scheduler_file(kernel: KernelVersion, rules: &Rules, scheduler: Kind) -> String {
    let mut there = available(kernel);
    there.retain(|kind| kind.is_legacy() == rules.legacy && *kind != Kind::None);
    let name = |kind: Kind| if kind == scheduler { format!("[{}]", kind.name()) } else { kind.name().to_owned() };
    let mut words: Vec<_> = there.into_iter().map(name).collect();
    // A space follows each name that comes out of the list.
    let mut end = " \n";
    if !rules.legacy {
        if rules.none_first || scheduler == Kind::None {
            words.insert(0, name(Kind::None));
        } else {
            words.push(name(Kind::None));
            end = "\n";
        }
    }
    words.join(" ") + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_have_the_schedulers_of_their_time() {
        for (kernel, want) in [
            ("2.6.31", ""),
            ("2.6.34", "noop deadline cfq"),
            ("3.10", "noop deadline cfq"),
            ("3.13", "none noop deadline cfq"),
            ("4.11", "none noop deadline cfq mq-deadline"),
            ("4.12", "none noop deadline cfq mq-deadline kyber bfq"),
            ("4.20", "none noop deadline cfq mq-deadline kyber bfq"),
            ("5.0", "none mq-deadline kyber bfq"),
            ("6.12", "none mq-deadline kyber bfq"),
        ] {
            let there = available(kernel.parse().unwrap()).into_iter().map(Kind::name).collect::<Vec<_>>();
            assert_eq!(there.join(" "), want, "{kernel}");
        }
        for (kernel, scheduler, fine) in [
            ("2.6.31", Kind::Cfq, false),
            ("4.20", Kind::Cfq, true),
            ("5.0", Kind::Cfq, false),
            ("4.11", Kind::Bfq, false),
            ("6.12", Kind::Bfq, true),
            ("8.0", Kind::None, false),
        ] {
            assert_eq!(Rules::of(kernel.parse().unwrap(), scheduler).is_ok(), fine, "{kernel} {scheduler:?}");
        }
    }

    #[test]
    fn the_scheduler_file_is_the_kernels() {
        for (kernel, scheduler, want) in [
            ("3.10", Kind::Cfq, "noop deadline [cfq] \n"),
            ("4.11", Kind::MqDeadline, "[mq-deadline] none\n"),
            ("6.1", Kind::MqDeadline, "[mq-deadline] kyber bfq none\n"),
            ("6.1", Kind::None, "[none] mq-deadline kyber bfq \n"),
            ("6.12", Kind::MqDeadline, "none [mq-deadline] kyber bfq \n"),
            ("6.12", Kind::None, "[none] mq-deadline kyber bfq \n"),
        ] {
            let kernel = kernel.parse().unwrap();
            let rules = Rules::of(kernel, scheduler).unwrap();
            assert_eq!(scheduler_file(kernel, &rules, scheduler), want, "{kernel} {scheduler:?}");
        }
    }

    #[test]
    fn requests_are_held_back_and_counted_as_they_were() {
        let rules = |kernel: &str, scheduler| Rules::of(kernel.parse().unwrap(), scheduler).unwrap();
        let task = |most, large, last_only| Plugging::Task { most, large, last_only };
        for (kernel, plugging, fields) in [
            ("2.6.34", Plugging::Queue, 11),
            ("3.10", task(16, 0, false), 11),
            ("4.9", task(16, 256, false), 11),
            ("4.18", task(16, 256, false), 15),
        ] {
            let got = rules(kernel, Kind::Cfq);
            assert_eq!((got.plugging, got.diskstats), (plugging, fields), "{kernel}");
        }
        for (kernel, plugging, fields) in
            [("5.0", task(16, 256, false), 15), ("5.10", task(16, 256, false), 17), ("6.12", task(32, 256, true), 17)]
        {
            let got = rules(kernel, Kind::MqDeadline);
            assert_eq!((got.plugging, got.diskstats), (plugging, fields), "{kernel}");
        }
        for (kernel, scheduler, disk, depth, want) in [
            ("3.10", Kind::Cfq, disk::Kind::Disk7200, 32, 128),
            ("6.12", Kind::MqDeadline, disk::Kind::Disk7200, 1, 64),
            ("6.12", Kind::None, disk::Kind::Disk7200, 32, 32),
            ("6.12", Kind::None, disk::Kind::Nvme, 1023, 1023),
            ("6.12", Kind::Bfq, disk::Kind::Nvme, 1023, 256),
            ("6.12", Kind::Kyber, disk::Kind::Fixed, 4, 8),
        ] {
            assert_eq!(rules(kernel, scheduler).nr_requests(scheduler, disk, depth), want, "{scheduler:?} {disk:?}");
        }
    }
}
