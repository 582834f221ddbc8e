"""The outer optimiser: torch's own, its rate a pure function of the step."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


def make_optimizer(config: Any, parameters: list[Tensor]) -> torch.optim.Optimizer:
    """The optimiser of a config over leaf tensors, which it will change in place."""
    if config.name == "sgd":
        return torch.optim.SGD(
            parameters, lr=config.lr, momentum=config.momentum, weight_decay=config.weight_decay
        )
    kind = torch.optim.AdamW if config.name == "adamw" else torch.optim.Adam
    betas = (config.beta1, config.beta2)
    return kind(parameters, lr=config.lr, betas=betas, weight_decay=config.weight_decay)


def rate(schedule: Any, base: float, step: int, steps: int) -> float:
    """The outer rate at a step counted from 0 of `steps`."""
    done = step / steps
    if schedule.name == "cosine":
        return float(
            base * (schedule.final + (1 - schedule.final) * 0.5 * (1 + math.cos(math.pi * done)))
        )
    if schedule.name == "linear":
        return float(base * (schedule.final + (1 - schedule.final) * (1 - done)))
    if schedule.name == "step":
        return float(base * schedule.factor ** (step // schedule.every))
    return base


def gradient_norm(gradients: list[Tensor]) -> float:
    """Euclidean norm of all of them together."""
    return float(
        torch.stack([gradient.double().pow(2).sum() for gradient in gradients]).sum().sqrt()
    )
