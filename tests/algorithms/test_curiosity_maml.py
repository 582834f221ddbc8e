"""Curiosity MAML: surprise and weights against autograd and by hand, in float64, and a problem that
it solves and MAML cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.algorithms.worlds import World, double, world, world_of
from workbench.algorithms.curiosity_maml import PREDICTORS, CuriosityMaml
from workbench.backbones.mlp import Config as MlpConfig
from workbench.backbones.mlp import Mlp
from workbench.functional.layers import head
from workbench.functional.learners import WeighingLearner
from workbench.functional.losses import example_losses, task_loss
from workbench.functional.normalisation import Own
from workbench.interfaces import ALGORITHMS, Algorithm, State, Tensors
from workbench.schema.config import validate
from workbench.schema.experiment import NormConfig
from workbench.task import Kind, Support, Task, TaskSpec

KINDS: tuple[Kind, ...] = ("classification", "regression")
HEAD = ("head.weight", "head.bias")


def curious(
    kind: Kind = "classification", **settings: object
) -> tuple[World[CuriosityMaml], CuriosityMaml]:
    """Curiosity MAML in a small world."""
    place = world_of(CuriosityMaml, kind, **settings)
    return place, place.algorithm


def without_foresight(state: State) -> State:
    """The same state, whose forward model always foresees no gradient."""
    silent = {k: v * 0 for k, v in state.parameters.items() if "forward1" in k}
    return State(state.parameters | silent)


def each_gradient(place: World, state: State, support: Support[Tensor]) -> list[Tensors]:
    """The gradient of each support example's own loss, by all weights but the predictors'."""
    at = {k: v.clone().requires_grad_() for k, v in state.parameters.items()}
    features = place.algorithm.backbone(at, support.x, Own())
    losses = example_losses(head(at, features)[:, : support.n_way or None], support.y)
    own = {k: v for k, v in at.items() if not k.startswith(PREDICTORS)}
    return [
        dict(
            zip(own, torch.autograd.grad(loss, list(own.values()), retain_graph=True), strict=True)
        )
        for loss in losses
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_foreseen_surprises_by_its_squared_gradient(kind: Kind) -> None:
    place, method = curious(kind)
    state, support = without_foresight(place.state()), place.task(0).support
    found = method.foresee(state.parameters, support).surprise
    gradients = each_gradient(place, state, support)
    lengths = [sum(float(one[name].square().sum()) for name in HEAD) for one in gradients]
    torch.testing.assert_close(found, found.new_tensor(lengths), rtol=1e-10, atol=0)


def test_a_gradient_that_was_foreseen_is_no_surprise_and_counts_for_nothing() -> None:
    place, method = curious(curiosity=1.0)
    state, support = without_foresight(place.state()), place.task(0).support
    first = each_gradient(place, state, support)[0]
    answer = torch.cat([first["head.weight"], first["head.bias"].unsqueeze(1)], 1)
    knowing = state.parameters | {f"{PREDICTORS}forward1.bias": answer.flatten()}
    foresight = method.foresee(knowing, support)
    assert float(foresight.surprise[0]) == pytest.approx(0, abs=1e-20)
    assert float(foresight.weights[0]) == pytest.approx(0, abs=1e-9)
    assert float(foresight.weights[1:].min()) > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_the_weights_change_the_inner_gradient(kind: Kind) -> None:
    """One step: theta - alpha mean of w_i grad L_i, each gradient by itself."""
    place, method = curious(kind, curiosity=1.0, inner_lr=0.3)
    state, task = place.state(), place.task(0, k_shot=4)
    learner = method.adapt(state, task.support, {}, steps=1)
    assert isinstance(learner, WeighingLearner)
    weights = learner.support_weights
    assert float(weights.mean()) == pytest.approx(1)
    assert float(weights.std()) > 0.01
    gradients = each_gradient(place, state, task.support)
    plain = world("maml", kind, inner_lr=0.3).algorithm.adapt(
        state_of_maml(state), task.support, {}, 1
    )
    moved = 0.0
    for name, value in learner.trace.parameters[1].items():
        pull = sum(w * one[name] for w, one in zip(weights, gradients, strict=True)) / len(weights)
        expected = state.parameters[name] - 0.3 * pull
        torch.testing.assert_close(value, expected, rtol=0, atol=1e-12)
        moved = max(moved, float((value - plain.trace.parameters[1][name]).abs().max()))
    assert moved > 1e-3


def state_of_maml(state: State) -> State:
    """Body and head alone."""
    return State({k: v for k, v in state.parameters.items() if not k.startswith(PREDICTORS)})


@pytest.mark.parametrize("kind", KINDS)
def test_without_curiosity_it_is_maml(kind: Kind) -> None:
    place, _ = curious(kind, curiosity=0.0)
    found = place.gradient(place.state(), 0)
    plain = world("maml", kind).gradient(state_of_maml(place.state()), 0)
    assert found.loss == pytest.approx(plain.loss, abs=1e-12)
    for name, expected in plain.gradient.items():
        torch.testing.assert_close(found.gradient[name], expected, rtol=0, atol=1e-12)


def test_surprise_is_a_constant_and_the_predictors_learn_from_their_own_errors_alone() -> None:
    """Other answers to the queries change what the body is told, and nothing for the predictors;
    and how the predictors' errors are shared changes nothing for the body."""
    place, method = curious()
    state, task = place.state(), place.task(0)
    other = replace(task, query_y=task.query_y.flip(0))
    shares = curious(forward_share=0.9)[1]
    first, second = (method.task_gradient(state, one, {}).gradient for one in (task, other))
    third = shares.task_gradient(state, task, {}).gradient
    for name in state.parameters:
        of_predictors = name.startswith(PREDICTORS)
        assert torch.equal(first[name], second[name]) is of_predictors, name
        assert torch.equal(first[name], third[name]) is not of_predictors, name


