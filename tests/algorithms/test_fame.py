"""FAME against the formulas of its parts on a linear model, in float64.

The model is a line without hidden layers, f(x) = w · x + b. Of an example (x, y),

    d log p / d w = (y - f) x,  d log p / d b = y - f      a Gaussian of variance 1
    d f^2 / d w   = 2 f x,      d f^2 / d b   = 2 f
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.algorithms.worlds import World, double, world
from workbench.algorithms.fame import Fame, memory
from workbench.backbones.mlp import Config as MlpConfig
from workbench.backbones.mlp import Mlp
from workbench.engine.sequence import forgetting
from workbench.functional.importance import fisher, memory_aware
from workbench.functional.layers import head
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Fixed, Own
from workbench.interfaces import ALGORITHMS, Algorithm, State, Tensors
from workbench.schema.config import validate
from workbench.schema.experiment import NormConfig
from workbench.task import Support, Task, TaskSpec

X = torch.tensor([[1.0, 2.0], [-3.0, 0.5]], dtype=torch.float64)
Y = torch.tensor([[2.0], [1.0]], dtype=torch.float64)
ALL = {"measured": torch.tensor([0, 1])}


def weights(w: tuple[float, float], b: float) -> Tensors:
    """A line in two dimensions."""
    return {
        "head.weight": torch.tensor([w], dtype=torch.float64),
        "head.bias": torch.tensor([b], dtype=torch.float64),
    }


def plane(name: str, **settings: object) -> Algorithm:
    """A registered algorithm with such a line."""
    config = validate(ALGORITHMS.config(name), {"name": name, **settings})
    backbone = Mlp(MlpConfig(hidden=()), (2,))
    return ALGORITHMS[name](config, backbone, TaskSpec("regression", (2,), 1), NormConfig())


def fame(**settings: object) -> Fame:
    """FAME with such a line."""
    found = plane("fame", **settings)
    assert isinstance(found, Fame)
    return found


def holding(anchor: Tensors, importance: Tensors, seen: float = 1.0) -> Tensors:
    """Buffers."""
    return {**memory(anchor, importance), "seen": torch.tensor(seen, dtype=torch.float64)}


LINE = weights((1.0, -1.0), 0.5)


def test_the_fisher_importance_of_a_line_is_the_formula() -> None:
    """f = 1 - 2 + 0.5 = -0.5 and -3 - 0.5 + 0.5 = -3; the residuals are 2.5 and 4. Squares of
    (2.5, 5, 2.5) and (-12, 2, 4), and their mean."""
    found = fisher(head, LINE, X, Y)
    expected = [(6.25 + 144) / 2, (25 + 4) / 2, (6.25 + 16) / 2]
    torch.testing.assert_close(found["head.weight"], X.new_tensor([expected[:2]]))
    torch.testing.assert_close(found["head.bias"], X.new_tensor(expected[2:]))


def test_the_memory_aware_importance_of_a_line_is_the_formula() -> None:
    """Sizes of 2 f x: of -1 (1, 2, 1) and of -6 (-3, 0.5, 1), and their mean."""
    found = memory_aware(head, LINE, X)
    torch.testing.assert_close(found["head.weight"], X.new_tensor([[(1 + 18) / 2, (2 + 3) / 2]]))
    torch.testing.assert_close(found["head.bias"], X.new_tensor([(1 + 6) / 2]))


def test_the_fisher_importance_of_a_softmax_is_the_formula() -> None:
    """With scores 0 and ln 3 the answers are 1/4 and 3/4; the truth is 0. The gradient of its
    logarithm by the weights is (1 - 1/4, -3/4) x."""
    parameters = {
        "head.weight": torch.zeros(2, 2, dtype=torch.float64),
        "head.bias": torch.tensor([0.0, math.log(3)], dtype=torch.float64),
    }
    found = fisher(head, parameters, X[:1], torch.tensor([0]))
    torch.testing.assert_close(found["head.bias"], X.new_tensor([9 / 16, 9 / 16]))
    torch.testing.assert_close(found["head.weight"], 9 / 16 * X.new_tensor([[1, 4], [1, 4]]))


@pytest.mark.parametrize("importance", ["fisher", "mas"])
def test_a_task_reports_its_adapted_weights_and_their_importance_on_its_queries(
    importance: str,
) -> None:
    method = fame(importance=importance, inner_steps=2)
    state = State(LINE, holding(LINE, weights((0, 0), 0), 0.0))
    task = Task(X + 1, Y - 1, X, Y, 0)
    met = method.task_gradient(state, task, ALL).statistics
    ended = method.adapt(state, task.support, ALL, 2).trace.parameters[-1]
    of = fisher(head, ended, X, Y) if importance == "fisher" else memory_aware(head, ended, X)
    torch.testing.assert_close(met, memory(ended, of))
    first = method.measure(ended, task, {"measured": torch.tensor([0])})
    one = fisher(head, ended, X[:1], Y[:1])
    torch.testing.assert_close(
        first, one if importance == "fisher" else memory_aware(head, ended, X[:1])
    )


def test_the_penalty_is_in_the_inner_gradient_and_in_the_outer_one() -> None:
    """One step: theta' = D (theta - alpha (H theta - c) + alpha lambda F theta*) with
    D = 1 / (1 + alpha lambda F), and d theta' / d theta = D (I - alpha H)."""
    method = fame(penalty=2.0, inner_lr=0.1, inner_steps=1)
    anchor, importance = weights((0.0, 3.0), 1.0), weights((0.5, 1.5), 0.25)
    state = State(LINE, holding(anchor, importance))
    task = Task(X, Y, X + 0.5, Y, 0)
    theta, star, f = (
        torch.cat([one["head.weight"].flatten(), one["head.bias"]])
        for one in (LINE, anchor, importance)
    )
    design, asked = (torch.cat([x, torch.ones(2, 1)], 1) for x in (X, task.query_x))
    hessian, constant = design.T @ design, (design.T @ Y).flatten()  # of the mean of two squares
    pull = 0.1 * 2.0 * f
    ended = (theta - 0.1 * (hessian @ theta - constant) + pull * star) / (1 + pull)
    found = method.adapt(state, task.support, ALL, 1).trace.parameters[1]
    torch.testing.assert_close(flat(found), ended)
    outer = asked.T @ (asked @ ended - Y.flatten())
    expected = (torch.eye(3, dtype=torch.float64) - 0.1 * hessian) @ (outer / (1 + pull))
    result = method.task_gradient(state, task, ALL)
    torch.testing.assert_close(flat(result.gradient), expected)
    cost = float((f * (ended - star).square()).sum())
    assert result.metrics["penalty"] == pytest.approx(cost)
    first, last = method.adapt(state, task.support, ALL, 1).support_losses
    plain = float(task_loss(head(LINE, X), Y))
    assert first == pytest.approx(plain + float((f * (theta - star).square()).sum()))
    assert last == pytest.approx(float(task_loss(head(found, X), Y)) + cost)


