"""What a method must be: the contract of algorithms and networks on one screen. That of data sets
and samplers is `workbench.sources`.

An algorithm is written for one task, as its paper is, as pure functions of explicit state; the
engine maps it over a batch of tasks. Noise is data: whatever is random in a task is drawn before
the map from (seed, stream, step, task), so no global generator is ever touched. Letters of shapes
are those of `workbench.task`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np

from workbench.schema.experiment import NormConfig, NormMode
from workbench.schema.registry import Registry
from workbench.task import Kind, Support, Task, TaskSpec

if TYPE_CHECKING:  # who only names a method need not wait for torch
    import torch

    from workbench.functional.gradients import Objective
    from workbench.functional.normalisation import Normaliser

Tensors = dict[str, "torch.Tensor"]
Noise = Mapping[str, "torch.Tensor"]
Random = np.random.Generator


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
        order_invariant: with its default settings, the order of the support set does not matter.
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
    # Whether its state holds all that a task leaves behind: it may meet tasks one after the other.
    goes_on: ClassVar[bool] = False
    recommended: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, config: Any, backbone: Backbone, spec: TaskSpec, norm: NormConfig) -> None:
        self.config = config
        self.backbone = backbone
        self.spec = spec
        self.norm = norm

    @property
    def norm_layers(self) -> tuple[int, ...]:
        """Channels of each layer that is normalised over a batch; by default the network's."""
        return self.backbone.norm_layers

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
        """Learned inner rates by the name of the weight that each moves: of the weight's shape, a
        number for all of it, or (steps,) of them, one for each step. Empty where none is learned.
        """
        return {}

    def objective(self, state: State, task: Task[torch.Tensor], noise: Noise) -> Objective:
        """What training minimises on one task: by default, the adapted learner's query loss.

        The engine adds `progress` to the noise: how much of the run is done, a number from 0 to 1.
        A method that anneals something reads it; where it is missing the run is over.
        """
        from workbench.functional.gradients import query_objective

        learner = self.adapt(state, task.support, noise, self.training_steps())
        return query_objective(learner.scores(task.query_x, norm=self.norm.train), task.query_y)

    def task_gradient(self, state: State, task: Task[torch.Tensor], noise: Noise) -> TaskResult:
        """What one task says about the state: by default, the gradient of the objective. Only a
        method that descends something else has its own."""
        from workbench.functional.gradients import objective_gradient

        def objective_of(parameters: Tensors) -> Objective:
            return self.objective(State(parameters, state.buffers), task, noise)

        return TaskResult(*objective_gradient(objective_of, state.parameters))

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
        """Channels of each layer that is normalised over a batch, in the order in which the
        normaliser is asked."""


ALGORITHMS: Registry[type[Algorithm]] = Registry("algorithm", "workbench.algorithms")
BACKBONES: Registry[type[Backbone]] = Registry("backbone", "workbench.backbones")
