"""Listed tasks are the drawn ones, for whichever algorithm."""

import numpy as np
import pytest
import torch

from tests.engine import worlds
from workbench.engine.evaluate import evaluate
from workbench.engine.replay import Replay, trained_on
from workbench.errors import ConfigError, DataError
from workbench.services.draws import draw_list
from workbench.services.experiment import to_flat
from workbench.services.runs import silent
from workbench.tasklist import ListedTask, Source, TaskList


def run_out(generator):
    while True:
        try:
            next(generator)
        except StopIteration as stop:
            return stop.value


def of(session, split="test", count=10):
    return draw_list(to_flat(session.config), session.data, split, count, silent)


@pytest.mark.parametrize("algorithm", ["maml", "protonet", "leo"])
@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_list_of_a_split_scores_as_the_split_does(algorithm, split):
    session = worlds.session(algorithm=algorithm, training__n_way=3)
    state = session.initial_state()
    drawn = run_out(evaluate(session, state, split, 10))
    replay = Replay(session, of(session, split), split)
    again = run_out(evaluate(session, state, split, 10, chunk=replay))
    assert again.inductive == drawn.inductive
    assert again.loss == drawn.loss


def test_training_tasks_are_listed_with_their_turns():
    session = worlds.session(worlds.pictures(rotations=True))
    found = of(session, "train", 6)  # two steps of three tasks
    assert {turn for task in found.tasks for turn in task.turns} == {0, 1, 2, 3}
    replayed = [task for task, _ in Replay(session, found, "train")(0)]
    for step in range(2):
        for place, task in enumerate(session.tasks("train", step, 3)):
            again = replayed[3 * step + place]
            assert torch.equal(again.support_x, task.support_x)
            assert torch.equal(again.query_x, task.query_x)
            assert torch.equal(again.query_y, task.query_y)
    assert trained_on(session, found) > 0
    assert trained_on(session, of(session)) == 0


def uneven(session):
    """Two tasks of other ways and shots than each other."""
    source = Source.of(session.data.bank, "own", {})
    three = ListedTask((16, 17, 18), (0, 0, 1), ((0,), (1, 2), (3,)), ((4, 5), (6,), (7,)))
    two = ListedTask((16, 19), (0, 0), ((0, 1, 2), (1,)), ((4,), (6, 7)))
    return TaskList(source, {}, (three, two))


@pytest.mark.parametrize("algorithm", ["maml", "protonet"])
def test_tasks_of_unequal_shots_and_ways_are_scored(algorithm):
    session = worlds.session(algorithm=algorithm, training__n_way=3)
    listed = uneven(session)
    (first, _), (second, _) = Replay(session, listed, "test")(0)
    assert (first.n_way, second.n_way) == (3, 2)
    assert first.support_y.tolist() == [0, 1, 1, 2]
    assert second.query_y.tolist() == [0, 1, 1]
    turned = np.rot90(session.data.bank.class_images(18)[3], axes=(-2, -1)) / np.float32(255)
    np.testing.assert_array_equal(first.support_x[3].numpy(), turned)
    replay = Replay(session, listed, "test")
    found = run_out(evaluate(session, session.initial_state(), "test", 2, chunk=replay))
    assert found.inductive.tasks == 2


def test_more_ways_than_a_model_has_outputs_are_refused():
    session = worlds.session(algorithm="maml", task__n_way=2, training__n_way=2)
    with pytest.raises(ConfigError) as caught:
        Replay(session, uneven(session), "test")
    assert "tasks of 3 classes; this run tells 2 apart" in str(caught.value.problems[0].message)
    metric = worlds.session(algorithm="protonet", task__n_way=2, training__n_way=2)
    assert len(Replay(metric, uneven(metric), "test")(0)) == 2


def test_a_list_of_other_images_is_refused():
    session = worlds.session()
    other = worlds.session(worlds.pictures(images=9))
    with pytest.raises(DataError, match="These tasks are of other data"):
        Replay(session, of(other), "test")
