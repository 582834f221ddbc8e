"""Time for memory: an inner step whose graph is made again when the outer gradient passes it.

To differentiate through k inner steps one keeps the graphs of all of them, or only the parameters
between them. Here a step keeps what went into it; the outer gradient then finds the way through the
last step by taking it once more, and so on backwards: memory for one step's graph and k sets of
parameters, at the price of every step's forward and backward pass a second time.

Chen, Xu, Zhang, Guestrin. Training Deep Nets with Sublinear Memory Cost. 2016.
https://arxiv.org/abs/1604.06174
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Tensors = dict[str, Tensor]
Step = Callable[[Tensors, bool], Tensors]


def recomputed(step: Step, parameters: Tensors) -> Tensors:
    """`step(parameters, False)`, differentiable once with respect to `parameters`.

    Args:
        step: of parameters, and whether to keep a graph. It gives tensors of the same names, and
            nothing but `parameters` in it may carry a gradient. It is taken twice, so whatever is
            random in it must be given.
    """
    names = tuple(parameters)
    found = cast("tuple[Tensor, ...]", _Step.apply(step, names, *parameters.values()))
    return dict(zip(names, found, strict=True))


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, step: Step, names: tuple[str, ...], *values: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.step, ctx.names = step, names
        ctx.save_for_backward(*values)
        found = step(dict(zip(names, values, strict=True)), False)
        return tuple(found[name] for name in names)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        with torch.enable_grad():
            at = [value.detach().requires_grad_() for value in ctx.saved_tensors]
            found = ctx.step(dict(zip(ctx.names, at, strict=True)), True)
            reached = [found[name] for name in ctx.names]
            return (None, None, *torch.autograd.grad(reached, at, above))
