"""TAML against its own objective, in float64.

The inequality form never builds a graph over the tasks of a step. Here that graph is built: mean
adapted loss plus lambda times the inequality of the initial losses, differentiated at once, must
give the same gradient as `combine` does from what each task said alone.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.algorithms.worlds import World, world, world_of
from workbench.algorithms.taml import Config, Taml, entropy
from workbench.backbones.mlp import Config as MlpConfig
from workbench.backbones.mlp import Mlp
from workbench.errors import ConfigError
from workbench.functional.losses import task_loss
from workbench.interfaces import Learner, State
from workbench.schema.experiment import NormConfig
from workbench.task import Task, TaskSpec

MEASURES = ("theil", "generalized_entropy", "atkinson", "gini", "variance_of_logarithms")
SEEDS = range(3)


def taml(**settings: object) -> tuple[World[Taml], Taml]:
    """TAML in a small world."""
    place = world_of(Taml, inner_steps=2, **settings)
    return place, place.algorithm


def leaves(state: State) -> State:
    """The same state, with a gradient to ask for."""
    return State({name: t.clone().requires_grad_() for name, t in state.parameters.items()})


def learner_of(place: World, at: State, seed: int) -> tuple[Learner, Task[Tensor]]:
    task = place.task(seed)
    return place.algorithm.adapt(at, task.support, {}, 2), task


def gradient_of(value: Tensor, at: State) -> dict[str, Tensor]:
    """Of a number, by each parameter."""
    found = torch.autograd.grad(value, list(at.parameters.values()))
    return dict(zip(at.parameters, found, strict=True))


@pytest.mark.parametrize("form", MEASURES)
def test_what_tasks_say_alone_gives_the_gradient_of_the_whole_batch(form: str) -> None:
    place, method = taml(form=form, weight=0.7)
    state = place.state()
    results = [place.gradient(state, seed) for seed in SEEDS]
    found = method.combine(state, results, [1.0] * 3).gradient

    at = leaves(state)
    adapted, first = [], []
    for seed in SEEDS:
        learner, task = learner_of(place, at, seed)
        adapted.append(task_loss(learner.scores(task.query_x), task.query_y))
        first.append(task_loss(learner.scores(task.query_x, 0), task.query_y))
    inequality = 0.7 * method.measure(torch.stack(first))
    expected = gradient_of(torch.stack(adapted).mean() + inequality, at)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)

    plain = torch.stack(adapted).mean().item()
    assert sum(result.loss for result in results) / 3 == pytest.approx(plain, abs=1e-12)
    parts = [result.gradient["head.weight"] for result in results]
    assert (found["head.weight"] - torch.stack(parts).mean(0)).abs().max() > 1e-6


def test_the_weights_of_a_sampler_reach_the_adapted_losses_alone() -> None:
    place, method = taml()
    state = place.state()
    results = [place.gradient(state, seed) for seed in SEEDS]
    even, uneven = ([1.0, 1.0, 1.0], [1.0, 2.0, 5.0])
    without = [method.combine(state, results, w).gradient["head.bias"] for w in (even, uneven)]
    own = [
        sum(w * r.gradient["head.bias"] for w, r in zip(ws, results, strict=True)) / sum(ws)
        for ws in (even, uneven)
    ]
    torch.testing.assert_close(without[0] - own[0], without[1] - own[1], rtol=0, atol=1e-12)


def test_the_entropy_form_is_unsure_before_and_sure_after() -> None:
    place, _ = taml(form="entropy", weight=0.7)
    at = leaves(place.state())
    learner, task = learner_of(place, at, 0)
    answers = [learner.scores(task.query_x, step).softmax(-1) for step in (0, -1)]
    before, after = (-(p * p.log()).sum(1).mean() for p in answers)
    loss = task_loss(learner.scores(task.query_x), task.query_y)
    expected = gradient_of(loss + 0.7 * after - 0.7 * before, at)
    result = place.gradient(place.state(), 0)
    torch.testing.assert_close(result.gradient, expected, rtol=0, atol=1e-10)
    assert result.loss == pytest.approx(loss.item(), abs=1e-12)


def test_the_entropy_of_even_answers_is_the_logarithm_of_their_number() -> None:
    """Of (1/4, 3/4) it is ln 4 - 3/4 ln 3; the mean over both queries is reported."""
    scores = torch.tensor([[0.0, 0.0], [0.0, math.log(3)]], dtype=torch.float64)
    second = math.log(4) - 0.75 * math.log(3)
    assert float(entropy(scores)) == pytest.approx((math.log(2) + second) / 2)


@pytest.mark.parametrize("form", ["entropy", "theil"])
def test_without_its_term_taml_is_maml(form: str) -> None:
    place, method = taml(form=form, weight=0.0)
    state = place.state()
    update = method.combine(state, [place.gradient(state, seed) for seed in SEEDS], [1.0] * 3)
    maml = world("maml", inner_steps=2)
    results = [maml.gradient(state, seed) for seed in SEEDS]
    expected = maml.algorithm.combine(state, results, [1.0] * 3).gradient
    torch.testing.assert_close(update.gradient, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("form", MEASURES)
def test_a_single_task_is_not_unequal(form: str) -> None:
    place, method = taml(form=form, weight=5.0)
    result = place.gradient(place.state(), 0)
    update = method.combine(place.state(), [result], [1.0])
    torch.testing.assert_close(update.gradient, result.gradient, rtol=0, atol=1e-12)


def test_the_entropy_form_refuses_a_regression() -> None:
    spec = TaskSpec("regression", (1,), 1)
    with pytest.raises(ConfigError) as refused:
        Taml(Config(form="entropy"), Mlp(MlpConfig(), (1,)), spec, NormConfig())
    (problem,) = refused.value.problems
    assert problem.path == "algorithm.form"
    assert problem.message == "The entropy form needs classes; this data has numbers to predict."
    assert problem.hint == "Choose a measure of inequality, the Theil index say."
    assert problem.remedy == "theil"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("generalized_entropy", 1 / 9),
        ("atkinson", 2 / 11),
        ("gini", 2 / 9),
        (
            "variance_of_logarithms",
            (math.log(2) ** 2 + math.log(3) ** 2) / 3 - math.log(6) ** 2 / 9,
        ),
        ("theil", (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 3),
    ],
)
def test_a_form_is_the_measure_of_its_name_with_the_settings_it_was_given(
    form: str, expected: float
) -> None:
    """Of 1, 2, 3, whose shares are 1/2, 1, 3/2: the generalised entropy of order -1 is
    ((2 + 1 + 2/3) / 3 - 1) / 2 = 1/9; the Atkinson index of aversion 2 is 2/11."""
    _, method = taml(form=form, alpha=-1.0, epsilon=2.0)
    losses = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    assert float(method.measure(losses)) == pytest.approx(expected, rel=1e-12)


def test_the_losses_that_are_made_equal_are_of_queries_normalised_as_training_says() -> None:
    place, method = taml()
    method.norm = NormConfig(train="query_batch", eval="support")
    learner, task = learner_of(place, place.state(), 0)
    expected = task_loss(learner.scores(task.query_x, 0, "query_batch"), task.query_y)
    found = place.gradient(place.state(), 0).statistics["loss"]
    assert float(found) == pytest.approx(float(expected), abs=1e-12)


def test_the_entropies_are_of_queries_normalised_as_training_says() -> None:
    place, method = taml(form="entropy", weight=0.7)
    method.norm = NormConfig(train="query_batch", eval="support")
    at = leaves(place.state())
    learner, task = learner_of(place, at, 0)
    before, after = (learner.scores(task.query_x, step, "query_batch") for step in (0, -1))
    total = task_loss(after, task.query_y) + 0.7 * (entropy(after) - entropy(before))
    result = place.gradient(place.state(), 0)
    torch.testing.assert_close(result.gradient, gradient_of(total, at), rtol=0, atol=1e-10)


def test_the_first_order_is_taken_where_it_is_asked_for() -> None:
    place, _ = taml(second_order=False)
    plain = world("maml", inner_steps=2, second_order=False)
    found, expected = (one.gradient(place.state(), 0).gradient for one in (place, plain))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
