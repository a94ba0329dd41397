//! What each model adds to the frame that all simulators share.

mod load_average;

use std::rc::Rc;

use sim_core::{KernelVersion, Text};
use sim_figures::{Drawn, Points, Series};
use yew::Html;

use crate::frame::Form;
use crate::live::{Facts, Sample};

/// A change to a scenario, made by a control.
pub type Edit<S> = Rc<dyn Fn(&mut S)>;

/// Curves laid over a run's own.
pub enum Overlay<'a> {
    /// Those of the pinned run, in the order of the metrics.
    Pinned(&'a [Points]),
    /// Those of the reader's machine, in the order of the metrics; fewer where they are not known.
    Live(&'a [Points]),
    /// What the reader predicted for [`Simulator::GUESSED`].
    Guess(Points),
}

/// A model that has a widget. The frame does everything that is the same for all of them.
pub trait Simulator: Drawn + 'static {
    /// Kernel versions worth choosing between, oldest first, each with what changed in it.
    fn kernels() -> &'static [(KernelVersion, Text)];
    /// The kernel of a scenario.
    fn kernel(scenario: &Self::Scenario) -> KernelVersion;
    /// Chooses another.
    fn set_kernel(scenario: &mut Self::Scenario, kernel: KernelVersion);

    /// What a reader calls a kind of event.
    fn kind(kind: &str) -> Text;
    /// Controls for what [`sim_core::Model::params`] does not cover: lists, starting values.
    fn editor(scenario: &Self::Scenario, form: &Form<'_, Self>) -> Html;
    /// Sets a whole number by the path a problem names it with: a parameter's name, or
    /// `tasks[2].count`. An unknown path changes nothing.
    fn set_field(scenario: &mut Self::Scenario, path: &str, value: i64);

    /// The metric a reader is asked to predict, as an index into the list of metrics.
    const GUESSED: usize;
    /// The metrics that the machine was seen to have, each with its index.
    fn measured(sample: &Sample) -> Vec<(usize, i64)>;
    /// Draws curves that are not the run's own.
    fn overlay(overlay: Overlay<'_>) -> Vec<Series>;
    /// Takes over what is known of the reader's machine.
    fn adopt(scenario: &mut Self::Scenario, facts: &Facts);
}
