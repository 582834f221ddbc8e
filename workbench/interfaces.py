"""What a plug-in must be: the contract of algorithms, networks, data sets and samplers on one
screen.

An algorithm is written for one task, as its paper is, as pure functions of explicit state; the
engine maps it over a batch of tasks. Noise is data: whatever is random in a task is drawn before
the map from (seed, stream, step, task), so no global generator is ever touched. Letters of shapes
are those of `workbench.task`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from workbench.bank import Bank
from workbench.functional import priorities
from workbench.schema.experiment import NormConfig, NormMode
from workbench.schema.registry import Registry
from workbench.task import Kind, Support, Task, TaskSpec

if (
    TYPE_CHECKING
):  # data sets and samplers work before torch is loaded, and in a process that never loads it
    import torch

    from workbench.functional.normalisation import Normaliser

Tensors = dict[str, "torch.Tensor"]
Noise = Mapping[str, "torch.Tensor"]
Progress = Callable[[int, int, str], None]  # done, total (0: unknown), text; may raise Cancelled
Random = np.random.Generator

# ------------------------------------------------------------------------------------------- algori


@dataclass(frozen=True)
class Paper:
    """Where a method comes from."""

    label: str
    year: int
    url: str


@dataclass(frozen=True)
class Traits:
    """What a method promises; the battery of tests holds it to each claim and finds a
    counterexample to each denial.

    Attributes:
        kinds: which problems it solves.
        any_way: the number of classes may differ from that of the model.
        class_equivariant: renaming the classes renames the answers and changes nothing else.
        order_invariant: the order of the support set does not matter.
        slow_start: the first hundreds of tasks teach it nothing that shows on others. It is then
            held to learning a few tasks by heart.
        norm_train, norm_eval: where batch normalisation may take its statistics from.
        folds: `task_gradient` takes folded tasks and states, see `workbench.task`.
    """

    kinds: tuple[Kind, ...] = ("classification",)
    any_way: bool = False
    class_equivariant: bool = False
    order_invariant: bool = True
    slow_start: bool = False
    norm_train: tuple[NormMode, ...] = ("support", "support_plus_one", "query_batch")
    norm_eval: tuple[NormMode, ...] = ("support", "support_plus_one", "query_batch")
    folds: bool = False


@dataclass(frozen=True)
class State:
    """Everything that meta-learning learns. Nobody changes a State; a new one replaces it.

    Attributes:
        parameters: what the outer optimiser moves.
        buffers: what only `combine` replaces: running statistics and the like.
    """

    parameters: Tensors
    buffers: Tensors = field(default_factory=dict)


@dataclass(frozen=True)
class TaskResult:
    """What one task says about the state.

    Attributes:
        gradient: one tensor for each parameter, to be descended.
        loss: of the queries after adaptation.
        scores: (Q, outputs), detached, of the queries after adaptation.
        statistics: whatever `combine` needs besides.
        metrics: further figures of this task by name; their means over the tasks are kept beside
            the loss. The names must be those of every task of a run.
    """

    gradient: Tensors
    loss: float
    scores: torch.Tensor
    statistics: Tensors = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Update:
    """What the batch says: the gradient for the outer optimiser, and the new buffers."""

    gradient: Tensors
    buffers: Tensors


class Learner(Protocol):
    """A model adapted to one support set, at every recorded inner step."""

    @property
    def steps(self) -> int:
        """Recorded inner steps; step 0 is before adaptation. 0 where there is no inner loop."""

    @property
    def support_losses(self) -> tuple[float, ...]:
        """Loss on the support set before each recorded step and after the last; empty where there
        is no loop."""

    def scores(
        self, query_x: torch.Tensor, step: int = -1, norm: NormMode | None = None
    ) -> torch.Tensor:
        """(Q, n_way) whose softmax is the answer, or (Q, outputs) predictions of a regression."""

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """(B, D) features of images, as the adapted model sees them after its last step."""


class Algorithm(ABC):
    """One way to meta-learn.

    Args:
        config: the plug-in's own settings.
        backbone: the network that turns examples into features.
        spec: what a model must answer.
        norm: where normalisation takes its statistics from.
    """

    title: ClassVar[str]
    family: ClassVar[str]
    summary: ClassVar[str]
    choose_when: ClassVar[str] = ""
    paper: ClassVar[Paper | None] = None
    traits: ClassVar[Traits] = Traits()
    recommended: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, config: Any, backbone: Backbone, spec: TaskSpec, norm: NormConfig) -> None:
        self.config = config
        self.backbone = backbone
        self.spec = spec
        self.norm = norm

    @abstractmethod
    def init(self, random: Random) -> State:
        """The untrained state."""

    @abstractmethod
    def adapt(
        self, state: State, support: Support[torch.Tensor], noise: Noise, steps: int | None = None
    ) -> Learner:
        """Adapt to one support set; changes nothing.

        Where the state's parameters require gradients the learner can be differentiated through;
        otherwise no graph outlives the call. `steps` None means the method's number for evaluation.
        """

    def noise(self, random: Random, support_size: int, steps: int | None = None) -> Noise:
        """Everything random that `adapt` with the same arguments needs."""
        return {}

    def task_noise(
        self, random: Random, support_size: int, query_size: int, steps: int | None = None
    ) -> Noise:
        """Everything random in a whole task, whose queries are known: what `task_gradient` and
        `task_metrics` are given. By default what `adapt` needs; more may be added to it."""
        return self.noise(random, support_size, steps)

    def on_task(self, noise: Noise) -> Self:
        """The method with its network as it is while it trains on one task, or several folded
        ones."""
        other = copy(self)
        other.backbone = self.backbone.on_task(noise)
        return other

    def task_metrics(
        self, state: State, task: Task[torch.Tensor], noise: Noise
    ) -> Mapping[str, float]:
        """Further figures of one task of an evaluation, by name, as `TaskResult.metrics`."""
        return {}

    def training_steps(self) -> int | None:
        """Inner steps in training, as `adapt` takes them."""
        return None

    def inner_rates(self, state: State) -> Tensors:
        """Learned inner rates by the name of the weight that each moves: of the weight's shape, or
        (steps,) where each step has one for the whole weight. Empty where none is learned."""
        return {}

    def task_gradient(self, state: State, task: Task[torch.Tensor], noise: Noise) -> TaskResult:
        """What one task says about the state: by default, the gradient of the adapted learner's
        query loss.

        The engine adds `progress` to the noise: how much of the run is done, a number from 0 to 1.
        A method that anneals something reads it; where it is missing the run is over.
        """
        from workbench.functional.gradients import query_gradient

        def scores_of(parameters: Tensors) -> torch.Tensor:
            at = State(parameters, state.buffers)
            learner = self.adapt(at, task.support, noise, self.training_steps())
            return learner.scores(task.query_x, norm=self.norm.train)

        found = query_gradient(scores_of, state.parameters, task.query_y)
        return TaskResult(found.gradient, found.loss, found.scores)

    def combine(
        self, state: State, results: Sequence[TaskResult], weights: Sequence[float]
    ) -> Update:
        """Join what the tasks say, in task order; by default the weighted mean."""
        from workbench.functional.gradients import weighted_mean

        gradients = [result.gradient for result in results]
        return Update(weighted_mean(gradients, weights), state.buffers)


class Backbone(ABC):
    """A network from examples to features, as a pure function of its parameters."""

    title: ClassVar[str]
    summary: ClassVar[str]
    family: ClassVar[str] = ""
    kinds: ClassVar[tuple[Kind, ...]] = ("classification", "regression")
    input_dimensions: ClassVar[tuple[int, ...]] = (1, 3)  # of one example: features, or C, H, W
    # One task is enough work for a processor core of its own.
    worth_a_thread: ClassVar[bool] = False
    folds: ClassVar[bool] = False  # takes folded weights and examples

    features: int  # D
    # (C, ...) that each layer makes of one example where Meta Dropout may disturb it.
    disturbed: tuple[tuple[int, ...], ...] = ()
    drawn: Noise = MappingProxyType({})  # by `noise`, for the task that trains the network

    def __init__(self, config: Any, input_shape: tuple[int, ...]) -> None:
        self.config = config
        self.input_shape = input_shape

    def noise(self, random: Random) -> Noise:
        """Everything random in the network while it trains on one task."""
        from workbench.functional import dropout

        return dropout.draw(self.config.dropout, self.disturbed, random) if self.disturbed else {}

    def on_task(self, noise: Noise) -> Self:
        """The network as it is while it trains on one task, or several folded ones."""
        if not self.disturbed:
            return self
        other = copy(self)
        other.drawn = {name: noise[name] for name in noise if name.startswith("dropout")}
        return other

    @abstractmethod
    def init(self, random: Random) -> Tensors:
        """First weights, float32 on the CPU."""

    @abstractmethod
    def __call__(
        self, parameters: Tensors, x: torch.Tensor, normaliser: Normaliser
    ) -> torch.Tensor:
        """Features (B, D) of examples (B, *input_shape). `normaliser` is asked once per normalised
        layer."""

    def maps(self, parameters: Tensors, x: torch.Tensor, normaliser: Normaliser) -> torch.Tensor:
        """Features that keep their places, (B, *map_shape); one place where a network has none."""
        return self(parameters, x, normaliser)[..., None, None]

    @property
    def map_shape(self) -> tuple[int, int, int]:
        """C, H, W of `maps`."""
        return self.features, 1, 1

    @property
    @abstractmethod
    def norm_layers(self) -> tuple[int, ...]:
        """Channels of each normalised layer, in the order in which the normaliser is asked."""


# -------------------------------------------------------------------------------------- data and ta


@dataclass(frozen=True)
class ImageData:
    """Classes of images.

    Attributes:
        bank: all images, sorted by class.
        splits: class numbers under "train", "validation", "test"; disjoint.
        rotations: training classes also appear turned by 90, 180 and 270 degrees, as classes of
            their own.
        folder: where the bank lies on disk.
        notes: what was skipped or is worth knowing, as sentences.
    """

    bank: Bank
    splits: Mapping[str, tuple[int, ...]]
    rotations: bool
    folder: str
    notes: tuple[str, ...] = ()


class FunctionData(Protocol):
    """A family of functions to regress; a task is one function of it."""

    x_range: tuple[float, float]
    parameter_names: tuple[str, ...]
    parameter_ranges: tuple[tuple[float, float], ...]
    # (G, P) of the functions to test on, always the same; None tests on drawn ones.
    test_grid: NDArray[np.float64] | None

    def value(self, parameters: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Y (T, points, 1) of x (T, points, 1) for parameters (T, P)."""


