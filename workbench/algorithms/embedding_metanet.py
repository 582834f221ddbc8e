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

from typing import Literal

import torch
from torch import Tensor

from workbench.comparing import Comparing
from workbench.functional.embedding import class_means, joint_scores
from workbench.functional.gradients import Objective, query_objective
from workbench.functional.inner import Tensors
from workbench.functional.layers import uniform_weight
from workbench.functional.normalisation import Normaliser
from workbench.interfaces import ALGORITHMS, Noise, Random
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
class EmbeddingMetaNet(Comparing):
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
    config: Config

    def first_parameters(self, random: Random) -> Tensors:
        width, embedding = self.backbone.features, self.config.embedding
        parameters: Tensors = {}
        parameters["embed.U"] = uniform_weight(random, embedding, width)
        parameters["embed.V"] = uniform_weight(random, embedding, width)
        return parameters

    def noise(self, random: Random, support_size: int, steps: int | None = None) -> Noise:
        kept = random.random(self.backbone.features) >= self.config.meta_dropout
        return {"kept": torch.from_numpy(kept)}  # (D,)

    def joint_objective(
        self, parameters: Tensors, task: Task[Tensor], noise: Noise, normaliser: Normaliser
    ) -> Objective:
        # Here alone, and not in `adapt`, since this is what makes it training.
        mask = noise["kept"] / (1 - self.config.meta_dropout)  # (3)

        def masked(at: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor) -> Tensor:
            return self.compare(at, own * mask, support, queries * mask)

        scores = joint_scores(
            self.backbone, masked, parameters, task.support, task.query_x, normaliser
        )
        return query_objective(scores, task.query_y)

    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """(Q, N) of queries (Q, D) and the support set's features (S, D)."""
        classes = class_means(own, support) @ parameters["embed.U"].T  # (N, E)  (1)
        return queries @ parameters["embed.V"].T @ classes.T  # (2)
