//! When to stop.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::{Event, Observer};

/// An observer and a deadline, asked in all inner loops whether there is time left.
pub(super) struct Clock<'a> {
    observer: &'a mut dyn Observer,
    deadline: Option<Instant>,
    /// Time that is left once the observer asks to stop.
    grace: Duration,
    /// When it asked.
    asked: Option<Instant>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(observer: &'a mut dyn Observer, deadline: Option<Instant>, grace: Duration) -> Self {
        Self { observer, deadline, grace, asked: None }
    }

    /// Another deadline.
    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// Tells the observer something.
    pub(super) fn tell(&mut self, event: Event<'_>) {
        if self.observer.observe(event).is_break() && self.asked.is_none() {
            self.asked = Some(Instant::now());
        }
    }

    /// Whether the time is up.
    pub(super) fn is_over(&mut self) -> bool {
        self.tell(Event::Working);
        self.asked.is_some_and(|asked| asked.elapsed() >= self.grace)
            || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// As loops ask.
    pub(super) fn flow(&mut self) -> ControlFlow<()> {
        if self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Trainings of networks tell it nothing, and ask.
impl Observer for Clock<'_> {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Batch { .. } | Event::Epoch(_) | Event::Anchors { .. } => self.flow(),
            _ => ControlFlow::Continue(()),
        }
    }
}
