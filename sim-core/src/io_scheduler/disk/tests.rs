//! The published figures, and what follows from them.

use super::*;
use crate::SECOND;

fn job(sector: u64, sectors: u64) -> Job {
    Job { sector, sectors, ..Job::default() }
}

fn close(got: u64, want: u64, by: u64) -> bool {
    got.abs_diff(want) <= by
}

#[test]
fn the_arm_of_the_hp_97560_is_as_published() {
    for (d, want_us) in [
        (0, 0),
        (1, 3640),
        (10, 4505),
        (100, 7240),
        (383, 11_068),
        (384, 11_072),
        (654, 13_232),
        (1000, 16_000),
        (1961, 23_688),
    ] {
        assert_eq!((HP97560.seek(d) + 500) / 1000, want_us, "{d} cylinders");
    }
    assert_eq!(HP97560.capacity() * 512, 1_374_216_192);
    assert_eq!(HP97560.turn / 100, 149_925, "14.9925 ms");
    assert!(close(HP97560.passing(1), 208_230, 5), "a sector: 0.20823 ms");
    // 2.459 MB/s from the surface.
    assert_eq!(72 * 512 * SECOND / HP97560.turn / 1000, 2458);
    // As a disk of that time was formatted: 8 sectors from track to track, 18 from cylinder to cylinder.
    assert_eq!((HP97560.switch * 72).div_ceil(HP97560.turn), 8);
    assert_eq!((HP97560.seek(1) * 72).div_ceil(HP97560.turn), 18);
}

/// Mean over all pairs of cylinders: each distance d occurs 2(C - d) times in C².
fn mean_seek(g: &Geometry) -> u64 {
    let c = u128::from(g.cylinders);
    let sum: u128 = (1..g.cylinders).map(|d| u128::from(g.seek(d)) * 2 * (c - u128::from(d))).sum();
    (sum / (c * c)) as u64
}

#[test]
fn means_are_the_ones_the_curves_give() {
    assert!(close(mean_seek(&HP97560), 12_832_000, 500), "{}", mean_seek(&HP97560));
    let random_4k = HP97560.overhead + mean_seek(&HP97560) + HP97560.turn / 2 + HP97560.passing(8);
    assert!(close(random_4k, 24_190_000, 5000), "{random_4k}: 41.3 IOPS");
    assert_eq!(10 * SECOND / random_4k, 413);
    assert!(close(mean_seek(&DISK7200), 8_210_000, 5000), "{}", mean_seek(&DISK7200));
    let random_4k = mean_seek(&DISK7200) + DISK7200.turn / 2 + DISK7200.passing(8);
    assert!(close(random_4k, 12_400_000, 10_000), "{random_4k}");
    assert!(close(10 * SECOND / random_4k, 807, 1));
}

#[test]
fn the_calibrated_disk_goes_through_its_data_sheet() {
    for (d, want) in [(1, 800_000), (33_333, 8_500_000), (50_000, 10_625_000), (99_999, 16_999_872)] {
        assert!(close(DISK7200.seek(d), want, 200), "{d}: {}", DISK7200.seek(d));
    }
    // a + b√d with a = 0.757593, b = 0.0424069 ms.
    for d in [10_u64, 100, 1000, 10_000, 30_000] {
        let want = 757_593.0 + 42_406.9 * (d as f64).sqrt();
        assert!(close(DISK7200.seek(d), want as u64, 10), "{d}");
    }
}

/// The classic exercise: head at 53, cylinders 98 183 37 122 14 124 65 67.
#[test]
fn orders_of_service_cost_what_the_exercise_says() {
    for (name, order, distance, ms) in [
        ("FCFS", [98, 183, 37, 122, 14, 124, 65, 67], 640, 5280),
        ("SSTF", [65, 67, 37, 14, 98, 122, 124, 183], 236, 4124),
        ("C-SCAN", [65, 67, 98, 122, 124, 183, 14, 37], 322, 4281),
        ("LOOK", [65, 67, 98, 122, 124, 183, 37, 14], 299, 4245),
    ] {
        let (mut head, mut went, mut took) = (53_u64, 0, 0);
        for cylinder in order {
            let d = head.abs_diff(cylinder);
            (head, went, took) = (cylinder, went + d, took + HP97560.seek(d));
        }
        assert_eq!((went, (took + 5000) / 10_000), (distance, ms), "{name}");
    }
}

