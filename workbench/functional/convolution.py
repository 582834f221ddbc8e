"""The first block of a convolutional network, for images that carry no gradient.

A pixel of a 3x3 convolution is a product of the weights W (C, P) with the patch u around it. Where
nobody asks for the gradient of the images, the patches can be laid out once, and

    mean of z = W u         is  W mean(u)
    variance of z           is  the diagonal of W cov(u) W^T

so batch normalisation costs two products of tiny matrices instead of passes over the widest feature
map of the network. The normalised weights then meet the patches in one product, of which only the
largest of each 2x2 square is kept, above zero: convolution, normalisation, max-pooling and ReLU.
Both gradients, of the loss and of the inner loop's gradient, are such products again.

The values are those of the plain operations, exactly in exact arithmetic. The moments are taken in
float64: in float32 a covariance of nearly equal patches would cost digits.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any, Self, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

KERNEL, POOL = 3, 2
CORNERS = POOL * POOL
WIDEST = 32  # values of a patch beyond which a convolution is the better product


def has_patches(x: Tensor) -> bool:
    """Whether `PooledPatches` may stand for a convolution of these images (B, C, H, W)."""
    if x.dim() != 4:
        return False
    channels, height, width = x.shape[1:]
    even = height % POOL == 0 and width % POOL == 0
    small = channels * KERNEL * KERNEL <= WIDEST
    return even and small and not x.requires_grad and x.device.type == "cpu"


class PooledPatches:
    """`relu(max_pool2d(conv2d(x, weight, bias, padding=1), 2))` of images (B, C, H, W)."""

    cheap_moments = True

    def __init__(self, patches: Tensor, size: tuple[int, int]) -> None:
        """Of patches (corners of a square, squares of all images, values of a patch); `size` is
        how many squares an image has, up and across."""
        self.patches, self.size = patches, size
        self._spreads: dict[int | None, tuple[Tensor, Tensor]] = {}

    @classmethod
    def of(cls, x: Tensor) -> Self:
        """Of images (B, C, H, W)."""
        batch, channels, height, width = x.shape
        size = height // POOL, width // POOL
        values = channels * KERNEL * KERNEL
        unfolded = F.unfold(x, KERNEL, padding=1).view(batch, values, size[0], POOL, size[1], POOL)
        return cls(unfolded.permute(3, 5, 0, 2, 4, 1).reshape(CORNERS, -1, values), size)

    def parts(self, count: int) -> list[Self]:
        """The same of `count` equal parts of the images."""
        squares = self.patches.shape[1] // count
        return [type(self)(part, self.size) for part in self.patches.split(squares, 1)]

    def moments(self, weight: Tensor, count: int | None = None) -> tuple[Tensor, Tensor]:
        """Mean and biased variance (C,), in float64, over the first `count` images."""
        if count not in self._spreads:
            self._spreads[count] = self._spread(count)
        mean, covariance = self._spreads[count]
        rows = weight.flatten(1).double()
        return rows @ mean, ((rows @ covariance) * rows).sum(1)

    def _spread(self, count: int | None) -> tuple[Tensor, Tensor]:
        """Mean (P,) and covariance (P, P) of the patches, in float64."""
        squares = None if count is None else count * self.size[0] * self.size[1]
        patches = self.patches[:, :squares].flatten(0, 1).double()
        mean = patches.mean(0)
        centred = patches - mean
        return mean, centred.T @ centred / len(patches)

    def __call__(self, weight: Tensor, bias: Tensor) -> Tensor:
        """(B, C, H / 2, W / 2), its channels last in memory."""
        largest = _Largest.apply if torch.is_grad_enabled() else _largest
        found = cast(Tensor, largest(self.patches, weight.flatten(1).T, bias))
        return found.view(-1, *self.size, len(weight)).permute(0, 3, 1, 2)


class _LaidOut(threading.local):
    """The images that this thread laid out last, as they were, and their patches: at most one
    entry, which goes when the images do."""

    def __init__(self) -> None:
        self.kept: list[tuple[weakref.ref[Tensor], int, PooledPatches]] = []


_last = _LaidOut()


def pooled_patches(x: Tensor) -> PooledPatches:
    """Patches of images, laid out once where a thread asks for the same again: an inner loop meets
    its support set at every step."""
    kept = _last.kept
    for images, version, patches in kept:
        if images() is x and version == x._version:
            return patches
    patches = PooledPatches.of(x)
    kept[:] = [(weakref.ref(x, lambda _: kept.clear()), x._version, patches)]
    return patches


def _largest(patches: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """As `_Largest`, where nobody asks for a gradient."""
    best = patches[0] @ weight
    for corner in patches[1:]:
        torch.maximum(best, corner @ weight, out=best)
    return best.add_(bias).clamp_min_(0)


class _Largest(torch.autograd.Function):
    """Squares (R, C) from patches (4, R, P), weights (P, C) and bias (C,): the largest corner,
    above zero."""

    @staticmethod
    def forward(ctx: Any, patches: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        first, second = patches[0] @ weight, patches[1] @ weight
        low = second > first
        left = torch.maximum(first, second, out=first)
        # Two corners at a time, each in the place of the last: they stay near the processor.
        third, fourth = torch.mm(patches[2], weight, out=second), patches[3] @ weight
        high = fourth > third
        right = torch.maximum(third, fourth, out=third)
        # Of equal corners the first is taken, as max_pool2d does; by each corner, who is taken:
        in_right = right > left
        best = torch.maximum(left, right, out=left).add_(bias)
        on = best > 0
        in_right &= on
        in_left = on & ~in_right
        taken = (in_left & ~low, in_left & low, in_right & ~high, in_right & high)
        ctx.save_for_backward(patches, *taken)
        return best.clamp_min_(0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, Tensor]:
        return None, *cast(tuple[Tensor, Tensor], _Taken.apply(*ctx.saved_tensors, *gradients))


class _Taken(torch.autograd.Function):
    """The gradients of `_Largest`: a linear function of the gradient (R, C) that comes down."""

    @staticmethod
    def forward(ctx: Any, patches: Tensor, *rest: Tensor) -> tuple[Tensor, Tensor]:
        *taken, gradient = rest
        ctx.save_for_backward(patches, *taken)
        total = gradient.new_zeros(patches.shape[2], gradient.shape[1])
        shift = gradient.new_zeros(gradient.shape[1])
        part = torch.empty_like(gradient)
        for corner, mask in zip(patches, taken, strict=True):
            torch.mul(gradient, _numbers(mask), out=part)
            total.addmm_(corner.T, part)
            shift += part.sum(0)
        return total, shift

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, weight: Tensor, bias: Tensor) -> tuple[Tensor | None, ...]:
        patches, *taken = ctx.saved_tensors
        found = weight.new_zeros(patches.shape[1], weight.shape[1])
        for corner, mask in zip(patches, taken, strict=True):
            found += torch.addmm(bias, corner, weight).mul_(_numbers(mask))
        return (None, *[None] * CORNERS, found)


def _numbers(mask: Tensor) -> Tensor:
    """0 and 1, in the same memory. On a processor a product with them takes a sixth of the time of
    `torch.where`."""
    return mask.view(torch.uint8)
