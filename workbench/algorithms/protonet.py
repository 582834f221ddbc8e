"""Prototypical networks.

Snell, Swersky, Zemel. Prototypical Networks for Few-shot Learning. 2017.
https://arxiv.org/abs/1703.05175

    c_n = mean of f(x) over the support examples of class n                        (1)
    p(y = n | x) = softmax over n of -d(f(x), c_n)                                 (2)
    d(a, b) = |a - b|^2, the squared Euclidean distance, a Bregman divergence      (3)

Training normalises support and queries in one batch, as the paper's code does, and keeps running
averages of those statistics; evaluation uses the averages, so that every query is answered alone.
Differences from the paper: none known.
"""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from workbench.comparing import Comparing
from workbench.functional.embedding import class_means
from workbench.functional.inner import Tensors
from workbench.interfaces import ALGORITHMS, Paper
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.task import Support


class Config(BaseConfig):
    """Settings of prototypical networks."""

    name: Literal["protonet"] = "protonet"
    distance: Literal["euclidean", "cosine"] = setting(
        "euclidean",
        choices={"euclidean": "squared Euclidean", "cosine": "cosine"},
        label="Distance",
        symbol="d",
        group="Prototypes",
        help="How far an example is from a class mean. Squared Euclidean is the paper's choice.",
    )
    scale: float = setting(
        10.0,
        gt=0,
        le=1000,
        suggest=(1, 30),
        label="Cosine scale",
        unit="times the similarity",
        group="Prototypes",
        help="What a cosine similarity is multiplied by; without it the answer cannot become "
        "confident. "
        "Unused with the Euclidean distance.",
    )


@ALGORITHMS.register(Config)
class ProtoNet(Comparing):
    """Names a query after the nearest class mean in a learned space."""

    title = "Prototypical networks"
    family = "Metric-based"
    summary = (
        "Learns a space in which each class gathers around its mean; a query gets the nearest "
        "mean's name."
    )
    choose_when = (
        "You want a strong, quick and steady baseline for classification, with any number of "
        "classes."
    )
    paper = Paper("Snell et al., 2017", 2017, "https://arxiv.org/abs/1703.05175")
    config: Config

    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """(Q, N) of queries (Q, D) and the support set's features (S, D)."""
        return self.similarity(queries, class_means(own, support))  # (1)

    def similarity(self, queries: Tensor, means: Tensor) -> Tensor:
        """(Q, N) of queries (Q, D) and class means (N, D); its softmax over N is the answer."""
        if self.config.distance == "cosine":
            return self.config.scale * F.normalize(queries, dim=-1) @ F.normalize(means, dim=-1).T
        return -(queries.unsqueeze(1) - means).pow(2).sum(-1)  # (2), (3)
