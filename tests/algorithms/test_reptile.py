"""Reptile against derivations by hand, in float64, on the line of `lines`."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.algorithms.lines import STATE, THETA, close, column, line, quadratic, task
from tests.algorithms.worlds import world
from workbench.interfaces import Tensors


def moved(optimizer: str, rate: float, steps: int) -> Tensors:
    """What is descended after steps on the whole support set: the way back from their end."""
    settings = {"inner_optimizer": optimizer, "inner_lr": rate, "inner_steps": steps}
    place = line("reptile", inner_batch=100, **settings)
    noise = place.noise(0, task(), steps)
    return place.algorithm.task_gradient(STATE, task(), noise).gradient


def test_the_gradient_is_the_way_back_from_where_gradient_descent_ends() -> None:
    """With one minibatch of the whole support set, W = theta - alpha sum of the gradients on the
    way."""
    theta, (hessian, constant) = column(THETA), quadratic(task().support_x, task().support_y)
    for _ in range(3):
        theta = theta - 0.2 * (hessian @ theta - constant)
    close(column(moved("sgd", 0.2, 3)), column(THETA) - theta)


def test_adam_without_momentum_moves_each_weight_by_the_rate_at_its_first_step() -> None:
    """g / sqrt(g^2) is the sign of g: the first step of Adam has the length of the rate."""
    sizes = column(moved("adam", 0.01, 1)).abs()
    torch.testing.assert_close(sizes, torch.full_like(sizes, 0.01), rtol=1e-5, atol=0)


def test_the_second_step_of_adam_is_the_one_worked_out_by_hand() -> None:
    """v2 = 0.999 * 0.001 g1^2 + 0.001 g2^2, corrected by 1 - 0.999^2."""
    theta, (hessian, constant) = column(THETA), quadratic(task().support_x, task().support_y)
    second = torch.zeros_like(theta)
    for count in (1, 2):
        gradient = hessian @ theta - constant
        second = 0.999 * second + 0.001 * gradient**2
        theta = theta - 0.01 * gradient / ((second / (1 - 0.999**count)).sqrt() + 1e-8)
    close(column(moved("adam", 0.01, 2)), column(THETA) - theta)


def test_minibatches_walk_through_whole_permutations_of_the_support_set() -> None:
    place = world("reptile", inner_batch=4)
    noise = place.algorithm.noise(np.random.default_rng(0), 6, steps=3)
    order = noise["minibatches"]
    assert order.shape == (3, 4)
    assert sorted(order.flatten()[:6].tolist()) == list(range(6))
    assert sorted(order.flatten()[6:].tolist()) == list(range(6))


def test_each_walk_through_the_support_set_has_an_order_of_its_own() -> None:
    """24 places are four walks through six examples; that two orders are equal by chance happens
    once in 720 times, and not with this seed."""
    place = world("reptile", inner_batch=4)
    order = place.algorithm.noise(np.random.default_rng(0), 6, steps=6)["minibatches"]
    walks = order.view(4, 6).tolist()
    assert [sorted(walk) for walk in walks] == [list(range(6))] * 4
    assert len({tuple(walk) for walk in walks}) == 4


def test_of_a_support_set_smaller_than_a_minibatch_each_step_sees_every_example_once() -> None:
    place = world("reptile", inner_batch=10)
    order = place.algorithm.noise(np.random.default_rng(0), 6, steps=3)["minibatches"]
    assert [sorted(step) for step in order.tolist()] == [list(range(6))] * 3


def test_the_loss_of_a_task_is_that_of_its_queries_where_training_ends() -> None:
    place = line("reptile", inner_optimizer="sgd", inner_lr=0.2, inner_steps=3)
    one = task()
    noise = place.noise(0, one, 3)
    result = place.algorithm.task_gradient(STATE, one, noise)
    ended = {name: THETA[name] - moved for name, moved in result.gradient.items()}
    answers = one.query_x * ended["head.weight"] + ended["head.bias"]
    close(result.scores, answers)
    assert result.loss == pytest.approx(float((answers - one.query_y).square().mean()), abs=1e-12)
