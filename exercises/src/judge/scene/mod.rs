//! Values and conditions of an exercise, evaluated on a machine or on a recording of one.

mod evaluate;

use sim_core::{Text, decimal, text};

use super::Stop;
use crate::expression::{Condition, Given, Value};
use crate::quantity::{self, Found, Lack, Unit};
use crate::{Machine, Ran, Recording, Verdict};

/// Deepest nesting of values that is followed: more is a circle.
const DEEPEST: u32 = 40;

/// A number and what it is measured in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// The number.
    pub number: f64,
    /// Its unit; [`Unit::None`] goes with any.
    pub unit: Unit,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The machine does not say.
    Lack(Lack),
    /// Something that has no value here: a share of nothing, a thing that never happened.
    Undefined(Text),
    /// The exercise asks for what makes no sense. The linter refuses such files.
    Malformed(Text),
}

impl From<Lack> for Trouble {
    fn from(lack: Lack) -> Trouble {
        Trouble::Lack(lack)
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Stop {
        match trouble {
            Trouble::Lack(lack) => Stop::new(lack.verdict(), lack.text()),
            Trouble::Undefined(why) => Stop::new(Verdict::Inconclusive, why),
            Trouble::Malformed(why) => Stop::new(Verdict::Error, why),
        }
    }
}

/// The moments that values are about.
#[derive(Clone, Copy)]
enum Times<'a> {
    /// Now and nothing else.
    Now(&'a dyn Machine),
    /// A recording of how it was, and now.
    Since { before: &'a Recording, now: &'a dyn Machine },
    /// A recording from one frame to another, and how it went on.
    Run { recording: &'a Recording, from: usize, to: usize },
}

/// A moment of [`Times`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Now,
    Frame(usize),
}

/// Where values are evaluated.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    times: Times<'a>,
    given: &'a Given,
}

type Result<T> = std::result::Result<T, Trouble>;

