"""The rows of the accuracy table: a method, its settings, its budgets."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COMMON = {
    "task.n_way": 5,
    "task.k_shot": 1,
    "task.queries": 15,
    "device": "cpu",
}


@dataclass(frozen=True)
class Row:
    """A method, how it differs from its defaults, and the budgets in training tasks."""

    algorithm: str
    budgets: tuple[int, ...]
    settings: Mapping[str, Any]


# Readers of sequences see images as small as in their paper, sixteen sequences in a step.
SEQUENCES = {"dataset.image_size": 20, "training.meta_batch": 16}
BRIEF = 2000
ROWS = {
    "maml": Row("maml", (8000, BRIEF), {}),
    "protonet": Row("protonet", (BRIEF,), {}),
    # Trained on invented alphabets alone, tested on real ones.
    "protonet-glyphs": Row("protonet", (BRIEF,), {"dataset": "glyphs"}),
    "r2d2": Row("r2d2", (4000,), {}),
    "meta_lstm": Row("meta_lstm", (4000,), {}),
    "relationnet": Row("relationnet", (4000,), {}),
    "mann": Row("mann", (16_000,), SEQUENCES),
    "ntm": Row("ntm", (16_000,), SEQUENCES),
}


def row_called(name: str) -> Row:
    """A row by its name; any other method with what it recommends, in the brief budget."""
    return ROWS.get(name) or Row(name, (BRIEF,), {})


def chosen(parser: argparse.ArgumentParser, names: Sequence[str]) -> list[str]:
    """The rows of these names, or all; an unknown name ends the program with those there are."""
    from workbench.interfaces import ALGORITHMS

    methods = [name for name in ALGORITHMS if "classification" in ALGORITHMS[name].traits.kinds]
    known = [*ROWS, *(name for name in methods if name not in ROWS)]
    unknown = set(names) - {*known, "all"}
    if unknown:
        parser.error(f"no such rows: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return known if "all" in names else list(names)
