"""Models adapted to one task: what MAML and its kin hand back, and what is common to the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import ClassVar, Self

import torch
from torch import Tensor

from workbench.functional.inner import Tensors, Trace
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import (
    Forward,
    LayerStatistics,
    Normaliser,
    Own,
    alone,
    answer,
)
from workbench.schema.experiment import NormMode
from workbench.task import Support

Network = Callable[[Tensors, Tensor, Normaliser], Tensor]
Head = Callable[[Tensors, Tensor], Tensor]
Features = Callable[[Tensor, NormMode], Tensor]


@dataclass(frozen=True)
class GradientLearner:
    """Answers with the parameters of any recorded inner step.

    Attributes:
        body: features (B, D) of parameters, examples and a normaliser.
        head: scores (B, outputs) of parameters and features.
        trace: of the inner loop.
        support: what was learned from; its examples give the inductive statistics.
        norm: mode used where `scores` is not told otherwise.
        averages: of each recorded step, the running statistics of each layer; for modes that use
            them.
        walked: what the inner loop walked down; by default the loss on the support set.
    """

    body: Network
    head: Head
    trace: Trace
    support: Support[Tensor]
    norm: NormMode
    averages: tuple[Sequence[LayerStatistics], ...] = ()
    walked: Callable[[Tensors], Tensor] | None = None

    @property
    def steps(self) -> int:
        return len(self.trace.parameters) - 1

    @property
    def support_losses(self) -> tuple[float, ...]:
        walked = self.walked or support_loss(self.body, self.head, self.support)
        last = walked(self.trace.parameters[-1])
        return (*self.trace.losses, float(last.detach()))

    def scores(
        self,
        query_x: Tensor,
        step: int = -1,
        norm: NormMode | None = None,
        record: list[LayerStatistics] | None = None,
    ) -> Tensor:
        """As `Learner.scores`; `record` gets the statistics that the queries were normalised by."""
        features = self.features(query_x, step, norm or self.norm, record)
        return masked(self.head(self.weights(step), features), self.support)

    def embed(self, x: Tensor) -> Tensor:
        return self.features(x, -1, alone(self.norm))

    def weights(self, step: int) -> Tensors:
        """All that body and head need, after a recorded step."""
        return self.trace.parameters[step]

    def features(
        self, x: Tensor, step: int, norm: NormMode, record: list[LayerStatistics] | None = None
    ) -> Tensor:
        """(B, D) of examples, as the body sees them after a recorded step."""
        return answer(
            partial(self.body, self.weights(step)),
            self.support.x,
            x,
            norm,
            self.averages[step] if self.averages else (),
            folded=self.support.folded,
            record=record,
        )

    def settled(self, steps: Sequence[int]) -> Self:
        """One that has measured its support set after these steps, and answers as this one in mode
        "support" without taking the support set along."""
        averages: list[list[LayerStatistics]] = [[] for _ in range(self.steps + 1)]
        for step in steps:
            self.features(self.support.x, step, "query_batch", averages[step])
        return replace(self, averages=tuple(averages), norm="per_step")


@dataclass(frozen=True, kw_only=True)
class HeadLearner(GradientLearner):
    """One whose inner loop moved the head alone: its trace holds heads, and a batch of queries is
    embedded once, whichever steps answer it.

    Attributes:
        fixed: the weights that the inner loop left where they were.
    """

    fixed: Tensors

    def weights(self, step: int) -> Tensors:
        return {**self.fixed, **self.trace.parameters[step]}

    def features(
        self, x: Tensor, step: int, norm: NormMode, record: list[LayerStatistics] | None = None
    ) -> Tensor:
        if record is not None:
            return super().features(x, step, norm, record)
        return self._first_features(x, norm)

    def settled(self, steps: Sequence[int]) -> Self:
        return super().settled(steps[:1])  # the body, which is measured, stays as it was at 0

    @cached_property
    def _first_features(self) -> Features:
        # Of a learner of its own: one that held itself would outlive its last use, graph and all.
        start = Trace((self.weights(0),), ())
        first = GradientLearner(
            self.body, self.head, start, self.support, self.norm, self.averages[:1]
        )
        return remembered(lambda x, norm: first.features(x, 0, norm))


@dataclass(frozen=True, kw_only=True)
class WeighingLearner(GradientLearner):
    """One whose inner loop learned more from some examples than from others.

    Attributes:
        support_weights: (S,) of the examples, mean 1.
    """

    support_weights: Tensor


@dataclass(frozen=True)
class DirectLearner:
    """Answers from its support set without an inner loop, so it has step 0 alone. What it answers
    is for its children to say.

    Attributes:
        body: features (B, D) of parameters, examples and a normaliser.
        parameters: of the body, and of whatever follows it.
        support: what was learned from.
        norm: mode used where `scores` is not told otherwise.
        averages: running statistics of each layer, for mode "running".
    """

    body: Network
    parameters: Tensors
    support: Support[Tensor]
    norm: NormMode
    averages: Sequence[LayerStatistics] = ()
    steps: ClassVar[int] = 0
    support_losses: ClassVar[tuple[float, ...]] = ()

    def embed(self, x: Tensor) -> Tensor:
        return self.features(x, alone(self.norm))

    def features(self, x: Tensor, norm: NormMode | None = None) -> Tensor:
        """(B, D) of examples."""
        return self.normalised(partial(self.body, self.parameters), x, norm)

    def normalised(self, forward: Forward, x: Tensor, norm: NormMode | None = None) -> Tensor:
        """Outputs of a network for examples, with statistics from where the mode says."""
        return answer(forward, self.support.x, x, norm or self.norm, self.averages)


def remembered(function: Features) -> Features:
    """The same function, which gives its last answer again where it is asked the same: of the same
    tensor, not written to since, and with a graph of the answer wanted as before."""
    last: tuple[Tensor, tuple[object, ...], Tensor] | None = None

    def again(x: Tensor, norm: NormMode) -> Tensor:
        nonlocal last
        how = (norm, x._version, torch.is_grad_enabled())
        if last is None or last[0] is not x or last[1] != how:
            last = x, how, function(x, norm)
        return last[2]

    return again


def masked(scores: Tensor, support: Support[Tensor]) -> Tensor:
    """The outputs that stand for a class of this task: (B, n_way), all of them for a regression."""
    return scores[..., : support.n_way] if support.n_way else scores


def support_loss(
    body: Network, head: Head, support: Support[Tensor], normaliser: Normaliser | None = None
) -> Callable[[Tensors], Tensor]:
    """What an inner loop walks down: the loss on the support set, as a function of the parameters
    of body and head.

    Args:
        normaliser: for a single call; by default the support set's own statistics, each time.
    """

    def loss(parameters: Tensors) -> Tensor:
        features = body(parameters, support.x, normaliser or Own())
        return head_loss(head, features, support)(parameters)

    return loss


def head_loss(
    head: Head, features: Tensor, support: Support[Tensor]
) -> Callable[[Tensors], Tensor]:
    """The same where the body does not move, of the support set's features (S, D)."""
    return lambda parameters: task_loss(masked(head(parameters, features), support), support.y)