def test_an_inverse_model_that_knows_the_features_reads_the_error_off_the_gradient() -> None:
    """The gradient of the weights is e h^T, so h / |h|^2 gives back e."""
    place, method = curious()
    state, task = place.state(), place.task(0)
    support = replace(task.support, x=task.support_x[:1].expand_as(task.support_x) + 0)
    h = place.algorithm.backbone(state.parameters, support.x, Own())[0]
    parameters = dict(state.parameters)
    parameters[f"{PREDICTORS}inverse.weight"] = parameters[f"{PREDICTORS}inverse.weight"] * 0
    parameters[f"{PREDICTORS}inverse.bias"] = h / h.square().sum()
    assert float(method.foresee(parameters, support).inverse_error) == pytest.approx(0, abs=1e-20)
    parameters[f"{PREDICTORS}inverse.bias"] = h * 0
    assert float(method.foresee(parameters, support).inverse_error) == pytest.approx(1)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"curiosity": 1.0}, [0.5, 1.0, 1.5]),
        ({"curiosity": 0.5}, [0.75, 1.0, 1.25]),
        ({"curiosity": 0.0}, [1.0, 1.0, 1.0]),
        ({"curiosity": 1.0, "keep": 0.67}, [0.0, 1.2, 1.8]),
        ({"curiosity": 0.0, "keep": 0.1}, [0.0, 0.0, 3.0]),
    ],
)
def test_weights_by_hand(settings: dict[str, float], expected: list[float]) -> None:
    """Surprises 1, 2, 3 are 1/2, 1, 3/2 of their mean; what is kept is scaled to mean 1 again."""
    _, method = curious(**settings)
    found = method.weigh(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))
    torch.testing.assert_close(found, found.new_tensor(expected))


def test_training_and_evaluation_report_the_same_figures() -> None:
    place, method = curious()
    trained = place.gradient(place.state(), 0).metrics
    evaluated = method.task_metrics(place.state(), place.task(0), {})
    assert trained == evaluated
    assert trained["largest_weight"] > 1


RATE, SIZE = 0.25, 10


def few_telling(seed: int, count: int = 16) -> Task[Tensor]:
    """Tasks folded: nine examples that every task has, and that no line fits, and one that tells
    the task, y = +1 or -1; the queries ask for that again."""
    signs = np.random.default_rng([5, seed]).choice([-1.0, 1.0], (count, 1, 1))
    x = np.zeros((count, SIZE, 2))
    x[:, :3, 0], x[:, 3:6, 0], x[:, -1, 1] = 1, -1, 1
    y = np.where(np.abs(x[..., :1]) > 0, 0.5, -1.0)
    y[:, -1:] = signs
    parts = (x, y, x[:, -1:], signs)
    return Task(*(torch.from_numpy(part) for part in parts), 0, folded=True)


def trained_loss(name: str, **settings: object) -> float:
    """Query loss on unseen tasks after 300 steps of Adam on the problem above."""
    config = validate(
        ALGORITHMS.config(name), {"name": name, "inner_lr": RATE, "inner_steps": 1, **settings}
    )
    backbone = Mlp(MlpConfig(hidden=()), (2,))
    method: Algorithm = ALGORITHMS[name](
        config, backbone, TaskSpec("regression", (2,), 1), NormConfig()
    )
    leaves = double(method.init(np.random.default_rng(0))).parameters
    optimizer = torch.optim.Adam([leaf.requires_grad_() for leaf in leaves.values()], lr=0.02)

    def result(seed: int):  # type: ignore[no-untyped-def]  # a TaskResult
        count = 16
        now = {k: v.detach().expand(count, *v.shape) for k, v in leaves.items()}
        return method.task_gradient(State(now), few_telling(seed), {})

    for step in range(300):
        gradient = result(step).gradient
        for name_, leaf in leaves.items():
            leaf.grad = gradient[name_].mean(0)
        optimizer.step()
    found = result(1000)
    return float(task_loss(found.scores, few_telling(1000).query_y)) / 16


