"""Conv-4's four kinds of normalisation, against torch's own layers in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.algorithms.worlds import World, drawn, world
from workbench.functional.layers import group_norm
from workbench.functional.normalisation import Own
from workbench.interfaces import BACKBONES, Backbone
from workbench.schema.config import validate

KINDS = ("batch", "layer", "group", "none")
ALONE = KINDS[1:]
WIDTH = 4


def body(norm: str, shape: tuple[int, ...] = (1, 8, 8), **settings: Any) -> Backbone:
    values = {"name": "conv4", "width": WIDTH, "norm": norm, "groups": 2, **settings}
    return BACKBONES["conv4"](validate(BACKBONES.config("conv4"), values), shape)


def weights(network: Backbone) -> dict[str, torch.Tensor]:
    """First weights, and gains, shifts and biases that are not 1 and 0."""
    found = network.init(np.random.default_rng(0))
    return {
        name: value.double() if value.dim() > 1 else value + 0.1 * drawn(*value.shape)
        for name, value in found.items()
    }


@pytest.mark.parametrize("norm", ALONE)
@pytest.mark.parametrize("grows", [False, True])
def test_a_block_is_torchs_convolution_normalisation_pooling_and_relu(
    norm: str, grows: bool
) -> None:
    """Four times. `grows`: images whose gradient is wanted are not laid out as patches."""
    network, x = body(norm), drawn(3, 1, 8, 8).requires_grad_(grows)
    p = weights(network)
    expected = x
    for block in range(4):
        if norm == "none":
            z = F.conv2d(expected, p[f"conv{block}.weight"], p[f"conv{block}.bias"], padding=1)
        else:
            z = F.conv2d(expected, p[f"conv{block}.weight"], padding=1)
            gain, shift = (p[f"norm{block}.{part}"] for part in ("weight", "bias"))
            if norm == "group":
                z = F.group_norm(z, 2, gain, shift)
            else:
                by_place = [v[:, None, None].expand(z.shape[1:]) for v in (gain, shift)]
                z = F.layer_norm(z, z.shape[1:], *by_place)
        expected = F.relu(F.max_pool2d(z, min(2, z.shape[-1])))
    found = network(p, x, Own())
    torch.testing.assert_close(found, expected.flatten(1), rtol=0, atol=1e-12)


@pytest.mark.parametrize("norm", KINDS)
@pytest.mark.parametrize("downsample", ["pool", "stride"])
def test_only_batch_normalisation_looks_at_the_other_images(norm: str, downsample: str) -> None:
    network = body(norm, downsample=downsample)
    p, x = weights(network), drawn(3, 1, 8, 8)
    alone, beside = network(p, x[:2], Own()), network(p, x, Own())[:2]
    assert torch.allclose(alone, beside, atol=1e-12) is (norm in ALONE)
    assert network.norm_layers == (() if norm in ALONE else (WIDTH,) * 4)


def test_groups_that_do_not_divide_the_filters_become_fewer() -> None:
    """Of 6 filters, 4 groups asked for are 3."""
    x = drawn(2, 1, 8, 8)
    four, three = (body("group", width=6, groups=groups) for groups in (4, 3))
    p = weights(four)
    assert torch.equal(four(p, x, Own()), three(p, x, Own()))
    assert not torch.allclose(four(p, x, Own()), body("group", width=6, groups=6)(p, x, Own()))


def test_the_second_derivative_of_a_group_norm_is_right() -> None:
    tensors = [drawn(*shape).requires_grad_() for shape in ((2, 4, 3, 3), (4,), (4,))]
    assert torch.autograd.gradgradcheck(lambda x, *affine: group_norm(x, 2, *affine), tensors)


@pytest.mark.parametrize("norm", ALONE)
@pytest.mark.parametrize("method", ["maml", "anil", "maml_plus_plus", "protonet", "relationnet"])
def test_every_weight_learns_with_every_normalisation(method: str, norm: str) -> None:
    place = own_world(method, norm)
    state = place.state()
    mean = place.algorithm.combine(
        state, [place.gradient(state, seed) for seed in range(3)], [1.0] * 3
    ).gradient
    assert mean.keys() == state.parameters.keys()
    assert [key for key, tensor in mean.items() if not bool(tensor.any())] == []


@pytest.mark.parametrize("norm", ALONE)
def test_folded_tasks_give_the_gradient_of_the_plain_loop(norm: str) -> None:
    place = own_world("maml", norm, inner_steps=2, inner_lr=0.01)
    state = place.state()
    loop = [place.gradient(state, seed) for seed in range(2)]
    for one, other in zip(place.folded_gradients(state, range(2)), loop, strict=True):
        for key, gradient in other.gradient.items():
            torch.testing.assert_close(one.gradient[key], gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("norm", ALONE)
def test_answers_hang_on_no_other_query(norm: str) -> None:
    """Whatever the mode of batch normalisation is."""
    place = own_world("maml", norm)
    state, task = place.state(), place.task(0)
    learner = place.algorithm.adapt(state, task.support, {})
    whole = learner.scores(task.query_x, norm="query_batch")
    first = learner.scores(task.query_x[:1], norm="support")
    torch.testing.assert_close(whole[:1], first, rtol=0, atol=1e-12)


def own_world(method: str, norm: str, **settings: Any) -> World[Any]:
    place = world(method, **settings)
    place.algorithm.backbone = body(norm, place.algorithm.backbone.input_shape)
    return place
