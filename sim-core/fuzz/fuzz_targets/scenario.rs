//! Any text is a scenario or a token of any model, or is refused with problems that have words in both
//! languages. What is accepted starts, and goes on for a few steps.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sim_core::{Json, Log, catalogue};

fuzz_target!(|data: &[u8]| {
    let Some((which, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let entry = &catalogue()[usize::from(*which) % catalogue().len()];
    if let Err(error) = (entry.start_token)(text) {
        assert!(!error.text().ko.is_empty() && !error.text().en.is_empty());
    }
    let Ok(json) = Json::parse(text) else { return };
    match (entry.start)(&json) {
        Err(problems) => assert!(problems.iter().all(|problem| !problem.text().ko.is_empty())),
        Ok(mut state) => {
            let (mut log, ends) = (Log::telling(), state.ends());
            for _ in 0..64 {
                let before = state.now();
                if !state.advance(ends, &mut log) {
                    break;
                }
                assert!(before <= state.now() && state.now() <= ends);
                log.clear();
            }
            assert_eq!(state.metrics().len(), (entry.metrics)().len());
            let _ = state.files();
        }
    }
});
