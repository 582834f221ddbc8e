"""Forgetting: how well the tasks of a sequence are still solved after all of them were met.

Of tasks 1 … T, met one after the other, each from where the one before has ended,

    learned_i = accuracy on task i just after it was met
    kept_i    = accuracy on task i after task T
    forgotten = learned - kept
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from workbench.functional.losses import accuracy, task_loss
from workbench.interfaces import Learner, Noise, State
from workbench.schema.experiment import NormMode
from workbench.task import Support, Task


class Following(Protocol):
    """A method that `goes_on`."""

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> Learner: ...

    def rested(self, state: State) -> State:
        """The state before a sequence."""

    def follow(self, state: State, task: Task[Tensor], noise: Noise) -> State:
        """The state that has met one more task, to meet the next one from."""


@dataclass(frozen=True)
class Forgetting:
    """Accuracies, or mean squared errors of a regression, of each task of one sequence."""

    learned: tuple[float, ...]
    kept: tuple[float, ...]


def forgetting(
    algorithm: Following,
    state: State,
    tasks: Sequence[Task[Tensor]],
    noise: Sequence[Noise],
    norm: NormMode,
) -> Forgetting:
    """Meet the tasks one after the other, and look back; queries are normalised as `norm` says."""
    state, learned = algorithm.rested(state), []
    for task, one in zip(tasks, noise, strict=True):
        state = algorithm.follow(state, task, one)
        learned.append(_value(algorithm, state, task, one, norm))
    kept = [
        _value(algorithm, state, task, one, norm) for task, one in zip(tasks, noise, strict=True)
    ]
    return Forgetting(tuple(learned), tuple(kept))


def _value(
    algorithm: Following, state: State, task: Task[Tensor], noise: Noise, norm: NormMode
) -> float:
    with torch.no_grad():
        learner = algorithm.adapt(state, task.support, noise, steps=0)
        scores = learner.scores(task.query_x, norm=norm)
    classes = task.query_y.dtype == torch.int64
    return accuracy(scores, task.query_y) if classes else float(task_loss(scores, task.query_y))
