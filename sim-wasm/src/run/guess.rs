//! A curve the reader draws before seeing the real one.

use sim_core::Nanos;

/// How many places of the time axis can be drawn on.
const PLACES: usize = 60;

/// A drawn curve over the whole run: a value, in the chart's unit, at each place drawn so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    ends: Nanos,
    values: Vec<Option<f64>>,
}

/// How a guess compares with what happened, over the part that was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Mean distance between the two curves.
    pub mean: f64,
    /// Largest distance, and where it is.
    pub worst: (Nanos, f64),
    /// How much of the run was drawn, 0 to 1.
    pub drawn: f64,
}

impl Guess {
    /// Nothing drawn yet, over a run of this length.
    pub fn new(ends: Nanos) -> Guess {
        Guess { ends: ends.max(1), values: vec![None; PLACES + 1] }
    }

    /// Whether anything was drawn.
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    /// The time of a place.
    pub fn time(&self, place: usize) -> Nanos {
        (u128::from(self.ends) * place.min(PLACES) as u128 / PLACES as u128) as Nanos
    }

    /// The place nearest to a time.
    pub fn place(&self, t: Nanos) -> usize {
        let half = u128::from(self.ends) / 2;
        ((u128::from(t.min(self.ends)) * PLACES as u128 + half) / u128::from(self.ends)) as usize
    }

    /// The last place of the time axis.
    pub fn last_place(&self) -> usize {
        PLACES
    }

    /// Draws a point.
    pub fn put(&mut self, t: Nanos, value: f64) {
        let place = self.place(t);
        self.values[place] = Some(value.max(0.0));
    }

    /// Draws a stroke: what lies between two points of a drag is filled in, so that a fast hand
    /// leaves no gaps.
    pub fn stroke(&mut self, from: (Nanos, f64), to: (Nanos, f64)) {
        let (a, b) = (self.place(from.0), self.place(to.0));
        let steps = a.abs_diff(b).max(1);
        for i in 0..=steps {
            let part = i as f64 / steps as f64;
            let place = if a <= b { a + i.min(b - a) } else { a - i.min(a - b) };
            self.values[place] = Some((from.1 + (to.1 - from.1) * part).max(0.0));
        }
    }

    /// Draws a point and joins it to the nearest ones on either side: one typed number makes a
    /// level line, the next ones bend it.
    pub fn set(&mut self, t: Nanos, value: f64) {
        let place = self.place(t);
        let known: Vec<(usize, f64)> = self.corners().into_iter().filter(|(at, _)| *at != place).collect();
        self.put(t, value);
        let value = value.max(0.0);
        if known.is_empty() {
            self.values.fill(Some(value));
            return;
        }
        if let Some(&(left, was)) = known.iter().rev().find(|(at, _)| *at < place) {
            self.stroke((self.time(left), was), (self.time(place), value));
        }
        if let Some(&(right, was)) = known.iter().find(|(at, _)| *at > place) {
            self.stroke((self.time(place), value), (self.time(right), was));
        }
    }

    /// The drawn points where the line bends or ends.
    fn corners(&self) -> Vec<(usize, f64)> {
        let value = |i: Option<usize>| i.and_then(|i| *self.values.get(i)?);
        let bends = |i: usize, here: f64| match (value(i.checked_sub(1)), value(Some(i + 1))) {
            (Some(left), Some(right)) => (left + right - 2.0 * here).abs() > 1e-9 * (1.0 + here.abs()),
            _ => true,
        };
        let drawn = self.values.iter().enumerate().filter_map(|(i, value)| Some((i, (*value)?)));
        drawn.filter(|(i, here)| bends(*i, *here)).collect()
    }

    /// The value drawn at a time, if the curve passes there.
    pub fn value(&self, t: Nanos) -> Option<f64> {
        self.values[self.place(t)]
    }

    /// What was drawn, in time order.
    pub fn points(&self) -> impl Iterator<Item = (Nanos, f64)> + '_ {
        self.values.iter().enumerate().filter_map(|(place, value)| Some((self.time(place), (*value)?)))
    }

    /// Compares with what happened; `None` when nothing was drawn.
    pub fn score(&self, real: impl Fn(Nanos) -> f64) -> Option<Score> {
        let drawn: Vec<(Nanos, f64)> = self.points().collect();
        let far = drawn.iter().map(|(t, value)| (*t, (value - real(*t)).abs()));
        let worst = far.clone().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let mean = far.map(|(_, distance)| distance).sum::<f64>() / drawn.len() as f64;
        Some(Score { mean, worst, drawn: drawn.len() as f64 / self.values.len() as f64 })
    }
}

#[cfg(test)]
mod tests {
    use sim_core::SECOND;

    use super::*;

    #[test]
    fn a_stroke_leaves_no_gap_in_either_direction() {
        for (from, to) in [((6, 0.0), (54, 4.8)), ((54, 4.8), (6, 0.0))] {
            let mut guess = Guess::new(60 * SECOND);
            guess.stroke((from.0 * SECOND, from.1), (to.0 * SECOND, to.1));
            assert_eq!(guess.points().count(), 49);
            assert!((guess.value(30 * SECOND).unwrap() - 2.4).abs() < 1e-9);
            assert_eq!((guess.value(0), guess.value(60 * SECOND)), (None, None));
        }
    }

    #[test]
    fn typed_numbers_make_a_line_that_bends_at_each() {
        let mut guess = Guess::new(60 * SECOND);
        guess.set(30 * SECOND, 1.0);
        assert_eq!((guess.value(0), guess.value(60 * SECOND)), (Some(1.0), Some(1.0)));
        guess.set(0, 0.0);
        assert!((guess.value(30 * SECOND).unwrap() - 0.5).abs() < 1e-9, "a level line has no corner in its middle");
        guess.set(30 * SECOND, 2.0);
        guess.set(60 * SECOND, -3.0);
        for (t, want) in [(0, 0.0), (15, 1.0), (30, 2.0), (45, 1.0), (60, 0.0)] {
            assert!((guess.value(t * SECOND).unwrap() - want).abs() < 1e-9, "{t} {:?}", guess.value(t * SECOND));
        }
    }

    #[test]
    fn a_score_is_over_what_was_drawn() {
        let mut guess = Guess::new(60 * SECOND);
        assert_eq!(guess.score(|_| 0.0), None);
        guess.stroke((0, 1.0), (30 * SECOND, 1.0));
        let score = guess.score(|t| if t == 10 * SECOND { 4.0 } else { 1.0 }).unwrap();
        assert_eq!(score.worst, (10 * SECOND, 3.0));
        assert!((score.mean - 3.0 / 31.0).abs() < 1e-9 && (score.drawn - 31.0 / 61.0).abs() < 1e-9, "{score:?}");
    }

    #[test]
    fn places_cover_the_run_whatever_its_length() {
        for ends in [1, 7, 1000 * SECOND, Nanos::MAX] {
            let guess = Guess::new(ends);
            assert_eq!((guess.place(0), guess.place(ends), guess.time(guess.last_place())), (0, PLACES, ends));
        }
    }
}
