"""MAML against derivations by hand, in float64.

The model is a line with the gradient H theta - c, see `tests.algorithms.lines`:

    theta_(i+1) = theta_i - alpha (H theta_i - c)

so d theta_k / d theta_0 = (I - alpha H)^k, and the second-order gradient of the query loss is

    (I - alpha H)^k  grad L_query(theta_k)

while the first-order one leaves the matrix away.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.algorithms import lines
from tests.algorithms.lines import STATE, quadratic
from tests.algorithms.worlds import World

RATE = 0.3


def line(**settings: object) -> World:
    """MAML with a linear model."""
    return lines.line("maml", inner_lr=RATE, **settings)


def by_hand(place: World, steps: int, second_order: bool) -> tuple[Tensor, Tensor]:
    """theta_k and the outer gradient, (2, 1) each."""
    task = place.task(0, k_shot=4, queries=5)
    theta = torch.cat([STATE.parameters["head.weight"], STATE.parameters["head.bias"][None]])
    hessian, constant = quadratic(task.support_x, task.support_y)
    for _ in range(steps):
        theta = theta - RATE * (hessian @ theta - constant)
    query_hessian, query_constant = quadratic(task.query_x, task.query_y)
    gradient = query_hessian @ theta - query_constant
    through = torch.eye(2, dtype=torch.float64) - RATE * hessian
    if second_order:
        gradient = torch.linalg.matrix_power(through, steps) @ gradient
    return theta, gradient


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("second_order", [True, False])
def test_the_outer_gradient_is_the_one_derived_by_hand(steps: int, second_order: bool) -> None:
    place = line(inner_steps=steps, second_order=second_order)
    found = place.algorithm.task_gradient(STATE, place.task(0, k_shot=4, queries=5), {}).gradient
    _, expected = by_hand(place, steps, second_order)
    torch.testing.assert_close(found["head.weight"], expected[:1], rtol=0, atol=1e-12)
    torch.testing.assert_close(found["head.bias"], expected[1], rtol=0, atol=1e-12)


def test_first_and_second_order_differ() -> None:
    _, second = by_hand(line(), 3, True)
    _, first = by_hand(line(), 3, False)
    assert (second - first).abs().max() > 0.01


def test_adaptation_walks_down_the_support_loss_as_by_hand() -> None:
    place = line()
    task = place.task(0, k_shot=4, queries=5)
    learner = place.algorithm.adapt(STATE, task.support, {}, steps=3)
    theta, _ = by_hand(place, 3, True)
    design = torch.cat([task.query_x, torch.ones_like(task.query_x)], dim=1)
    torch.testing.assert_close(learner.scores(task.query_x), design @ theta, rtol=0, atol=1e-12)
    losses = learner.support_losses
    assert list(losses) == sorted(losses, reverse=True)
    assert len(losses) == 4


def test_steps_at_evaluation_may_differ_from_training() -> None:
    place = line(inner_steps=2, inner_steps_eval=7)
    assert place.algorithm.training_steps() == 2
    assert place.algorithm.adapt(STATE, place.task(0).support, {}).steps == 7


def test_no_step_leaves_the_starting_point() -> None:
    place = line(inner_steps_eval=0)
    task = place.task(0)
    answer = place.algorithm.adapt(STATE, task.support, {}).scores(task.query_x)
    torch.testing.assert_close(answer, 0.7 * task.query_x - 0.4, rtol=0, atol=1e-12)
