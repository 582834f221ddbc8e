"""How few numbers can say something of every weight of a network.

global_scalars       one number for all of it
per_layer_scalars    one for each layer
per_parameter        one for each weight
low_rank             of a weight matrix (out, in), A B^T / sqrt R with A (out, R), B (in, R)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from workbench.functional.inner import Tensors

Mode = Literal["global_scalars", "per_layer_scalars", "per_parameter", "low_rank"]
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Spread:
    """From numbers to a tensor for each weight.

    Attributes:
        mode: as above.
        shapes: of the weights, by names `<layer>.weight` and `<layer>.bias`.
        rank: R, of mode "low_rank".
    """

    mode: Mode
    shapes: Shapes
    rank: int

    @property
    def numbers(self) -> int:
        """How many there are."""
        return sum(math.prod(shape) for shape in self._pieces().values())

    def __call__(self, numbers: Tensor) -> Tensors:
        """A tensor that fits each weight, of numbers (numbers,)."""
        pieces = self._pieces()
        cut = numbers.split([math.prod(shape) for shape in pieces.values()])
        said = {name: part.view(pieces[name]) for name, part in zip(pieces, cut, strict=True)}
        return dict(self._fitted(said))

    def _pieces(self) -> Shapes:
        match self.mode:
            case "global_scalars":
                return {"all": ()}
            case "per_layer_scalars":
                return {name.split(".")[0]: () for name in self.shapes}
            case "per_parameter":
                return self.shapes
            case "low_rank":
                return self._sides() | {k: s for k, s in self.shapes.items() if len(s) == 1}

    def _sides(self) -> Shapes:
        matrices = {k: s for k, s in self.shapes.items() if len(s) == 2}
        return {
            f"{name}.{side}": (size, self.rank)
            for name, shape in matrices.items()
            for side, size in enumerate(shape)
        }

    def _fitted(self, said: Tensors) -> Iterator[tuple[str, Tensor]]:
        for name in self.shapes:
            if f"{name}.0" in said:
                yield name, said[f"{name}.0"] @ said[f"{name}.1"].T / math.sqrt(self.rank)
            else:
                of_all = (name, name.split(".")[0], "all")
                yield name, next(said[key] for key in of_all if key in said)