impl<'a> Scene<'a> {
    /// A machine as it is.
    pub fn now(machine: &'a dyn Machine, given: &'a Given) -> Scene<'a> {
        Scene { times: Times::Now(machine), given }
    }

    /// A machine as it is, after it was as recorded.
    pub fn since(before: &'a Recording, now: &'a dyn Machine, given: &'a Given) -> Scene<'a> {
        Scene { times: Times::Since { before, now }, given }
    }

    /// A recording of a workload.
    pub fn run(recording: &'a Recording, ran: &Ran, given: &'a Given) -> Scene<'a> {
        let before = |t| recording.frames.partition_point(|frame| frame.t_ns < t);
        // The last look before the load, if there was one.
        let from = before(ran.from_ns.saturating_add(1)).saturating_sub(1);
        let to = before(ran.until_ns).saturating_sub(1).max(from);
        Scene { times: Times::Run { recording, from, to }, given }
    }

    /// The time before a workload in place of the workload, and how many times as long the workload
    /// was; nothing where there is no such time.
    pub fn before(&self) -> Option<(Scene<'a>, f64)> {
        let Times::Run { recording, from, to } = self.times else { return None };
        let t = |i: usize| recording.frames.get(i).map(|frame| frame.t_ns as f64);
        let (quiet, busy) = (t(from)? - t(0)?, t(to)? - t(from)?);
        let times = Times::Run { recording, from: 0, to: from };
        (quiet > 0.0).then_some((Scene { times, given: self.given }, busy / quiet))
    }

    /// A value, at the end of a workload or now.
    ///
    /// # Errors
    /// Why there is none.
    pub fn value(&self, value: &Value) -> Result<Amount> {
        self.eval(value, self.usual(), 0)
    }

    /// Whether a condition holds, at the end of a workload or now.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn holds(&self, condition: &Condition) -> Result<bool> {
        self.check(condition, self.usual(), 0)
    }

    /// The words a value has: of a number the number.
    ///
    /// # Errors
    /// Why there are none.
    pub fn words(&self, value: &Value) -> Result<Found> {
        match value {
            Value::Name(name) => self.found(name, self.usual()),
            other => self.value(other).map(|amount| Found::Number(amount.number)),
        }
    }

    /// A text with `{name}` filled in from the given values. What has no value stays a question mark.
    pub fn fill(&self, text: &Text) -> Text {
        self.filled(text).0
    }

    /// Those of some texts whose every `{name}` has a value, filled in.
    pub fn details(&self, texts: &[Text]) -> Vec<Text> {
        let whole = |text| match self.filled(text) {
            (text, true) => Some(text),
            _ => None,
        };
        texts.iter().filter_map(whole).collect()
    }

    /// A text filled in, and whether everything had a value.
    fn filled(&self, text: &Text) -> (Text, bool) {
        let mut whole = true;
        let mut one = |words: &str, pick: fn(&Text) -> &str| {
            let mut out = String::new();
            let mut rest = words;
            while let Some((before, after)) = rest.split_once('{') {
                out.push_str(before);
                let Some((name, after)) = after.split_once('}') else {
                    out.push('{');
                    rest = after;
                    break;
                };
                let value = Value::Name(format!("${name}"));
                whole &= self.words(&value).is_ok();
                out.push_str(pick(&self.shown(&value)));
                rest = after;
            }
            out + rest
        };
        let filled = Text { ko: one(&text.ko, |text| &text.ko).into(), en: one(&text.en, |text| &text.en).into() };
        (filled, whole)
    }

    /// A value as a reader is shown it, without its unit.
    pub fn shown(&self, value: &Value) -> Text {
        match self.words(value) {
            Ok(Found::Number(number)) => Text::verbatim(print(number)),
            Ok(Found::Word(word)) => Text::verbatim(word),
            Ok(Found::Words(words)) => Text::verbatim(listed(&words)),
            Err(_) => Text::verbatim("?"),
        }
    }

    /// The unit of a value; none where it has no value.
    pub fn unit(&self, value: &Value) -> Unit {
        self.value(value).map_or(Unit::None, |amount| amount.unit)
    }

    fn usual(&self) -> At {
        match self.times {
            Times::Now(_) | Times::Since { .. } => At::Now,
            Times::Run { to, .. } => At::Frame(to),
        }
    }

    /// The quantity or given value of a name, at a moment.
    fn found(&self, name: &str, at: At) -> Result<Found> {
        let mut name = name;
        let mut steps = 0;
        while let Some(given) = name.strip_prefix('$') {
            match self.given.get(given) {
                Some(Value::Name(other)) if steps < DEEPEST => name = other,
                Some(Value::Made(_) | Value::Number(_)) => {
                    return self.eval(&self.given[given], at, 0).map(|amount| Found::Number(amount.number));
                }
                _ => return Err(unknown(given)),
            }
            steps += 1;
        }
        self.read(name, at).map(|quantity| quantity.found)
    }

    fn read(&self, name: &str, at: At) -> Result<quantity::Quantity> {
        if let (Some(figure), Times::Run { recording, .. }) = (name.strip_prefix("reported."), self.times)
            && let Some(value) = recording.reported.figures.get(figure)
        {
            let (found, unit) = (Found::Number(*value as f64), quantity::reported_unit(figure));
            let (path, field) = ("live-probe run".to_owned(), figure.to_owned());
            return Ok(quantity::Quantity { found, unit, path, field });
        }
        self.with(at, |machine| quantity::find(name, machine))?.map_err(Trouble::from)
    }

    fn with<T>(&self, at: At, ask: impl FnOnce(&dyn Machine) -> T) -> Result<T> {
        let cut = || {
            Trouble::Undefined(Text::fixed(
                "기록이 중간에 끊겼습니다. 다시 실행하십시오.",
                "The recording is cut short. Run it again.",
            ))
        };
        match (self.times, at) {
            (Times::Now(machine) | Times::Since { now: machine, .. }, At::Now) => Ok(ask(machine)),
            (Times::Since { before: recording, .. } | Times::Run { recording, .. }, At::Frame(i)) => {
                recording.at(i).map(|machine| ask(&machine)).ok_or_else(cut)
            }
            (Times::Run { recording, .. }, At::Now) => recording.last().map(|machine| ask(&machine)).ok_or_else(cut),
            (Times::Now(_), At::Frame(_)) => Err(no_time()),
        }
    }

    /// The moment before: the first of what values compare.
    fn start(&self) -> Result<At> {
        match self.times {
            Times::Now(_) => Err(no_time()),
            Times::Since { .. } => Ok(At::Frame(0)),
            Times::Run { from, .. } => Ok(At::Frame(from)),
        }
    }

    fn after(&self) -> At {
        match self.times {
            Times::Run { recording, .. } => At::Frame(recording.frames.len().saturating_sub(1)),
            _ => At::Now,
        }
    }
}

/// A number as a reader is shown it.
pub fn print(number: f64) -> String {
    let whole = number.fract() == 0.0 || number.abs() >= 1000.0;
    let shown = decimal::fixed(number, if whole { 0 } else { 2 });
    // 1.50 is 1.5; a zero before the point stays.
    if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.').to_owned() } else { shown }
}

