"""Forgetting: how well the tasks of a sequence are still solved after all of them were met.

Of tasks 1 … T, met one after the other, each from where the one before has ended,

    learned_i = accuracy on task i just after it was met
    kept_i    = accuracy on task i after task T
    forgotten = learned - kept
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from workbench.errors import ConfigError
from workbench.functional.losses import accuracy, task_loss
from workbench.interfaces import Learner, Noise, State
from workbench.task import Support, Task


class Following(Protocol):
    """A method that can meet one task after the other."""

    title: ClassVar[str]

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

    @property
    def forgotten(self) -> tuple[float, ...]:
        """What each task has lost since it was met; of errors, the loss is negative."""
        return tuple(a - b for a, b in zip(self.learned, self.kept, strict=True))


def forgetting(
    algorithm: Following, state: State, tasks: Sequence[Task[Tensor]], noise: Sequence[Noise]
) -> Forgetting:
    """Meet the tasks one after the other, and look back.

    Raises:
        ConfigError: the method begins every task anew.
    """
    learned, first = [], state
    for task, one in zip(tasks, noise, strict=True):
        state = algorithm.follow(state, task, one)
        learned.append(_value(algorithm, state, task, one))
    if all(state.parameters[name] is tensor for name, tensor in first.parameters.items()):
        raise nothing_to_forget(algorithm.title)
    kept = [_value(algorithm, state, task, one) for task, one in zip(tasks, noise, strict=True)]
    return Forgetting(tuple(learned), tuple(kept))


def nothing_to_forget(title: str) -> ConfigError:
    """Of a method that carries nothing from task to task."""
    return ConfigError.of(
        "algorithm.name",
        f"{title} begins every task anew, so there is nothing that it could forget.",
        "Choose a run of MAML, FAME or another method whose inner loop moves its weights.",
    )


def _value(algorithm: Following, state: State, task: Task[Tensor], noise: Noise) -> float:
    with torch.no_grad():
        learner = algorithm.adapt(state, task.support, noise, steps=0)
        scores = learner.scores(task.query_x)
    classes = task.query_y.dtype == torch.int64
    return accuracy(scores, task.query_y) if classes else float(task_loss(scores, task.query_y))
