"""What methods share that learn from gradients as data: how a network reads them, and how one small
network serves every weight of a large one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import Tensors
from workbench.functional.recurrent import gated


def log_and_sign(x: Tensor, p: float) -> Tensor:
    """Numbers of any size as two of about 1: (..., 2) of x (...).

        (log|x| / p, sign x)  where |x| >= e^-p,   (-1, e^p x)  elsewhere

    Andrychowicz et al. 2016, https://arxiv.org/abs/1606.04474.
    """
    size = x.abs()
    large = size >= math.exp(-p)
    logarithm = torch.where(large, size.clamp_min(math.exp(-p)).log() / p, -torch.ones_like(x))
    return torch.stack([logarithm, torch.where(large, x.sign(), math.exp(p) * x)], -1)


def lstm_cell(shown: Tensor, weight: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """One step of an LSTM: its output and its cell, (B, H) each.

    Args:
        shown: (B, 4 H) what the input says to the gates: enter, forget, leave, and the candidate.
        weight: (4 H, H) of what the last output says.
        hidden, cell: (B, H) of the last step.
    """
    return gated(torch.addmm(shown, hidden, weight.T), cell)


def each_gradient(
    loss: Callable[[Tensors, Tensor], Tensor], weights: Tensors, features: Tensor
) -> Tensor:
    """The gradient of each example's own loss, (B, weights) in the order of `flat`, as constants.

    Args:
        loss: sum of the examples' losses, of weights that begin with B, one model for each
            example, and features (B, D).
        weights: one model.
        features: (B, D).
    """
    size = len(features)
    with torch.enable_grad():
        own = {
            name: tensor.detach().expand(size, *tensor.shape).requires_grad_()
            for name, tensor in weights.items()
        }
        found = torch.autograd.grad(loss(own, features.detach()), list(own.values()))
    return torch.cat([gradient.flatten(1) for gradient in found], 1)


def each_linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """(B, out) of x (B, in), each example with a layer (B, out, in) of its own."""
    return torch.baddbmm(bias.unsqueeze(2), weight, x.unsqueeze(2)).squeeze(2)


def flat(tensors: Tensors) -> Tensor:
    """All weights one after the other, (weights,)."""
    return torch.cat([tensor.flatten() for tensor in tensors.values()])


def unflat(values: Tensor, like: Tensors) -> Tensors:
    """The weights (..., weights) as tensors of the names and shapes of `like`."""
    sizes: Sequence[int] = [tensor.numel() for tensor in like.values()]
    parts = values.split(list(sizes), -1)
    return {
        name: part.view(*values.shape[:-1], *tensor.shape)
        for (name, tensor), part in zip(like.items(), parts, strict=True)
    }


def augmented(x: Tensor, slow: tuple[Tensor, Tensor], fast: tuple[Tensor, Tensor]) -> Tensor:
    """A layer (B, out) with weight and bias learned slowly, and others (B, …) for each example:
    each is a ReLU layer, and they are added."""
    return F.linear(x, *slow).relu() + each_linear(x, *fast).relu()
