"""Gradients through the end of a minimisation, without its path: products with a Hessian, and
linear systems solved by them alone."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from workbench.functional.inner import OUTER, Tensors, leaves

Product = Callable[[Tensors], Tensors]

TINY = 1e-20  # of the squared length of the target: as good as solved


def implicit_gradient(
    loss: Callable[[Tensors], Tensor], end: Tensors, target: Tensors, pull: float, steps: int
) -> Tensors:
    """The gradient at the beginning of a minimisation, from the gradient `target` at its `end`, to
    which it was not let go freely: `pull` / 2 of the squared distance drew it back.

    (I + H / pull) x = target, by so many conjugate gradients. Parameters that no inner loop moves,
    w, shift the end instead: their gradient is target_w - H_wx x / pull.
    """
    curvature = hessian_product(loss, end)
    still = {name: torch.zeros_like(end[name]) for name in end if name.startswith(OUTER)}

    def product(v: Tensors) -> Tensors:
        curved = curvature({**v, **still})
        return plus(v, 1 / pull, {name: curved[name] for name in v})

    moved = {name: tensor for name, tensor in target.items() if name not in still}
    found = conjugate_gradient(product, moved, steps)
    if not still:
        return found
    shifts = curvature({**found, **still})
    rest = {name: target[name] for name in still}
    return {**found, **plus(rest, -1 / pull, {name: shifts[name] for name in still})}


def hessian_product(loss: Callable[[Tensors], Tensor], parameters: Tensors) -> Product:
    """Products H v with the Hessian of `loss` at `parameters`: each costs one backward pass."""
    at = leaves(parameters)
    with torch.enable_grad():
        gradient = torch.autograd.grad(
            loss(at),
            list(at.values()),
            create_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )

    def product(v: Tensors) -> Tensors:
        curved = [(g, v[name]) for name, g in zip(at, gradient, strict=True) if g.requires_grad]
        found = torch.autograd.grad(
            [g for g, _ in curved],
            list(at.values()),
            [along for _, along in curved],
            retain_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
        return dict(zip(at, found, strict=True))

    return product


def conjugate_gradient(product: Product, target: Tensors, steps: int) -> Tensors:
    """An x with `product(x)` near `target`, after so many steps of conjugate gradient.

    Exact after as many steps as x has numbers. Begins at x = target; where the product turns out
    not to be positive definite, x stays what it is by then.
    """
    x = target
    rest = plus(target, -1.0, product(x))
    along, squared = rest, dot(rest, rest)
    enough = TINY * dot(target, target)
    for _ in range(steps):
        ahead = product(along)
        curvature = dot(along, ahead)
        if squared <= enough or curvature <= 0:
            break
        length = squared / curvature
        x, rest = plus(x, length, along), plus(rest, -length, ahead)
        before, squared = squared, dot(rest, rest)
        along = plus(rest, squared / before, along)
    return x


def dot(a: Tensors, b: Tensors) -> float:
    """The inner product of all numbers, summed in float64."""
    return float(sum((a[name] * b[name]).sum(dtype=torch.float64) for name in a))


def plus(a: Tensors, factor: float, b: Tensors) -> Tensors:
    """The sum of a and factor * b."""
    return {name: value + factor * b[name] for name, value in a.items()}
