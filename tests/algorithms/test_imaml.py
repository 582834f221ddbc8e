"""iMAML against the closed form, in float64.

On a line (see `tests.algorithms.lines`) the pulled inner loop has an exact end,

    (H + lambda I) phi = c + lambda theta         d phi / d theta = lambda (H + lambda I)^-1

so the outer gradient is lambda (H + lambda I)^-1 (H_query phi - c_query). Conjugate gradient is
exact after two steps, as theta has two numbers.
"""

from __future__ import annotations

import weakref
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.algorithms.lines import STATE, close, column, line, quadratic, task
from tests.algorithms.worlds import world
from workbench.functional.implicit import conjugate_gradient
from workbench.functional.inner import leaves
from workbench.functional.layers import head
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Own

PULL = 0.7
IDENTITY = torch.eye(2, dtype=torch.float64)


def by_hand() -> tuple[Tensor, Tensor, Tensor]:
    """The end of the inner loop, the query gradient there and the outer gradient."""
    one = task()
    hessian, constant = quadratic(one.support_x, one.support_y)
    pulled = hessian + PULL * IDENTITY
    phi = torch.linalg.solve(pulled, constant + PULL * column(STATE.parameters))
    query_hessian, query_constant = quadratic(one.query_x, one.query_y)
    first_order = query_hessian @ phi - query_constant
    return phi, first_order, PULL * torch.linalg.solve(pulled, first_order)


def test_the_inner_loop_ends_where_the_pulled_loss_is_least() -> None:
    learner = line("imaml", inner_lr=0.3, pull=PULL).algorithm.adapt(STATE, task().support, {}, 200)
    close(column(learner.trace.parameters[-1]), by_hand()[0])


@pytest.mark.parametrize("steps", [0, 2, 9])
def test_the_outer_gradient_is_the_explicit_one_of_a_quadratic(steps: int) -> None:
    settings = {"pull": PULL, "damping": 0.0, "inner_steps": 200, "solver_steps": steps}
    place = line("imaml", inner_lr=0.3, **settings)
    found = place.algorithm.task_gradient(STATE, task(), {}).gradient
    _, first_order, outer = by_hand()
    torch.testing.assert_close(column(found), outer if steps else first_order, rtol=0, atol=1e-10)
    assert (outer - first_order).abs().max() > 0.01


def test_damping_leads_from_the_true_gradient_to_the_first_order_one() -> None:
    def gradient(damping: float) -> Tensor:
        settings = {"pull": PULL, "damping": damping, "inner_steps": 200, "solver_steps": 9}
        place = line("imaml", inner_lr=0.3, **settings)
        return column(place.algorithm.task_gradient(STATE, task(), {}).gradient)

    one = task()
    stiff = PULL + 3.0
    system = quadratic(one.support_x, one.support_y)[0] + stiff * IDENTITY
    _, first_order, outer = by_hand()
    close(gradient(3.0), stiff * torch.linalg.solve(system, first_order))
    distances = [float((gradient(d) - outer).norm()) for d in (0.0, 3.0, 1e4)]
    assert distances == sorted(distances)
    torch.testing.assert_close(gradient(1e4), first_order, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("name", ["imaml", "maml"])
def test_only_mamls_memory_grows_with_the_inner_steps(name: str) -> None:
    def peak(steps: int) -> int:
        place = world(name, inner_steps=steps)
        state, one = place.state(), place.task(0)
        with Alive() as alive:
            place.algorithm.task_gradient(state, one, {})
        return alive.most

    assert (peak(2) == peak(8)) is (name == "imaml")


class Alive(TorchDispatchMode):
    """Counts the bytes of all tensors made meanwhile, until each is gone.

    Attributes:
        most: that were there at a time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, Tensor):
                size = tensor.numel() * tensor.element_size()
                self.now += size
                self.most = max(self.most, self.now)
                weakref.finalize(tensor, self._gone, size)
        return made

    def _gone(self, size: int) -> None:
        self.now -= size


def test_conjugate_gradient_solves_three_numbers_in_three_steps() -> None:
    random = torch.Generator().manual_seed(0)
    root = torch.randn(3, 3, generator=random, dtype=torch.float64)
    matrix, right = root @ root.T + torch.eye(3), torch.tensor([1.0, -2.0, 0.5]).double()
    found = conjugate_gradient(lambda v: {"x": matrix @ v["x"]}, {"x": right}, 3)["x"]
    torch.testing.assert_close(matrix @ found, right, rtol=0, atol=1e-10)
    two = conjugate_gradient(lambda v: {"x": matrix @ v["x"]}, {"x": right}, 2)["x"]
    assert (matrix @ two - right).abs().max() > 1e-3


def test_where_the_curvature_is_negative_the_first_order_gradient_is_left() -> None:
    target = {"x": torch.tensor([1.0, 2.0])}
    found = conjugate_gradient(lambda v: {"x": -3 * v["x"]}, target, 5)
    assert torch.equal(found["x"], target["x"])


def test_the_curvature_is_that_where_the_inner_loop_ends() -> None:
    """Of a network with a hidden layer it is another at every place: (I + H / (lambda + delta)) g
    is the query gradient at phi, with H at phi."""
    settings = {"pull": 0.5, "damping": 20.0, "inner_steps": 5, "inner_lr": 0.2}
    place = world("imaml", "regression", solver_steps=100, **settings)
    state, one = place.state(), place.task(0)
    phi = place.algorithm.adapt(state, one.support, {}, 5).trace.parameters[-1]
    at = leaves(phi)

    def slopes(x: Tensor, y: Tensor) -> list[Tensor]:
        answers = head(at, place.algorithm.backbone(at, x, Own()))
        return list(
            torch.autograd.grad(task_loss(answers, y), list(at.values()), create_graph=True)
        )

    found = list(place.algorithm.task_gradient(state, one, {}).gradient.values())
    curved = torch.autograd.grad(slopes(one.support_x, one.support_y), list(at.values()), found)
    for g, bent, target in zip(found, curved, slopes(one.query_x, one.query_y), strict=True):
        torch.testing.assert_close(g + bent / 20.5, target.detach(), rtol=0, atol=1e-9)
