"""What a run's folder keeps beside its rows, for plots and hints."""

from __future__ import annotations

from workbench.engine.train import Validated
from workbench.store import RunWriter


def write_inner(writer: RunWriter, event: Validated) -> None:
    """Note how the losses moved over the inner steps of a validation, if there were any."""
    evaluation = event.evaluation
    if len(evaluation.trace_steps) > 1:
        writer.record("inner", {"step": event.step, **evaluation.losses})
