//! A recorded machine with any one of its files replaced: every exercise that reads it is judged, and a
//! verdict has words in both languages. The first two bytes choose the file, the third what is done to it.
#![no_main]

use std::sync::LazyLock;

use exercises::{Evidence, Exercise, Machine, ReadError, Source, catalogue, judge, machines};
use libfuzzer_sys::fuzz_target;

/// Each file of each machine.
static FILES: LazyLock<Vec<(usize, String, String)>> = LazyLock::new(|| {
    let each = machines().iter().enumerate().flat_map(|(i, machine)| {
        let frame = &machine.recording.frames[0];
        frame.files.iter().filter_map(move |(path, content)| match content {
            exercises::Content::Text(text) => Some((i, path.to_string(), text.to_string())),
            exercises::Content::Error(_) => None,
        })
    });
    each.collect()
});

struct Damaged<'a> {
    rest: &'a dyn Machine,
    path: &'a str,
    text: &'a str,
}

impl Machine for Damaged<'_> {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        if path == self.path { Ok(self.text.to_owned()) } else { self.rest.read(path) }
    }
    fn source(&self) -> Source {
        self.rest.source()
    }
    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        self.rest.list(folder)
    }
}

fuzz_target!(|data: &[u8]| {
    let &[high, low, how, ref text @ ..] = data else { return };
    let text = String::from_utf8_lossy(text);
    let (i, path, whole) = &FILES[usize::from(u16::from_be_bytes([high, low])) % FILES.len()];
    let mut cut = whole.len() * usize::from(how) / 256;
    while !whole.is_char_boundary(cut) {
        cut -= 1;
    }
    // Replaced, or put into what was there.
    let text = if how == 0 { text.into_owned() } else { format!("{}{text}{}", &whole[..cut], &whole[cut..]) };
    let at = machines()[*i].recording.at(0).expect("a recorded machine has a moment");
    let machine = Damaged { rest: &at, path, text: &text };
    let touched = |exercise: &&Exercise| exercise.reads().contains(path);
    for exercise in catalogue().iter().filter(touched) {
        let judgement = judge(exercise, &Evidence { prediction: Some("1"), now: &machine, run: None });
        assert!(!judgement.reason.ko.is_empty() && !judgement.reason.en.is_empty(), "{}", exercise.id);
    }
    let _ = exercises::here::look(&machine);
});
