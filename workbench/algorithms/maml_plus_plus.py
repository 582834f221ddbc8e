"""MAML++.

Antoniou, Edwards, Storkey. How to Train Your MAML. 2019. https://arxiv.org/abs/1810.09502

    theta_(i+1) = theta_i - alpha_i grad L_support(theta_i, gain_i, shift_i)    i = 0 ... k-1  (1)
    theta, alpha, gain, shift  <-  descend  sum_i v_i L_query(theta_i, gain_i, shift_i)        (2)

Six changes to MAML, each with a switch of its own:

    multi-step loss        v_i = (1 - a) / k, and a more for v_k; a: 0 to 1 early in the run   (3)
    annealed order         the gradient in (1) is a constant in (2) early in the run           (4)
    statistics per step    queries after i steps meet running averages of the statistics that
                           queries had after i steps in training: `norm.eval = per_step`       (5)
    gains per step         gain_i and shift_i of batch normalisation, not moved by (1)         (6)
    learned rates          alpha_i: one for each weight tensor and step                        (7)
    falling outer rate     `training.schedule.name = cosine`

Where evaluation takes more steps than training did, those beyond use the last step's rates, gains
and statistics.
Differences from the paper: statistics, gains and shifts come in k + 1 sets, one for each of
theta_0 ... theta_k, not in k; averages really normalise at evaluation, while the authors' code
collects them and uses the queries' own; training may meet them too (`norm.train = per_step`); but
unless one of the two is set, queries meet the support set's statistics, which answered far better
(docs/results.md); a is linear. The inner loop itself always uses the support set's own statistics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from workbench.descending import Descending
from workbench.functional.embedding import moved_averages, named, pairs
from workbench.functional.gradients import Objective
from workbench.functional.inner import (
    OUTER,
    Rate,
    Tensors,
    Trace,
    descended,
    requires_grad,
    under,
    value_and_gradient,
)
from workbench.functional.layers import head
from workbench.functional.learners import GradientLearner, Network, support_loss
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import LayerStatistics, Linear, Own
from workbench.interfaces import (
    ALGORITHMS,
    Backbone,
    Noise,
    Paper,
    Random,
    State,
    TaskResult,
    Traits,
    Update,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import GROUP, inner_lr, inner_steps, inner_steps_eval
from workbench.task import Support, Task

RATE, STEP = "rate.", "step."  # before the name of the weight: its rates, its values by step
ANNEALING = "Annealing"


class Config(BaseConfig):
    """Settings of MAML++."""

    name: Literal["maml_plus_plus"] = "maml_plus_plus"
    inner_lr: float = inner_lr(0.1, help="How far a step goes, or begins to where rates learn.")
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)
    learned_rates: bool = setting(
        True,
        label="Learned rates",
        unit="for each layer and step",
        group=GROUP,
        help="Learn the inner rate of every weight tensor at every step.",
    )
    step_affine: bool = setting(
        True,
        label="Gains per step",
        unit="of batch normalisation",
        group=GROUP,
        help="Give batch normalisation another gain and shift after each step, and keep them out "
        "of the inner loop.",
    )
    multi_step_loss: bool = setting(
        True,
        label="Multi-step loss",
        group=ANNEALING,
        help="Early in the run, ask the queries after every step and not after the last alone.",
    )
    multi_step_until: float = setting(
        0.3,
        ge=0,
        le=1,
        label="Multi-step until",
        unit="of the run",
        group=ANNEALING,
        help="When only the loss after the last step is left.",
    )
    order_annealing: bool = setting(
        True,
        label="Annealed order",
        group=ANNEALING,
        help="Begin with first-order gradients, which are quicker and steadier.",
    )
    first_order_until: float = setting(
        0.3,
        ge=0,
        le=1,
        label="First order until",
        unit="of the run",
        group=ANNEALING,
        help="When the gradient begins to pass through the inner steps.",
    )


@ALGORITHMS.register(Config)
class MamlPlusPlus(Descending):
    """MAML that trains steadily: six changes, each with a switch."""

    title = "MAML++"
    family = "Gradient-based"
    summary = "MAML with up to six changes that make it train steadily and end more accurate."
    choose_when = "You want the most of MAML and can afford a dearer training step."
    paper = Paper("Antoniou et al., 2019", 2019, "https://arxiv.org/abs/1810.09502")
    goes_on = False  # gains and statistics of the last step would be those of the first again
    traits = Traits(
        kinds=("classification", "regression"),
        norm_train=("support", "query_batch", "per_step"),
        norm_eval=("per_step", "support", "support_plus_one", "query_batch"),
    )
    config: Config

    def init(self, random: Random) -> State:
        weights = super().init(random).parameters
        steps, sets = self.config.inner_steps, self.config.inner_steps + 1
        moved = [name for name in weights if not name.startswith(OUTER)]
        rates = {RATE + name: torch.full((steps,), self.config.inner_lr) for name in moved}
        if self.config.step_affine:
            for name in affine_names(self.backbone, weights):  # (6)
                weights[STEP + name] = weights.pop(name).repeat(sets, 1)  # (k + 1, C)
                del rates[RATE + name]
        channels = self.backbone.norm_layers
        start = [(torch.zeros(sets, width), torch.ones(sets, width)) for width in channels]
        return State({**weights, **(rates if self.config.learned_rates else {})}, named(start))

    def inner_rates(self, state: State) -> Tensors:
        return under(RATE, state.parameters)

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        return self._descend(state, support, self.count(steps), second_order=True)

    def objective(self, state: State, task: Task[Tensor], noise: Noise) -> Objective:
        progress, steps = float(noise.get("progress", 1.0)), self.config.inner_steps
        annealed = self.config.order_annealing and progress < self.config.first_order_until  # (4)
        weights = self.step_weights(progress)
        seen: dict[int, list[LayerStatistics]] = {}
        learner = self._descend(state, task.support, steps, not annealed, seen)
        # Where queries were asked, theirs count for (5), not the support set's; in mode "support"
        # both are the same.
        seen.update({step: [] for step in weights})
        scores = {
            step: learner.scores(task.query_x, step, self.norm.train, seen[step])
            for step in weights
        }
        losses = {step: task_loss(found, task.query_y) for step, found in scores.items()}
        total = torch.stack([weights[step] * loss for step, loss in losses.items()]).sum()  # (2)
        return Objective(total, losses[steps], scores[steps], named(_by_layer(seen)))

    def combine(
        self, state: State, results: Sequence[TaskResult], weights: Sequence[float]
    ) -> Update:
        averages = moved_averages(state.buffers, [result.statistics for result in results])  # (5)
        return Update(super().combine(state, results, weights).gradient, averages)

    def step_weights(self, progress: float) -> dict[int, float]:
        """The weights of the query loss by the number of steps before it; zeros are left out.
        (3)"""
        last, until = self.config.inner_steps, self.config.multi_step_until
        done = min(1.0, progress / until) if until and self.config.multi_step_loss else 1.0
        equal = (1 - done) / last
        weights = {step: equal + (done if step == last else 0) for step in range(1, last + 1)}
        return {step: weight for step, weight in weights.items() if weight > 0}

    def _descend(
        self,
        state: State,
        support: Support[Tensor],
        steps: int,
        second_order: bool,
        seen: dict[int, list[LayerStatistics]] | None = None,
    ) -> GradientLearner:
        """The inner loop; `seen` gets the statistics of the support set before each step."""
        weights = {
            name: value
            for name, value in state.parameters.items()
            if not name.startswith((RATE, STEP))
        }
        keep_graph = second_order and requires_grad(weights)
        trace, losses = [{**weights, **self._affine(state, 0)}], []
        for step in range(steps):
            normaliser = Own(record=seen is not None)
            loss = support_loss(self._body(self._affine(state, step)), head, support, normaliser)
            value, gradient = value_and_gradient(loss, weights, keep_graph)
            weights = descended(weights, gradient, self._rate(state, step))  # (1)
            losses.append(value)
            trace.append({**weights, **self._affine(state, step + 1)})
            if seen is not None:
                seen[step] = normaliser.statistics
        found = Trace(tuple(trace), tuple(losses))
        averages = tuple(self._averages(state, step) for step in range(steps + 1))
        return GradientLearner(self.backbone, head, found, support, self.norm.eval, averages)

    def _body(self, affine: Tensors) -> Network:
        return lambda weights, x, normaliser: self.backbone({**weights, **affine}, x, normaliser)

    def _rate(self, state: State, step: int) -> Rate:
        return _at(step, self.inner_rates(state)) or self.config.inner_lr  # (7)

    def _affine(self, state: State, step: int) -> Tensors:
        return _at(step, under(STEP, state.parameters))

    def _averages(self, state: State, step: int) -> list[LayerStatistics]:
        return pairs(_at(step, state.buffers))


def affine_names(backbone: Backbone, weights: Tensors) -> list[str]:
    """Names of the gains and shifts that a network hands to its normaliser."""
    asked = Asked()
    backbone(weights, torch.zeros(2, *backbone.input_shape), asked)
    return [name for name, tensor in weights.items() if id(tensor) in asked.affine]


class Asked(Own):
    """Remembers which tensors it was handed for gains and shifts."""

    def __init__(self) -> None:
        super().__init__()
        self.affine: set[int] = set()

    def __call__(self, linear: Linear, weight: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
        self.affine |= {id(gain), id(shift)}
        return super().__call__(linear, weight, gain, shift)


def _at(step: int, tensors: Tensors) -> Tensors:
    """Of each (steps, ...), the row of a step; the last one for steps beyond."""
    return {name: rows[min(step, len(rows) - 1)] for name, rows in tensors.items()}


def _by_layer(seen: Mapping[int, Sequence[LayerStatistics]]) -> list[LayerStatistics]:
    """Of each layer, the statistics of all steps as rows (k + 1, C)."""
    in_order = [seen[step] for step in sorted(seen)]
    return [
        (torch.stack([mean for mean, _ in layer]), torch.stack([variance for _, variance in layer]))
        for layer in zip(*in_order, strict=True)
    ]
