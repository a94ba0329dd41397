//! Curves of a chart that are metrics, and the same curves of a pinned run, of the reader's machine
//! and of a prediction.

use sim_core::{Nanos, Text, Track};

use crate::chart::{Chart, Mark, Points, Series, Shape};
use crate::style::Pen;

/// Whose curves a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The run the widget is at.
    Run,
    /// The run that was pinned to compare with.
    Pinned,
    /// The reader's machine.
    Live,
}

/// A curve that is a metric. Each name comes twice: where there is room, and on a phone.
#[derive(Clone, Debug)]
pub struct Line {
    /// Index into the model's list of metrics; all lines of a chart have the chart's scale.
    pub metric: usize,
    /// Which of the pens of a series, from 0.
    pub pen: u8,
    /// What it is called.
    pub run: (Text, Text),
    /// What it is called when it is the pinned run's.
    pub pinned: (Text, Text),
    /// What it is called when it is the reader's machine's.
    pub live: (Text, Text),
}

/// The series of a run, a pinned run or a machine: `curves` has one a metric; those that are missing
/// or empty are left out.
pub fn lines(whose: Whose, lines: &[Line], curves: &[Points]) -> Vec<Series> {
    // A pinned run that has no such thing draws no line along zero, unless all of it is at rest.
    let still = |points: &Points| points.iter().all(|point| point.1 == 0);
    let at_rest = lines.iter().filter_map(|line| curves.get(line.metric)).all(still);
    let drawn = |points: &&Points| !points.is_empty() && (whose != Whose::Pinned || at_rest || !still(points));
    let series = |line: &Line| {
        let points = curves.get(line.metric).filter(drawn)?.clone();
        let ((name, short), pen) = match whose {
            Whose::Run => (&line.run, Pen::Series(line.pen)),
            Whose::Pinned => (&line.pinned, Pen::Pinned(line.pen)),
            Whose::Live => (&line.live, Pen::Live(line.pen)),
        };
        let shape = if whose == Whose::Live { Shape::Line } else { Shape::Steps };
        Some(Series { pen, name: name.clone(), short: short.clone(), points, shape, now: None })
    };
    lines.iter().filter_map(series).collect()
}

/// What happened in a run, where it has a name; of the same name within `apart` only the first is marked.
pub(crate) fn marks(track: &Track, named: &[(&str, Text)], apart: Nanos) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for moment in track.between(0, track.ends) {
        let Some((_, label)) = named.iter().find(|(kind, _)| *kind == moment.kind) else { continue };
        let known = marks.iter().rfind(|mark| mark.label == *label);
        if known.is_none_or(|mark| moment.t - mark.at > apart) {
            marks.push(Mark { at: moment.t, label: label.clone() });
        }
    }
    marks
}

/// What the reader drew or typed, in the chart's integers.
pub fn prediction(points: Points) -> Series {
    let (name, short) = (Text::fixed("내 예측", "my prediction"), Text::fixed("예측", "guess"));
    Series { pen: Pen::Prediction, name, short, points, shape: Shape::Line, now: None }
}

/// Takes the values at the cursor from the state's metrics.
pub(crate) fn read_from(chart: &mut Chart, lines: &[Line], metrics: &[i64]) {
    for series in &mut chart.series {
        let line = lines.iter().find(|line| series.pen == Pen::Series(line.pen));
        series.now = line.and_then(|line| metrics.get(line.metric).copied());
    }
}
