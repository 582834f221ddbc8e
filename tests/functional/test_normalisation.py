"""Mean and variance of each channel, and what differentiating them twice must give."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from workbench.functional.normalisation import mean_and_variance

FORMS = {"features": ((6, 3), 0), "maps": ((4, 3, 2, 2), 0), "folded maps": ((2, 4, 3, 2, 2), 1)}
each_form = pytest.mark.parametrize(("shape", "axis"), FORMS.values(), ids=FORMS)


def numbers(shape: tuple[int, ...]) -> Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.randn(shape, generator=random, dtype=torch.float64).requires_grad_()


@each_form
def test_mean_and_variance_are_torchs_own(shape: tuple[int, ...], axis: int) -> None:
    z = numbers(shape)
    axes = [axis, *range(axis + 2, z.dim())]
    variance, mean = torch.var_mean(z, axes, correction=0)
    found = mean_and_variance(z, axis)
    torch.testing.assert_close(found, (mean, variance), rtol=1e-12, atol=1e-12)


@each_form
def test_their_first_and_second_derivatives_are_those_of_finite_differences(
    shape: tuple[int, ...], axis: int
) -> None:
    z = numbers(shape)
    assert torch.autograd.gradcheck(lambda x: mean_and_variance(x, axis), z)
    assert torch.autograd.gradgradcheck(lambda x: mean_and_variance(x, axis), z)


def test_a_great_offset_costs_the_variance_no_digits() -> None:
    """1000 ± 1 has variance 1: the difference of two means of squares would lose it in float32."""
    z = torch.tensor([999.0, 1001.0] * 50).unsqueeze(1)
    mean, variance = mean_and_variance(z)
    assert (mean.item(), variance.item()) == (1000.0, 1.0)
