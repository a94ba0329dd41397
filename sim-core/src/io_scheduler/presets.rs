//! Scenarios that each show one thing.

use super::disk::Kind as Disk;
use super::elevator::Kind as Elevator;
use super::scenario::{Kind, Scenario, Stream};
use crate::model::Preset;
use crate::{KernelVersion, MILLISECOND, Nanos, Params, Text};

const RHEL7: KernelVersion = KernelVersion::new(3, 10, 0);
const TODAY: KernelVersion = KernelVersion::new(6, 12, 0);

fn preset(name: &'static str, cursor_us: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor: cursor_us * (MILLISECOND / 1000) }
}

/// A 7200 rpm disk that takes one request at a time, so that the scheduler alone decides.
fn rotating(kernel: KernelVersion, duration_ms: i64, streams: Vec<Stream>) -> Scenario {
    let hz = if kernel == RHEL7 { 1000 } else { 250 };
    // The same largest request on every kernel, so that only the scheduler differs.
    Scenario { kernel, hz, max_sectors_kb: 512, duration_ms, queue_depth: 1, streams, ..Scenario::default() }
}

/// One file is read, another written back, far from each other.
fn reader_and_writer() -> Scenario {
    let ms = 2000;
    let reader = Stream::new(Kind::SeqReader, ms).at(100, 100);
    let writer = Stream::new(Kind::BufferedWriter, ms).at(700, 100);
    rotating(RHEL7, ms, vec![reader, writer])
}

/// Sixteen processes that each wait for a page from anywhere.
fn random_readers() -> Scenario {
    let ms = 3000;
    rotating(RHEL7, ms, vec![Stream::new(Kind::RandReader, ms).times(16)])
}

/// A database commits, and after a second a backup begins to read the disk. Not at once: BFQ takes
/// processes that begin together for parts of one program and merges their queues.
fn log_and_backup() -> Scenario {
    let ms = 4000;
    let log = Stream::new(Kind::FsyncLog, ms).at(900, 10);
    let backup = Stream { depth: 8, from_ms: 1000, ..Stream::new(Kind::Backup, ms) }.at(0, 500);
    rotating(TODAY, ms, vec![log, backup])
}

/// Users of a database beside a backup of the given class.
fn backup_beside_readers(class: i64) -> Scenario {
    let ms = 3000;
    let readers = Stream { think_us: 5000, ..Stream::new(Kind::RandReader, ms) }.at(0, 100).times(4);
    let backup = Stream { class, ..Stream::new(Kind::Backup, ms) }.at(500, 500);
    rotating(TODAY, ms, vec![readers, backup]).with(Elevator::MqDeadline)
}

