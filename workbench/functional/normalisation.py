"""Batch normalisation with its statistics as an argument, because in few-shot learning they decide
the figure.

A query normalised by the other queries (transductive) sees more than a query alone. A network
therefore never owns statistics: it hands each linear layer that is followed by a normalisation to a
*normaliser*, made afresh for each forward pass.

    Own()           statistics of the whole batch
    Leading(S)      statistics of the first S examples, the support set, normalise all
    Groups(G)       the batch is G equal groups, each with its own statistics
    Fixed(running)  given statistics
    Absorbed()      none: gains and shifts that contain them

Given statistics m, v of z = W x, a normalised layer is a linear one with other weights,

    g (z - m) / sqrt(v + eps) + b  =  (s W) x + (b - s m)        s = g / sqrt(v + eps)

so the large batch of queries passes through one convolution and is never scaled by itself.
`answer` turns `norm.train` or `norm.eval` into the right normaliser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast

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
        cheap_moments: `moments` costs less than the product, and there are `parts`; otherwise it is
            a `Product`.
    """

    @property
    def cheap_moments(self) -> bool: ...

    def __call__(self, weight: Tensor, bias: Tensor) -> Tensor:
        """The product plus `bias`, perhaps with what follows a normalisation already done."""

    def moments(self, weight: Tensor, count: int | None = None) -> LayerStatistics:
        """Of the product of the first `count` examples, of all if None."""


class Divisible(Linear, Protocol):
    """One that can be cut."""

    def parts(self, count: int) -> Sequence[Linear]:
        """The same of `count` equal parts of the batch."""


