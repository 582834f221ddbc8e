"""Fine-tuning: the baseline that does not learn to learn.

Chen, Liu, Kira, Wang, Huang. A Closer Look at Few-shot Classification. 2019.
https://arxiv.org/abs/1904.04232

    pretraining:  body f and classifier C minimise cross-entropy over all training classes     (1)
    a new task:   C is thrown away, and a head W is fitted to the support set                  (2)
    linear head (Baseline):    s = W f(x) + b                                                  (3)
    cosine head (Baseline++):  s = tau cos(W_n, f(x))                                          (4)

Functions have no classes: a linear layer C learns the values of all functions of training together,
the "pretrained" baseline of Finn et al. 2017, and W begins as C.

Pretraining sees each task's images with the numbers of their classes among all training classes,
never with those inside the task; tasks of validation and test carry no such numbers.
Differences from the paper: images come in tasks, not in shuffled batches; (2) is full-batch descent
at one rate, from 0 for a linear head and from the class means for a cosine one, so that the answer
does not depend on the order of classes; the body may be tuned with the head, as the naive baseline
does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.comparing import Averaging
from workbench.functional.embedding import class_means, pairs
from workbench.functional.gradients import Objective
from workbench.functional.inner import Tensors, Trace, gradient_steps
from workbench.functional.layers import uniform_weight
from workbench.functional.learners import GradientLearner, HeadLearner, head_loss
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Fixed, LayerStatistics, Normaliser, Own
from workbench.interfaces import (
    ALGORITHMS,
    Noise,
    Paper,
    Random,
    State,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import GROUP, inner_lr, inner_steps_eval
from workbench.task import Support, Task

CLASSIFIER, HEAD = "classifier.", "head."


class Config(BaseConfig):
    """Settings of fine-tuning."""

    name: Literal["finetune"] = "finetune"
    head: Literal["linear", "cosine"] = setting(
        "cosine",
        choices={"linear": "linear (Baseline)", "cosine": "cosine (Baseline++)"},
        label="Head",
        group=GROUP,
        help="How features become scores, in pretraining and on each task: by a linear layer, or "
        "by their angle to one direction for each class. Always linear for functions.",
    )
    scale: float = setting(
        10.0,
        gt=0,
        le=1000,
        suggest=(1, 30),
        label="Cosine scale",
        symbol="τ",
        unit="times the similarity",
        group=GROUP,
        help="What a cosine is multiplied by, so that answers can become sure. Unused by a linear "
        "head.",
    )
    freeze_body: bool = setting(
        True,
        label="Frozen body",
        unit="on each task",
        group=GROUP,
        help="Fit the head alone to a task. Off tunes the whole network, which wants a lower "
        "inner rate.",
    )
    inner_lr: float = inner_lr(0.1)
    inner_steps_eval: int = inner_steps_eval(100, le=1000, suggest=(50, 200))


@ALGORITHMS.register(Config)
class Finetune(Averaging):
    """Learns to name all training classes, then fits a new head to each task."""

    title = "Fine-tuning"
    family = "Gradient-based"
    summary = "Learns to name all training classes, then fits a new last layer to each task."
    choose_when = "You want the plain baseline that every few-shot method must beat."
    paper = Paper("Chen et al., 2019", 2019, "https://arxiv.org/abs/1904.04232")
    traits = replace(Averaging.traits, kinds=("classification", "regression"), slow_start=True)
    config: Config

    @property
    def _linear(self) -> bool:
        return self.config.head == "linear" or self.spec.kind == "regression"

    def first_parameters(self, random: Random) -> Tensors:
        outputs = self.spec.classes if self.spec.kind == "classification" else self.spec.outputs
        layer = {f"{CLASSIFIER}weight": uniform_weight(random, outputs, self.backbone.features)}
        if self._linear:
            layer[f"{CLASSIFIER}bias"] = torch.zeros(outputs)
        return layer

    def joint_objective(
        self, parameters: Tensors, task: Task[Tensor], noise: Noise, normaliser: Normaliser
    ) -> Objective:
        examples = torch.cat([task.support_x, task.query_x])
        truth = torch.cat([task.support_y, task.query_y])
        features = self.backbone(parameters, examples, normaliser)
        scores = self.answer(parameters, features, CLASSIFIER)  # (S + Q, classes or outputs)
        asked = scores[-len(task.query_y) :]
        if self.spec.kind == "classification":
            numbers = task.classes  # (N,)
            assert numbers is not None  # tasks of training have them
            truth, asked = numbers[truth], asked[:, numbers]
        loss = task_loss(scores, truth)  # (1)
        return Objective(loss, loss, asked)

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        body = {k: v for k, v in state.parameters.items() if not k.startswith(CLASSIFIER)}
        averages = pairs(state.buffers)
        features = self._features(body, support, averages)  # (S, D)
        start, norm = self.first_head(state.parameters, features, support), self.norm.eval
        if self.config.freeze_body:
            loss = head_loss(self.answer, features, support)
            trace = self._fitted(loss, start, steps)
            return HeadLearner(
                self.backbone, self.answer, trace, support, norm, (averages,), loss, fixed=body
            )

        def loss_of_all(at: Tensors) -> Tensor:
            own = self._features(at, support, averages)
            return head_loss(self.answer, own, support)(at)

        trace = self._fitted(loss_of_all, {**body, **start}, steps)
        each = (averages,) * len(trace.parameters)
        return GradientLearner(self.backbone, self.answer, trace, support, norm, each, loss_of_all)

    def _fitted(
        self, loss: Callable[[Tensors], Tensor], start: Tensors, steps: int | None
    ) -> Trace:
        count = self.config.inner_steps_eval if steps is None else steps
        rate = self.config.inner_lr
        return gradient_steps(loss, start, rate=rate, steps=count, second_order=False)  # (2)

    def answer(self, parameters: Tensors, features: Tensor, layer: str = HEAD) -> Tensor:
        """Scores (B, classes) of features (B, D), by the layer of that name."""
        weight = parameters[f"{layer}weight"]
        if self._linear:
            return F.linear(features, weight, parameters[f"{layer}bias"])  # (3)
        cosines = F.normalize(features, dim=-1) @ F.normalize(weight, dim=-1).T
        return self.config.scale * cosines  # (4)

    def first_head(
        self, parameters: Tensors, features: Tensor, support: Support[Tensor]
    ) -> Tensors:
        """What fitting begins with, of the support set's features (S, D)."""
        if self.spec.kind == "regression":
            return {
                name.replace(CLASSIFIER, HEAD): layer
                for name, layer in parameters.items()
                if name.startswith(CLASSIFIER)
            }
        means = class_means(features, support).detach()  # (N, D)
        if self.config.head == "cosine":
            return {f"{HEAD}weight": means}
        zeros = torch.zeros_like(means)
        return {f"{HEAD}weight": zeros, f"{HEAD}bias": zeros[:, 0]}

    def _features(
        self, parameters: Tensors, support: Support[Tensor], averages: Sequence[LayerStatistics]
    ) -> Tensor:
        alone = self.norm.eval == "running"
        normaliser: Normaliser = Fixed(averages) if alone else Own()
        return self.backbone(parameters, support.x, normaliser)  # (S, D)
