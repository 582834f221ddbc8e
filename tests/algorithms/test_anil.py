"""ANIL against derivations by hand, in float64.

The body is an adapter of one unit: feature f = relu(a x + c) with a = 0.5, c = 0, positive for
positive x; the score is w f + b with w = 1, b = 0. One step at alpha = 0.1 on the support example
(x, y) = (1, 2), where f = 0.5, with r = w f + b - y = -1.5:

    dL/dw = 2 r f = -1.5     w' = 1.15          dL/db = 2 r = -3     b' = 0.3

On the query (3, 3), where f = 1.5: s = 1.15 * 1.5 + 0.3 = 2.025, and dL/ds = 2 (s - 3) = -1.95.
The second order adds how w' and b' move with what they were made from:

    d/da  (2 r f) = 2 w x f + 2 r x = -2        d w'/da = 0.2
          (2 r)   = 2 w x           =  2        d b'/da = -0.2      d/dc is the same, as x = 1
    d/dw  (2 r f) = 2 f^2 = 0.5                 d w'/dw = 0.95
          (2 r)   = 2 f   = 1                   d b'/dw = -0.1
    d/db  (2 r f) = 2 f   = 1                   d w'/db = -0.1
          (2 r)   = 2                           d b'/db = 0.8

    ds/da = w' * 3 + 1.5 d w'/da + d b'/da = 3.45 + 0.1        first order: 3.45
    ds/dc = w'     + 1.5 d w'/dc + d b'/dc = 1.15 + 0.1        first order: 1.15
    ds/dw = 1.5 * 0.95 - 0.1               = 1.325             first order: 1.5
    ds/db = 1.5 * -0.1 + 0.8               = 0.65              first order: 1
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.algorithms.lines import close, line
from tests.algorithms.worlds import IMAGE, double, world
from workbench.algorithms.anil import Anil, Config
from workbench.backbones.conv4 import Config as Conv4Config
from workbench.backbones.conv4 import Conv4
from workbench.functional.normalisation import Normaliser, Own
from workbench.interfaces import State, Tensors
from workbench.schema.experiment import NormConfig
from workbench.task import Task, TaskSpec

BY_HAND = {
    True: {"adapter.weight": 3.55, "adapter.bias": 1.25, "head.weight": 1.325, "head.bias": 0.65},
    False: {"adapter.weight": 3.45, "adapter.bias": 1.15, "head.weight": 1.5, "head.bias": 1.0},
}


@pytest.mark.parametrize("second_order", [True, False])
def test_body_and_head_get_the_gradients_derived_by_hand(second_order: bool) -> None:
    weights = {"adapter.weight": 0.5, "adapter.bias": 0, "head.weight": 1, "head.bias": 0}
    state = State({name: number(value, name) for name, value in weights.items()})
    x, y, query_x, query_y = (number(value, "weight") for value in (1, 2, 3, 3))
    place = line("anil", adapter=1, inner_steps=1, inner_lr=0.1, second_order=second_order)
    result = place.algorithm.task_gradient(state, Task(x, y, query_x, query_y, 0), {})
    for name, derivative in BY_HAND[second_order].items():
        close(result.gradient[name], number(-1.95 * derivative, name))


def number(value: float, name: str) -> Tensor:
    """A matrix of one number, or a vector for a bias."""
    return torch.full((1,) if "bias" in name else (1, 1), value, dtype=torch.float64)


def test_the_inner_loop_moves_the_head_and_nothing_else() -> None:
    place = world("anil", adapter=6)
    state, task = place.state(), place.task(0)
    learner = place.algorithm.adapt(state, task.support, {}, 3)
    first, last = learner.weights(0), learner.weights(-1)
    moved = {name for name in first if not torch.equal(first[name], last[name])}
    assert moved == {"head.weight", "head.bias"}


class Counted(Conv4):
    """A network that knows how many batches it saw."""

    calls = 0

    def __call__(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        self.calls += 1
        return super().__call__(parameters, x, normaliser)


@pytest.mark.parametrize("steps", [0, 1, 9])
def test_the_features_of_the_support_set_are_computed_once(steps: int) -> None:
    backbone = Counted(Conv4Config(width=4), IMAGE)
    spec = TaskSpec("classification", IMAGE, 3)
    anil = Anil(Config(), backbone, spec, NormConfig())
    state = double(anil.init(np.random.default_rng(0)))
    anil.adapt(state, world("anil").task(0).support, {}, steps)
    assert backbone.calls == 1


def test_a_frozen_body_is_kept_and_its_adapter_learns() -> None:
    place = world("anil", freeze_body=True, adapter=6)
    state = place.state()
    assert state.buffers.keys() == world("anil").algorithm.backbone.init(random()).keys()
    result = place.gradient(state, 0)
    update = place.algorithm.combine(state, [result], [1.0])
    assert update.gradient.keys() == state.parameters.keys()
    assert "adapter.weight" in update.gradient
    assert all(tensor.abs().max() > 0 for tensor in update.gradient.values())
    assert all(torch.equal(update.buffers[name], kept) for name, kept in state.buffers.items())


def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_adapter_lets_nothing_below_zero_through() -> None:
    """relu(0.5 x + 0) of -2, 0 and 3."""
    body = line("anil", adapter=1).algorithm.body
    weights = {"adapter.weight": number(0.5, "weight"), "adapter.bias": number(0, "bias")}
    x = torch.tensor([[-2.0], [0.0], [3.0]], dtype=torch.float64)
    assert body(weights, x, Own()).tolist() == [[0.0], [0.0], [1.5]]


def test_a_frozen_body_is_still_there_after_a_task_of_a_sequence() -> None:
    place = world("anil", freeze_body=True)
    state, task = place.state(), place.task(0)
    with torch.no_grad():
        adapted = place.algorithm.adapt(state, task.support, {}).scores(task.query_x)
        after = place.algorithm.follow(state, task, {})
        again = place.algorithm.adapt(after, task.support, {}, 0).scores(task.query_x)
    torch.testing.assert_close(again, adapted, rtol=0, atol=1e-12)
