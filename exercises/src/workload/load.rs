//! The kinds of load there are, each with its parameters, their bounds and what it costs.

use serde::{Deserialize, Serialize};

use super::MAX_TASKS;

/// One parameter of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, as in a file.
    pub name: &'static str,
    /// Its value.
    pub value: u32,
    /// Smallest value.
    pub min: u32,
    /// Largest value.
    pub max: u32,
    /// Unit with a space before it; empty for a plain number.
    pub unit: &'static str,
}

/// The value a file need not give.
fn n<const N: u32>() -> u32 {
    N
}

macro_rules! loads {
    ($(
        $(#[$doc:meta])* $variant:ident $kind:literal $process:literal {
            $( $(#[$field_doc:meta])* $field:ident $path:literal = $default:literal, $min:literal to $max:literal $unit:literal; )*
        }
    )*) => {
        /// Some equal tasks, or one task that does something of its own. Every parameter is bounded.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
        #[serde(tag = "kind", deny_unknown_fields)]
        pub enum Load {
            $(
                $(#[$doc])*
                #[serde(rename = $kind)]
                $variant { $( $(#[$field_doc])* #[serde(default = $path)] $field: u32, )* },
            )*
        }

        impl Load {
            /// The names of all kinds, as in a file.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The name of its kind, as in a file.
            pub fn kind(self) -> &'static str {
                match self { $( Load::$variant { .. } => $kind, )* }
            }

            /// What its processes call themselves, at most 15 bytes.
            pub fn process_name(self) -> &'static str {
                match self { $( Load::$variant { .. } => $process, )* }
            }

            /// Its parameters, in the order of the file.
            pub fn parameters(self) -> Vec<Parameter> {
                match self {
                    $( Load::$variant { $($field),* } => vec![
                        $( Parameter { name: stringify!($field), value: $field, min: $min, max: $max, unit: $unit } ),*
                    ], )*
                }
            }

            /// A load of that kind with the parameters that `value` gives for a name and its
            /// default. Nothing if there is no such kind or a parameter is missing.
            pub fn of(kind: &str, mut value: impl FnMut(&'static str, u32) -> Option<u32>) -> Option<Load> {
                Some(match kind {
                    $( $kind => Load::$variant { $( $field: value(stringify!($field), $default)? ),* }, )*
                    _ => return None,
                })
            }
        }
    };
}

// The bounds are wide enough for a lesson and too narrow to hurt: 64 tasks, 512 MiB, 5000
// connections. What a load may have of memory and disk is also held by the kernel's limits.
loads! {
    /// Each task spins without a pause: always on a run queue (state R).
    BusyLoops "busy-loops" "probe-busy" {
        /// How many.
        tasks "n::<0>" = 0, 0 to 64 "";
        /// How many more for each online CPU.
        tasks_per_cpu "n::<0>" = 0, 0 to 64 "";
    }
    /// Each task waits in `vfork` for a child that sleeps: state D without a disk and without CPU time.
    VforkParents "vfork-parents" "probe-vfork" {
        /// How many.
        tasks "n::<0>" = 0, 0 to 64 "";
        /// How many more for each online CPU.
        tasks_per_cpu "n::<0>" = 0, 0 to 64 "";
    }
    /// Each task spins for `on_ms` of every `every_ms` and sleeps otherwise.
    PeriodicSleeper "periodic-sleeper" "probe-periodic" {
        /// How many.
        tasks "n::<0>" = 0, 0 to 64 "";
        /// How many more for each online CPU.
        tasks_per_cpu "n::<0>" = 0, 0 to 64 "";
        /// How long it spins, ms.
        on_ms "n::<250>" = 250, 1 to 60000 " ms";
        /// How often, ms.
        every_ms "n::<1000>" = 1000, 10 to 60000 " ms";
    }
    /// A parent whose children exit at once and are not waited for: zombies (state Z) until the
    /// parent gets a SIGCHLD that a person sent, ends, or its time is over.
    Zombies "zombies" "probe-zombies" {
        /// How many zombies.
        count "n::<3>" = 3, 1 to 32 "";
    }
    /// Children that outlive their parent and are adopted by the nearest subreaper.
    Orphans "orphans" "probe-orphans" {
        /// How many orphans.
        count "n::<1>" = 1, 1 to 16 "";
        /// 1: the grandparent is a subreaper and adopts them. 0: whoever is above it does.
        subreaper "n::<0>" = 0, 0 to 1 "";
    }
    /// Memory that is asked for at once (VIRT) and touched page by page after a while (RES).
    TouchMemory "touch-memory" "probe-touch" {
        /// How much, MiB.
        mib "n::<256>" = 256, 1 to 512 " MiB";
        /// How long after the beginning the touching begins, s.
        touch_after_s "n::<5>" = 5, 0 to 120 " s";
        /// How long the touching takes, s.
        touch_for_s "n::<5>" = 5, 0 to 120 " s";
    }
    /// A parent with touched memory forks; parent and child share it until the child writes.
    CopyOnWrite "copy-on-write" "probe-cow" {
        /// How much, MiB.
        mib "n::<128>" = 128, 1 to 256 " MiB";
        /// How long after the beginning the child writes, s.
        write_after_s "n::<5>" = 5, 0 to 120 " s";
    }
    /// Two busy loops pinned to the same CPU with two nice values; reports the CPU time of each.
    NicePair "nice-pair" "probe-nice" {
        /// Nice value of the first.
        nice_a "n::<0>" = 0, 0 to 19 "";
        /// Nice value of the second.
        nice_b "n::<5>" = 5, 0 to 19 "";
    }
    /// Reads a file of its own, which was put out of the page cache before, into it.
    CacheReader "cache-reader" "probe-cache" {
        /// Size of the file, MiB.
        mib "n::<128>" = 128, 1 to 512 " MiB";
        /// How long after the beginning it reads, s.
        read_after_s "n::<3>" = 3, 0 to 120 " s";
    }
    /// Writes a file of its own again and again, so that pages get dirty.
    DirtyWriter "dirty-writer" "probe-dirty" {
        /// Size of the file, MiB.
        mib "n::<64>" = 64, 1 to 512 " MiB";
        /// How fast it writes, MiB/s.
        mib_per_s "n::<16>" = 16, 1 to 200 " MiB/s";
        /// How often it calls fsync, ms; 0: never.
        fsync_ms "n::<0>" = 0, 0 to 60000 " ms";
        /// How long it writes, s; 0: all the time.
        write_for_s "n::<0>" = 0, 0 to 300 " s";
    }
    /// Looks for files that are not there, in a folder of its own: each leaves a negative dentry.
    NegativeDentries "negative-dentries" "probe-dentries" {
        /// How many names.
        count "n::<100000>" = 100_000, 1000 to 500_000 "";
        /// How many a second.
        per_s "n::<20000>" = 20_000, 1000 to 200_000 " /s";
    }
    /// Makes empty files in a folder of its own: each has a dentry and an inode.
    FileDentries "file-dentries" "probe-files" {
        /// How many files.
        count "n::<20000>" = 20_000, 100 to 50_000 "";
        /// How many a second.
        per_s "n::<4000>" = 4000, 100 to 50_000 " /s";
    }
    /// Memory of its own that grows and is never given back: a leak on the heap.
    HeapLeak "heap-leak" "probe-leak" {
        /// Where it stops, MiB.
        mib "n::<128>" = 128, 1 to 512 " MiB";
        /// How fast it grows, MiB/s.
        mib_per_s "n::<4>" = 4, 1 to 64 " MiB/s";
    }
    /// A file in memory that grows and that nobody maps: in Shmem, but in no process's RES.
    SharedMemory "shared-memory" "probe-shmem" {
        /// Where it stops, MiB.
        mib "n::<128>" = 128, 1 to 512 " MiB";
        /// How fast it grows, MiB/s.
        mib_per_s "n::<16>" = 16, 1 to 256 " MiB/s";
    }
    /// Open descriptors that grow in number and are never closed.
    DescriptorLeak "descriptor-leak" "probe-fds" {
        /// Where it stops.
        count "n::<400>" = 400, 1 to 900 "";
        /// How many more a second.
        per_s "n::<20>" = 20, 1 to 500 " /s";
    }
    /// Connects to itself on loopback and closes first: TIME_WAIT on the client's side.
    TimeWaits "time-waits" "probe-tw" {
        /// How many connections.
        count "n::<500>" = 500, 1 to 5000 "";
        /// How many a second.
        per_s "n::<250>" = 250, 1 to 2000 " /s";
    }
    /// Idle connections on loopback with SO_KEEPALIVE: a running keepalive timer each.
    KeepaliveHolder "keepalive-holder" "probe-keep" {
        /// How many connections.
        pairs "n::<2>" = 2, 1 to 64 "";
        /// TCP_KEEPIDLE, s.
        idle_s "n::<20>" = 20, 1 to 7200 " s";
        /// TCP_KEEPINTVL, s.
        interval_s "n::<5>" = 5, 1 to 300 " s";
        /// TCP_KEEPCNT.
        probes "n::<3>" = 3, 1 to 20 "";
    }
    /// A connection between two network namespaces of its own, over a line that delays and loses.
    LossyConnection "lossy-connection" "probe-lossy" {
        /// Every how many packets with data one is lost; 0: none.
        lose_every "n::<10>" = 10, 0 to 1000 "";
        /// Delay of the line one way, ms.
        delay_ms "n::<25>" = 25, 0 to 1000 " ms";
        /// How often a message is sent, ms.
        every_ms "n::<200>" = 200, 10 to 10_000 " ms";
    }
    /// A connection between two network namespaces of its own whose other end falls silent.
    SilentPeer "silent-peer" "probe-silent" {
        /// When the line goes dead, s after the beginning.
        silent_after_s "n::<3>" = 3, 0 to 120 " s";
        /// How often a message is sent, ms; 0: the connection is idle.
        every_ms "n::<0>" = 0, 0 to 10_000 " ms";
        /// TCP_KEEPIDLE, s; 0: no keepalive.
        idle_s "n::<0>" = 0, 0 to 7200 " s";
        /// TCP_KEEPINTVL, s.
        interval_s "n::<2>" = 2, 1 to 300 " s";
        /// TCP_KEEPCNT.
        probes "n::<3>" = 3, 1 to 20 "";
    }
    /// A client with few local ports connects to one server again and again.
    FewPorts "few-ports" "probe-ports" {
        /// How many local ports there are.
        ports "n::<280>" = 280, 16 to 800 "";
        /// How many connections a second are wanted.
        per_s "n::<40>" = 40, 1 to 1000 " /s";
        /// 1: connections are forgotten open (ESTABLISHED); 0: closed at once (TIME_WAIT).
        keep "n::<0>" = 0, 0 to 1 "";
    }
    /// The same reads and writes under each I/O scheduler in turn, on a loop device of its own.
    SchedulerRace "scheduler-race" "probe-race" {
        /// Size of the device, MiB.
        mib "n::<128>" = 128, 32 to 512 " MiB";
        /// How many readers.
        readers "n::<2>" = 2, 1 to 8 "";
    }
    /// Writes on a loop device of its own, without a file system and without a single read.
    LoopWriter "loop-writer" "probe-writer" {
        /// Size of the device, MiB.
        mib "n::<64>" = 64, 16 to 256 " MiB";
        /// How much it writes before each fsync, KiB.
        kib "n::<256>" = 256, 4 to 4096 " KiB";
    }
    /// Wants more memory than a control group of its own may have: reclaim without end.
    CgroupPressure "cgroup-pressure" "probe-cgroup" {
        /// Limit of the group, MiB.
        limit_mib "n::<64>" = 64, 32 to 512 " MiB";
        /// Size of the file it reads again and again, MiB.
        file_mib "n::<96>" = 96, 1 to 512 " MiB";
    }
    /// Touches memory with the default policy: pages come from the node of the CPU that touches.
    NumaLocal "numa-local" "probe-numa" {
        /// How much, MiB.
        mib "n::<64>" = 64, 1 to 512 " MiB";
    }
    /// Touches memory bound to one node (`MPOL_BIND`).
    NumaBind "numa-bind" "probe-numa" {
        /// How much, MiB.
        mib "n::<64>" = 64, 1 to 512 " MiB";
        /// Which node.
        node "n::<0>" = 0, 0 to 1023 "";
    }
    /// Touches memory interleaved over all nodes (`MPOL_INTERLEAVE`).
    NumaInterleave "numa-interleave" "probe-numa" {
        /// How much, MiB.
        mib "n::<64>" = 64, 1 to 512 " MiB";
    }
    /// A small service that logs its latency, and a neighbour that flushes a large file now and then.
    FlushStalls "flush-stalls" "probe-service" {
        /// How often the neighbour flushes, s.
        every_s "n::<10>" = 10, 3 to 60 " s";
        /// How much it flushes, MiB.
        mib "n::<128>" = 128, 8 to 256 " MiB";
    }
    /// A small service that logs its latency, in a control group whose CPU quota a helper of its
    /// own uses up now and then.
    QuotaStalls "quota-stalls" "probe-service" {
        /// How often the helper works, s.
        every_s "n::<10>" = 10, 3 to 60 " s";
        /// How long it works, ms.
        work_ms "n::<400>" = 400, 50 to 3000 " ms";
        /// CPU time the group may use, in percent of one CPU.
        quota_pct "n::<20>" = 20, 5 to 90 " %";
    }
    /// The service of chapter 12 with a Redis of its own, and clients that come again as soon as they
    /// are answered; half way through something may be changed.
    VisitService "visit-service" "probe-visitors" {
        /// Clients at once.
        clients "n::<8>" = 8, 1 to 64 "";
        /// Worker threads of the service.
        workers "n::<1>" = 1, 1 to 16 "";
        /// CPU time of a visit, µs.
        cpu_us "n::<2000>" = 2000, 0 to 20_000 " µs";
        /// Connections to Redis that are kept; 0: a new one for each visit.
        pool "n::<0>" = 0, 0 to 64 "";
        /// 1: a client keeps its connection; 0: it opens one for each visit.
        keepalive "n::<1>" = 1, 0 to 1 "";
        /// 0: no proxy; 1: an nginx in front that only passes on; 2: with `keepalive` in its upstream
        /// block; 3: with the two further lines that this takes.
        proxy "n::<0>" = 0, 0 to 3 "";
        /// Local ports there are, in a network namespace; 0: as many as usual.
        ports "n::<0>" = 0, 0 to 20_000 "";
        /// What is changed half way: 0 nothing, 1 a worker for each CPU, 2 a pool of 16, 3 the
        /// proxy's three lines, 4 all of it.
        change "n::<0>" = 0, 0 to 4 "";
    }
}

impl Load {
    /// How many tasks it starts on a machine with so many online CPUs, at most [`MAX_TASKS`].
    pub fn tasks(self, cpus: u32) -> u32 {
        self.tasks_wanted(cpus).min(MAX_TASKS)
    }

    /// The same without the limit.
    pub fn tasks_wanted(self, cpus: u32) -> u32 {
        match self {
            Load::BusyLoops { tasks, tasks_per_cpu }
            | Load::VforkParents { tasks, tasks_per_cpu }
            | Load::PeriodicSleeper { tasks, tasks_per_cpu, .. } => {
                tasks.saturating_add(tasks_per_cpu.saturating_mul(cpus))
            }
            Load::NicePair { .. } => 2,
            _ => 1,
        }
    }

    /// Tasks that want a CPU all the time or much of it, out of [`Load::tasks_wanted`]. Those that
    /// sleep or wait need no CPU, however many there are.
    pub fn computing(self, cpus: u32) -> u32 {
        match self {
            Load::BusyLoops { .. } | Load::PeriodicSleeper { .. } => self.tasks_wanted(cpus),
            // Both are on the same CPU, as the lesson wants.
            Load::NicePair { .. } => 1,
            Load::VisitService { workers, change, .. } => {
                if matches!(change, 1 | 4) {
                    workers.max(cpus)
                } else {
                    workers
                }
            }
            Load::VforkParents { .. } => 0,
            _ => 1,
        }
    }

    /// Most processes at once, the tasks and what they start.
    pub fn processes(self, cpus: u32) -> u32 {
        let tasks = self.tasks_wanted(cpus);
        match self {
            Load::VforkParents { .. } => tasks.saturating_mul(2),
            Load::Zombies { count } => count.saturating_add(1),
            Load::Orphans { count, .. } => count.saturating_add(2),
            Load::CopyOnWrite { .. } | Load::FlushStalls { .. } | Load::QuotaStalls { .. } => 2,
            Load::SchedulerRace { readers, .. } => readers.saturating_add(2),
            // The clients, the service, Redis and nginx.
            Load::VisitService { proxy, change, .. } => 3 + u32::from(proxy > 0 || change > 2),
            _ => tasks,
        }
    }

    /// Most memory it takes besides the program's own, MiB.
    pub fn memory_mib(self) -> u32 {
        match self {
            Load::TouchMemory { mib, .. }
            | Load::CacheReader { mib, .. }
            | Load::HeapLeak { mib, .. }
            | Load::SharedMemory { mib, .. }
            | Load::DirtyWriter { mib, .. }
            | Load::NumaLocal { mib }
            | Load::NumaBind { mib, .. }
            | Load::NumaInterleave { mib }
            | Load::FlushStalls { mib, .. }
            | Load::LoopWriter { mib, .. } => mib,
            // The device and the file behind it are cached separately.
            Load::SchedulerRace { mib, .. } => mib.saturating_mul(2),
            Load::CopyOnWrite { mib, .. } => mib.saturating_mul(2),
            Load::CgroupPressure { limit_mib, .. } => limit_mib,
            // Some 200 bytes a dentry, about 1 KiB for the inode of a file.
            Load::NegativeDentries { count, .. } => count.div_ceil(5000),
            Load::FileDentries { count, .. } => count.div_ceil(800),
            // What the kernel and the programs keep of connections.
            Load::VisitService { .. } => 64,
            _ => 0,
        }
    }

    /// Most space its files take, MiB.
    pub fn disk_mib(self) -> u32 {
        match self {
            Load::CacheReader { mib, .. }
            | Load::DirtyWriter { mib, .. }
            | Load::SchedulerRace { mib, .. }
            | Load::LoopWriter { mib, .. }
            | Load::FlushStalls { mib, .. } => mib,
            Load::CgroupPressure { file_mib, .. } => file_mib,
            // A file system may keep a folder's blocks while it stands.
            Load::FileDentries { count, .. } => count.div_ceil(2000),
            _ => 0,
        }
    }

    /// How long it may take to prepare before it begins, s: mostly files to be written.
    pub fn prepare_s(self) -> u32 {
        if self.disk_mib() > 0 { 60 } else { 0 }
    }

    /// Whether a reader may end its task, as part of the lesson.
    pub fn may_be_ended(self) -> bool {
        matches!(
            self,
            Load::Zombies { .. }
                | Load::HeapLeak { .. }
                | Load::SharedMemory { .. }
                | Load::DescriptorLeak { .. }
                | Load::NegativeDentries { .. }
                | Load::FileDentries { .. }
        )
    }
}
