"""How many numbers speak of the weights of a network, and which of them of which weight.

The network has layers a, of weights (2, 3), and b, of weights (1, 2), both with biases.
"""

from __future__ import annotations

import math

import pytest
import torch

from workbench.functional.modulation import Mode, Spread

SHAPES = {"a.weight": (2, 3), "a.bias": (2,), "b.weight": (1, 2), "b.bias": (1,)}


@pytest.mark.parametrize(
    ("mode", "numbers"),
    [
        ("global_scalars", 1),
        ("per_layer_scalars", 2),
        ("per_parameter", 6 + 2 + 2 + 1),
        ("low_rank", 4 * (2 + 3) + 2 + 4 * (1 + 2) + 1),
    ],
)
def test_a_mode_takes_as_many_numbers_as_it_has_to_say(mode: Mode, numbers: int) -> None:
    spread = Spread(mode, SHAPES, rank=4)
    assert spread.numbers == numbers
    found = spread(torch.arange(float(numbers)))
    assert list(found) == list(SHAPES)
    assert all(found[name].broadcast_to(shape).shape == shape for name, shape in SHAPES.items())


def test_scalars_of_layers_speak_of_their_own_layer_alone() -> None:
    found = Spread("per_layer_scalars", SHAPES, rank=1)(torch.tensor([5.0, 7.0]))
    assert {name: float(said) for name, said in found.items()} == {
        "a.weight": 5,
        "a.bias": 5,
        "b.weight": 7,
        "b.bias": 7,
    }


def test_low_rank_is_a_product_of_two_narrow_matrices_over_the_root_of_the_rank() -> None:
    """Of a: A = ((1, 2), (3, 4)), B = ((5, 6), (7, 8), (9, 10)); A B^T = ((17, 23, 29),
    (39, 53, 67)). Of b: A = (0, 0). The biases come last."""
    numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 1, 1, 1, 1, -1, -2, -3]
    found = Spread("low_rank", SHAPES, rank=2)(torch.tensor(numbers, dtype=torch.float64))
    product = torch.tensor([[17, 23, 29], [39, 53, 67]], dtype=torch.float64)
    torch.testing.assert_close(found["a.weight"], product / math.sqrt(2))
    assert found["b.weight"].tolist() == [[0, 0]]
    assert found["a.bias"].tolist() == [-1, -2]
    assert found["b.bias"].tolist() == [-3]
