//! Whether a load can be run here, found out by trying.

use std::time::{Duration, Instant};

use exercises::Load;
use sim_core::Text;
use tempfile::TempDir;

use super::plan::Plan;
use super::runner::{Refused, Supervised};
use super::supervisor::Report;

/// How long a trial may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Makes ready and takes away again what the loads of a plan need, if it is anything that a machine
/// may lack.
///
/// # Errors
/// What it lacks.
pub fn all(plan: &Plan, directory: &TempDir) -> Result<(), Refused> {
    if plan.workload.before_s == 0 || !plan.loads().iter().any(|(load, _)| may_be_refused(*load)) {
        // The load itself will say so, and nobody has waited.
        return Ok(());
    }
    let wrong = |why: String| Refused::Wrong(Text::verbatim(why));
    let mut supervised = Supervised::start(plan, 0, directory.path()).map_err(|error| wrong(error.to_string()))?;
    let end = Instant::now() + PATIENCE;
    while let Some(report) = supervised.report() {
        match report {
            Report::Started { .. } if Instant::now() < end => {}
            Report::Started { .. } | Report::Stopped => break,
            Report::Done { .. } => return Ok(()),
            Report::Cannot { why } => return Err(Refused::Cannot(why)),
            Report::Failed { why } => return Err(wrong(why)),
        }
    }
    Err(wrong("the trial did not end".to_owned()))
}

/// Whether a machine may lack what a load needs.
fn may_be_refused(load: Load) -> bool {
    !matches!(
        load,
        Load::BusyLoops { .. }
            | Load::VforkParents { .. }
            | Load::PeriodicSleeper { .. }
            | Load::Zombies { .. }
            | Load::Orphans { .. }
            | Load::DescriptorLeak { .. }
            | Load::TimeWaits { .. }
            | Load::KeepaliveHolder { .. }
    )
}
