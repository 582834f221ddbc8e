"""Messages about runs: their settings, training and scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.errors import Problem
from workbench.protocol.base import Command, Event, Split


@dataclass(frozen=True)
class Validate(Command):
    """Check settings without starting anything; answered by `Validated`."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class EstimateCost(Command):
    """Measure what a run with these settings would take; answered by `CostEstimated`, or `Failed`
    where the settings have problems or another run trains."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class StartRun(Command):
    """Validate, make a run folder, train in the background; answered by `RunStarted`, or by
    `Validated` with the problems, in which case nothing was started."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class ResumeRun(Command):
    """Go on with a run from its last checkpoint; answered by `RunStarted`."""

    run: str


@dataclass(frozen=True)
class ControlRun(Command):
    """Pause, resume, stop (checkpoint, status stopped) or abort (no further checkpoint) the run
    that this worker trains. A run of another process is controlled through the store instead."""

    run: str
    action: Literal["pause", "resume", "stop", "abort"]


@dataclass(frozen=True)
class Evaluate(Command):
    """Score a run on the fixed tasks of a split, or on those of a file (`tasks`, its path): a list,
    a task, Omniglot's one-shot runs. Answered by `Progress`, then `Evaluated`."""

    run: str
    split: Split
    tasks: str = ""


@dataclass(frozen=True)
class Validated(Event):
    """All problems; none means that the run may start. `config` is nested and complete when there
    are none."""

    problems: tuple[Problem, ...]
    config: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CostEstimated(Event):
    """What a run would take on this machine.

    Attributes:
        step_seconds: of one step.
        seconds: of the whole run with its validations.
        memory: bytes at the peak, images not counted.
    """

    step_seconds: float
    seconds: float
    memory: int


@dataclass(frozen=True)
class RunStarted(Event):
    """A run trains now in this worker. Its figures are read from the store."""

    run: str


@dataclass(frozen=True)
class RunProgress(Event):
    """At most 20 a second. `phase` says what the trainer is doing."""

    run: str
    phase: Literal["training", "validating", "paused"]
    step: int
    steps: int
    tasks: int
    seconds: float  # trained so far, pauses not counted
    seconds_left: float  # nan while unknown
    tasks_per_second: float
    loss: float
    accuracy: float  # nan for regression


@dataclass(frozen=True)
class RunValidated(Event):
    """A validation is done. Accuracies are fractions; losses where the run is a regression."""

    run: str
    step: int
    value: float
    interval: float
    before: float
    best: bool
    trace: tuple[float, ...]  # the same measure after 0, 1, … inner steps


@dataclass(frozen=True)
class RunEnded(Event):
    """A run no longer trains here: done, stopped or failed, with the reason."""

    run: str
    status: Literal["done", "stopped", "failed"]
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Score:
    """Mean ± 95 % interval over fixed tasks. Accuracy as a fraction for classification, mean
    squared error else. `before` adaptation; NaN for a method without an inner loop."""

    value: float
    interval: float
    before: float
    tasks: int
    mode: str
    trace: tuple[float, ...]
    per_task: tuple[float, ...] = ()


@dataclass(frozen=True)
class Evaluated(Event):
    """Both modes on the same tasks; they are equal for a method that knows no difference. `note`:
    what a reader of the score must know. `metrics`: means of what the method measures besides."""

    run: str
    split: Split
    step: int
    inductive: Score
    transductive: Score
    note: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
