//! Fewer points where they fall on the same pixels: first, lowest, highest and last of each
//! half-pixel column are what an eye can see.

/// Keeps of points sorted by `x` what a drawing needs.
pub fn thin(points: &[(i32, i32)], column: i32) -> Vec<(i32, i32)> {
    let mut out: Vec<(i32, i32)> = Vec::with_capacity(points.len().min(4096));
    for group in points.chunk_by(|a, b| a.0.div_euclid(column) == b.0.div_euclid(column)) {
        let Some((first, rest)) = group.split_first() else { continue };
        let Some((last, _)) = rest.split_last() else {
            out.push(*first);
            continue;
        };
        let position = |keep: fn(i32, i32) -> bool| {
            group.iter().enumerate().fold(0, |best, (i, p)| if keep(p.1, group[best].1) { i } else { best })
        };
        let (low, high) = (position(|a, b| a > b), position(|a, b| a < b));
        for point in [first, &group[low.min(high)], &group[low.max(high)], last] {
            if out.last() != Some(point) {
                out.push(*point);
            }
        }
    }
    straighten(out)
}

/// Drops the middle of three points on one horizontal or vertical line.
pub(crate) fn straighten(points: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    let between = |a: i32, b: i32, c: i32| (a <= b && b <= c) || (a >= b && b >= c);
    let mut out: Vec<(i32, i32)> = Vec::with_capacity(points.len());
    for point in points {
        if let [.., before, middle] = out[..] {
            let level = before.1 == middle.1 && middle.1 == point.1 && between(before.0, middle.0, point.0);
            let upright = before.0 == middle.0 && middle.0 == point.0 && between(before.1, middle.1, point.1);
            if level || upright {
                out.pop();
            }
        }
        out.push(point);
    }
    out
}

/// The corners of a curve that keeps each value until the next.
pub fn steps(points: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let mut out = Vec::with_capacity(points.len() * 2);
    for (i, &(x, y)) in points.iter().enumerate() {
        if i > 0 && points[i - 1].1 != y {
            out.push((x, points[i - 1].1));
        }
        out.push((x, y));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_eye_can_see_is_kept() {
        let crowd: Vec<_> = (0..100).map(|i| (i / 10, if i == 44 { 900 } else { 100 + i % 3 })).collect();
        let kept = thin(&crowd, 5);
        assert!(kept.len() <= 8, "{kept:?}");
        assert!(kept.contains(&(4, 900)));
        assert_eq!((kept[0], *kept.last().expect("some")), (crowd[0], crowd[99]));
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = [(0, 5), (100, 7), (200, 3)];
        assert_eq!(thin(&points, 5), points);
        assert_eq!(thin(&[], 5), []);
    }

    #[test]
    fn straight_stretches_need_two_points() {
        assert_eq!(thin(&[(0, 5), (100, 5), (200, 5), (300, 9)], 5), [(0, 5), (200, 5), (300, 9)]);
    }

    #[test]
    fn a_step_holds_its_value() {
        assert_eq!(steps(&[(0, 5), (10, 5), (20, 9)]), [(0, 5), (10, 5), (20, 5), (20, 9)]);
    }
}
