//! What happens, before it is put into words.

use super::flusher::Why;
use super::rules::Flusher;
use crate::{MILLISECOND, Nanos, Text, text};

/// One thing that happened, with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A writer begins to write.
    Burst { writer: usize, pages: Option<u64> },
    /// It has written what it wanted to.
    BurstEnd { writer: usize, pages: u64 },
    /// The flusher begins because too much is dirty: on the machine, or (`share`) on this disk.
    Background { disk: usize, dirty: u64, share: Option<u64> },
    /// The flusher wakes and looks for old pages.
    Periodic { disk: usize, dirty: u64, old: u64 },
    /// It has written what it was after.
    FlushEnd { disk: usize, why: Why, pages: u64, left: u64 },
    /// A writer is paused.
    Throttle { writer: usize, dirty: u64, pos_ratio: u64, rate: u64, pages: u64, pause_ms: u64 },
    /// A disk's rate for writers changed.
    Rate { disk: usize, before: u64, after: u64, bandwidth: u64, dirty_rate: u64 },
    /// An old kernel's writer has to write pages out itself.
    Stall { writer: usize, pages: u64, dirty: u64 },
    /// It is let go.
    StallEnd { writer: usize, lasted: Nanos },
    /// A writer calls `fsync`.
    Fsync { writer: usize, pages: u64, queued: u64 },
    /// `fsync` returns.
    FsyncEnd { writer: usize, lasted: Nanos },
    /// Somebody calls `sync`.
    Sync { pages: u64 },
    /// `sync` returns.
    SyncEnd { lasted: Nanos },
    /// Programs took memory, or gave some back.
    Memory { pages: i64, thresh: u64 },
}

/// Pages as a reader thinks of them.
pub fn size(pages: u64) -> String {
    let tenths = (pages.saturating_mul(10) + 128) / 256;
    match tenths {
        0..10 => format!("{} KiB", pages * 4),
        10..1000 => format!("{}.{} MiB", tenths / 10, tenths % 10),
        1000..100_000 => format!("{} MiB", tenths / 10),
        _ => format!("{}.{} GiB", tenths / 10_240, tenths % 10_240 * 10 / 10_240),
    }
}

/// A stretch of time as a reader thinks of it.
fn lasting(ns: Nanos) -> String {
    let (ms, part) = (ns / MILLISECOND, ns % MILLISECOND / (MILLISECOND / 10));
    match ms {
        0..100 => format!("{ms}.{part} ms"),
        100..10_000 => format!("{ms} ms"),
        _ => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
    }
}

