"""Siamese networks against pairs worked out by hand, in float64.

With alpha = (-1, 2) and b = 0.5, features (1, 4) and (3, 1) are |1 - 3| = 2 and |4 - 1| = 3 apart:

    z = -1 * 2 + 2 * 3 + 0.5 = 4.5
"""

from __future__ import annotations

import math

import torch

from tests.algorithms.worlds import world
from workbench.algorithms.siamese import alikeness, pair_loss
from workbench.task import Support

PARAMETERS = {
    "pair.weight": torch.tensor([-1.0, 2.0], dtype=torch.float64),
    "pair.bias": torch.tensor(0.5, dtype=torch.float64),
}
FEATURES = torch.tensor([[1.0, 4.0], [3.0, 1.0], [0.0, 0.0]], dtype=torch.float64)


def test_the_distance_is_a_weighted_l1() -> None:
    found = alikeness(PARAMETERS, FEATURES[:1], FEATURES[1:2])
    assert found.tolist() == [[4.5]]


def test_it_does_not_matter_which_image_comes_first() -> None:
    alike = alikeness(PARAMETERS, FEATURES, FEATURES)
    assert torch.equal(alike, alike.T)
    assert len(alike.unique()) > 2


def test_a_class_scores_as_its_best_match() -> None:
    """Of the query (0, 0): z is 7.5 with (1, 4), -0.5 with (3, 1) and 0.5 with (0, 0); the first
    two are class 1."""
    compare = world("siamese").algorithm.compare
    support = Support(FEATURES, torch.tensor([1, 1, 0]), 2)
    found = compare(PARAMETERS, FEATURES, support, FEATURES[2:])
    assert found.tolist() == [[0.5, 7.5]]


def test_the_alike_pairs_weigh_as_much_as_the_unlike() -> None:
    """Labels 0, 0, 1, 1: two pairs are alike, with z = 0 and 1, and four unlike, all with z = 2.

    loss = 1/2 (log 2 + log(1 + e^-1)) / 2 + 1/2 log(1 + e^2)
    """
    z = torch.full((4, 4), 2.0, dtype=torch.float64)
    z[0, 1], z[2, 3] = 0.0, 1.0
    alike = (math.log(2) + math.log1p(math.exp(-1))) / 2
    expected = (alike + math.log1p(math.exp(2))) / 2
    assert math.isclose(pair_loss(z, torch.tensor([0, 0, 1, 1])), expected, abs_tol=1e-12)


def test_what_is_descended_is_the_loss_of_the_pairs() -> None:
    """The best match of the queries ignores b, which moves every class alike; the pairs do not."""
    place = world("siamese")
    gradient = place.gradient(place.state(), 0).gradient
    assert gradient["pair.bias"].abs() > 1e-3
