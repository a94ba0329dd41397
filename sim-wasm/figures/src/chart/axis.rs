//! The two axes, mapped with integers.

use std::ops::Range;

/// Maps a value of `from..until` onto `start..end`, cut off at both ends.
pub fn map(value: i64, range: &Range<i64>, (start, end): (i32, i32)) -> i32 {
    let span = range.end.abs_diff(range.start).max(1);
    let along = value.clamp(range.start, range.end.max(range.start)).abs_diff(range.start);
    let room = end.abs_diff(start);
    // Half up in both directions, so that a mirrored axis gives the mirrored pixel. A chart has
    // thousands of points: 128 bits only where the product needs them.
    let moved = match (along.checked_mul(2 * u64::from(room)), span.checked_mul(2)) {
        (Some(product), Some(double)) if product <= u64::MAX - span => ((product + span) / double) as i32,
        _ => {
            let (along, span) = (u128::from(along), u128::from(span));
            ((along * u128::from(room) * 2 + span) / (span * 2)) as i32
        }
    };
    if end < start { start - moved } else { start + moved }
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
        // Where 64 bits do not hold the product.
        let range = 0..i64::MAX;
        for (value, pixel) in [(0, 100), (i64::MAX / 2, 600), (i64::MAX, 1100)] {
            assert_eq!(map(value, &range, (100, 1100)), pixel);
        }
    }
}
