"""Few-Shot Workbench: pick data, draw few-shot tasks, meta-learn, and trust the number at the end.

In a notebook or a script a few names are enough:

    import workbench
    run = workbench.train(algorithm="protonet", dataset="glyphs", **{"training.steps": 200})
    workbench.evaluate(run, split="test")
    workbench.adapt(run, support_x, support_y).probabilities(query_x)

They are imported on first use, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"
__all__ = ["adapt", "evaluate", "train"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        # By name and late: the window imports this package and must never load torch through it.
        return getattr(importlib.import_module("workbench.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
