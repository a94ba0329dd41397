//! When a question comes again: boxes after Sebastian Leitner, each with a longer interval.

use serde::{Deserialize, Serialize};

/// Days until a question of each box comes again.
const DAYS: [u32; 5] = [1, 2, 4, 8, 16];

/// Where a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Boxed {
    /// Which box, from 1.
    #[serde(rename = "box")]
    pub number: u32,
    /// Day on which it is due, counted from 1970.
    pub due: u32,
    /// Seed of a question that was asked and not answered yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<u32>,
}

impl Default for Boxed {
    /// A new question: due at once.
    fn default() -> Boxed {
        Boxed { number: 1, due: 0, asked: None }
    }
}

impl Boxed {
    /// Where it is after an answer on that day: one box further, or back in the first.
    pub fn after(self, right: bool, today: u32) -> Boxed {
        let last = DAYS.len() as u32;
        let number = if right { self.number.clamp(1, last - 1) + 1 } else { 1 };
        let days = DAYS[(number as usize - 1).min(DAYS.len() - 1)];
        Boxed { number, due: today.saturating_add(days), asked: None }
    }

    /// Whether it is to be asked on that day.
    pub fn is_due(self, today: u32) -> bool {
        self.due <= today
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_goes_on_and_wrong_goes_back() {
        for (number, right, after, days) in [
            (1, true, 2, 2),
            (2, true, 3, 4),
            (3, true, 4, 8),
            (4, true, 5, 16),
            (5, true, 5, 16),
            (5, false, 1, 1),
            (0, true, 2, 2),
            (99, true, 5, 16),
        ] {
            let boxed = Boxed { number, due: 7, asked: Some(3) }.after(right, 100);
            assert_eq!(boxed, Boxed { number: after, due: 100 + days, asked: None }, "{number} {right}");
        }
        assert!(Boxed::default().is_due(0) && !Boxed::default().after(true, 10).is_due(11));
    }
}
