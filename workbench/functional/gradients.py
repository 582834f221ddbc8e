"""From one task to a gradient, and from many gradients to one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from workbench.functional.inner import Tensors, leaves
from workbench.functional.losses import task_loss


class QueryGradient(NamedTuple):
    """Gradient of the query loss, the loss, and the detached scores (Q, outputs) it came from."""

    gradient: Tensors
    loss: float
    scores: Tensor


class Objective(NamedTuple):
    """What a method minimises on one task, the query loss that is a part of it, and the scores
    (Q, outputs) of the queries."""

    total: Tensor
    loss: Tensor
    scores: Tensor


def query_gradient(
    scores_of: Callable[[Tensors], Tensor], parameters: Tensors, query_y: Tensor
) -> QueryGradient:
    """Differentiate the query loss of an adapted model with respect to what it was adapted from.

    Args:
        scores_of: adapts from the given parameters and answers the queries, (Q, outputs).
    """

    def objective_of(at: Tensors) -> Objective:
        scores = scores_of(at)
        loss = task_loss(scores, query_y)
        return Objective(loss, loss, scores)

    return objective_gradient(objective_of, parameters)


def objective_gradient(
    objective_of: Callable[[Tensors], Objective], parameters: Tensors
) -> QueryGradient:
    """The same for a method that adds terms of its own to the query loss.

    Args:
        objective_of: adapts from the given parameters, answers the queries and adds the terms.
    """
    at = leaves(parameters)
    with torch.enable_grad():
        total, loss, scores = objective_of(at)
        # `autograd.grad`, never `.backward()`: threads share the leaves, and sums must come in task
        # order.
        gradients = torch.autograd.grad(
            total, list(at.values()), allow_unused=True, materialize_grads=True
        )
    return QueryGradient(
        dict(zip(at, gradients, strict=True)), float(loss.detach()), scores.detach()
    )


def weighted_mean(gradients: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
    """Sum of weight * gradient over the sum of the weights, added in the order given."""
    total = sum(weights)
    mean = {name: tensor * (weights[0] / total) for name, tensor in gradients[0].items()}
    for gradient, weight in zip(gradients[1:], weights[1:], strict=True):
        for name, tensor in gradient.items():
            mean[name].add_(tensor, alpha=weight / total)
    return mean
