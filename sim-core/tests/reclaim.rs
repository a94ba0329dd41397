//! Whatever a scenario of reclaim holds: it is refused, or it runs to its end with the books in order.

mod common;

use proptest::prelude::*;
use sim_core::reclaim::{Drop, Kind, Program, Reclaim, Scenario};
use sim_core::scenario::Valid;
use sim_core::{Log, Model};

const KINDS: [Kind; 5] = [Kind::Heap, Kind::Shmem, Kind::File, Kind::Device, Kind::Names];

fn program(end: i64) -> impl Strategy<Value = Program> {
    let sizes =
        (prop::sample::select(vec![0_i64, 1, 7, 64, 100, 300]), prop::sample::select(vec![1_i64, 50, 400, 2000]));
    let times = (0..=end, 0..=end);
    let rest = (0_i64..3, 0_i64..2, prop::sample::select(vec![0_i64, 1, 5000, 500_000]), 1_i64..500_000, 0_i64..2);
    (prop::sample::select(KINDS.to_vec()), sizes, times, rest).prop_map(
        |(kind, (mib, mib_per_s), (a, b), (before, again, names, names_per_s, exist))| Program {
            before,
            again,
            names,
            names_per_s,
            exist,
            ..Program::new(kind, mib, mib_per_s, a.min(b), a.max(b))
        },
    )
}

/// Small machines in every kind of trouble.
fn scenario() -> impl Strategy<Value = Scenario> {
    let end = 4000;
    let kernels = ["3.10", "4.18", "5.4", "5.10", "6.1", "6.12", "7.3"];
    let settings = (
        prop::sample::select(vec![0_i64, 1, 60, 100, 200]),
        prop::sample::select(vec![0_i64, 1, 100, 1000]),
        prop::sample::select(vec![0_i64, 128, 3000]),
        prop::sample::select(vec![1_i64, 10, 1000, 3000]),
    );
    let sizes = (64_i64..200, prop::sample::select(vec![0_i64, 1, 64, 300]), 0_i64..30);
    let speeds = (prop::sample::select(vec![1_i64, 100, 5000]), prop::sample::select(vec![1_i64, 50, 5000]));
    let programs = prop::collection::vec(program(end), 0..6);
    let drops = prop::collection::vec((0..=end, 1_i64..4), 0..3);
    (prop::sample::select(kernels.to_vec()), settings, sizes, speeds, programs, drops).prop_map(
        move |(kernel, (swappiness, pressure, min, factor), (mem, swap, own), (disk, swap_speed), programs, drops)| {
            Scenario {
                kernel: kernel.parse().expect("a release"),
                swappiness,
                vfs_cache_pressure: pressure,
                mem_mib: mem,
                swap_mib: swap,
                kernel_mib: own,
                min_free_kbytes: min,
                watermark_scale_factor: factor,
                disk_mib_s: disk,
                swap_mib_s: swap_speed,
                duration_ms: end,
                programs,
                drops: drops.into_iter().map(|(at_ms, what)| Drop { at_ms, what }).collect(),
            }
        },
    )
}

/// Numbers where mistakes live.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![-2_i64..70_000, prop::sample::select(vec![i64::MIN, -1, 32_768, 32_769, 600_000, 1 << 40, i64::MAX])]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// No page is lost or counted twice, marks are in order, time goes on, and it ends.
    #[test]
    fn the_books_are_in_order_at_every_step(scenario in scenario()) {
        let written = Reclaim::write_scenario(&scenario).to_string();
        let valid = Valid::<Reclaim>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let read = Valid::<Reclaim>::from_json(&written);
        prop_assert_eq!(read.as_ref(), Ok(&valid));
        let mut model = Reclaim::start(&valid);
        let marks = model.marks();
        prop_assert!(marks.min <= marks.low && marks.low <= marks.high, "{:?}", marks);
        let mut log = Log::telling();
        let (mut before, ends) = (0, model.ends());
        loop {
            let went = model.advance(ends, &mut log);
            prop_assert_eq!(model.accounted(), model.managed());
            let [total, left] = model.swap();
            let swapped: u64 = model.programs().iter().map(|program| program.swapped).sum();
            prop_assert_eq!(swapped, total - left);
            prop_assert!(before <= model.now() && model.now() <= ends);
            prop_assert!(log.events().iter().all(|event| !event.why.ko.is_empty() && !event.why.en.is_empty()));
            before = model.now();
            log.clear();
            if !went {
                break;
            }
        }
        prop_assert_eq!(model.now(), ends);
        prop_assert!(model.files().contains_key("/proc/meminfo"));
    }

    /// The same in one go and by steps of any length.
    #[test]
    fn how_often_one_looks_changes_nothing(scenario in scenario(), step in 1_u64..900) {
        let valid = Valid::<Reclaim>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let (mut whole, mut parts) = (Reclaim::start(&valid), Reclaim::start(&valid));
        whole.advance_to(whole.ends());
        let mut t = 0;
        while parts.now() < parts.ends() {
            t += step * sim_core::MILLISECOND;
            parts = parts.clone();
            parts.advance_to(t);
        }
        prop_assert_eq!(whole.metrics(), parts.metrics());
    }

    /// Any numbers are a scenario, or are refused field by field.
    #[test]
    fn any_numbers_are_taken_or_refused(
        params in prop::collection::vec((0_usize..10, number()), 0..4),
        fields in prop::collection::vec((0_usize..9, number()), 0..4),
    ) {
        let mut json = Reclaim::write_scenario(&Reclaim::presets().swap_remove(0).scenario);
        for (which, value) in params {
            json.replace(Reclaim::params()[which].name, value.into());
        }
        let names =
            ["mib", "mib_per_s", "from_ms", "until_ms", "before", "again", "names", "names_per_s", "exist"];
        for (which, value) in fields {
            json.replace(&format!("programs[0].{}", names[which]), value.into());
        }
        if let Err(problems) = Valid::<Reclaim>::of_json(&json) {
            common::refused_field_by_field(&problems)?;
        }
    }
}
