//! The last looks at some figures.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use exercises::{Machine, ReadError};

use super::figures::{Figure, Kind};

/// Most looks that are kept: enough for the widest terminal.
const LONGEST: usize = 400;

/// What a figure was over time.
#[derive(Debug)]
pub struct Series {
    /// Which figure.
    pub figure: &'static Figure,
    /// Values, the newest last; a look that gave none is left out.
    pub values: VecDeque<f64>,
    /// Why there is none now.
    pub error: Option<ReadError>,
    before: Option<(Instant, f64, f64)>,
}

/// All figures of a chapter.
#[derive(Debug)]
pub struct History {
    /// One for each figure.
    pub series: Vec<Series>,
}

impl History {
    /// Without a look yet.
    pub fn new(figures: impl IntoIterator<Item = &'static Figure>) -> History {
        let series = |figure| Series { figure, values: VecDeque::new(), error: None, before: None };
        History { series: figures.into_iter().map(series).collect() }
    }

    /// The files that a look reads, each once.
    pub fn paths(&self) -> Vec<&'static str> {
        let mut paths: Vec<_> = self.series.iter().map(|series| series.figure.path).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Reads every file once.
    pub fn look(&mut self, machine: &dyn Machine) {
        let paths = self.paths();
        let at = Instant::now();
        let files = machine.read_all(&paths);
        // Several figures are in one file: it is taken apart once.
        let lines = files.iter().map(|read| read.as_ref().map(|text| text.lines().collect()).map_err(Clone::clone));
        let lines: BTreeMap<_, Result<Vec<&str>, _>> = paths.into_iter().zip(lines).collect();
        for series in &mut self.series {
            series.take(at, &lines[series.figure.path]);
        }
    }
}

impl Series {
    fn take(&mut self, at: Instant, read: &Result<Vec<&str>, ReadError>) {
        let found = match read {
            Ok(lines) => self.figure.at.read(lines).ok_or(ReadError::NotFound),
            Err(error) => Err(error.clone()),
        };
        let (now, of) = match found {
            Ok(found) => found,
            Err(error) => {
                (self.error, self.before) = (Some(error), None);
                return;
            }
        };
        self.error = None;
        let value = match (self.figure.kind, self.before) {
            (Kind::Level, _) => Some(now),
            (_, None) => None,
            (Kind::Rate, Some((then, before, _))) => {
                let seconds = at.saturating_duration_since(then).as_secs_f64();
                // A counter that went back began anew.
                (seconds > 0.0 && now >= before).then(|| (now - before) / seconds)
            }
            (Kind::Share, Some((_, before, of_before))) => {
                (of > of_before).then(|| ((now - before) / (of - of_before) * 100.0).clamp(0.0, 100.0))
            }
        };
        self.before = Some((at, now, of));
        if let Some(value) = value {
            if self.values.len() == LONGEST {
                self.values.pop_front();
            }
            self.values.push_back(value);
        }
    }

    /// The newest value, as it is shown: whole numbers without a point, others with two digits.
    pub fn shown(&self) -> Option<String> {
        let value = *self.values.back()?;
        let whole = value.fract() == 0.0 || value >= 1000.0;
        Some(if whole { grouped(value) } else { format!("{value:.2}") })
    }
}

/// Digits in threes.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::top::figures::of_chapter;

    #[test]
    fn rates_and_shares_come_from_two_looks() {
        let mut history = History::new(of_chapter("1").unwrap().1);
        let start = Instant::now();
        let stat = |n: u32| format!("cpu  {} 0 0 {} 0 0 0 0\nintr {n} 5\nctxt {n}\n", 100 + n, 900 + n);
        let [zero, ten, hundred] = [0, 10, 100].map(stat);
        let [zero, ten, hundred] = [&zero, &ten, &hundred].map(|text| Ok(text.lines().collect()));
        for series in history.series.iter_mut().filter(|series| series.figure.path == "/proc/stat") {
            series.take(start, &zero);
            assert_eq!((series.values.len(), series.error.is_none()), (0, true));
            series.take(start + Duration::from_secs(2), &hundred);
            assert_eq!(series.values, [50.0], "{}", series.figure.at.field());
            series.take(start + Duration::from_secs(3), &ten);
            assert_eq!(series.values.len(), 1, "a counter that went back says nothing");
            series.take(start + Duration::from_secs(4), &Err(ReadError::NotFound));
            assert!(series.error.is_some());
        }
    }

    #[test]
    fn numbers_are_shown_as_a_person_reads_them() {
        for (value, shown) in
            [(0.0, "0"), (0.5, "0.50"), (999.25, "999.25"), (1234.5, "1,234"), (1_234_567.0, "1,234,567"), (12.0, "12")]
        {
            let figure = &of_chapter("3").unwrap().1[0];
            let series = Series { figure, values: VecDeque::from([value]), error: None, before: None };
            assert_eq!(series.shown().as_deref(), Some(shown));
        }
    }
}
