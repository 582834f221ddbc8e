"""Tasks drawn from invented pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.worlds import pictures, session
from workbench.bank import Bank, ClassInfo
from workbench.engine.episodes import (
    ImagePool,
    TaskShape,
    gather,
    labels,
    split_indices,
)
from workbench.engine.seeding import generator
from workbench.engine.session import Session
from workbench.errors import ConfigError
from workbench.functional.priorities import MANY, smallest
from workbench.services.draws import Draws
from workbench.services.experiment import resolve
from workbench.sources import SAMPLERS, ImageData

SHAPE = TaskShape(n_way=3, k_shot=2, queries=4)
UNIFORM = SAMPLERS["uniform"](SAMPLERS.config("uniform")())


def draw(rotations: bool = False, tasks: int = 200, within_group: bool = False):
    pool = ImagePool(pictures(rotations), "train", SHAPE)
    sampler = SAMPLERS["uniform"](SAMPLERS.config("uniform")(within_group=within_group))
    return pool, *pool.indices(generator(0, "train"), sampler, tasks, SHAPE)


def test_no_image_is_in_both_support_and_query_nor_twice_in_either() -> None:
    _, indices, _ = draw()
    support, query = split_indices(indices, SHAPE)
    assert support.shape == (200, 6)
    assert query.shape == (200, 12)
    for task in range(200):
        drawn = [*support[task], *query[task]]
        assert len(set(drawn)) == len(drawn)


def test_classes_of_a_task_are_distinct_and_their_images_are_their_own() -> None:
    pool, indices, positions = draw()
    assert all(len(set(row)) == 3 for row in positions)
    assert np.array_equal(
        indices // 8, np.broadcast_to(pool.classes[positions][..., None], indices.shape)
    )


def test_every_class_and_every_image_is_drawn() -> None:
    _, indices, _ = draw()
    assert set(indices.ravel()) == set(range(12 * 8))


def test_classes_come_in_any_order_so_that_a_label_says_nothing() -> None:
    _, _, positions = draw()
    assert {tuple(np.argsort(row)) for row in positions} == {
        (0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0),
    }  # fmt: skip


def test_rotations_are_classes_of_their_own_on_the_training_side_alone() -> None:
    data = pictures(rotations=True)
    assert len(ImagePool(data, "train", SHAPE).classes) == 48
    assert len(ImagePool(data, "validation", SHAPE).classes) == 4
    assert len(ImagePool(data, "test", SHAPE).classes) == 4


def test_a_turned_class_shows_turned_images() -> None:
    data = pictures(rotations=True)
    images = len(data.bank.images)
    straight, turned = gather(data, np.array([5, 5 + images]))
    assert np.array_equal(turned[0], np.rot90(straight[0]))


def test_the_network_gets_the_same_turned_images_as_the_preview() -> None:
    place = session(pictures(rotations=True))
    batch = place.tasks("train", 0, 3)
    pool = ImagePool(place.data, "train", place.training_shape)
    indices, _ = pool.indices(generator(0, "train", 0), place.sampler, 3, place.training_shape)
    support, _ = split_indices(indices, place.training_shape)
    assert np.array_equal(np.round(batch.support_x.numpy() * 255), gather(place.data, support))


def test_a_task_may_be_held_within_one_alphabet() -> None:
    pool, _, positions = draw(within_group=True)
    assert all(len(set(row)) == 1 for row in pool.groups[positions])


@pytest.mark.parametrize("where", ["session", "preview"])
def test_no_alphabet_with_enough_classes_is_refused_before_anything_is_drawn(where: str) -> None:
    """The training alphabets have four classes each."""
    values: dict[str, Any] = {"task.n_way": 4, "training.n_way": 6, "task.queries": 2}
    values |= {"sampler.within_group": True, "backbone.width": 4}
    make = {
        "session": lambda: Session(resolve({"algorithm": "protonet", **values}), pictures()),
        "preview": lambda: Draws({"algorithm.name": "protonet", **values}, pictures(), "train"),
    }[where]
    with pytest.raises(ConfigError) as error:
        make()
    [problem] = error.value.problems
    assert (problem.path, problem.remedy) == ("sampler.within_group", False)
    assert problem.message == (
        "A 6-way task within one alphabet needs 6 classes; the largest alphabet of the train split "
        "has 4."
    )


def test_labels_follow_the_order_of_the_images() -> None:
    support, query = labels(2, SHAPE)
    assert support.tolist() == [[0, 0, 1, 1, 2, 2]] * 2
    assert query.tolist() == [[0] * 4 + [1] * 4 + [2] * 4] * 2


def test_too_few_classes_are_refused_with_both_numbers() -> None:
    with pytest.raises(ConfigError) as error:
        ImagePool(pictures(), "validation", TaskShape(5, 1, 1))
    [problem] = error.value.problems
    assert problem.path == "task.n_way"
    assert problem.message == "A 5-way task needs 5 classes; the validation split has 4."
    assert problem.remedy == 4


def test_too_few_images_are_refused_with_both_numbers_and_a_remedy() -> None:
    with pytest.raises(ConfigError) as error:
        ImagePool(pictures(), "train", TaskShape(3, 1, 20))
    [problem] = error.value.problems
    assert problem.path == "task.queries"
    assert problem.message == "1 shot and 20 queries need 21 images; class class 0 has 8."
    assert problem.remedy == 7


def test_the_same_address_gives_the_same_tasks_and_another_one_others() -> None:
    pool = ImagePool(pictures(), "train", SHAPE)

    def drawn(seed: int, step: int) -> list[int]:
        indices, _ = pool.indices(generator(seed, "train", step), UNIFORM, 4, SHAPE)
        return indices.ravel().tolist()

    assert drawn(0, 3) == drawn(0, 3)
    assert drawn(0, 3) != drawn(0, 4)
    assert drawn(0, 3) != drawn(1, 3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("most", "count"),
    [(20, 6), (MANY - 1, 16), (MANY, 16), (700, 20), (700, 699), (700, 700), (3000, 1)],
)
def test_few_of_many_images_are_those_that_sorting_them_all_gives(seed, most, count) -> None:
    """Classes are ragged: where one has no image its key is infinite."""
    random = np.random.default_rng(seed)
    counts = random.integers(count, most + 1, (4, 5, 1))
    keys = random.random((4, 5, most))
    keys[np.arange(most) >= counts] = np.inf
    expected = np.argsort(keys, axis=-1)[..., :count]
    np.testing.assert_array_equal(smallest(keys, count), expected)


@pytest.mark.parametrize("seed", range(3))
def test_images_of_large_ragged_classes_are_drawn_by_their_keys(seed) -> None:
    counts = [600, 900, 31, MANY, MANY - 1]
    infos = [ClassInfo(str(number), "") for number in range(5)]
    images = [np.zeros((count, 1, 1, 1), np.uint8) for count in counts]
    bank = Bank.of(list(zip(infos, images, strict=True)))
    data = ImageData(bank, {"train": tuple(range(5))}, False, "")
    shape = TaskShape(n_way=3, k_shot=1, queries=15)
    positions = np.array([[0, 1, 2], [4, 3, 2]])
    drawn = ImagePool(data, "train", shape).images_of(generator(seed, "train"), positions, shape)
    keys = generator(seed, "train").random((2, 3, 900))
    for task, place in np.ndindex(2, 3):
        own = positions[task, place]
        first = sum(counts[:own])
        few = np.argsort(keys[task, place, : counts[own]])[:16]
        np.testing.assert_array_equal(drawn[task, place], first + few)
