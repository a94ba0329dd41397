//! Sliders for ranges of any width: even where they are small, finer near the start where they are
//! wide.

use sim_core::scenario::Param;

/// Places of a slider whose range is wide.
const PLACES: i64 = 1000;
/// Ranges with more steps than this are laid out unevenly.
const WIDE: i64 = 5000;
/// No slider: beyond this a pixel means nothing.
const HUGE: i64 = 1 << 40;

/// Turns places of a slider into values and back.
#[derive(Clone, Copy, Debug)]
pub struct Slider {
    min: i64,
    max: i64,
    step: i64,
}

impl Slider {
    /// The slider of a parameter; none where the range is too wide to mean anything.
    pub fn of(param: &Param) -> Option<Slider> {
        let Param { min, max, step, .. } = *param;
        (param.choices.is_empty() && max.saturating_sub(min) < HUGE).then_some(Slider { min, max, step: step.max(1) })
    }

    fn steps(self) -> i64 {
        (self.max - self.min) / self.step
    }

    fn wide(self) -> bool {
        self.steps() > WIDE
    }

    /// The last place; the first is 0.
    pub fn last(self) -> i64 {
        if self.wide() { PLACES } else { self.steps() }
    }

    /// The value at a place: a whole number of steps from the smallest, the largest at the end.
    pub fn value(self, place: i64) -> i64 {
        let place = place.clamp(0, self.last());
        if place == self.last() {
            return self.max;
        }
        let steps = if self.wide() {
            // The cube spreads the small values about as a logarithm would, and needs no library.
            let along = place as f64 / PLACES as f64;
            (self.steps() as f64 * along * along * along) as i64
        } else {
            place
        };
        self.min + steps * self.step
    }

    /// The first place whose value is not below this one.
    pub fn at(self, value: i64) -> i64 {
        if !self.wide() {
            return (value.clamp(self.min, self.max) - self.min) / self.step;
        }
        let (mut below, mut at) = (-1, PLACES);
        while at - below > 1 {
            let middle = (below + at) / 2;
            if self.value(middle) < value { below = middle } else { at = middle }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use sim_core::Text;

    use super::*;

    fn slider(min: i64, max: i64, step: i64) -> Option<Slider> {
        Slider::of(&Param::new("x", Text::fixed("x", "x"), Text::fixed("x", "x")).range(min, max).step(step))
    }

    #[test]
    fn the_ends_are_the_ends() {
        for (min, max, step) in [(1, 64, 1), (0, 60_000, 100), (1000, 7_200_000, 1000), (1, 4_000_000, 1), (0, 7, 3)] {
            let slider = slider(min, max, step).unwrap();
            assert_eq!((slider.value(0), slider.value(slider.last())), (min, max), "{min}..{max}");
            assert_eq!((slider.at(min), slider.value(slider.at(max))), (0, max), "{min}..{max}");
        }
        assert!(slider(0, i64::MAX, 1).is_none());
    }

    #[test]
    fn places_and_values_answer_each_other() {
        for (min, max, step) in [(1, 64, 1), (1000, 7_200_000, 1000), (1, 4_000_000, 1)] {
            let slider = slider(min, max, step).unwrap();
            let mut before = i64::MIN;
            for place in 0..=slider.last() {
                let value = slider.value(place);
                assert!((min..=max).contains(&value) && value >= before && (value - min) % step == 0 || value == max);
                assert_eq!(slider.value(slider.at(value)), value, "{place} of {min}..{max}");
                before = value;
            }
        }
    }
}
