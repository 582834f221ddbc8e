"""MANN against a memory worked out by hand, and its sequence protocol, in float64."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.algorithms.worlds import World, world_of
from workbench.algorithms.mann import LeastRecentlyUsed, Mann
from workbench.functional.memory import EPSILON, by_presentation, similarity
from workbench.task import Task

DECAY = 0.9
ACCESS = LeastRecentlyUsed(slots=3, width=2, heads=1, decay=DECAY, sharpness=1.0)
# Slot 0 was read last and used most; slot 2 least of all.
BEFORE = {
    "memory": torch.tensor([[[3.0, 4.0], [0.0, 2.0], [5.0, 5.0]]], dtype=torch.float64),
    "read_weights": torch.tensor([[[1.0, 0.0, 0.0]]], dtype=torch.float64),
    "usage": torch.tensor([[2.0, 1.0, 0.5]], dtype=torch.float64),
}


def commands(alpha: float) -> Tensor:
    """For a key of (0.6, 0), a content of (0, 0.8) and a gate of sigmoid(alpha)."""
    words = [np.arctanh(0.6), 0.0, 0.0, np.arctanh(0.8), alpha]
    return torch.tensor([words], dtype=torch.float64)


def small() -> World[Mann]:
    return world_of(Mann, hidden=6, slots=8, width=4, heads=2)


def model_scores(place: World[Mann], task: Task[Tensor], order: Tensor) -> Tensor:
    parameters = place.state().parameters
    return place.algorithm.model.task_scores(parameters, task, order, "support")


def test_one_step_of_the_memory_is_the_one_worked_out_by_hand() -> None:
    """Gate 1/4 (alpha = -ln 3), key k = (0.6, 0), content a = (0, 0.8).

    (7)  w^w = 1/4 (1, 0, 0) + 3/4 (0, 0, 1) = (0.25, 0, 0.75)
    (8)  slot 2 is erased, then M = ((3, 4.2), (0, 2), (0, 0.6))
    (2)  cosines 3 / |(3, 4.2)|, 0, 0
    (5)  usage = 0.9 (2, 1, 0.5) + w^r + w^w
    """
    read, after = ACCESS(commands(-np.log(3)), BEFORE)
    slots = torch.tensor([[3.0, 4.2], [0.0, 2.0], [0.0, 0.6]], dtype=torch.float64)
    torch.testing.assert_close(after["memory"][0], slots, rtol=0, atol=1e-12)
    raised = [exp(3 / (9 + 4.2**2) ** 0.5), 1.0, 1.0]
    weights = torch.tensor(raised, dtype=torch.float64) / sum(raised)
    # The lengths are those of vectors that are EPSILON longer, squared.
    torch.testing.assert_close(after["read_weights"][0, 0], weights, rtol=0, atol=5 * EPSILON)
    torch.testing.assert_close(read[0], after["read_weights"][0, 0] @ slots, rtol=0, atol=1e-12)
    written = torch.tensor([0.25, 0.0, 0.75], dtype=torch.float64)
    usage = DECAY * BEFORE["usage"][0] + after["read_weights"][0, 0] + written
    torch.testing.assert_close(after["usage"][0], usage, rtol=0, atol=1e-12)


def test_an_open_gate_writes_where_was_read_and_a_shut_one_where_least_was_used() -> None:
    """Where the gate is open, slot 0 alone changes but for the erased slot 2; where it is shut,
    slot 2 holds the content alone."""
    _, opened = ACCESS(commands(50.0), BEFORE)
    _, shut = ACCESS(commands(-50.0), BEFORE)
    assert opened["memory"][0].tolist() == [[3.0, pytest.approx(4.8)], [0.0, 2.0], [0.0, 0.0]]
    torch.testing.assert_close(shut["memory"][0, :2], BEFORE["memory"][0, :2], rtol=0, atol=1e-12)
    assert shut["memory"][0, 2].tolist() == pytest.approx([0.0, 0.8])


def test_each_head_has_a_least_used_slot_of_its_own() -> None:
    two = replace(ACCESS, heads=2)
    assert two.least_used(BEFORE["usage"]).tolist() == [[[0, 0, 1], [0, 1, 0]]]


def test_similarity_is_the_cosine_and_an_empty_slot_is_like_no_key() -> None:
    """(3, 4) has length 5: its cosine with (1, 0) is 0.6, with (0, 2) it is 0.8."""
    key = torch.tensor([[[3.0, 4.0]]], dtype=torch.float64)
    slots = torch.tensor([[[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]], dtype=torch.float64)
    found = similarity(key, slots)[0, 0]
    torch.testing.assert_close(found, torch.tensor([0.6, 0.8, 0.0]).double(), rtol=0, atol=1e-6)
    slots.requires_grad_()
    (gradient,) = torch.autograd.grad(similarity(key, slots).sum(), slots)
    assert torch.isfinite(gradient).all()


def test_an_answer_sees_the_labels_before_it_and_neither_its_own_nor_later_ones() -> None:
    """The label of the example shown fifth is renamed: answers 1 to 5 stay, the sixth moves."""
    place = small()
    task = place.task(0)
    order = torch.from_numpy(np.random.default_rng(1).permutation(15))
    fifth = order[4]
    y = torch.cat([task.support_y, task.query_y])
    y[fifth] = (y[fifth] + 1) % 3
    renamed = replace(task, support_y=y[:6], query_y=y[6:])
    before, after = (model_scores(place, one, order) for one in (task, renamed))
    assert torch.equal(before[:5], after[:5])
    assert ((before - after)[5:].abs().amax(1) > 0).all()


def test_a_sequence_is_an_example_at_a_time() -> None:
    """Reading five examples and answering the sixth alone is the sixth answer of the sequence."""
    place = small()
    task = place.task(0)
    short = replace(task, query_x=task.query_x[:1], query_y=task.query_y[:1])
    order = torch.tensor([3, 1, 4, 0, 5, 2, 6])
    learner = place.algorithm.adapt(place.state(), task.support, {"order": order[:6]})
    last = model_scores(place, short, order)[-1:]
    torch.testing.assert_close(learner.scores(short.query_x), last, rtol=0, atol=1e-12)


def test_the_gradient_taken_late_is_that_of_the_plain_product() -> None:
    """Against a central difference of the loss in one weight of the recurrence."""
    place = small()
    task, state = place.task(0), place.state()
    noise = place.noise(0, task)
    y = torch.cat([task.support_y, task.query_y])[noise["sequence"]]
    found = place.algorithm.task_gradient(state, task, noise).gradient["controller.state"]
    at = np.unravel_index(int(found.abs().argmax()), found.shape)

    def loss(step: float) -> float:
        weight = state.parameters["controller.state"].clone()
        weight[at] += step
        moved = state.parameters | {"controller.state": weight}
        scores = place.algorithm.model.task_scores(moved, task, noise["sequence"], "support")
        return float(torch.nn.functional.cross_entropy(scores, y))

    slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
    assert float(found[at]) == pytest.approx(slope, rel=1e-6)


def test_the_order_of_a_task_is_drawn_anew_and_is_a_permutation() -> None:
    place = small()
    task = place.task(0)
    one, other = (place.noise(seed, task) for seed in (0, 1))
    assert sorted(one["sequence"].tolist()) == list(range(15))
    assert sorted(one["order"].tolist()) == list(range(6))
    assert not torch.equal(one["sequence"], other["sequence"])


def test_the_classes_of_the_first_example_are_as_frequent_as_each_other() -> None:
    """Of 3 classes and 600 orders each comes first 200 times, give or take 3 SD of 11.5."""
    place = small()
    task = place.task(0)
    y = torch.cat([task.support_y, task.query_y])
    first = [int(y[place.noise(seed, task)["sequence"][0]]) for seed in range(600)]
    assert all(abs(first.count(label) - 200) < 35 for label in range(3))


def test_accuracy_is_counted_by_presentation() -> None:
    """Classes 0 0 1 0 1 are presentations 1 2 1 3 2; right are the answers 2, 4 and 5."""
    y = torch.tensor([0, 0, 1, 0, 1])
    answers = torch.eye(2)[torch.tensor([1, 0, 0, 0, 1])]
    found = by_presentation(answers, y)
    assert found == {"presentation_1": 0.0, "presentation_2": 1.0, "presentation_3": 1.0}


def test_training_and_evaluation_report_every_presentation() -> None:
    """2 shots and 3 queries of each class: 5 presentations."""
    place = small()
    task = place.task(0)
    names = [f"presentation_{number}" for number in range(1, 6)]
    assert list(place.gradient(place.state(), 0).metrics) == names
    noise = place.noise(0, task)
    assert list(place.algorithm.task_metrics(place.state(), task, noise)) == names
