"""What a model is given when a person draws for it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.worlds import pictures, session
from workbench.app.pages.draw.conversation import MOST_COMPARED
from workbench.bank import Bank
from workbench.engine.seeding import generator
from workbench.engine.session import Session, to_float
from workbench.errors import DataError
from workbench.interfaces import ALGORITHMS, State
from workbench.protocol import Adapt, Adapted
from workbench.services import adaptation
from workbench.services.adaptation import AdaptedModel, AdaptedModels, adapt
from workbench.task import Support

PROTONET = {
    "algorithm": "protonet",
    "training__n_way": 3,
    "norm__train": "query_batch",
    "norm__eval": "running",
}
SMALL = {"task__n_way": 3, "training__n_way": 3, "training__k_shot": 1, "training__queries": 2}
RANDOM = np.random.default_rng(0)

each_classifier = pytest.mark.parametrize(
    "name", [name for name in ALGORITHMS if "classification" in ALGORITHMS[name].traits.kinds]
)


def drawn(channels: int = 1) -> Adapt:
    shape = (3, channels, 16, 16)
    support, query = (RANDOM.integers(0, 256, shape, dtype=np.uint8) for _ in range(2))
    return Adapt(0, "run", support, np.arange(3), query)


def test_a_grey_drawing_is_shown_to_a_model_of_colours_as_grey_in_each_of_them() -> None:
    grey = pictures()
    bank = grey.bank
    coloured = Bank(np.repeat(bank.images, 3, axis=1), bank.starts, bank.classes)
    world = session(
        replace(grey, bank=coloured),
        algorithm="protonet",
        training__n_way=3,
        norm__train="query_batch",
        norm__eval="running",
    )
    state, asked = world.initial_state(), drawn()
    by_hand = replace(
        asked,
        support_x=np.repeat(asked.support_x, 3, axis=1),
        query_x=np.repeat(asked.query_x, 3, axis=1),
    )
    answers = [adapt(world, 0, state, command).answers for command in (asked, by_hand)]
    assert np.array_equal(*answers)


def test_coloured_images_for_a_model_of_grey_ones_are_refused_with_both_shapes() -> None:
    world = session(
        algorithm="protonet", training__n_way=3, norm__train="query_batch", norm__eval="running"
    )
    with pytest.raises(DataError) as caught:
        adapt(world, 0, world.initial_state(), drawn(3))
    assert caught.value.message == (
        "The support examples are 3×16×16; this model was trained on 1×16×16."
    )


# ----------------------------------------------------------------------- other classes, other shots


MAML = {"algorithm": "maml", "task__n_way": 3}
METHODS = pytest.mark.parametrize("settings", [MAML, PROTONET], ids=["maml", "protonet"])


def taught(*labels: int, queries: int = 2) -> Adapt:
    """As many examples as labels."""
    x = RANDOM.integers(0, 256, (len(labels), 1, 16, 16), dtype=np.uint8)
    query = RANDOM.integers(0, 256, (queries, 1, 16, 16), dtype=np.uint8)
    return Adapt(0, "run", x, np.array(labels), query)


@each_classifier
def test_with_fewer_classes_than_ways_only_those_that_are_taught_have_a_probability(
    name: str,
) -> None:
    """Of every method, with unequal shots too."""
    world = session(algorithm=name, **SMALL)
    answers = adapt(world, 0, world.initial_state(), taught(0, 0, 1)).answers
    assert answers.shape[1:] == (2, 2)
    assert np.allclose(answers.sum(-1), 1, atol=1e-6)


def test_what_the_outputs_without_a_class_would_say_changes_no_answer() -> None:
    """The head's third output is made to shout; it is masked in the inner loop and after it."""
    world, asked = session(**MAML), taught(0, 1)
    state = world.initial_state()
    loud = dict(state.parameters)
    loud["head.weight"], loud["head.bias"] = loud["head.weight"].clone(), loud["head.bias"].clone()
    loud["head.weight"][2], loud["head.bias"][2] = 50.0, 1000.0
    quiet = adapt(world, 0, state, asked)
    shouted = adapt(world, 0, replace(state, parameters=loud), asked)
    assert np.array_equal(quiet.answers, shouted.answers)
    assert np.array_equal(quiet.support_loss, shouted.support_loss)


def test_more_classes_than_ways_are_refused_with_both_numbers_and_a_way_out() -> None:
    world = session(**MAML)
    with pytest.raises(DataError) as caught:
        adapt(world, 0, world.initial_state(), taught(0, 1, 2, 3))
    assert caught.value.message == "This model can tell 3 classes apart; there are 4."
    assert "Remove 1" in caught.value.hint
    any_way = session(**PROTONET)
    found = adapt(any_way, 0, any_way.initial_state(), taught(0, 1, 2, 3))
    assert found.answers.shape == (1, 2, 4)


