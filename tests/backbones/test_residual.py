"""ResNet-12 and ResNet-18: their sizes, torchvision's answers, and training with methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

from tests.algorithms.worlds import IMAGE, World, double, world
from workbench.errors import ConfigError
from workbench.functional.normalisation import EPSILON, Fixed, Own
from workbench.interfaces import BACKBONES, Backbone
from workbench.schema.config import validate
from workbench.services.experiment import resolve

SMALL = {"resnet12": {"width": 2}, "resnet18": {"width": 2}}
each_network = pytest.mark.parametrize("network", list(SMALL))


def body(name: str, shape: tuple[int, ...] = IMAGE, **settings: Any) -> Backbone:
    config = validate(BACKBONES.config(name), {"name": name, **SMALL.get(name, {}), **settings})
    return BACKBONES[name](config, shape)


def small_world(method: str, network: str, **settings: Any) -> World:
    place = world(method, **settings)
    place.algorithm.backbone = body(network)
    return place


def first_weights(network: Backbone, seed: int = 0) -> dict[str, torch.Tensor]:
    return {k: v.double() for k, v in network.init(np.random.default_rng(seed)).items()}


@each_network
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 84, 84), (1, 8, 8), (1, 20, 33)])
def test_features_and_maps_are_as_large_as_promised(
    network: str, shape: tuple[int, int, int]
) -> None:
    found = body(network, shape)
    parameters = first_weights(found)
    images = torch.rand(2, *shape, dtype=torch.float64)
    with torch.no_grad():
        assert found(parameters, images, Own()).shape == (2, found.features)
        assert found.maps(parameters, images, Own()).shape == (2, *found.map_shape)
        seen = Own(record=True)
        found(parameters, images, seen)
    assert tuple(len(mean) for mean, _ in seen.statistics) == found.norm_layers


def test_resnet12_has_the_widths_of_both_papers() -> None:
    """Oreshkin et al.: 64-128-256-512; Lee et al.: 64-160-320-640, whose 84x84 images leave 5x5
    places, 16,000 features."""
    images = (3, 84, 84)
    assert body("resnet12", images, width=64).features == 512
    lee = body("resnet12", images, width=64, growth="wide", average=False)
    assert (lee.features, lee.map_shape) == (16_000, (640, 5, 5))
    assert lee.norm_layers == (64,) * 4 + (160,) * 4 + (320,) * 4 + (640,) * 4


def test_resnet12_without_averaging_keeps_each_place() -> None:
    images = torch.rand(2, 1, 84, 84, dtype=torch.float64)
    found = body("resnet12", (1, 84, 84), average=False)
    parameters = first_weights(found)
    maps = found.maps(parameters, images, Own())
    assert torch.equal(found(parameters, images, Own()), maps.flatten(1))
    averaged = body("resnet12", (1, 84, 84))
    assert torch.allclose(averaged(parameters, images, Own()), maps.mean((2, 3)), atol=1e-12)


def test_a_block_of_resnet12_is_three_convolutions_and_a_way_round_them() -> None:
    """By hand with torch's modules, the first block of two filters on 4x4 images."""
    found = body("resnet12", (1, 4, 4))
    p = first_weights(found)
    x = torch.rand(3, 1, 4, 4, dtype=torch.float64)

    def norm(z: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.batch_norm(z, None, None, training=True, eps=EPSILON)

    h = x
    for layer in range(3):
        h = norm(torch.conv2d(h, p[f"block0.conv{layer}.weight"], padding=1))
        h = torch.nn.functional.leaky_relu(h, 0.1) if layer < 2 else h
    h = h + norm(torch.conv2d(x, p["block0.short.weight"]))
    expected = torch.nn.functional.max_pool2d(torch.nn.functional.leaky_relu(h, 0.1), 2)
    found.widths = found.widths[:1]
    assert torch.allclose(found.maps(p, x, Own()), expected, rtol=0, atol=1e-12)


# ------------------------------------------------------------------------------ torchvision's own


@pytest.fixture(scope="module")
def original() -> torch.nn.Module:
    """Torchvision's network in float64 with statistics and gains that are not 0 and 1."""
    random = torch.Generator().manual_seed(0)
    network = torchvision.models.resnet18(weights=None)
    for name, tensor in network.state_dict().items():
        if "running_var" in name or (tensor.dim() == 1 and name.endswith("weight")):
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=random))
        elif tensor.is_floating_point() and tensor.dim() == 1:
            tensor.copy_(0.1 * torch.randn(tensor.shape, generator=random))
        elif tensor.is_floating_point():
            scale = (2 / tensor[0].numel()) ** 0.5
            tensor.copy_(scale * torch.randn(tensor.shape, generator=random))
    network.fc = torch.nn.Identity()
    return network.double().eval()


@pytest.mark.parametrize("frozen", [True, False])
def test_resnet18_answers_as_torchvision_s_in_float64(
    original: torch.nn.Module, frozen: bool
) -> None:
    """Grey images are repeated and normalised as ImageNet's before they meet torchvision's."""
    found = body("resnet18", (1, 64, 64), width=64, weights="as given", frozen_statistics=frozen)
    state = original.state_dict()
    x = torch.rand(2, 1, 64, 64, dtype=torch.float64)
    colour = torchvision.transforms.functional.normalize(
        x.repeat(1, 3, 1, 1), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    )
    running = [
        (state[f"{layer.norm}.running_mean"], state[f"{layer.norm}.running_var"])
        for layer in found._layers()  # type: ignore[attr-defined]
    ]
    # Frozen, the network asks nobody for statistics: these would be far off.
    normaliser = Own() if frozen else Fixed(running)
    parameters = found.from_torchvision(state, "f")  # type: ignore[attr-defined]
    with torch.no_grad():
        expected = original(colour)
        answers = found(parameters, x, normaliser)
    assert found.norm_layers == (() if frozen else tuple(len(mean) for mean, _ in running))
    assert float(expected.abs().max()) > 0.1
    assert torch.allclose(answers, expected, rtol=0, atol=1e-10)


