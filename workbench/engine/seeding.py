"""Random numbers by address: (seed, stream, step, task) names a generator, and nothing else does.

No state is carried from draw to draw, so a resumed run, a second thread or a drawing in between
cannot change what comes next. Philox gives the same numbers on every machine.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Stream = Literal["init", "train", "validation", "test", "noise", "preview", "dropout", "augment"]
_STREAMS: dict[Stream, int] = {
    "init": 0,
    "train": 1,
    "validation": 2,
    "test": 3,
    "noise": 4,
    "preview": 5,
    "dropout": 6,
    "augment": 7,
}


def generator(seed: int, stream: Stream, step: int = 0, task: int = 0) -> np.random.Generator:
    """The generator of one address."""
    address = np.random.SeedSequence([seed, _STREAMS[stream], step, task])
    return np.random.Generator(np.random.Philox(address))
