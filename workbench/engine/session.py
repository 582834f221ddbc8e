"""A session is an experiment made real: data, network, algorithm and device, joined from a
validated config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine import device as devices
from workbench.engine.augment import HALVES, NONE, disturbances, disturbed
from workbench.engine.episodes import (
    QUARTER_TURNS,
    ImagePool,
    Split,
    TaskShape,
    grid_functions,
    labels,
    points_of,
    split_indices,
    task_shape,
)
from workbench.engine.gather import Pictures
from workbench.engine.seeding import Stream, generator
from workbench.errors import ConfigError
from workbench.functional.priorities import Drawn, Table
from workbench.functional.tasks import TaskThreads
from workbench.interfaces import ALGORITHMS, BACKBONES, Noise, State
from workbench.selection import selected
from workbench.sources import DATASETS, SAMPLERS, FunctionData, ImageData, Progress
from workbench.task import TaskBatch, TaskSpec

Data = ImageData | FunctionData


class Session:
    """Everything a run needs in memory.

    Args:
        config: a validated experiment; see `workbench.schema.experiment`.
        data: from `load_data`, or a person's own.
        threads: processor threads; 0 is as the config says.

    Raises:
        ConfigError: when the data cannot make such tasks, or the device is not there.
    """

    def __init__(self, config: Any, data: Data, *, threads: int = 0) -> None:
        self.config = config
        self.data = data = selected(data, config.classes.hidden, config.classes.renamed)
        self.device = devices.resolve(config.device)
        self.threads = threads or config.training.threads or devices.cores()
        self.sampler = SAMPLERS[config.sampler.name](config.sampler)
        settings = {
            f"{section}.{name}": getattr(getattr(config, section), name, None)
            for section in ("task", "training")
            for name in ("n_way", "k_shot", "queries", "least_ways", "least_shots")
        }
        self.evaluation_shape = task_shape(settings, training=False)
        self.training_shape = task_shape(settings, training=True)
        spec = task_spec(data, self.evaluation_shape)
        backbone = BACKBONES[config.backbone.name](config.backbone, spec.input_shape)
        self.spec = spec
        self.algorithm = ALGORITHMS[config.algorithm.name](
            config.algorithm, backbone, spec, config.norm
        )
        self._check_ways()
        self._pools = self._make_pools()
        self._stock: Pictures | None = None  # filled when first asked

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of the data, or is worth knowing of them, as sentences."""
        return self.data.notes if isinstance(self.data, ImageData) else ()

    def initial_state(self) -> State:
        """The untrained state, the same for the same seed."""
        state = self.algorithm.init(generator(self.config.training.seed, "init"))
        return move(state, self.device)

    def tasks(self, split: Split, step: int, count: int) -> TaskBatch[Tensor]:
        """The tasks of one step, all equally likely, or the test's own grid: always the same for
        the same split, step and seed."""
        return self.draw(split, step, count)[0]

    def draw(
        self, split: Split, step: int, count: int, table: Table | None = None
    ) -> tuple[TaskBatch[Tensor], Drawn[Any]]:
        """The tasks of one step, and how they were chosen: always the same for the same table,
        split, step and seed."""
        training = split == "train"
        seed = self.config.training.seed if training else self.config.evaluation.seed
        shape = self.training_shape if training else self.evaluation_shape
        random, progress = generator(seed, split, step), self.progress(step)
        if isinstance(self.data, ImageData):
            pool, shape = self._pools[split], shape.of_step(random)
            chosen = self.sampler.classes(random, pool.groups, count, shape.n_way, table, progress)
            batch = self._image_batch(pool.images_of(random, chosen.tasks, shape), shape)
            if training:
                batch = self._disturbed(replace(batch, classes=self.tensor(chosen.tasks)), step)
            return batch, chosen
        drawn = grid_functions(self.data, split, step, count) or self.sampler.parameters(
            random, self.data, count, table, progress
        )
        points = points_of(random, self.data, drawn.tasks, shape, split)
        return self._function_batch(points), drawn

    def first_table(self) -> Table | None:
        """What the sampler begins with; None where it learns nothing from losses."""
        if isinstance(self.data, ImageData):
            return self.sampler.start(len(self._pools["train"].classes), 0)
        return self.sampler.start(0, len(self.data.parameter_ranges))

    def progress(self, step: int) -> float:
        """How far a run is when it draws the tasks of a step: 0 at its first, 1 at its last."""
        last = int(self.config.training.steps) - 1
        return min(1.0, step / last) if last else 0.0

    def noise(
        self, stream: Stream, step: int, batch: TaskBatch[Tensor], steps: int | None
    ) -> list[Noise]:
        """What is random in each task of a batch, drawn before they are mapped."""
        sizes = batch.support_x.shape[1], batch.query_x.shape[1]
        done = torch.tensor(step / self.config.training.steps, device=self.device)
        drawn: list[Noise] = []
        for task in range(len(batch)):
            noise = self.task_noise(stream, step, task, sizes, steps)
            if not noise:  # then nothing is random in any of them
                drawn = [{}] * len(batch)
                break
            drawn.append(noise)
        if stream != "train":
            return drawn
        network = (self._network_noise(step, task) for task in range(len(batch)))
        return [
            {**noise, **own, "progress": done} for noise, own in zip(drawn, network, strict=True)
        ]

    def task_noise(
        self, stream: Stream, step: int, task: int, sizes: tuple[int, int], steps: int | None
    ) -> Noise:
        """What is random in one task, of so many support and query examples."""
        # Validation noise must not depend on how many tasks a training step has: its own stream,
        # its own steps.
        own: Stream = "noise" if stream == "train" else stream
        random = generator(self.config.training.seed, own, step, task)
        noise = self.algorithm.task_noise(random, *sizes, steps)
        return {name: tensor.to(self.device) for name, tensor in noise.items()}

    def _network_noise(self, step: int, task: int) -> Noise:
        random = generator(self.config.training.seed, "dropout", step, task)
        drawn = self.algorithm.backbone.noise(random)
        return {name: tensor.to(self.device) for name, tensor in drawn.items()}

    def task_threads(self) -> TaskThreads:
        """Threads for the map over tasks: several on a processor where a task is worth one."""
        useful = self.device.type == "cpu" and self.algorithm.backbone.worth_a_thread
        return TaskThreads(self.threads if useful else 1)

    def has_split(self, split: Split) -> bool:
        """Whether there are classes to draw from; a family of functions always has them."""
        return not isinstance(self.data, ImageData) or split in self._pools

    def _make_pools(self) -> dict[Split, ImagePool]:
        if not isinstance(self.data, ImageData):
            return {}
        # A shape of training's own is mended in its own section.
        section = "task" if self.training_shape == self.evaluation_shape else "training"
        shapes: Sequence[tuple[Split, TaskShape, str]] = (
            ("train", self.training_shape, section),
            ("validation", self.evaluation_shape, "task"),
            ("test", self.evaluation_shape, "task"),
        )
        pools = {
            split: ImagePool(self.data, split, shape, section)
            for split, shape, section in shapes
            if self.data.splits.get(split)
        }
        for split, shape, _ in shapes:
            if split in pools:
                pools[split].check_sampler(self.sampler, shape)
        return pools

    def _check_ways(self) -> None:
        ways, trained = self.evaluation_shape.n_way, self.training_shape.n_way
        if (
            self.spec.kind == "classification"
            and ways != trained
            and not self.algorithm.traits.any_way
        ):
            raise ConfigError.of(
                "training.n_way",
                f"{self.algorithm.title} has one output per class: it cannot train with "
                f"{trained} ways and be tested with {ways}.",
                "Leave the ways in training empty, or choose a metric-based method.",
                ways,
            )

    def _function_batch(self, batch: TaskBatch[NDArray[np.float64]]) -> TaskBatch[Tensor]:
        parts = (batch.support_x, batch.support_y, batch.query_x, batch.query_y)
        support_x, support_y, query_x, query_y = (self.tensor(p.astype(np.float32)) for p in parts)
        return TaskBatch(support_x, support_y, query_x, query_y, n_way=0)

    def _image_batch(self, indices: Any, shape: TaskShape) -> TaskBatch[Tensor]:
        support, query = split_indices(indices, shape)
        support_y, query_y = labels(len(indices), shape)
        return TaskBatch(
            self.pictures(support),
            self.tensor(support_y),
            self.pictures(query),
            self.tensor(query_y),
            n_way=shape.n_way,
        )

    def _disturbed(self, batch: TaskBatch[Tensor], step: int) -> TaskBatch[Tensor]:
        """Images of training, each half disturbed as the settings say."""
        settings = self.config.augment.model_dump()
        if all(settings[half] == NONE for half in HALVES):
            return batch
        halves = []
        for place, half in enumerate(HALVES):
            images = getattr(batch, f"{half}_x")
            random = generator(self.config.training.seed, "augment", step, place)
            found = disturbances(settings, half, random, *images.shape[:2])
            halves.append(disturbed(images, found))
        return replace(batch, support_x=halves[0], query_x=halves[1])

    def pictures(self, numbers: Any) -> Tensor:
        """Images (*numbers.shape, C, H, W) as the network sees them, of image numbers."""
        if self._stock is None:
            data = cast(ImageData, self.data)
            turned = data.rotations or data.rotations_held_out
            self._stock = Pictures(data.bank.images, turned, self.device)
        return to_float(self._stock(numbers))

    def tensor(self, values: Any) -> Tensor:
        """An array on the session's device."""
        return torch.from_numpy(values).to(self.device)


def load_data(config: Any, cache: Path, progress: Progress) -> Data:
    """Make the data set of a config ready.

    Raises:
        DataError, Cancelled: as `Dataset.load`.
    """
    return DATASETS[config.dataset.name](config.dataset).load(cache, progress)


def task_spec(data: Data, shape: TaskShape) -> TaskSpec:
    """What a model of this data must answer."""
    if isinstance(data, ImageData):
        classes = len(data.splits.get("train", ())) * (QUARTER_TURNS if data.rotations else 1)
        input_shape = tuple(data.bank.images.shape[1:])
        return TaskSpec("classification", input_shape, shape.n_way, classes)
    return TaskSpec("regression", (1,), 1)


def to_float(images: Tensor) -> Tensor:
    """uint8 pictures as the network sees them: float32, 0 … 1."""
    return images.to(torch.float32).div_(255)


def move(state: State, device: torch.device) -> State:
    """The same state on a device."""
    return State(
        {name: tensor.to(device) for name, tensor in state.parameters.items()},
        {name: tensor.to(device) for name, tensor in state.buffers.items()},
    )
