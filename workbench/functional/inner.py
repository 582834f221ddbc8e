"""The inner loop: gradient steps on one task, differentiable exactly as far as asked.

    theta_(i+1) = theta_i - alpha * d loss(theta_i) / d theta_i

Whether a graph is kept depends on the parameters alone: where they require gradients the result can
be differentiated through; where they do not, each step's graph dies with the step, so evaluation
costs no second order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from workbench.functional.recomputing import recomputed

Tensors = dict[str, Tensor]
OUTER = "outer."  # how the names of parameters begin that no inner loop moves
Rate = float | Mapping[str, Tensor]  # one for all, or by name: a number each, or one per weight


class Trace(NamedTuple):
    """Parameters after 0, 1, … steps, and the support loss before each step."""

    parameters: tuple[Tensors, ...]
    losses: tuple[float, ...]


def gradient_steps(
    loss: Callable[[Tensors], Tensor],
    parameters: Tensors,
    *,
    rate: Rate,
    steps: int,
    second_order: bool,
    recompute: bool = False,
) -> Trace:
    """`steps` steps of gradient descent on `loss`, all of them recorded.

    Args:
        loss: scalar support loss of the parameters.
        rate: alpha; where it is learned the result can be differentiated with respect to it,
            whatever the order.
        second_order: keep the graph through every inner gradient, if `parameters` require
            gradients. Otherwise the inner gradient is a constant to the outer one: the first-order
            approximation.
        recompute: of that graph keep one step at a time, see `recomputed`; neither `loss` nor
            `rate` may then carry a gradient.
    """
    keep_graph = second_order and requires_grad(parameters)
    trace: list[Tensors] = [parameters]
    losses: list[float] = []

    def step(at: Tensors, keep: bool) -> Tensors:
        value, gradient = value_and_gradient(loss, at, keep)
        if not (keep and recompute):  # a step taken again was noted the first time
            losses.append(value)
        return descended(at, gradient, rate)

    for _ in range(steps):
        again = keep_graph and recompute
        trace.append(recomputed(step, trace[-1]) if again else step(trace[-1], keep_graph))
    return Trace(tuple(trace), tuple(losses))


def descended(parameters: Tensors, gradient: Tensors, rate: Rate) -> Tensors:
    """Parameters - rate * gradient; without a rate of their own they stay."""
    if isinstance(rate, Mapping):
        return {
            name: value - rate[name] * gradient[name] if name in rate else value
            for name, value in parameters.items()
        }
    return {name: value - rate * gradient[name] for name, value in parameters.items()}


def value_and_gradient(
    loss: Callable[[Tensors], Tensor], parameters: Tensors, keep_graph: bool
) -> tuple[float, Tensors]:
    """Loss and its gradient, zero for parameters that no inner loop moves; with `keep_graph` the
    gradient can itself be differentiated."""
    with torch.enable_grad():
        at = parameters if keep_graph else leaves(parameters)
        value = loss(at)
        # A parameter that this loss does not touch has a zero gradient: a head beyond the task's
        # classes, say.
        moved = [name for name in at if not name.startswith(OUTER)]
        gradients = torch.autograd.grad(
            value,
            [at[name] for name in moved],
            create_graph=keep_graph,
            allow_unused=True,
            materialize_grads=True,
        )
    found = dict(zip(moved, gradients, strict=True))
    still = {name: torch.zeros_like(at[name]) for name in at if name.startswith(OUTER)}
    return float(value.detach()), {**found, **still}


def requires_grad(parameters: Mapping[str, Tensor]) -> bool:
    """Whether any of them does."""
    return any(tensor.requires_grad for tensor in parameters.values())


def leaves(parameters: Mapping[str, Tensor]) -> Tensors:
    """The same values as fresh leaves of a graph; memory is shared."""
    return {name: tensor.detach().requires_grad_() for name, tensor in parameters.items()}


def under(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    """Those whose names begin so, without that beginning."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