def test_the_inner_loop_ends_where_loss_and_penalty_balance() -> None:
    """grad L + lambda F (theta - theta*) = 0: the steps minimise (1), however they are taken."""
    method = fame(penalty=2.0, inner_lr=0.05)
    anchor, importance = weights((0.0, 3.0), 1.0), weights((0.5, 1.5), 0.25)
    state = State(LINE, holding(anchor, importance))
    learner = method.adapt(state, Support(X, Y, 0), ALL, steps=2000)
    ended = {k: v.clone().requires_grad_() for k, v in learner.trace.parameters[-1].items()}
    whole = task_loss(head(ended, X), Y) + method.penalty(ended, state.buffers)
    for slope in torch.autograd.grad(whole, list(ended.values())):
        assert float(slope.abs().max()) < 1e-9


def flat(parameters: Tensors) -> Tensor:
    """(w, b) in a row."""
    return torch.cat([parameters["head.weight"].flatten(), parameters["head.bias"]])


def in_images(**settings: object) -> World:
    """FAME with images."""
    return world("fame", **settings)


def test_before_the_first_task_it_is_maml_and_afterwards_it_is_not() -> None:
    place = in_images(penalty=5.0)
    state = place.state()
    first = place.gradient(state, 0)
    plain = world("maml").gradient(State(state.parameters), 0)
    torch.testing.assert_close(first.gradient, plain.gradient, rtol=0, atol=1e-12)
    after = State(state.parameters, place.algorithm.combine(state, [first], [1.0]).buffers)
    second = place.gradient(after, 0)
    assert (second.gradient["head.weight"] - first.gradient["head.weight"]).abs().max() > 1e-6


