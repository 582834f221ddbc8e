"""LEO against its equations, in float64; numbers in parentheses are those of the plug-in's file.

Of scores f W^T with features f (S, D), weights W (N, D) and cross-entropy averaged over S, with
P (S, N) the answers less the one-hot truth,

    grad_W L = P^T f / S                     a step (5) on the weights
    grad_z L = grad_W L  d                   a step (4), where W = z d^T, d (D, L) the decoder's
                                             rows for the means

The gradient of (6) is held against central differences of (6) itself, which know nothing of graphs:
they agree only if gradients pass through the latent steps, the samples, the relation network and
the encoder. The encoder penalty is left out there, because (6) takes z' for a constant; its own
gradient, 2 (z - z') / (N L) dz, is derived by itself.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.algorithms.worlds import World, world_of
from workbench.algorithms.leo import Adaptation, Leo
from workbench.functional.gaussian import Gaussian
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Own
from workbench.interfaces import State

OWN = ("encoder", "relation", "decoder", "rate")
FREE = {"kl_weight": 0.0, "encoder_weight": 0.0, "orthogonality_weight": 0.0}


def leo(**settings: object) -> tuple[World[Leo], Leo]:
    """LEO in a small world, with few latents."""
    place = world_of(Leo, **{"latents": 3, **settings})
    return place, place.algorithm


def features_of(method: Leo, state: State, x: Tensor) -> Tensor:
    """(B, D) features of length one, each batch normalised by itself."""
    features = method.backbone(state.parameters, x, Own())
    return features / features.square().sum(1, keepdim=True).sqrt().clamp(min=1e-12)


def test_the_query_loss_alone_teaches_every_part_of_leo() -> None:
    place, _ = leo(**FREE)
    gradient = place.gradient(place.state(), 0, k_shot=5).gradient
    silent = [name for name, tensor in gradient.items() if not tensor.abs().max() > 1e-9]
    assert silent == []
    assert {name.split(".")[0].rstrip("012") for name in gradient} >= set(OWN)


def along(second_order: bool) -> tuple[float, float]:
    """Slope of (6) along one direction of LEO's own parameters: from its gradient, and from the
    difference of its values 1e-5 to either side."""
    place, method = leo(
        encoder_weight=0.0, kl_weight=0.5, finetune_lr=0.1, second_order=second_order
    )
    state, task = place.state(), place.task(0)
    noise = place.noise(0, task)
    random = torch.Generator().manual_seed(1)
    direction = {
        name: torch.randn(tensor.shape, generator=random, dtype=tensor.dtype)
        for name, tensor in state.parameters.items()
        if name.startswith(OWN)
    }

    def objective(distance: float) -> float:
        moved = {
            name: tensor + distance * direction[name] if name in direction else tensor
            for name, tensor in state.parameters.items()
        }
        with torch.no_grad():
            adaptation = method.adaptation(moved, task.support, noise, 10)
            loss = task_loss(adaptation.learner.scores(task.query_x), task.query_y)
            return float(loss + method.penalties(moved, adaptation))

    gradient = method.task_gradient(state, task, noise).gradient
    slope = sum(float((gradient[name] * direction[name]).sum()) for name in direction)
    return slope, (objective(1e-5) - objective(-1e-5)) / 2e-5


def test_the_gradient_passes_through_steps_samples_relations_and_encoder() -> None:
    slope, difference = along(second_order=True)
    assert slope == pytest.approx(difference, rel=1e-6)


def test_without_the_second_order_that_gradient_is_another() -> None:
    slope, difference = along(second_order=False)
    assert slope != pytest.approx(difference, rel=1e-3)


def test_a_class_code_is_the_mean_over_all_pairs_that_begin_with_the_class() -> None:
    place, method = leo(latent_spread=0.2)
    state, task = place.state(), place.task(0)
    uneven = replace(task.support, y=torch.tensor([0, 0, 0, 1, 2, 2]))
    features = features_of(method, state, uneven.x)
    codes = method.codes(state.parameters, features, uneven)
    encoded = features @ state.parameters["encoder.weight"].T
    for n, members in enumerate([[0, 1, 2], [3], [4, 5]]):
        related = []
        for i in members:
            for j in range(6):
                hidden = torch.cat([encoded[i], encoded[j]])
                hidden = (state.parameters["relation0.weight"] @ hidden).relu()
                hidden = (state.parameters["relation1.weight"] @ hidden).relu()
                related.append(state.parameters["relation2.weight"] @ hidden)
        mean, logarithm = torch.stack(related).mean(0).chunk(2)
        torch.testing.assert_close(codes.mean[n], mean, rtol=0, atol=1e-12)
        torch.testing.assert_close(codes.deviation[n], 0.2 * logarithm.exp(), rtol=0, atol=1e-12)


def test_latents_step_first_and_weights_last_as_by_hand() -> None:
    place, method = leo(inner_lr=0.5, finetune_lr=0.25, inner_steps=2, finetune_steps=1)
    state, task = place.state(), place.task(0)
    features = features_of(method, state, task.support_x)
    truth = F.one_hot(task.support_y, 3).double()
    rows = state.parameters["decoder.weight"][: method.backbone.features]  # (D, L)

    def slope(weights: Tensor) -> Tensor:
        return ((features @ weights.T).softmax(-1) - truth).T @ features / len(features)

    z = method.codes(state.parameters, features, task.support).mean
    first = z @ rows.T
    second = (z - 0.5 * slope(first) @ rows) @ rows.T
    third = second - 0.25 * slope(second)
    learner = method.adapt(state, task.support, {}, steps=2)
    found = [at["weights"] for at in learner.trace.parameters]
    torch.testing.assert_close(found, [first, second, third], rtol=0, atol=1e-12)
    assert learner.support_losses[0] == pytest.approx(
        float(F.cross_entropy(features @ first.T, task.support_y)), abs=1e-12
    )


def test_the_encoder_penalty_draws_the_codes_to_where_the_steps_went() -> None:
    weight = 0.5
    place, method = leo(encoder_weight=weight, **{k: v for k, v in FREE.items() if "enc" not in k})
    without, _ = leo(**FREE)
    state, task = place.state(), place.task(0)
    gradients = [one.gradient(state, 0).gradient["encoder.weight"] for one in (place, without)]

    noise = place.noise(0, task)
    encoder = state.parameters["encoder.weight"].clone().requires_grad_()
    features = features_of(method, state, task.support_x)
    codes = method.codes(state.parameters | {"encoder.weight": encoder}, features, task.support)
    before = codes.at(noise["latents"][:3].double())
    after = method.adaptation(state.parameters, task.support, noise, 10).after
    pull = weight * 2 * (before - after).detach() / before.numel()
    expected = torch.autograd.grad((before * pull).sum(), encoder)[0]
    assert expected.abs().max() > 1e-6
    torch.testing.assert_close(gradients[0] - gradients[1], expected, rtol=0, atol=1e-12)


def test_training_samples_and_evaluation_takes_means() -> None:
    place, method = leo()
    state, task = place.state(), place.task(0)
    noises = [place.noise(seed, task) for seed in (0, 1)]
    losses = {method.task_gradient(state, task, noise).loss for noise in noises}
    assert len(losses) == 2
    answers = [method.adapt(state, task.support, n).scores(task.query_x) for n in (*noises, {})]
    assert torch.equal(answers[0], answers[1])
    assert torch.equal(answers[0], answers[2])


def test_latents_and_weights_have_noise_of_their_own() -> None:
    place, method = leo(latent_spread=0.5, inner_steps=1, finetune_steps=0)
    state, task = place.state(), place.task(0)
    noise = place.noise(0, task)
    sampled = method.adaptation(state.parameters, task.support, noise, 0)
    z = sampled.codes.mean + sampled.codes.deviation * noise["latents"][:3]
    torch.testing.assert_close(sampled.before, z, rtol=0, atol=1e-12)
    decoded = method.decode(state.parameters, z)
    weights = decoded.mean + decoded.deviation * noise["weights"][:3]
    found = sampled.learner.trace.parameters[0]["weights"]
    torch.testing.assert_close(found, weights, rtol=0, atol=1e-12)
    assert float(decoded.deviation.min()) > 0.01


@pytest.mark.parametrize(("steps", "on_latents"), [(3, 3), (6, 4), (9, 4)])
def test_steps_beyond_training_move_the_weights(steps: int, on_latents: int) -> None:
    place, method = leo(inner_steps=6, finetune_steps=2)
    adaptation = method.adaptation(place.state().parameters, place.task(0).support, {}, steps)
    assert adaptation.learner.steps == steps
    decoded = [
        torch.equal(
            at["weights"],
            method.decode(place.state().parameters, adaptation.after).mean,
        )
        for at in adaptation.learner.trace.parameters
    ]
    assert decoded.index(True) == on_latents


def test_without_steps_on_weights_there_is_no_rate_for_them() -> None:
    place, method = leo(finetune_steps=0)
    assert "rate.weights" not in place.state().parameters
    assert method.adapt(place.state(), place.task(0).support, {}, steps=12).steps == 12


def test_the_learned_rates_can_be_looked_at_by_what_they_move() -> None:
    place, method = leo(inner_lr=0.7, finetune_lr=0.3)
    rates = method.inner_rates(place.state())
    assert {name: float(rate) for name, rate in rates.items()} == pytest.approx(
        {"latents": 0.7, "weights": 0.3}
    )


def test_each_penalty_counts_as_often_as_its_weight_says() -> None:
    """KL of N(1, 2²) and N(0, 1) beside N(0, 1): (2 - ln 2) / 2 in the mean. The latents (1, 0)
    went to (0, 0): 1/2. Columns (1, 0) and (3, 3) are penalised by 1/4."""
    _, method = leo(kl_weight=2.0, encoder_weight=3.0, orthogonality_weight=5.0)
    codes = Gaussian(torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 1.0]]))
    moved = Adaptation(codes, torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2), learner=None)
    decoder = {"decoder.weight": torch.tensor([[1.0, 3.0], [0.0, 3.0]])}
    expected = 2 * (2 - math.log(2)) / 2 + 3 / 2 + 5 / 4
    assert float(method.penalties(decoder, moved)) == pytest.approx(expected)


def test_a_decoder_that_says_nothing_spreads_the_weights_as_glorot_does() -> None:
    """sqrt(2 / (D + N)), with D = 4 features and N = 5 classes: sqrt(2 / 9)."""
    _, method = leo()
    silent = {"decoder.weight": torch.zeros(8, 3, dtype=torch.float64)}
    found = method.decode(silent, torch.ones(5, 3, dtype=torch.float64)).deviation
    torch.testing.assert_close(found, torch.full_like(found, math.sqrt(2 / 9)), rtol=0, atol=1e-12)


def test_weights_are_spread_at_most_e_squared_times_as_wide_as_at_first() -> None:
    """By 2 tanh(x / 2) in place of x, so that no latents widen them without end: first, near zero,
    at one, and far away."""
    _, method = leo()
    decoder = torch.zeros(8, 3, dtype=torch.float64)
    decoder[4:, 0] = 1.0
    for x, logarithm in ((0.0, 0.0), (1e-4, 1e-4), (1.0, 2 * math.tanh(0.5)), (1e6, 2.0)):
        latents = torch.tensor([[x, 0.0, 0.0]] * 5, dtype=torch.float64)
        found = method.decode({"decoder.weight": decoder}, latents).deviation
        expected = math.sqrt(2 / 9) * math.exp(logarithm)
        assert float(found.mean()) == pytest.approx(expected, rel=1e-12 if x != 1e-4 else 1e-8)


def test_where_more_steps_are_for_the_weights_than_there_are_all_of_them_are() -> None:
    place, method = leo(inner_steps=2, finetune_steps=5)
    adaptation = method.adaptation(place.state().parameters, place.task(0).support, {}, 2)
    assert adaptation.learner.steps == 2
    assert torch.equal(adaptation.before, adaptation.after)
