"""R2-D2: ridge regression differentiable discriminator.

Bertinetto, Henriques, Torr, Vedaldi. Meta-learning with Differentiable Closed-form Solvers. 2018.
https://arxiv.org/abs/1805.08136

    W = argmin |X W - Y|^2 + lambda |W|^2 = (X^T X + lambda I)^-1 X^T Y          (1)
      = X^T (X X^T + lambda I)^-1 Y         Woodbury: a system of S examples     (2)
    scores = alpha X' W                                                          (3)

X (S, D + 1) are the features of the support set and a last column of beta, Y (S, N) is one-hot, X'
are the queries. The network, lambda, alpha and beta are meta-learned; lambda and alpha through
their logarithms.
Differences from the paper: its beta is added to every score, where a softmax over classes cancels
it; here beta sizes the column that its code fills with ones, so that each class has an intercept.
(1) is solved where it is the smaller system. Features of the chosen network, not of its last two
layers.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from workbench.comparing import Comparing
from workbench.functional.embedding import membership
from workbench.functional.inner import Tensors
from workbench.interfaces import ALGORITHMS, Paper, Random
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.task import Support

GROUP = "Ridge regression"


class Config(BaseConfig):
    """Settings of R2-D2."""

    name: Literal["r2d2"] = "r2d2"
    penalty: float = setting(
        1.0,
        gt=0,
        le=1e6,
        suggest=(0.01, 100),
        label="First penalty",
        symbol="λ",
        unit="on the squared weights",
        group=GROUP,
        help="How strongly the weights of a task are held small at the start; learned from there.",
    )
    scale: float = setting(
        10.0,
        gt=0,
        le=1000,
        suggest=(1, 30),
        label="First scale",
        symbol="α",
        unit="times the regression",
        group=GROUP,
        help="What the regression, which aims at 0 and 1, is multiplied by at the start; learned "
        "from there.",
    )


@ALGORITHMS.register(Config)
class R2D2(Comparing):
    """Fits a linear classifier to each task in closed form."""

    title = "R2-D2"
    family = "Metric-based"
    summary = (
        "Fits a ridge regression to each task in one exact step, and learns features in which "
        "that works."
    )
    choose_when = (
        "Tasks have several shots, or differ so much that each should have a classifier of its "
        "own, at the speed of a metric-based method."
    )
    paper = Paper("Bertinetto et al., 2018", 2018, "https://arxiv.org/abs/1805.08136")
    config: Config

    def first_parameters(self, random: Random) -> Tensors:
        parameters: Tensors = {}
        parameters["ridge.log_penalty"] = torch.tensor(math.log(self.config.penalty))
        parameters["ridge.log_scale"] = torch.tensor(math.log(self.config.scale))
        parameters["ridge.bias"] = torch.ones(())
        return parameters

    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """(Q, N) of queries (Q, D) and the support set's features (S, D)."""
        bias = parameters["ridge.bias"]
        targets = membership(support, own.dtype)  # (S, N)
        weights = ridge(_beside(own, bias), targets, parameters["ridge.log_penalty"].exp())
        return parameters["ridge.log_scale"].exp() * _beside(queries, bias) @ weights  # (3)


def ridge(x: Tensor, y: Tensor, penalty: Tensor) -> Tensor:
    """Weights (D, N) that take x (S, D) to y (S, N) with the least penalised squared error."""
    examples, width = x.shape
    if examples > width:
        primal: Tensor = torch.linalg.solve(x.T @ x + penalty * _identity(x, width), x.T @ y)  # (1)
        return primal
    dual: Tensor = torch.linalg.solve(x @ x.T + penalty * _identity(x, examples), y)
    return x.T @ dual  # (2)


def _identity(x: Tensor, size: int) -> Tensor:
    return torch.eye(size, dtype=x.dtype, device=x.device)


def _beside(features: Tensor, bias: Tensor) -> Tensor:
    return torch.cat([features, bias.expand(len(features), 1)], dim=1)  # (B, D + 1)
