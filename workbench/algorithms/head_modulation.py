"""Head modulation: a head that is bent for each task before it is trained on it.

No paper: the idea joins the class codes of LEO (https://arxiv.org/abs/1807.05960) with generated
inner rates. With body f, whose features have mean square one so that steps of such rates (5) stay
stable while it learns, and a head of weights theta between 128 hidden units,

    u(x)   = e(f(x)),  e two layers of 512 and L units;  c_n = mean of u(x) over class n        (1)
    c      = a(mean over all pairs n, m of r(c_n, c_m))                                       (2)
    p, q   = d(c)                                                       of each head weight    (3)
    theta_0     = theta (1 + 0.5 tanh p)                                                       (4)
    alpha       = 0.001 + 0.099 sigmoid q                                                      (5)
    theta_(i+1) = theta_i - alpha grad L_support(theta_i)                 on the head alone    (6)

(4) cannot take the head away, whatever the decoder d says: weights keep their sign and half their
size. d may give one number for the whole head, one for each layer, one for each weight, or for
each layer a product of two narrow matrices. Further switches: examples attend to one another
before (1); the head sees features f(x) (1 + 0.5 tanh g(c)); rates (5) for each inner step; several
decoders, mixed by c. All is trained through (6) on the query loss after the last step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.descending import Descending
from workbench.functional.embedding import class_means, pairwise
from workbench.functional.inner import Tensors, Trace, gradient_steps
from workbench.functional.layers import dense, init_dense, uniform_weight
from workbench.functional.learners import HeadLearner, head_loss
from workbench.functional.modulation import Mode, Shapes, Spread
from workbench.functional.normalisation import Normaliser, Own
from workbench.interfaces import ALGORITHMS, Noise, Random, State, Traits
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import inner_steps, inner_steps_eval, second_order
from workbench.task import Support

ENCODER = 512
SWING = 0.5
LAYERS = ("hidden", "head")
MODULATION = "Modulation"


class Config(BaseConfig):
    """Settings of head modulation."""

    name: Literal["head_modulation"] = "head_modulation"
    mode: Mode = setting(
        "per_parameter",
        choices={
            "global_scalars": "one for the head",
            "per_layer_scalars": "one for each layer",
            "per_parameter": "one for each weight",
            "low_rank": "low rank",
        },
        label="Factors and rates",
        group=MODULATION,
        help="How finely a task's code may bend the head and choose its inner rates.",
    )
    rank: int = setting(
        4,
        ge=1,
        le=64,
        suggest=(1, 8),
        label="Rank",
        unit="of the low-rank mode",
        group=MODULATION,
        help="Width of the two matrices whose product bends a layer. Unused by the other modes.",
    )
    hidden: int = setting(
        128,
        ge=1,
        le=1024,
        suggest=(64, 256),
        label="Hidden units",
        unit="of the head",
        group=MODULATION,
        help="Units between the head's two layers.",
    )
    latents: int = setting(
        64,
        ge=1,
        le=1024,
        suggest=(16, 128),
        label="Latents",
        unit="numbers per class",
        group=MODULATION,
        help="Numbers that describe a class, and a task.",
    )
    attention: bool = setting(
        False,
        label="Attention",
        unit="over the support set",
        group=MODULATION,
        help="Let each example look at the others before the classes are described.",
    )
    conditioning: bool = setting(
        False,
        label="Task conditioning",
        unit="of the features",
        group=MODULATION,
        help="Let the task's code bend the features that the head sees, too.",
    )
    step_rates: bool = setting(
        False,
        label="Rates per step",
        group=MODULATION,
        help="Generate rates for each inner step; later steps keep those of the last.",
    )
    decoders: int = setting(
        1,
        ge=1,
        le=16,
        suggest=(1, 4),
        label="Decoders",
        unit="mixed by the task's code",
        group=MODULATION,
        help="Several decoders, of which each task has its own mixture.",
    )
    least_rate: float = setting(
        0.001,
        gt=0,
        le=10,
        label="Least rate",
        unit="per step",
        group=MODULATION,
        advanced=True,
        help="The smallest inner rate that can be generated.",
    )
    rate_span: float = setting(
        0.099,
        gt=0,
        le=10,
        label="Span of rates",
        unit="above the least",
        group=MODULATION,
        advanced=True,
        help="How far above the least rate an inner rate can be.",
    )
    inner_steps: int = inner_steps(20, suggest=(10, 30))
    inner_steps_eval: int = inner_steps_eval(20)
    second_order: bool = second_order(True)


@ALGORITHMS.register(Config)
class HeadModulation(Descending):
    """Describes a task by a code that bends a shared head and chooses its inner rates."""

    title = "Head modulation"
    family = "Gradient-based"
    summary = (
        "Describes each task by a code; the code bends a shared head and chooses the rates at "
        "which the head then learns."
    )
    choose_when = (
        "You want quick adaptation of the head alone, with a start and rates made for each task."
    )
    traits = Traits()
    goes_on = False  # an adapted head would be modulated again
    config: Config

    def init(self, random: Random) -> State:
        config, features, latents = self.config, self.backbone.features, self.config.latents
        parameters = self.backbone.init(random)

        def layer(name: str, inputs: int, outputs: int) -> None:
            parameters.update(init_dense(random, name, inputs, outputs))

        layer("hidden", features, config.hidden)
        layer("head", config.hidden, self.spec.outputs)
        layer("encoder0", features, ENCODER)
        layer("encoder1", ENCODER, latents)
        layer("relation0", 2 * latents, latents)
        layer("relation1", latents, latents)
        layer("aggregate", latents, latents)
        if config.attention:
            for part in ("query", "key", "value"):
                parameters[f"attention.{part}"] = uniform_weight(random, latents, latents)
        if config.conditioning:
            layer("condition", latents, features)
        if config.decoders > 1:
            layer("mixture", latents, config.decoders)
        for decoder in range(config.decoders):
            layer(f"decoder{decoder}", latents, (1 + self._sets) * self.spread.numbers)
        return State(parameters)

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> HeadLearner:
        parameters = state.parameters
        features = self.body(parameters, support.x, Own())  # (S, D), once for all steps
        code = self.code(parameters, features, support)
        factors, rates = self.generate(parameters, code)
        shared = {**parameters}
        if self.config.conditioning:
            shared["condition.factor"] = swing(dense(parameters, "condition", code))
        start = {name: parameters[name] * factors[name] for name in self.shapes}  # (4)
        loss = head_loss(lambda at, x: _head({**shared, **at}, x), features, support)
        path = self._steps(loss, start, rates, self.count(steps))
        return HeadLearner(
            self.body, _head, path, support, self.norm.eval, walked=loss, fixed=shared
        )

    def body(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        """f: features (B, D), each example's of mean square one."""
        features = self.backbone(parameters, x, normaliser)
        return F.normalize(features, dim=-1) * math.sqrt(features.shape[-1])

    def _steps(
        self, loss: Callable[[Tensors], Tensor], start: Tensors, rates: list[Tensors], count: int
    ) -> Trace:
        path: tuple[Tensors, ...] = (start,)
        losses: tuple[float, ...] = ()
        for step in range(count):
            rate, second = rates[min(step, len(rates) - 1)], self.config.second_order
            one = gradient_steps(loss, path[-1], rate=rate, steps=1, second_order=second)  # (6)
            path, losses = (*path, one.parameters[-1]), (*losses, *one.losses)
        return Trace(path, losses)

    def code(self, parameters: Tensors, features: Tensor, support: Support[Tensor]) -> Tensor:
        """The task's code (L,) from features (S, D) of its support set."""
        latents = dense(parameters, "encoder1", dense(parameters, "encoder0", features).relu())
        if self.config.attention:
            latents = latents + _attended(parameters, latents)
        classes = class_means(latents, support)  # (N, L)  (1)
        hidden = dense(parameters, "relation0", pairwise(classes)).relu()
        related = dense(parameters, "relation1", hidden)  # (N, N, L)
        return dense(parameters, "aggregate", related.mean((0, 1))).relu()  # (2)

    def generate(self, parameters: Tensors, code: Tensor) -> tuple[Tensors, list[Tensors]]:
        """Factors of the head's weights, and their rates for each generated step."""
        said = [dense(parameters, f"decoder{i}", code) for i in range(self.config.decoders)]
        shares = (
            dense(parameters, "mixture", code).softmax(0) if len(said) > 1 else code.new_ones(1)
        )
        raw = (shares.unsqueeze(1) * torch.stack(said)).sum(0)  # (3)
        first, *others = (self.spread(part) for part in raw.split(self.spread.numbers))
        factors = {name: swing(tensor) for name, tensor in first.items()}
        return factors, [{name: self._rate(q) for name, q in one.items()} for one in others]

    @property
    def shapes(self) -> Shapes:
        """Of the head's weights, by name."""
        sizes = (self.backbone.features, self.config.hidden, self.spec.outputs)
        shapes: Shapes = {}
        for layer, inputs, outputs in zip(LAYERS, sizes, sizes[1:], strict=False):
            shapes |= {f"{layer}.weight": (outputs, inputs), f"{layer}.bias": (outputs,)}
        return shapes

    @property
    def spread(self) -> Spread:
        """How the decoder speaks of the head once: of its factors, or of the rates of a step."""
        return Spread(self.config.mode, self.shapes, self.config.rank)

    @property
    def _sets(self) -> int:
        return self.config.inner_steps if self.config.step_rates else 1

    def _rate(self, q: Tensor) -> Tensor:
        return self.config.least_rate + self.config.rate_span * q.sigmoid()  # (5)


def swing(p: Tensor) -> Tensor:
    """Factors between a half and one and a half."""
    return 1 + SWING * p.tanh()


def _attended(parameters: Tensors, latents: Tensor) -> Tensor:
    """What each example (S, L) sees of all of them."""
    query, key, value = (
        latents @ parameters[f"attention.{part}"].T for part in ("query", "key", "value")
    )
    return (query @ key.T / math.sqrt(latents.shape[1])).softmax(-1) @ value


def _head(parameters: Tensors, features: Tensor) -> Tensor:
    """(B, D) to (B, outputs)."""
    if "condition.factor" in parameters:
        features = features * parameters["condition.factor"]
    return dense(parameters, "head", dense(parameters, "hidden", features).relu())
