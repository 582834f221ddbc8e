"""Codes that are normal distributions, by hand."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.functional.gaussian import Gaussian, correlation, divergence


def test_the_divergence_of_a_wide_normal_beside_the_standard_one_is_half_its_own() -> None:
    """KL(N(1, 2²) | N(0, 1)) = (1 + 4 - 1) / 2 - ln 2; of N(0, 1) it is 0; the mean is half."""
    codes = Gaussian(torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 1.0]]))
    assert float(divergence(codes)) == pytest.approx((2 - math.log(2)) / 2)


def test_latents_decoded_at_45_degrees_are_penalised_by_a_quarter() -> None:
    """Columns (1, 0) and (3, 3): their correlation is 1 / sqrt 2, twice among four entries."""
    assert float(correlation(torch.tensor([[1.0, 3.0], [0.0, 3.0]]))) == pytest.approx(1 / 4)
    assert float(correlation(torch.tensor([[0.0, 3.0], [2.0, 0.0]]))) == pytest.approx(0)
