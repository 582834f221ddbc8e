"""Siamese networks.

Koch, Zemel, Salakhutdinov. Siamese Neural Networks for One-shot Image Recognition. 2015.
https://www.cs.toronto.edu/~rsalakhu/papers/oneshot1.pdf

    p(same | x, x') = sigmoid(z(x, x'))                                                  (1)
    z(x, x') = sum_j alpha_j |f(x)_j - f(x')_j| + b         one network f for both       (2)
    loss = cross-entropy of p over pairs of images, half of them of one class            (3)
    answer = the class of the support example with the largest z                         (4)

Differences from the paper: the pairs are all those of a task's images, and the alike weigh as much
in all as the unlike, instead of as many drawn of each; features of the chosen network without a
sigmoid; no distortions of images, no layer-wise rates. The score of a class is the z of its best
match, so that a softmax says how sure the answer is.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.comparing import Comparing
from workbench.functional.embedding import membership
from workbench.functional.gradients import Objective
from workbench.functional.inner import Tensors
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Normaliser
from workbench.interfaces import ALGORITHMS, Noise, Paper, Random
from workbench.schema.config import Config as BaseConfig
from workbench.task import Support, Task

EVEN = 8.0  # features that differ by a half on average are as likely alike as not


class Config(BaseConfig):
    """Settings of siamese networks: none but those of the network."""

    name: Literal["siamese"] = "siamese"


@ALGORITHMS.register(Config)
class Siamese(Comparing):
    """Learns to tell whether two images are of one class, and answers with the best match."""

    title = "Siamese networks"
    family = "Metric-based"
    summary = (
        "Learns whether two images show the same class; a query gets the class of its best match."
    )
    choose_when = (
        "The question is whether two things are the same, as with signatures, or you want the "
        "simplest comparison to measure others against."
    )
    paper = Paper(
        "Koch et al., 2015", 2015, "https://www.cs.toronto.edu/~rsalakhu/papers/oneshot1.pdf"
    )
    config: Config

    def first_parameters(self, random: Random) -> Tensors:
        width = self.backbone.features
        parameters: Tensors = {}
        # The L1 distance to begin with: the farther apart, the less alike. Near even odds, because
        # a bias that is far off takes thousands of steps to arrive.
        parameters["pair.weight"] = torch.full((width,), -2 * EVEN / width)
        parameters["pair.bias"] = torch.tensor(EVEN)
        return parameters

    def joint_objective(
        self, parameters: Tensors, task: Task[Tensor], noise: Noise, normaliser: Normaliser
    ) -> Objective:
        images = torch.cat([task.support_x, task.query_x])
        labels, size = torch.cat([task.support_y, task.query_y]), len(task.support_x)
        features = self.backbone(parameters, images, normaliser)  # (S + Q, D)
        scores = self.compare(parameters, features[:size], task.support, features[size:])
        verification = pair_loss(alikeness(parameters, features, features), labels)
        return Objective(verification, task_loss(scores, task.query_y), scores)

    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """(Q, N): z of the best match in each class, for features (Q, D) and (S, D)."""
        alike = alikeness(parameters, queries, own)  # (Q, S)
        outside = membership(support, torch.bool).logical_not()  # (S, N)
        return alike.unsqueeze(-1).masked_fill(outside, -math.inf).amax(1)  # (4)


def alikeness(parameters: Tensors, left: Tensor, right: Tensor) -> Tensor:
    """Log-odds (L, R) that features (L, D) and (R, D) are of one class.  (2)"""
    apart = (left.unsqueeze(1) - right).abs()  # (L, R, D)
    return apart @ parameters["pair.weight"] + parameters["pair.bias"]


def pair_loss(alike: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of log-odds (B, B) over all pairs of different images, balanced.  (3)"""
    first, second = torch.triu_indices(len(labels), len(labels), 1, device=labels.device)
    alike, same = alike[first, second], labels[first] == labels[second]
    return (F.softplus(-alike[same]).mean() + F.softplus(alike[~same]).mean()) / 2