#[test]
fn one_request_takes_overhead_seek_rotation_and_transfer() {
    let mut disk = Rotating::new(Geometry { ahead: 0, ..HP97560 });
    // Cylinder 100, first track: the arm is there after 2.2 + 7.24 ms.
    let service = disk.serve(0, &job(100 * 19 * 72, 8));
    assert_eq!(service.start, 2_200_000);
    assert_eq!(service.arrived, 2_200_000 + 7_240_000);
    assert!(service.under - service.arrived < HP97560.turn);
    assert!(close(service.finish - service.under, HP97560.passing(8), 1));
    // The same request again: a whole turn later, less what the head has to wait anyway.
    let again = disk.serve(service.finish, &job(100 * 19 * 72, 8));
    assert!(close(again.under - service.under, HP97560.turn, 1), "one turn");
    // The sector behind it, the controller being at it already: nothing is missed.
    let mut disk = Rotating::new(Geometry { ahead: 0, ..HP97560 });
    let first = disk.serve(0, &job(0, 8));
    let second = disk.serve(0, &job(8, 8));
    assert_eq!(second.under, first.finish);
}

#[test]
fn a_track_that_ends_costs_its_skew() {
    let mut disk = Rotating::new(Geometry { ahead: 0, overhead: 0, ..HP97560 });
    let service = disk.serve(0, &job(0, 144));
    assert!(close(service.finish - service.under, HP97560.passing(72 + 8 + 72), 2), "8 sectors of skew");
    // A whole cylinder and one sector of the next: 18 tracks of skew, then the arm's.
    let mut disk = Rotating::new(Geometry { ahead: 0, overhead: 0, ..HP97560 });
    let service = disk.serve(0, &job(0, 19 * 72 + 1));
    assert!(close(service.finish - service.under, HP97560.passing(19 * 72 + 18 * 8 + 18 + 1), 40));
}

#[test]
fn what_was_read_ahead_need_not_be_waited_for() {
    let with = |ahead| {
        let mut disk = Rotating::new(Geometry { ahead, ..HP97560 });
        let mut t = 0;
        // One reader, one request at a time, one after the other.
        for i in 0..100 {
            t = disk.serve(t, &job(i * 16, 16)).finish;
        }
        t
    };
    let (without, with) = (with(0), with(256));
    assert!(without > 95 * HP97560.turn, "a turn for each: the next sector is gone when it is asked for");
    let media = HP97560.passing(1600 + 1600 / 72 * 8);
    assert!(with < media + 100 * 1_000_000, "{with} against {media} from the surface");
}

#[test]
fn a_disk_with_a_queue_chooses_and_a_disk_without_does_not() {
    let far = job(90_000 * 20_000, 8);
    let near = job(10 * 20_000, 8);
    let order = |depth| {
        let mut disk = Disk::new(Kind::Disk7200, depth, 0);
        let mut line: Vec<Job> = [near, far, near, far].iter().zip(0..).map(|(job, tag)| Job { tag, ..*job }).collect();
        line[2].sector += 64;
        line[3].sector += 64;
        line.reverse();
        let (mut now, mut done) = (0, Vec::new());
        loop {
            while disk.ready() && !line.is_empty() {
                disk.submit(now, line.pop().unwrap());
            }
            let Some(next) = disk.next() else { return done };
            now = next;
            done.push(disk.complete(now).unwrap());
            assert_eq!(disk.complete(now), None);
        }
    };
    assert_eq!(order(1), [0, 1, 2, 3]);
    assert_eq!(order(4), [0, 2, 1, 3]);
}

