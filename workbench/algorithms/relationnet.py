"""Relation networks.

Sung, Yang, Zhang, Xiang, Torr, Hospedales. Learning to Compare: Relation Network for Few-Shot
Learning. 2017. https://arxiv.org/abs/1711.06025

    F_n = sum of f(x) over the support examples of class n, maps of features     (1)
    r_n = g([F_n, f(x)])        the relation score, between 0 and 1              (2)
    loss = sum over n of (r_n - 1(n is the class of x))^2                        (3)

g is two blocks of convolution, batch normalisation, max-pooling and ReLU, and two linear layers.
Training normalises support and queries in one batch, and all their pairs in another; evaluation
uses running averages of both, so that every query is answered alone.
Differences from the paper: its code normalises the queries of a test together; convolutions are
padded, so the maps of a 28x28 image are 7x7; the scores handed on are log r, whose softmax is
r_n / sum r; g begins by looking at differences (`differences`), where the paper says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.comparing import Averaging
from workbench.functional.embedding import membership, pairs
from workbench.functional.gradients import Objective
from workbench.functional.inner import Tensors
from workbench.functional.layers import dense, init_dense, uniform_weight
from workbench.functional.learners import DirectLearner
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Normaliser, Own, Product
from workbench.interfaces import (
    ALGORITHMS,
    Noise,
    Paper,
    Random,
    State,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.experiment import NormMode
from workbench.task import Support, Task

GROUP = "Relation module"
BLOCKS = 2
Convolution = Callable[[Tensor, Tensor, Tensor | None], Tensor]


class Config(BaseConfig):
    """Settings of relation networks."""

    name: Literal["relationnet"] = "relationnet"
    filters: int = setting(
        64,
        ge=1,
        le=512,
        suggest=(16, 128),
        label="Filters",
        unit="per block",
        group=GROUP,
        help="Filters of each convolution that looks at a class and a query together.",
    )
    hidden: int = setting(
        8,
        ge=1,
        le=1024,
        suggest=(4, 64),
        label="Hidden layer",
        unit="units",
        group=GROUP,
        help="Units between the convolutions and the score.",
    )


@ALGORITHMS.register(Config)
class RelationNet(Averaging):
    """Learns to score how well a query fits a class, instead of measuring a distance."""

    title = "Relation networks"
    family = "Metric-based"
    summary = (
        "Learns the comparison itself: a small network looks at a class and a query side by side "
        "and scores the fit."
    )
    choose_when = (
        "No fixed distance suits the classes, and there is time to train a network that compares."
    )
    paper = Paper("Sung et al., 2018", 2018, "https://arxiv.org/abs/1711.06025")
    traits = replace(Averaging.traits, norm_eval=("running", "support", "query_batch"))
    recommended: ClassVar[Mapping[str, Any]] = {
        **Averaging.recommended,
        "backbone.halvings": 2,
        "training.queries": 2,  # each meets every class: more tasks teach more than more queries
    }
    config: Config

    def first_parameters(self, random: Random) -> Tensors:
        channels, *places = self.backbone.map_shape
        filters, hidden = self.config.filters, self.config.hidden
        parameters: Tensors = {}
        weights = (
            differences(random, filters, channels),
            uniform_weight(random, *[filters] * 2, 3, 3),
        )
        for block, weight in enumerate(weights):
            parameters[f"pair{block}.weight"] = weight
            parameters[f"pair{block}.gain"] = torch.ones(filters)
            parameters[f"pair{block}.shift"] = torch.zeros(filters)
            places = [max(length // 2, 1) for length in places]
        width = filters * places[0] * places[1]
        # Half of what meets a ReLU is lost.
        parameters |= init_dense(random, "fit0", width, hidden, gain=math.sqrt(2))
        parameters |= init_dense(random, "fit1", hidden, 1, gain=math.sqrt(2))
        return parameters

    @property
    def norm_layers(self) -> tuple[int, ...]:
        return (*self.backbone.norm_layers, *[self.config.filters] * BLOCKS)

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> RelationLearner:
        return RelationLearner(
            self.backbone,
            state.parameters,
            support,
            self.norm.eval,
            pairs(state.buffers),
            method=self,
        )

    def joint_objective(
        self, parameters: Tensors, task: Task[Tensor], noise: Noise, normaliser: Normaliser
    ) -> Objective:
        scores = self.joint_scores(parameters, task.support, task.query_x, normaliser)
        truth = F.one_hot(task.query_y, task.n_way).to(scores.dtype)
        error = (scores.exp() - truth).pow(2).sum(-1).mean()  # (3)
        return Objective(error, task_loss(scores, task.query_y), scores)

    def joint_scores(
        self, parameters: Tensors, support: Support[Tensor], query_x: Tensor, normaliser: Normaliser
    ) -> Tensor:
        """Scores (Q, N) with support and queries normalised in one batch."""
        size = len(support.x)
        maps = self.backbone.maps(parameters, torch.cat([support.x, query_x]), normaliser)
        return relations(parameters, class_maps(maps[:size], support), maps[size:], normaliser)


@dataclass(frozen=True, kw_only=True)
class RelationLearner(DirectLearner):
    """Scores queries against the summed maps of each class."""

    method: RelationNet

    def scores(self, query_x: Tensor, step: int = -1, norm: NormMode | None = None) -> Tensor:
        mode, parameters = norm or self.norm, self.parameters
        if mode == "query_batch":
            return self.method.joint_scores(parameters, self.support, query_x, Own())
        maps = partial(self.method.backbone.maps, parameters)
        classes = class_maps(self.normalised(maps, self.support.x, mode), self.support)
        return self.normalised(
            lambda x, normaliser: relations(parameters, classes, maps(x, normaliser), normaliser),
            query_x,
            mode,
        )


def differences(random: Random, filters: int, channels: int) -> Tensor:
    """First weights (filters, 2 * channels, 3, 3) of what looks at two maps side by side: each
    filter sees their difference, and has a twin that sees its opposite, so that the two, cut at
    zero, tell how far the maps are apart. From weights without that order a comparison has to be
    found first, which takes longer than all that follows."""
    one = uniform_weight(random, -(-filters // 2), 2 * channels, 3, 3)[:, :channels]
    return torch.cat([torch.cat([one, -one], 1), torch.cat([-one, one], 1)])[:filters]


def class_maps(maps: Tensor, support: Support[Tensor]) -> Tensor:
    """Sums (N, C, H, W) of maps (S, C, H, W).  (1)"""
    return torch.einsum("sn,schw->nchw", membership(support, maps.dtype), maps)


def relations(parameters: Tensors, classes: Tensor, maps: Tensor, normaliser: Normaliser) -> Tensor:
    """Log r (B, N) of examples' maps (B, C, H, W) with those of classes (N, C, H, W).  (2)"""
    products: list[Convolution] = [partial(side_by_side, classes), _each_pair]
    for block, product in enumerate(products):
        names = (f"pair{block}.{part}" for part in ("weight", "gain", "shift"))
        z = normaliser(Product(product, maps), *[parameters[name] for name in names])
        z = F.relu(F.max_pool2d(z, (min(2, z.shape[-2]), min(2, z.shape[-1]))))
        maps = z.unflatten(0, (-1, len(classes)))  # (B, N, R, H / 2, W / 2)
    hidden = F.relu(dense(parameters, "fit0", maps.flatten(2)))
    return F.logsigmoid(dense(parameters, "fit1", hidden).squeeze(-1))


def side_by_side(classes: Tensor, maps: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The convolution (B * N, R, H, W) of each class's maps beside each example's.

    A convolution of two things side by side is the sum of two: B + N of them instead of B * N.
    """
    channels = classes.shape[1]
    of_class = F.conv2d(classes, weight[:, :channels], bias, padding=1)
    of_example = F.conv2d(maps, weight[:, channels:], None, padding=1)
    return (of_example.unsqueeze(1) + of_class).flatten(0, 1)


def _each_pair(maps: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return F.conv2d(maps.flatten(0, 1), weight, bias, padding=1)  # (B * N, R, H, W)
