"""A model adapted by gradient steps: what MAML, Reptile and their kin hand back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from workbench.functional.inner import Tensors, Trace
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import LayerStatistics, Normaliser, Own, answer
from workbench.schema.experiment import NormMode
from workbench.task import Support

Network = Callable[[Tensors, Tensor, Normaliser], Tensor]
Head = Callable[[Tensors, Tensor], Tensor]


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
        at = self.trace.parameters[step]
        features = answer(
            lambda x, normaliser: self.body(at, x, normaliser),
            self.support.x,
            query_x,
            norm or self.norm,
            self._averages(step),
            folded=self.support.folded,
            record=record,
        )
        return masked(self.head(at, features), self.support)

    def embed(self, x: Tensor) -> Tensor:
        at = self.trace.parameters[-1]
        return answer(
            lambda images, n: self.body(at, images, n),
            self.support.x,
            x,
            self.norm,
            self._averages(-1),
        )

    def _averages(self, step: int) -> Sequence[LayerStatistics]:
        return self.averages[step] if self.averages else ()


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
        return task_loss(masked(head(parameters, features), support), support.y)

    return loss
