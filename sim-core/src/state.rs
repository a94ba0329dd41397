//! A model's state with its type erased: what a front end keeps of any model.

use std::any::Any;

use crate::{Files, Log, Model, Nanos};

/// The state of a run of some model. Every [`Model`] is one; front ends hold `Box<dyn State>`, so
/// that what they do is compiled once and not once a model.
///
/// The methods are those of [`Model`] that need no type.
pub trait State: Any {
    /// A copy: a moment that is kept.
    fn boxed(&self) -> Box<dyn State>;
    /// [`Model::now`].
    fn now(&self) -> Nanos;
    /// [`Model::ends`].
    fn ends(&self) -> Nanos;
    /// [`Model::advance`].
    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool;
    /// [`Model::metrics`].
    fn metrics(&self) -> Vec<i64>;
    /// [`Model::files`].
    fn files(&self) -> Files;
    /// [`Model::footprint`].
    fn footprint(&self) -> usize;
    /// The state as its own type, for whoever knows the model: `state.any().downcast_ref::<M>()`.
    fn any(&self) -> &dyn Any;
}

impl<M: Model + 'static> State for M {
    fn boxed(&self) -> Box<dyn State> {
        Box::new(self.clone())
    }

    fn now(&self) -> Nanos {
        Model::now(self)
    }

    fn ends(&self) -> Nanos {
        Model::ends(self)
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        Model::advance(self, to, log)
    }

    fn metrics(&self) -> Vec<i64> {
        Model::metrics(self)
    }

    fn files(&self) -> Files {
        Model::files(self)
    }

    fn footprint(&self) -> usize {
        Model::footprint(self)
    }

    fn any(&self) -> &dyn Any {
        self
    }
}

impl dyn State {
    /// Advances to `to`, or to the end, with everything of that moment done, telling nobody.
    pub fn advance_to(&mut self, to: Nanos) {
        let to = to.min(self.ends());
        let mut log = Log::silent();
        while self.advance(to, &mut log) || self.now() < to {
            log.clear();
        }
    }
}
