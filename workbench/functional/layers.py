"""First weights and the linear head, drawn from a passed generator so that a seed means the same
everywhere."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import Tensors


def uniform_weight(random: np.random.Generator, *shape: int, gain: float = 1.0) -> Tensor:
    """Glorot's uniform weights (out, in, …), float32, variance 2 gain² / (fan in + fan out)."""
    receptive = math.prod(shape[2:])
    bound = gain * math.sqrt(6.0 / ((shape[0] + shape[1]) * receptive))
    return torch.from_numpy(random.uniform(-bound, bound, shape).astype(np.float32))


def init_head(random: np.random.Generator, features: int, outputs: int) -> Tensors:
    """A linear layer (outputs, features)."""
    return {
        "head.weight": uniform_weight(random, outputs, features),
        "head.bias": torch.zeros(outputs),
    }


def head(parameters: Tensors, features: Tensor) -> Tensor:
    """(B, D) to (B, outputs)."""
    return F.linear(features, parameters["head.weight"], parameters["head.bias"])
