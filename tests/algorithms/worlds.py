"""Small worlds in which an algorithm can be tried exactly: a spec, a backbone and tasks, in
float64.

`world` makes one for any registered name, `world_of` for a plug-in whose own parts a test looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch

from workbench.engine.mapping import fold
from workbench.interfaces import ALGORITHMS, BACKBONES, Algorithm, State
from workbench.schema.config import validate
from workbench.schema.experiment import NormConfig
from workbench.task import Kind, Task, TaskBatch, TaskSpec

IMAGE = (1, 8, 8)
CLASSES = 64  # of training, for methods that number them


AlgorithmT = TypeVar("AlgorithmT", bound=Algorithm)


@dataclass(frozen=True)
class World(Generic[AlgorithmT]):
    """An algorithm, and a way to draw tasks that it can solve."""

    algorithm: AlgorithmT
    kind: Kind
    n_way: int

    def state(self, seed: int = 0) -> State:
        """The untrained state in float64."""
        return double(self.algorithm.init(np.random.default_rng(seed)))

    def task(self, seed: int, k_shot: int = 2, queries: int = 3) -> Task[torch.Tensor]:
        """A task of easy classes (each image is its class's picture and noise), or of a line."""
        random = np.random.default_rng([7, seed])
        if self.kind == "regression":
            slope, points = random.uniform(-2, 2), random.uniform(-1, 1, (k_shot + queries, 1))
            x, y = torch.from_numpy(points), torch.from_numpy(slope * points)
            return Task(x[:k_shot], y[:k_shot], x[k_shot:], y[k_shot:], 0)
        pictures = random.uniform(0, 1, (self.n_way, *IMAGE))
        images = pictures[:, None] + random.normal(0, 0.1, (self.n_way, k_shot + queries, *IMAGE))
        classes = np.tile(np.arange(self.n_way)[:, None], (1, k_shot + queries))
        x, y = torch.from_numpy(images), torch.from_numpy(classes)
        numbers = (seed * self.n_way + torch.arange(self.n_way)) % CLASSES
        return Task(
            x[:, :k_shot].flatten(0, 1),
            y[:, :k_shot].flatten(),
            x[:, k_shot:].flatten(0, 1),
            y[:, k_shot:].flatten(),
            self.n_way,
            classes=numbers,
        )

    def noise(self, seed: int, task: Task[torch.Tensor], steps: int | None = None) -> Any:
        """What is random in one task."""
        sizes = len(task.support_x), len(task.query_x)
        return self.algorithm.task_noise(np.random.default_rng([9, seed]), *sizes, steps)

    def gradient(self, state: State, seed: int, k_shot: int = 2) -> Any:
        """The result of one training task."""
        task = self.task(seed, k_shot)
        noise = self.noise(seed, task, self.algorithm.training_steps())
        return self.algorithm.task_gradient(state, task, noise)

    def folded_gradients(self, state: State, seeds: Sequence[int]) -> Any:
        """The results of several training tasks without noise, all in one pass."""
        tasks = [self.task(seed) for seed in seeds]
        parts = ("support_x", "support_y", "query_x", "query_y")
        stacked = [torch.stack([getattr(task, part) for task in tasks]) for part in parts]
        return fold(self.algorithm, state, TaskBatch(*stacked, self.n_way), [{} for _ in tasks])


def world(name: str, kind: Kind = "classification", n_way: int = 3, **settings: Any) -> World[Any]:
    """A world for a registered algorithm."""
    return world_of(ALGORITHMS[name], kind, n_way, **settings)


def world_of(
    plugin: type[AlgorithmT], kind: Kind = "classification", n_way: int = 3, **settings: Any
) -> World[AlgorithmT]:
    """A world for a plug-in, with its own recommended normalisation."""
    name = next(name for name in ALGORITHMS if ALGORITHMS[name] is plugin)
    config = validate(ALGORITHMS.config(name), {"name": name, **settings})
    chosen = {key: plugin.recommended.get(f"norm.{key}", "support") for key in ("train", "eval")}
    norm = validate(NormConfig, chosen)
    if kind == "regression":
        spec, backbone_name, options = TaskSpec(kind, (1,), 1), "mlp", {"hidden": (8,)}
    else:
        spec, backbone_name, options = TaskSpec(kind, IMAGE, n_way, CLASSES), "conv4", {"width": 4}
    backbone_config = validate(BACKBONES.config(backbone_name), {"name": backbone_name, **options})
    backbone = BACKBONES[backbone_name](backbone_config, spec.input_shape)
    return World(plugin(config, backbone, spec, norm), kind, n_way)


def every_world() -> list[tuple[str, Kind]]:
    """Each algorithm with each kind of problem that it claims to solve."""
    return [(name, kind) for name in ALGORITHMS for kind in ALGORITHMS[name].traits.kinds]


def drawn(*shape: int) -> torch.Tensor:
    """Normal numbers, the same for the same shape."""
    random = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=random, dtype=torch.float64)


def double(state: State) -> State:
    """The same state in float64."""
    return State(
        {name: tensor.double() for name, tensor in state.parameters.items()},
        {name: tensor.double() for name, tensor in state.buffers.items()},
    )
