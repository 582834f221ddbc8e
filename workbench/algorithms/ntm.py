"""NTM: a Neural Turing Machine that reads a few-shot task.

Graves, Wayne, Danihelka. Neural Turing Machines. 2014. https://arxiv.org/abs/1410.5401

The controller and the sequence of MANN (https://arxiv.org/abs/1605.06065, where it is the memory
compared with), but each head moves over the memory by content and by location:

    M~_t(i) = M_(t-1)(i) prod over heads of (1 - w_t(i) e_t)       erase                  (3)
    M_t(i)  = M~_t(i) + sum over heads of w_t(i) a_t               add                    (4)
    r_t     = sum over i of w_t(i) M_t(i)                          read                   (2)
    w^c_t   = softmax over i of beta_t K(k_t, M_t(i))              content, K the cosine  (5), (6)
    w^g_t   = g_t w^c_t + (1 - g_t) w_(t-1)                        interpolation          (7)
    w~_t(i) = sum over j of w^g_t(j) s_t(i - j)                    shift, circular        (8)
    w_t(i)  = w~_t(i)^gamma_t / sum over j of w~_t(j)^gamma_t      sharpening             (9)

Differences from the paper: the controller begins as a shift register, one head by walking and the
other by looking (`workbench.functional.register`); Adam rather than RMSProp; a head that writes
moves by the content of the memory before the write; what is added is bent by tanh, as keys are; a
task begins with an empty memory and every head at its first slot, where the paper leaves the start
open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import Tensors
from workbench.functional.memory import similarity
from workbench.functional.register import OPEN, SHUT, asked_and_written
from workbench.interfaces import ALGORITHMS, Paper, Random
from workbench.reading import Reading
from workbench.schema.config import Config as BaseConfig
from workbench.schema.memory import controller, heads, slot_width, slots

STRENGTH = 20.0  # of a look by content, to begin with
PLACES = 3  # shifts by -1, 0 and 1
EPSILON = 1e-12  # an empty place has a finite gradient under any power


class Config(BaseConfig):
    """Settings of the Neural Turing Machine."""

    name: Literal["ntm"] = "ntm"
    hidden: int = controller(200)
    slots: int = slots(128)
    width: int = slot_width(40)
    heads: int = heads(1)


@ALGORITHMS.register(Config)
class Ntm(Reading):
    """Reads a task as a sequence, its memory addressed by content and by location."""

    title = "Neural Turing Machine"
    family = "Memory-based"
    summary = (
        "Reads a task example by example and walks over a memory, by what lies there and by where."
    )
    choose_when = (
        "You want to see what addressing a memory by place adds to, or takes from, a "
        "memory-augmented network."
    )
    paper = Paper("Graves et al., 2014", 2014, "https://arxiv.org/abs/1410.5401")
    config: Config

    @property
    def access(self) -> ContentAndLocation:
        c = self.config
        return ContentAndLocation(c.slots, c.width, c.heads)


@dataclass(frozen=True)
class ContentAndLocation:
    """Access to the memory by content and by location.

    Attributes:
        slots, width, heads: M, W, R; as many heads write as read.
    """

    slots: int
    width: int
    heads: int

    @property
    def address(self) -> int:
        """Numbers that move one head: key, beta, g, s, gamma."""
        return self.width + 1 + 1 + PLACES + 1

    @property
    def commands(self) -> int:
        return self.heads * (2 * self.address + 2 * self.width)

    @property
    def reads(self) -> int:
        return self.heads * self.width

    def init(self, random: Random, hidden: int) -> tuple[Tensor, Tensor]:
        """Writing begins with one slot after the other, reading with what is most like the key."""
        asked, written = [], []
        for _ in range(self.heads):
            key, content = asked_and_written(random, self.width, hidden)
            asked.append(torch.cat([key, torch.zeros(self.address - self.width, hidden)]))
            written.append(content)
        keys = torch.zeros(self.width)
        walk = torch.cat([keys, torch.tensor([0.0, SHUT, SHUT, SHUT, OPEN, OPEN])])
        jump = torch.cat([keys, torch.tensor([STRENGTH, OPEN, SHUT, OPEN, SHUT, SHUT])])
        erase = torch.full((self.heads * self.width,), SHUT)
        still = torch.zeros(self.heads * self.address, hidden)
        nothing = torch.zeros(self.heads * self.width, hidden)
        weight = torch.cat([still, *asked, nothing, *written])
        bias = [walk.repeat(self.heads), jump.repeat(self.heads), erase, torch.zeros_like(erase)]
        return weight, torch.cat(bias)

    def start(self, tasks: int, like: Tensor) -> Tensors:
        at_first = like.new_zeros(tasks, 2 * self.heads, self.slots)
        at_first[:, :, 0] = 1.0
        return {
            "memory": like.new_zeros(tasks, self.slots, self.width),
            "weights": at_first,  # (B, 2 R, M): of those that write, then of those that read
        }

    def __call__(self, commands: Tensor, memory: Tensors) -> tuple[Tensor, Tensors]:
        sizes = [self.heads * self.address] * 2 + [self.heads * self.width] * 2
        to_write, to_read, erase, add = (
            part.unflatten(1, (self.heads, -1)) for part in commands.split(sizes, 1)
        )
        before = memory["weights"]
        write = self.move(to_write, memory["memory"], before[:, : self.heads])
        kept = 1 - write.unsqueeze(3) * erase.sigmoid().unsqueeze(2)  # (B, R, M, W)
        slots = torch.baddbmm(memory["memory"] * kept.prod(1), write.mT, add.tanh())  # (3), (4)
        read = self.move(to_read, slots, before[:, self.heads :])
        found = torch.bmm(read, slots).flatten(1)  # (2)
        return found, {"memory": slots, "weights": torch.cat([write, read], 1)}

    def move(self, address: Tensor, slots: Tensor, before: Tensor) -> Tensor:
        """Where heads look next, (B, R, M).

        Args:
            address: (B, R, address) commands to each.
            slots: (B, M, W).
            before: (B, R, M) where they looked.
        """
        sizes = (self.width, 1, 1, PLACES, 1)
        key, beta, gate, places, gamma = address.split(sizes, 2)
        content = (F.softplus(beta) * similarity(key.tanh(), slots)).softmax(2)  # (5), (6)
        weights = torch.lerp(before, content, gate.sigmoid())  # (7)
        return sharpened(shifted(weights, places.softmax(2)), 1 + F.softplus(gamma))


def shifted(weights: Tensor, places: Tensor) -> Tensor:
    """Weights (B, R, M) moved by -1, 0 or 1 slots, round the end, as far as places (B, R, 3) say.
    (8)"""
    back, stay, on = places.split(1, 2)
    before, behind = torch.roll(weights, 1, 2), torch.roll(weights, -1, 2)
    return torch.addcmul(back * behind + stay * weights, on, before)


def sharpened(weights: Tensor, gamma: Tensor) -> Tensor:
    """Weights (B, R, M) to the power of gamma (B, R, 1), of sum 1 again.  (9)"""
    return torch.softmax((weights + EPSILON).log() * gamma, 2)
