"""Embedding meta-network: two linear maps over one network, with Meta Dropout.

No paper.

    class vector c_n = mean of U f(x) over the support examples of class n       (1)
    score of class n = (V f(x)) . c_n                                            (2)

so that examples and queries are seen through matrices of their own. Meta Dropout: in training, one
Bernoulli mask per task silences features f(x)_j in all of its examples and queries, and the others
are divided by 1 - p; nothing is silenced at test.                               (3)

A bias e beside U f(x) would add (V f(x)) . e to the score of every class alike. The softmax cancels
that, so there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from workbench.functional.embedding import (
    EmbeddingLearner,
    class_means,
    first_averages,
    joint_scores,
    moved_averages,
    named,
    pairs,
)
from workbench.functional.gradients import query_gradient
from workbench.functional.inner import Tensors
from workbench.functional.layers import uniform_weight
from workbench.functional.normalisation import Own
from workbench.interfaces import (
    ALGORITHMS,
    Algorithm,
    Noise,
    Random,
    State,
    TaskResult,
    Traits,
    Update,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.task import Support, Task


class Config(BaseConfig):
    """Settings of the embedding meta-network."""

    name: Literal["embedding_metanet"] = "embedding_metanet"
    embedding: int = setting(
        128,
        ge=1,
        le=4096,
        suggest=(32, 512),
        label="Embedding",
        unit="numbers",
        group="Embedding",
        help="Length of the vectors in which queries and classes are compared.",
    )
    meta_dropout: float = setting(
        0.1,
        ge=0,
        lt=1,
        suggest=(0, 0.5),
        label="Meta Dropout",
        symbol="p",
        unit="of the features",
        group="Embedding",
        help="Share of the features that are silenced in a training task, the same for all of its "
        "images. Nothing is silenced in evaluation.",
    )


@ALGORITHMS.register(Config)
class EmbeddingMetaNet(Algorithm):
    """Sees examples and queries through two learned maps and compares them by a dot product."""

    title = "Embedding meta-network"
    family = "Metric-based"
    summary = (
        "Maps examples and queries by matrices of their own and compares them by a dot product, "
        "with Meta Dropout."
    )
    choose_when = (
        "Examples and queries differ in kind, or there is too little data and features should not "
        "rely on each other."
    )
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
    config: Config

    def init(self, random: Random) -> State:
        width, embedding = self.backbone.features, self.config.embedding
        parameters = self.backbone.init(random)
        parameters["embed.U"] = uniform_weight(random, embedding, width)
        parameters["embed.V"] = uniform_weight(random, embedding, width)
        return State(parameters, first_averages(self.backbone.norm_layers))

    def noise(self, random: Random, support_size: int, steps: int | None = None) -> Noise:
        kept = random.random(self.backbone.features) >= self.config.meta_dropout
        return {"kept": torch.from_numpy(kept)}  # (D,)

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> EmbeddingLearner:
        return EmbeddingLearner(
            self.backbone,
            self.compare,
            state.parameters,
            support,
            self.norm.eval,
            pairs(state.buffers),
        )

    def task_gradient(self, state: State, task: Task[Tensor], noise: Noise) -> TaskResult:
        seen = Own(record=True)
        # Here alone, and not in `adapt`, since this is what makes it training.
        mask = noise["kept"] / (1 - self.config.meta_dropout)  # (3)

        def masked(at: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor) -> Tensor:
            return self.compare(at, own * mask, support, queries * mask)

        found = query_gradient(
            lambda at: joint_scores(self.backbone, masked, at, task.support, task.query_x, seen),
            state.parameters,
            task.query_y,
        )
        return TaskResult(found.gradient, found.loss, found.scores, named(seen.statistics))

    def combine(
        self, state: State, results: Sequence[TaskResult], weights: Sequence[float]
    ) -> Update:
        averages = moved_averages(state.buffers, [result.statistics for result in results])
        return Update(super().combine(state, results, weights).gradient, averages)

    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """(Q, N) of queries (Q, D) and the support set's features (S, D)."""
        classes = class_means(own, support) @ parameters["embed.U"].T  # (N, E)  (1)
        return queries @ parameters["embed.V"].T @ classes.T  # (2)
