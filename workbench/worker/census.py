"""Which plug-ins a worker finds, asked of a child process: the asking one loads no torch."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def census() -> dict[str, list[str]]:
    """The names of the plug-ins of each kind, sorted: {"algorithm": ["maml", …], …}."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as child:
        return child.submit(_names).result()


def _names() -> dict[str, list[str]]:
    from workbench.services.experiment import REGISTRIES

    return {kind: sorted(registry) for kind, registry in REGISTRIES.items()}
