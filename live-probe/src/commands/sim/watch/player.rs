//! Where a run is, and how fast it goes on.

use std::time::Duration;

use sim_core::{Event, Metric, Nanos, State, Text};
use sim_figures::{Made, drawing};

use super::super::Shown;
use crate::context::Failure;

/// How long a whole run takes at first, ms.
const USUAL: u64 = 20_000;
/// The shortest and the longest it can be made to take, ms.
const SHORTEST: u64 = 1250;
const LONGEST: u64 = 320_000;
/// Most events that are told at once.
const LATEST: usize = 12;

/// A run that is played.
pub struct Player {
    /// Model and preset, or model alone.
    pub title: Text,
    /// Metrics that move in this run: their place in the list, and what they are.
    pub moving: Vec<(usize, &'static Metric)>,
    made: Made,
    state: Box<dyn State>,
    t: Nanos,
    playing: bool,
    takes_ms: u64,
    told: (usize, Vec<Event>),
}

impl Player {
    /// A run at its cursor, standing still.
    ///
    /// # Errors
    /// The scenario cannot be run.
    pub fn new(shown: &Shown) -> Result<Player, Failure> {
        let refused = |text: Text| Failure::usage(text);
        let drawing = drawing(shown.entry.name)
            .ok_or_else(|| refused(Text::fixed("이 모델은 그릴 수 없습니다.", "This model cannot be drawn.")))?;
        let start = (shown.entry.start)(&shown.run.scenario)
            .map_err(|problems| refused(problems.first().map(|problem| problem.text()).unwrap_or_default()))?;
        let made = drawing.making(start).whole();
        let metrics = (shown.entry.metrics)().iter().enumerate();
        let moves = |at: usize| made.tape.metrics.get(at).is_some_and(|curve| curve.iter().any(|p| p.1 != curve[0].1));
        let moving = metrics.filter(|(at, _)| moves(*at)).collect();
        let title = match &shown.preset {
            Some(preset) => preset.title.clone(),
            None => (shown.entry.title)(),
        };
        let state = made.tape.at(shown.cursor);
        let t = state.now();
        let told = (0, Vec::new());
        let mut player = Player { title, moving, made, state, t, playing: false, takes_ms: USUAL, told };
        player.tell();
        Ok(player)
    }

    /// The moment it is at.
    pub fn t(&self) -> Nanos {
        self.t
    }

    /// The end of the run.
    pub fn ends(&self) -> Nanos {
        self.made.tape.ends
    }

    /// Whether it goes on by itself.
    pub fn playing(&self) -> bool {
        self.playing
    }

    /// Simulated time in a second of the reader's.
    pub fn pace(&self) -> Nanos {
        sim_core::mul_div(self.ends(), 1000, self.takes_ms)
    }

    /// A metric now.
    pub fn value(&self, metric: usize) -> i64 {
        self.state.metrics().get(metric).copied().unwrap_or(0)
    }

    /// A metric at so many moments from the beginning to the end; nothing for those yet to come.
    pub fn curve(&self, metric: usize, count: usize) -> Vec<i64> {
        let moments = (0..count).map(|i| sim_core::mul_div(self.ends(), i as u64 + 1, count.max(1) as u64));
        let past = moments.take_while(|t| *t <= self.t);
        past.map(|t| self.made.tape.value(metric, t)).collect()
    }

    /// The smallest and the largest value of a metric in the whole run.
    pub fn range(&self, metric: usize) -> (i64, i64) {
        let values = || self.made.tape.metrics[metric].iter().map(|point| point.1);
        (values().min().unwrap_or(0), values().max().unwrap_or(0))
    }

    /// The picture in words.
    pub fn words(&self) -> Text {
        self.made.scene.describe(&*self.state)
    }

    /// What happened last, the newest last.
    pub fn latest(&self) -> &[Event] {
        &self.told.1
    }

    fn tell(&mut self) {
        let passed = self.made.tape.passed(self.t);
        if self.told.0 != passed {
            self.told = (passed, self.made.tape.tell(passed.saturating_sub(LATEST)..passed));
        }
    }

    /// Goes to a moment.
    pub fn go(&mut self, t: Nanos) {
        self.t = t.min(self.ends());
        self.made.tape.reach(&mut self.state, self.t);
        self.tell();
    }

    /// The next event, standing still.
    pub fn forward(&mut self) {
        self.playing = false;
        self.go(self.made.tape.next(self.t));
    }

    /// The event before, standing still.
    pub fn back(&mut self) {
        self.playing = false;
        self.go(self.made.tape.back(self.t));
    }

    /// Goes on, or stands still; at the end it begins anew.
    pub fn toggle(&mut self) {
        self.playing = !self.playing;
        if self.playing && self.t == self.ends() {
            self.go(0);
        }
    }

    /// Twice as fast.
    pub fn faster(&mut self) {
        self.takes_ms = (self.takes_ms / 2).max(SHORTEST);
    }

    /// Half as fast.
    pub fn slower(&mut self) {
        self.takes_ms = (self.takes_ms * 2).min(LONGEST);
    }

    /// The reader's time passes.
    pub fn pass(&mut self, time: Duration) {
        if !self.playing {
            return;
        }
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).min(self.takes_ms);
        self.go(self.t.saturating_add(sim_core::mul_div(self.ends(), ms, self.takes_ms)));
        self.playing = self.t < self.ends();
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::preset;
    use super::*;

    #[test]
    fn time_passes_at_the_pace_and_stops_at_the_end() {
        let mut player = Player::new(&preset("load-average", "one-task-for-a-minute")).unwrap();
        player.go(0);
        player.pass(Duration::from_secs(1));
        assert_eq!(player.t(), 0, "it stands still");
        player.toggle();
        player.pass(Duration::from_secs(1));
        assert_eq!((player.t(), player.pace()), (12_000_000_000, 12_000_000_000));
        player.faster();
        player.pass(Duration::from_secs(1));
        assert_eq!(player.t(), 36_000_000_000);
        player.pass(Duration::from_secs(1000));
        assert_eq!((player.t(), player.playing()), (player.ends(), false));
        for _ in 0..20 {
            player.slower();
        }
        assert_eq!(player.pace(), player.ends() / 320);
    }

    #[test]
    fn what_stands_still_is_left_out_and_events_are_told() {
        let player = Player::new(&preset("load-average", "sleepers-on-an-idle-cpu")).unwrap();
        let names: Vec<_> = player.moving.iter().map(|(_, metric)| metric.name).collect();
        assert!(names.contains(&"avenrun_1") && !names.contains(&"nr_iowait"), "{names:?}");
        assert!(player.latest().iter().all(|event| event.t_ns <= player.t() && !event.why.en.is_empty()));
        assert_eq!(player.latest().len(), LATEST);
    }
}
