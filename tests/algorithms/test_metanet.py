"""MetaNet's gradients, memory and augmented layers against hand-worked ones, in float64."""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F

from tests.algorithms.worlds import World, world
from workbench.algorithms.metanet import FastLearner, MetaNet, embedding
from workbench.functional.meta import augmented, each_gradient, each_linear, flat, unflat
from workbench.functional.normalisation import Own
from workbench.interfaces import State


def learner(place: World[MetaNet], state: State, seed: int = 0) -> FastLearner:
    task = place.task(seed)
    return place.algorithm.adapt(state, task.support, place.noise(0, task))


def test_each_example_has_the_gradient_of_its_own_loss() -> None:
    """Cross-entropy of scores W x has the gradient (softmax - one hot) x^T."""
    random = torch.Generator().manual_seed(0)
    weight = torch.randn(3, 4, generator=random, dtype=torch.float64)
    x = torch.randn(5, 4, generator=random, dtype=torch.float64)
    y = torch.tensor([0, 1, 2, 1, 0])

    def loss(own: dict[str, torch.Tensor], features: torch.Tensor) -> torch.Tensor:
        scores = each_linear(features, own["w"], features.new_zeros(5, 3))
        return F.cross_entropy(scores, y, reduction="sum")

    found = each_gradient(loss, {"w": weight}, x).view(5, 3, 4)
    error = (x @ weight.T).softmax(1) - F.one_hot(y, 3)
    torch.testing.assert_close(found, error[:, :, None] * x[:, None], rtol=0, atol=1e-12)


def test_layer_augmentation_adds_the_bends_of_slow_and_fast() -> None:
    """x = (1, 2): slow (1, -1) x = -1, cut to 0; fast (3, 1) x + 0.5 = 5.5."""
    x = torch.tensor([[1.0, 2.0]])
    slow = torch.tensor([[1.0, -1.0]]), torch.zeros(1)
    fast = torch.tensor([[[3.0, 1.0]]]), torch.tensor([[0.5]])
    assert augmented(x, slow, fast).tolist() == [[5.5]]
    assert augmented(x, (-slow[0], slow[1]), fast).tolist() == [[6.5]]


def test_weights_survive_being_laid_in_a_row() -> None:
    tensors = {"a": torch.arange(6.0).view(2, 3), "b": torch.tensor([7.0])}
    back = unflat(flat(tensors).expand(4, 7), tensors)
    assert all(torch.equal(back[name][2], tensors[name]) for name in tensors)


def test_fast_weights_follow_the_labels_through_the_gradients_alone() -> None:
    """Other labels, other gradients, other fast weights; the features are the same."""
    place = world("metanet")
    state, task = place.state(), place.task(0)
    renamed = replace(task, support_y=(task.support_y + 1) % 3)
    noise = place.noise(0, task)
    one, other = (place.algorithm.adapt(state, each.support, noise) for each in (task, renamed))
    assert ((one.values - other.values).abs().amax(1) > 1e-6).all()
    assert not torch.equal(one.fast_key["key.weight"], other.fast_key["key.weight"])


def test_a_quiet_generator_leaves_the_slow_weights_alone() -> None:
    """With fast weights of zero the answer is that of the slow network."""
    place = world("metanet")
    state, task = place.state(), place.task(0)
    still = {"m.last.weight": torch.zeros_like(state.parameters["m.last.weight"])}
    at = State(state.parameters | still)
    found = learner(place, at)
    features = found.features(task.query_x, "support")
    slow = at.parameters
    hidden = F.linear(features, slow["base.hidden.weight"], slow["base.hidden.bias"]).relu()
    expected = F.linear(hidden, slow["base.output.weight"], slow["base.output.bias"])
    torch.testing.assert_close(found.scores(task.query_x), expected, rtol=0, atol=1e-12)
    awake = learner(place, state).scores(task.query_x)
    assert not torch.allclose(awake, expected, rtol=0, atol=1e-6)


def test_attention_sums_to_one_and_is_largest_for_the_example_itself() -> None:
    place = world("metanet")
    found = learner(place, place.state())
    features = place.algorithm.backbone(found.parameters, found.support.x, Own())
    attention = found.attention(features)
    torch.testing.assert_close(attention.sum(1), torch.ones(6).double(), rtol=0, atol=1e-12)
    assert attention.argmax(1).tolist() == list(range(6))


def test_cosines_begin_ten_times_as_sharp() -> None:
    place = world("metanet")
    found = learner(place, place.state())
    features = found.features(place.task(1).query_x, "support")
    asked = embedding(found.parameters, found.fast_key, features)
    cosines = F.cosine_similarity(asked.unsqueeze(1), found.keys, dim=-1)
    expected = (10 * cosines).softmax(1)
    torch.testing.assert_close(found.attention(features), expected, rtol=1e-6, atol=0)


def test_gradients_of_at_most_the_chosen_samples_are_read() -> None:
    place = world("metanet", samples=4)
    assert place.noise(0, place.task(0))["order"].shape == (4,)