impl Happening {
    /// The kind an event has.
    pub fn kind(&self) -> &'static str {
        match self {
            Happening::Burst { .. } => "burst",
            Happening::BurstEnd { .. } => "burst-end",
            Happening::Background { .. } => "background",
            Happening::Periodic { .. } => "periodic",
            Happening::FlushEnd { .. } => "flush-end",
            Happening::Throttle { .. } => "throttle",
            Happening::Rate { .. } => "rate",
            Happening::Stall { .. } => "stall",
            Happening::StallEnd { .. } => "stall-end",
            Happening::Fsync { .. } => "fsync",
            Happening::FsyncEnd { .. } => "fsync-end",
            Happening::Sync { .. } => "sync",
            Happening::SyncEnd { .. } => "sync-end",
            Happening::Memory { .. } => "memory",
        }
    }

    /// The reason, with its numbers.
    pub fn tell(&self, flusher: Flusher) -> Text {
        let thread = match flusher {
            Flusher::Pdflush => "pdflush",
            Flusher::Thread => "flush",
            Flusher::Worker => "kworker",
        };
        match *self {
            Happening::Burst { writer, pages: Some(pages) } => {
                let size = size(pages);
                text!(
                    ko: "writers[{writer}]가 {size}를 쓰기 시작합니다.",
                    en: "writers[{writer}] begins to write {size}.",
                )
            }
            Happening::Burst { writer, pages: None } => text!(
                ko: "writers[{writer}]가 쉬지 않고 쓰기 시작합니다.",
                en: "writers[{writer}] begins to write without end.",
            ),
            Happening::BurstEnd { writer, pages } => {
                let size = size(pages);
                text!(
                    ko: "writers[{writer}]의 write()가 모두 끝났습니다. {size}를 썼다고 믿지만, 아직 디스크에 없는 것도 있습니다.",
                    en: "writers[{writer}] is done: every write() of its {size} has returned, though not all of it is on the disk.",
                )
            }
            Happening::Background { disk, dirty, share: Some(share) } => {
                let size = size(dirty);
                text!(
                    ko: "disks[{disk}]의 더티 페이지 {dirty}개({size})가 백그라운드 임곗값에서 이 디스크의 몫 {share}페이지를 넘어 {thread}가 쓰기 시작합니다.",
                    en: "{dirty} dirty pages ({size}) of disks[{disk}] are over its share of the background threshold, {share} pages: {thread} begins to write.",
                )
            }
            Happening::Background { disk, dirty, share: None } => {
                let size = size(dirty);
                text!(
                    ko: "백그라운드 임곗값을 넘어 {thread}가 disks[{disk}]에 쓰기 시작합니다. 이 디스크의 더티 페이지 {dirty}개({size}).",
                    en: "Over the background threshold: {thread} begins to write to disks[{disk}], which has {dirty} dirty pages ({size}).",
                )
            }
            Happening::Periodic { disk, dirty, old: 0 } => text!(
                ko: "{thread}가 주기적으로 깨어 disks[{disk}]를 보았습니다. 더티 페이지 {dirty}개 가운데 dirty_expire_centisecs를 넘긴 것은 없습니다.",
                en: "{thread} wakes to look at disks[{disk}]: of {dirty} dirty pages none is older than dirty_expire_centisecs.",
            ),
            Happening::Periodic { disk, dirty, old } => text!(
                ko: "{thread}가 주기적으로 깨어 disks[{disk}]의 더티 페이지 {dirty}개 가운데, 오래되었거나 쓰다 만 파일의 {old}개를 쓰기 시작합니다.",
                en: "{thread} wakes to look at disks[{disk}]: of {dirty} dirty pages, {old} belong to files that are too old or half written, and are written.",
            ),
            Happening::FlushEnd { disk, why, pages, left } => {
                let size = size(pages);
                let (ko, en) = match why {
                    _ if left == 0 => ("더 쓸 것이 없어", "nothing is left"),
                    Why::Background => ("백그라운드 임곗값 아래로 내려가", "it is below the background threshold"),
                    Why::Periodic => ("오래된 것이 남지 않아", "nothing old is left"),
                    Why::Sync => ("sync가 부탁한 것을 다 넘겨", "what sync asked for is handed over"),
                };
                text!(
                    ko: "{ko} {thread}가 disks[{disk}]에 쓰기를 멈춥니다. 넘긴 페이지 {pages}개({size}).",
                    en: "{thread} stops writing to disks[{disk}]: {en}. It handed over {pages} pages ({size}).",
                )
            }
            Happening::Throttle { writer, dirty, pos_ratio: 0, pause_ms, .. } => text!(
                ko: "더티 페이지 {dirty}개로 한계에 닿아 writers[{writer}]를 {pause_ms} ms 재우고 다시 봅니다.",
                en: "With {dirty} pages dirty the limit is reached: writers[{writer}] sleeps {pause_ms} ms and looks again.",
            ),
            Happening::Throttle { writer, dirty, pos_ratio, rate, pages, pause_ms } => {
                let (whole, part) = (pos_ratio / 1024, pos_ratio % 1024 * 1000 / 1024);
                let kib = rate * 4;
                text!(
                    ko: "더티 페이지 {dirty}개, pos_ratio {whole}.{part:03}. writers[{writer}]는 {kib} KiB/s만 쓸 수 있으므로 {pages}페이지를 쓴 값으로 {pause_ms} ms 쉽니다.",
                    en: "{dirty} pages dirty, pos_ratio {whole}.{part:03}: writers[{writer}] may write {kib} KiB/s, so {pages} pages cost it a pause of {pause_ms} ms.",
                )
            }
            Happening::Rate { disk, before, after, bandwidth, dirty_rate } => {
                let [before, after, bandwidth, dirty_rate] = [before, after, bandwidth, dirty_rate].map(|n| n * 4);
                text!(
                    ko: "disks[{disk}]는 {bandwidth} KiB/s를 쓰고 프로그램은 {dirty_rate} KiB/s를 더럽혔습니다. dirty_ratelimit {before} → {after} KiB/s.",
                    en: "disks[{disk}] writes {bandwidth} KiB/s while programs dirtied {dirty_rate} KiB/s: dirty_ratelimit {before} → {after} KiB/s.",
                )
            }
            Happening::Stall { writer, pages, dirty } => text!(
                ko: "더티 페이지가 {dirty}개라 writers[{writer}]가 직접 {pages}페이지를 디스크로 내보내야 합니다.",
                en: "With {dirty} pages dirty, writers[{writer}] has to write {pages} pages out itself.",
            ),
            Happening::StallEnd { writer, lasted } => {
                let lasted = lasting(lasted);
                text!(
                    ko: "writers[{writer}]의 write()가 {lasted} 만에 돌아왔습니다.",
                    en: "The write() of writers[{writer}] returns after {lasted}.",
                )
            }
            Happening::Fsync { writer, pages, queued } => text!(
                ko: "writers[{writer}]가 fsync를 불러 자기 파일의 {pages}페이지를 기다립니다. 디스크에는 이미 요청 {queued}개가 있습니다.",
                en: "writers[{writer}] calls fsync and waits for {pages} pages of its file; {queued} requests are ahead at the disk.",
            ),
            Happening::FsyncEnd { writer, lasted } => {
                let lasted = lasting(lasted);
                text!(
                    ko: "writers[{writer}]의 fsync가 {lasted} 만에 돌아왔습니다.",
                    en: "The fsync of writers[{writer}] returns after {lasted}.",
                )
            }
            Happening::Sync { pages } => {
                let size = size(pages);
                text!(
                    ko: "누군가 sync를 불러 더티 페이지 {pages}개({size})를 기다립니다.",
                    en: "Somebody calls sync and waits for {pages} dirty pages ({size}).",
                )
            }
            Happening::SyncEnd { lasted } => {
                let lasted = lasting(lasted);
                text!(ko: "sync가 {lasted} 만에 돌아왔습니다.", en: "sync returns after {lasted}.")
            }
            Happening::Memory { pages, thresh } => {
                let size = size(pages.unsigned_abs());
                let (ko, en) = if pages < 0 { ("돌려주어", "give back") } else { ("가져가", "take") };
                text!(
                    ko: "프로그램들이 메모리 {size}를 {ko} 임곗값이 {thresh}페이지가 됩니다.",
                    en: "Programs {en} {size} of memory: the threshold is now {thresh} pages.",
                )
            }
        }
    }
}
