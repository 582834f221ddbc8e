"""The measures of inequality, worked by hand for the numbers 1, 2, 3.

Their mean is 2, so their shares are 1/2, 1, 3/2.

    Theil                    (1/2 ln 1/2 + 3/2 ln 3/2) / 3
    generalised entropy, 2   ((1/4 + 1 + 9/4) / 3 - 1) / 2 = 1/12
    generalised entropy, 0   -(ln 1/2 + ln 3/2) / 3 = ln(4/3) / 3
    Atkinson, 1/2            1 - ((1 + sqrt 2 + sqrt 3) / 3)^2 / 2
    Atkinson, 1              1 - 6^(1/3) / 2, the geometric mean being the root of 6
    Atkinson, 2              1 - (18/11) / 2 = 2/11, the harmonic mean being 3 / (1 + 1/2 + 1/3)
    Gini                     the distances 1, 1, 2 count twice: 8 / (2 * 9 * 2) = 2/9
    variance of logs         of 1, e, e^2 the logarithms 0, 1, 2: 2/3
"""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch

from workbench.functional.inequality import (
    Measure,
    atkinson,
    generalized_entropy,
    gini,
    slopes,
    theil,
    variance_of_logarithms,
)

NUMBERS = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
MEASURES = {
    "theil": theil,
    "generalised entropy 2": partial(generalized_entropy, alpha=2.0),
    "generalised entropy 0": partial(generalized_entropy, alpha=0.0),
    "generalised entropy 1": partial(generalized_entropy, alpha=1.0),
    "generalised entropy -1": partial(generalized_entropy, alpha=-1.0),
    "atkinson 0.5": partial(atkinson, epsilon=0.5),
    "atkinson 1": partial(atkinson, epsilon=1.0),
    "atkinson 2": partial(atkinson, epsilon=2.0),
    "gini": gini,
    "variance of logarithms": variance_of_logarithms,
}
each_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("theil", (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 3),
        ("generalised entropy 2", 1 / 12),
        ("generalised entropy 0", math.log(4 / 3) / 3),
        ("generalised entropy 1", (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 3),
        ("atkinson 0.5", 1 - ((1 + math.sqrt(2) + math.sqrt(3)) / 3) ** 2 / 2),
        ("atkinson 1", 1 - 6 ** (1 / 3) / 2),
        ("atkinson 2", 2 / 11),
        ("gini", 2 / 9),
    ],
)
def test_a_measure_has_the_value_worked_by_hand(name: str, expected: float) -> None:
    assert float(MEASURES[name](NUMBERS)) == pytest.approx(expected, rel=1e-12)


def test_the_variance_of_logarithms_has_the_value_worked_by_hand() -> None:
    powers = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64).exp()
    assert float(variance_of_logarithms(powers)) == pytest.approx(2 / 3, rel=1e-12)


def test_near_its_limits_the_generalised_entropy_is_nearly_its_limit() -> None:
    for limit in (0.0, 1.0):
        near = float(generalized_entropy(NUMBERS, limit + 1e-6))
        assert near == pytest.approx(float(generalized_entropy(NUMBERS, limit)), rel=1e-4)
    near = float(atkinson(NUMBERS, 1 + 1e-6))
    assert near == pytest.approx(float(atkinson(NUMBERS, 1.0)), rel=1e-4)


def test_the_slopes_of_two_numbers_are_those_derived_by_hand() -> None:
    """Of a < b the Gini coefficient is (b - a) / (2 (a + b)): slopes -b / (a + b)^2 and
    a / (a + b)^2. The variance of logarithms is ln(b/a)^2 / 4: slopes -+ ln(b/a) / (2 a, 2 b)."""
    pair = torch.tensor([1.0, 3.0])
    value, found = slopes(gini, pair)
    assert (value, *found.tolist()) == pytest.approx((1 / 4, -3 / 16, 1 / 16))
    value, found = slopes(variance_of_logarithms, pair)
    third = math.log(3)
    assert (value, *found.tolist()) == pytest.approx((third**2 / 4, -third / 2, third / 6))


@each_measure
def test_slopes_are_those_of_the_measure(measure: Measure) -> None:
    """Against central differences, which are off by about the square of the distance."""
    _, found = slopes(measure, NUMBERS)
    for position in range(3):
        aside = torch.zeros(3, dtype=torch.float64)
        aside[position] = 1e-5
        difference = float(measure(NUMBERS + aside) - measure(NUMBERS - aside)) / 2e-5
        assert float(found[position]) == pytest.approx(difference, rel=1e-6, abs=1e-9)


@each_measure
def test_the_unit_of_the_numbers_does_not_matter(measure: Measure) -> None:
    assert float(measure(7 * NUMBERS)) == pytest.approx(float(measure(NUMBERS)), rel=1e-12)
    assert float(measure(NUMBERS)) > 0.01


@each_measure
def test_equal_numbers_and_a_single_one_are_not_unequal_and_pull_nowhere(measure: Measure) -> None:
    for count in (1, 4):
        value, found = slopes(measure, torch.full((count,), 0.7))
        assert value == pytest.approx(0, abs=1e-12)
        assert found.abs().max() < 1e-12


@each_measure
def test_to_lessen_the_inequality_the_largest_falls_and_the_least_rises(measure: Measure) -> None:
    _, found = slopes(measure, NUMBERS)
    assert found[0] < 0 < found[2]


@each_measure
def test_a_loss_that_has_vanished_still_has_a_slope(measure: Measure) -> None:
    value, found = slopes(measure, torch.tensor([0.0, 1.0]))
    assert math.isfinite(value)
    assert torch.isfinite(found).all()
