"""Ways and shots that vary from step to step: still batches, still the same for the same seed."""

import numpy as np
import pytest
import torch

from tests.engine import worlds
from workbench.engine.episodes import TaskShape, labels, split_indices
from workbench.engine.evaluate import evaluate
from workbench.engine.replay import Replay
from workbench.engine.train import Stepped, Trainer
from workbench.errors import ConfigError
from workbench.services.draws import Draws, draw_list
from workbench.services.experiment import resolve, to_flat
from workbench.services.runs import silent

VARIED: dict[str, int] = {
    "task__n_way": 4,
    "task__k_shot": 3,
    "task__least_ways": 2,
    "task__least_shots": 1,
}


def shots_of(batch):
    return [int((batch.support_y[0] == number).sum()) for number in range(batch.n_way)]


def test_support_and_queries_of_unequal_shots_by_hand():
    """Two classes of 3 + 1 images; the first has two shots, the second one."""
    indices = np.array([[[0, 1, 2, 3], [10, 11, 12, 13]]])
    shape = TaskShape(2, 3, 1, least_shots=1, shots=(2, 1))
    support, query = split_indices(indices, shape)
    assert (support.tolist(), query.tolist()) == ([[0, 1, 10]], [[3, 13]])
    assert [half.tolist() for half in labels(1, shape)] == [[[0, 0, 1]], [[0, 1]]]


def test_ways_and_shots_vary_within_their_ranges_and_every_number_comes():
    session = worlds.session(**VARIED)
    batches = [session.tasks("train", step, 3) for step in range(60)]
    assert {batch.n_way for batch in batches} == {2, 3, 4}
    assert {shots for batch in batches for shots in shots_of(batch)} == {1, 2, 3}
    for batch in batches:
        assert torch.equal(batch.query_y[0], torch.arange(batch.n_way).repeat_interleave(3))
        for task in batch:
            seen = {image.numpy().tobytes() for image in task.support_x}
            assert not seen & {image.numpy().tobytes() for image in task.query_x}


def test_the_same_seed_gives_the_same_tasks_and_another_others():
    first, second = (worlds.session(**VARIED).tasks("test", 3, 8) for _ in range(2))
    other = worlds.session(**VARIED, evaluation__seed=12)
    assert torch.equal(first.support_x, second.support_x)
    shapes = [(b.n_way, *shots_of(b)) for b in (other.tasks("test", n, 8) for n in range(8))]
    again = [
        (b.n_way, *shots_of(b))
        for b in (worlds.session(**VARIED).tasks("test", n, 8) for n in range(8))
    ]
    assert shapes != again


def test_without_least_numbers_no_random_number_is_spent():
    random = np.random.default_rng(0)
    shape = TaskShape(5, 1, 15)
    assert shape.of_step(random) is shape
    assert random.random() == np.random.default_rng(0).random()


@pytest.mark.parametrize("strategy", ["threads", "folded"])
@pytest.mark.parametrize("algorithm", ["maml", "reptile", "protonet", "leo", "relationnet", "mann"])
def test_algorithms_learn_from_tasks_that_vary(algorithm, strategy):
    own = {"training__n_way": 4, "training__k_shot": 3, "training__queries": 3}
    session = worlds.session(algorithm=algorithm, training__strategy=strategy, **own, **VARIED)
    trainer = Trainer(session)
    rows = [event.row for event in trainer.events() if isinstance(event, Stepped)]
    assert all(row.keys() <= rows[0].keys() for row in rows), "one set of columns for a run"
    step, state = trainer.published
    assert step == 6
    assert all(bool(torch.isfinite(value).all()) for value in state.parameters.values())


def test_a_preview_shows_the_task_that_is_trained_on():
    session = worlds.session(**VARIED)
    draws = Draws(to_flat(session.config), worlds.pictures(), "train")
    for index in range(12):
        step, place = divmod(index, 3)
        task, shown = session.tasks("train", step, 3)[place], draws.image_task(index)
        support, _ = split_indices(shown.images[None], shown.shape)
        pictures = worlds.pictures().bank.images[support[0]] / np.float32(255)
        np.testing.assert_array_equal(task.support_x.numpy(), pictures)


def test_a_list_of_varied_tasks_scores_as_the_split_does():
    session = worlds.session(**VARIED)
    tasks = draw_list(to_flat(session.config), session.data, "test", 20, silent)
    assert len({len(task.classes) for task in tasks.tasks}) > 1
    assert tasks.protocol["least_shots"] == 1

    def scored(chunk):
        running = evaluate(session, session.initial_state(), "test", 20, chunk=chunk)
        while True:
            try:
                next(running)
            except StopIteration as stop:
                return stop.value

    assert scored(Replay(session, tasks, "test")).inductive == scored(None).inductive


def test_least_numbers_above_the_most_are_refused():
    with pytest.raises(ConfigError) as caught:
        resolve(worlds.SETTINGS | {"task.least_shots": 3, "task.k_shot": 2})
    assert caught.value.problems[0].message == "The fewest shots are 3, the most 2."
