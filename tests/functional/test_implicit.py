"""Gradients through the end of a minimisation, by hand."""

from __future__ import annotations

import pytest
import torch

from workbench.functional.implicit import implicit_gradient
from workbench.functional.inner import OUTER, Tensors

A, B, PULL = 3.0, 0.7, 2.0
WEIGHT = f"{OUTER}w"


def loss(at: Tensors) -> torch.Tensor:
    """A quadratic, a x^2 / 2 + b x w."""
    return A / 2 * at["x"] ** 2 + B * at["x"] * at[WEIGHT]


def test_a_weight_that_stays_put_shifts_the_end() -> None:
    """The minimum of a x^2 / 2 + b x w + lambda (x - theta)^2 / 2 is
    x = (lambda theta - b w) / (a + lambda). With c = d loss / d x and d = d loss / d w at that end,
    the gradients are c lambda / (a + lambda) at theta, and d - c b / (a + lambda) at w."""
    c, d = 1.3, -0.4
    end, target = (
        {"x": torch.tensor(x, dtype=torch.float64), WEIGHT: torch.tensor(w, dtype=torch.float64)}
        for x, w in ((0.2, 0.5), (c, d))
    )
    found = implicit_gradient(loss, end, target, PULL, steps=1)
    assert float(found["x"]) == pytest.approx(c * PULL / (A + PULL), abs=1e-12)
    assert float(found[WEIGHT]) == pytest.approx(d - c * B / (A + PULL), abs=1e-12)
