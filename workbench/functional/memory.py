"""Reading a task as a sequence, with a memory beside a recurrent network: what MANN and the Neural
Turing Machine share.

Each example comes with the label of the one before it. The first example of a class can then only
be guessed, and the next ones can only be named by binding the late label to what was remembered:

    c_t, h_t = LSTM([f(x_t), y_(t-1), r_(t-1), h_(t-1)], c_(t-1))
    r_t, M_t = access(h_t, M_(t-1))
    o_t      = W [h_t, r_t] + b

Letters of shapes: L examples of a sequence; B sequences of one task side by side, 1 while reading
and Q while answering; H units of the controller; R heads; M slots of the memory, each of W numbers.
The tensors of a memory begin with T * B.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from workbench.functional.gradients import query_gradient
from workbench.functional.inner import Tensors
from workbench.functional.layers import head, init_head, linear
from workbench.functional.learners import DirectLearner, Network, masked
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Own, answer
from workbench.functional.recurrent import gated
from workbench.functional.register import first_controller
from workbench.schema.experiment import NormMode
from workbench.task import Support, Task

EPSILON = 1e-6  # under the root of a norm: an empty slot is like no key at all
PRESENTATIONS = 10  # of a class, as in the papers' tables
_CONTROLLER = ("hidden", "cell", "read")  # these begin with T, B
_LATE = ("controller.state", "access.weight")  # weights that products of each step share


class Access(Protocol):
    """How a method writes to its memory and reads from it.

    Attributes:
        commands: numbers that say what to do in one step.
        reads: numbers read in one step.
    """

    @property
    def commands(self) -> int: ...

    @property
    def reads(self) -> int: ...

    def init(self, random: np.random.Generator, hidden: int) -> tuple[Tensor, Tensor]:
        """First weights (commands, hidden) and biases (commands,) of the commands that a controller
        gives, which begins as `workbench.functional.register` says."""

    def start(self, tasks: int, like: Tensor) -> Tensors:
        """The memory before the first example; every tensor (tasks, …), of the kind of `like`."""

    def __call__(self, commands: Tensor, memory: Tensors) -> tuple[Tensor, Tensors]:
        """What is read, (B, reads), on commands (B, commands); and the memory afterwards."""


class SequenceGradient(NamedTuple):
    """What a sequence says: the gradient of the loss of every answer; loss and scores (Q, n_way) of
    the queries, wherever they were shown; accuracy by presentation."""

    gradient: Tensors
    loss: float
    scores: Tensor
    metrics: dict[str, float]


@dataclass(frozen=True)
class SequenceModel:
    """A network, an LSTM and a memory.

    Attributes:
        body: features (B, D) of parameters, examples and a normaliser.
        features: D.
        access: to the memory.
        hidden: H.
        outputs: classes that it can name.
    """

    body: Network
    features: int
    access: Access
    hidden: int
    outputs: int

    def init(self, random: np.random.Generator) -> Tensors:
        """First weights of all but the body."""
        hidden, reads = self.hidden, self.access.reads
        weight, bias = self.access.init(random, hidden)
        return {
            **first_controller(random, self.features, self.outputs, hidden, reads),
            "access.weight": weight,
            "access.bias": bias,
            **init_head(random, hidden + reads, self.outputs),
        }

    def task_scores(
        self, parameters: Tensors, task: Task[Tensor], order: Tensor, norm: NormMode
    ) -> Tensor:
        """Answers (L, n_way) to the support set and the queries, L = S + Q, read as one sequence;
        of folded tasks, (T, L, n_way).

        Args:
            order: (L,) the examples' numbers in the order in which they are shown; the answers
                come in it too.
        """
        body = partial(self.body, parameters)
        support = body(task.support_x, Own())
        query = answer(body, task.support_x, task.query_x, norm, folded=task.folded)
        features = torch.cat([support, query], -2).take_along_dim(order.unsqueeze(-1), -2)
        y = _shown_labels(task, order)
        if not task.folded:
            found, _ = self._read(_as_folded(parameters), features[None], y[None])
            return masked(head(parameters, found[0]), task.support)
        found, _ = self._read(parameters, features, y)
        return masked(head(parameters, found), task.support)

    def learner(
        self, parameters: Tensors, support: Support[Tensor], order: Tensor, norm: NormMode
    ) -> SequenceLearner:
        """Read the support set in `order` (S,)."""
        features, y = self.body(parameters, support.x, Own())[order], support.y[order]
        _, state = self._read(_as_folded(parameters), features[None], y[None])
        return SequenceLearner(
            self.body, parameters, support, norm, model=self, state=state, last=y[-1]
        )

    def gradient(
        self, parameters: Tensors, task: Task[Tensor], order: Tensor, norm: NormMode
    ) -> SequenceGradient:
        """Of the loss of all answers of the sequence; arguments as for `task_scores`."""
        y = _shown_labels(task, order)
        found = query_gradient(lambda at: self.task_scores(at, task, order, norm), parameters, y)
        queries = order.argsort(-1)[..., task.support_y.shape[-1] :, None]  # when each was shown
        scores = found.scores.take_along_dim(queries, -2)
        loss = float(task_loss(scores, task.query_y))
        return SequenceGradient(found.gradient, loss, scores, by_presentation(found.scores, y))

    def measure(
        self, parameters: Tensors, task: Task[Tensor], order: Tensor, norm: NormMode
    ) -> dict[str, float]:
        """Accuracy by presentation; arguments as for `task_scores`."""
        scores = self.task_scores(parameters, task, order, norm)
        return by_presentation(scores, _shown_labels(task, order))

    def next_scores(
        self, parameters: Tensors, features: Tensor, last: Tensor, state: Tensors
    ) -> Tensor:
        """Answers (Q, outputs) to queries, each the next and only one after `state`.

        Args:
            features: (Q, D) of the queries.
            last: class of the example read last.
        """
        queries, weights = len(features), _as_folded(parameters)
        shown = self._shown(weights, features[None], last.expand(1, queries))
        beside = {
            name: part.expand(1, queries, -1)
            if name in _CONTROLLER
            else part.expand(queries, *part.shape[1:])
            for name, part in state.items()
        }
        commands = weights["access.bias"].unsqueeze(1).expand(1, queries, -1)
        return head(parameters, self._step(weights, shown, commands, beside)[0][0])

    def _read(self, parameters: Tensors, features: Tensor, y: Tensor) -> tuple[Tensor, Tensors]:
        """What the head sees of each step, (T, L, H + reads), and the state after the last."""
        tasks, length = features.shape[:2]
        heard: list[Tensor] = []
        sent: list[Tensor] = []
        shown = self._shown(parameters, features, F.pad(y[:, :-1], (1, 0), value=self.outputs))
        shown = _LateGradient.apply(shown, parameters["controller.state"], heard)
        commands = parameters["access.bias"].unsqueeze(1).expand(tasks, length, -1)
        commands = _LateGradient.apply(commands, parameters["access.weight"], sent)
        state = {
            "hidden": features.new_zeros(tasks, 1, self.hidden),
            "cell": features.new_zeros(tasks, 1, self.hidden),
            "read": features.new_zeros(tasks, 1, self.access.reads),
            **self.access.start(tasks, features),
        }
        found = []
        for words, bias in zip(shown.split(1, 1), commands.split(1, 1), strict=True):
            heard.append(torch.cat([state["hidden"], state["read"]], 2).detach())
            seen, state = self._step(parameters, words, bias, state)
            sent.append(state["hidden"].detach())
            found.append(seen)
        return torch.cat(found, 1), state

    def _shown(self, parameters: Tensors, features: Tensor, y: Tensor) -> Tensor:
        """(T, B, 4 H) what examples and the labels before them say to the controller's gates; a
        label beyond the classes is none at all."""
        labels = F.one_hot(y, self.outputs + 1)[..., :-1].to(features.dtype)
        both = torch.cat([features, labels], -1)
        return linear(both, parameters["controller.input"], parameters["controller.bias"])

    def _step(
        self, parameters: Tensors, shown: Tensor, commands: Tensor, state: Tensors
    ) -> tuple[Tensor, Tensors]:
        """What the head sees, (T, B, H + reads), and the state, after one example each.

        No inner loop moves these weights: the first task's are every task's, and one product does
        for all. They get no gradient here; see `_LateGradient`.
        """
        recurs, access = (parameters[name][0].detach().mT for name in _LATE)
        before = torch.cat([state["hidden"], state["read"]], 2)  # (T, B, H + reads)
        hidden, cell = gated(shown + before @ recurs, state["cell"])
        commands = commands + hidden @ access
        read, memory = self.access(commands.flatten(0, 1), state)
        read = read.view(*hidden.shape[:2], -1)
        return torch.cat([hidden, read], 2), {
            "hidden": hidden,
            "cell": cell,
            "read": read,
            **memory,
        }


@dataclass(frozen=True, kw_only=True)
class SequenceLearner(DirectLearner):
    """Has read a support set and answers each query as the next example, none after another.

    Attributes:
        model: that has read it.
        state: of controller and memory, afterwards.
        last: class of the example read last.
    """

    model: SequenceModel
    state: Tensors
    last: Tensor

    def scores(self, query_x: Tensor, step: int = -1, norm: NormMode | None = None) -> Tensor:
        features = self.features(query_x, norm)
        found = self.model.next_scores(self.parameters, features, self.last, self.state)
        return masked(found, self.support)


def sequence_noise(random: np.random.Generator, support_size: int, query_size: int = 0) -> Tensors:
    """The order in which a support set is read, and the one of a whole task: classes in a fixed
    order would give the labels away."""
    return {
        "order": torch.from_numpy(random.permutation(support_size)),
        "sequence": torch.from_numpy(random.permutation(support_size + query_size)),
    }


def similarity(keys: Tensor, memory: Tensor) -> Tensor:
    """Cosines (B, R, M) of keys (B, R, W) and slots (B, M, W)."""
    sizes = memory.square().sum(-1).unsqueeze(1)  # (B, 1, M), squared
    # Dividing what is compared, rather than each slot: W times fewer numbers.
    return torch.bmm(_unit(keys), memory.mT) * torch.rsqrt(sizes + EPSILON)


def by_presentation(scores: Tensor, y: Tensor) -> dict[str, float]:
    """Accuracy on the first example of a class that a sequence shows, the second, … by name.

    Args:
        scores: (L, n_way) in the order shown; or folded, (T, L, n_way).
        y: (L,).
    """
    # (L,) how often the class of each example was shown, itself included
    shown = (y.unsqueeze(-2) == y.unsqueeze(-1)).tril().sum(-1).flatten()
    right = (scores.argmax(-1) == y).double().flatten()
    accuracy = torch.bincount(shown, right) / torch.bincount(shown)
    found = accuracy[1 : PRESENTATIONS + 1].tolist()
    return {f"presentation_{number}": value for number, value in enumerate(found, 1)}


class _LateGradient(torch.autograd.Function):
    """Hands on x (T, L, out), to each row of which a product of a weight (T, out, in) with a row
    heard later is going to be added; gives the weight the gradient of all those products in one
    product, rather than one of the weight's size for each row.

    `heard`: filled with the rows (T, 1, in), in order, before the gradient is asked for.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, _weight: Tensor, heard: list[Tensor]) -> Tensor:
        ctx.heard = heard
        return x.view_as(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        return gradient, gradient.mT @ torch.cat(ctx.heard, 1), None


def _shown_labels(task: Task[Tensor], order: Tensor) -> Tensor:
    """(L,) in the order shown."""
    return torch.cat([task.support_y, task.query_y], -1).take_along_dim(order, -1)


def _as_folded(parameters: Tensors) -> Tensors:
    """One task's parameters as those of one folded task."""
    return {name: tensor[None] for name, tensor in parameters.items()}


def _unit(vectors: Tensor) -> Tensor:
    return vectors * torch.rsqrt(vectors.square().sum(-1, keepdim=True) + EPSILON)
