"""Batch normalisation with its statistics as an argument, because in few-shot learning they decide
the figure.

A query normalised by the other queries (transductive) sees more than a query alone. A network
therefore never owns statistics: it hands each linear layer that is followed by a normalisation to a
*normaliser*, made afresh for each forward pass.

    Own()           statistics of the whole batch
    Leading(S)      statistics of the first S examples, the support set, normalise all
    Groups(G)       the batch is G equal groups, each with its own statistics
    Fixed(running)  given statistics

Given statistics m, v of z = W x, a normalised layer is a linear one with other weights,

    g (z - m) / sqrt(v + eps) + b  =  (s W) x + (b - s m)        s = g / sqrt(v + eps)

so the large batch of queries passes through one convolution and is never scaled by itself: a sixth
of the time of a MAML task on a processor. `answer` turns `norm.train` or `norm.eval` into the right
normaliser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.schema.experiment import NormMode

EPSILON = 1e-5

LayerStatistics = tuple[Tensor, Tensor]  # mean (C,), variance (C,), the latter biased
Forward = Callable[[Tensor, "Normaliser"], Tensor]


class Linear(Protocol):
    """A convolution or matrix product of a batch that it knows.

    Attributes:
        cheap_moments: `moments` costs less than the product.
    """

    @property
    def cheap_moments(self) -> bool: ...

    def __call__(self, weight: Tensor, bias: Tensor) -> Tensor:
        """The product plus `bias`, perhaps with what follows a normalisation already done."""

    def moments(self, weight: Tensor, count: int | None = None) -> LayerStatistics:
        """Of the product of the first `count` examples, of all if None."""


@dataclass(frozen=True)
class Product:
    """`function(x, weight, bias)`: torch's `linear`, or a convolution."""

    function: Callable[[Tensor, Tensor, Tensor | None], Tensor]
    x: Tensor
    cheap_moments: ClassVar[bool] = False

    def __call__(self, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return self.function(self.x, weight, bias)

    def moments(self, weight: Tensor, count: int | None = None) -> LayerStatistics:
        return mean_and_variance(self.function(self.x[:count], weight, None))


class Normaliser(Protocol):
    """Computes one normalised layer after the other of a single forward pass.

    Attributes:
        folds: any `Linear` will do. Otherwise it must be a `Product`.
    """

    folds: ClassVar[bool]

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        """The product with `weight`, (B, C) or (B, C, H, W), normalised, times `gain`, plus
        `shift`."""


class Own:
    """Statistics of the batch itself.

    Args:
        record: keep them in `statistics`, layer by layer and detached, for running averages.
    """

    folds: ClassVar[bool] = True

    def __init__(self, record: bool = False) -> None:
        self.record = record
        self.statistics: list[LayerStatistics] = []

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        if linear.cheap_moments:
            statistics = linear.moments(weight)
            self._keep(statistics, gain.dtype)
            return _folded(linear, weight, statistics, gain, shift)
        assert isinstance(linear, Product)
        z = linear(weight)
        if self.record:
            self._keep(mean_and_variance(z.detach()), gain.dtype)
        return _batch_norm(z, gain, shift)

    def _keep(self, statistics: LayerStatistics, dtype: torch.dtype) -> None:
        mean, variance = statistics
        if self.record:
            self.statistics.append((mean.detach().to(dtype), variance.detach().to(dtype)))


class Leading:
    """Statistics of the first `count` examples normalise the whole batch."""

    folds: ClassVar[bool] = True

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        return _folded(linear, weight, linear.moments(weight, self.count), gain, shift)


class Fixed:
    """Given statistics, one pair for each layer."""

    folds: ClassVar[bool] = True

    def __init__(self, statistics: Sequence[LayerStatistics]) -> None:
        self._rest = iter(statistics)

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        return _folded(linear, weight, next(self._rest), gain, shift)


class Groups:
    """The batch is `count` equal groups, one after the other, each normalised by itself."""

    folds: ClassVar[bool] = False

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        assert isinstance(linear, Product)
        grouped = linear(weight).unflatten(0, (self.count, -1))  # (G, B, C, ...)
        axes = [1, *range(3, grouped.dim())]
        variance, mean = torch.var_mean(grouped, axes, correction=0, keepdim=True)
        shape = [1, 1, -1] + [1] * (grouped.dim() - 3)
        scale = gain.view(shape) * torch.rsqrt(variance + EPSILON)
        offset = shift.view(shape) - mean * scale
        return torch.addcmul(offset, grouped, scale).flatten(0, 1)


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


def mean_and_variance(z: Tensor) -> LayerStatistics:
    """Of each channel of z (B, C) or (B, C, H, W); the variance is biased."""
    axes = [0, *range(2, z.dim())]
    variance, mean = torch.var_mean(z, axes, correction=0)
    return mean, variance


def _batch_norm(z: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
    if z.is_contiguous():
        return F.batch_norm(z, None, None, gain, shift, training=True, eps=EPSILON)
    # Where channels lie last in memory torch's own kernel loses digits: ten times the error of the
    # gradient that MAML takes through five steps.
    mean, variance = mean_and_variance(z)
    scale = gain * torch.rsqrt(variance + EPSILON)
    shape = [1, -1] + [1] * (z.dim() - 2)
    return torch.addcmul((shift - mean * scale).view(shape), z, scale.view(shape))


def _folded(
    linear: Linear, weight: Tensor, statistics: LayerStatistics, gain: Tensor, shift: Tensor
) -> Tensor:
    mean, variance = statistics
    scale = gain * torch.rsqrt(variance + EPSILON)
    scaled = weight * scale.view(-1, *[1] * (weight.dim() - 1))
    return linear(scaled.to(weight.dtype), (shift - mean * scale).to(weight.dtype))
