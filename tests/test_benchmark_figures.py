"""The intervals of the accuracy table."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from benchmarks.figures import Figure, difference, interval, markdown, table


def figure(row: str, seed: int, scores: Sequence[float], budget: int = 2000) -> Figure:
    modes = {"inductive": scores, "transductive": scores}
    return Figure(row, seed, budget, "", "abc", 60.0, 900.0, modes, {})


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
    assert difference(figures, "anil", 2000, "maml") == "+20.0 ± 24.8"
    assert difference(figures, "maml", 2000, "maml") == ""
    alone = [one for one in figures if one.seed == 0]
    assert difference(alone, "anil", 2000, "maml") == "+10.0 ± 0.0"


def test_the_table_has_a_row_for_each_method_and_budget() -> None:
    """MAML: four tasks over two seeds, 10, 30, 50 and 70 %, mean 40, SD 25.82; t of 3 is 3.182."""
    figures = [figure("maml", 0, [0.1, 0.3]), figure("maml", 1, [0.5, 0.7])]
    figures += [figure("maml", 0, [0.2, 0.2], budget=0), figure("anil", 0, [0.2, 0.4])]
    heads, anil, maml = table(figures, "maml")
    assert dict(zip(heads, maml, strict=True)) == {
        "method": "maml",
        "training tasks": "2,000",
        "inductive": "40.0 ± 41.1",
        "transductive": "40.0 ± 41.1",
        "untrained": "20.0 ± 0.0",
        "each seed": "20.0, 60.0",
        "training, one core": "1.0 min",
        "peak MB": "900",
        "commit": "abc",
        "less maml": "",
    }
    assert dict(zip(heads, anil, strict=True))["less maml"] == "+10.0 ± 0.0"
    assert dict(zip(heads, anil, strict=True))["untrained"] == "–"
    assert markdown([["a", "b"], ["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