/// Words as a reader is shown them, not too many.
pub fn listed(words: &[String]) -> String {
    const MOST: usize = 12;
    let more = if words.len() > MOST { ", …" } else { "" };
    words.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ") + more
}

fn unknown(given: &str) -> Trouble {
    Trouble::Malformed(text!(ko: "`given`에 `{given}`이(가) 없습니다.", en: "There is no `{given}` in `given`."))
}

fn no_time() -> Trouble {
    Trouble::Malformed(Text::fixed(
        "부하나 baseline이 있어야 앞뒤를 견줄 수 있습니다.",
        "Comparing moments takes a workload or a baseline.",
    ))
}

#[cfg(test)]
mod tests {
    use sim_core::SECOND;

    use super::*;
    use crate::recording::{Content, Ended, Facts, Frame};
    use crate::{Pick, Source, Workload};

    #[test]
    fn what_a_workload_made_and_measured_is_found_in_its_recording() {
        let mut recording = recording(&[(900, 0), (890, 10), (880, 20), (700, 120)]);
        recording.reported.figures.insert("a_cpu_ms".into(), 1500);
        for (i, frame) in recording.frames.iter_mut().enumerate() {
            let text = format!("VmSize:  5000 kB\nVmRSS:  {} kB\n", i * 100);
            // Which process it is, is known only once the load has begun.
            if i > 2 {
                frame.files.insert("/proc/{task}/status".into(), Content::Text(text));
            }
            frame.files.insert("{cgroup}/memory.stat".into(), Content::Text(format!("anon {}\nfile 5\n", i * 4096)));
        }
        let given = Given::new();
        let scene = Scene::run(&recording, recording.ran.as_ref().unwrap(), &given);
        for (toml, want) in [
            ("{ seconds = \"reported.a_cpu_ms\" }", 1.5),
            ("{ peak = \"proc[{task}].VmRSS\" }", 300.0),
            ("{ lowest = \"proc[{task}].VmRSS\" }", 300.0),
            ("{ delta = \"fields[{cgroup}/memory.stat].anon\" }", 4096.0),
        ] {
            assert_eq!(scene.value(&value(toml)).unwrap().number, want, "{toml}");
        }
        let said = Stop::from(scene.value(&value("\"reported.none\"")).unwrap_err()).reason;
        assert!(said.en.contains("only a recording of one has it"), "{}", said.en);
    }

    /// A recording with a free and a used figure at each second; the load runs from 2 to 6 s.
    fn recording(figures: &[(u64, u64)]) -> Recording {
        let mut recording = Recording::new(Source::Live, Facts::default());
        for (i, (free, faults)) in figures.iter().enumerate() {
            let text = |text: String| Content::Text(text);
            let files = [
                ("/proc/meminfo".to_owned(), text(format!("MemTotal: 1000 kB\nMemFree: {free} kB\n"))),
                ("/proc/vmstat".to_owned(), text(format!("pgfault {faults}\nnr_dirty 3\n"))),
            ];
            recording.frames.push(Frame { t_ns: i as u64 * SECOND, avenrun: None, files: files.into() });
        }
        let workload =
            Workload { seconds: 4, before_s: 2, after_s: 2, pick: Pick::All, loads: Vec::new(), records: Vec::new() };
        let (from_ns, until_ns) = (2 * SECOND, 6 * SECOND);
        recording.ran = Some(Ran { workload, picked: None, from_ns, until_ns, ended: Ended::AsPlanned });
        recording
    }

    fn value(toml: &str) -> Value {
        #[derive(serde::Deserialize)]
        struct Holder {
            v: Value,
        }
        toml::from_str::<Holder>(&format!("v = {toml}")).unwrap_or_else(|error| panic!("{toml}: {error}")).v
    }

