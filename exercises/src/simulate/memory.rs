//! A machine whose memory a workload uses.

use sim_core::memory_map::MemoryMap;
use sim_core::reclaim::{Kind, Program, Scenario};
use sim_core::{KernelVersion, Model, Nanos, SECOND, Valid};

use super::{Host, refused};
use crate::recording::{Content, Frame};
use crate::{Load, Recording, Workload};

/// Memory of the machine, and what is in use of it before anything runs, MiB.
const MEMORY: i64 = 4096;
const KERNEL: i64 = 160;
const PROGRAMS: i64 = 640;
const CACHE: i64 = 900;
/// Speed of reading a file, from its disk and from the cache, MiB/s.
const READING: i64 = 512;

/// Whether it is modelled what a load does to memory.
pub(crate) fn is_modelled(load: &Load) -> bool {
    program(*load, 0, 0).is_some()
}

/// Records the machine once a second.
///
/// # Errors
/// Why there is no such machine.
pub(super) fn record(host: &Host, workload: &Workload, recording: &mut Recording) -> Result<(), sim_core::Text> {
    let from = i64::from(workload.before_s) * 1000;
    let until = from + i64::from(workload.seconds) * 1000;
    let end = i64::from(workload.total_s()) * 1000;
    let mut programs = vec![
        Program::new(Kind::Heap, PROGRAMS, 100, end, end).before(1),
        Program::new(Kind::File, CACHE, 100, end, end).before(2),
    ];
    programs.extend(workload.loads.iter().filter_map(|load| program(*load, from, until)));
    let scenario = Scenario {
        kernel: host.kernel.parse().unwrap_or(KernelVersion::new(0, 0, 0)),
        mem_mib: MEMORY,
        kernel_mib: KERNEL,
        disk_mib_s: READING,
        duration_ms: end,
        programs,
        ..Scenario::default()
    };
    let mut model = MemoryMap::start(&Valid::new(scenario).map_err(|problems| refused(&problems))?);
    for t in (0..=Nanos::from(workload.total_s())).map(|s| s * SECOND) {
        model.advance_to(t);
        let files = model.files().into_iter().map(|(path, text)| (path.into_owned(), Content::Text(text))).collect();
        recording.frames.push(Frame { t_ns: t, avenrun: None, files });
    }
    Ok(())
}

/// A load as a program of the model.
fn program(load: Load, from: i64, until: i64) -> Option<Program> {
    let own = |kind, mib: u32, mib_per_s: u32| Program::new(kind, mib.into(), mib_per_s.into(), from, until);
    Some(match load {
        // Twice in a row.
        Load::CacheReader { mib, read_after_s } => {
            let (mib, begins) = (i64::from(mib), (from + i64::from(read_after_s) * 1000).min(until));
            let ends = (begins + 2000 * mib / READING).min(until);
            Program::new(Kind::File, mib, READING, begins, ends).over_and_over()
        }
        Load::HeapLeak { mib, mib_per_s } => own(Kind::Heap, mib, mib_per_s),
        Load::SharedMemory { mib, mib_per_s } => own(Kind::Shmem, mib, mib_per_s),
        Load::NegativeDentries { count, per_s } => Program::lookups(count.into(), per_s.into(), from, until),
        Load::FileDentries { count, per_s } => {
            Program { exist: 1, ..Program::lookups(count.into(), per_s.into(), from, until) }
        }
        _ => return None,
    })
}
