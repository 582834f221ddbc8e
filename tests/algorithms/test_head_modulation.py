"""Head modulation against its equations, in float64; numbers in parentheses are those of the
plug-in's file.

The gradient of the query loss is held against central differences of that loss, which know nothing
of graphs: they agree only if it passes through the inner steps into the factors, the rates, the
decoders, the relation network and the encoder.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.algorithms.worlds import World, world_of
from workbench.algorithms.head_modulation import HeadModulation
from workbench.functional.embedding import class_means
from workbench.functional.layers import dense
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Own
from workbench.interfaces import State

MODES = ("global_scalars", "per_layer_scalars", "per_parameter", "low_rank")
ALL = {"attention": True, "conditioning": True, "step_rates": True, "decoders": 2}
SMALL = {"hidden": 6, "latents": 5, "inner_steps": 2, "inner_steps_eval": 2}
HEAD = {"hidden.weight", "hidden.bias", "head.weight", "head.bias"}
each_mode = pytest.mark.parametrize("mode", MODES)


def place_of(**settings: object) -> tuple[World[HeadModulation], HeadModulation]:
    """Head modulation in a small world."""
    place = world_of(HeadModulation, **{**SMALL, **settings})
    return place, place.algorithm


def features_of(method: HeadModulation, state: State, x: Tensor) -> Tensor:
    """(B, D) features of mean square one, the batch normalised by itself."""
    features = method.backbone(state.parameters, x, Own())
    return features / features.square().mean(1, keepdim=True).sqrt().clamp(min=1e-12)


def generated(
    place: World, method: HeadModulation, state: State
) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
    task = place.task(0)
    features = features_of(method, state, task.support_x)
    code = method.code(state.parameters, features, task.support)
    return method.generate(state.parameters, code)


@each_mode
@pytest.mark.parametrize("switches", [{}, ALL], ids=["plain", "every switch"])
def test_every_parameter_gets_a_gradient(mode: str, switches: dict[str, object]) -> None:
    place, _ = place_of(mode=mode, **switches)
    gradients = [place.gradient(place.state(), seed, k_shot=5).gradient for seed in range(3)]
    total = {name: sum(one[name].abs().max() for one in gradients) for name in gradients[0]}
    assert [name for name, size in total.items() if size < 1e-12] == []


@each_mode
def test_the_gradient_passes_through_the_steps_into_encoder_and_decoder(mode: str) -> None:
    place, method = place_of(mode=mode, **ALL)
    task, random = place.task(0), torch.Generator().manual_seed(1)

    def normals(tensor: Tensor) -> Tensor:
        return torch.randn(tensor.shape, generator=random, dtype=tensor.dtype)

    # First biases are 0, where a unit that sees nothing has a kink.
    state = State({k: t + 0.1 * normals(t) for k, t in place.state().parameters.items()})
    direction = {
        name: normals(tensor)
        for name, tensor in state.parameters.items()
        if not name.startswith(("conv", "norm"))
    }

    def loss(distance: float) -> float:
        moved = {
            name: tensor + distance * direction[name] if name in direction else tensor
            for name, tensor in state.parameters.items()
        }
        with torch.no_grad():
            learner = method.adapt(State(moved), task.support, {}, 2)
            return float(task_loss(learner.scores(task.query_x), task.query_y))

    gradient = method.task_gradient(state, task, {}).gradient
    slope = sum(float((gradient[name] * direction[name]).sum()) for name in direction)
    assert slope == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-5)


@each_mode
def test_a_decoder_that_says_nothing_leaves_the_head_and_the_middle_rate(mode: str) -> None:
    """tanh 0 = 0 gives factors of 1; sigmoid 0 = 1/2 gives rates of 0.001 + 0.0495 = 0.0505."""
    place, method = place_of(mode=mode)
    state = place.state()
    for name, tensor in state.parameters.items():
        if name.startswith("decoder"):
            tensor.zero_()
    factors, (rates,) = generated(place, method, state)
    assert factors.keys() == rates.keys() == HEAD
    assert all(torch.equal(factor, torch.ones_like(factor)) for factor in factors.values())
    for rate in rates.values():
        torch.testing.assert_close(rate, torch.full_like(rate, 0.0505), rtol=0, atol=1e-15)


@each_mode
def test_however_loud_the_decoder_the_head_keeps_half_its_size_and_learns(mode: str) -> None:
    place, method = place_of(mode=mode)
    state = place.state()
    for name, tensor in state.parameters.items():
        if name.startswith("decoder"):
            tensor.mul_(1e4)
    factors, (rates,) = generated(place, method, state)
    everything = torch.cat([factor.flatten() for factor in factors.values()])
    assert everything.min() >= 0.5
    assert everything.max() <= 1.5
    speeds = torch.cat([rate.flatten() for rate in rates.values()])
    assert speeds.min() >= 0.001
    assert speeds.max() <= 0.1
    assert everything.sub(1).abs().max() > 0.4


def test_each_mode_says_as_many_numbers_as_it_has_scalars_layers_weights_or_ranks() -> None:
    """A head of 4 features, 6 hidden units and 3 classes has two layers and 24 + 6 + 18 + 3 = 51
    weights; with rank 2 it needs 2 (6 + 4) + 6 + 2 (3 + 6) + 3 = 47 numbers. Each is said twice:
    a factor and a rate; with rates of their own for 2 steps, three times."""
    expected = dict(zip(MODES, (1, 2, 51, 47), strict=True))
    for mode, numbers in expected.items():
        for switches, times in (({}, 2), ({"step_rates": True}, 3)):
            place, _ = place_of(mode=mode, rank=2, **switches)
            assert len(place.state().parameters["decoder0.bias"]) == times * numbers


def test_factors_of_low_rank_are_bent_by_a_product_of_that_rank() -> None:
    place, method = place_of(mode="low_rank", rank=2)
    factors, _ = generated(place, method, place.state())
    bent = ((factors["hidden.weight"] - 1) / 0.5).atanh()
    assert bent.shape == (6, 4)
    assert int(torch.linalg.matrix_rank(bent, atol=1e-9)) == 2


def test_the_bent_head_steps_at_its_generated_rates_as_by_hand() -> None:
    """Of scores W2 relu(W1 f + b1) + b2, with P the answers less the truth over S: the gradients
    are P^T h and its sum for the second layer, and with R = P W2 where h > 0, R^T f and its sum
    for the first."""
    place, method = place_of(step_rates=True)
    state, task = place.state(), place.task(0)
    features = features_of(method, state, task.support_x)
    truth = F.one_hot(task.support_y, 3).double()
    factors, rates = generated(place, method, state)
    at = {name: state.parameters[name] * factors[name] for name in HEAD}
    path = [at]
    for rate in (*rates, rates[-1]):  # a third step keeps the rates of the second
        hidden = (features @ at["hidden.weight"].T + at["hidden.bias"]).relu()
        scores = hidden @ at["head.weight"].T + at["head.bias"]
        p = (scores.softmax(-1) - truth) / len(features)
        r = (p @ at["head.weight"]) * (hidden > 0)
        slope = {
            "head.weight": p.T @ hidden,
            "head.bias": p.sum(0),
            "hidden.weight": r.T @ features,
            "hidden.bias": r.sum(0),
        }
        at = {name: at[name] - rate[name] * slope[name] for name in HEAD}
        path.append(at)
    learner = method.adapt(state, task.support, {}, steps=3)
    for found, expected in zip(learner.trace.parameters, path, strict=True):
        for name in HEAD:
            torch.testing.assert_close(found[name], expected[name], rtol=0, atol=1e-12)
    assert not torch.equal(rates[0]["head.weight"], rates[1]["head.weight"])


def test_the_code_is_read_off_all_pairs_of_class_means() -> None:
    place, method = place_of()
    state = place.state()
    p = state.parameters
    support = replace(place.task(0).support, y=torch.tensor([0, 0, 0, 1, 2, 2]))
    features = features_of(method, state, support.x)

    def layer(name: str, x: Tensor) -> Tensor:
        return p[f"{name}.weight"] @ x + p[f"{name}.bias"]

    latents = [layer("encoder1", layer("encoder0", f).relu()) for f in features]
    means = [torch.stack([latents[i] for i in m]).mean(0) for m in ([0, 1, 2], [3], [4, 5])]
    related = [
        layer("relation1", layer("relation0", torch.cat([a, b])).relu())
        for a in means
        for b in means
    ]
    expected = layer("aggregate", torch.stack(related).mean(0)).relu()
    found = method.code(p, features, support)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    assert expected.max() > 1e-3


@pytest.mark.parametrize("switch", ["attention", "conditioning", "step_rates", "decoders"])
def test_each_switch_changes_the_answers(switch: str) -> None:
    task = place_of()[0].task(0)
    both, (plain, _) = place_of(**{switch: ALL[switch]}), place_of()
    states = [one.state() for one in (both[0], plain)]
    shared = states[1].parameters
    # The same first weights wherever both have them; the rest is the switch's own.
    same = {
        name: shared[name] if name in shared and shared[name].shape == tensor.shape else tensor
        for name, tensor in states[0].parameters.items()
    }
    with torch.no_grad():
        answers = [
            method.adapt(state, task.support, {}).scores(task.query_x)
            for method, state in ((both[1], State(same)), (plain.algorithm, states[1]))
        ]
    assert (answers[0] - answers[1]).abs().max() > 1e-6


def test_a_mixture_is_between_its_decoders() -> None:
    """Of two decoders that say 0 and x everywhere, at even shares, the factors are
    1 + tanh(x / 2) / 2."""
    place, method = place_of(mode="global_scalars", decoders=2)
    state = place.state()
    for name, tensor in state.parameters.items():
        if name.startswith(("decoder", "mixture")):
            tensor.zero_()
    state.parameters["decoder1.bias"].fill_(0.8)
    factors, _ = generated(place, method, state)
    assert float(factors["head.bias"]) == pytest.approx(1 + math.tanh(0.4) / 2, abs=1e-12)


def test_features_are_computed_once_for_all_inner_steps() -> None:
    place, method = place_of()
    state, task = place.state(), place.task(0)
    passes: list[int] = []
    body = method.backbone

    class Counting(type(body)):  # type: ignore[misc]  # whatever network the world has
        def __call__(self, *arguments: object) -> Tensor:
            passes.append(1)
            return super().__call__(*arguments)

    method.backbone = Counting(body.config, body.input_shape)
    method.adapt(state, task.support, {}, steps=7)
    assert len(passes) == 1


def test_attention_adds_to_each_example_what_it_sees_of_all_of_them() -> None:
    """u + softmax(q k^T / sqrt L) v, row by row; nothing but the encoder knows of it after that."""
    place, method = place_of(attention=True)
    p, task = place.state().parameters, place.task(0)
    features = features_of(method, place.state(), task.support_x)
    u = dense(p, "encoder1", dense(p, "encoder0", features).relu())
    q, k, v = (u @ p[f"attention.{part}"].T for part in ("query", "key", "value"))
    seen = []
    for one in q:
        likeness = (k @ one / math.sqrt(5)).exp()
        seen.append((likeness.unsqueeze(1) * v).sum(0) / likeness.sum())
    means = class_means(u + torch.stack(seen), task.support)
    related = [
        dense(p, "relation1", dense(p, "relation0", torch.cat([a, b])).relu())
        for a in means
        for b in means
    ]
    expected = dense(p, "aggregate", torch.stack(related).mean(0)).relu()
    found = method.code(p, features, task.support)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_the_code_bends_features_by_a_half_at_most() -> None:
    """1 + 0.5 tanh g(c) times the features that the head sees, of support set and queries."""
    place, method = place_of(conditioning=True)
    state, task = place.state(), place.task(0)
    p = state.parameters
    features = features_of(method, state, task.support_x)
    code = method.code(p, features, task.support)
    factor = 1 + 0.5 * (p["condition.weight"] @ code + p["condition.bias"]).tanh()
    learner = method.adapt(state, task.support, {}, steps=0)
    torch.testing.assert_close(learner.weights(0)["condition.factor"], factor, rtol=0, atol=1e-12)
    at = learner.trace.parameters[0]
    hidden = (features * factor) @ at["hidden.weight"].T + at["hidden.bias"]
    scores = hidden.relu() @ at["head.weight"].T + at["head.bias"]
    loss = F.cross_entropy(scores, task.support_y)
    assert learner.support_losses[0] == pytest.approx(float(loss), abs=1e-12)


def test_rates_lie_in_the_range_that_was_set() -> None:
    """Half-way from 0.2 over a span of 0.6 is 0.5."""
    place, method = place_of(least_rate=0.2, rate_span=0.6)
    state = place.state()
    for name, tensor in state.parameters.items():
        if name.startswith("decoder"):
            tensor.zero_()
    _, (rates,) = generated(place, method, state)
    for rate in rates.values():
        torch.testing.assert_close(rate, torch.full_like(rate, 0.5), rtol=0, atol=1e-12)


def test_rates_are_generated_for_the_steps_of_training_however_many_evaluation_takes() -> None:
    place, method = place_of(step_rates=True, inner_steps=2, inner_steps_eval=5)
    _, rates = generated(place, method, place.state())
    assert len(rates) == 2
