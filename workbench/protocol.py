"""What window and worker say to each other: commands go down the pipe, events come up. numpy at
most.

Every command carries a `request` number, made by the sender, that its answers repeat. A long piece
of work answers with any number of `Progress` and then exactly one of: its own result, `Failed`, or
`Failed` with `cancelled` true. Settings travel as a flat dictionary of dotted keys,
`{"algorithm.name": "maml", "task.n_way": 5}`: what is absent has its default. Images are uint8, ink
or light high.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Problem

VERSION = 1

Images = NDArray[np.uint8]  # (M, C, H, W)
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Split = Literal["train", "validation", "test"]

# --------------------------------------------------------------------------------------------- comm


@dataclass(frozen=True)
class Command:
    """Something the window asks of the worker."""

    request: int


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
class PrepareData(Command):
    """Make a data set ready (generate, download, unpack, cache); answered by `Progress`, then
    `DataReady`."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class PreviewTask(Command):
    """Draw one task exactly as training or evaluation would; answered by `TaskPreviewed`."""

    values: Mapping[str, Any]
    split: Split
    index: int


@dataclass(frozen=True)
class Adapt(Command):
    """Adapt a run's latest weights to a support set and answer the queries; answered by `Adapted`.

    Attributes:
        run: a run's id, or "untrained:RUN" for the same model before training.
        support_x: (S, C, H, W) uint8 images, or (S, features) float32 for regression.
        support_y: (S,) class numbers, or (S, outputs) targets.
        query_x: (Q, …) likewise; may be empty.
        steps: inner steps; None is the run's own number for evaluation.
    """

    run: str
    support_x: Images | Floats
    support_y: Ints | Floats
    query_x: Images | Floats
    steps: int | None = None


@dataclass(frozen=True)
class LayOut(Command):
    """Lay features out on a plane by t-SNE; answered by `LaidOut`.

    Attributes:
        features: (M, D).
    """

    features: Floats


@dataclass(frozen=True)
class Evaluate(Command):
    """Score a run on the fixed tasks of a split, or on those of a list (`tasks`, a file's path);
    answered by `Progress`, then `Evaluated`."""

    run: str
    split: Split
    tasks: str = ""


@dataclass(frozen=True)
class Cancel(Command):
    """Stop the work that `target` asked for; that work then answers `Failed` with `cancelled`."""

    target: int


@dataclass(frozen=True)
class Shutdown(Command):
    """Checkpoint what trains, then end. Closing the pipe does the same."""


# ----------------------------------------------------------------------------------------------- ev


@dataclass(frozen=True)
class Event:
    """Something the worker tells the window; `request` is 0 where nobody asked."""

    request: int


@dataclass(frozen=True)
class Device:
    """A place to compute.

    Attributes:
        name: what the setting `device` takes: "cpu", "cuda:0", "mps".
        title: "GPU 0 · H200, 139 GB".
        available: whether it can be used.
        explanation: why it was chosen, or why it is not there and what would bring it.
    """

    name: str
    title: str
    available: bool
    explanation: str


@dataclass(frozen=True)
class EngineStarting(Event):
    """The worker's process is up; torch is still loading."""


@dataclass(frozen=True)
class EngineReady(Event):
    """torch is loaded and the devices are known; `recommended` is what `auto` stands for."""

    versions: Mapping[str, str]
    devices: tuple[Device, ...]
    recommended: str


@dataclass(frozen=True)
class Progress(Event):
    """How far a long piece of work is. `total` is 0 while unknown."""

    done: int
    total: int
    text: str


@dataclass(frozen=True)
class Failed(Event):
    """The request could not be done; `detail` is for the log, empty for a person's own mistake."""

    message: str
    hint: str = ""
    detail: str = ""
    cancelled: bool = False


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
class DataClass:
    """One class of a data set: its name, the group (alphabet) it belongs to, and how many images it
    has."""

    name: str
    group: str
    images: int


@dataclass(frozen=True)
class DataReady(Event):
    """A data set lies ready. The window opens `folder` with `bank.Bank.open` and looks for itself.

    Attributes:
        kind: "classification" or "regression".
        folder: of the bank; empty for regression.
        splits: class numbers of train, validation and test; empty for regression.
        notes: what was skipped or is worth knowing, as sentences.
        description: figures of a regression family, such as its ranges, for the preview.
        partial: this is a first look at a part of it; the whole is on its way, and so is the final
            answer.
    """

    kind: Literal["classification", "regression"]
    folder: str
    splits: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()
    description: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False


@dataclass(frozen=True)
class TaskPreviewed(Event):
    """One task as the network will see it.

    Attributes:
        support_x, query_x: uint8 images, or float32 numbers.
        support_y, query_y: class numbers or targets.
        class_names: of classes 0 … N-1.
        curve: for regression, (points, 2): the truth.
    """

    support_x: Images | Floats
    support_y: Ints | Floats
    query_x: Images | Floats
    query_y: Ints | Floats
    class_names: tuple[str, ...]
    curve: Floats | None = None


@dataclass(frozen=True)
class Adapted(Event):
    """The answer to a drawing.

    Attributes:
        run, step: whose weights, after which outer step; the run may be training still.
        steps: the inner steps that are answered: 0 (before adaptation) … the last; all of a few,
            an even choice of many. (0,) alone for a method without an inner loop.
        answers: (len(steps), Q, N) probabilities, or (…, Q, outputs) predictions.
        support_loss: (len(steps),); nan for a method without an inner loop.
        embedding: (S + Q, D) features after the last step, support first; None where a method has
            none.
        normalisation: the inductive mode that was used.
        milliseconds: from receiving the command to having the answer.
        support_right: (len(steps),) share of the support set that is answered right; None for a
            method without an inner loop, and for regression.
        moved: of "head" and "body", (len(steps),): how far the weights are from where the inner
            loop began, as a share of their length then; nan where that was 0. Empty where a method
            adapts otherwise.
        rates: learned inner rates, lowest, mean and highest, of "head", "body", or what a method
            calls them. Empty where none is learned.
    """

    run: str
    step: int
    steps: tuple[int, ...]
    answers: Floats
    support_loss: Floats
    embedding: Floats | None
    normalisation: str
    milliseconds: float
    support_right: Floats | None = None
    moved: Mapping[str, Floats] = field(default_factory=dict)
    rates: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class LaidOut(Event):
    """`places`: (M, 2) of features, in their order."""

    places: NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """Mean ± 95 % interval over fixed tasks. Accuracy as a fraction for classification, mean
    squared error else."""

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
    what a reader of the score must know."""

    run: str
    split: Split
    step: int
    inductive: Score
    transductive: Score
    note: str = ""
