"""What is minimised, and what is reported."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def task_loss(scores: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy where `y` (Q,) holds class numbers, mean squared error where it holds targets
    (Q, outputs). Of folded tasks, the sum of their losses: each model's gradient is then its own.
    """
    if y.dtype == torch.int64:
        tasks = len(y) if y.dim() > 1 else 1
        return F.cross_entropy(scores.flatten(0, -2), y.flatten()) * tasks
    tasks = len(y) if y.dim() > 2 else 1
    return F.mse_loss(scores, y) * tasks


def task_losses(scores: Tensor, y: Tensor) -> Tensor:
    """The losses (T,) of folded tasks: scores (T, Q, outputs), y (T, Q) or (T, Q, outputs)."""
    return example_losses(scores, y).mean(-1)


def example_losses(scores: Tensor, y: Tensor) -> Tensor:
    """The losses (Q,) of scores (Q, outputs), whose mean is `task_loss`; folded too."""
    if y.dtype == torch.int64:
        flat = F.cross_entropy(scores.flatten(0, -2), y.flatten(), reduction="none")
        return flat.view(y.shape)
    return (scores - y).square().mean(-1)


def accuracy(scores: Tensor, y: Tensor) -> float:
    """Fraction of right answers; nan for a regression."""
    if y.dtype != torch.int64:
        return float("nan")
    return float((scores.argmax(-1) == y).double().mean())
