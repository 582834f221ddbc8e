"""Mean and variance of each channel, and what differentiating them twice must give."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from workbench.functional.normalisation import (
    LayerStatistics,
    Leading,
    Normaliser,
    Own,
    Product,
    answer,
    mean_and_variance,
)

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


# -------------------------------------------------------------- whose statistics answer queries


def two_layers(x: Tensor, normaliser: Normaliser) -> Tensor:
    """A network in which the second layer's statistics hang on the first's."""
    for layer in range(2):
        weight = numbers((3, 3)).detach() + layer
        gain, shift = torch.tensor([[1.0, 2.0, 0.5], [0.1, 0.0, -1.0]], dtype=torch.float64)
        x = torch.relu(normaliser(Product(torch.nn.functional.linear, x), weight, gain, shift))
    return x


def by_definition(mode: str, support: Tensor, queries: Tensor) -> Tensor:
    """What each mode means, one plain batch at a time."""
    if mode == "query_batch":
        return two_layers(queries, Own())
    if mode == "support":
        return two_layers(torch.cat([support, queries]), Leading(len(support)))[len(support) :]
    batches = [torch.cat([support, query[None]]) for query in queries]
    return torch.stack([two_layers(batch, Own())[-1] for batch in batches])


def test_each_mode_takes_its_statistics_from_where_it_says() -> None:
    support, queries = numbers((5, 3)).detach(), 2 + numbers((4, 3)).detach()
    found = {}
    for mode in ("support", "support_plus_one", "query_batch"):
        found[mode] = answer(two_layers, support, queries, mode)
        expected = by_definition(mode, support, queries)
        torch.testing.assert_close(found[mode], expected, rtol=0, atol=1e-12)
    for one, other in (("support", "support_plus_one"), ("support_plus_one", "query_batch")):
        assert float((found[one] - found[other]).abs().max()) > 0.1


def test_given_statistics_are_used_as_they_are() -> None:
    """By hand: (z - m) / sqrt(v + 1e-5) times the gain, plus the shift."""
    averages: list[LayerStatistics] = [
        (torch.tensor([1.0, 0.0, -1.0]).double(), torch.tensor([4.0, 1.0, 0.25]).double())
    ]
    weight, gain, shift = torch.eye(3).double(), torch.ones(3).double(), torch.zeros(3).double()

    def layer(x: Tensor, normaliser: Normaliser) -> Tensor:
        return normaliser(Product(torch.nn.functional.linear, x), weight, gain, shift)

    queries = numbers((4, 3)).detach()
    found = answer(layer, queries[:1], queries, "running", averages)
    mean, variance = averages[0]
    torch.testing.assert_close(found, (queries - mean) / (variance + 1e-5).sqrt())
