"""Thinned curves show every peak and every gap, and the pyramid gives exactly the thinned curve."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.store.pyramid import Floats, Pyramid, thin


def curve(points: int, seed: int = 0) -> tuple[Floats, Floats]:
    """A random walk over unevenly spaced x, with gaps, plateaus and infinities."""
    random = np.random.default_rng(seed)
    x = np.cumsum(random.exponential(size=points))
    y = np.round(np.cumsum(random.normal(size=points)), 1)
    y[random.random(points) < 0.002] = np.nan
    y[points // 3 : points // 3 + points // 50] = np.nan
    y[points // 2] = np.inf
    y[points // 5 : points // 5 + 40] = np.inf
    y[points // 4] = -np.inf
    return x, y


def columns_of(x: Floats, pixels: int) -> np.ndarray:
    edges = np.linspace(x[0], x[-1], pixels + 1)[1:-1]
    return np.searchsorted(edges, x, side="right")


def test_each_column_keeps_its_lowest_its_highest_and_its_gap() -> None:
    x, y = curve(20_000)
    thin_x, thin_y = thin(x, y, 300)
    column, thin_column = (
        columns_of(x, 300),
        np.searchsorted(np.linspace(x[0], x[-1], 301)[1:-1], thin_x, side="right"),
    )
    assert len(thin_x) <= 3 * 300 + 2
    for pixel in range(300):
        all_y, kept_y = y[column == pixel], thin_y[thin_column == pixel]
        assert np.isnan(all_y).any() == np.isnan(kept_y).any()
        if not np.isnan(all_y).all():
            assert np.nanmin(all_y) == np.nanmin(kept_y)
            assert np.nanmax(all_y) == np.nanmax(kept_y)


def test_what_is_kept_are_real_points_in_order_from_the_first_to_the_last() -> None:
    x, y = curve(5_000)
    y[:3], y[-3:] = [0, -1, 1], [-1, 1, 0]  # neither end is an extreme of its column
    thin_x, thin_y = thin(x, y, 100)
    at = np.searchsorted(x, thin_x)
    np.testing.assert_array_equal(x[at], thin_x)
    np.testing.assert_array_equal(y[at], thin_y)
    assert (np.diff(at) > 0).all()
    assert (at[0], at[-1]) == (0, len(x) - 1)


def test_a_single_peak_among_a_million_points_shows() -> None:
    x, y = np.arange(1e6), np.zeros(1_000_000)
    y[654_321] = 5
    thin_x, thin_y = thin(x, y, 800)
    assert thin_x[np.argmax(thin_y)] == 654_321


def test_a_short_curve_is_left_as_it_is() -> None:
    x, y = np.arange(10.0), np.arange(10.0)
    assert thin(x, y, 5)[0] is x
    assert len(thin(np.empty(0), np.empty(0), 5)[0]) == 0


@pytest.mark.parametrize("points", [1, 7, 8, 64, 513, 5_000, 70_001])
@pytest.mark.parametrize("pixels", [1, 3, 200])
def test_the_pyramid_shows_exactly_the_thinned_curve(points: int, pixels: int) -> None:
    x, y = curve(max(points, 300))
    x, y = x[:points], y[:points]
    pyramid = Pyramid()
    for part in np.array_split(np.arange(points), 11):
        pyramid.extend(x[part], y[part])
    for got, expected in zip(pyramid.view(x[0], x[-1], pixels), thin(x, y, pixels), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_the_pyramid_zoomed_in_shows_exactly_that_part_and_one_point_on_either_side() -> None:
    x, y = curve(50_000)
    pyramid = Pyramid()
    pyramid.extend(x, y)
    random = np.random.default_rng(1)
    for _ in range(40):
        low, high = np.sort(random.integers(1, len(x) - 1, 2))
        part = slice(low - 1, high + 2)
        expected = thin(x[part], y[part], 90)
        for got, want in zip(pyramid.view(x[low], x[high], 90), expected, strict=True):
            np.testing.assert_array_equal(got, want)


def test_a_view_beside_the_curve_shows_at_most_its_nearest_point() -> None:
    pyramid = Pyramid()
    assert len(pyramid.view(0, 1, 100)[0]) == 0
    pyramid.extend(np.arange(1000.0), np.arange(1000.0))
    assert pyramid.view(-20, -10, 100)[0].tolist() == [0]
    assert pyramid.view(2000, 3000, 100)[0].tolist() == [999]


def test_the_pyramid_forgets_and_starts_over() -> None:
    x, y = curve(3_000)
    pyramid = Pyramid()
    pyramid.extend(x, -y)
    pyramid.clear()
    assert len(pyramid) == 0
    pyramid.extend(x, y)
    np.testing.assert_array_equal(pyramid.view(x[0], x[-1], 50)[1], thin(x, y, 50)[1])
