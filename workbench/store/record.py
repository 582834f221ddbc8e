"""Everything that a run has written, with the figures that hints are made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.store.columns import Columns, Floats
from workbench.store.reader import RunReader
from workbench.store.summary import RunStatus, RunSummary

STEPS = "training.steps"
FIRST = 10  # rows that stand for the untrained model
RECENT = 20  # rows that stand for now
MOST = 20_000  # rows that are looked at for the lowest loss


@dataclass(frozen=True)
class Adaptation:
    """Mean losses of the last validations: of the queries before and after, of the support set
    before the first step and after the last."""

    before: float
    after: float
    first: float
    learned: float
    steps: int


@dataclass(frozen=True)
class Record:
    """What a run has written so far. A stream that it lacks is empty."""

    config: Mapping[str, Any]
    train: Columns
    validation: Columns
    inner: Columns
    status: RunStatus = RunStatus.RUNNING
    reason: str = ""

    @classmethod
    def of(cls, summary: RunSummary, train: Columns, validation: Columns, inner: Columns) -> Record:
        return cls(summary.config, train, validation, inner, summary.status, summary.reason)

    def setting(self, key: str) -> Any:
        """A setting by its dotted key; None where there is none."""
        found: Any = self.config
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    @property
    def ways(self) -> int:
        """Classes of a task; 0 for a regression."""
        accuracy = self.train["accuracy"]
        regression = len(accuracy) and not np.isfinite(accuracy).any()
        return 0 if regression else int(self.setting("task.n_way") or 0)

    @property
    def untrained(self) -> float:
        """The loss of a model that knows nothing: of equal chances, or of a regression's first
        steps."""
        return math.log(self.ways) if self.ways else self.first_loss

    @property
    def fraction(self) -> float:
        """How much of the run is done."""
        steps = self.setting(STEPS)
        return self.train.last("step") / steps if steps and len(self.train) else 0.0

    @property
    def first_loss(self) -> float:
        """Of the first steps."""
        return median(self.train["loss"][:FIRST])

    def lowest_loss(self) -> float:
        """The lowest median of a stretch of rows."""
        loss = self.train["loss"]
        loss = loss[:: 1 + len(loss) // MOST]
        stretches = len(loss) // RECENT
        if not stretches:
            return math.nan
        return float(np.median(loss[: stretches * RECENT].reshape(stretches, RECENT), axis=1).min())

    def adaptation(self) -> Adaptation | None:
        """None before the second validation, and for a method that takes no inner steps."""
        rows = self.inner
        queries, support = rows.numbered("loss_"), rows.numbered("support_")
        if len(rows) < 2 or len(queries) < 2 or len(support) < 2:
            return None
        ends = (queries[0], queries[-1], support[0], support[-1])
        before, after, first, learned = (float(rows[name][-2:].mean()) for name in ends)
        if not math.isfinite(before + after + first + learned):
            return None
        steps = int(queries[-1].removeprefix("loss_"))
        return Adaptation(before, after, first, learned, steps)

    def measured(self, start: float, end: float) -> tuple[float, float]:
        """Mean training accuracy, or loss of a regression, between two steps, and its standard
        error."""
        step = self.train["step"]
        column = self.train["accuracy" if self.ways else "loss"][(step > start) & (step <= end)]
        column = column[np.isfinite(column)]
        if len(column) < 2:
            return math.nan, math.nan
        return float(column.mean()), float(column.std(ddof=1) / math.sqrt(len(column)))


def recorded(reader: RunReader) -> Record:
    """Everything that a run has written."""
    streams = (Columns(reader.metrics(name)) for name in ("train", "validation", "inner"))
    return Record.of(reader.summary(), *streams)


def median(values: Floats) -> float:
    """NaN of none."""
    found = values[np.isfinite(values)]
    return float(np.median(found)) if len(found) else math.nan
