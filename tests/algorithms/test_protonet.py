"""Prototypical networks against distances worked out by hand."""

from __future__ import annotations

import torch

from tests.algorithms.worlds import world, world_of
from workbench.algorithms.protonet import ProtoNet
from workbench.functional.embedding import MOMENTUM, class_means
from workbench.task import Support

SUPPORT = Support(
    torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [0.0, 6.0]], dtype=torch.float64),
    torch.tensor([0, 0, 1, 1]),
    2,
)


def method(distance: str = "euclidean", scale: float = 10.0) -> ProtoNet:
    return world_of(ProtoNet, distance=distance, scale=scale).algorithm


def test_a_prototype_is_the_mean_of_its_class() -> None:
    means = class_means(SUPPORT.x, SUPPORT)
    assert means.tolist() == [[1.0, 0.0], [0.0, 5.0]]


def test_the_distance_is_squared() -> None:
    """From (1, 2): to (1, 0) it is 2^2 = 4; to (0, 5) it is 1^2 + 3^2 = 10."""
    query = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    scores = method().similarity(query, class_means(SUPPORT.x, SUPPORT))
    assert scores.tolist() == [[-4.0, -10.0]]


def test_the_cosine_is_scaled() -> None:
    """(3, 4) has length 5: its cosine with (1, 0) is 0.6, with (0, 5) it is 0.8."""
    query = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    scores = method("cosine", 5.0).similarity(query, class_means(SUPPORT.x, SUPPORT))
    torch.testing.assert_close(scores, torch.tensor([[3.0, 4.0]], dtype=torch.float64))


def test_classes_may_have_unequal_shots() -> None:
    support = Support(SUPPORT.x[:3], SUPPORT.y[:3], 2)
    assert class_means(support.x, support).tolist() == [[1.0, 0.0], [0.0, 4.0]]


def test_running_averages_move_towards_the_statistics_of_the_batch() -> None:
    place = world("protonet")
    state = place.state()
    result = place.gradient(state, 0)
    moved = place.algorithm.combine(state, [result], [1.0]).buffers
    for name, old in state.buffers.items():
        expected = old + MOMENTUM * (result.statistics[name] - old)
        torch.testing.assert_close(moved[name], expected, rtol=0, atol=1e-12)
