"""LEO: latent embedding optimisation.

Rusu et al. Meta-Learning with Latent Embedding Optimization. 2019.
https://arxiv.org/abs/1807.05960

    mu_n, sigma_n = mean of r(e(x), e(x')) over x of class n and x' of the support set         (1)
    z_n ~ N(mu_n, sigma_n^2)                                                                   (2)
    w_n ~ N(m_n, s_n^2),   m_n, s_n = d(z_n),   score of class n = w_n f(x)                    (3)
    z   <- z - alpha grad_z L_support                        the first steps                   (4)
    w   <- w - alpha' grad_w L_support                       the last steps                    (5)
    minimise  L_query(w')  +  beta KL(N(mu, sigma^2) | N(0, 1))  +  gamma |z' - z|^2
              +  lambda |corr(d) - I|^2                                                        (6)

e, d are linear, r is a perceptron, none has biases; alpha and alpha' are learned. z' are the
latents after the last step (4), a constant in (6). Gradients pass through z into r and e. As in the
authors' code, f(x) has length one, and evaluation takes means instead of samples.
Differences from the paper: the body f learns too, from scratch, where the paper has features of a
large network trained beforehand; so first scores tell classes apart (d begins three times as large,
r as deep rectifiers want it) and alpha' begins at 2, not 0.001. sigma and s are first values times
an exponential, of which that of s is bounded: else a step in latent space may widen it, and with it
the next step, without end. A task draws one noise for its weights and keeps it through the steps;
KL and penalties are means over classes and latents, the divergence in closed form; no dropout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.descending import Descending
from workbench.functional.embedding import class_means, pairwise
from workbench.functional.gaussian import Gaussian, correlation, divergence
from workbench.functional.gradients import Objective, query_objective
from workbench.functional.inner import Tensors, Trace, gradient_steps, under
from workbench.functional.layers import uniform_weight
from workbench.functional.learners import HeadLearner, head_loss
from workbench.functional.normalisation import Normaliser, Own
from workbench.interfaces import (
    ALGORITHMS,
    Noise,
    Paper,
    Random,
    State,
    Traits,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import GROUP, inner_steps, inner_steps_eval, second_order
from workbench.schema.inner_loop import inner_lr as rate
from workbench.task import Support, Task

RELATION_LAYERS = 3
RELATION_GAIN = 2**0.5  # of first weights: what its rectifiers take away
DECODER_GAIN = 3.0  # the same; scores of features of length one would else hardly differ
WIDEST = 2.0  # the logarithm of how many times as wide as at first weights are spread at most
RATE = "rate."  # before the name of what it moves
PENALTIES = "Penalties"


class Config(BaseConfig):
    """Settings of LEO."""

    name: Literal["leo"] = "leo"
    latents: int = setting(
        64,
        ge=1,
        le=1024,
        suggest=(16, 128),
        label="Latents",
        unit="numbers per class",
        group="Latent space",
        help="Numbers that describe a class; the inner loop moves these instead of the weights.",
    )
    latent_spread: float = setting(
        0.03,
        gt=0,
        le=10,
        suggest=(0.01, 1),
        label="First spread",
        symbol="σ",
        unit="of the latents",
        group="Latent space",
        advanced=True,
        help="Standard deviation of the latents before it has been learned.",
    )
    inner_lr: float = rate(
        1.0,
        suggest=(0.1, 2),
        label="Latent rate",
        help="First value of the learned rate of a step in latent space.",
    )
    finetune_lr: float = rate(
        2.0,
        suggest=(1e-3, 5),
        label="Weight rate",
        symbol="α′",
        help="First value of the learned rate of a step that moves the weights themselves.",
    )
    inner_steps: int = inner_steps(10, suggest=(5, 10))
    inner_steps_eval: int = inner_steps_eval(10)
    finetune_steps: int = setting(
        5,
        ge=0,
        le=50,
        suggest=(0, 5),
        label="Of them, on weights",
        unit="last steps",
        group=GROUP,
        help="How many of the inner steps, the last ones, move the weights instead of the latents.",
    )
    second_order: bool = second_order(True)
    kl_weight: float = setting(
        1e-3,
        ge=0,
        le=10,
        suggest=(0, 0.1),
        label="Divergence",
        symbol="β",
        unit="times the divergence",
        group=PENALTIES,
        help="How strongly the latents are held to a standard normal distribution.",
    )
    encoder_weight: float = setting(
        1e-3,
        ge=0,
        le=10,
        suggest=(0, 0.1),
        label="Encoder penalty",
        symbol="γ",
        unit="times the squared distance",
        group=PENALTIES,
        help="How strongly the encoder is drawn to where the inner loop took its latents.",
    )
    orthogonality_weight: float = setting(
        1e-3,
        ge=0,
        le=1000,
        suggest=(0, 1),
        label="Orthogonality",
        symbol="λ",
        unit="times the squared correlation",
        group=PENALTIES,
        help="How strongly the latents are kept from saying the same to the decoder.",
    )


@dataclass(frozen=True)
class Adaptation:
    """What (6) needs: the codes (1), the latents (N, L) before and after (4), and the learner."""

    codes: Gaussian
    before: Tensor
    after: Tensor
    learner: HeadLearner


@ALGORITHMS.register(Config)
class Leo(Descending):
    """Takes the inner steps in a small space from which a head's weights are decoded."""

    title = "LEO"
    family = "Gradient-based"
    summary = (
        "Describes each class by a few numbers, decodes a classifier from them, and takes its "
        "inner steps on those numbers."
    )
    choose_when = (
        "You have very few examples and a good feature extractor, or want gradient steps for any "
        "number of classes."
    )
    paper = Paper("Rusu et al., 2019", 2019, "https://arxiv.org/abs/1807.05960")
    traits = Traits(any_way=True, class_equivariant=True)
    goes_on = False  # each task's head is decoded anew
    recommended: ClassVar[Mapping[str, Any]] = {
        **Descending.recommended,
        "training.n_way": 20,
    }
    config: Config

    def init(self, random: Random) -> State:
        features, latents = self.backbone.features, self.config.latents
        parameters = self.backbone.init(random)
        parameters["encoder.weight"] = uniform_weight(random, latents, features)
        for layer in range(RELATION_LAYERS):
            weight = uniform_weight(random, 2 * latents, 2 * latents, gain=RELATION_GAIN)
            parameters[f"relation{layer}.weight"] = weight
        decoder = uniform_weight(random, 2 * features, latents, gain=DECODER_GAIN)
        parameters["decoder.weight"] = decoder
        parameters[RATE + "latents"] = torch.tensor(self.config.inner_lr)
        if self.config.finetune_steps:
            parameters[RATE + "weights"] = torch.tensor(self.config.finetune_lr)
        return State(parameters)

    def inner_rates(self, state: State) -> Tensors:
        return under(RATE, state.parameters)

    def noise(self, random: Random, support_size: int, steps: int | None = None) -> Noise:
        # The ways are not known here, but there are no more of them than examples.
        sizes = {"latents": self.config.latents, "weights": self.backbone.features}
        return {
            name: torch.from_numpy(random.standard_normal((support_size, size)).astype(np.float32))
            for name, size in sizes.items()
        }

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> HeadLearner:
        return self.adaptation(state.parameters, support, {}, steps).learner

    def objective(self, state: State, task: Task[Tensor], noise: Noise) -> Objective:
        steps = self.config.inner_steps
        adaptation = self.adaptation(state.parameters, task.support, noise, steps)
        scores = adaptation.learner.scores(task.query_x, norm=self.norm.train)
        found = query_objective(scores, task.query_y)
        total = found.loss + self.penalties(state.parameters, adaptation)  # (6)
        return replace(found, total=total)

    def adaptation(
        self, parameters: Tensors, support: Support[Tensor], noise: Noise, steps: int | None
    ) -> Adaptation:
        """Encode, sample and take the steps; without noise, with means instead of samples."""
        features = self.body(parameters, support.x, Own())  # (S, D)
        normals = {
            name: noise[name][: support.n_way].to(features)
            for name in ("latents", "weights")
            if name in noise
        }
        codes = self.codes(parameters, features, support)

        def head_of(latents: Tensors) -> Tensors:  # (3)
            decoded = self.decode(parameters, latents["latents"])
            return {"weights": decoded.at(normals.get("weights"))}  # (N, D)

        in_latents, on_weights = self._split(steps)
        first = {"latents": codes.at(normals.get("latents"))}  # (2)
        loss = head_loss(_head, features, support)
        path = self._steps(lambda at: loss(head_of(at)), first, parameters, in_latents)  # (4)
        heads = [head_of(at) for at in path.parameters]
        tuned = self._steps(loss, heads[-1], parameters, on_weights)  # (5)
        trace = Trace((*heads, *tuned.parameters[1:]), (*path.losses, *tuned.losses))
        learner = HeadLearner(
            self.body, _head, trace, support, self.norm.eval, walked=loss, fixed=parameters
        )
        before, after = path.parameters[0]["latents"], path.parameters[-1]["latents"]
        return Adaptation(codes, before, after, learner)

    def body(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        """f: features (B, D), each of length one."""
        features = self.backbone(parameters, x, normaliser)
        return F.normalize(features, dim=-1)

    def _steps(
        self, loss: Callable[[Tensors], Tensor], at: Tensors, parameters: Tensors, steps: int
    ) -> Trace:
        rates = {name: parameters[RATE + name] for name in at} if steps else {}
        second = self.config.second_order
        return gradient_steps(loss, at, rate=rates, steps=steps, second_order=second)

    def codes(self, parameters: Tensors, features: Tensor, support: Support[Tensor]) -> Gaussian:
        """The Gaussian (N, L) of each class's latents, from features (S, D).  (1)"""
        encoded = F.linear(features, parameters["encoder.weight"])  # (S, L)
        pairs = pairwise(encoded)  # (S, S, 2 L)
        for layer in range(RELATION_LAYERS):
            pairs = F.linear(
                F.relu(pairs) if layer else pairs, parameters[f"relation{layer}.weight"]
            )
        means = class_means(pairs.mean(1), support)  # (N, 2 L)
        mean, logarithm = means.chunk(2, -1)
        return Gaussian(mean, self.config.latent_spread * logarithm.exp())

    def decode(self, parameters: Tensors, latents: Tensor) -> Gaussian:
        """The Gaussian (N, D) of the head's weights, from latents (N, L)."""
        mean, logarithm = F.linear(latents, parameters["decoder.weight"]).chunk(2, -1)
        # Glorot's spread for a head of this size, as the authors' code has it.
        first = (2 / (self.backbone.features + len(latents))) ** 0.5
        bounded = WIDEST * (logarithm / WIDEST).tanh()
        return Gaussian(mean, first * bounded.exp())

    def penalties(self, parameters: Tensors, adaptation: Adaptation) -> Tensor:
        """All of (6) but the query loss."""
        config = self.config
        distance = F.mse_loss(adaptation.before, adaptation.after.detach())
        return (
            config.kl_weight * divergence(adaptation.codes)
            + config.encoder_weight * distance
            + config.orthogonality_weight * correlation(parameters["decoder.weight"])
        )

    def _split(self, steps: int | None) -> tuple[int, int]:
        """Steps on latents and on weights; more than in training are taken on weights."""
        config, total = self.config, self.count(steps)
        tuning = min(config.finetune_steps, config.inner_steps)
        first = min(total, config.inner_steps - tuning) if tuning else total
        return first, total - first


def _head(parameters: Tensors, features: Tensor) -> Tensor:
    return F.linear(features, parameters["weights"])
