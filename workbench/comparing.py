"""What all methods share that learn on whole batches of a task, without an inner loop; and those of
them that embed images and compare them: everything but the comparison.

Training normalises support and queries in one batch, as these papers' codes do, and keeps running
averages of the statistics; evaluation uses the averages, so that every query is answered alone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from workbench.functional.gradients import Objective, query_objective
from workbench.functional.inner import Tensors
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


class Averaging(Algorithm):
    """A method whose training normalises all images of a task together; its state's buffers are
    running averages of the statistics.

    A method of this kind gives `joint_objective`, and its first parameters.
    """

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
        "training.schedule.name": "cosine",
        "norm.train": "query_batch",
        "norm.eval": "running",
    }

    @abstractmethod
    def joint_objective(
        self, parameters: Tensors, task: Task[Tensor], noise: Noise, normaliser: Normaliser
    ) -> Objective:
        """What training minimises on one task, whose images `normaliser` meets in one batch."""

    def first_parameters(self, random: Random) -> Tensors:
        """Weights besides the network's."""
        return {}

    def init(self, random: Random) -> State:
        parameters = self.backbone.init(random) | self.first_parameters(random)
        return State(parameters, first_averages(self.norm_layers))

    def objective(self, state: State, task: Task[Tensor], noise: Noise) -> Objective:
        seen = Own(record=True)
        found = self.joint_objective(state.parameters, task, noise, seen)
        return replace(found, statistics=named(seen.statistics))

    def combine(
        self, state: State, results: Sequence[TaskResult], weights: Sequence[float]
    ) -> Update:
        averages = moved_averages(state.buffers, [result.statistics for result in results])
        return Update(super().combine(state, results, weights).gradient, averages)


class Comparing(Averaging):
    """A method that embeds support set and queries and compares them, for any number of ways.

    A method of this kind gives `compare`, and where its loss is more than the loss of the queries,
    `joint_objective`.
    """

    @abstractmethod
    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """(Q, N) of the support set's features `own` (S, D) and of queries (Q, D)."""

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> Learner:
        parameters, averages = state.parameters, pairs(state.buffers)
        return EmbeddingLearner(
            self.backbone, parameters, support, self.norm.eval, averages, compare=self.compare
        )

    def joint_objective(
        self, parameters: Tensors, task: Task[Tensor], noise: Noise, normaliser: Normaliser
    ) -> Objective:
        scores = joint_scores(
            self.backbone, self.compare, parameters, task.support, task.query_x, normaliser
        )
        return query_objective(scores, task.query_y)