@dataclass(frozen=True)
class Product:
    """`function(x, weight, bias)`: a matrix product or a convolution.

    Attributes:
        axis: of `x` along which the examples lie; 1 where it is folded.
    """

    function: Callable[[Tensor, Tensor, Tensor | None], Tensor]
    x: Tensor
    axis: int = 0
    cheap_moments: ClassVar[bool] = False

    def __call__(self, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return self.function(self.x, weight, bias)

    def moments(self, weight: Tensor, count: int | None = None) -> LayerStatistics:
        x = self.x if count is None else self.x.narrow(self.axis, 0, count)
        return mean_and_variance(self.function(x, weight, None), self.axis)


class Normaliser(Protocol):
    """Computes one normalised layer after the other of a single forward pass.

    Attributes:
        answers: the pass answers queries, and is not one that an inner loop walks down.
    """

    @property
    def answers(self) -> bool: ...

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        """The product with `weight`, (B, C) or (B, C, H, W), normalised, times `gain`, plus
        `shift`."""


class Recorder:
    """Keeps statistics of what it normalised.

    Args:
        record: keep them in `statistics`, layer by layer and detached, for running averages.
        answers: as of a `Normaliser`.
    """

    def __init__(self, record: bool = False, answers: bool = False) -> None:
        self.record = record
        self.answers = answers
        self.statistics: list[LayerStatistics] = []

    def _keep(self, statistics: LayerStatistics, dtype: torch.dtype) -> None:
        mean, variance = statistics
        if self.record:
            self.statistics.append((mean.detach().to(dtype), variance.detach().to(dtype)))


class Own(Recorder):
    """Statistics of the batch itself."""

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        if linear.cheap_moments:
            statistics = linear.moments(weight)
            self._keep(statistics, gain.dtype)
            return _absorbed(linear, weight, statistics, gain, shift)
        assert isinstance(linear, Product)
        z = linear(weight)
        if z.is_contiguous() and gain.dim() == 1 and not self.record:
            return F.batch_norm(z, None, None, gain, shift, training=True, eps=EPSILON)
        # Where channels lie last in memory torch's own kernel costs the outer gradient digits.
        statistics = mean_and_variance(z, linear.axis)
        self._keep(statistics, gain.dtype)
        return _normalised(z, statistics, gain, shift)


class Leading(Recorder):
    """Statistics of the first `count` examples normalise the whole batch."""

    def __init__(self, count: int, record: bool = False) -> None:
        super().__init__(record, answers=True)
        self.count = count

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        statistics = linear.moments(weight, self.count)
        self._keep(statistics, gain.dtype)
        return _absorbed(linear, weight, statistics, gain, shift)


class Fixed(Recorder):
    """Given statistics, one pair for each layer; those of the batch itself can be kept besides."""

    def __init__(self, statistics: Sequence[LayerStatistics], record: bool = False) -> None:
        super().__init__(record, answers=True)
        self._rest = iter(statistics)

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        given = next(self._rest)
        if self.record:
            with torch.no_grad():
                self._keep(linear.moments(weight), gain.dtype)
        return _absorbed(linear, weight, given, gain, shift)


class Absorbed:
    """Gains and shifts that have taken up their statistics already."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        return linear(_times(weight, gain), shift)


class Groups:
    """The batch is `count` equal groups, one after the other, each normalised by itself."""

    answers = True

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        if linear.cheap_moments:
            parts = cast("Divisible", linear).parts(self.count)
            each = (_absorbed(one, weight, one.moments(weight), gain, shift) for one in parts)
            return torch.cat(list(each))
        assert isinstance(linear, Product)
        grouped = linear(weight).unflatten(0, (self.count, -1))  # (G, B, C, ...)
        axes = [1, *range(3, grouped.dim())]
        mean = grouped.mean(axes, keepdim=True)
        variance = (grouped - mean).square_().mean(axes, keepdim=True)
        shape = [1, 1, -1] + [1] * (grouped.dim() - 3)
        scale = gain.view(shape) * torch.rsqrt(variance + EPSILON)
        offset = shift.view(shape) - mean * scale
        return torch.addcmul(offset, grouped, scale).flatten(0, 1)


def alone(mode: NormMode) -> NormMode:
    """The mode in which no example hangs on the others that are asked with it."""
    return "support" if mode == "query_batch" else mode


def answer(
    forward: Forward,
    support_x: Tensor,
    query_x: Tensor,
    mode: NormMode,
    running: Sequence[LayerStatistics] = (),
    folded: bool = False,
    record: list[LayerStatistics] | None = None,
) -> Tensor:
    """Outputs (Q, …) of the queries, with statistics from where `mode` says.

    Args:
        forward: network of a batch and a normaliser.
        support_x: (S, …) the support set of the task.
        query_x: (Q, …).
        running: the averages, for modes "running" and "per_step".
        folded: (T, S, …) and (T, Q, …); not for mode "support_plus_one".
        record: gets what the queries were normalised by, and for modes "running" and "per_step"
            what they would have been by themselves; not for "support_plus_one".
    """
    if mode == "query_batch":
        own = Own(record is not None, answers=True)
        outputs = forward(query_x, own)
        return _recorded(outputs, own, record)
    if mode in ("running", "per_step"):
        fixed = Fixed(running, record is not None)
        return _recorded(forward(query_x, fixed), fixed, record)
    axis = 1 if folded else 0
    support_size, queries = support_x.shape[axis], query_x.shape[axis]
    if mode == "support":
        both = torch.cat([support_x, query_x], axis)
        leading = Leading(support_size, record is not None)
        outputs = forward(both, leading).narrow(axis, support_size, queries)
        return _recorded(outputs, leading, record)
    # support_plus_one: each query stands in a batch of its own beside the whole support set
    repeated = support_x.expand(queries, *support_x.shape)
    batches = torch.cat([repeated, query_x.unsqueeze(1)], dim=1)  # (Q, S + 1, …)
    outputs = forward(batches.flatten(0, 1), Groups(queries))
    return outputs.view(queries, support_size + 1, *outputs.shape[1:])[:, -1]


def _recorded(
    outputs: Tensor, normaliser: Recorder, record: list[LayerStatistics] | None
) -> Tensor:
    if record is not None:
        record += normaliser.statistics
    return outputs


def running_average(
    old: Sequence[LayerStatistics], new: Sequence[LayerStatistics], momentum: float
) -> list[LayerStatistics]:
    """Old + momentum * (new - old), layer by layer."""
    return [
        (mean + momentum * (m - mean), variance + momentum * (v - variance))
        for (mean, variance), (m, v) in zip(old, new, strict=True)
    ]


def mean_and_variance(z: Tensor, axis: int = 0) -> LayerStatistics:
    """Of each channel of z (B, C) or (B, C, H, W), its examples along `axis`; the variance is
    biased."""
    axes = (axis, *range(axis + 2, z.dim()))
    mean, variance = cast("LayerStatistics", _Moments.apply(z, axes))
    return mean, variance


class _Moments(torch.autograd.Function):
    """Mean and biased variance of z over some axes.

    Two passes, because `torch.var_mean` takes each value by itself; and

        dm/dz = 1 / n        dv/dz = 2 (z - m) / n

    in one pass, because that (z - m) sums to zero is nothing that automatic differentiation knows.
    """

    @staticmethod
    def forward(ctx: Any, z: Tensor, axes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        mean = z.mean(axes, keepdim=True)
        variance = (z - mean).square_().mean(axes)
        ctx.axes, ctx.count = axes, z.numel() // variance.numel()
        # An output, so that a second derivative finds the way from it to z.
        ctx.save_for_backward(z, squeezed := mean.squeeze(axes))
        return squeezed, variance

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor, None]:
        z, mean = ctx.saved_tensors
        mean, of_mean, of_variance = (_unsqueezed(v, ctx.axes) for v in (mean, *above))
        both = torch.addcmul(of_mean / ctx.count, z - mean, of_variance * (2 / ctx.count))
        return both, None


def _unsqueezed(values: Tensor, axes: tuple[int, ...]) -> Tensor:
    for axis in axes:
        values = values.unsqueeze(axis)
    return values


def _normalised(z: Tensor, statistics: LayerStatistics, gain: Tensor, shift: Tensor) -> Tensor:
    mean, variance = statistics
    scale = gain * torch.rsqrt(variance + EPSILON)
    axis, behind = gain.dim() - 1, [1] * (z.dim() - gain.dim() - 1)
    offset, scale = (
        v.unsqueeze(axis).unflatten(-1, (-1, *behind)) for v in (shift - mean * scale, scale)
    )
    return torch.addcmul(offset, z, scale)


def _absorbed(
    linear: Linear, weight: Tensor, statistics: LayerStatistics, gain: Tensor, shift: Tensor
) -> Tensor:
    mean, variance = statistics
    scale = gain * torch.rsqrt(variance + EPSILON)
    return linear(_times(weight, scale).to(weight.dtype), (shift - mean * scale).to(weight.dtype))


def _times(weight: Tensor, scale: Tensor) -> Tensor:
    """A weight (C, ...) times a scale (C,) of its outputs."""
    scales: Tensor = scale.unflatten(-1, (-1, *[1] * (weight.dim() - scale.dim())))
    return weight * scales
