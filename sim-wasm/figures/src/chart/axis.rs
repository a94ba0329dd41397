//! The two axes as plotters asks for them, mapped with integers.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged};

/// An axis from one integer to another, with its round numbers.
#[derive(Clone, Debug)]
pub struct Axis {
    /// First and last value.
    pub range: Range<i64>,
    /// Where the grid lines are.
    pub ticks: Vec<i64>,
}

/// Maps a value of `from..until` onto `start..end`, cut off at both ends.
pub fn map(value: i64, range: &Range<i64>, (start, end): (i32, i32)) -> i32 {
    let span = i128::from(range.end - range.start).max(1);
    let along = i128::from(value.clamp(range.start, range.end.max(range.start)) - range.start);
    let room = i128::from(end - start);
    // Half up in both directions, so that a mirrored axis gives the mirrored pixel.
    let doubled = along * room.abs() * 2 + span;
    let moved = (doubled / (span * 2)) as i32;
    if room < 0 { start - moved } else { start + moved }
}

/// The value at a pixel: the inverse of [`map`], cut off at both ends.
pub fn unmap(pixel: i32, range: &Range<i64>, (start, end): (i32, i32)) -> i64 {
    let room = i128::from(end - start);
    if room == 0 {
        return range.start;
    }
    let span = i128::from(range.end - range.start);
    let value = i128::from(range.start) + i128::from(pixel - start) * span / room;
    (value as i64).clamp(range.start, range.end)
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = i64;

    fn map(&self, value: &i64, limit: (i32, i32)) -> i32 {
        map(*value, &self.range, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<i64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<i64> {
        self.range.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_values_answer_each_other() {
        let range = 0..2000;
        for (value, pixel) in [(0, 100), (1000, 600), (2000, 1100), (-5, 100), (9999, 1100)] {
            assert_eq!(map(value, &range, (100, 1100)), pixel);
        }
        for (value, pixel) in [(0, 1100), (1000, 600), (2000, 100)] {
            assert_eq!(map(value, &range, (1100, 100)), pixel);
            assert_eq!(unmap(pixel, &range, (1100, 100)), value);
        }
        assert_eq!(unmap(50, &(7..7), (10, 10)), 7);
    }
}
