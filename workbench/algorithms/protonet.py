"""Prototypical networks.

Snell, Swersky, Zemel. Prototypical Networks for Few-shot Learning. 2017.
https://arxiv.org/abs/1703.05175

    c_n = mean of f(x) over the support examples of class n                        (1)
    p(y = n | x) = softmax over n of -d(f(x), c_n)                                 (2)
    d(a, b) = |a - b|^2, the squared Euclidean distance, a Bregman divergence      (3)

Training normalises support and queries in one batch, as the paper's code does, and keeps running
averages of those statistics; evaluation uses the averages, so that every query is answered alone.
Differences from the paper: none known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch.nn.functional as F
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
from workbench.functional.normalisation import Own
from workbench.interfaces import (
    ALGORITHMS,
    Algorithm,
    Noise,
    Paper,
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
    """Settings of prototypical networks."""

    name: Literal["protonet"] = "protonet"
    distance: Literal["euclidean", "cosine"] = setting(
        "euclidean",
        choices={"euclidean": "squared Euclidean", "cosine": "cosine"},
        label="Distance",
        symbol="d",
        group="Prototypes",
        help="How far an example is from a class mean. Squared Euclidean is the paper's choice.",
    )
    scale: float = setting(
        10.0,
        gt=0,
        le=1000,
        suggest=(1, 30),
        label="Cosine scale",
        unit="times the similarity",
        group="Prototypes",
        help="What a cosine similarity is multiplied by; without it the answer cannot become "
        "confident. "
        "Unused with the Euclidean distance.",
    )


@ALGORITHMS.register(Config)
class ProtoNet(Algorithm):
    """Names a query after the nearest class mean in a learned space."""

    title = "Prototypical networks"
    family = "Metric-based"
    summary = (
        "Learns a space in which each class gathers around its mean; a query gets the nearest "
        "mean's name."
    )
    choose_when = (
        "You want a strong, quick and steady baseline for classification, with any number of "
        "classes."
    )
    paper = Paper("Snell et al., 2017", 2017, "https://arxiv.org/abs/1703.05175")
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
        return State(self.backbone.init(random), first_averages(self.backbone.norm_layers))

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
        found = query_gradient(
            lambda at: joint_scores(
                self.backbone, self.compare, at, task.support, task.query_x, seen
            ),
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
        return self.similarity(queries, class_means(own, support))  # (1)

    def similarity(self, queries: Tensor, means: Tensor) -> Tensor:
        """(Q, N) of queries (Q, D) and class means (N, D); its softmax over N is the answer."""
        if self.config.distance == "cosine":
            return self.config.scale * F.normalize(queries, dim=-1) @ F.normalize(means, dim=-1).T
        return -(queries.unsqueeze(1) - means).pow(2).sum(-1)  # (2), (3)
