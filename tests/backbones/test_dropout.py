"""Meta Dropout: what it multiplies, how long a draw is kept, and that it is gone at test."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.algorithms.worlds import double, world
from tests.engine.worlds import session
from workbench.engine.mapping import fold
from workbench.engine.train import Trainer
from workbench.errors import ConfigError
from workbench.functional.normalisation import Own
from workbench.interfaces import BACKBONES, Algorithm, Backbone, Noise, State
from workbench.schema.config import validate
from workbench.schema.dropout import ConsistentDropout, LearnedDropout, NoDropout
from workbench.services.experiment import catalogue, resolve
from workbench.task import TaskBatch

CONSISTENT = {"name": "consistent", "rates": (0.5,)}
LEARNED = {"name": "learned"}
each_form = pytest.mark.parametrize("dropout", [CONSISTENT, LEARNED], ids=lambda d: d["name"])


def network(
    name: str, shape: tuple[int, ...], dropout: dict[str, Any], **settings: Any
) -> Backbone:
    config = validate(BACKBONES.config(name), {"name": name, "dropout": dropout, **settings})
    return BACKBONES[name](config, shape)


def perceptron(dropout: dict[str, Any], shape: tuple[int, ...] = (1, 8, 8)) -> Backbone:
    return network("mlp", shape, dropout, hidden=(6, 5))


def convolutions(dropout: dict[str, Any]) -> Backbone:
    return network("conv4", (1, 8, 8), dropout, width=4)


def method(name: str, body: Backbone, kind: str = "classification", **settings: Any) -> Algorithm:
    found = world(name, kind, **settings).algorithm  # type: ignore[arg-type]
    found.backbone = body
    return found


def drawn(body: Backbone, seed: int = 0) -> Noise:
    return body.noise(np.random.default_rng(seed))


def first(algorithm: Algorithm) -> State:
    return double(algorithm.init(np.random.default_rng(0)))


def test_a_mask_is_0_or_what_keeps_the_mean() -> None:
    """At p = 0.25 a factor is 0 or 1 / (1 - 0.25) = 4/3; over 4,000 of them its mean is 1 within
    four standard errors, 4 sqrt(1/3 / 4000) = 0.037."""
    body = network("mlp", (3,), {"name": "consistent", "rates": (0.25,)}, hidden=(4000,))
    mask = drawn(body)["dropout0"]
    assert sorted(set(mask.tolist())) == pytest.approx([0, 4 / 3])
    assert float(mask.mean()) == pytest.approx(1, abs=0.037)


def test_each_layer_has_its_own_share_and_the_last_serves_those_beyond() -> None:
    body = network(
        "mlp", (3,), {"name": "consistent", "rates": (0.0, 0.5)}, hidden=(1000, 1000, 1000)
    )
    masks = drawn(body)
    assert bool(masks["dropout0"].eq(1).all())
    for layer in ("dropout1", "dropout2"):
        assert set(masks[layer].tolist()) == {0.0, 2.0}
    assert not torch.equal(masks["dropout1"], masks["dropout2"])


def test_a_layer_is_multiplied_by_its_mask() -> None:
    body = network("mlp", (3,), CONSISTENT, hidden=(4,))
    p = {k: v.double() for k, v in body.init(np.random.default_rng(0)).items()}
    x, mask = torch.randn(5, 3, dtype=torch.float64), torch.tensor([0.0, 2.0, 2.0, 0.0])
    found = body.on_task({"dropout0": mask})(p, x, Own())
    plain = F.relu(F.linear(x, p["linear0.weight"], p["linear0.bias"]))
    assert torch.equal(found, plain * mask)


def test_learned_noise_follows_the_example_and_is_its_expectation_where_queries_are_answered() -> (
    None
):
    body = network("mlp", (3,), LEARNED, hidden=(4,))
    p = {k: v.double() for k, v in body.init(np.random.default_rng(0)).items()}
    p["outer.dropout0.weight"] = torch.randn(4, 3, dtype=torch.float64)
    x, e = torch.randn(5, 3, dtype=torch.float64), torch.randn(4, dtype=torch.float64)
    a = F.linear(x, p["linear0.weight"], p["linear0.bias"])
    mu = F.linear(x, p["outer.dropout0.weight"], p["outer.dropout0.bias"])
    on_task = body.on_task({"dropout0": e})
    learning, answering = (on_task(p, x, Own(answers=answers)) for answers in (False, True))
    assert torch.allclose(learning, F.relu(a * F.softplus(mu + e)), rtol=0, atol=1e-12)  # (2)
    assert torch.allclose(answering, F.relu(a * F.softplus(mu)), rtol=0, atol=1e-12)  # (3)
    assert torch.equal(body(p, x, Own()), answering)  # at test


def test_a_task_keeps_its_mask_through_all_inner_steps_and_for_its_queries() -> None:
    """A feature that is silenced whenever it is asked gives the head nothing: its column of the
    head and its own weights take no inner step, and its outer gradient is that of the head's
    column alone, exactly 0. One step or one query with another mask would move them."""
    algorithm = method("maml", perceptron(CONSISTENT), inner_steps=4)
    state, task = first(algorithm), world("maml").task(0)
    noise = {"dropout0": torch.ones(6), "dropout1": torch.tensor([0.0, 2, 0, 2, 2])}
    silent = noise["dropout1"] == 0
    on_task = algorithm.on_task(noise)
    learner: Any = on_task.adapt(state, task.support, noise, 4)
    after, before = learner.trace.parameters[-1], state.parameters
    moved = (after["head.weight"] != before["head.weight"]).any(0)
    assert not bool((moved & silent).any())
    assert bool(moved.any())
    outer = on_task.task_gradient(state, task, noise).gradient["linear1.weight"]
    assert not bool(outer[silent].any())
    assert bool(outer[~silent].any())


def test_tasks_and_steps_have_masks_of_their_own_and_an_address_gives_the_same_one() -> None:
    place = session(backbone__dropout="consistent", backbone__dropout__rates=(0.5,))
    batch = place.tasks("train", 0, 3)

    def masks(step: int) -> list[torch.Tensor]:
        noises = place.noise("train", step, batch, 2)
        return [torch.cat([noise[f"dropout{i}"] for i in range(4)]) for noise in noises]

    flat = [tuple(mask.tolist()) for step in (0, 1) for mask in masks(step)]
    assert len(set(flat)) == len(flat)
    assert all(torch.equal(*pair) for pair in zip(masks(0), masks(0), strict=True))


@each_form
def test_nothing_is_drawn_for_evaluation(dropout: dict[str, Any]) -> None:
    place = session(backbone__dropout=dropout["name"])
    for split in ("validation", "test"):
        batch = place.tasks(split, 0, 2)
        assert [dict(noise) for noise in place.noise(split, 0, batch, None)] == [{}, {}]


@each_form
def test_an_untrained_network_answers_at_test_as_without_dropout(dropout: dict[str, Any]) -> None:
    """Learned noise begins at softplus(log(e - 1)) = 1 for every example."""
    plain, noisy = (
        method("maml", convolutions(d), inner_steps_eval=2) for d in ({"name": "none"}, dropout)
    )
    task = world("maml").task(0)
    answers = [
        one.adapt(first(one), task.support, {}).scores(task.query_x) for one in (plain, noisy)
    ]
    assert torch.allclose(*answers, rtol=0, atol=1e-6)  # log(e - 1) is stored in float32
    assert math.log1p(math.exp(math.log(math.e - 1))) == pytest.approx(1)


@each_form
@pytest.mark.parametrize("body", [perceptron, convolutions])
@pytest.mark.parametrize("norm", ["support", "query_batch"])
def test_folded_tasks_are_disturbed_as_each_alone(body: Any, dropout: Any, norm: str) -> None:
    algorithm = method("maml", body(dropout), inner_steps=2)
    algorithm.norm = algorithm.norm.model_copy(update={"train": norm})
    state, tasks = first(algorithm), [world("maml").task(seed) for seed in range(3)]
    noise = [drawn(algorithm.backbone, seed) for seed in range(3)]
    loop = [
        algorithm.on_task(own).task_gradient(state, task, own)
        for task, own in zip(tasks, noise, strict=True)
    ]
    parts = ("support_x", "support_y", "query_x", "query_y")
    stacked = [torch.stack([getattr(task, part) for task in tasks]) for part in parts]
    folded = fold(algorithm, state, TaskBatch(*stacked, tasks[0].n_way), noise)
    for one, other in zip(folded, loop, strict=True):
        for key, gradient in other.gradient.items():
            assert torch.allclose(one.gradient[key], gradient, rtol=0, atol=1e-10), key


MOVING = ["maml", "fomaml", "meta_sgd", "maml_plus_plus", "imaml", "taml", "meta_lstm", "fame"]


@pytest.mark.parametrize("name", MOVING)
def test_no_inner_loop_moves_what_says_how_to_disturb_and_the_outer_one_does(name: str) -> None:
    algorithm, place = method(name, perceptron(LEARNED)), world(name)
    state, task = first(algorithm), place.task(0)
    if name == "fame":  # which is drawn back to where it was a task ago
        state = State(state.parameters, {k: v + 1 for k, v in state.buffers.items()})
    noise = {**place.noise(0, task, 3), **drawn(algorithm.backbone)}
    on_task = algorithm.on_task(noise)
    learner: Any = on_task.adapt(state, task.support, noise, 3)
    outer = [key for key in state.parameters if key.startswith("outer.")]
    assert len(outer) == 4  # weights and biases of two layers
    found = on_task.task_gradient(state, task, noise).gradient
    for key in outer:
        assert torch.equal(learner.trace.parameters[-1][key], state.parameters[key])
        assert bool(found[key].any()), key


def test_the_disturbed_inner_loop_teaches_second_order_methods_how_to_disturb() -> None:
    """Queries are answered without noise, so the noise reaches their loss through the inner steps
    alone: with other normals the outer gradient of mu is another one."""
    algorithm = method("maml", perceptron(LEARNED), inner_steps=1)
    state, task = first(algorithm), world("maml").task(0)
    found = []
    for seed in range(2):
        noise = drawn(algorithm.backbone, seed)
        found.append(algorithm.on_task(noise).task_gradient(state, task, noise).gradient)
    key = "outer.dropout0.bias"
    assert not torch.allclose(found[0][key], found[1][key], rtol=1e-3, atol=0)


@pytest.mark.parametrize("name", ["protonet", "reptile", "finetune", "mann", "relationnet", "leo"])
def test_methods_of_every_kind_train_on_masked_features(name: str) -> None:
    algorithm = method(name, convolutions(CONSISTENT))
    place = world(name)
    task = place.task(0)
    state, noise = first(algorithm), place.noise(0, task, algorithm.training_steps())
    nothing = {f"dropout{layer}": torch.zeros(4) for layer in range(4)}
    plain = algorithm.on_task(noise).task_gradient(state, task, noise)
    masked = algorithm.on_task(nothing).task_gradient(state, task, noise)
    assert not torch.allclose(plain.scores, masked.scores)
    assert bool(plain.gradient["conv0.weight"].any())
    assert not bool(masked.gradient["conv0.weight"].any())


@pytest.mark.parametrize("body", [perceptron, convolutions])
def test_a_network_begins_with_the_same_weights_with_and_without(body: Any) -> None:
    plain, masked, learned = (
        body(d).init(np.random.default_rng(0)) for d in ({"name": "none"}, CONSISTENT, LEARNED)
    )
    assert plain.keys() == masked.keys()
    assert all(torch.equal(plain[key], masked[key]) for key in plain)
    assert all(torch.equal(plain[key], learned[key]) for key in plain)
    assert all(key.startswith("outer.") for key in learned.keys() - plain.keys())


@each_form
def test_a_run_trains_alike_folded_and_in_threads(dropout: dict[str, Any]) -> None:
    ended = []
    for strategy in ("threads", "folded"):
        place = session(
            backbone__dropout=dropout["name"], training__steps=2, training__strategy=strategy
        )
        trainer = Trainer(place)
        list(trainer.events())
        ended.append(trainer.published[1].parameters)
    for key in ended[0]:
        assert torch.allclose(ended[0][key], ended[1][key], rtol=0, atol=1e-4), key


def test_the_rates_are_shown_only_where_masks_are_chosen() -> None:
    known = catalogue()
    rates = "backbone.dropout.rates"
    assert rates not in known.defaults({})
    assert known.defaults({"backbone.dropout": "consistent"})[rates] == (0.05, 0.10, 0.15, 0.05)
    assert rates not in known.defaults({"backbone.dropout": "learned"})
    assert isinstance(resolve({}).backbone.dropout, NoDropout)  # type: ignore[attr-defined]
    assert resolve({"backbone.dropout": "learned"}).backbone.dropout == LearnedDropout()  # type: ignore[attr-defined]
    found = resolve({"backbone.dropout": "consistent", "backbone.dropout.rates": "0.1,0.2"})
    assert found.backbone.dropout == ConsistentDropout(rates=(0.1, 0.2))  # type: ignore[attr-defined]


def test_a_share_of_all_features_is_refused_under_its_own_row() -> None:
    values = {"backbone.dropout": "consistent", "backbone.dropout.rates": (0.1, 1.0)}
    (problem,) = catalogue().check(values)
    assert problem.path == "backbone.dropout.rates"
    assert problem.message == "Dropped is 1; it must be below 1."


@pytest.mark.parametrize("name", ["meta_sgd", "maml_plus_plus"])
def test_what_no_inner_loop_moves_has_no_inner_rate(name: str) -> None:
    algorithm = method(name, perceptron(LEARNED))
    state = first(algorithm)
    rates = algorithm.inner_rates(state)
    assert any(key.startswith("outer.") for key in state.parameters)
    assert rates
    assert not any(key.startswith("outer.") for key in rates)


def test_reptile_says_that_it_cannot_learn_how_to_disturb() -> None:
    with pytest.raises(ConfigError, match="cannot learn how much noise"):
        first(method("reptile", perceptron(LEARNED)))
