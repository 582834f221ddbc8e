"""Scores on fixed tasks: mean ± 1.96 standard errors, before and after adaptation on the same
tasks.

Both modes of normalisation answer the same adapted models, so that their difference is the mode's
alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.episodes import CHUNK, Split
from workbench.engine.session import Session
from workbench.functional.losses import accuracy, task_loss
from workbench.functional.normalisation import alone
from workbench.functional.tasks import TaskThreads
from workbench.interfaces import Noise, State
from workbench.protocol import Score
from workbench.schema.experiment import NormMode
from workbench.task import Task

TRACE_POINTS = 11  # of one task
MEAN_POINTS = 6  # of many tasks, each of which is asked all its queries at every point


@dataclass(frozen=True)
class Evaluation:
    """What a set of tasks says about a state. Values are accuracies, or mean squared errors for a
    regression."""

    inductive: Score
    transductive: Score
    loss: float
    trace_steps: tuple[int, ...]  # inner steps that the traces stand for
    metrics: Mapping[str, float]  # what the algorithm measures besides
    # `loss_0`, … of the queries and `support_0`, … of the support set, at `trace_steps`.
    losses: Mapping[str, float] = field(default_factory=dict)


Item = tuple[Task[Tensor], Noise]
Chunk = Callable[[int], Sequence[Item]]  # the tasks of a chunk by its number, and their noise


@dataclass(frozen=True)
class _TaskScores:
    trace: list[float]
    transductive: float
    losses: Mapping[str, float]
    steps: tuple[int, ...]
    metrics: Mapping[str, float]


def evaluate(
    session: Session,
    state: State,
    split: Split,
    tasks: int,
    threads: TaskThreads | None = None,
    points: int = MEAN_POINTS,
    chunk: Chunk | None = None,
) -> Generator[int, None, Evaluation]:
    """Score a state; yields the number of tasks done, returns the evaluation.

    Args:
        split: whose classes.
        tasks: T, always the first T of the same seeded sequence.
        threads: to map with; own ones if None.
        points: of the trace over inner steps, at most; 2 are before and after.
        chunk: gives the tasks, `CHUNK` at a time, in place of those that the split draws.
    """
    own = threads is None
    pool = threads or session.task_threads()
    done: list[_TaskScores] = []
    try:
        while len(done) < tasks:
            number = len(done) // CHUNK
            items = chunk(number) if chunk is not None else _drawn(session, split, number)
            items = items[: tasks - len(done)]
            done += pool.each(lambda item: _score_task(session, state, *item, points), items)
            yield len(done)
    finally:
        if own:
            pool.close()
    inductive, transductive = (mode_name(session, mode) for mode in modes(session))
    traces = np.array([scores.trace for scores in done])  # (T, steps + 1)
    peeking = np.array([scores.transductive for scores in done])
    return Evaluation(
        inductive=_summary(traces[:, -1], traces, inductive),
        transductive=_summary(peeking, traces, transductive),
        loss=float(np.mean([scores.losses[f"loss_{scores.steps[-1]}"] for scores in done])),
        trace_steps=done[0].steps,
        metrics=mean_metrics([scores.metrics for scores in done]),
        losses=mean_metrics([scores.losses for scores in done]),
    )


def _drawn(session: Session, split: Split, number: int) -> list[Item]:
    batch = session.tasks(split, number, CHUNK)
    return list(zip(batch, session.noise(split, number, batch, None), strict=True))


def modes(session: Session) -> tuple[NormMode, NormMode]:
    """The inductive and the transductive normalisation of a session; equal where nothing is
    normalised over a batch."""
    inductive = alone(session.config.norm.eval)
    return inductive, "query_batch" if session.algorithm.norm_layers else inductive


def mode_name(session: Session, mode: NormMode) -> str:
    """What to call a mode: "none" where nothing is normalised over a batch."""
    return mode if session.algorithm.norm_layers else "none"


def _score_task(
    session: Session, state: State, task: Task[Tensor], noise: Noise, points: int
) -> _TaskScores:
    inductive, transductive = modes(session)
    # Only the inner loop needs gradients, and it asks for them itself.
    with torch.no_grad():
        learner = session.algorithm.adapt(state, task.support, noise)
        steps = trace_steps(learner.steps, points)
        answers = [learner.scores(task.query_x, step, inductive) for step in steps]
        peeking = (
            answers[-1]
            if transductive == inductive
            else learner.scores(task.query_x, -1, transductive)
        )
        losses = {
            f"loss_{step}": float(task_loss(scores, task.query_y))
            for step, scores in zip(steps, answers, strict=True)
        }
        walked = learner.support_losses
        losses |= {f"support_{step}": walked[step] for step in steps if step < len(walked)}
        metrics = session.algorithm.task_metrics(state, task, noise)
    return _TaskScores(
        [_value(scores, task.query_y) for scores in answers],
        _value(peeking, task.query_y),
        losses,
        steps,
        metrics,
    )


def trace_steps(steps: int, points: int = TRACE_POINTS) -> tuple[int, ...]:
    """The inner steps worth showing: all of a few, an even choice of many; always the first and the
    last."""
    return tuple(sorted({round(step) for step in np.linspace(0, steps, min(steps + 1, points))}))


def mean_metrics(tasks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each figure over the tasks that have it."""
    found = {}
    for name in dict.fromkeys(name for task in tasks for name in task):
        own = [task[name] for task in tasks if name in task]
        found[name] = sum(own) / len(own)
    return found


def _value(scores: Tensor, y: Tensor) -> float:
    right = accuracy(scores, y)
    return float(task_loss(scores, y)) if math.isnan(right) else right


def _summary(values: NDArray[np.float64], traces: NDArray[np.float64], mode: str) -> Score:
    deviation = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    trace = traces.mean(0)
    trace[-1] = values.mean()
    return Score(
        value=float(values.mean()),
        interval=1.96 * deviation / math.sqrt(len(values)),
        before=float(traces[:, 0].mean()) if traces.shape[1] > 1 else math.nan,
        tasks=len(values),
        mode=mode,
        trace=tuple(float(x) for x in trace),
        per_task=tuple(float(x) for x in values),
    )
