"""Methods that embed and compare, without an inner loop.

A method of this kind is two functions: the network, and

    compare(parameters, support features (S, ...), support, query features (Q, ...)) -> (Q, N)

Training normalises support and queries in one batch, as these papers' codes do, and keeps running
averages of the statistics; evaluation uses the averages, so that every query is answered alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import Tensors
from workbench.functional.learners import DirectLearner, Network
from workbench.functional.normalisation import (
    LayerStatistics,
    Normaliser,
    Own,
    running_average,
)
from workbench.schema.experiment import NormMode
from workbench.task import Support

MOMENTUM = 0.1

Compare = Callable[[Tensors, Tensor, Support[Tensor], Tensor], Tensor]


def joint_scores(
    body: Network,
    compare: Compare,
    parameters: Tensors,
    support: Support[Tensor],
    query_x: Tensor,
    normaliser: Normaliser,
) -> Tensor:
    """Scores (Q, N) with support and queries normalised in one batch."""
    both = body(parameters, torch.cat([support.x, query_x]), normaliser)  # (S + Q, ...)
    size = len(support.x)
    return compare(parameters, both[:size], support, both[size:])


@dataclass(frozen=True, kw_only=True)
class EmbeddingLearner(DirectLearner):
    """Compares queries with its support set.

    Attributes:
        compare: scores, as above.
    """

    compare: Compare

    def scores(self, query_x: Tensor, step: int = -1, norm: NormMode | None = None) -> Tensor:
        mode, parameters = norm or self.norm, self.parameters
        if mode == "query_batch":
            return joint_scores(self.body, self.compare, parameters, self.support, query_x, Own())
        own = self.features(self.support.x, mode)
        return self.compare(parameters, own, self.support, self.features(query_x, mode))


def membership(support: Support[Tensor], dtype: torch.dtype) -> Tensor:
    """(S, N): 1 where an example is of a class."""
    return F.one_hot(support.y, support.n_way).to(dtype)


def class_means(features: Tensor, support: Support[Tensor]) -> Tensor:
    """(N, D) of features (S, D); classes may have unequal shots."""
    member = membership(support, features.dtype)
    return member.T @ features / member.sum(0).unsqueeze(1)


def log_attention(queries: Tensor, own: Tensor, scale: Tensor | float) -> Tensor:
    """Logarithms (Q, S) of what each query (Q, D) gives to each example (S, D): the softmax over
    the examples of the cosine of the two, times `scale`."""
    cosines = F.normalize(queries, dim=-1) @ F.normalize(own, dim=-1).T
    return (scale * cosines).log_softmax(-1)


def pairwise(x: Tensor) -> Tensor:
    """(B, B, 2 D) of x (B, D): each row beside each."""
    size = len(x), len(x), -1
    return torch.cat([x[:, None].expand(size), x[None].expand(size)], -1)


# ------------------------------------------------------------------------------- running averages


def first_averages(channels: Sequence[int]) -> Tensors:
    """Buffers of a network that has seen nothing: mean 0 and variance 1 in every layer."""
    return named([(torch.zeros(width), torch.ones(width)) for width in channels])


def moved_averages(buffers: Tensors, statistics: Sequence[Tensors]) -> Tensors:
    """The buffers after a batch, moved by `MOMENTUM` in all towards what its tasks saw."""
    averages = pairs(buffers)
    for seen in statistics:
        averages = running_average(averages, pairs(seen), MOMENTUM / len(statistics))
    return named(averages)


def named(statistics: Sequence[LayerStatistics]) -> Tensors:
    """Statistics of each layer as tensors of a State or a TaskResult."""
    return {
        f"running{layer}.{part}": tensor
        for layer, pair in enumerate(statistics)
        for part, tensor in zip(("mean", "variance"), pair, strict=True)
    }


def pairs(buffers: Tensors) -> list[LayerStatistics]:
    """The inverse of `named`."""
    layers = len(buffers) // 2
    return [(buffers[f"running{i}.mean"], buffers[f"running{i}.variance"]) for i in range(layers)]