#[test]
fn a_queue_does_not_leave_anyone_behind_for_ever() {
    let mut disk = Disk::new(Kind::Disk7200, 4, 0);
    disk.submit(0, job(0, 8));
    disk.submit(0, Job { tag: 9, ..job(95_000 * 20_000, 8) });
    // A stream that is always nearer than the lonely request.
    let (mut sector, mut now) = (8, 0);
    loop {
        while disk.ready() {
            disk.submit(now, job(sector, 8));
            sector += 8;
        }
        now = disk.next().unwrap();
        if disk.complete(now) == Some(9) {
            break;
        }
    }
    assert!((AGE..AGE + 40 * MILLISECOND).contains(&now), "{now}");
}

/// Completions a second with so many in flight, pages taken in turn so that no unit is wanted twice.
fn iops(kind: Kind, depth: u32) -> u64 {
    let mut disk = Disk::new(kind, depth, 0);
    let (mut page, mut now, mut done) = (0, 0, 0_u64);
    while now < SECOND / 2 {
        while disk.ready() {
            disk.submit(now, job(page * PAGE, PAGE));
            page += 1;
        }
        now = disk.next().unwrap();
        while disk.complete(now).is_some() {
            done += 1;
        }
    }
    done * 2
}

#[test]
fn flash_gains_from_depth_until_units_or_controller_are_used_up() {
    for (depth, want) in [(1, 15_000), (4, 60_000), (16, 240_000), (32, 480_000), (64, 500_000)] {
        let got = iops(Kind::Nvme, depth);
        assert!(close(got, want, want / 100), "{depth} in flight: {got}");
    }
    for (depth, want) in [(1, 11_765), (4, 47_059), (12, 98_000), (32, 98_000)] {
        let got = iops(Kind::SataSsd, depth);
        assert!(close(got, want, want / 40), "{depth} in flight: {got}");
    }
}

#[test]
fn sequential_flash_is_as_fast_as_units_and_interface_let_it() {
    for (kind, write, want_mb) in [(Kind::Nvme, false, 2088), (Kind::Nvme, true, 2302), (Kind::SataSsd, false, 550)] {
        let mut disk = Disk::new(kind, 32, 0);
        let (mut sector, mut now, mut bytes) = (0, 0, 0_u64);
        while now < SECOND / 10 {
            while disk.ready() {
                disk.submit(now, Job { write, ..job(sector, 2176) });
                sector += 2176;
            }
            now = disk.next().unwrap();
            while disk.complete(now).is_some() {
                bytes += 2176 * 512;
            }
        }
        let mb = u128::from(bytes) * 1000 / u128::from(now);
        assert!(close(mb as u64, want_mb, want_mb / 40), "{kind:?} write {write}: {mb} MB/s");
    }
}

/// Of N units, QD random requests keep N(1 - (1 - 1/N)^QD) busy.
#[test]
fn random_pages_leave_units_idle() {
    use rand::{RngExt, SeedableRng};
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(1);
    let cells = Cells { units: 8, command: 0, bytes_per_second: u64::MAX, ..NVME };
    for (depth, want_hundredths) in [(1, 100), (4, 331), (8, 525), (16, 706), (32, 789)] {
        let rounds = 5000;
        let mut busy = 0;
        for _ in 0..rounds {
            let mut flash = Flash::new(cells);
            for _ in 0..depth {
                flash.serve(0, &job(random.random_range(0..1_000_000_u64) * PAGE, PAGE));
            }
            busy += flash.units().iter().filter(|free| **free > 0).count() as u64;
        }
        assert!(close(busy * 100 / rounds, want_hundredths, 5), "{depth}: {}", busy * 100 / rounds);
    }
}

#[test]
fn the_fixed_device_serves_side_by_side() {
    let mut disk = Disk::new(Kind::Fixed, 4, 8_000_000);
    for tag in 0..4 {
        disk.submit(u64::from(tag), Job { tag, ..job(8 * u64::from(tag), 8) });
    }
    assert!(!disk.ready());
    for tag in 0..4 {
        let now = disk.next().unwrap();
        assert_eq!((now, disk.complete(now)), (8_000_000 + u64::from(tag), Some(tag)));
    }
    assert_eq!(disk.next(), None);
}
