"""The Neural Turing Machine's heads and memory against hand-worked ones, in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from workbench.algorithms.ntm import ContentAndLocation, sharpened, shifted

ACCESS = ContentAndLocation(slots=3, width=2, heads=1)
SLOTS = torch.tensor([[[3.0, 4.0], [0.0, 2.0], [5.0, 0.0]]], dtype=torch.float64)
OFF, ON = -50.0, 50.0
BACK, STAY, FORTH = (ON, OFF, OFF), (OFF, ON, OFF), (OFF, OFF, ON)


def row(*values: float) -> Tensor:
    return torch.tensor([[values]], dtype=torch.float64)


def moved(
    places: tuple[float, ...],
    before: Tensor,
    *,
    gate: float,
    beta: float = ON,
    key: tuple[float, float] = (0.0, 1.0),
) -> Tensor:
    """The weights of one head that does not sharpen."""
    return ACCESS.move(row(*key, beta, gate, *places, OFF), SLOTS, before)[0, 0]


def test_a_shift_is_a_circular_convolution() -> None:
    """w~(i) = 0.1 w(i + 1) + 0.7 w(i) + 0.2 w(i - 1), counting round the end."""
    found = shifted(row(0.5, 0.3, 0.2, 0.0), row(0.1, 0.7, 0.2))
    torch.testing.assert_close(found, row(0.38, 0.33, 0.20, 0.09), rtol=0, atol=1e-12)


def test_sharpening_raises_to_a_power_and_keeps_the_sum() -> None:
    """Squares 0.25, 0.09, 0.04 and 0 of sum 0.38."""
    found = sharpened(row(0.5, 0.3, 0.2, 0.0), row(2.0))
    expected = row(0.25, 0.09, 0.04, 0.0) / 0.38
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)


def test_a_head_that_trusts_its_place_walks_from_where_it_was() -> None:
    start = row(1.0, 0.0, 0.0)
    assert moved(FORTH, start, gate=OFF).tolist() == pytest.approx([0, 1, 0], abs=1e-9)
    assert moved(STAY, start, gate=OFF).tolist() == pytest.approx([1, 0, 0], abs=1e-9)
    assert moved(BACK, start, gate=OFF).tolist() == pytest.approx([0, 0, 1], abs=1e-9)


def test_a_head_that_trusts_the_content_jumps_to_the_likest_slot() -> None:
    """The key (0, 1) has cosines 0.8, 1 and 0: at beta = 50 slot 1 has all but 1 in 22,000."""
    found = moved(STAY, row(1.0, 0.0, 0.0), gate=ON)
    assert found.tolist() == pytest.approx([0, 1, 0], abs=1e-4)


def test_content_is_weighed_by_the_strength_and_mixed_with_the_place() -> None:
    """beta = softplus(0) = ln 2, so the weights go as 2^cosine; tanh bends the key's length alone.
    The gate is 1/2."""
    powers = row(2**0.8, 2.0, 1.0)
    expected = 0.5 * powers / powers.sum() + 0.5 * row(0.0, 0.0, 1.0)
    found = moved(STAY, row(0.0, 0.0, 1.0), gate=0.0, beta=0.0)
    torch.testing.assert_close(found, expected[0, 0], rtol=0, atol=1e-5)


def test_a_write_erases_and_then_adds_where_the_head_looks() -> None:
    """At slot 1: (0, 2) (1 - 1/2) + (0.6, 0.6) = (0.6, 1.6). Slot 0 is read."""
    stay = (0.0, 0.0, 0.0, OFF, *STAY, OFF)
    add = (torch.tensor(0.6, dtype=torch.float64).atanh().item(),) * 2
    commands = torch.tensor([[*stay, *stay, 0.0, 0.0, *add]], dtype=torch.float64)
    weights = torch.tensor([[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]], dtype=torch.float64)
    read, after = ACCESS(commands, {"memory": SLOTS, "weights": weights})
    expected = torch.tensor([[3.0, 4.0], [0.6, 1.6], [5.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(after["memory"][0], expected, rtol=0, atol=1e-9)
    assert read[0].tolist() == pytest.approx([3.0, 4.0])


def test_several_heads_erase_together() -> None:
    """Both look at slot 1 and halve it: (0, 2) becomes (0, 0.5)."""
    two = ContentAndLocation(slots=3, width=2, heads=2)
    stay = (0.0, 0.0, 0.0, OFF, *STAY, OFF)
    commands = torch.tensor([[*stay * 4, *[0.0] * 8]], dtype=torch.float64)
    weights = torch.tensor([[[0.0, 1.0, 0.0]] * 4], dtype=torch.float64)
    _, after = two(commands, {"memory": SLOTS, "weights": weights})
    assert after["memory"][0, 1].tolist() == pytest.approx([0.0, 0.5])
