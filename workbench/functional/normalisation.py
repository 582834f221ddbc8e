"""Batch normalisation with its statistics as an argument, because in few-shot learning they decide
the figure.

A query normalised by the other queries (transductive) sees more than a query alone. A network
therefore never owns
statistics: it asks a *normaliser*, made afresh for each forward pass, once per normalised layer.

    Own()            statistics of the whole batch
    Leading(S)       statistics of the first S examples normalise all: the support set normalises
    the queries Groups(G)        the batch is G equal groups, each with its own statistics
    Fixed(running)   given statistics

`answer` turns the setting `norm.train` or `norm.eval` into the right one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.schema.experiment import NormMode

EPSILON = 1e-5

LayerStatistics = tuple[Tensor, Tensor]  # mean (C,), variance (C,), the latter biased
Forward = Callable[[Tensor, "Normaliser"], Tensor]


class Normaliser(Protocol):
    """Normalises one layer after the other of a single forward pass."""

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """X (B, C) or (B, C, H, W), scaled by `weight` (C,) and shifted by `bias` (C,)."""


class Own:
    """Statistics of the batch itself.

    Args:
        record: keep them in `statistics`, layer by layer and detached, for running averages.
    """

    def __init__(self, record: bool = False) -> None:
        self.record = record
        self.statistics: list[LayerStatistics] = []

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        if self.record:
            with torch.no_grad():
                self.statistics.append(_mean_and_variance(x))
        return F.batch_norm(x, None, None, weight, bias, training=True, eps=EPSILON)


class Leading:
    """Statistics of the first `count` examples normalise the whole batch."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return _scale(x, *_mean_and_variance(x[: self.count]), weight, bias)


class Fixed:
    """Given statistics, one pair for each layer."""

    def __init__(self, statistics: Sequence[LayerStatistics]) -> None:
        self._rest = iter(statistics)

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return _scale(x, *next(self._rest), weight, bias)


class Groups:
    """The batch is `count` equal groups, one after the other, each normalised by itself."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        grouped = x.unflatten(0, (self.count, -1))  # (G, B, C, …)
        axes = [1, *range(3, grouped.dim())]
        variance, mean = torch.var_mean(grouped, axes, correction=0, keepdim=True)
        shape = [1, 1, -1] + [1] * (grouped.dim() - 3)
        scale = weight.view(shape) * torch.rsqrt(variance + EPSILON)
        shift = bias.view(shape) - mean * scale
        return torch.addcmul(shift, grouped, scale).flatten(0, 1)


def answer(
    forward: Forward,
    support_x: Tensor,
    query_x: Tensor,
    mode: NormMode,
    running: Sequence[LayerStatistics] = (),
) -> Tensor:
    """Outputs (Q, …) of the queries, with statistics from where `mode` says.

    Args:
        forward: network of a batch and a normaliser.
        support_x: (S, …) the support set of the task.
        query_x: (Q, …).
        running: the averages, for mode "running".
    """
    if mode == "query_batch":
        return forward(query_x, Own())
    if mode == "running":
        return forward(query_x, Fixed(running))
    support_size, queries = len(support_x), len(query_x)
    if mode == "support":
        both = torch.cat([support_x, query_x])
        return forward(both, Leading(support_size))[support_size:]
    # support_plus_one: each query stands in a batch of its own beside the whole support set
    repeated = support_x.expand(queries, *support_x.shape)
    batches = torch.cat([repeated, query_x.unsqueeze(1)], dim=1)  # (Q, S + 1, …)
    outputs = forward(batches.flatten(0, 1), Groups(queries))
    return outputs.view(queries, support_size + 1, *outputs.shape[1:])[:, -1]


def running_average(
    old: Sequence[LayerStatistics], new: Sequence[LayerStatistics], momentum: float
) -> list[LayerStatistics]:
    """Old + momentum * (new - old), layer by layer."""
    return [
        (mean + momentum * (m - mean), variance + momentum * (v - variance))
        for (mean, variance), (m, v) in zip(old, new, strict=True)
    ]


def _mean_and_variance(x: Tensor) -> LayerStatistics:
    axes = [0, *range(2, x.dim())]
    variance, mean = torch.var_mean(x, axes, correction=0)
    return mean, variance


def _scale(x: Tensor, mean: Tensor, variance: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    shape = [1, -1] + [1] * (x.dim() - 2)
    scale = weight * torch.rsqrt(variance + EPSILON)
    return torch.addcmul((bias - mean * scale).view(shape), x, scale.view(shape))
