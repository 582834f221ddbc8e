"""What all methods share that embed images and compare them: everything but the comparison.

A method of this kind gives its first parameters and `compare`, and where its loss is more than the
loss of the queries, `objective`. Training normalises support and queries in one batch, as these
papers' codes do, and keeps running averages of the statistics; evaluation uses the averages, so
that every query is answered alone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from torch import Tensor

from workbench.functional.embedding import (
    EmbeddingLearner,
    first_averages,
    joint_scores,
    moved_averages,
    named,
    pairs,
)
from workbench.functional.gradients import Objective, objective_gradient
from workbench.functional.inner import Tensors
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Normaliser, Own
from workbench.interfaces import (
    Algorithm,
    Learner,
    Noise,
    Random,
    State,
    TaskResult,
    Traits,
    Update,
)
from workbench.task import Support, Task


class Comparing(Algorithm):
    """A method without an inner loop, for any number of ways."""

    traits = Traits(
        any_way=True,
        class_equivariant=True,
        norm_train=("query_batch",),
        norm_eval=("running", "support", "support_plus_one", "query_batch"),
    )
    recommended: ClassVar[Mapping[str, Any]] = {
        "training.n_way": 20,
        "training.queries": 5,
        "training.meta_batch": 1,
        "norm.train": "query_batch",
        "norm.eval": "running",
    }

    @abstractmethod
    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """(Q, N) of the support set's features `own` (S, D) and of queries (Q, D)."""

    def first_parameters(self, random: Random) -> Tensors:
        """Weights besides the network's."""
        return {}

    def init(self, random: Random) -> State:
        parameters = self.backbone.init(random) | self.first_parameters(random)
        return State(parameters, first_averages(self.backbone.norm_layers))

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> Learner:
        averages = pairs(state.buffers)
        return EmbeddingLearner(
            self.backbone, self.compare, state.parameters, support, self.norm.eval, averages
        )

    def objective(
        self, parameters: Tensors, task: Task[Tensor], noise: Noise, normaliser: Normaliser
    ) -> Objective:
        """What training minimises on one task."""
        scores = joint_scores(
            self.backbone, self.compare, parameters, task.support, task.query_x, normaliser
        )
        loss = task_loss(scores, task.query_y)
        return Objective(loss, loss, scores)

    def task_gradient(self, state: State, task: Task[Tensor], noise: Noise) -> TaskResult:
        seen = Own(record=True)
        found = objective_gradient(
            lambda parameters: self.objective(parameters, task, noise, seen), state.parameters
        )
        return TaskResult(found.gradient, found.loss, found.scores, named(seen.statistics))

    def combine(
        self, state: State, results: Sequence[TaskResult], weights: Sequence[float]
    ) -> Update:
        averages = moved_averages(state.buffers, [result.statistics for result in results])
        return Update(super().combine(state, results, weights).gradient, averages)
