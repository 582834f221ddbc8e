"""Layers as functions of their weights, and first weights drawn from a passed generator, so that a
seed means the same everywhere.

Every layer takes folded weights too, (T, ...) with examples (T, B, ...): one kernel then computes
all tasks, each with its own model.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import Tensors
from workbench.functional.normalisation import EPSILON


def uniform_weight(random: np.random.Generator, *shape: int, gain: float = 1.0) -> Tensor:
    """Glorot's uniform weights (out, in, …), float32, variance 2 gain² / (fan in + fan out)."""
    receptive = math.prod(shape[2:])
    bound = gain * math.sqrt(6.0 / ((shape[0] + shape[1]) * receptive))
    return torch.from_numpy(random.uniform(-bound, bound, shape).astype(np.float32))


def init_dense(
    random: np.random.Generator, name: str, inputs: int, outputs: int, gain: float = 1.0
) -> Tensors:
    """A linear layer (outputs, inputs) of that name, its bias 0."""
    return {
        f"{name}.weight": uniform_weight(random, outputs, inputs, gain=gain),
        f"{name}.bias": torch.zeros(outputs),
    }


def dense(parameters: Tensors, name: str, x: Tensor) -> Tensor:
    """(B, outputs) of x (B, inputs), by the linear layer of that name."""
    return linear(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"])


def init_head(random: np.random.Generator, features: int, outputs: int) -> Tensors:
    """The linear layer (outputs, features) that answers."""
    return init_dense(random, "head", features, outputs)


def head(parameters: Tensors, features: Tensor) -> Tensor:
    """(B, D) to (B, outputs)."""
    return dense(parameters, "head", features)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """(B, out) of x (B, in) and weight (out, in)."""
    if weight.dim() == 2:
        return F.linear(x, weight, bias)
    if bias is None:
        return torch.bmm(x, weight.mT)
    return torch.baddbmm(bias.unsqueeze(-2), x, weight.mT)


def convolution(
    x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 1
) -> Tensor:
    """(B, out, H, W) of x (B, in, H, W) and weight (out, in, k, k); padded for 3x3."""
    if weight.dim() == 4:
        return F.conv2d(x, weight, bias, stride=stride, padding=padding)
    tasks, outputs = weight.shape[:2]
    beside = x.transpose(0, 1).flatten(1, 2)  # (B, T * in, H, W)
    biases = None if bias is None else bias.flatten()
    found = F.conv2d(beside, weight.flatten(0, 1), biases, stride, padding, groups=tasks)
    return found.view(len(found), tasks, outputs, *found.shape[2:]).transpose(0, 1)


def group_norm(x: Tensor, groups: int, gain: Tensor, shift: Tensor) -> Tensor:
    """Each image of x (B, C, H, W) normalised by itself over each group of its channels, times
    `gain` (C,), plus `shift` (C,). One group is layer normalisation.

    Wu, He. Group Normalization. 2018. https://arxiv.org/abs/1803.08494
    """
    if gain.dim() == 1:
        return F.group_norm(x, groups, gain, shift, EPSILON)
    plain = per_image(lambda images: F.group_norm(images, groups, eps=EPSILON), x)
    gain, shift = (values[:, None, :, None, None] for values in (gain, shift))  # (T, 1, C, 1, 1)
    return torch.addcmul(shift, plain, gain)


def per_image(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """A function of (B, C, H, W) that knows no weights, of folded images too."""
    if x.dim() == 4:
        return function(x)
    found = function(x.flatten(0, 1))  # (T * B, ...)
    return found.view(*x.shape[:2], *found.shape[1:])
