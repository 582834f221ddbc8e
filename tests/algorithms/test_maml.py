"""MAML against derivations by hand, in float64.

The model is a line with the gradient H theta - c, see `tests.algorithms.lines`:

    theta_(i+1) = theta_i - alpha (H theta_i - c)

so d theta_k / d theta_0 = (I - alpha H)^k, and the second-order gradient of the query loss is

    (I - alpha H)^k  grad L_query(theta_k)

while the first-order one leaves the matrix away.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from tests.algorithms import lines
from tests.algorithms.lines import STATE, THETA, close, column, quadratic, task
from tests.algorithms.worlds import World, world
from workbench.engine.cost import metered
from workbench.interfaces import State

RATE = 0.3


def line(**settings: object) -> World[Any]:
    """MAML with a linear model."""
    return lines.line("maml", inner_lr=RATE, **settings)


def by_hand(steps: int, second_order: bool) -> tuple[Tensor, Tensor]:
    """theta_k and the outer gradient, (2, 1) each."""
    theta, (hessian, constant) = column(THETA), quadratic(task().support_x, task().support_y)
    for _ in range(steps):
        theta = theta - RATE * (hessian @ theta - constant)
    query_hessian, query_constant = quadratic(task().query_x, task().query_y)
    gradient = query_hessian @ theta - query_constant
    through = torch.eye(2, dtype=torch.float64) - RATE * hessian
    if second_order:
        gradient = torch.linalg.matrix_power(through, steps) @ gradient
    return theta, gradient


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("second_order", [True, False])
def test_the_outer_gradient_is_the_one_derived_by_hand(steps: int, second_order: bool) -> None:
    place = line(inner_steps=steps, second_order=second_order)
    found = place.algorithm.task_gradient(STATE, task(), {}).gradient
    close(column(found), by_hand(steps, second_order)[1])


def test_first_and_second_order_differ() -> None:
    _, second = by_hand(3, second_order=True)
    _, first = by_hand(3, second_order=False)
    assert (second - first).abs().max() > 0.01


def test_adaptation_walks_down_the_support_loss_as_by_hand() -> None:
    learner = line().algorithm.adapt(STATE, task().support, {}, steps=3)
    theta, _ = by_hand(3, second_order=True)
    x = task().query_x
    close(learner.scores(x), torch.cat([x, torch.ones_like(x)], dim=1) @ theta)
    losses = learner.support_losses
    assert list(losses) == sorted(losses, reverse=True)
    assert len(losses) == 4


def test_steps_at_evaluation_may_differ_from_training() -> None:
    method = line(inner_steps=2, inner_steps_eval=7).algorithm
    assert method.training_steps() == 2
    assert method.adapt(STATE, task().support, {}).steps == 7


def test_no_step_leaves_the_starting_point() -> None:
    learner = line(inner_steps_eval=0).algorithm.adapt(STATE, task().support, {})
    close(learner.scores(task().query_x), 0.7 * task().query_x - 0.4)


@pytest.mark.parametrize("steps", [1, 5])
def test_recomputed_steps_give_the_gradient_derived_by_hand(steps: int) -> None:
    place = line(inner_steps=steps, recompute=True)
    found = place.algorithm.task_gradient(STATE, task(), {})
    close(column(found.gradient), by_hand(steps, True)[1])


def test_recomputed_steps_are_recorded_once() -> None:
    trained = {name: tensor.clone().requires_grad_() for name, tensor in STATE.parameters.items()}
    kept, again = (
        line(recompute=choice).algorithm.adapt(State(trained), task().support, {}, steps=4)
        for choice in (False, True)
    )
    torch.autograd.grad(again.scores(task().query_x).sum(), list(trained.values()))
    assert again.support_losses == kept.support_losses
    assert len(again.support_losses) == 5


def test_recomputed_steps_keep_the_graph_of_one() -> None:
    def peak(steps: int, recompute: bool) -> int:
        place = world("maml", inner_steps=steps, recompute=recompute)
        state, found = place.state(), place.task(0)
        with metered() as meter:
            place.algorithm.task_gradient(state, found, {})
        return meter.peak

    assert peak(8, True) - peak(2, True) < 0.2 * (peak(8, False) - peak(2, False))
