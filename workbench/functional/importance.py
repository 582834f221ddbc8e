"""How much each weight matters to what a model has learned, for methods that must not forget it.

Of examples x with truth y, and outputs f of a model theta,

    Fisher   mean of (d log p(y | x, theta) / d theta)^2     Kirkpatrick et al. 2017           (1)
    MAS      mean of |d |f(x)|^2 / d theta|                  Aljundi et al. 2018               (2)

https://arxiv.org/abs/1612.00796 and https://arxiv.org/abs/1711.09601. Of targets p is a Gaussian of
variance 1. (1) takes the truth as it is, not the model's own answers: the empirical Fisher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from workbench.functional.inner import Tensors, leaves
from workbench.functional.losses import example_losses

Outputs = Callable[[Tensors, Tensor], Tensor]  # (B, outputs) of parameters and examples (B, ...)


def fisher(outputs: Outputs, parameters: Tensors, x: Tensor, y: Tensor) -> Tensors:
    """The diagonal (1), one tensor for each parameter."""
    found = _each_gradient(lambda at, i: log_likelihood(outputs(at, x[i]), y[i]), parameters, x)
    return _mean(found, torch.square)


def memory_aware(outputs: Outputs, parameters: Tensors, x: Tensor) -> Tensors:
    """The importance (2), which needs no truth."""
    found = _each_gradient(lambda at, i: outputs(at, x[i]).square().sum(), parameters, x)
    return _mean(found, torch.abs)


def log_likelihood(scores: Tensor, y: Tensor) -> Tensor:
    """Of the truth y (Q,) or (Q, outputs), summed over scores (Q, outputs); a constant is left
    away."""
    losses = example_losses(scores, y)
    return -losses.sum() if y.dtype == torch.int64 else -losses.sum() * scores.shape[-1] / 2


def _each_gradient(
    value: Callable[[Tensors, slice], Tensor], parameters: Tensors, x: Tensor
) -> Iterator[Tensors]:
    for i in range(len(x)):
        at = leaves(parameters)
        with torch.enable_grad():
            found = torch.autograd.grad(
                value(at, slice(i, i + 1)),
                list(at.values()),
                allow_unused=True,
                materialize_grads=True,
            )
        yield dict(zip(at, found, strict=True))


def _mean(gradients: Iterator[Tensors], size: Callable[[Tensor], Tensor]) -> Tensors:
    sizes = [{name: size(tensor) for name, tensor in one.items()} for one in gradients]
    return {name: torch.stack([one[name] for one in sizes]).mean(0) for name in sizes[0]}
