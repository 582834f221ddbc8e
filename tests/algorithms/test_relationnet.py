"""Relation networks: sums over shots, the convolution of two maps side by side, and the squared
error of the relation scores, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.algorithms.worlds import IMAGE, double, drawn, world, world_of
from workbench.algorithms.relationnet import RelationNet, class_maps, differences, side_by_side
from workbench.backbones.conv4 import Config as ConvConfig
from workbench.backbones.conv4 import Conv4
from workbench.backbones.mlp import Config as MlpConfig
from workbench.backbones.mlp import Mlp
from workbench.functional.normalisation import Own
from workbench.interfaces import Backbone
from workbench.task import Support


def method(backbone: Backbone | None = None) -> RelationNet:
    found = world_of(RelationNet).algorithm
    found.backbone = backbone or found.backbone
    return found


def test_a_class_is_the_sum_of_its_shots() -> None:
    maps = drawn(3, 2, 4, 4)
    support = Support(maps, torch.tensor([0, 1, 0]), 2)
    expected = torch.stack([maps[0] + maps[2], maps[1]])
    torch.testing.assert_close(class_maps(maps, support), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("with_bias", [True, False])
def test_the_convolution_is_that_of_class_and_query_side_by_side(with_bias: bool) -> None:
    """Each of 3 queries beside each of 2 classes, query by query, the class's channels first."""
    classes, maps, weight = drawn(2, 4, 5, 5), drawn(3, 4, 5, 5), drawn(6, 8, 3, 3)
    bias = drawn(6) if with_bias else None
    beside = torch.stack([torch.cat([c, q]) for q in maps for c in classes])  # (6, 8, 5, 5)
    expected = F.conv2d(beside, weight, bias, padding=1)
    found = side_by_side(classes, maps, weight, bias)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_what_is_descended_is_the_squared_error_of_scores_between_zero_and_one() -> None:
    """By a difference of the loss along one weight: d/dw sum_n (r_n - y_n)^2, mean over queries."""
    place = world("relationnet")
    state, task = place.state(), place.task(0)
    found = method()

    def error(change: float) -> Tensor:
        moved = dict(state.parameters)
        moved["fit1.bias"] = moved["fit1.bias"] + change
        scores = found.joint_scores(moved, task.support, task.query_x, Own())
        r = scores.exp()
        assert bool(((r > 0) & (r < 1)).all())
        truth = torch.eye(3, dtype=torch.float64)[task.query_y]
        return (r - truth).square().sum() / len(task.query_y)

    slope = (error(1e-5) - error(-1e-5)) / 2e-5
    gradient = found.task_gradient(state, task, {}).gradient["fit1.bias"]
    torch.testing.assert_close(gradient[0], slope, rtol=0, atol=1e-8)


def test_the_softmax_of_the_scores_is_each_relation_score_over_their_sum() -> None:
    place = world("relationnet")
    task = place.task(0)
    scores = place.algorithm.adapt(place.state(), task.support, {}).scores(task.query_x)
    r = scores.exp()
    torch.testing.assert_close(scores.softmax(-1), r / r.sum(-1, keepdim=True), atol=1e-12, rtol=0)


def test_running_averages_reach_the_relation_module_too() -> None:
    """Own batches of pairs in training, averages at test: a hundred times the same statistics and
    the averages answer as training did."""
    place = world("relationnet")
    state, task = place.state(), place.task(0)
    result = place.algorithm.task_gradient(state, task, {})
    assert len(state.buffers) == 2 * (4 + 2)
    for _ in range(200):
        buffers = place.algorithm.combine(state, [result], [1.0]).buffers
        state = type(state)(state.parameters, buffers)
    answer = place.algorithm.adapt(state, task.support, {}).scores(task.query_x, norm="running")
    torch.testing.assert_close(answer, result.scores, rtol=0, atol=1e-6)


@pytest.mark.parametrize("halvings", [0, 1, 2, 4])
@pytest.mark.parametrize("downsample", ["pool", "stride"])
def test_a_network_knows_the_shape_of_its_maps(halvings: int, downsample: str) -> None:
    config = ConvConfig(width=3, halvings=halvings, downsample=downsample)  # type: ignore[arg-type]
    for shape in (IMAGE, (1, 28, 28), (3, 9, 13)):
        backbone = Conv4(config, shape)
        parameters = backbone.init(np.random.default_rng(0))
        x = torch.rand(2, *shape)
        assert backbone.maps(parameters, x, Own()).shape[1:] == backbone.map_shape
        assert backbone(parameters, x, Own()).shape[1:] == (backbone.features,)


def test_fewer_halvings_keep_more_places() -> None:
    sizes = [Conv4(ConvConfig(halvings=count), (1, 28, 28)).map_shape for count in (0, 2, 4)]
    assert sizes == [(64, 28, 28), (64, 7, 7), (64, 1, 1)]


def test_a_network_without_places_can_be_compared_as_well() -> None:
    place = world("relationnet")
    found = method(Mlp(MlpConfig(hidden=(6,)), IMAGE))
    state, task = double(found.init(np.random.default_rng(0))), place.task(0)
    assert found.adapt(state, task.support, {}).scores(task.query_x).shape == (9, 3)


@pytest.mark.parametrize("filters", [4, 5])
def test_the_first_look_at_two_maps_sees_how_far_they_are_apart(filters: int) -> None:
    """Nothing between equal maps; and what a filter sees of one order, its twin of the other."""
    maps = drawn(2, 3, 5, 5)
    weight = differences(np.random.default_rng(0), filters, 3).double()
    assert weight.shape == (filters, 6, 3, 3)
    same = side_by_side(maps[:1], maps[:1], weight, None)
    torch.testing.assert_close(same, torch.zeros_like(same), rtol=0, atol=1e-12)
    one, other = (
        side_by_side(a, b, weight, None)[0] for a, b in (maps.split(1), maps.flip(0).split(1))
    )
    twin = -(-filters // 2)
    torch.testing.assert_close(one[: filters - twin], other[twin:], rtol=0, atol=1e-12)
    assert one.abs().amax((1, 2)).min() > 0.1