@METHODS
def test_classes_may_have_unequal_shots(settings: dict[str, Any]) -> None:
    world = session(**settings)
    answers = adapt(world, 0, world.initial_state(), taught(0, 0, 0, 1, 2, 2)).answers
    assert answers.shape[1:] == (2, 3)
    assert np.allclose(answers.sum(-1), 1, atol=1e-6)


def test_an_example_taught_twice_leaves_a_prototype_where_it_is() -> None:
    """The mean of x, x is x; so unequal shots weigh classes by nothing but their means."""
    world, once = session(**PROTONET), taught(0, 1, 2)
    twice = replace(
        once,
        support_x=np.concatenate([once.support_x, once.support_x[:1]]),
        support_y=np.array([0, 1, 2, 0]),
    )
    state = world.initial_state()
    answers = [adapt(world, 0, state, command).answers for command in (once, twice)]
    assert np.allclose(*answers, atol=1e-5)


# -------------------------------------------------------------------------------- what the loop did


def test_each_inner_step_says_how_many_examples_are_right_and_how_far_the_weights_went() -> None:
    """Asked about its own examples, the share of right answers is what the loop reports."""
    world, command = session(**MAML), taught(0, 1, 2)
    own = replace(command, query_x=command.support_x)
    found = adapt(world, 0, world.initial_state(), own)
    assert found.steps == (0, 1, 2)
    right = (found.answers.argmax(-1) == command.support_y).mean(-1)
    assert found.support_right is not None
    assert found.support_right == pytest.approx(right)
    for part in ("head", "body"):
        moved = found.moved[part]
        assert moved[0] == 0
        assert moved[2] > 0
    assert found.rates == {}


@pytest.mark.parametrize("algorithm", ["anil", "leo", "head_modulation"])
def test_a_loop_that_moves_the_head_alone_says_that_the_body_stays(algorithm: str) -> None:
    world = session(algorithm=algorithm, task__n_way=3, training__n_way=3)
    moved = adapt(world, 0, world.initial_state(), taught(0, 1, 2)).moved
    assert moved["head"][-1] > 0
    assert moved["body"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("algorithm", "norm"), [("maml", "support_plus_one"), ("maml_plus_plus", "per_step")]
)
def test_the_loops_own_examples_are_judged_by_the_statistics_it_learned_with(
    algorithm: str, norm: str
) -> None:
    """Whichever way the queries are normalised, to the inner loop its examples are one batch."""
    command, shares = taught(0, 1, 2, 0, 1), []
    for mode in (norm, "support"):
        world = session(algorithm=algorithm, task__n_way=3, norm__eval=mode)
        shares.append(adapt(world, 0, world.initial_state(), command).support_right)
    assert np.array_equal(*shares)


def test_learned_rates_are_told_by_part_from_lowest_to_highest() -> None:
    """Meta-SGD's rates begin uniform between its settings."""
    world = session(algorithm="meta_sgd", task__n_way=3)
    rates = adapt(world, 0, world.initial_state(), taught(0, 1, 2)).rates
    config = world.algorithm.config
    assert set(rates) == {"head", "body"}
    for low, mean, high in rates.values():
        assert config.lowest_rate <= low < mean < high <= config.highest_rate


def test_a_loop_that_weighs_examples_says_how_much_each_counted() -> None:
    command = taught(0, 1, 2)
    world = session(algorithm="curiosity_maml", task__n_way=3)
    weights = adapt(world, 0, world.initial_state(), command).weights
    assert weights is not None
    assert weights.shape == (len(command.support_x),)
    assert weights.mean() == pytest.approx(1)
    world = session(**MAML)
    assert adapt(world, 0, world.initial_state(), command).weights is None


@pytest.mark.parametrize(
    ("norm", "words"), [("batch", "support"), ("group", "none"), ("none", "none")]
)
def test_only_a_network_with_batch_normalisation_says_whose_statistics_it_used(
    norm: str, words: str
) -> None:
    world = session(algorithm="maml", backbone__norm=norm, **SMALL)
    assert adapt(world, 0, world.initial_state(), taught(0, 1, 2)).normalisation == words


def test_a_method_without_an_inner_loop_has_no_steps_to_tell_of() -> None:
    world = session(**PROTONET)
    found = adapt(world, 0, world.initial_state(), taught(0, 1, 2))
    assert found.support_right is None
    assert found.moved == {}


