//! Any text is a recording, or is refused in both languages; one that is taken can be judged by.
#![no_main]

use exercises::{Evidence, Recording, catalogue, judge};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Recording::from_json(text) {
        Err(error) => assert!(!error.0.ko.is_empty() && !error.0.en.is_empty()),
        Ok(recording) => {
            let Some(last) = recording.last() else { return };
            for exercise in catalogue().iter().filter(|exercise| exercise.workload.is_some()) {
                let evidence = Evidence { prediction: Some("1"), now: &last, run: Some(&recording) };
                assert!(!judge(exercise, &evidence).reason.ko.is_empty(), "{}", exercise.id);
            }
        }
    }
});