def test_a_file_of_torchvision_s_weights_is_where_training_begins(
    original: torch.nn.Module, tmp_path: Path
) -> None:
    path = tmp_path / "weights.pth"
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), path)
    config = resolve({"backbone": "resnet18", "backbone.weights": str(path)})
    found = BACKBONES["resnet18"](config.backbone, (1, 28, 28))
    one, other = (found.init(np.random.default_rng(seed)) for seed in (0, 1))
    assert one.keys() == other.keys() == _named(original)
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert {tensor.dtype for tensor in one.values()} == {torch.float32}


def _named(original: torch.nn.Module) -> set[str]:
    """What torchvision calls its parameters, but for those of the layer behind the features."""
    return {name for name, _ in original.named_parameters()}


def test_a_file_that_does_not_fit_says_where(tmp_path: Path) -> None:
    def message(content: object) -> str:
        path = tmp_path / "w.pth"
        torch.save(content, path)
        with pytest.raises(ConfigError) as caught:
            body("resnet18", width=64, weights=str(path)).init(np.random.default_rng(0))
        (problem,) = caught.value.problems
        assert problem.path == "backbone.weights"
        assert problem.hint
        return problem.message

    state = torchvision.models.resnet18(weights=None).state_dict()
    short = {name: tensor for name, tensor in state.items() if name != "layer2.0.conv1.weight"}
    fits = "w.pth does not fit ResNet-18"
    assert message(short) == f"{fits}: it has no layer2.0.conv1.weight."
    wide = {**state, "conv1.weight": torch.zeros(64, 3, 3, 3)}
    assert message(wide) == f"{fits}: its conv1.weight is 64×3×3×3, not 64×3×7×7."
    assert message([1, 2]) == "w.pth holds no tensors by name."


@pytest.mark.filterwarnings("ignore:Detected pickle protocol:UserWarning")  # torch's, of \x80
@pytest.mark.parametrize("first", [b"n", b"a", b"b", b"h", b"t", b"J", b"G", b"\x80", b"\xff"])
def test_a_file_that_is_no_weights_says_so(tmp_path: Path, first: bytes) -> None:
    """The first byte is a command to torch's reader, which fails each in a way of its own."""
    path = tmp_path / "w.pth"
    path.write_bytes(first)
    with pytest.raises(ConfigError, match=r"w\.pth cannot be read as weights: "):
        body("resnet18", weights=str(path)).init(np.random.default_rng(0))


def test_resnet18_refuses_images_of_other_channels() -> None:
    with pytest.raises(ConfigError, match="these images have 2 channels"):
        body("resnet18", (2, 28, 28))


# ------------------------------------------------------------------------------------- with methods


@each_network
@pytest.mark.parametrize("method", ["maml", "maml_plus_plus", "reptile", "protonet", "relationnet"])
def test_every_weight_learns(network: str, method: str) -> None:
    place = small_world(method, network)
    state = place.state()
    results = [place.gradient(state, seed) for seed in range(3)]
    mean = place.algorithm.combine(state, results, [1.0] * 3).gradient
    assert mean.keys() == state.parameters.keys()
    assert [key for key, tensor in mean.items() if not bool(tensor.any())] == []


@each_network
def test_folded_tasks_give_the_gradient_of_the_plain_loop(network: str) -> None:
    # Steps that are small beside two filters: larger ones magnify the last digits.
    place = small_world("maml", network, inner_steps=2, inner_lr=0.001)
    state, seeds = place.state(), range(2)
    loop = [place.gradient(state, seed) for seed in seeds]
    for one, other in zip(place.folded_gradients(state, seeds), loop, strict=True):
        for key, gradient in other.gradient.items():
            error = (one.gradient[key] - gradient).abs().max()
            assert float(error) < 1e-9 * float(gradient.abs().max()), key


@each_network
@pytest.mark.parametrize("form", ["consistent", "learned"])
def test_meta_dropout_disturbs_each_block_in_training_alone(network: str, form: str) -> None:
    found = body(network, dropout={"name": form})
    place = world("maml", inner_steps=1)
    place.algorithm.backbone = found
    state, task = double(place.algorithm.init(np.random.default_rng(0))), place.task(0)
    noises = [found.noise(np.random.default_rng(seed)) for seed in range(2)]
    losses = [
        place.algorithm.on_task(noise).task_gradient(state, task, noise).loss for noise in noises
    ]
    assert losses[0] != losses[1]
    again = [place.algorithm.task_gradient(state, task, {}).loss for _ in noises]
    assert again[0] == again[1]
    assert again[0] not in losses


def test_a_frozen_body_with_its_own_statistics_trains_a_head(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), path)
    place = world("anil", freeze_body=True, inner_steps=2)
    place.algorithm.backbone = body("resnet18", width=64, weights=str(path))
    state, task = place.state(), place.task(0)
    assert set(state.parameters) == {"head.weight", "head.bias"}
    before = place.gradient(state, 0)
    assert bool(before.gradient["head.weight"].any())
    with torch.no_grad():
        learner = place.algorithm.adapt(state, task.support, {})
        modes = [learner.scores(task.query_x, norm=mode) for mode in ("support", "query_batch")]
    assert torch.allclose(*modes, rtol=0, atol=1e-10)  # nothing is normalised by the task
