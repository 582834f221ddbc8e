"""Weight generator: a network that writes the classifier of a task.

No paper; a hypernetwork over class means.

    r_n = mean of tanh(U f(x) + e) over the support examples of class n          (1)
    [w_n, b_n] = G2 relu(G1 r_n + g1) + g2                                       (2)
    score of class n = f(x) . w_n + b_n                                          (3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch
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

GROUP = "Generator"


class Config(BaseConfig):
    """Settings of the weight generator."""

    name: Literal["weight_generator"] = "weight_generator"
    representation: int = setting(
        128,
        ge=1,
        le=4096,
        suggest=(32, 512),
        label="Class representation",
        symbol="r",
        unit="numbers",
        group=GROUP,
        help="Length of the vector that stands for a class.",
    )
    hidden: int = setting(
        128,
        ge=1,
        le=4096,
        suggest=(32, 512),
        label="Hidden layer",
        unit="units",
        group=GROUP,
        help="Width of the generator's hidden layer.",
    )


@ALGORITHMS.register(Config)
class WeightGenerator(Algorithm):
    """Writes a linear classifier for each task, class by class."""

    title = "Weight generator"
    family = "Memory-based"
    summary = (
        "A second network reads the examples of a class and writes that class's weights of a "
        "linear classifier."
    )
    choose_when = (
        "You want a classifier written for each task at once, without gradient steps, and any "
        "number of classes."
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
        features, r, hidden = (
            self.backbone.features,
            self.config.representation,
            self.config.hidden,
        )
        parameters = self.backbone.init(random)
        for name, outputs, inputs in (
            ("represent", r, features),
            ("generator0", hidden, r),
            ("generator1", features + 1, hidden),
        ):
            parameters[f"{name}.weight"] = uniform_weight(random, outputs, inputs)
            parameters[f"{name}.bias"] = torch.zeros(outputs)
        return State(parameters, first_averages(self.backbone.norm_layers))

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
        represented = torch.tanh(_layer(parameters, "represent", own))  # (S, R)
        weights, bias = generated(parameters, class_means(represented, support))  # (1)
        return queries @ weights.T + bias  # (3)


def generated(parameters: Tensors, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (N, D) and biases (N,) for class representations (N, R).  (2)"""
    written = _layer(parameters, "generator1", F.relu(_layer(parameters, "generator0", classes)))
    return written[:, :-1], written[:, -1]


def _layer(parameters: Tensors, name: str, x: Tensor) -> Tensor:
    return F.linear(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"])
