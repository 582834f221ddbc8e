"""Linear models in float64, whose inner loop can be worked out by hand.

The model is a line, y = w x + b: a perceptron without hidden layers. Its support loss is quadratic
in theta = (w, b): with X the examples beside a column of ones,

    L(theta) = |X theta - y|^2 / S
    grad L   = H theta - c          H = 2 X^T X / S,  c = 2 X^T y / S
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.algorithms.worlds import World
from workbench.backbones.mlp import Config as MlpConfig
from workbench.backbones.mlp import Mlp
from workbench.interfaces import ALGORITHMS, State, Tensors
from workbench.schema.config import validate
from workbench.schema.experiment import NormConfig
from workbench.task import Task, TaskSpec

THETA = {
    "head.weight": torch.tensor([[0.7]], dtype=torch.float64),
    "head.bias": torch.tensor([-0.4], dtype=torch.float64),
}
STATE = State(THETA)


def line(name: str, **settings: object) -> World[Any]:
    """A registered algorithm with a linear model."""
    config = validate(ALGORITHMS.config(name), {"name": name, **settings})
    spec = TaskSpec("regression", (1,), 1)
    backbone = Mlp(MlpConfig(hidden=()), (1,))
    return World(ALGORITHMS[name](config, backbone, spec, NormConfig()), "regression", 0)


def task(seed: int = 0) -> Task[Tensor]:
    """Four points to learn from, five to answer."""
    return line("maml").task(seed, k_shot=4, queries=5)


def quadratic(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """H (2, 2) and c (2, 1) of the mean squared error of a line."""
    design = torch.cat([x, torch.ones_like(x)], dim=1)
    return 2 * design.T @ design / len(x), 2 * design.T @ y / len(x)


def column(parameters: Tensors, prefix: str = "") -> Tensor:
    """(w, b) as (2, 1)."""
    return torch.cat(
        [parameters[f"{prefix}head.weight"], parameters[f"{prefix}head.bias"].unsqueeze(1)]
    )


def close(found: Tensor, expected: Tensor) -> None:
    """Equal but for rounding."""
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
