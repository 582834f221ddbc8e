"""Reptile against derivations by hand, in float64, on the line of `test_maml`."""

from __future__ import annotations

import numpy as np
import torch

from tests.algorithms.test_maml import STATE, quadratic
from tests.algorithms.worlds import World, world
from workbench.algorithms.reptile import Config, Reptile
from workbench.backbones.mlp import Config as MlpConfig
from workbench.backbones.mlp import Mlp
from workbench.schema.experiment import NormConfig
from workbench.task import TaskSpec


def line(**settings: object) -> World:
    """Reptile with a linear model."""
    config = Config(**settings)  # type: ignore[arg-type]  # settings of any type
    backbone = Mlp(MlpConfig(hidden=()), (1,))
    spec = TaskSpec("regression", (1,), 1)
    return World(Reptile(config, backbone, spec, NormConfig()), "regression", 0)


def test_the_gradient_is_the_way_back_from_where_gradient_descent_ends() -> None:
    """With one minibatch of the whole support set, W = theta - alpha sum of the gradients on the
    way."""
    place = line(inner_optimizer="sgd", inner_lr=0.2, inner_steps=3, inner_batch=100)
    task = place.task(0, k_shot=4)
    found = place.algorithm.task_gradient(STATE, task, place.noise(0, task, 3)).gradient
    start = torch.cat([STATE.parameters["head.weight"], STATE.parameters["head.bias"][None]])
    hessian, constant = quadratic(task.support_x, task.support_y)
    theta = start
    for _ in range(3):
        theta = theta - 0.2 * (hessian @ theta - constant)
    torch.testing.assert_close(found["head.weight"], (start - theta)[:1], rtol=0, atol=1e-12)
    torch.testing.assert_close(found["head.bias"], (start - theta)[1], rtol=0, atol=1e-12)


def test_adam_without_momentum_moves_each_weight_by_the_rate_at_its_first_step() -> None:
    """g / sqrt(g^2) is the sign of g: the first step of Adam has the length of the rate."""
    place = line(inner_optimizer="adam", inner_lr=0.01, inner_steps=1, inner_batch=100)
    task = place.task(0, k_shot=4)
    found = place.algorithm.task_gradient(STATE, task, place.noise(0, task, 1)).gradient
    sizes = torch.cat([tensor.flatten().abs() for tensor in found.values()])
    torch.testing.assert_close(sizes, torch.full_like(sizes, 0.01), rtol=1e-5, atol=0)


def test_the_second_step_of_adam_is_the_one_worked_out_by_hand() -> None:
    """v2 = 0.999 * 0.001 g1^2 + 0.001 g2^2, corrected by 1 - 0.999^2."""
    place = line(inner_optimizer="adam", inner_lr=0.01, inner_steps=2, inner_batch=100)
    task = place.task(0, k_shot=4)
    hessian, constant = quadratic(task.support_x, task.support_y)
    theta = torch.cat([STATE.parameters["head.weight"], STATE.parameters["head.bias"][None]])
    start, second = theta, torch.zeros_like(theta)
    for count in (1, 2):
        gradient = hessian @ theta - constant
        second = 0.999 * second + 0.001 * gradient**2
        theta = theta - 0.01 * gradient / ((second / (1 - 0.999**count)).sqrt() + 1e-8)
    found = place.algorithm.task_gradient(STATE, task, place.noise(0, task, 2)).gradient
    torch.testing.assert_close(found["head.weight"], (start - theta)[:1], rtol=0, atol=1e-12)


def test_minibatches_walk_through_whole_permutations_of_the_support_set() -> None:
    place = world("reptile", inner_batch=4)
    noise = place.algorithm.noise(np.random.default_rng(0), 6, steps=3)
    order = noise["minibatches"]
    assert order.shape == (3, 4)
    assert sorted(order.flatten()[:6].tolist()) == list(range(6))
    assert sorted(order.flatten()[6:].tolist()) == list(range(6))
