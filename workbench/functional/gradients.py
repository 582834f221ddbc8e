"""From one task to a gradient, and from many gradients to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from workbench.functional.inner import Tensors, leaves
from workbench.functional.losses import task_loss


@dataclass(frozen=True)
class Objective:
    """What a method minimises on one task, and what it says of the task besides.

    Attributes:
        total: to be differentiated.
        loss: of the queries, a part of it.
        scores: (Q, outputs) of the queries.
        statistics, metrics: as of `interfaces.TaskResult`; detached.
    """

    total: Tensor
    loss: Tensor
    scores: Tensor
    statistics: Tensors = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)


class TaskGradient(NamedTuple):
    """The fields of a `TaskResult`, in its order; the scores are detached."""

    gradient: Tensors
    loss: float
    scores: Tensor
    statistics: Tensors
    metrics: Mapping[str, float]


def query_objective(scores: Tensor, query_y: Tensor) -> Objective:
    """The loss of the queries and nothing else, of their scores (Q, outputs)."""
    loss = task_loss(scores, query_y)
    return Objective(loss, loss, scores)


def query_gradient(
    scores_of: Callable[[Tensors], Tensor], parameters: Tensors, query_y: Tensor
) -> TaskGradient:
    """Differentiate the query loss of an adapted model with respect to what it was adapted from.

    Args:
        scores_of: adapts from the given parameters and answers the queries, (Q, outputs).
    """
    return objective_gradient(lambda at: query_objective(scores_of(at), query_y), parameters)


def objective_gradient(
    objective_of: Callable[[Tensors], Objective], parameters: Tensors
) -> TaskGradient:
    """The same for a method that adds terms of its own to the query loss.

    Args:
        objective_of: adapts from the given parameters, answers the queries and adds the terms.
    """
    at = leaves(parameters)
    with torch.enable_grad():
        found = objective_of(at)
        # `autograd.grad`, never `.backward()`: threads share the leaves, and sums must come in task
        # order.
        gradients = torch.autograd.grad(
            found.total, list(at.values()), allow_unused=True, materialize_grads=True
        )
    return TaskGradient(
        dict(zip(at, gradients, strict=True)),
        float(found.loss.detach()),
        found.scores.detach(),
        found.statistics,
        found.metrics,
    )


def weighted_mean(gradients: Iterable[Tensors], weights: Sequence[float]) -> Tensors:
    """Sum of weight * gradient over the sum of the weights, added in the order given, each before
    the next is asked for."""
    total = sum(weights)
    mean: dict[str, Tensor] = {}
    for gradient, weight in zip(gradients, weights, strict=True):
        share = weight / total
        for name, tensor in gradient.items():
            mean[name] = mean[name].add_(tensor, alpha=share) if name in mean else tensor * share
    return mean
