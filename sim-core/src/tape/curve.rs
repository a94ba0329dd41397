//! Numbers over time, in bounded room.

use std::rc::Rc;

use crate::Nanos;

/// One number over time: the moments at which it changed, with its value from then on.
pub type Curve = Rc<[(Nanos, i64)]>;

/// Most points of a curve: more than a screen has columns, in any case.
pub const MAX_POINTS: usize = 4096;

/// Curves being drawn, one a metric. Each keeps only the points where its value changed; where
/// they become too many, the first, lowest, highest and last of each stretch of time remain, and
/// the stretches double in length as often as it takes. What an eye can see of a curve stays.
#[derive(Debug)]
pub(super) struct Curves(Vec<Growing>);

#[derive(Debug, Default)]
struct Growing {
    points: Vec<(Nanos, i64)>,
    /// Length of the stretches; 0 while every point is kept.
    stretch: Nanos,
}

impl Curves {
    pub fn new(count: usize) -> Curves {
        Curves((0..count).map(|_| Growing::default()).collect())
    }

    pub fn push(&mut self, t: Nanos, values: &[i64]) {
        for (curve, &value) in self.0.iter_mut().zip(values) {
            match curve.points.last_mut() {
                Some(last) if last.1 == value => {}
                // Of several things at one instant, the last counts.
                Some(last) if last.0 == t => last.1 = value,
                _ => curve.points.push((t, value)),
            }
            if curve.points.len() > MAX_POINTS {
                curve.thin();
            }
        }
    }

    /// Whether no point was left out.
    pub fn exact(&self) -> bool {
        self.0.iter().all(|curve| curve.stretch == 0)
    }

    pub fn finish(self) -> Vec<Curve> {
        self.0.into_iter().map(|curve| curve.points.into()).collect()
    }
}

impl Growing {
    fn thin(&mut self) {
        let length = self.points.last().map_or(0, |last| last.0);
        self.stretch = self.stretch.max(length / MAX_POINTS as Nanos + 1);
        self.points = thinned(&self.points, self.stretch);
        while self.points.len() > MAX_POINTS / 2 {
            self.stretch = self.stretch.saturating_mul(2);
            self.points = thinned(&self.points, self.stretch);
        }
    }
}

/// The first, lowest, highest and last point of each stretch.
fn thinned(points: &[(Nanos, i64)], stretch: Nanos) -> Vec<(Nanos, i64)> {
    let mut kept = Vec::with_capacity(MAX_POINTS / 2);
    for group in points.chunk_by(|a, b| a.0 / stretch == b.0 / stretch) {
        let last = group.len() - 1;
        let (mut low, mut high) = (0, 0);
        for (i, point) in group.iter().enumerate() {
            low = if point.1 < group[low].1 { i } else { low };
            high = if point.1 > group[high].1 { i } else { high };
        }
        let mut before = None;
        for i in [0, low.min(high), low.max(high), last] {
            if before != Some(i) {
                kept.push(group[i]);
            }
            before = Some(i);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_points_stay_as_they_are_and_only_changes_are_kept() {
        let mut curves = Curves::new(2);
        for (t, values) in [(0, [0, 7]), (5, [1, 7]), (5, [2, 7]), (9, [2, 8])] {
            curves.push(t, &values);
        }
        assert!(curves.exact());
        let curves: Vec<Vec<_>> = curves.finish().iter().map(|curve| curve.to_vec()).collect();
        assert_eq!(curves, [vec![(0, 0), (5, 2)], vec![(0, 7), (9, 8)]]);
    }

    #[test]
    fn a_million_points_become_a_few_thousand_and_no_peak_is_lost() {
        let mut curves = Curves::new(1);
        for t in 0..1_000_000_u64 {
            let value = if t == 123_457 { 5000 } else { (t % 100) as i64 };
            curves.push(t * 1000, &[value]);
        }
        assert!(!curves.exact());
        let curve = &curves.finish()[0];
        assert!((512..=MAX_POINTS).contains(&curve.len()), "{}", curve.len());
        assert!(curve.contains(&(123_457_000, 5000)));
        assert!(curve.is_sorted_by_key(|point| point.0));
        assert_eq!((curve[0], *curve.last().unwrap()), ((0, 0), (999_999_000, 99)));
    }
}
