"""Sinusoids: the MAML paper's regression problem."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from workbench.datasets.sinusoid import Config, Sinusoid
from workbench.errors import DataError
from workbench.sources import FunctionData


def load(**settings: float) -> FunctionData:
    data = Sinusoid(Config(**settings)).load(Path("unused"), lambda *_: None)
    assert not hasattr(data, "bank")
    return data  # type: ignore[return-value]  # told apart by having no bank


def test_a_value_is_amplitude_times_the_sine_of_x_plus_phase() -> None:
    """2 sin(0 + pi / 2) = 2, 2 sin(pi / 2 + pi / 2) = 0; 3 sin(0 + 0) = 0, 3 sin(pi / 2) = 3."""
    x = np.array([[[0.0], [math.pi / 2]]] * 2)
    y = load().value(np.array([[2, math.pi / 2], [3, 0]]), x)
    np.testing.assert_allclose(y, [[[2], [0]], [[0], [3]]], atol=1e-12)


def test_the_ranges_are_the_papers_unless_said_otherwise() -> None:
    assert load().x_range == (-5, 5)
    assert load().parameter_ranges == ((0.1, 5), (0, math.pi))
    assert load().parameter_names == ("amplitude", "phase")
    assert load(amplitude_max=2).parameter_ranges[0] == (0.1, 2)


def test_the_values_are_computed_for_all_tasks_at_once() -> None:
    random = np.random.default_rng(0)
    parameters, x = random.uniform(0, 3, (7, 2)), random.uniform(-5, 5, (7, 20, 1))
    y = load().value(parameters, x)
    assert y.shape == (7, 20, 1)
    each = [load().value(parameters[t : t + 1], x[t : t + 1])[0] for t in range(7)]
    np.testing.assert_array_equal(y, each)


@pytest.mark.parametrize("name", ["amplitude", "phase", "x"])
def test_an_inverted_range_is_refused_with_both_numbers(name: str) -> None:
    with pytest.raises(DataError, match=rf"The least {name} is 9.0, which is not below") as error:
        load(**{f"{name}_min": 9, f"{name}_max": 1})
    assert f"dataset.{name}_min" in error.value.hint


def test_a_single_amplitude_is_allowed_but_a_single_x_is_not() -> None:
    assert load(amplitude_min=2, amplitude_max=2).parameter_ranges[0] == (2, 2)
    with pytest.raises(DataError):
        load(x_min=1, x_max=1)


def test_a_varied_frequency_multiplies_x() -> None:
    """2 sin(0.5 pi + pi / 2) = 2 sin(pi) = 0, 3 sin(2 pi / 4 + 0) = 3."""
    waves = load(vary_frequency=True)
    assert waves.parameter_names == ("amplitude", "phase", "frequency")
    assert waves.parameter_ranges[2] == (0.5, 2)
    x = np.array([[[math.pi]], [[math.pi / 4]]])
    y = waves.value(np.array([[2, math.pi / 2, 0.5], [3, 0, 2]]), x)
    np.testing.assert_allclose(y, [[[0]], [[3]]], atol=1e-12)


@pytest.mark.parametrize(("vary", "size"), [(False, 25 * 18), (True, 25 * 18 * 8)])
def test_the_test_grid_is_every_combination_with_both_ends(vary: bool, size: int) -> None:
    waves = load(vary_frequency=vary, test_on_grid=True)
    grid = waves.test_grid
    assert grid is not None
    assert grid.shape == (size, len(waves.parameter_ranges))
    assert len(np.unique(grid, axis=0)) == size
    assert [len(np.unique(column)) for column in grid.T] == [25, 18, 8][: grid.shape[1]]
    np.testing.assert_array_equal(grid.min(0), [low for low, _ in waves.parameter_ranges])
    np.testing.assert_array_equal(grid.max(0), [high for _, high in waves.parameter_ranges])


def test_there_is_no_grid_unless_it_is_asked_for() -> None:
    assert load().test_grid is None
