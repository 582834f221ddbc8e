"""The first block as products with patches, against the plain operations, in float64."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.convolution import PooledPatches, has_patches, pooled_patches
from workbench.functional.normalisation import (
    EPSILON,
    Fixed,
    Groups,
    Leading,
    Normaliser,
    Own,
    Product,
    mean_and_variance,
)

CONVOLUTION = partial(F.conv2d, padding=1)


def images(channels: int = 1) -> Tensor:
    """Strokes on blank paper, so that many corners of a square are equal."""
    found = torch.rand(6, channels, 8, 8, generator=torch.Generator().manual_seed(0)).double()
    found[found < 0.6] = 0
    found[:, :, 5:] = 0
    return found


def layer(channels: int = 1, filters: int = 5) -> tuple[Tensor, Tensor, Tensor]:
    random = torch.Generator().manual_seed(1)
    weight = torch.randn(filters, channels, 3, 3, generator=random).double()
    gain, shift = torch.randn(2, filters, generator=random).double()
    return weight.requires_grad_(), gain.requires_grad_(), shift.requires_grad_()


def plain(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.relu(F.max_pool2d(CONVOLUTION(x, weight, bias), 2))


@pytest.mark.parametrize("channels", [1, 3])
def test_patches_give_the_values_and_gradients_of_convolution_pooling_and_relu(
    channels: int,
) -> None:
    x, (weight, _, bias) = images(channels), layer(channels)
    down = torch.randn(6, 5, 4, 4, generator=torch.Generator().manual_seed(2)).double()
    found, expected = PooledPatches.of(x)(weight, bias), plain(x, weight, bias)
    assert torch.allclose(found, expected, rtol=0, atol=1e-12)
    gradients = [torch.autograd.grad(y, (weight, bias), down) for y in (found, expected)]
    assert all(torch.allclose(*pair, rtol=0, atol=1e-11) for pair in zip(*gradients, strict=True))


def test_where_nobody_asks_for_gradients_the_values_are_the_same_to_the_bit() -> None:
    x, (weight, _, bias) = images(), layer()
    patches = PooledPatches.of(x)
    with_graph = patches(weight, bias)
    with torch.no_grad():
        assert torch.equal(patches(weight, bias), with_graph)


def test_the_gradient_of_patches_can_be_differentiated_again() -> None:
    x, (weight, _, bias) = images(), layer()
    assert torch.autograd.gradcheck(PooledPatches.of(x), (weight, bias))
    assert torch.autograd.gradgradcheck(PooledPatches.of(x), (weight, bias))


def test_moments_are_those_of_the_convolution_they_save() -> None:
    x, (weight, *_) = images(), layer()
    for count in (None, 2):
        expected = mean_and_variance(CONVOLUTION(x[:count], weight))
        found = PooledPatches.of(x).moments(weight, count)
        assert all(torch.allclose(*pair, atol=1e-12) for pair in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "normaliser",
    [
        Own,
        partial(Leading, 2),
        partial(Groups, 3),
        lambda: Fixed([(torch.arange(5.0), torch.arange(1.0, 6.0))]),
    ],
    ids=["own", "leading", "groups", "fixed"],
)
def test_a_normalised_block_of_patches_equals_the_plain_one_with_its_gradients(
    normaliser: partial[Normaliser],
) -> None:
    x, parameters = images(), layer()
    found = normaliser()(PooledPatches.of(x), *parameters)
    z = normaliser()(Product(CONVOLUTION, x), *parameters)
    expected = F.relu(F.max_pool2d(z, 2))
    assert torch.allclose(found, expected, rtol=0, atol=1e-11)
    gradients = [torch.autograd.grad(y.pow(2).sum(), parameters) for y in (found, expected)]
    assert all(torch.allclose(*pair, rtol=1e-9, atol=1e-9) for pair in zip(*gradients, strict=True))


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_batch_is_normalised_as_torch_does_in_either_memory_format(channels_last: bool) -> None:
    x, (weight, gain, shift) = images(), layer()
    z = CONVOLUTION(x, weight)
    z = z.contiguous(memory_format=torch.channels_last) if channels_last else z
    found = Own()(Product(lambda x, *_: x, z), weight, gain, shift)
    expected = F.batch_norm(z, None, None, gain, shift, training=True, eps=EPSILON)
    assert torch.allclose(found, expected, rtol=0, atol=1e-11)


def test_recorded_statistics_are_the_same_whichever_way_they_were_computed() -> None:
    x, parameters = images(), layer()
    quick, slow = Own(record=True), Own(record=True)
    quick(PooledPatches.of(x), *parameters)
    slow(Product(CONVOLUTION, x), *parameters)
    pairs = zip(quick.statistics[0], slow.statistics[0], strict=True)
    assert all(torch.allclose(*pair, atol=1e-12) for pair in pairs)


def test_images_that_need_gradients_or_have_odd_sides_are_left_to_the_convolution() -> None:
    assert has_patches(images())
    assert not has_patches(images().requires_grad_())
    assert not has_patches(images()[..., :7])
    assert not has_patches(images(4))


def test_the_same_images_are_laid_out_once_until_they_change() -> None:
    x = images()
    first = pooled_patches(x)
    assert pooled_patches(x) is first
    with ThreadPoolExecutor(1) as other:
        assert other.submit(pooled_patches, x).result() is not first
    x[0, 0, 0, 0] += 1
    changed = pooled_patches(x)
    assert changed is not first
    torch.testing.assert_close(changed.patches, PooledPatches.of(x).patches, rtol=0, atol=0)
    assert pooled_patches(images()) is not changed


def test_moments_are_those_of_each_weight_and_count_asked_for() -> None:
    patches = pooled_patches(x := images())
    random = torch.Generator().manual_seed(5)
    for _ in range(2):
        weight = torch.randn(5, 1, 3, 3, generator=random).double()
        for count in (None, 2, 6):
            expected = mean_and_variance(F.conv2d(x[:count], weight, padding=1))
            torch.testing.assert_close(patches.moments(weight, count), expected, rtol=0, atol=1e-12)


def test_patches_go_with_their_images() -> None:
    x = images()
    gone = weakref.ref(pooled_patches(x))
    del x
    gc.collect()
    assert gone() is None