/// Four programs, each with eight reads under way, on NVMe.
fn nvme() -> Scenario {
    let ms = 5;
    let readers = Stream { depth: 8, ..Stream::new(Kind::RandReader, ms) }.times(4);
    Scenario { kernel: TODAY, duration_ms: ms, iostat_ms: 1, streams: vec![readers], ..Scenario::default() }
        .on(Disk::Nvme)
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "reader-and-writer-cfq",
            1_000_300,
            Text::fixed("읽기와 쓰기, CFQ", "Reader and writer, CFQ"),
            Text::fixed(
                "CFQ는 읽던 프로세스의 다음 요청을 8 ms까지 기다려 줍니다. 헤드가 제자리에 있으니 읽기는 디스크 속도를 거의 다 쓰고, 쓰기는 틈틈이 나갑니다.",
                "CFQ keeps the disk idle up to 8 ms for the reader's next request: the head stays where it is, reading runs at nearly the speed of the disk, and writes go in between.",
            ),
            reader_and_writer().with(Elevator::Cfq),
        ),
        preset(
            "reader-and-writer-deadline",
            1_000_300,
            Text::fixed("읽기와 쓰기, deadline", "Reader and writer, deadline"),
            Text::fixed(
                "같은 부하인데 deadline은 기다려 주지 않습니다. 읽기 하나가 끝나면 곧바로 쓰기 묶음을 보내므로, 순차 읽기가 요청마다 헤드를 두 번 멀리 옮기며 수십 분의 일로 느려집니다.",
                "The same load, but deadline does not wait: the moment a read is done a batch of writes goes out, each read costs two long seeks, and sequential reading drops to a small fraction.",
            ),
            reader_and_writer().with(Elevator::Deadline),
        ),
        preset(
            "random-readers-noop",
            1_500_000,
            Text::fixed("무작위 읽기, 온 순서대로", "Random readers, first come first served"),
            Text::fixed(
                "온 순서대로 보내면 헤드가 디스크를 끝없이 가로지릅니다. 1초에 80개 남짓, 계산으로 나오는 그대로입니다.",
                "In the order in which they come, the head crosses the disk over and over: some 80 a second, just what the arithmetic says.",
            ),
            random_readers().with(Elevator::Noop),
        ),
        preset(
            "random-readers-deadline",
            1_500_000,
            Text::fixed("무작위 읽기, 섹터 순서로", "Random readers, by sector"),
            Text::fixed(
                "같은 요청을 섹터 순서로 보내면 헤드가 한쪽으로 쓸고 지나갑니다. 이동 거리가 몇 분의 일이 되고 처리량은 절반 넘게 늘어납니다.",
                "Sent by sector, the same requests let the head sweep one way: it travels a fraction of the distance and serves over half as many again.",
            ),
            random_readers().with(Elevator::Deadline),
        ),
        preset(
            "random-readers-ncq",
            1_500_000,
            Text::fixed("무작위 읽기, 디스크가 고르기(NCQ)", "Random readers, the disk chooses (NCQ)"),
            Text::fixed(
                "NCQ를 켜면 디스크가 회전 위치까지 알고 스스로 고릅니다. 스케줄러가 아무것도 하지 않아도 정렬보다 빠릅니다.",
                "With NCQ the disk chooses by itself, and it knows the rotation as well: faster than sorting, with a scheduler that does nothing.",
            ),
            Scenario { queue_depth: 32, ..random_readers() }.with(Elevator::Noop),
        ),
        preset(
            "writes-starved",
            1_500_000,
            Text::fixed("두 번 밀리는 쓰기", "Writes passed over twice"),
            Text::fixed(
                "읽기가 쌓여 있으면 deadline은 읽기 묶음을 writes_starved(2)번까지 먼저 보냅니다. 쓰기는 굶지 않지만, 많으면 읽기 32개가 지나가기를 기다립니다.",
                "While reads are waiting, deadline lets writes_starved (2) batches of them go first: writes never starve, but up to 32 reads pass before their turn.",
            ),
            {
                let ms = 3000;
                let readers = Stream { depth: 4, ..Stream::new(Kind::RandReader, ms) }.at(0, 400).times(16);
                let writers = Stream { size_kib: 64, bio_kib: 64, ..Stream::new(Kind::BufferedWriter, ms) };
                let writers = writers.at(600, 400).times(16);
                rotating(RHEL7, ms, vec![readers, writers]).with(Elevator::Deadline)
            },
        ),
        preset(
            "fsync-behind-backup",
            2_500_000,
            Text::fixed("백업 뒤에 선 fsync", "fsync behind a backup"),
            Text::fixed(
                "커밋 하나는 4 KiB를 쓸 뿐인데 200 ms가 넘게 걸립니다. 쓰기라는 이유로 백업의 읽기 묶음 두 개가 먼저 지나가기 때문입니다.",
                "A commit writes no more than 4 KiB and takes over 200 ms: being a write, it has to let two batches of the backup's reads go first.",
            ),
            log_and_backup().with(Elevator::MqDeadline),
        ),
        preset(
            "fsync-behind-backup-bfq",
            2_500_000,
            Text::fixed("백업 뒤에 선 fsync, BFQ", "fsync behind a backup, BFQ"),
            Text::fixed(
                "BFQ는 방향이 아니라 프로세스로 나눕니다. 같은 시간에 커밋이 열 배 넘게 끝나고, 그 값으로 백업은 3분의 1쯤으로 느려집니다(low_latency는 껐습니다).",
                "BFQ divides by process, not by direction: over ten times as many commits in the same time, and the backup pays for it, down to about a third (low_latency is off).",
            ),
            {
                let mut scenario = log_and_backup().with(Elevator::Bfq);
                if let Some(low_latency) = scenario.field("low_latency") {
                    *low_latency = 0;
                }
                scenario
            },
        ),
        preset(
            "backup-as-anyone",
            1_500_000,
            Text::fixed("백업과 데이터베이스", "A backup beside a database"),
            Text::fixed(
                "mq-deadline은 지난 위치에서 앞으로 갑니다. 백업의 다음 조각은 늘 바로 앞에 있으므로, 데이터베이스의 읽기는 기한 500 ms가 지나야 차례가 옵니다.",
                "mq-deadline goes on from where it was. The backup's next piece is always just ahead, so the database's reads get their turn only when their 500 ms are over.",
            ),
            backup_beside_readers(0),
        ),
        preset(
            "backup-idle",
            1_500_000,
            Text::fixed("ionice -c3으로 돌린 백업", "The backup under ionice -c3"),
            Text::fixed(
                "백업을 idle 등급으로 돌리면 데이터베이스의 지연 시간이 정상으로 돌아옵니다. 대신 백업은 읽기가 하나도 없는 틈에만, 아니면 10초를 기다려야 나갑니다.",
                "In the idle class the backup leaves the database's latency alone; in return it goes only where no read is about, or after ten seconds of waiting.",
            ),
            backup_beside_readers(3),
        ),
        preset(
            "nvme-none",
            2_500,
            Text::fixed("NVMe, none", "NVMe with none"),
            Text::fixed(
                "NVMe에서는 헤드가 없으므로 순서가 아무것도 바꾸지 않습니다. 얼마나 많은 요청을 한꺼번에 맡기느냐가 처리량을 정합니다.",
                "On NVMe nothing moves and order changes nothing: what decides is how many requests are under way at once.",
            ),
            nvme().with(Elevator::None),
        ),
        preset(
            "nvme-bfq",
            2_500,
            Text::fixed("NVMe, BFQ", "NVMe with BFQ"),
            Text::fixed(
                "같은 부하에 BFQ를 써도 처리량과 지연 시간이 같습니다. 회전 디스크에서 수십 배를 가르던 선택이 여기서는 CPU 시간만 더 씁니다(모델은 이 CPU 시간을 세지 않습니다).",
                "Under the same load BFQ gives the same throughput and the same latency: the choice that made all the difference on a turning disk costs only CPU time here, which the model does not count.",
            ),
            nvme().with(Elevator::Bfq),
        ),
        preset(
            "merging",
            300,
            Text::fixed("bio 열여섯, 요청 하나", "Sixteen bios, one request"),
            Text::fixed(
                "4 KiB 쓰기 열여섯 개가 이어져 있으면 플러그 안에서 합쳐져 64 KiB 요청 하나로 나갑니다. iostat에는 요청 하나와 병합 열다섯 번으로 보입니다.",
                "Sixteen adjoining writes of 4 KiB merge inside the plug and leave as one request of 64 KiB: to iostat, one write and fifteen merges.",
            ),
            {
                let flusher =
                    Stream { size_kib: 64, bio_kib: 4, depth: 1, limit: 1, ..Stream::new(Kind::BufferedWriter, 20) };
                let scenario = rotating(TODAY, 20, vec![flusher.at(250, 100)]);
                Scenario { iostat_ms: 20, ..scenario }.with(Elevator::MqDeadline)
            },
        ),
    ]
}
