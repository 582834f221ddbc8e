"""The table of losses, and what is drawn by it. All in float64."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from workbench.functional import priorities
from workbench.functional.priorities import Table

CHANCES = np.array([0.5, 0.3, 0.2])
SKEWED = np.array([0.61, 0.01, 0.04, 0.2, 0.14])


def one_by_one(chances: np.ndarray, bins: tuple[int, ...]) -> float:
    """The chance of a set, added up over every order in which it may be drawn."""
    total = 0.0
    for order in itertools.permutations(bins):
        left, chance = 1.0, 1.0
        for one in order:
            chance *= chances[one] / left
            left -= chances[one]
        total += chance
    return total


def test_a_loss_is_credited_to_every_bin_of_its_task_and_tasks_that_share_one_leave_the_mean() -> (
    None
):
    """Bin 0 is seen once (5), bin 1 twice (5 and 1: 3), bin 2 once (1), bin 3 never."""
    old = Table(np.array([2.0, 2.5, 1.0, 7.0]), np.array([9.0, 9, 9, 9]), np.array([1, 0, 4, 2]))
    new = priorities.update(old, np.array([[0, 1], [2, 1]]), np.array([5.0, 1.0]))
    assert new.losses.tolist() == [5, 3, 1, 7]
    assert new.changes.tolist() == [3, 0.5, 0, 9]
    assert new.counts.tolist() == [2, 2, 5, 2]
    assert old.losses.tolist() == [2, 2.5, 1, 7]


def test_a_table_keeps_the_shape_of_its_grid() -> None:
    """Cell (1, 2) of a grid of 2 x 3 has number 5."""
    new = priorities.update(priorities.start((2, 3), 1), np.array([[5]]), np.array([4.0]))
    assert new.losses.tolist() == [[1, 1, 1], [1, 1, 4]]
    assert new.changes.tolist() == [[1, 1, 1], [1, 1, 3]]
    assert new.counts.tolist() == [[0, 0, 0], [0, 0, 1]]


def test_a_table_of_zeros_leaves_every_bin_as_likely_as_any_other() -> None:
    assert priorities.shares(np.zeros(4), 0.1).tolist() == [0.25] * 4


def test_bins_of_the_same_highest_loss_share_the_greedy_part() -> None:
    """(1 - 0.2) / 2 + 0.2 / 4 = 0.45 each."""
    found = priorities.highest(np.array([3.0, 1, 3, 0]), 0.2)
    assert found == pytest.approx([0.45, 0.05, 0.45, 0.05])


def test_the_chance_of_a_set_is_that_of_all_its_orders_together() -> None:
    """{0, 1}: 0.5 * 0.3 / 0.5 + 0.3 * 0.5 / 0.7 = 18 / 35."""
    found = np.exp(priorities.log_chances(CHANCES, np.array([[0, 1]])))
    assert found[0] == pytest.approx(18 / 35, rel=1e-12)
    for count in (1, 2, 3, 4, 5):
        sets = list(itertools.combinations(range(5), count))
        found = np.exp(priorities.log_chances(SKEWED, np.array(sets)))
        assert found == pytest.approx([one_by_one(SKEWED, one) for one in sets], rel=1e-10)


@pytest.mark.parametrize("count", [1, 5, 20, 100])
def test_tasks_of_any_size_weigh_the_same_where_all_bins_are_equal(count: int) -> None:
    """1 / (1000 choose N) over itself; its logarithm is 0."""
    ratio = priorities.log_ratios(np.full(1000, 1e-3), np.arange(count)[None])
    assert ratio[0] == pytest.approx(0, abs=1e-9)


def test_sets_are_drawn_as_often_as_their_chance_says() -> None:
    """100,000 draws: the standard error is below 0.0016."""
    drawn = priorities.draw_distinct(np.random.default_rng(0), CHANCES, 100_000, 2)
    for pair in ([0, 1], [0, 2], [1, 2]):
        often = (np.sort(drawn, axis=1) == pair).all(1).mean()
        assert often == pytest.approx(one_by_one(CHANCES, tuple(pair)), abs=0.006)


def test_the_place_of_a_class_in_its_task_does_not_tell_how_likely_it_was() -> None:
    """Bin 0 is in nearly every task, and first in half of those that have it."""
    drawn = priorities.draw_distinct(
        np.random.default_rng(0), np.array([0.98, 0.01, 0.01]), 10_000, 2
    )
    assert (drawn == 0).any(1).mean() > 0.95
    assert (drawn == 0).mean(0) == pytest.approx([0.5, 0.5], abs=0.02)


def test_parameters_are_uniform_inside_the_cells_they_were_drawn_from() -> None:
    """A grid of 2 x 5 over [0, 4] x [10, 20]: cell 7 is row 1, column 2, so [2, 4] x [14, 16]."""
    found = priorities.draw_inside(
        np.random.default_rng(0), ((0, 4), (10, 20)), (2, 5), np.full(10_000, 7)
    )
    assert (found >= [2, 14]).all()
    assert (found <= [4, 16]).all()
    assert found.mean(0) == pytest.approx([3, 15], abs=0.03)
    assert found.std(0) == pytest.approx([2 / math.sqrt(12)] * 2, abs=0.01)


def test_ranks_correlate_as_spearman_says_and_equals_share_theirs() -> None:
    """Ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): covariance 4.5, squares 4.5 and 5; constants have
    none."""
    counts = np.array([[1, 5], [5, 9]])
    losses = np.array([[0.1, 0.2], [7.0, 8.0]])
    assert priorities.spearman(counts, losses) == pytest.approx(4.5 / math.sqrt(4.5 * 5))
    assert priorities.spearman(counts, -losses) == pytest.approx(-4.5 / math.sqrt(4.5 * 5))
    assert math.isnan(priorities.spearman(np.ones(3), np.arange(3)))


def test_of_a_large_pool_every_class_is_as_likely_and_no_task_has_one_twice() -> None:
    """40,000 tasks of 3 out of 5,000 classes: each is in 24 of them, SD 4.9; in halves of the pool
    60,000 each, SD 173."""
    found = priorities.any_classes(np.random.default_rng(0), 5000, 40_000, 3)
    assert found.shape == (40_000, 3)
    assert all((found[:, a] != found[:, b]).all() for a, b in ((0, 1), (0, 2), (1, 2)))
    counts = np.bincount(found.ravel(), minlength=5000)
    assert counts.sum() == 120_000
    assert counts.max() < 24 + 7 * 4.9
    assert abs(counts[:2500].sum() - 60_000) < 4 * 173


def test_rows_without_repetition_come_in_any_order() -> None:
    """The 12 ordered pairs out of 4, 2,000 times each of 24,000, SD 43."""
    found = priorities.distinct_rows(np.random.default_rng(0), 4, 24_000, 2)
    pairs, counts = np.unique(found, axis=0, return_counts=True)
    assert len(pairs) == 12
    assert abs(counts - 2000).max() < 4 * 43


def test_many_ways_of_a_large_pool_are_drawn_too() -> None:
    found = priorities.any_classes(np.random.default_rng(0), 5000, 2, 4900)
    assert [len(set(row)) for row in found.tolist()] == [4900, 4900]


def test_a_loss_that_falls_has_changed_as_much_as_one_that_rises() -> None:
    """From 3 to 1, and from 1 to 3."""
    old = Table(np.array([3.0, 1.0]), np.zeros(2), np.zeros(2, dtype=np.int64))
    new = priorities.update(old, np.array([[0], [1]]), np.array([1.0, 3.0]))
    assert new.changes.tolist() == [2, 2]


def test_a_loss_below_zero_is_as_good_as_none() -> None:
    """Of (3, -1, 1) with a floor of 0.3: 0.7 * (3, 0, 1) / 4 + 0.1."""
    found = priorities.shares(np.array([3.0, -1.0, 1.0]), 0.3)
    assert found == pytest.approx([0.625, 0.1, 0.275], rel=1e-14)


@pytest.mark.parametrize("size", [200, 1000])
def test_the_smallest_keys_come_in_their_order_however_many_there_are(size: int) -> None:
    keys = np.random.default_rng(0).random((20, size))
    assert np.array_equal(priorities.smallest(keys, 100), np.argsort(keys, axis=1)[:, :100])


def test_the_figures_of_a_table_are_of_its_losses() -> None:
    """Mean 2 and spread sqrt(2/3) of 1, 2, 3, which were seen the less the higher they are; the
    changes go another way."""
    table = Table(np.array([1.0, 2, 3]), np.array([5.0, 6, 5]), np.array([3, 2, 1]))
    found = priorities.figures(table)
    assert found == pytest.approx(
        {"table_mean": 2, "table_spread": math.sqrt(2 / 3), "table_correlation": -1}
    )
