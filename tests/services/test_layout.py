"""Features on a plane."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import DataError
from workbench.services.layout import LEAST, lay_out


def test_too_few_points_are_refused_with_both_numbers() -> None:
    with pytest.raises(DataError) as caught:
        lay_out(np.zeros((6, 4), np.float32))
    assert caught.value.message == f"t-SNE takes {LEAST} points or more; there are 6."


def test_neighbours_stay_neighbours_and_the_same_features_keep_their_places() -> None:
    """Two bunches far apart: the nearest on the plane is always of the same bunch."""
    pytest.importorskip("sklearn", reason="t-SNE is scikit-learn's")
    random = np.random.default_rng(0)
    middles = np.repeat([[0.0] * 8, [9.0] * 8], 8, axis=0)
    features = (middles + random.normal(0, 0.5, (16, 8))).astype(np.float32)
    places = lay_out(features)
    assert places.shape == (16, 2)
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert ((apart.argmin(axis=1) < 8) == (np.arange(16) < 8)).all()
    assert np.array_equal(places, lay_out(features))
