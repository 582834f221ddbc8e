"""First-order MAML against its definition: the outer gradient is the query gradient where the
inner loop ends.

On a line (see `tests.algorithms.lines`), with steps theta <- theta - alpha (H theta - c):

    H_query theta_k - c_query
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.algorithms.lines import STATE, close, column, line, quadratic, task
from tests.algorithms.worlds import world
from workbench.functional.inner import leaves
from workbench.interfaces import State

RATE = 0.3


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_the_outer_gradient_is_the_query_gradient_where_the_steps_end(steps: int) -> None:
    place, one = line("fomaml", inner_lr=RATE, inner_steps=steps), task()
    hessian, constant = quadratic(one.support_x, one.support_y)
    theta = column(STATE.parameters)
    for _ in range(steps):
        theta = theta - RATE * (hessian @ theta - constant)
    query_hessian, query_constant = quadratic(one.query_x, one.query_y)
    found = place.algorithm.task_gradient(STATE, one, {}).gradient
    close(column(found), query_hessian @ theta - query_constant)


def test_it_is_maml_without_second_order_to_the_last_bit() -> None:
    first, switched = world("fomaml"), world("maml", second_order=False)
    found, expected = (place.gradient(place.state(), 0).gradient for place in (first, switched))
    assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.parametrize("name", ["fomaml", "maml"])
def test_only_maml_keeps_the_convolutions_of_its_inner_steps_in_the_graph(name: str) -> None:
    one, five = (convolutions(name, steps) for steps in (1, 5))
    assert (one == five) is (name == "fomaml")


def convolutions(name: str, steps: int) -> int:
    """Convolutions in the graph of the query scores after so many inner steps."""
    place = world(name)
    one = place.task(0)
    state = State(leaves(place.state().parameters))
    scores = place.algorithm.adapt(state, one.support, {}, steps).scores(one.query_x)
    return sum("Convolution" in node for node in graph(scores))


def graph(tensor: Tensor) -> list[str]:
    """Names of all operations that a tensor was made by."""
    seen, waiting = set(), [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [parent for parent, _ in node.next_functions]
    return [node.name() for node in seen]


def test_steps_at_evaluation_may_differ_from_training() -> None:
    place = line("fomaml", inner_steps=2, inner_steps_eval=7)
    assert place.algorithm.training_steps() == 2
    assert place.algorithm.adapt(STATE, task().support, {}).steps == 7
