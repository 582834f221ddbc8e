"""R2-D2's ridge regression against the normal equations and by hand, in float64.

One feature, two examples x = 1 and x = 2 with targets 1 and 0 and lambda = 3:

    w = (x.x + lambda)^-1 x.y = 1 / (5 + 3) = 1/8
"""

from __future__ import annotations

import pytest
import torch

from tests.algorithms.worlds import drawn, world
from workbench.algorithms.r2d2 import ridge
from workbench.task import Support

PENALTY = torch.tensor(0.7, dtype=torch.float64)


def test_one_weight_is_as_by_hand() -> None:
    x = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    y = torch.tensor([[1.0], [0.0]], dtype=torch.float64)
    found = ridge(x, y, torch.tensor(3.0, dtype=torch.float64))
    torch.testing.assert_close(found, torch.tensor([[1 / 8]], dtype=torch.float64))


@pytest.mark.parametrize(("examples", "width"), [(4, 9), (9, 4), (5, 5)])
def test_the_weights_solve_the_normal_equations(examples: int, width: int) -> None:
    x, y = drawn(examples, width), drawn(examples, 3)
    normal = x.T @ x + PENALTY * torch.eye(width, dtype=torch.float64)
    expected = torch.linalg.inv(normal) @ x.T @ y
    torch.testing.assert_close(ridge(x, y, PENALTY), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("examples", "width"), [(4, 9), (9, 4)])
def test_the_weights_are_the_least_squares_of_the_problem_with_the_penalty_as_examples(
    examples: int, width: int
) -> None:
    """|X W - Y|^2 + lambda |W|^2 is |[X; sqrt(lambda) I] W - [Y; 0]|^2."""
    x, y = drawn(examples, width), drawn(examples, 3)
    below = PENALTY.sqrt() * torch.eye(width, dtype=torch.float64)
    zeros = torch.zeros(width, 3, dtype=torch.float64)
    expected = torch.linalg.lstsq(torch.cat([x, below]), torch.cat([y, zeros])).solution
    torch.testing.assert_close(ridge(x, y, PENALTY), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("examples", "width"), [(3, 5), (5, 3)])
def test_the_gradient_passes_through_the_solution(examples: int, width: int) -> None:
    x, y = drawn(examples, width), drawn(examples, 3)
    inputs = (x.requires_grad_(), y, PENALTY.clone().requires_grad_())
    assert torch.autograd.gradcheck(ridge, inputs)


def test_the_scores_are_the_scaled_regression_with_an_intercept() -> None:
    """beta = 2 beside x = 1 and x = 3, of classes 0 and 1, lambda = 1, alpha = 4, asked at x = 0:
    only the intercept w_2 answers, with 4 * 2 * w_2.

    X X^T + I = [[6, 7], [7, 14]], of determinant 35; its inverse times the identity Y, times the
    column of beta, is w_2 = 2 * (14 - 7, 6 - 7) / 35 = (14, -2) / 35; 8 w_2 = (112, -16) / 35.
    """
    parameters = {
        "ridge.log_penalty": torch.zeros((), dtype=torch.float64),
        "ridge.log_scale": torch.tensor(4.0, dtype=torch.float64).log(),
        "ridge.bias": torch.tensor(2.0, dtype=torch.float64),
    }
    own = torch.tensor([[1.0], [3.0]], dtype=torch.float64)
    compare = world("r2d2").algorithm.compare
    found = compare(parameters, own, Support(own, torch.tensor([0, 1]), 2), 0 * own[:1])
    expected = torch.tensor([[112.0, -16.0]], dtype=torch.float64) / 35
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_penalty_scale_and_bias_are_learned() -> None:
    place = world("r2d2")
    gradient = place.gradient(place.state(), 0).gradient
    learned = ("ridge.log_penalty", "ridge.log_scale", "ridge.bias")
    assert all(gradient[name].abs() > 1e-9 for name in learned)


def test_a_model_answers_one_shot_and_many_shots_with_more_classes_than_it_has_features() -> None:
    place = world("r2d2", n_way=6)  # of four features
    for shots in (1, 4):
        task = place.task(0, k_shot=shots)
        scores = place.algorithm.adapt(place.state(), task.support, {}).scores(task.query_x)
        assert scores.shape == (len(task.query_x), 6)
        assert scores.isfinite().all()
