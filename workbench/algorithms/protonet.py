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
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.gradients import query_gradient
from workbench.functional.inner import Tensors
from workbench.functional.normalisation import (
    LayerStatistics,
    Normaliser,
    Own,
    answer,
    running_average,
)
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
from workbench.schema.experiment import NormMode
from workbench.task import Support, Task

MOMENTUM = 0.1


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
        layers = self.backbone.norm_layers
        start = [(torch.zeros(channels), torch.ones(channels)) for channels in layers]
        return State(self.backbone.init(random), _named(start))

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> PrototypeLearner:
        return PrototypeLearner(self, state, support, self.norm.eval)

    def task_gradient(self, state: State, task: Task[Tensor], noise: Noise) -> TaskResult:
        normaliser = Own(record=True)
        found = query_gradient(
            lambda parameters: self.joint_scores(
                parameters, task.support, task.query_x, normaliser
            ),
            state.parameters,
            task.query_y,
        )
        return TaskResult(found.gradient, found.loss, found.scores, _named(normaliser.statistics))

    def combine(
        self, state: State, results: Sequence[TaskResult], weights: Sequence[float]
    ) -> Update:
        averages = _pairs(state.buffers)
        for result in results:
            averages = running_average(averages, _pairs(result.statistics), MOMENTUM / len(results))
        return Update(super().combine(state, results, weights).gradient, _named(averages))

    def joint_scores(
        self, parameters: Tensors, support: Support[Tensor], query_x: Tensor, normaliser: Normaliser
    ) -> Tensor:
        """Scores (Q, N) with support and queries normalised in one batch."""
        both = self.backbone(parameters, torch.cat([support.x, query_x]), normaliser)  # (S + Q, D)
        return self.similarity(both[len(support.x) :], prototypes(both[: len(support.x)], support))

    def similarity(self, queries: Tensor, means: Tensor) -> Tensor:
        """(Q, N) of queries (Q, D) and class means (N, D); its softmax over N is the answer."""
        if self.config.distance == "cosine":
            return self.config.scale * F.normalize(queries, dim=-1) @ F.normalize(means, dim=-1).T
        return -(queries.unsqueeze(1) - means).pow(2).sum(-1)  # (2), (3)


@dataclass(frozen=True)
class PrototypeLearner:
    """Answers with the class means of its support set; there is no inner loop, so it has step 0
    alone."""

    method: ProtoNet
    state: State
    support: Support[Tensor]
    norm: NormMode
    steps: int = 0
    support_losses: tuple[float, ...] = ()

    def scores(self, query_x: Tensor, step: int = -1, norm: NormMode | None = None) -> Tensor:
        mode = norm or self.norm
        if mode == "query_batch":
            return self.method.joint_scores(self.state.parameters, self.support, query_x, Own())
        means = prototypes(self._features(self.support.x, mode), self.support)
        return self.method.similarity(self._features(query_x, mode), means)

    def embed(self, x: Tensor) -> Tensor:
        return self._features(x, "support" if self.norm == "query_batch" else self.norm)

    def _features(self, x: Tensor, mode: NormMode) -> Tensor:
        return answer(
            lambda images, normaliser: self.method.backbone(
                self.state.parameters, images, normaliser
            ),
            self.support.x,
            x,
            mode,
            _pairs(self.state.buffers),
        )


def prototypes(features: Tensor, support: Support[Tensor]) -> Tensor:
    """Class means (N, D) of features (S, D).  (1)"""
    member = F.one_hot(support.y, support.n_way).to(features.dtype)  # (S, N)
    return member.T @ features / member.sum(0).unsqueeze(1)


def _named(statistics: Sequence[LayerStatistics]) -> Tensors:
    return {
        f"running{layer}.{part}": tensor
        for layer, pair in enumerate(statistics)
        for part, tensor in zip(("mean", "variance"), pair, strict=True)
    }


def _pairs(buffers: Tensors) -> list[LayerStatistics]:
    layers = len(buffers) // 2
    return [(buffers[f"running{i}.mean"], buffers[f"running{i}.variance"]) for i in range(layers)]
