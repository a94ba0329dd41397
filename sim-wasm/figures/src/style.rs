//! Pens and sizes: the words that `figures.css` knows.

/// Font size of figures, pixels; `.fig` in the style sheet says the same.
pub const FONT: i32 = 13;
/// Font size of small print, pixels; `.f-sm`.
pub const SMALL: i32 = 12;
/// Font size of the one number that matters, pixels; `.f-big`.
pub const BIG: i32 = 18;

/// What a line is drawn with. Each pen has a colour, a dash and a marker of its own, so that no
/// two are told apart by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pen {
    /// Lines of the grid.
    Grid,
    /// The axes.
    Axis,
    /// One of six series of a run, counted from 0.
    Series(u8),
    /// The same series of the pinned run it is compared with.
    Pinned(u8),
    /// The same series measured on the reader's machine.
    Live(u8),
    /// What the reader predicted.
    Prediction,
    /// What really went on: an area behind the lines.
    Truth,
}

/// How many series a chart tells apart.
pub const SERIES: u8 = 6;

const SERIES_CLASS: [&str; 6] = ["f-s1", "f-s2", "f-s3", "f-s4", "f-s5", "f-s6"];
const PINNED_CLASS: [&str; 6] = ["f-s1 f-pin", "f-s2 f-pin", "f-s3 f-pin", "f-s4 f-pin", "f-s5 f-pin", "f-s6 f-pin"];
const LIVE_CLASS: [&str; 6] =
    ["f-s1 f-live", "f-s2 f-live", "f-s3 f-live", "f-s4 f-live", "f-s5 f-live", "f-s6 f-live"];
const SERIES_FILL: [&str; 6] = ["f-f1", "f-f2", "f-f3", "f-f4", "f-f5", "f-f6"];

impl Pen {
    /// Its class in the style sheet, as a line.
    pub fn class(self) -> &'static str {
        let of = |list: [&'static str; 6], n: u8| list[usize::from(n % SERIES)];
        match self {
            Pen::Grid => "f-grid",
            Pen::Axis => "f-axis",
            Pen::Prediction => "f-pred",
            Pen::Truth => "f-truth",
            Pen::Series(n) => of(SERIES_CLASS, n),
            Pen::Pinned(n) => of(PINNED_CLASS, n),
            Pen::Live(n) => of(LIVE_CLASS, n),
        }
    }

    /// Its class as a filled shape: markers, areas.
    pub fn fill_class(self) -> &'static str {
        match self {
            Pen::Grid => "f-gridfill",
            Pen::Axis => "f-ink",
            Pen::Prediction => "f-predfill",
            Pen::Truth => "f-truth",
            Pen::Series(n) | Pen::Pinned(n) | Pen::Live(n) => SERIES_FILL[usize::from(n % SERIES)],
        }
    }

    /// Which of the marker shapes it has.
    pub(crate) fn marker(self) -> u8 {
        match self {
            Pen::Series(n) | Pen::Pinned(n) | Pen::Live(n) => n % SERIES,
            Pen::Prediction => 3,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pens_are_drawn_alike() {
        let mut pens = vec![Pen::Grid, Pen::Axis, Pen::Prediction, Pen::Truth];
        for n in 0..SERIES {
            pens.extend([Pen::Series(n), Pen::Pinned(n), Pen::Live(n)]);
        }
        let classes: std::collections::BTreeSet<_> = pens.iter().map(|pen| pen.class()).collect();
        assert_eq!(classes.len(), pens.len());
        assert_eq!(Pen::Series(SERIES + 1).class(), Pen::Series(1).class());
    }
}
