"""The number at the end: a run scored on the fixed tasks of a split, inductively and
transductively."""

from __future__ import annotations

from typing import Literal

from workbench.engine.evaluate import Evaluation
from workbench.engine.evaluate import evaluate as score
from workbench.errors import ConfigError
from workbench.protocol import Evaluated
from workbench.services.runs import OpenRun, silent
from workbench.sources import Progress

Split = Literal["validation", "test"]


def evaluate(
    opened: OpenRun,
    split: Split,
    *,
    tasks: int | None = None,
    progress: Progress = silent,
    request: int = 0,
) -> Evaluated:
    """Score a run.

    Args:
        opened: with the weights to score: the best checkpoint for a figure that will be quoted.
        tasks: T; as the run's settings say if None.
        progress: told after every few tasks; may raise Cancelled.

    Raises:
        ConfigError: the data set has no such split.
    """
    session = opened.session
    if not session.has_split(split):
        raise ConfigError.of(
            "dataset", f"This data set has no {split} classes.", "Change its split."
        )
    total = tasks or session.config.evaluation.tasks
    running = score(session, opened.checkpoint.state, split, total)
    while True:
        try:
            progress(next(running), total, f"Scoring {split} tasks")
        except StopIteration as stop:
            found: Evaluation = stop.value
            step = opened.checkpoint.step
            return Evaluated(request, opened.run, split, step, found.inductive, found.transductive)
