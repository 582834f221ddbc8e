"""The map over tasks that suits the device, the network and the method.

- threads: the plain loop, cut among worker threads, one task and one backward pass at a time.
- folded: all tasks of a step in one pass, through kernels that take a model for each. For networks
  so small, or devices so wide, that one task cannot fill them.

The results are those of the plain loop, in task order, up to the rounding of the kernels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Literal

import torch
from torch import Tensor

from workbench.engine.session import Session
from workbench.functional.gradients import weighted_mean
from workbench.functional.losses import task_losses
from workbench.functional.tasks import use_cores
from workbench.interfaces import Algorithm, Noise, State, TaskResult, Tensors, Update
from workbench.task import Task, TaskBatch

Strategy = Literal["threads", "folded"]


def strategy(session: Session) -> Strategy:
    """What the settings ask for, or what is quickest here."""
    chosen = session.config.training.strategy
    may_fold = (
        session.algorithm.traits.folds
        and session.algorithm.backbone.folds
        and session.config.norm.train in ("support", "query_batch")
    )
    if chosen == "threads" or not may_fold:
        return "threads"
    wide = session.device.type == "cuda"
    small = session.device.type == "cpu" and not session.algorithm.backbone.worth_a_thread
    return "folded" if chosen == "folded" or wide or small else "threads"


def task_per_core(session: Session) -> bool:
    """Whether each core computes tasks of its own; else all cores share each operation."""
    alone = session.config.training.meta_batch == 1 or not session.algorithm.backbone.worth_a_thread
    return strategy(session) == "threads" and not alone


class TaskMap:
    """Maps `task_gradient` over the tasks of a step; a context manager.

    Args:
        session: whose tasks, algorithm and device.

    Attributes:
        threads: for whatever else is worth them; evaluation, say.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folds = strategy(session) == "folded"
        self._at_once = session.config.training.meta_batch
        self.threads = session.task_threads()
        self._shelf: dict[str, Tensor] = {}

    def update(
        self,
        state: State,
        batch: TaskBatch[Tensor],
        noise: Sequence[Noise],
        weights: Sequence[float],
    ) -> tuple[list[TaskResult], Update]:
        """What each task says, in task order, perhaps without its gradient; and what they say
        together, by these weights."""
        algorithm = self._session.algorithm
        means = type(algorithm).combine is Algorithm.combine
        if means and not self._folds and self.threads.count == 1:
            return self._in_turn(state, batch, noise, weights)
        results = self.gradients(state, batch, noise)
        return results, algorithm.combine(state, results, weights)

    def gradients(
        self, state: State, batch: TaskBatch[Tensor], noise: Sequence[Noise]
    ) -> list[TaskResult]:
        """The result of each task, in task order."""
        if self._folds:
            return self._folded(state, batch, noise)
        shelf = self._shelf_for(state, len(batch))

        def one_task(item: tuple[Task[Tensor], Noise, int]) -> TaskResult:
            return self._one(state, *item, shelf)

        return self.threads.each(one_task, list(zip(batch, noise, range(len(batch)), strict=True)))

    def _in_turn(
        self,
        state: State,
        batch: TaskBatch[Tensor],
        noise: Sequence[Noise],
        weights: Sequence[float],
    ) -> tuple[list[TaskResult], Update]:
        """The same to the last bit where a mean is all that is wanted: each gradient is added
        before the next is there, and one place holds them all in turn."""
        results: list[TaskResult] = []
        shelf = self._shelf_for(state, 1)

        def found() -> Iterator[Tensors]:
            for task, drawn in zip(batch, noise, strict=True):
                result = self._one(state, task, drawn, 0, shelf)
                results.append(replace(result, gradient={}))
                yield result.gradient

        return results, Update(weighted_mean(found(), weights), state.buffers)

    def _one(
        self, state: State, task: Task[Tensor], noise: Noise, place: int, shelf: Tensors
    ) -> TaskResult:
        """The result of a task, its gradient at a place on the shelf."""
        result = self._session.algorithm.on_task(noise).task_gradient(state, task, noise)
        return replace(
            result, gradient={n: shelf[n][place].copy_(one) for n, one in result.gradient.items()}
        )

    def _shelf_for(self, state: State, places: int) -> Tensors:
        """Places for gradients, made once: what outlives the graph of its task would otherwise
        lie scattered among the memory that the next task asks for in one piece."""
        if not self._shelf:
            self._shelf = {n: p.new_empty(places, *p.shape) for n, p in state.parameters.items()}
        return self._shelf

    def _folded(
        self, state: State, batch: TaskBatch[Tensor], noise: Sequence[Noise]
    ) -> list[TaskResult]:
        found: list[TaskResult] = []
        while len(found) < len(batch):
            part = slice(len(found), len(found) + self._at_once)
            try:
                found += fold(self._session.algorithm, state, batch.part(part), noise[part])
            except torch.OutOfMemoryError:
                if self._at_once == 1:
                    raise
                self._at_once = -(-self._at_once // 2)
        return found

    def __enter__(self) -> TaskMap:
        self.threads.__enter__()
        # One task at a time, or all in one pass, leaves the cores to the operations inside it.
        shared = self._folds or self.threads.count > 1
        use_cores(self._session.threads if shared and not task_per_core(self._session) else 1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.threads.__exit__(kind, error, at)


def fold(
    algorithm: Algorithm, state: State, batch: TaskBatch[Tensor], noise: Sequence[Noise]
) -> list[TaskResult]:
    """The result of each task, from one folded pass."""
    tasks = len(batch)
    stacked = {name: torch.stack([one[name] for one in noise]) for name in noise[0]}
    everywhere = State(_for_each(state.parameters, tasks), _for_each(state.buffers, tasks))
    result = algorithm.on_task(stacked).task_gradient(everywhere, batch.folded, stacked)
    losses = task_losses(result.scores, batch.query_y).tolist()
    return [
        TaskResult(
            {name: gradient[task] for name, gradient in result.gradient.items()},
            losses[task],
            result.scores[task],
            {name: value[task] for name, value in result.statistics.items()},
            result.metrics,  # already their means
        )
        for task in range(tasks)
    ]


def _for_each(tensors: Tensors, tasks: int) -> Tensors:
    return {name: tensor.expand(tasks, *tensor.shape) for name, tensor in tensors.items()}
