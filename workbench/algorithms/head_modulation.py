"""Head modulation: a head that is bent for each task before it is trained on it.

No paper: the idea joins the class codes of LEO (https://arxiv.org/abs/1807.05960) with generated
inner rates. With body f, and a head of weights theta between 128 hidden units,

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
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import Tensors, Trace, gradient_steps
from workbench.functional.layers import uniform_weight
from workbench.functional.learners import HeadLearner, head_loss
from workbench.functional.normalisation import Own
from workbench.interfaces import ALGORITHMS, Algorithm, Noise, Random, State, Traits
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import inner_steps, inner_steps_eval, second_order
from workbench.task import Support

ENCODER = 512
SWING = 0.5
LAYERS = ("hidden", "head")
MODULATION = "Modulation"
Shapes = dict[str, tuple[int, ...]]


class Config(BaseConfig):
    """Settings of head modulation."""

    name: Literal["head_modulation"] = "head_modulation"
    mode: Literal["global_scalars", "per_layer_scalars", "per_parameter", "low_rank"] = setting(
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
    inner_steps: int = inner_steps(10, suggest=(5, 20))
    inner_steps_eval: int = inner_steps_eval(10)
    second_order: bool = second_order(True)


@ALGORITHMS.register(Config)
class HeadModulation(Algorithm):
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
    recommended: ClassVar[Mapping[str, Any]] = {
        "backbone.downsample": "stride",
        "training.meta_batch": 4,
        "training.optimizer.lr": 2e-3,
        "training.schedule.name": "cosine",
    }
    config: Config

    def init(self, random: Random) -> State:
        config, features, latents = self.config, self.backbone.features, self.config.latents
        parameters = self.backbone.init(random)

        def layer(name: str, inputs: int, outputs: int) -> None:
            parameters[f"{name}.weight"] = uniform_weight(random, outputs, inputs)
            parameters[f"{name}.bias"] = torch.zeros(outputs)

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
            layer(f"decoder{decoder}", latents, self._factors + self._sets * self._factors)
        return State(parameters)

    def training_steps(self) -> int:
        return self.config.inner_steps

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> HeadLearner:
        parameters = state.parameters
        count = self.config.inner_steps_eval if steps is None else steps
        features = self.backbone(parameters, support.x, Own())  # (S, D), once for all steps
        code = self.code(parameters, features, support)
        factors, rates = self.generate(parameters, code)
        shared = {**parameters}
        if self.config.conditioning:
            shared["condition.factor"] = swing(_layer(parameters, "condition", code))
        start = {name: parameters[name] * factors[name] for name in self.shapes}  # (4)
        loss = head_loss(lambda at, x: _head({**shared, **at}, x), features, support)
        path = self._steps(loss, start, rates, count)
        return HeadLearner(
            self.backbone, _head, path, support, self.norm.eval, walked=loss, fixed=shared
        )

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
        latents = _layer(parameters, "encoder1", _layer(parameters, "encoder0", features).relu())
        if self.config.attention:
            latents = latents + _attended(parameters, latents)
        member = F.one_hot(support.y, support.n_way).to(latents.dtype)  # (S, N)
        classes = member.T @ latents / member.sum(0).unsqueeze(1)  # (N, L)  (1)
        size = len(classes), len(classes), -1
        pairs = torch.cat([classes[:, None].expand(size), classes[None].expand(size)], -1)
        related = _layer(parameters, "relation1", _layer(parameters, "relation0", pairs).relu())
        return _layer(parameters, "aggregate", related.mean((0, 1))).relu()  # (2)

    def generate(self, parameters: Tensors, code: Tensor) -> tuple[Tensors, list[Tensors]]:
        """Factors of the head's weights, and their rates for each generated step."""
        said = [_layer(parameters, f"decoder{i}", code) for i in range(self.config.decoders)]
        shares = (
            _layer(parameters, "mixture", code).softmax(0) if len(said) > 1 else code.new_ones(1)
        )
        raw = (shares.unsqueeze(1) * torch.stack(said)).sum(0)  # (3)
        first, *others = (self._spread(part) for part in raw.split(self._factors))
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
    def _sets(self) -> int:
        return self.config.inner_steps if self.config.step_rates else 1

    @property
    def _factors(self) -> int:
        return sum(math.prod(shape) for shape in self._pieces().values())

    def _pieces(self) -> Shapes:
        """What the decoder says of a head once, by name: factors, or the rates of a step."""
        rank = self.config.rank
        match self.config.mode:
            case "global_scalars":
                return {"all": ()}
            case "per_layer_scalars":
                return dict.fromkeys(LAYERS, ())
            case "per_parameter":
                return self.shapes
            case _:
                weights = {k: s for k, s in self.shapes.items() if len(s) == 2}
                sides = {
                    f"{k}.{side}": (size, rank)
                    for k, s in weights.items()
                    for side, size in enumerate(s)
                }
                return sides | {k: s for k, s in self.shapes.items() if len(s) == 1}

    def _spread(self, raw: Tensor) -> Tensors:
        """From the decoder's numbers (factors,) to a tensor that fits each weight of the head."""
        pieces = self._pieces()
        cut = raw.split([math.prod(shape) for shape in pieces.values()])
        said = {name: part.view(pieces[name]) for name, part in zip(pieces, cut, strict=True)}
        return dict(self._fitted(said))

    def _fitted(self, said: Tensors) -> Iterator[tuple[str, Tensor]]:
        for name in self.shapes:
            if f"{name}.0" in said:
                yield name, said[f"{name}.0"] @ said[f"{name}.1"].T / math.sqrt(self.config.rank)
            else:
                yield (
                    name,
                    next(said[key] for key in (name, name.split(".")[0], "all") if key in said),
                )

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
    return _layer(parameters, "head", _layer(parameters, "hidden", features).relu())


def _layer(parameters: Tensors, name: str, x: Tensor) -> Tensor:
    return F.linear(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"])