@pytest.mark.parametrize(
    "name", [name for name in ALGORITHMS if "support" in ALGORITHMS[name].traits.norm_eval]
)
def test_measuring_the_support_set_once_gives_the_answers_of_taking_it_along(name: str) -> None:
    world = session(algorithm=name, norm__eval="support", **SMALL)
    state, asked = world.initial_state(), taught(0, 1, 2)
    found = adapt(world, 0, state, asked)
    assert found.normalisation == ("support" if world.algorithm.norm_layers else "none")
    support = Support(to_float(torch.from_numpy(asked.support_x)), torch.arange(3), 3)
    query_x = to_float(torch.from_numpy(asked.query_x))
    noise = world.algorithm.noise(generator(world.config.training.seed, "preview"), 3, None)
    learner = world.algorithm.adapt(state, support, noise)
    with torch.no_grad():
        scores = torch.stack([learner.scores(query_x, at, "support") for at in found.steps])
        features = learner.embed(torch.cat([support.x, query_x]))
    np.testing.assert_allclose(found.answers, scores.softmax(-1).numpy(), atol=1e-5)
    assert found.embedding is not None
    np.testing.assert_allclose(found.embedding, features.numpy(), atol=1e-4)


# ------------------------------------------------------------------------------- the next question


def adaptations(world: Session, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets an entry whenever the method adapts."""
    found: list[int] = []
    method = world.algorithm.adapt

    def counted(state: State, support: Any, *rest: Any) -> Any:
        found.append(len(support.x))
        return method(state, support, *rest)

    monkeypatch.setattr(world.algorithm, "adapt", counted)
    return found


@each_classifier
def test_a_second_question_is_answered_to_the_bit_as_if_it_were_the_first(name: str) -> None:
    world = session(algorithm=name, **SMALL)
    state, models, first = world.initial_state(), AdaptedModels(), taught(0, 1, 2, 0)
    second = replace(first, query_x=taught(queries=3).query_x, request=7)
    models.answer(world, 5, state, first)
    again, anew = models.answer(world, 5, state, second), adapt(world, 5, state, second)
    assert again.request == 7
    assert again.saved > 0
    for field in fields(Adapted):
        if field.name not in ("milliseconds", "saved"):
            np.testing.assert_equal(getattr(again, field.name), getattr(anew, field.name))


def test_only_other_weights_examples_or_steps_are_adapted_to_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = session(**MAML)
    state, asked, models = world.initial_state(), taught(0, 1, 2), AdaptedModels()
    counted = adaptations(world, monkeypatch)
    other = taught(0, 1, 2, 0)
    for command in (asked, replace(asked, query_x=other.query_x), replace(asked)):
        models.answer(world, 0, state, command)
    assert counted == [3]
    models.answer(world, 0, state, other)
    models.answer(world, 0, state, asked)  # still kept, so that two models can be compared
    assert counted == [3, 4]
    changed = asked.support_x.copy()
    changed[0, 0, 0, 0] ^= 255
    models.answer(world, 0, state, replace(asked, support_x=changed))
    models.answer(world, 0, state, replace(asked, support_y=np.array([0, 2, 1])))
    models.answer(world, 0, state, replace(asked, steps=1))
    models.answer(world, 0, world.initial_state(), asked)
    assert counted == [3, 4, 3, 3, 3, 3]


def test_all_that_the_draw_page_asks_in_turn_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run, the same untrained, and the others beside it."""
    world, asked, models = session(**MAML), taught(0, 1, 2), AdaptedModels()
    states = [world.initial_state() for _ in range(2 + MOST_COMPARED)]
    counted = adaptations(world, monkeypatch)
    for _ in range(3):
        for state in states:
            models.answer(world, 0, state, asked)
    assert len(counted) == len(states)


def test_a_further_question_takes_no_example_of_the_support_set_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, asked, models = session(**MAML), taught(0, 1, 2, 0, 1), AdaptedModels()
    network = type(world.algorithm.backbone)
    state, method, seen = world.initial_state(), network.__call__, list[int]()

    def counted(self: Any, weights: Any, x: torch.Tensor, normaliser: Any) -> torch.Tensor:
        seen.append(len(x))
        return method(self, weights, x, normaliser)

    monkeypatch.setattr(network, "__call__", counted)
    models.answer(world, 0, state, asked)
    assert max(seen) == 5
    seen.clear()
    models.answer(world, 0, state, replace(asked, query_x=asked.support_x[:2]))
    assert seen == [2, 2, 2, 2]  # before, between and after the steps, and for the map


def test_what_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    world = session(**MAML)
    state, asked, models = world.initial_state(), taught(0, 1, 2), AdaptedModels()
    weights = sum(one.numel() for one in state.parameters.values())
    assert AdaptedModel(world, 0, state, asked).size == 3 * weights  # before, between and after
    counted = adaptations(world, monkeypatch)
    monkeypatch.setattr(adaptation, "MOST", 3 * weights)
    for _ in range(2):
        models.answer(world, 0, state, asked)
    assert len(counted) == 1
    models.answer(world, 0, state, replace(asked, steps=1))
    models.answer(world, 0, state, asked)
    assert len(counted) == 3
    monkeypatch.setattr(adaptation, "MOST", 3 * weights - 1)
    models.answer(world, 0, state, asked)
    models.answer(world, 0, state, asked)
    assert len(counted) == 4