def test_the_memory_is_the_last_task_and_the_mean_over_all() -> None:
    """Two steps of two tasks: F is the mean of four, theta* the second of the second step."""
    place = in_images()
    state = place.state()
    met = [place.gradient(state, seed) for seed in range(4)]
    for two in (met[:2], met[2:]):
        update = place.algorithm.combine(state, two, [1.0, 1.0])
        state = State(state.parameters, update.buffers)
    for name in state.parameters:
        mean = sum(one.statistics[f"importance.{name}"] for one in met) / 4
        torch.testing.assert_close(state.buffers[f"importance.{name}"], mean)
        last = met[-1].statistics[f"anchor.{name}"]
        assert torch.equal(state.buffers[f"anchor.{name}"], last)
    assert float(state.buffers["seen"]) == 4


def test_the_measured_queries_are_drawn_without_repetition() -> None:
    place = in_images(examples=4)
    drawn = place.algorithm.task_noise(np.random.default_rng(0), 6, 9)["measured"].tolist()
    assert len(drawn) == len(set(drawn)) == 4
    assert max(drawn) < 9
    fewer = place.algorithm.task_noise(np.random.default_rng(0), 6, 3)["measured"].tolist()
    assert sorted(fewer) == [0, 1, 2]


@pytest.mark.parametrize("importance", ["fisher", "mas"])
def test_it_wins_where_the_second_task_leaves_the_first_one_room(importance: str) -> None:
    """Task A asks for w1 + b = 1, its truths being 1 more and less by 0.5; task B asks for
    w1 + w2 + b = 3 and does not care how. Descent from (1, 0), 0 goes to the nearest solution: all
    three grow by 2/3, and A is wrong by 4/3. A's importance holds w1 and b where they are, and w2
    alone goes to 2: both are solved. (A's own noise costs 0.25 in any case.)"""
    a = Support(X.new_tensor([[1, 0], [1, 0]]), X.new_tensor([[1.5], [0.5]]), 0)
    b = Support(X.new_tensor([[1, 1]]), X.new_tensor([[3]]), 0)
    tasks = [Task(one.x, one.y, one.x, one.y, 0) for one in (a, b)]
    noise = [{"measured": torch.arange(len(one.x))} for one in (a, b)]
    start = weights((1.0, 0.0), 0.0)
    kept = {}
    for name, options in (("maml", {}), ("fame", {"importance": importance, "penalty": 20.0})):
        method = plane(name, inner_lr=0.02, inner_steps_eval=200, **options)
        state = State(start, holding(start, weights((0, 0), 0), 0.0) if name == "fame" else {})
        found = forgetting(method, state, tasks, noise, "support")
        kept[name] = found.kept[0]
        assert found.learned[0] == pytest.approx(0.25, abs=1e-6)
        assert found.kept[1] == pytest.approx(0, abs=0.02)
    assert kept["maml"] == pytest.approx(0.25 + 16 / 9, abs=1e-3)
    assert kept["fame"] < 0.25 + 0.02


def going_on() -> list[str]:
    return [name for name in ALGORITHMS if ALGORITHMS[name].goes_on]


