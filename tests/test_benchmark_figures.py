"""The intervals of the accuracy table."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from benchmarks.figures import Figure, interval, paired


def figure(row: str, seed: int, scores: Sequence[float]) -> Figure:
    modes = {"inductive": scores, "transductive": scores}
    return Figure(row, seed, 2000, "", "", 60.0, 900.0, modes, {})


def test_an_interval_over_three_seeds_is_students() -> None:
    """1, 2, 3: mean 2, SD 1, half t(0.975, 2) / sqrt(3) = 4.303 / 1.732."""
    assert interval([1.0, 2.0, 3.0]) == (2.0, pytest.approx(4.303 / math.sqrt(3)))
    assert math.isnan(interval([1.0])[1])


def test_an_interval_over_many_tasks_is_that_of_the_normal_distribution() -> None:
    """Half zeros, half ones: SD sqrt(400 / 4 / 399)."""
    mean, half = interval([0.0, 1.0] * 200)
    assert mean == 0.5
    assert half == pytest.approx(1.96 * math.sqrt(100 / 399 / 400))


def test_a_difference_between_methods_is_taken_task_by_task_and_judged_over_seeds() -> None:
    """Seed by seed 10, 20 and 30 points apart, however much tasks differ: 20 ± 10 * 2.484."""
    figures = [figure("maml", seed, [0.1, 0.7]) for seed in range(3)]
    figures += [figure("anil", seed, [0.2 + seed / 10, 0.8 + seed / 10]) for seed in range(3)]
    assert paired(figures, "maml") == [
        "anil - maml, 2,000 tasks: +20.00 ± 24.84 points over 3 seeds"
    ]
    alone = [one for one in figures if one.seed == 0]
    assert paired(alone, "maml")[0].endswith("+10.00 ± 0.00 points over the tasks of one seed")
