"""Weight generator: a network that writes the classifier of a task.

No paper; a hypernetwork over class means.

    r_n = mean of tanh(U f(x) + e) over the support examples of class n          (1)
    [w_n, b_n] = G2 relu(G1 r_n + g1) + g2                                       (2)
    score of class n = f(x) . w_n + b_n                                          (3)
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.comparing import Comparing
from workbench.functional.embedding import class_means
from workbench.functional.inner import Tensors
from workbench.functional.layers import dense, init_dense
from workbench.interfaces import ALGORITHMS, Random
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.task import Support

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
class WeightGenerator(Comparing):
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
    config: Config

    def first_parameters(self, random: Random) -> Tensors:
        features, r, hidden = (
            self.backbone.features,
            self.config.representation,
            self.config.hidden,
        )
        parameters: Tensors = {}
        for name, outputs, inputs in (
            ("represent", r, features),
            ("generator0", hidden, r),
            ("generator1", features + 1, hidden),
        ):
            parameters |= init_dense(random, name, inputs, outputs)
        return parameters

    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """(Q, N) of queries (Q, D) and the support set's features (S, D)."""
        represented = torch.tanh(dense(parameters, "represent", own))  # (S, R)
        weights, bias = generated(parameters, class_means(represented, support))  # (1)
        return queries @ weights.T + bias  # (3)


def generated(parameters: Tensors, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (N, D) and biases (N,) for class representations (N, R).  (2)"""
    written = dense(parameters, "generator1", F.relu(dense(parameters, "generator0", classes)))
    return written[:, :-1], written[:, -1]