@pytest.mark.parametrize("name", going_on())
def test_a_followed_state_answers_as_the_adapted_model_does(name: str) -> None:
    """Without further steps, whatever else a method has learned."""
    place = world(name)
    random = np.random.default_rng(0)
    learned = {
        key: tensor + 0.01 * torch.from_numpy(random.normal(size=tensor.shape))
        for key, tensor in place.state().parameters.items()
    }
    state = place.algorithm.rested(State(learned, place.state().buffers))
    task = place.task(0)
    noise = place.noise(0, task)
    with torch.no_grad():
        adapted = place.algorithm.adapt(state, task.support, noise).scores(task.query_x)
        after = place.algorithm.follow(state, task, noise)
        again = place.algorithm.adapt(after, task.support, noise, 0).scores(task.query_x)
    assert after.parameters.keys() == state.parameters.keys()
    assert not torch.equal(after.parameters["head.weight"], state.parameters["head.weight"])
    torch.testing.assert_close(again, adapted)


def test_following_a_sequence_moves_the_weights_and_the_memory() -> None:
    place = in_images()
    method = place.algorithm
    assert isinstance(method, Fame)
    state, task = double(place.state()), place.task(0)
    noise = place.noise(0, task)
    after = method.follow(state, task, noise)
    ended = method.adapt(state, task.support, noise).trace.parameters[-1]
    for name, tensor in ended.items():
        assert torch.equal(after.parameters[name], tensor)
        assert torch.equal(after.buffers[f"anchor.{name}"], tensor)
        assert after.buffers[f"importance.{name}"].min() >= 0
    assert float(after.buffers["seen"]) == 1


def test_importance_is_of_answers_normalised_by_the_support_set() -> None:
    """Squares of the gradient of log p of one query, by the weights of the head: e h^T with
    e = onehot - p, of features h by the statistics of the support set."""
    place = in_images(examples=1)
    state, task = place.state(), place.task(0)
    own = Own(record=True)
    body = place.algorithm.backbone
    body(state.parameters, task.support_x, own)
    h = body(state.parameters, task.query_x[4:5], Fixed(own.statistics))[0]
    scores = head(state.parameters, h)
    e = F.one_hot(task.query_y[4], 3) - scores.softmax(-1)
    found = place.algorithm.measure(state.parameters, task, {"measured": torch.tensor([4])})
    torch.testing.assert_close(found["head.weight"], torch.outer(e, h).square())
    torch.testing.assert_close(found["head.bias"], e.square())


def test_a_class_that_a_task_has_not_is_of_no_importance_to_it() -> None:
    place = in_images(n_way=5)
    task = in_images(n_way=3).task(0)
    met = place.algorithm.measure(place.state().parameters, task, ALL)
    assert met["head.weight"][3:].abs().max() == 0
    assert met["head.weight"][:3].amax(1).min() > 0


def test_a_sequence_begins_without_a_memory_and_remembers_where_each_task_ended() -> None:
    place = in_images()
    method, task = place.algorithm, place.task(0)
    noise = place.noise(0, task)
    met = method.follow(place.state(), task, noise)
    ended = met.parameters
    for name, importance in method.measure(ended, task, noise).items():
        torch.testing.assert_close(met.buffers[f"importance.{name}"], importance)
    rested = method.rested(met)
    assert rested.parameters is ended
    assert float(rested.buffers["seen"]) == 0
    for name in ended:
        assert not torch.any(rested.buffers[f"importance.{name}"])


def test_of_several_targets_each_has_a_variance_of_one() -> None:
    """Of answers 0 to the targets 2 and -1 the residuals are the gradients by the biases."""
    nothing = {
        "head.weight": torch.zeros(2, 2, dtype=torch.float64),
        "head.bias": torch.zeros(2, dtype=torch.float64),
    }
    found = fisher(head, nothing, X[:1], X.new_tensor([[2.0, -1.0]]))
    torch.testing.assert_close(found["head.bias"], X.new_tensor([4.0, 1.0]))
    torch.testing.assert_close(found["head.weight"], X.new_tensor([[4.0, 16.0], [1.0, 4.0]]))
