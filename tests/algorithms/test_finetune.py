"""Fine-tuning, in float64: pretraining over all classes of training, and the fit of a head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.algorithms.worlds import CLASSES, World, world_of
from tests.engine.worlds import pictures, session
from workbench.algorithms.finetune import CLASSIFIER, Finetune
from workbench.engine.episodes import Split
from workbench.functional.embedding import class_means, pairs
from workbench.functional.normalisation import Fixed, Own
from workbench.interfaces import State
from workbench.schema.experiment import NormConfig
from workbench.task import Task


def finetune(**settings: object) -> tuple[World[Finetune], Finetune]:
    """Fine-tuning in a small world."""
    place = world_of(Finetune, **settings)
    return place, place.algorithm


@pytest.mark.parametrize("head", ["linear", "cosine"])
def test_pretraining_minimises_cross_entropy_over_all_classes_of_training(head: str) -> None:
    place, method = finetune(head=head, scale=7.0)
    state, task = place.state(), place.task(5)
    at = {k: v.clone().requires_grad_() for k, v in state.parameters.items()}
    features = method.backbone(at, torch.cat([task.support_x, task.query_x]), Own())
    weight = at[f"{CLASSIFIER}weight"]
    assert weight.shape[0] == CLASSES > task.n_way
    if head == "linear":
        scores = features @ weight.T + at[f"{CLASSIFIER}bias"]
    else:
        lengths = features.norm(dim=1)[:, None] * weight.norm(dim=1)
        lengths = lengths.clamp_min(1e-12)  # an example may have no feature at all
        scores = 7.0 * features @ weight.T / lengths
    # The fifth task of three classes has numbers 15, 16 and 17.
    truth = 15 + torch.cat([task.support_y, task.query_y])
    loss = F.cross_entropy(scores, truth)
    found = place.gradient(state, 5)
    assert found.loss == pytest.approx(loss.item())
    for name, slope in zip(at, torch.autograd.grad(loss, list(at.values())), strict=True):
        torch.testing.assert_close(found.gradient[name], slope, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(found.scores, scores[-len(task.query_y) :, 15:18].detach())


def test_classes_beyond_those_of_a_task_are_told_apart_from_them() -> None:
    """The gradient of the classifier's bias is the mean of p - onehot: below 0 for the task's own
    numbers alone, even the highest of all, and above 0 for the 61 others, 0 to N - 1 among them."""
    place, method = finetune(head="linear")
    task = replace(place.task(5), classes=torch.tensor([61, 62, 63]))
    gradient = method.task_gradient(place.state(), task, {}).gradient[f"{CLASSIFIER}bias"]
    assert float(gradient[61:].max()) < 0 < float(gradient[:61].min())


def features(place: World, task: Task[Tensor]) -> Tensor:
    """Of the support set, by its running averages."""
    state = place.state()
    fixed = Fixed(pairs(state.buffers))
    return place.algorithm.backbone(state.parameters, task.support_x, fixed)


def test_a_task_without_numbers_can_be_learned_but_not_pretrained_on() -> None:
    place, method = finetune(inner_steps_eval=3)
    task = replace(place.task(0), classes=None)
    assert method.adapt(place.state(), task.support, {}).scores(task.query_x).shape[1] == 3
    with pytest.raises(AssertionError):
        method.task_gradient(place.state(), task, {})


@pytest.mark.parametrize("head", ["linear", "cosine"])
def test_a_frozen_body_stays_and_the_head_walks_down_the_support_loss(head: str) -> None:
    """The first step by hand: a linear head leaves 0 along mean (onehot - 1/N) f^T; a cosine one
    begins at the class means."""
    place, method = finetune(head=head, inner_lr=0.01, inner_steps_eval=20)
    state, task = place.state(), place.task(0)
    learner = method.adapt(state, task.support, {})
    for name, tensor in learner.weights(-1).items():
        if not name.startswith("head."):
            assert tensor is state.parameters[name]
    losses = learner.support_losses
    assert len(losses) == 21
    assert list(losses) == sorted(losses, reverse=True)
    f, one = features(place, task), F.one_hot(task.support_y, 3).double()
    first, second = (at["head.weight"] for at in learner.trace.parameters[:2])
    if head == "linear":
        assert torch.equal(first, torch.zeros_like(first))
        torch.testing.assert_close(second, 0.01 * (one - 1 / 3).T @ f / len(f))
    else:
        torch.testing.assert_close(first, class_means(f, task.support))


def test_a_body_that_is_not_frozen_moves() -> None:
    place, method = finetune(freeze_body=False, inner_lr=0.01, inner_steps_eval=5)
    state, task = place.state(), place.task(0)
    learner = method.adapt(state, task.support, {})
    ended = learner.trace.parameters[-1]
    still = [
        k for k in ended if k in state.parameters and torch.equal(ended[k], state.parameters[k])
    ]
    assert still == []
    losses = learner.support_losses
    assert list(losses) == sorted(losses, reverse=True)


def test_the_classifier_of_pretraining_has_no_part_in_a_task() -> None:
    place, method = finetune(inner_steps_eval=5)
    state, task = place.state(), place.task(0)
    other = {k: v + 1 if k.startswith(CLASSIFIER) else v for k, v in state.parameters.items()}
    answers = [
        method.adapt(one, task.support, {}).scores(task.query_x)
        for one in (state, State(other, state.buffers))
    ]
    assert torch.equal(*answers)


def test_the_numbers_of_a_task_of_training_name_the_classes_of_its_pictures() -> None:
    """12 classes and their turns: number 12 t + c is class c turned t times."""
    data = pictures(rotations=True)
    place = session(data, algorithm="finetune", training__n_way=3)
    assert place.spec.classes == 48
    batch = place.tasks("train", 0, 4)
    assert batch.classes is not None
    for task in batch:
        assert task.classes is not None
        for example, label in zip(task.support_x, task.support_y.tolist(), strict=True):
            turns, number = divmod(int(task.classes[label]), 12)
            own = np.rot90(data.bank.class_images(number), turns, (-2, -1))
            picture = (example * 255).round().to(torch.uint8).numpy()
            assert any(np.array_equal(picture, image) for image in own)
    assert int(batch.classes.max()) >= 12


@pytest.mark.parametrize("split", ["validation", "test"])
def test_tasks_that_are_not_of_training_carry_no_numbers(split: Split) -> None:
    place = session(algorithm="finetune", training__n_way=3)
    assert place.tasks(split, 0, 2).classes is None


@pytest.mark.parametrize("freeze_body", [True, False])
def test_of_functions_one_layer_learns_all_values_and_each_task_goes_on_from_it(
    freeze_body: bool,
) -> None:
    """Pretraining and the first step of a task, by autograd."""
    settings = {"freeze_body": freeze_body, "inner_lr": 0.05, "inner_steps_eval": 1}
    place = world_of(Finetune, "regression", **settings)
    state, task = place.state(), place.task(3)
    at = {k: v.clone().requires_grad_() for k, v in state.parameters.items()}

    def predicted(x: Tensor) -> Tensor:
        features = place.algorithm.backbone(at, x, Own())
        return F.linear(features, at[f"{CLASSIFIER}weight"], at[f"{CLASSIFIER}bias"])

    x, y = torch.cat([task.support_x, task.query_x]), torch.cat([task.support_y, task.query_y])
    loss = F.mse_loss(predicted(x), y)
    found = place.gradient(state, 3)
    assert found.loss == pytest.approx(loss.item())
    for name, slope in zip(at, torch.autograd.grad(loss, list(at.values())), strict=True):
        torch.testing.assert_close(found.gradient[name], slope, rtol=1e-9, atol=1e-12)

    loss = F.mse_loss(predicted(task.support_x), task.support_y)
    slopes = dict(zip(at, torch.autograd.grad(loss, list(at.values())), strict=True))
    with torch.no_grad():
        for name, weight in at.items():
            if name.startswith(CLASSIFIER) or not freeze_body:
                weight.sub_(0.05 * slopes[name])
        learner = place.algorithm.adapt(state, task.support, {})
        torch.testing.assert_close(learner.scores(task.query_x), predicted(task.query_x))


@pytest.mark.parametrize("freeze_body", [True, False])
@pytest.mark.parametrize("norm", ["running", "support"])
def test_a_cosine_head_takes_its_first_step_as_by_hand(norm: str, freeze_body: bool) -> None:
    """On features by the running averages, or by the support set where evaluation asks for that;
    the body moves with it where it is not frozen."""
    place, method = finetune(scale=7.0, inner_lr=0.01, freeze_body=freeze_body)
    method.norm = NormConfig(train="query_batch", eval=norm)
    state, task = place.state(), place.task(0)
    at = {k: v.clone().requires_grad_() for k, v in state.parameters.items()}

    def features_of_support() -> Tensor:
        normaliser = Fixed(pairs(state.buffers)) if norm == "running" else Own()
        return method.backbone(at, task.support_x, normaliser)

    at["head.weight"] = class_means(features_of_support(), task.support).detach().requires_grad_()
    features = features_of_support()
    lengths = torch.outer(features.norm(dim=1), at["head.weight"].norm(dim=1))
    # An example may have no feature at all.
    cosines = features @ at["head.weight"].T / lengths.clamp_min(1e-12)
    loss = F.cross_entropy(7.0 * cosines, task.support_y)
    learner = method.adapt(state, task.support, {}, steps=1)
    assert learner.steps == 1
    assert learner.support_losses[0] == pytest.approx(loss.item(), abs=1e-12)
    moved = ["head.weight"] if freeze_body else ["head.weight", "conv0.weight"]
    slopes = torch.autograd.grad(loss, [at[name] for name in moved])
    for name, slope in zip(moved, slopes, strict=True):
        expected = at[name].detach() - 0.01 * slope
        torch.testing.assert_close(learner.weights(-1)[name], expected, rtol=0, atol=1e-10)