def test_it_wins_where_one_example_of_ten_tells_the_task() -> None:
    """MAML's step moves the asked answer by the mean gradient: of the telling example, features
    (0, 1) and the bias, that is alpha 2/10 · 2 = 0.1 of the way from where it starts. Between +1
    and -1 it can do no better than start at 0 and be wrong by 0.9: a loss of 0.81. The other nine
    have gradients, too, which no starting point removes but a forward model foresees; when they
    weigh nothing the telling example weighs 10, and the step reaches its answer."""
    plain, curious_loss = trained_loss("maml"), trained_loss("curiosity_maml", curiosity=1.0)
    assert plain == pytest.approx(0.81, abs=0.02)
    assert curious_loss < 0.1


def test_as_many_examples_are_kept_as_come_nearest_to_the_share() -> None:
    """0.6 of three are 1.8, so two: 1 and 3/2 of the mean, scaled to a mean of 1."""
    _, method = curious(curiosity=1.0, keep=0.6)
    found = method.weigh(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))
    torch.testing.assert_close(found, found.new_tensor([0.0, 1.2, 1.8]))


@pytest.mark.parametrize(("share", "silent"), [(0.0, "forward"), (1.0, "inverse")])
def test_a_model_without_a_share_of_the_predictors_loss_learns_nothing(
    share: float, silent: str
) -> None:
    place, _ = curious(forward_share=share)
    gradient = place.gradient(place.state(), 0).gradient
    learns = {
        name.removeprefix(PREDICTORS).split(".")[0].rstrip("01")
        for name, slope in gradient.items()
        if name.startswith(PREDICTORS) and torch.any(slope != 0)
    }
    assert learns == {"encode", "inverse", "forward"} - {silent}


def test_the_predictors_learn_from_both_relative_errors_by_their_shares() -> None:
    """0.75 of the inverse model's and 0.25 of the forward model's."""
    place, method = curious(forward_share=0.25)
    state, task = place.state(), place.task(0)
    at = {name: tensor.clone().requires_grad_() for name, tensor in state.parameters.items()}
    found = method.foresee(at, task.support)
    total = 0.75 * found.inverse_error + 0.25 * found.forward_error
    own = [name for name in at if name.startswith(PREDICTORS)]
    expected = torch.autograd.grad(total, [at[name] for name in own])
    gradient = method.task_gradient(state, task, {}).gradient
    for name, slope in zip(own, expected, strict=True):
        torch.testing.assert_close(gradient[name], slope, rtol=0, atol=1e-12)


def test_a_forward_model_that_foresees_nothing_errs_by_all_of_the_gradient() -> None:
    place, method = curious()
    state = without_foresight(place.state())
    found = method.foresee(state.parameters, place.task(0).support).forward_error
    assert float(found) == pytest.approx(1, abs=1e-9)


def test_of_several_targets_the_error_is_of_their_mean_square() -> None:
    """The derivative of the mean of two squares by one of them is the difference itself."""
    config = validate(ALGORITHMS.config("curiosity_maml"), {"name": "curiosity_maml"})
    backbone = Mlp(MlpConfig(hidden=()), (2,))
    spec = TaskSpec("regression", (2,), 2)
    method = CuriosityMaml(config, backbone, spec, NormConfig())
    state = without_foresight(double(method.init(np.random.default_rng(0))))
    x = torch.tensor([[1.0, 2.0], [-1.0, 0.5]], dtype=torch.float64)
    y = torch.tensor([[3.0, -1.0], [0.0, 2.0]], dtype=torch.float64)
    errors = head(state.parameters, x) - y
    expected = errors.square().sum(1) * (x.square().sum(1) + 1)
    found = method.foresee(state.parameters, Support(x, y, 0)).surprise
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


def test_outputs_that_stand_for_no_class_of_a_task_have_no_part_in_its_surprise() -> None:
    place, method = curious(n_way=5)
    support = curious(n_way=3)[0].task(0).support
    state = without_foresight(place.state())
    found = method.foresee(state.parameters, support).surprise
    gradients = each_gradient(place, state, support)
    lengths = [sum(float(one[name].square().sum()) for name in HEAD) for one in gradients]
    torch.testing.assert_close(found, found.new_tensor(lengths), rtol=1e-10, atol=0)