    #[test]
    fn values_are_computed_over_a_run() {
        let recording =
            recording(&[(900, 0), (890, 10), (880, 20), (700, 120), (500, 220), (600, 320), (650, 330), (880, 330)]);
        let given =
            Given::from([("used".to_owned(), value("{ difference = [\"meminfo.MemTotal\", \"meminfo.MemFree\"] }"))]);
        let scene = Scene::run(&recording, recording.ran.as_ref().unwrap(), &given);
        for (toml, want) in [
            ("5", Ok(5.0)),
            ("\"meminfo.MemFree\"", Ok(600.0)),
            ("\"$used\"", Ok(400.0)),
            ("{ start = \"$used\" }", Ok(120.0)),
            ("{ after = \"meminfo.MemFree\" }", Ok(880.0)),
            ("{ delta = \"meminfo.MemFree\" }", Ok(-280.0)),
            ("{ size = { delta-after = \"meminfo.MemFree\" } }", Ok(0.0)),
            ("{ rate = \"vmstat.pgfault\" }", Ok(100.0)),
            ("{ peak = \"$used\" }", Ok(500.0)),
            ("{ lowest = \"meminfo.MemFree\" }", Ok(500.0)),
            ("{ typical = \"meminfo.MemFree\" }", Ok(600.0)),
            ("{ percent = [\"$used\", \"meminfo.MemTotal\"] }", Ok(40.0)),
            ("{ mib = { product = [1024, \"meminfo.MemFree\"] } }", Ok(600.0)),
            ("{ pages = \"meminfo.MemFree\" }", Ok(150.0)),
            ("{ kb = \"vmstat.nr_dirty\" }", Ok(12.0)),
            ("{ seconds-until = { less = [\"meminfo.MemFree\", 600] } }", Ok(2.0)),
            (
                "{ seconds-after-until = { at-least = [\"meminfo.MemFree\", { start = \"meminfo.MemFree\" }] } }",
                Ok(1.0),
            ),
            ("{ seconds-until = { less = [\"meminfo.MemFree\", 6] } }", Err("had not come to that")),
            (
                "{ sum = [{ one = { more = [\"$used\", 1] } }, { one = { none = [{ present = \"meminfo.None\" }] } }] }",
                Ok(2.0),
            ),
            ("{ quotient = [1, { delta = \"meminfo.MemTotal\" }] }", Err("nothing happened")),
            ("{ sum = [\"meminfo.MemFree\", \"vmstat.nr_dirty\"] }", Err("different units")),
            ("{ seconds = \"meminfo.MemFree\" }", Err("cannot be converted")),
            ("\"$none\"", Err("no `none` in `given`")),
            ("\"meminfo.Gone\"", Err("has no `Gone`")),
            ("{ sum = [] }", Err("empty")),
        ] {
            let got = scene.value(&value(toml)).map(|amount| amount.number);
            match (got, want) {
                (Ok(got), Ok(want)) => assert!((got - want).abs() < 1e-9, "{toml}: {got}"),
                (Err(trouble), Err(words)) => {
                    let said = Stop::from(trouble).reason;
                    assert!(said.en.contains(words), "{toml}: {}", said.en);
                }
                (got, want) => panic!("{toml}: {got:?}, not {want:?}"),
            }
        }
        let (quiet, longer) = scene.before().unwrap();
        assert_eq!((quiet.value(&value("{ delta = \"vmstat.pgfault\" }")).unwrap().number, longer), (20.0, 1.5));
    }

    #[test]
    fn values_of_one_moment_and_circles_are_refused() {
        let recording = recording(&[(900, 0)]);
        let machine = recording.last().unwrap();
        let given = Given::from([("a".to_owned(), value("\"$b\"")), ("b".to_owned(), value("{ sum = [\"$a\", 1] }"))]);
        let scene = Scene::now(&machine, &given);
        for (toml, words) in [
            ("{ delta = \"meminfo.MemFree\" }", "takes a workload or a baseline"),
            ("{ peak = \"meminfo.MemFree\" }", "takes a workload or a baseline"),
            ("\"$a\"", "circle"),
        ] {
            let said = Stop::from(scene.value(&value(toml)).unwrap_err()).reason;
            assert!(said.en.contains(words), "{toml}: {}", said.en);
        }
        let before = recording.clone();
        let since = Scene::since(&before, &machine, &given);
        assert_eq!(since.value(&value("{ delta = \"meminfo.MemFree\" }")).unwrap().number, 0.0);
    }

    #[test]
    fn texts_are_filled_and_numbers_are_plain() {
        let recording = recording(&[(900, 0)]);
        let machine = recording.last().unwrap();
        let given = Given::from([
            ("free".to_owned(), value("\"meminfo.MemFree\"")),
            ("third".to_owned(), value("{ quotient = [1, 3] }")),
        ]);
        let text = Scene::now(&machine, &given).fill(&Text::fixed("{free}와 {third}", "{free}, {third} {none} {"));
        assert_eq!((text.ko.as_ref(), text.en.as_ref()), ("900와 0.33", "900, 0.33 ? {"));
        for (number, want) in [(5.0, "5"), (0.5, "0.5"), (12345.678, "12346"), (-1.25, "-1.25"), (0.001, "0")] {
            assert_eq!(print(number), want);
        }
    }
}
