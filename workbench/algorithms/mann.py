"""MANN: a memory-augmented neural network.

Santoro, Bartunov, Botvinick, Wierstra, Lillicrap. One-shot Learning with Memory-Augmented Neural
Networks. 2016. https://arxiv.org/abs/1605.06065

A task is a sequence; each example comes with the label of the one before it, and every answer is
trained. The controller, an LSTM, gives a key k_t and what to write, a_t; the memory is read by
content and written to the places least used, or to those just read:

    K(k_t, M_t(i)) = k_t . M_t(i) / (|k_t| |M_t(i)|)                                      (2)
    w^r_t          = softmax over i of K(k_t, M_t(i))                                     (3)
    r_t            = sum over i of w^r_t(i) M_t(i)                                        (4)
    w^u_t          = gamma w^u_(t-1) + w^r_t + w^w_t                                      (5)
    w^lu_t(i)      = 1 for the slots least used by w^u_t, 0 elsewhere                     (6)
    w^w_t          = sigmoid(alpha) w^r_(t-1) + (1 - sigmoid(alpha)) w^lu_(t-1)           (7)
    M_t(i)         = M_(t-1)(i) + w^w_t(i) a_t, the least used slots erased first         (8)

Differences from the paper: a_t is the key itself there, which cannot hold a label and be found by
an example alike; the controller begins as a shift register (`workbench.functional.register`),
without which tens of thousands of sequences taught it no label; it gives alpha at each step; of
several heads each writes to a least used slot of its own; (3) is sharpened by a factor, 1 in the
paper; Adam rather than RMSProp; any backbone feeds the controller, a perceptron without hidden
layers being the paper's raw pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from workbench.functional.inner import Tensors
from workbench.functional.memory import similarity
from workbench.functional.register import SHUT, asked_and_written
from workbench.interfaces import ALGORITHMS, Paper, Random
from workbench.reading import Reading
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.memory import GROUP, controller, heads, slot_width, slots


class Config(BaseConfig):
    """Settings of MANN."""

    name: Literal["mann"] = "mann"
    hidden: int = controller(200)
    slots: int = slots(128)
    width: int = slot_width(40)
    heads: int = heads(4)
    decay: float = setting(
        0.99,
        ge=0,
        le=1,
        suggest=(0.9, 1),
        label="Usage decay",
        symbol="γ",
        unit="per example",
        group=GROUP,
        help="How slowly it is forgotten that a slot was used. The least used slot is overwritten.",
    )
    sharpness: float = setting(
        20.0,
        gt=0,
        le=100,
        suggest=(1, 50),
        label="Sharpness",
        symbol="β",
        unit="times the similarity",
        group=GROUP,
        help="What the similarity of key and slot is multiplied by before the softmax; 1 is the "
        "paper's, more reads fewer slots at a time.",
    )


@ALGORITHMS.register(Config)
class Mann(Reading):
    """Reads a task as a sequence and writes what it sees to the least used places of a memory."""

    title = "MANN"
    family = "Memory-based"
    summary = (
        "Reads a task example by example, keeps what it saw in a memory, and answers from there."
    )
    choose_when = (
        "You want a model that learns while it reads, without gradient steps, and have time for "
        "very many tasks."
    )
    paper = Paper("Santoro et al., 2016", 2016, "https://arxiv.org/abs/1605.06065")
    config: Config

    @property
    def access(self) -> LeastRecentlyUsed:
        c = self.config
        return LeastRecentlyUsed(c.slots, c.width, c.heads, c.decay, c.sharpness)


@dataclass(frozen=True)
class LeastRecentlyUsed:
    """Access to the memory by content, and to its least used slots.

    Attributes:
        slots, width, heads: M, W, R.
        decay: gamma.
        sharpness: of the similarity.
    """

    slots: int
    width: int
    heads: int
    decay: float
    sharpness: float

    @property
    def commands(self) -> int:
        return self.heads * (2 * self.width + 1)

    @property
    def reads(self) -> int:
        return self.heads * self.width

    def init(self, random: Random, hidden: int) -> tuple[Tensor, Tensor]:
        gate = torch.zeros(1, hidden)
        each = [
            torch.cat([*asked_and_written(random, self.width, hidden), gate])
            for _ in range(self.heads)
        ]
        bias = torch.zeros(self.heads, 2 * self.width + 1)
        bias[:, -1] = SHUT  # to the least used slots, not over what was just found
        return torch.cat(each), bias.flatten()

    def start(self, tasks: int, like: Tensor) -> Tensors:
        return {
            "memory": like.new_zeros(tasks, self.slots, self.width),
            "read_weights": like.new_zeros(tasks, self.heads, self.slots),
            "usage": like.new_zeros(tasks, self.slots),
        }

    def __call__(self, commands: Tensor, memory: Tensors) -> tuple[Tensor, Tensors]:
        parts = commands.unflatten(1, (self.heads, -1)).split((self.width, self.width, 1), 2)
        keys, written, gate = parts[0].tanh(), parts[1].tanh(), parts[2].sigmoid()  # (B, R, …)
        least = self.least_used(memory["usage"])
        write = gate * memory["read_weights"] + (1 - gate) * least  # (7)
        kept = memory["memory"] * (1 - least.sum(1)).unsqueeze(2)
        slots = torch.baddbmm(kept, write.mT, written)  # (8)
        weights = (self.sharpness * similarity(keys, slots)).softmax(2)  # (2), (3)
        usage = self.decay * memory["usage"] + (weights + write).detach().sum(1)  # (5)
        after = {"memory": slots, "read_weights": weights, "usage": usage}
        return torch.bmm(weights, slots).flatten(1), after  # (4)

    def least_used(self, usage: Tensor) -> Tensor:
        """(B, R, M): for each head one of the R least used slots of usage (B, M).  (6)"""
        least = usage.topk(self.heads, largest=False).indices.unsqueeze(2)
        return usage.new_zeros(len(usage), self.heads, self.slots).scatter_(2, least, 1.0)
