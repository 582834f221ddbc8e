"""The six ways to choose tasks, on a table worked out by hand."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest

from workbench.datasets.sinusoid import Sinusoids
from workbench.functional import priorities
from workbench.functional.priorities import Table
from workbench.sources import SAMPLERS, Sampler

TABLE = Table(np.array([4.0, 1, 3, 0]), np.array([0.0, 2, 2, 0]), np.array([1, 2, 3, 4]))
LEARNING = [name for name in SAMPLERS if name != "uniform"]
WAVES = Sinusoids((-5, 5), ((0.1, 5), (0, 3)))


def sampler(name: str, **settings: float) -> Sampler:
    return SAMPLERS[name](SAMPLERS.config(name)(**settings))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("weighted", [0.45, 0.15, 0.35, 0.05]),
        ("importance_weighted", [0.45, 0.15, 0.35, 0.05]),
        ("delta", [0.05, 0.45, 0.45, 0.05]),
        ("importance_delta", [0.05, 0.45, 0.45, 0.05]),
    ],
)
def test_chances_are_in_proportion_to_the_table_above_an_even_floor(name, expected) -> None:
    """0.8 * (4, 1, 3, 0) / 8 + 0.2 / 4, and 0.8 * (0, 2, 2, 0) / 4 + 0.2 / 4."""
    found = sampler(name, floor=0.2).chances(TABLE, 0.5)
    assert found.dtype == np.float64
    assert found == pytest.approx(expected, rel=1e-14)


def test_the_greedy_one_takes_the_highest_loss_but_for_epsilon() -> None:
    """Half-way from 0.4 to 0.2 epsilon is 0.3: 0.7 + 0.3 / 4 for the highest, 0.3 / 4 else."""
    found = sampler("epsilon_greedy", epsilon_start=0.4, epsilon_end=0.2).chances(TABLE, 0.5)
    assert found == pytest.approx([0.775, 0.075, 0.075, 0.075], rel=1e-14)


def test_epsilon_goes_evenly_and_exactly_from_its_start_to_its_end() -> None:
    greedy = sampler("epsilon_greedy", epsilon_start=0.9, epsilon_end=0.1)
    found = [greedy.figures(TABLE, progress)["epsilon"] for progress in (0, 0.25, 1)]
    assert found[0] == 0.9
    assert found[1] == pytest.approx(0.7)
    assert found[2] == 0.1


@pytest.mark.parametrize("name", LEARNING)
def test_every_bin_stays_within_reach_however_extreme_the_table(name) -> None:
    far = Table(np.array([1e6, 0, 0, 0]), np.array([1e6, 0, 0, 0]), np.zeros(4, dtype=np.int64))
    chances = sampler(name).chances(far, 1.0)
    assert chances.min() >= 0.05 / 4 - 1e-15
    assert chances.sum() == pytest.approx(1)
    drawn = sampler(name).classes(np.random.default_rng(0), np.zeros(4), 2000, 2, far, 1.0)
    assert set(drawn.bins.ravel()) == {0, 1, 2, 3}


@pytest.mark.parametrize("name", LEARNING)
@pytest.mark.parametrize("shape", [(0, 2), (0, 3), (12, 0)])
def test_before_the_first_task_all_bins_are_equal(name, shape) -> None:
    start = sampler(name, initial=3.5).start(*shape)
    assert start.losses.shape == ((12,) if shape[0] else (10,) * shape[1])
    assert set(start.losses.ravel()) == set(start.changes.ravel()) == {3.5}
    assert start.counts.sum() == 0
    chances = sampler(name).chances(start, 1.0)
    assert chances == pytest.approx(np.full(start.losses.size, 1 / start.losses.size))


def test_importance_weights_are_the_uniform_chance_over_the_chance_scaled_to_a_mean_of_one() -> (
    None
):
    """(1 / 4) / (0.45, 0.15, 0.35, 0.05) has the mean 125 / 63, by which it is
    divided."""
    chances = sampler("importance_weighted", floor=0.2).chances(TABLE, 0)
    weights = priorities.importance(chances, np.arange(4)[:, None])
    assert weights == pytest.approx([0.28, 0.84, 0.36, 2.52], rel=1e-12)


@pytest.mark.parametrize("n_way", [1, 2, 3])
@pytest.mark.parametrize("name", ["importance_weighted", "importance_delta"])
def test_before_they_are_scaled_importance_weights_give_the_mean_of_uniform_sampling(
    name, n_way
) -> None:
    """Sum over all tasks of P(task) * weight * loss, with P(task) added up over every order in
    which its classes may be drawn, is the plain mean of the losses."""
    chances = sampler(name, floor=0.2).chances(TABLE, 0)
    tasks = np.array(list(itertools.combinations(range(4), n_way)))
    losses = np.random.default_rng(0).uniform(0, 5, len(tasks))
    drawn = np.array([_chance(chances, task) for task in tasks])
    weights = np.exp(priorities.log_ratios(chances, tasks))
    assert drawn.sum() == pytest.approx(1)
    assert drawn @ (weights * losses) == pytest.approx(losses.mean(), rel=1e-10)


def _chance(chances: np.ndarray, task: np.ndarray) -> float:
    total = 0.0
    for order in itertools.permutations(task):
        before = np.concatenate([[0], np.cumsum(chances[list(order)])[:-1]])
        total += float(np.prod(chances[list(order)] / (1 - before)))
    return total


@pytest.mark.parametrize("name", list(SAMPLERS))
def test_only_the_importance_forms_weigh_tasks_and_their_weights_have_a_mean_of_one(name) -> None:
    way, random = sampler(name), np.random.default_rng(0)
    table = way.start(4, 0) and TABLE
    weights = way.classes(random, np.zeros(4), 50, 2, table, 0.5).weights
    assert weights.mean() == pytest.approx(1)
    assert way.importance == (weights.std() > 0.01)


@pytest.mark.parametrize("name", LEARNING)
def test_a_function_lies_in_the_cell_that_its_loss_will_be_credited_to(name) -> None:
    way = sampler(name, bins=2)
    table = Table(*(values.reshape(2, 2) for values in vars(TABLE).values()))
    drawn = way.parameters(np.random.default_rng(0), WAVES, 200, table, 0.5)
    rows = (drawn.tasks[:, 0] > 2.55).astype(int)
    columns = (drawn.tasks[:, 1] > 1.5).astype(int)
    assert np.array_equal(drawn.bins[:, 0], 2 * rows + columns)


@pytest.mark.parametrize("name", LEARNING)
def test_without_a_table_the_draws_are_those_of_uniform_sampling(name) -> None:
    for way in (sampler(name), sampler("uniform")):
        classes = way.classes(np.random.default_rng(3), np.zeros(9), 4, 3)
        keys = np.random.default_rng(3).random((4, 9))
        assert np.array_equal(classes.tasks, np.argsort(keys, axis=1)[:, :3])
        parameters = way.parameters(np.random.default_rng(3), WAVES, 4).tasks
        expected = np.random.default_rng(3).uniform([0.1, 0], [5, 3], (4, 2))
        assert np.array_equal(parameters, expected)
        assert classes.weights.tolist() == [1, 1, 1, 1]


def test_samplers_and_functions_work_where_torch_is_not_loaded() -> None:
    code = (
        "import sys; from workbench.sources import SAMPLERS; list(SAMPLERS);"
        "import workbench.datasets.sinusoid; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def alphabets(*sizes: int) -> np.ndarray:
    """Numbers of the groups of so many classes each."""
    return np.repeat(np.arange(len(sizes)), sizes)


def test_an_alphabet_of_exactly_as_many_classes_as_ways_is_enough() -> None:
    way, groups = sampler("uniform", within_group=True), alphabets(3, 2)
    assert way.refusal(groups, 3, "train") is None
    assert way.refusal(groups, 4, "train") is not None
    drawn = way.classes(np.random.default_rng(0), groups, 5, 3)
    assert np.sort(drawn.tasks, axis=1).tolist() == [[0, 1, 2]] * 5


def test_an_alphabet_is_as_likely_as_it_has_classes_and_one_too_small_is_left_out() -> None:
    """Six, two and three classes, tasks of three ways: 2/3, never and 1/3 of 6,000 tasks, whose
    standard error is below 0.0061."""
    way, groups = sampler("uniform", within_group=True), alphabets(6, 2, 3)
    drawn = way.classes(np.random.default_rng(0), groups, 6000, 3)
    chosen = groups[drawn.tasks]
    assert (chosen == chosen[:, :1]).all()
    shares = np.bincount(chosen[:, 0], minlength=3) / 6000
    assert shares[1] == 0
    assert shares[0] == pytest.approx(2 / 3, abs=0.025)


def test_nothing_is_refused_where_tasks_may_mix_alphabets() -> None:
    assert sampler("uniform").refusal(alphabets(2, 2), 4, "train") is None


@pytest.mark.parametrize(("progress", "highest"), [(0.0, 0.7), (1.0, 0.85)])
def test_the_greedy_one_draws_by_the_epsilon_of_its_moment(progress: float, highest: float) -> None:
    """From 0.4 to 0.2: 0.6 + 0.4 / 4, then 0.8 + 0.2 / 4."""
    greedy = sampler("epsilon_greedy", epsilon_start=0.4, epsilon_end=0.2)
    assert greedy.chances(TABLE, progress).max() == pytest.approx(highest, rel=1e-14)


def test_tasks_are_weighed_by_the_two_importance_forms_alone() -> None:
    weighing = {
        name
        for name in SAMPLERS
        if sampler(name)
        .classes(np.random.default_rng(0), np.zeros(4), 50, 2, TABLE, 0.5)
        .weights.std()
        > 0.01
    }
    assert weighing == {"importance_weighted", "importance_delta"}