class Dataset(ABC):
    """A source of tasks. Files of this kind work without torch."""

    title: ClassVar[str]
    kind: ClassVar[Kind]
    family: ClassVar[str] = ""
    summary: ClassVar[str]
    source: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    citation: ClassVar[str] = ""
    recommended: ClassVar[Mapping[str, Any]] = {}
    # Known before loading: `noun` for a class; `images_per_class`, a number or a setting's name.
    facts: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def load(self, cache: Any, progress: Progress) -> ImageData | FunctionData:
        """Make the data ready: generate, download or unpack once into the folder `cache`, then
        open.

        Raises:
            DataError: with what is wrong and what to do next. Nothing half-made stays behind.
            Cancelled: when `progress` raised it.
        """

    def first_look(self) -> Bank | None:
        """A little of it to look at while `load` takes its time; None where that is not quicker."""
        return None


class Sampler(ABC):
    """A way to choose the next tasks.

    What it learns from losses stands in a `Table`, which is data: the engine keeps it, hands it to
    every draw of training and puts the updated one in its place. Without a table a draw is uniform;
    evaluation never has one. Files of this kind work without torch.
    """

    title: ClassVar[str]
    family: ClassVar[str] = ""
    summary: ClassVar[str]
    # A task counts the more, the likelier a uniform draw had been to choose it.
    importance: ClassVar[bool] = False

    def __init__(self, config: Any) -> None:
        self.config = config

    def start(self, classes: int, parameters: int) -> priorities.Table | None:
        """The table before the first step, over so many classes or functions of so many parameters
        (the other is 0); None where nothing is learned from losses."""
        return None

    def chances(self, table: priorities.Table, progress: float) -> NDArray[np.float64]:
        """Probability (bins,) of each bin, none of them 0. `progress` is 0 at the first step of a
        run and 1 at the last."""
        return np.full(table.losses.size, 1 / table.losses.size)

    def figures(self, table: priorities.Table, progress: float) -> dict[str, float]:
        """What the plots show of a table before a step is drawn from it."""
        return priorities.figures(table)

    def classes(
        self,
        random: Random,
        groups: NDArray[np.int64],
        tasks: int,
        n_way: int,
        table: priorities.Table | None = None,
        progress: float = 0.0,
    ) -> priorities.Drawn[np.int64]:
        """Positions (T, N) in a pool of classes, distinct within a task; the bins are the same.

        Args:
            groups: (pool,) number of the group (alphabet) of each class.
        """
        if table is None:
            return priorities.unweighted(priorities.any_classes(random, len(groups), tasks, n_way))
        chances = self.chances(table, progress)
        bins = priorities.draw_distinct(random, chances, tasks, n_way)
        return priorities.Drawn(bins, bins, self._weights(chances, bins))

    def parameters(
        self,
        random: Random,
        data: FunctionData,
        tasks: int,
        table: priorities.Table | None = None,
        progress: float = 0.0,
    ) -> priorities.Drawn[np.float64]:
        """Parameters (T, P) of functions to regress, uniform inside their bin."""
        if table is None:
            return priorities.unweighted(
                priorities.any_parameters(random, data.parameter_ranges, tasks)
            )
        chances = self.chances(table, progress)
        bins = random.choice(len(chances), size=tasks, p=chances)
        inside = priorities.draw_inside(random, data.parameter_ranges, table.losses.shape, bins)
        return priorities.Drawn(inside, bins[:, None], self._weights(chances, bins[:, None]))

    def _weights(
        self, chances: NDArray[np.float64], bins: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        return priorities.importance(chances, bins) if self.importance else np.ones(len(bins))


ALGORITHMS: Registry[type[Algorithm]] = Registry("algorithm", "workbench.algorithms")
BACKBONES: Registry[type[Backbone]] = Registry("backbone", "workbench.backbones")
DATASETS: Registry[type[Dataset]] = Registry("dataset", "workbench.datasets")
SAMPLERS: Registry[type[Sampler]] = Registry("sampler", "workbench.samplers")
