"""What all methods share that read a task as a sequence: everything but the way to their memory.

A method of this kind gives `access`: how the controller's commands are written to the memory and
read from it. A task is shown in an order that comes from its noise, so that no order of classes can
give a label away; each example comes with the label of the one before it, and every answer is
trained. An N-way K-shot task is answered by reading its support set and showing each query alone
as the next example; accuracies by presentation are measured over support set and queries as one
sequence.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from workbench.functional.memory import Access, SequenceLearner, SequenceModel, sequence_noise
from workbench.interfaces import Algorithm, Noise, Random, State, TaskResult, Traits
from workbench.task import Support, Task


class Reading(Algorithm):
    """A controller, its memory and a head, over any network. `config.hidden` is the controller's
    size."""

    traits = Traits(order_invariant=False, slow_start=True, folds=True)
    recommended: ClassVar[Mapping[str, Any]] = {
        "backbone.name": "mlp",
        "backbone.hidden": (64,),
        "training.k_shot": 1,
        "training.queries": 9,
        "training.optimizer.lr": 1e-3,
        "training.clip_norm": 10.0,
    }

    @property
    @abstractmethod
    def access(self) -> Access:
        """To the memory."""

    @property
    def model(self) -> SequenceModel:
        """The network, its controller and its memory."""
        features, outputs = self.backbone.features, self.spec.outputs
        return SequenceModel(self.backbone, features, self.access, self.config.hidden, outputs)

    def init(self, random: Random) -> State:
        return State({**self.backbone.init(random), **self.model.init(random)})

    def noise(self, random: Random, support_size: int, steps: int | None = None) -> Noise:
        return sequence_noise(random, support_size)

    def task_noise(
        self, random: Random, support_size: int, query_size: int, steps: int | None = None
    ) -> Noise:
        return sequence_noise(random, support_size, query_size)

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> SequenceLearner:
        return self.model.learner(state.parameters, support, noise["order"], self.norm.eval)

    def task_gradient(self, state: State, task: Task[Tensor], noise: Noise) -> TaskResult:
        order, norm = noise["sequence"], self.norm.train
        found = self.model.gradient(state.parameters, task, order, norm)
        return TaskResult(found.gradient, found.loss, found.scores, metrics=found.metrics)

    def task_metrics(self, state: State, task: Task[Tensor], noise: Noise) -> Mapping[str, float]:
        return self.model.measure(state.parameters, task, noise["sequence"], self.norm.eval)
